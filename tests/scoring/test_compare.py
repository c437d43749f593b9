"""The comparison's bookkeeping, with the real models."""

from components.records import Document
from components.scoring.bm25 import BM25Scorer
from components.scoring.compare import compare
from components.scoring.scheduler import Progress
from components.scoring.scorer import Stores
from components.scoring.store import SeenBefore


def made(query, texts, scorers, stores, seen):
    documents = tuple(Document(number, text) for number, text in enumerate(texts, 1))
    delivered = []
    progress = Progress()
    for _ in compare(query, documents, scorers, stores, seen, delivered.append)(progress):
        assert not delivered
    assert progress.done == progress.total == len(texts) * len(scorers)
    return delivered[0]


def test_one_edit_of_fifty_is_one_scored_and_forty_nine_kept(bi_encoder, cross_encoder):
    scorers, stores, seen = [bi_encoder, cross_encoder, BM25Scorer()], Stores(), SeenBefore()
    texts = [f"Train {number} is late." for number in range(50)]
    first = made("late trains", texts, scorers, stores, seen)
    assert (first.scored, first.kept) == (50, 0)
    texts[7] = "Train 7 is on time."
    second = made("late trains", texts, scorers, stores, seen)
    assert (second.scored, second.kept) == (1, 49)
    assert [column.computed for column in second.columns] == [1, 1, 0]


def test_what_others_have_scored_is_not_told(bi_encoder):
    stores = Stores()
    made("late trains", ["Train 1 is late."], [bi_encoder], stores, SeenBefore())
    other = made("late trains", ["Train 1 is late."], [bi_encoder], stores, SeenBefore())
    assert (other.scored, other.kept) == (1, 0)
