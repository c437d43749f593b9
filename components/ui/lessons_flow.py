"""Where one visitor's lessons stand: which one, which of its texts, what was predicted, what came out, what is running.

No Streamlit in here: the page calls ``step`` on every run and draws what it returns.
"""

from __future__ import annotations

import random
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from components.lessons.bench import Bench
from components.lessons.probes import PROBES, listed
from components.lessons.records import Item, Lesson, Outcome, Tally
from components.lessons.stored import load_tally
from components.models.classifier_room import ClassifierRoom
from components.models.classifiers import DEFAULT_CLASSIFIER
from components.models.registry import BM25, DEFAULT_BI_ENCODER, DEFAULT_CROSS_ENCODER
from components.models.room import LoadState
from components.scoring.bi_encoder import BiEncoderScorer
from components.scoring.cross_encoder import CrossEncoderScorer
from components.scoring.scheduler import Job, JobState, Progress
from components.ui.compare_flow import WAIT_S, Tools

KEPT_OUTCOMES = 60
STOPPED = "Stopped; run it again whenever you like."
Key = tuple[str, str, int, float]  # "run" or "tally", lesson, number of the text, setting


@dataclass(frozen=True)
class LessonsView:
    """What the page draws now. ``outcome`` is of this text and setting, ``tally`` of this lesson; None: not there."""

    lesson: Lesson
    item: Item
    place: int  # of the text among the lesson's, in the visitor's order, from 1
    setting: float
    predicted: str = ""
    outcome: Outcome | None = None
    tally: Tally | None = None
    working: str = ""  # "run" or "tally" while that is awaited
    waiting: str = ""
    problem: str = ""
    done: int = 0
    total: int = 0
    stoppable: bool = False
    polling: bool = False


