"""What one takes along: TREC runs of both stages, qrels, a line a query, the texts, the script; as one zip."""

from __future__ import annotations

import csv
import io
import json
import textwrap
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from components.judging.trec import trec_order
from components.records import ScorerInfo
from components.retrieval.collection import Collection, Query
from components.retrieval.evaluation import CUTOFF, Evaluation, Judged, as_run, first_run
from components.retrieval.fusion import DEPTH
from components.retrieval.pipeline import MOST_K, QueryRun, Stage
from components.retrieval.script import pipeline_script
from components.retrieval.word_index import K1
from components.texts.cells import harmless

_NAMES, _TIMES = ("query_id", "query", "first_stage", "k"), ("embed_s", "search_s", "rerank_s")
MOST_PASSAGE_BYTES = 16 * 1024 * 1024  # a larger collection is not sent back to who has it


@dataclass(frozen=True)
class Taken:
    """What is exported: runs of one first stage at one k, with the measures of the queries that are judged."""

    collection: Collection
    stage: Stage
    k: int
    runs: tuple[tuple[Query, QueryRun], ...]
    judged: tuple[Judged, ...]
    grades: Mapping[str, Mapping[str, int]]
    embedder: ScorerInfo
    reranker: ScorerInfo | None
    k1: float = K1  # of BM25
    missed: str = ""  # a sentence where the search was approximate
    places: Mapping[str, str] = field(default_factory=dict)  # key of a model -> its Hub name or folder

    @property
    def ids(self) -> Sequence[str]:
        return self.collection.ids


def taken_evaluation(
    collection: Collection, evaluation: Evaluation, k: int, embedder: ScorerInfo, reranker: ScorerInfo | None
) -> Taken:
    """All queries of an evaluation."""
    runs = tuple((one.query, one.run) for one in evaluation.queries)
    judged = evaluation.queries
    return Taken(collection, evaluation.stage, k, runs, judged, collection.qrels, embedder, reranker)


def first_stage_file(taken: Taken) -> str:
    """The first stage's TREC run."""
    return _run_file({query.id: first_run(run.hits, taken.ids) for query, run in taken.runs}, f"first-{taken.stage}")


def reranked_file(taken: Taken) -> str:
    """The TREC run after both stages: logits of the first k, below them scores that only count down."""
    rows = {
        query.id: as_run(run.order(taken.k, taken.ids), taken.ids, run, taken.k)
        for query, run in taken.runs
        if run.depth
    }
    return _run_file(rows, f"reranked-{taken.k}-of-{taken.stage}")


def qrels_file(taken: Taken) -> str:
    """The judgments of the queries that are exported."""
    wanted = [query.id for query, _ in taken.runs]
    rows = [f"{id_} 0 {doc} {grade}\n" for id_ in wanted for doc, grade in taken.grades.get(id_, {}).items()]
    return "".join(rows)


def per_query_file(taken: Taken) -> str:
    """A line a judged query: measures and seconds. What begins like a formula is made harmless."""
    out = io.StringIO()
    write = csv.writer(out, lineterminator="\n")
    write.writerow((*_NAMES, f"ndcg{CUTOFF}_first", f"ndcg{CUTOFF}_reranked", "gain", "recall_at_k", *_TIMES))
    for one in taken.judged:
        if taken.k not in one.ks:
            continue
        at = one.ks.index(taken.k)
        before, after, run = one.ndcg[0], one.ndcg[at], one.run
        numbers = [before, after, after - before, one.recall[at], run.embed_s, run.search_s, run.rerank_s(taken.k)]
        words = [harmless(one.query.id), harmless(one.query.text), str(taken.stage), taken.k]
        write.writerow(words + [f"{number:.6f}" for number in numbers])
    return out.getvalue()


def script_file(taken: Taken) -> str:
    """The script for this set-up."""
    embedder, reranker = taken.embedder, taken.reranker
    bi_encoder = taken.places.get(embedder.key, embedder.name)
    cross_encoder = taken.places.get(reranker.key, reranker.name) if reranker else "assets/models/relevance"
    fingerprint = reranker.fingerprint if reranker else "none"
    text = pipeline_script(
        taken.stage, taken.k, MOST_K, DEPTH, embedder.unit, bi_encoder, cross_encoder, fingerprint, taken.k1
    )
    return text.replace("NOTE\n", f"{textwrap.fill(taken.missed, 118)}\n" if taken.missed else "", 1)


def files(taken: Taken) -> dict[str, str]:
    """Every file by its name."""
    made = {
        "first-stage.run": first_stage_file(taken),
        "reranked.run": reranked_file(taken),
        "judgments.qrels": qrels_file(taken),
        "per-query.csv": per_query_file(taken),
        "pipeline.py": script_file(taken),
        "queries.jsonl": "".join(_line(query.id, query.text) for query, _ in taken.runs),
    }
    if taken.collection.text_bytes <= MOST_PASSAGE_BYTES:
        pairs = zip(taken.collection.ids, taken.collection.texts, strict=True)
        made["passages.jsonl"] = "".join(_line(id_, text) for id_, text in pairs)
    return {name: text for name, text in made.items() if text}


def zip_file(taken: Taken) -> bytes:
    """All of it in one archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files(taken).items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), text.encode("utf-8", "surrogatepass"))
    return out.getvalue()


def _line(id_: str, text: str) -> str:
    return json.dumps({"id": id_, "text": text}, ensure_ascii=False) + "\n"


def _run_file(rows: Mapping[str, Mapping[str, float]], tag: str) -> str:
    tag = tag.replace(", ", "-").replace(" ", "-")
    lines: list[str] = []
    for query, scores in rows.items():
        ids, values = list(scores), list(scores.values())
        ranked: Sequence[int] = trec_order(ids, values)
        lines += [f"{query} Q0 {ids[at]} {rank} {values[at]!r} {tag}\n" for rank, at in enumerate(ranked, 1)]
    return "".join(lines)
