"""What one visitor has on this page: two texts for each way of asking, the model, and how they look at the answer."""

from __future__ import annotations

from dataclasses import dataclass, field

from components.entailment.pairs import FIRST, EntailmentExample, entailment_examples
from components.entailment.records import Mode, Question
from components.errors import InputProblem
from components.models.classifiers import DEFAULT_CLASSIFIER
from components.texts.clean import clean, one_line
from components.texts.sentences import cut_sentences

MAX_PAIRS = 200
MAX_LONG = 20_000  # characters of a text with its sentences
MAX_SHORT = 2_000  # characters of a premise, a hypothesis, a claim or one sentence: what Tokens takes as a query
MOST_SENT = MAX_LONG + MAX_PAIRS * MAX_SHORT  # more cannot be valid and is not taken from the browser

Boxes = tuple[str, str]  # premise and hypotheses; or claim and text


@dataclass
class Desk:
    """One visitor's texts and choices.

    ``boxes`` holds what stands above and below for each mode, so that going from one to the other loses nothing.
    ``version`` counts the changes the server made: the boxes in the browser take the text over when it rises.
    """

    mode: Mode = Mode.HYPOTHESES
    boxes: dict[Mode, Boxes] = field(default_factory=lambda: dict.fromkeys(Mode, ("", "")))
    example: dict[Mode, str] = field(default_factory=dict)  # id of the example the text of a mode still is
    model: str = DEFAULT_CLASSIFIER
    both_ways: bool = False
    sort: str = "input"  # "input", "cosine", or "class:0" ...
    version: int = 0
    touched: bool = False  # the visitor has typed, chosen or restored something in this session
    replaced: tuple[Mode, Boxes] | None = None  # own text that gave way to an example or a link

    @property
    def above(self) -> str:
        """The premise, or the claim, as it was typed."""
        return self.boxes[self.mode][0]

    @property
    def below(self) -> str:
        """The hypotheses, one a line, or the text, as they were typed."""
        return self.boxes[self.mode][1]

    @property
    def chosen_example(self) -> EntailmentExample | None:
        return entailment_examples().get(self.example.get(self.mode, ""))

    def edit(self, mode: Mode, boxes: dict[Mode, Boxes]) -> None:
        """Take over what was typed. An example's name stays as long as its text does."""
        for of, texts in boxes.items():
            if texts != self.boxes[of]:
                self.example.pop(of, None)
                self.boxes[of] = texts
        self.mode, self.touched = mode, True

    def take_example(self, example: EntailmentExample) -> None:
        """Put an example into the boxes of its mode."""
        self._put_aside(Mode.CLAIM if example.is_claim else Mode.HYPOTHESES)
        self.boxes[self.mode] = (example.above, "\n".join(example.below))
        self.example[self.mode] = example.id
        self.version += 1

    def take_text(self, mode: Mode, above: str, below: str) -> None:
        """Put the text of a link into the boxes."""
        self._put_aside(mode)
        self.boxes[mode] = (above[:MOST_SENT], below[:MOST_SENT])
        self.example.pop(mode, None)
        self.version += 1
        self.touched = True

    def take_back(self) -> None:
        """Put back the visitor's own text that something else took the place of."""
        if self.replaced is not None:
            self.mode, self.boxes[self.replaced[0]] = self.replaced
            self.example.pop(self.mode, None)
            self.replaced = None
            self.version += 1

    def forget(self) -> None:
        """Empty all boxes of this page."""
        self.boxes = dict.fromkeys(Mode, ("", ""))
        self.example, self.replaced = {}, None
        self.version += 1
        self.touched = True

    def _put_aside(self, mode: Mode) -> None:
        """Keep own text when another takes its place: nothing that was typed is lost by a click."""
        if mode not in self.example and any(text.strip() for text in self.boxes[mode]):
            self.replaced = (mode, self.boxes[mode])
        self.mode = mode

    def question(self) -> Question:
        """The pairs to be classified. Raises ``InputProblem`` with the sentence to show where there are none."""
        if self.mode is Mode.CLAIM:
            return _claim(one_line(clean(self.above)), clean(self.below).strip())
        example = self.chosen_example
        return _hypotheses(one_line(clean(self.above)), clean(self.below), example.expected if example else ())


def first_desk(example: str = "") -> Desk:
    """A desk with an example on it: the one that is named, else the first visit's."""
    known = entailment_examples()
    made = Desk()
    made.take_example(known.get(example) or known[FIRST])
    made.touched = example in known
    return made


def _hypotheses(premise: str, below: str, expected: tuple[str, ...]) -> Question:
    hypotheses = [line.strip() for line in below.split("\n") if line.strip()]
    if not premise and not hypotheses:
        raise InputProblem("Type a premise and at least one hypothesis, or choose an example.")
    if not premise:
        raise InputProblem("The premise is empty: type what is to be taken for true.")
    if not hypotheses:
        raise InputProblem("There is no hypothesis yet: type at least one, one on each line.")
    _check("The premise", premise, MAX_SHORT, "shorten it, or hold a claim against the sentences of the text.")
    _check_count(len(hypotheses), "hypotheses")
    for number, text in enumerate(hypotheses, 1):
        _check(f"Hypothesis {number}", text, MAX_SHORT, "shorten it, or put it into several lines.")
    labels = expected if len(expected) == len(hypotheses) else ()
    return Question(Mode.HYPOTHESES, tuple((premise, text) for text in hypotheses), labels)


def _claim(claim: str, text: str) -> Question:
    if not claim and not text:
        raise InputProblem("Type a claim and a text to hold it against, or choose an example.")
    if not claim:
        raise InputProblem("The claim is empty: type the sentence that the text may support or contradict.")
    if not text:
        raise InputProblem("There is no text yet: paste the one that the claim is held against.")
    _check("The claim", claim, MAX_SHORT, "shorten it to one sentence.")
    _check("The text", text, MAX_LONG, "paste a part of it.")
    sentences = cut_sentences(text)
    _check_count(len(sentences), "sentences")
    for number, sentence in enumerate(sentences, 1):
        _check(f"Sentence {number}", sentence, MAX_SHORT, "end sentences in it with full stops.")
    return Question(Mode.CLAIM, tuple((sentence, claim) for sentence in sentences))


def _check(what: str, text: str, most: int, remedy: str) -> None:
    if len(text) > most:
        raise InputProblem(f"{what} has {len(text):,} characters, and {most:,} is the limit: {remedy}")


def _check_count(count: int, what: str) -> None:
    if count > MAX_PAIRS:
        raise InputProblem(f"These are {count:,} {what}, and {MAX_PAIRS} is the limit: take a part of them.")
