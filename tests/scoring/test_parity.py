"""The real shipped models against sentence-transformers' own calls."""

import numpy as np
import pytest
import torch

from components.records import PairScore
from components.scoring.bi_encoder import compare
from components.scoring.bm25 import BM25Scorer
from components.scoring.scheduler import Progress
from components.scoring.scorer import Stores

QUERY = "how do solar panels work at night"
DOCUMENTS = [
    "Solar panels make no current in the dark; a battery carries the house through the night.",
    "At night.",
    "Moonlight is far too weak: it gives a panel less than a millionth of its power.",
    "Owls hunt at night " + "and hear the mouse under the snow " * 90,  # longer than either window
    "Die Sonne scheint nachts nicht.",
    "🦉",
    "Solar panels make no current in the dark; a battery carries the house through the night.",
]


def run(scorer, query, documents, stores=None):
    """The column of a scorer, and how many pieces it took."""
    progress = Progress()
    pieces = 0
    work = scorer.score(query, documents, stores or Stores(), progress)
    while True:
        try:
            next(work)
            pieces += 1
        except StopIteration as end:
            return end.value, pieces, progress


def test_cross_encoder_scores_are_predicts(cross_encoder):
    column, _, progress = run(cross_encoder, QUERY, DOCUMENTS)
    expected = cross_encoder.model.predict(
        [(QUERY, text) for text in DOCUMENTS], activation_fn=torch.nn.Identity(), show_progress_bar=False
    )
    assert np.abs(np.array(column.values) - expected).max() < 1e-4
    assert column.computed == 6  # identical documents are read once
    assert progress.done == len(DOCUMENTS)
    assert column.values[0] == column.values[6]


def test_bi_encoder_scores_are_encodes(bi_encoder):
    column, _, progress = run(bi_encoder, QUERY, DOCUMENTS)
    model = bi_encoder.model
    expected = model.similarity(model.encode_query([QUERY]), model.encode_document(DOCUMENTS))[0].numpy()
    assert np.abs(np.array(column.values) - expected).max() < 1e-4
    assert column.texts_embedded == 7  # six distinct documents and the query
    assert progress.done == len(DOCUMENTS)


def test_tokens_read_and_lost_are_the_tokenizers(bi_encoder, cross_encoder):
    long_document = DOCUMENTS[3]
    tokens = len(bi_encoder.model.tokenizer(long_document, add_special_tokens=False)["input_ids"])
    of_query = len(cross_encoder.model.tokenizer(QUERY, add_special_tokens=False)["input_ids"])
    bi = run(bi_encoder, QUERY, [long_document])[0].scores[0]
    cross = run(cross_encoder, QUERY, [long_document])[0].scores[0]
    assert (bi.tokens_read, bi.tokens_total) == (256 - 2, tokens)
    assert (cross.tokens_read, cross.tokens_total) == (512 - 3 - of_query, tokens)
    short = run(cross_encoder, QUERY, ["At night."])[0].scores[0]
    assert short.tokens_lost == 0


def test_a_query_longer_than_the_document_is_cut_as_the_library_cuts_it(cross_encoder):
    query, document = "why " * 600, "because " * 400
    score = run(cross_encoder, query, [document])[0].scores[0]
    ids = cross_encoder.model.preprocess([(query, document)])["input_ids"][0]
    because = cross_encoder.model.tokenizer("because", add_special_tokens=False)["input_ids"][0]
    assert score.tokens_read == int((ids == because).sum())


def test_one_changed_document_of_fifty_runs_one_pair(bi_encoder, cross_encoder):
    stores = Stores()
    documents = [f"The train to platform {number} leaves late." for number in range(50)]
    for scorer in (bi_encoder, cross_encoder):
        run(scorer, QUERY, documents, stores)
        column, _, _ = run(scorer, QUERY, [*documents[:-1], "Solar panels sleep."], stores)
        assert column.computed == 1
    column, pieces, _ = run(bi_encoder, "another query", documents, stores)
    assert (column.computed, column.texts_embedded, column.vectors_kept, pieces) == (0, 1, 50, 1)


def test_long_work_is_cut_into_pieces(cross_encoder):
    documents = [f"{number} " + "and hear the mouse under the snow " * 30 for number in range(30)]
    _, pieces, _ = run(cross_encoder, QUERY, documents)
    assert pieces >= 4


@pytest.mark.parametrize("unit", ["cosine", "dot", "euclidean", "manhattan"])
def test_similarities_are_sentence_transformers(unit):
    from sentence_transformers.util import SimilarityFunction

    generator = np.random.default_rng(7)
    query, documents = generator.normal(size=8).astype("float32"), generator.normal(size=(5, 8)).astype("float32")
    expected = SimilarityFunction.to_similarity_fn(unit)(query, documents)[0].numpy()
    assert np.abs(compare(unit, query, documents) - expected).max() < 1e-5


def test_cosine_of_a_zero_vector_is_zero():
    assert compare("cosine", np.zeros(3, "float32"), np.ones((2, 3), "float32")).tolist() == [0, 0]


def test_bm25_by_hand():
    """Lucene's BM25, k1 1.5, b 0.75: idf = ln(1 + (N - n + 0.5) / (n + 0.5)), tf / (tf + k1 (1 - b + b dl / avg))."""
    documents = ["red fox", "red red bird", "blue whale song"]
    column, _, _ = run(BM25Scorer(), "red song", documents)
    average = 8 / 3

    def term(count, holding, length):
        idf = np.log(1 + (3 - holding + 0.5) / (holding + 0.5))
        return idf * count / (count + 1.5 * (1 - 0.75 + 0.75 * length / average))

    assert column.values == pytest.approx([term(1, 2, 2), term(2, 2, 3), term(1, 1, 3)], abs=1e-5)


@pytest.mark.parametrize("query", ["", "?!", "zebra"])
def test_bm25_without_a_shared_word_is_all_zero(query):
    column, _, _ = run(BM25Scorer(), query, ["red fox", "🦊", "..."])
    assert column.values == (0.0, 0.0, 0.0)
    assert column.scores[0] == PairScore(0.0, 2, 2)
