"""Both stages with the shipped weights: equal to sentence-transformers' own, and to the script one takes along."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from dataclasses import replace

import pytest
import torch
from sentence_transformers import util

from components.models.registry import neural_models, packaged_bi_encoder
from components.retrieval.collection import Collection, built_in
from components.retrieval.evaluation import Evaluation, evaluate
from components.retrieval.export import Taken, files, taken_evaluation, zip_file
from components.retrieval.indexing import Indexer, OpenIndexes
from components.retrieval.pipeline import Pipeline, Stage
from components.scoring.scheduler import Progress
from components.settings import ASSETS
from tests.retrieval.conftest import result_of, run_through

K = 12


@pytest.fixture(scope="module")
def small() -> Collection:
    """Sixty passages of the built-in collection with the first three queries."""
    whole = built_in()
    ids = whole.ids[:60]
    qrels = {query.id: {d: g for d, g in whole.qrels[query.id].items() if d in ids} for query in whole.queries[:3]}
    return Collection("small", ids, whole.texts[:60], whole.queries[:3], qrels)


@pytest.fixture(scope="module")
def opened(small, bi_encoder):
    made = []
    run_through(Indexer(bi_encoder, OpenIndexes(None)).work(small, made.append)(Progress()))
    return made[0]


@pytest.fixture(scope="module")
def pipeline(bi_encoder, cross_encoder) -> Pipeline:
    return Pipeline(bi_encoder, cross_encoder)


def test_both_stages_equal_sentence_transformers(small, opened, pipeline, bi_encoder, cross_encoder):
    query = small.queries[0].text
    run = result_of(pipeline.run(query, Stage.BI_ENCODER, K, small, opened, Progress()))
    model = bi_encoder.model
    wanted = util.semantic_search(
        model.encode_query([query], convert_to_tensor=True),
        model.encode_document(list(small.texts), convert_to_tensor=True),
        top_k=len(small),
    )[0]
    assert list(run.hits.places) == [one["corpus_id"] for one in wanted]
    assert run.hits.scores == pytest.approx([one["score"] for one in wanted], abs=1e-4)
    texts = [small.texts[place] for place in run.hits.places[:K]]
    ranked = cross_encoder.model.rank(query, texts, activation_fn=torch.nn.Identity(), show_progress_bar=False)
    assert list(run.order(K, small.ids)[:K]) == [run.hits.places[one["corpus_id"]] for one in ranked]
    by_place = {one["corpus_id"]: float(one["score"]) for one in ranked}
    assert run.logits == pytest.approx([by_place[at] for at in range(K)], abs=1e-4)
    assert run.embed_s > 0
    assert len(run.pair_s) == K
    assert min(run.pair_s) > 0


@pytest.mark.parametrize("stage", [Stage.BI_ENCODER, Stage.FUSED])
def test_with_k_of_all_the_first_stage_does_not_matter(small, opened, pipeline, cross_encoder, stage):
    """k = n is the cross-encoder alone."""
    query = small.queries[1].text
    run = result_of(pipeline.run(query, stage, len(small), small, opened, Progress()))
    ranked = cross_encoder.model.rank(
        query, list(small.texts), activation_fn=torch.nn.Identity(), show_progress_bar=False
    )
    assert list(run.order(len(small), small.ids)) == [one["corpus_id"] for one in ranked]


def test_going_deeper_keeps_what_was_scored(small, opened, pipeline):
    query = small.queries[2].text
    run = result_of(pipeline.run(query, Stage.BM25, 5, small, opened, Progress()))
    deeper = result_of(pipeline.deepen(run, 15, small, Progress()))
    assert deeper.logits[: run.depth] == run.logits
    assert deeper.depth == min(15, len(run.hits))
    assert deeper.seconds(15) > run.seconds(5)


def test_the_script_names_models_where_others_find_them(small, pipeline):
    """A Hub model by its name, the shipped one by its folder, and never a folder that is not there."""
    embedder, reranker = pipeline.embedder.info, pipeline.reranker.info
    of_hub = replace(reranker, key="cross-encoder:owner/model", name="owner/model")
    places = {spec.key: spec.place for spec in neural_models()} | {of_hub.key: "owner/model"}
    for info, place in ((reranker, "assets/models/relevance"), (of_hub, "owner/model")):
        taken = Taken(small, Stage.BM25, K, (), (), {}, embedder, info, places=places)
        script = files(taken)["pipeline.py"]
        assert f'"--cross-encoder", default="{place}"' in script
        assert '"--bi-encoder", default="sentence-transformers/all-MiniLM-L6-v2"' in script
        assert f"The cross-encoder of this run: {place} (SHA-256" in script


def test_the_script_one_takes_along_gives_the_same_runs(small, opened, pipeline, tmp_path):
    """With the fused first stage, which holds both others."""
    made: list[Evaluation] = []
    run_through(evaluate(small, opened, pipeline, Stage.FUSED, K, made.append)(Progress()))
    evaluation = made[-1]
    assert len(evaluation.queries) == len(small.judged)
    taken = taken_evaluation(small, evaluation, K, pipeline.embedder.info, pipeline.reranker.info)
    zipfile.ZipFile(io.BytesIO(zip_file(taken))).extractall(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == set(files(taken))
    models = ["--bi-encoder", str(packaged_bi_encoder()), "--cross-encoder", str(ASSETS / "models" / "relevance")]
    subprocess.run([sys.executable, "pipeline.py", *models], cwd=tmp_path, check=True, capture_output=True)
    for name in ("first-stage", "reranked"):
        ours, theirs = (_run(tmp_path / f"{name}{ending}") for ending in (".run", ".check.run"))
        assert ours.keys() == theirs.keys()
        assert [ours[key] for key in ours] == pytest.approx([theirs[key] for key in ours], abs=1e-4)


def _run(path):
    """(query, document) -> score of a TREC run."""
    rows = [line.split() for line in path.read_text(encoding="utf-8").splitlines()]
    return {(query, document): float(score) for query, _, document, _, score, _ in rows}