class LessonsFlow:
    """From a lesson to its result, a job at a time. What was found stays while one goes to other pages and lessons."""

    def __init__(self) -> None:
        self.number = next(iter(listed()), 0)
        self._places: dict[str, int] = {}
        self._orders: dict[str, list[int]] = {}
        self._settings: dict[str, float] = {}
        self._predicted: dict[tuple[str, int], str] = {}
        self._outcomes: OrderedDict[Key, Outcome] = OrderedDict()
        self._tallies: dict[str, tuple[tuple[str, ...], Tally]] = {}
        self._wanted: Key | None = None
        self._again: str = ""  # the lesson whose stored tally is to be counted anew
        self._job: Job | None = None
        self._job_for: Key | None = None

    @property
    def lesson(self) -> Lesson:
        return listed()[self.number]

    @property
    def item(self) -> Item:
        order = self._orders.setdefault(self.lesson.id, list(range(len(self.lesson.items))))
        return self.lesson.items[order[self._places.get(self.lesson.id, 0)]]

    def go(self, number: int) -> None:
        """Open a lesson; a number that is not listed changes nothing."""
        if number in listed() and number != self.number:
            self.stop()
            self.number, self._wanted, self._again = number, None, ""

    def choose_item(self, place: int) -> None:
        """Take another text, by its place in the visitor's order, from 1."""
        self._places[self.lesson.id] = max(1, min(place, len(self.lesson.items))) - 1
        self._wanted = None

    def choose_text(self, number: int) -> None:
        """Take a text by its number in the lesson's file, wherever it stands in the visitor's order."""
        order = self._orders.setdefault(self.lesson.id, list(range(len(self.lesson.items))))
        if number - 1 in order:
            self.choose_item(order.index(number - 1) + 1)

    def shuffle(self, seed: int) -> None:
        """The lesson's texts in another order, beginning with its first."""
        order = list(range(len(self.lesson.items)))
        random.Random(seed).shuffle(order)
        self._orders[self.lesson.id] = order
        self.choose_item(1)

    def predict(self, option: str) -> None:
        """Predict one of the options; after the run a prediction cannot be changed."""
        known = {one.id for one in self.lesson.options}
        if option in known and self._run_key() not in self._outcomes:
            self._predicted[self.lesson.id, self.item.number] = option

    def set(self, value: float) -> None:
        """Turn the lesson's setting; if the lesson was run, it is run again with it."""
        setting = self.lesson.setting
        if setting is not None and value in setting.values:
            was_run = self._run_key() in self._outcomes
            self._settings[self.lesson.id] = value
            if was_run:
                self.run()

    def run(self) -> None:
        """Ask for this text's result."""
        self._forget_ended_job()
        self._wanted = self._run_key()

    def count_again(self) -> None:
        """Count all texts now, whatever is stored."""
        self._forget_ended_job()
        self._tallies.pop(self.lesson.id, None)
        self._again = self.lesson.id

    def stop(self) -> None:
        """Give up what is running; what was found stays."""
        if self._job is not None and not self._job.ended:
            self._job.stop()

    def step(self, tools: Tools, classifiers: ClassifierRoom | None = None) -> LessonsView:
        """Take one look: start or finish a job as asked, and say what to draw.

        ``classifiers`` is asked for the entailment model only by a lesson that needs it, and only when it is to run.
        """
        bench, words = bench_of(tools), ""
        wants_more = self.lesson.more.get("needs") == "classifier" and bench is not None and classifiers is not None
        if wants_more and (self._wanted == self._run_key() or self._run_key() in self._outcomes):
            assert bench is not None
            assert classifiers is not None
            standing = classifiers.want(DEFAULT_CLASSIFIER)
            bench, words = replace(bench, classifier=standing.classifier), standing.message
            if standing.state is LoadState.FAILED:
                return self._view(problem=words)
            if standing.classifier is None:
                return self._view(working="run", waiting=f"The result appears by itself. {words}", polling=True)
        outcome = self._outcomes.get(self._run_key())
        if bench is None:
            if outcome is None and self._wanted != self._run_key():
                return self._view()
            if tools.room.settled:
                return self._view(problem=_missing(tools))
            words = tools.room.step or "The models are loading."
            return self._view(working="run", waiting=f"The result appears by itself. {words}", polling=True)
        if outcome is None and self._wanted != self._run_key():
            return self._view()
        if outcome is None:
            return self._with_job(self._run_key(), bench, tools, classifiers)
        tally = self._tally(bench)
        if tally is None:
            return self._with_job(("tally", self.lesson.id, 0, 0.0), bench, tools, classifiers)
        return self._view(tally=tally)

    def _tally(self, bench: Bench) -> Tally | None:
        kept = self._tallies.get(self.lesson.id)
        if kept is not None and kept[0] == bench.fingerprints:
            return kept[1]
        return None if self._again == self.lesson.id else load_tally(self.lesson, bench.fingerprints)

    def _with_job(self, key: Key, bench: Bench, tools: Tools, classifiers: ClassifierRoom | None) -> LessonsView:
        if self._job is None or self._job_for != key:
            self.stop()
            self._job = tools.scheduler.submit(
                Job(tools.visitor, f"lesson {key[0]}", self._work(key, bench), tools.alive)
            )
            self._job_for = key
            self._job.wait(WAIT_S)
        job, progress = self._job, self._job.progress
        if job.state is JobState.DONE and job.ended:
            return self.step(tools, classifiers)
        if job.ended or job.stopping:
            return self._view(problem=job.message or STOPPED, working=key[0])
        what = "Asking the models" if key[0] == "run" else "Counting all texts of this lesson"
        how_far = f": {progress.done} of {progress.total} {progress.unit}" if progress.total else ""
        words = f"{what}{how_far}."
        return self._view("", key[0], words, progress.done, progress.total, stoppable=True, polling=True)

    def _work(self, key: Key, bench: Bench) -> Callable[[Progress], Iterator[None]]:
        lesson, item, setting = self.lesson, self.item, key[3]

        def work(progress: Progress) -> Iterator[None]:
            probe = PROBES[lesson.id]
            if key[0] == "run":
                self._outcomes[key] = yield from probe.run(lesson, item, setting, bench, progress)
                while len(self._outcomes) > KEPT_OUTCOMES:
                    self._outcomes.popitem(last=False)
            else:
                self._tallies[lesson.id] = bench.fingerprints, (yield from probe.tally(lesson, bench, progress))

        return work

    def _forget_ended_job(self) -> None:
        if self._job is not None and (self._job.ended or self._job.stopping):
            self._job = None

    def _run_key(self) -> Key:
        return "run", self.lesson.id, self.item.number, self._setting()

    def _setting(self) -> float:
        setting = self.lesson.setting
        return 0.0 if setting is None else self._settings.get(self.lesson.id, setting.default)

    def _view(
        self,
        problem: str = "",
        working: str = "",
        waiting: str = "",
        done: int = 0,
        total: int = 0,
        *,
        tally: Tally | None = None,
        stoppable: bool = False,
        polling: bool = False,
    ) -> LessonsView:
        item = self.item
        return LessonsView(
            self.lesson,
            item,
            self._places.get(self.lesson.id, 0) + 1,
            self._setting(),
            self._predicted.get((self.lesson.id, item.number), ""),
            self._outcomes.get(self._run_key()),
            tally,
            working,
            waiting,
            problem,
            done,
            total,
            stoppable,
            polling,
        )


def bench_of(tools: Tools) -> Bench | None:
    """The lesson's scorers; None while one of them is not there."""
    bi, cross, bm25 = (tools.room.scorer(key) for key in (DEFAULT_BI_ENCODER, DEFAULT_CROSS_ENCODER, BM25))
    if not isinstance(bi, BiEncoderScorer) or not isinstance(cross, CrossEncoderScorer) or bm25 is None:
        return None
    return Bench(bi, cross, bm25, tools.stores)


def _missing(tools: Tools) -> str:
    problems = " ".join(tools.room.problems())
    return f"This lesson needs both models. {problems}".strip()
