"""From a look at Retrieve & re-rank to what its view draws: words and numbers ready to be shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from components import settings
from components.judging.judgments import GRADE_WORDS
from components.models import cards
from components.models.registry import DEFAULT_CROSS_ENCODER
from components.ranking.findings import format_score
from components.records import Column, Kind, PairScore
from components.retrieval import findings
from components.retrieval.evaluation import CUTOFF, Evaluation, grid
from components.retrieval.index import ranks
from components.retrieval.indexing import Embedder, Opened
from components.retrieval.lance_store import CACHE_BYTES
from components.retrieval.pipeline import PairScorer, QueryRun, Stage
from components.texts.limits import count
from components.ui.compare_text import text_parts, tokens_cell
from components.ui.explain import TERMS
from components.ui.retrieve_flow import DEEPEST, RetrieveFlow
from components.ui.retrieve_records import RetrieveView, Work

TEXT_CHARACTERS = 1_200  # of a passage that are sent; the whole stands in Tokens
BELOW_THE_CUT = 5
MOST_LISTED = 300  # queries one can choose from a list; others are typed
_MEBIBYTE = 1024 * 1024
Readers = Sequence[PairScorer | Embedder]


def retrieve_data(
    flow: RetrieveFlow, view: RetrieveView, rerankers: dict[str, str], chosen: str, readers: Readers = ()
) -> dict[str, Any]:
    """The data of the view ``retrieve``; ``readers`` are the models in use, for what they do not read of a text."""
    collection = flow.collection
    return {
        "source": flow.source,
        "has_file": flow.source == "file",
        "name": collection.name,
        "about": about(flow, view),
        "said": flow.said,
        "stage": str(flow.stage),
        "stages": [str(stage) for stage in Stage],
        "rerankers": [{"key": key, "name": name, "chosen": key == chosen} for key, name in rerankers.items()],
        "query": flow.query,
        "queries": [{"id": query.id, "text": query.text} for query in collection.queries[:MOST_LISTED]],
        "judged_queries": len(collection.judged),
        "searches": search_choices(view),
        "search": "exact" if flow.exact else "approximate",
        "most": flow.most,
        "mosts": list(DEEPEST),
        "k": flow.k,
        "problem": view.problem,
        "waiting": view.waiting,
        "stopped": view.stopped,
        "stale": view.stale,
        "indexing": _work(view.indexing),
        "evaluating": _work(view.evaluating),
        "notes": list(view.notes),
        "terms": TERMS,
        "grade_words": GRADE_WORDS,
        "cutoff": CUTOFF,
        "made": made(flow, view),
        "held_out": held_out(chosen) if view.reranker else "",
        "result": _result(flow, view, readers),
        "all": _all(flow, view),
        "outdated": flow.measuring.outdated,
    }


def about(flow: RetrieveFlow, view: RetrieveView) -> str:
    """What the collection holds and what its index takes: passages, queries, memory."""
    collection = flow.collection
    said = count(len(collection), "passage")
    if collection.queries:
        queries = len(collection.queries)
        said += f", {queries:,} {'query' if queries == 1 else 'queries'}, {len(collection.judged):,} of them judged"
    if view.opened is not None:
        said += f"; {stands_where(view.opened, collection.n_bytes)}; {view.opened.how}"
    return said + "."


def stands_where(opened: Opened, text_bytes: int) -> str:
    """What an index takes: of memory, or of the disk and what this server then takes of memory in all."""
    vectors, words = opened.vectors.n_bytes, opened.words.n_bytes
    if not opened.on_disk:
        parts = f"vectors {_size(vectors)}, BM25 {_size(words)}"
        return f"index {_size(vectors + words)} in memory ({parts}), texts {_size(text_bytes)}"
    on_disk = opened.vectors.disk_bytes + opened.words.disk_bytes
    return (
        f"index {_size(on_disk)} on disk (of all such indexes at most {_size(CACHE_BYTES)} are kept in memory), of the "
        f"texts {_size(text_bytes)} in memory; this server takes {_in_all()} of memory in all, models included"
    )


def _in_all() -> str:
    """Memory of the whole process, in steps that do not change with every look."""
    import psutil

    return f"{psutil.Process().memory_info().rss / 1e9:.1f} GB"


def search_choices(view: RetrieveView) -> list[list[str]]:
    """How a collection on disk can be searched, with what the fast way finds of the exact one; else nothing."""
    opened = view.opened
    if opened is None or not opened.on_disk or opened.vectors.recall is None:
        return []
    return [["exact", "exact"], ["approximate", f"approximate ({opened.vectors.recall.short})"]]


def made(flow: RetrieveFlow, view: RetrieveView) -> str:
    """What made the figures: models, units, windows, device, number type, batches, the clock."""
    if view.embedder is None:
        return ""
    bi, cross = view.embedder, view.reranker
    said = [
        f"Bi-encoder: {bi.name}, {bi.unit}, window {bi.max_tokens} tokens, {bi.made_by}, {searched(view)}",
        f"BM25: {view.opened.words.how}" if view.opened else "",
        "fused: reciprocal rank fusion, 1 / (60 + rank) over the first 1,000 of both",
    ]
    if cross:
        window = f"window {cross.max_tokens} tokens, {cross.made_by}"
        said.append(f"cross-encoder: {cross.name}, {cross.unit}, {window}")
    said.append(
        "Times: this server's own work for the query, batches of like length, other visitors' turns not counted, "
        "measured when the query was first run; a pair's time is its share of its batch's"
    )
    if bi.service or (cross and cross.service):
        said.append("the scoring service's time is the wait for its answers, other visitors' questions there included")
    said.append(
        f"Quality: nDCG@{CUTOFF} and recall by ir-measures, a passage without a judgment counts as not relevant"
    )
    return ". ".join(part[0].upper() + part[1:] for part in said if part) + "."


def searched(view: RetrieveView) -> str:
    """Whether the nearest vectors are surely found, and if not, how many are."""
    opened = view.opened
    if opened is None or not opened.on_disk:
        return "exact search"
    recall = opened.vectors.recall
    way = "exact search on disk" if opened.exact else f"approximate search on disk ({opened.vectors.how})"
    return way if recall is None else f"{way}; {recall.sentence}"


def held_out(chosen: str) -> str:
    """What was measured of the shipped pair on other texts: no advantage is suggested that was not found."""
    if chosen != DEFAULT_CROSS_ENCODER:
        return ""
    found = cards.figure(settings.models_folder() / "relevance")
    return found.sentence() if found else ""


def _size(n_bytes: int) -> str:
    return f"{n_bytes / _MEBIBYTE:.1f} MB" if n_bytes >= _MEBIBYTE / 10 else f"{n_bytes / 1024:.0f} kB"


def _work(work: Work | None) -> dict[str, Any] | None:
    if work is None:
        return None
    words = f"{work.done:,} of {work.total:,} {work.unit}"
    if work.left_s is not None and work.done < work.total:
        words += f", {work.rate:.1f} a second, about {_left(work.left_s)} left"
    return {"done": work.done, "total": work.total, "words": words}


def _left(value: float) -> str:
    if value >= 90:
        return f"{value / 60:.0f} min"
    return f"{max(1, round(value))} s"


def _result(flow: RetrieveFlow, view: RetrieveView, readers: Readers) -> dict[str, Any] | None:
    """The candidates of the run on the screen, and what is said of it at each k."""
    run = view.run
    if run is None:
        return None
    collection = flow.collection
    grades = collection.grades(run.query)
    ks = grid(min(flow.most, max(1, run.depth))) if run.depth else (1,)
    judged = view.judged
    shown = min(len(run.hits), max(run.depth, 10) + BELOW_THE_CUT)
    key = (collection.digest, run.query, run.stage, shown, *(reader.info.key for reader in readers))
    if flow.unread is None or flow.unread[0] != key:
        texts = [collection.texts[place] for place in run.hits.places[:shown]]
        flow.unread = (key, unread_parts(run.query, texts, readers))
    unread = flow.unread[1]
    return {
        "query": run.query,
        "stage": str(run.stage),
        "unit": view.embedder.unit if view.embedder and run.stage is Stage.BI_ENCODER else _units(run.stage),
        "count": len(collection),
        "depth": run.depth,
        "rows": [_row(flow, run, at, grades) | unread[at] for at in range(shown)],
        "ks": list(ks),
        "embed_ms": run.embed_s * 1000,
        "search_ms": run.search_s * 1000,
        "rerank_ms": [run.rerank_s(k) * 1000 for k in ks],
        "ndcg": list(judged.ndcg) if judged else [],
        "recall": list(judged.recall) if judged else [],
        "finding": [findings.query_sentence(run, k, judged, collection.ids) for k in ks],
        "cut": [findings.cut_sentence(run, k, len(collection), dict(grades), collection.ids) for k in ks],
        "lost": _lost(flow, run, dict(grades)),
        "is_judged": judged is not None,
    }


def unread_parts(query: str, texts: Sequence[str], readers: Readers) -> list[dict[str, Any]]:
    """For each text the parts that a model never saw, and in words how much each one read; empty where all was read."""
    found: list[list[tuple[str, Column, PairScore]]] = [[] for _ in texts]
    for reader in readers:
        is_pair = reader.info.kind is Kind.CROSS_ENCODER
        of_query, *of_texts = reader.token_spans([query, *texts])
        room = (reader.info.max_tokens or 10**9) - (len(of_query) + 3 if is_pair else 2)
        for scores, spans in zip(found, of_texts, strict=True):
            read = min(len(spans), max(0, room))
            cut = (spans[read - 1][1] if read else 0) if read < len(spans) else None
            score = PairScore(0.0, read, len(spans), cut)
            scores.append((str(reader.info.kind), Column(reader.info, ()), score))
    return [
        {"parts": text_parts(text, scores), "tokens": tokens_cell(scores)["tokens_words"]}
        if any(score.tokens_lost for _, _, score in scores)
        else {"parts": [], "tokens": ""}
        for text, scores in zip(texts, found, strict=True)
    ]


def _units(stage: Stage) -> str:
    return "BM25" if stage is Stage.BM25 else "1/(60 + rank)"


def _row(flow: RetrieveFlow, run: QueryRun, at: int, grades: Any) -> dict[str, Any]:
    """One candidate, by its place in the first stage's order."""
    place = run.hits.places[at]
    id_ = flow.collection.ids[place]
    text = flow.collection.texts[place]
    score = run.hits.scores[at]
    return {
        "id": id_,
        "text": text if len(text) <= TEXT_CHARACTERS else text[:TEXT_CHARACTERS] + " …",
        "score": f"{score:.4f}" if run.stage is Stage.FUSED else format_score(score),
        "logit": run.logits[at] if at < run.depth else None,
        "shown_logit": format_score(run.logits[at]) if at < run.depth else "",
        "grade": grades.get(id_),
    }


