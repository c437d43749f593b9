"""Both stages against judgments: nDCG@10 and recall@k by ir-measures, for every k of a grid and every query."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from components.retrieval.collection import Collection, Query
from components.retrieval.index import Hits
from components.retrieval.indexing import Opened
from components.retrieval.pipeline import Pipeline, QueryRun, Stage
from components.scoring.scheduler import Progress

GRID = (1, 2, 3, 5, 7, 10, 15, 20, 30, 40, 50, 75, 100, 150, 200)
CUTOFF = 10  # of nDCG
RESAMPLES = 2_000
STAGES = tuple(Stage)


def grid(most: int) -> tuple[int, ...]:
    """The values of k one can choose up to ``most``, which is one of them."""
    return (*(k for k in GRID if k < most), most) if most > 0 else ()


@dataclass(frozen=True)
class Judged:
    """One query's run and what it is worth: ``ndcg`` and ``recall`` parallel to ``ks``.

    ``ndcg`` is of the order after both stages, ``recall`` of the first stage's first k: what re-ranking can at best
    bring to the top. ``alone`` is nDCG@10 of each first stage without re-ranking, in the order of ``STAGES``.
    """

    query: Query
    run: QueryRun
    ks: tuple[int, ...]
    ndcg: tuple[float, ...]
    recall: tuple[float, ...]
    alone: tuple[float, ...] = ()


@dataclass(frozen=True)
class Interval:
    """A mean difference and its 95 % interval (paired bootstrap over queries)."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Evaluation:
    """All judged queries through one first stage and the cross-encoder; ``asked`` may be more where it was stopped."""

    stage: Stage
    ks: tuple[int, ...]
    queries: tuple[Judged, ...] = ()
    asked: int = 0
    _intervals: dict[int, Interval] = field(default_factory=dict, compare=False, repr=False)

    def ndcg(self, k: int) -> float:
        """Mean nDCG@10 after re-ranking the first ``k``."""
        return _mean([one.ndcg[self.ks.index(k)] for one in self.queries])

    def recall(self, k: int) -> float:
        """Mean recall of the first stage's first ``k``."""
        return _mean([one.recall[self.ks.index(k)] for one in self.queries])

    def seconds(self, k: int) -> float:
        """Mean seconds a query takes in all."""
        return _mean([one.run.seconds(k) for one in self.queries])

    @property
    def first_seconds(self) -> float:
        """Mean seconds of the first stage alone."""
        return _mean([one.run.embed_s + one.run.search_s for one in self.queries])

    def alone(self, stage: Stage) -> float:
        """Mean nDCG@10 of a first stage without re-ranking."""
        return _mean([one.alone[STAGES.index(stage)] for one in self.queries])

    def gains(self, k: int) -> tuple[float, ...]:
        """What re-ranking the first ``k`` adds to each query's nDCG@10."""
        at = self.ks.index(k)
        return tuple(one.ndcg[at] - one.ndcg[0] for one in self.queries)

    def gain(self, k: int) -> Interval:
        """The mean gain with its interval."""
        if k not in self._intervals:
            self._intervals[k] = interval(self.gains(k))
        return self._intervals[k]


def interval(differences: Sequence[float], seed: int = 0) -> Interval:
    """Mean and percentile bootstrap (2,000 resamples, seeded: the same numbers give the same interval)."""
    count = len(differences)
    if not count:
        return Interval(0.0, 0.0, 0.0)
    chance = random.Random(seed)
    means = sorted(_mean(chance.choices(differences, k=count)) for _ in range(RESAMPLES))
    return Interval(_mean(differences), means[int(0.025 * RESAMPLES)], means[int(0.975 * RESAMPLES) - 1])


def as_run(order: Sequence[int], ids: Sequence[str], run: QueryRun, k: int) -> dict[str, float]:
    """A ranking as trec_eval reads it: id -> score. The re-ranked ones have their logits, those below count down."""
    k = min(k, run.depth)
    by_place = dict(zip(run.hits.places[:k], run.logits, strict=False))
    lowest = min(by_place.values(), default=0.0)
    scores = {ids[place]: by_place[place] for place in order[:k]}
    return scores | {ids[place]: lowest - 1 - at for at, place in enumerate(order[k:])}


def first_run(hits: Hits, ids: Sequence[str]) -> dict[str, float]:
    """The first stage's ranking as trec_eval reads it."""
    return {ids[place]: score for place, score in zip(hits.places, hits.scores, strict=True)}


def judge(
    query: Query, run: QueryRun, grades: Mapping[str, int], ids: Sequence[str], ks: Sequence[int] | None = None
) -> Judged:
    """Measure one run at every k of the grid. ``grades`` hold a relevant passage at least, else all measures are 0."""
    import ir_measures
    from ir_measures import nDCG

    ks = tuple(ks or grid(max(1, run.depth)))
    qrels = {query.id: dict(grades)}
    ndcg = ir_measures.evaluator([nDCG @ CUTOFF], qrels)
    of_k = [ndcg.calc_aggregate({query.id: as_run(run.order(k, ids), ids, run, k)})[nDCG @ CUTOFF] for k in ks]
    first = {query.id: first_run(run.hits, ids)}
    recalls = [ir_measures.R @ k for k in ks]
    found = ir_measures.calc_aggregate(recalls, qrels, first)
    return Judged(query, run, ks, tuple(map(float, of_k)), tuple(float(found[one]) for one in recalls))


def ndcg_alone(query: Query, hits: Hits, grades: Mapping[str, int], ids: Sequence[str]) -> float:
    """nDCG@10 of a first stage's order."""
    import ir_measures
    from ir_measures import nDCG

    made = ir_measures.calc_aggregate([nDCG @ CUTOFF], {query.id: dict(grades)}, {query.id: first_run(hits, ids)})
    return float(made[nDCG @ CUTOFF])


def evaluate(
    collection: Collection,
    index: Opened,
    pipeline: Pipeline,
    stage: Stage,
    most: int,
    deliver: Callable[[Evaluation], None],
) -> Callable[[Progress], Iterator[None]]:
    """The work of a job: every judged query, one after the other; ``deliver`` gets what there is after each of them."""

    def pieces(progress: Progress) -> Iterator[None]:
        queries = collection.judged
        progress.unit, progress.total = "queries", len(queries)
        ks = grid(min(most, len(collection)))
        made: list[Judged] = []
        for query in queries:
            run = yield from pipeline.run(query.text, stage, most, collection, index, Progress())
            grades = collection.qrels[query.id]
            judged = judge(query, run, grades, collection.ids, ks)
            yield
            alone = []
            for other in STAGES:
                found = run if other is stage else (yield from pipeline.search(query.text, other, index))
                alone.append(ndcg_alone(query, found.hits, grades, collection.ids))
            made.append(replace(judged, alone=tuple(alone)))
            progress.done += 1
            deliver(Evaluation(stage, ks, tuple(made), len(queries)))
            yield

    return pieces


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