def _lost(flow: RetrieveFlow, run: QueryRun, grades: dict[str, int]) -> list[dict[str, Any]]:
    """Passages judged relevant, with their rank in the first stage: those beyond k were cut off."""
    rank_of = ranks(run.hits.places)
    found = [
        (rank_of.get(flow.collection.places[id_], 0), id_, grade)
        for id_, grade in grades.items()
        if grade > 0 and id_ in flow.collection.places
    ]
    found.sort(key=lambda one: (-one[2], one[0] or 10**9))
    texts = flow.collection.texts
    return [
        {"rank": rank, "id": id_, "grade": grade, "text": texts[flow.collection.places[id_]][:200]}
        for rank, id_, grade in found[:40]
    ]


def _all(flow: RetrieveFlow, view: RetrieveView) -> dict[str, Any] | None:
    """The measures over all judged queries at each k, and each query's own."""
    evaluation = view.evaluation
    if evaluation is None or not evaluation.queries:
        return None
    ks = evaluation.ks
    return {
        "stage": str(evaluation.stage),
        "ks": list(ks),
        "count": len(evaluation.queries),
        "asked": evaluation.asked,
        "ndcg": [evaluation.ndcg(k) for k in ks],
        "recall": [evaluation.recall(k) for k in ks],
        "first_ms": evaluation.first_seconds * 1000,
        "ms": [evaluation.seconds(k) * 1000 for k in ks],
        "finding": [findings.evaluation_sentence(evaluation, k) for k in ks],
        "ceiling": [findings.ceiling_sentence(evaluation, k) for k in ks],
        "choice": [findings.choice_sentence(_same(flow, evaluation), k) for k in ks],
        "depth": findings.depth_sentence(evaluation),
        "first": findings.stages_sentence(evaluation),
        "queries": [
            {"id": one.query.id, "text": one.query.text, "ndcg": [round(value, 4) for value in one.ndcg]}
            for one in evaluation.queries
        ],
    }


def _same(flow: RetrieveFlow, evaluation: Evaluation) -> list[Evaluation]:
    """The measurings of the other first stages that are over the same queries, this one first."""
    wanted = [one.query.id for one in evaluation.queries]
    others = [one for one in flow.measuring.evaluations.values() if one is not evaluation]
    return [evaluation, *(one for one in others if [judged.query.id for judged in one.queries] == wanted)]
