"""Contrast groups: one query, one passage that answers it, four fluent near misses.

The groups are data we wrote ourselves (``assets/contrast/*.jsonl``, one file a domain, CC BY 4.0). This module reads
them and holds the rules they must keep; the training and the tests use both.

A line of a file::

    {"id": "cooking-001", "query": "...", "answer": "...", "overlap": "high",
     "near_misses": [{"kind": "number", "text": "..."}, ... four of them]}
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

KINDS = (
    "topic",  # same topic, the answer is not there
    "roles",  # who did what to whom is swapped
    "negation",  # the statement is denied, or the exception holds
    "number",  # another number, unit or year is answered
    "sense",  # another sense, place, person or thing of that name or kind
    "question_type",  # answers when instead of why, who instead of how much ...
    "condition",  # a condition of the query is not met
    "stuffing",  # the query's words without an answer
)
DEV_DOMAINS = ("cycling", "history", "insurance", "nutrition", "phones", "public_transport", "small_business")
TEST_DOMAINS = ("board_games", "first_aid", "gardening", "geography", "job_search", "renting", "weather")
"""The split is by domain and only named here: all other domains train, these choose (dev) and are reported (test)."""

FOLDER = Path(__file__).parents[2] / "assets" / "contrast"

_FUNCTION_WORDS = """
a an and are as at be been but by can could did do does doing for from had has have how i if in into is it its me my no
not of on or our out over s should so than that the their them then there these they this to too up was we were what
when where which who whom whose why will with would you your
"""
_STOPWORDS = frozenset(_FUNCTION_WORDS.split())


@dataclass(frozen=True)
class NearMiss:
    kind: str
    text: str


@dataclass(frozen=True)
class ContrastGroup:
    """A query with its answer and four near misses; ``overlap`` says whether the answer shares more ("high") or fewer
    ("low") of the query's words than the near misses do."""

    id: str
    domain: str
    query: str
    answer: str
    near_misses: tuple[NearMiss, ...]
    overlap: str

    @property
    def passages(self) -> tuple[str, ...]:
        """The answer first, then the near misses."""
        return (self.answer, *(miss.text for miss in self.near_misses))


def words(text: str) -> list[str]:
    """Lower-cased words and numbers of a text, without punctuation."""
    return re.findall(r"[a-z0-9]+", text.lower().replace("'s ", " ").replace("’s ", " "))


def _stem(word: str) -> str:
    """A word without its commonest endings, so that "eat", "eats" and "eating" count as one."""
    for ending in ("ing", "ies", "es", "ed", "s", "e", "y"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


def shared_words(query: str, passage: str) -> int:
    """How many distinct content words of the query the passage holds (by stem)."""
    wanted = {_stem(w) for w in words(query) if w not in _STOPWORDS}
    return len(wanted & {_stem(w) for w in words(passage)})


def frames(text: str) -> Iterable[str]:
    """The sentence frames of a text: each sentence of eight words or more with its content words blanked."""
    for sentence in re.split(r"(?<=[.!?;])\s+", text):
        tokens = words(sentence)
        if len(tokens) >= 8:
            masked = " ".join(w if w in _STOPWORDS else "_" for w in tokens)
            if len(set(masked.split())) >= 4:
                yield masked


def runs(text: str, length: int = 8) -> Iterable[tuple[str, ...]]:
    """Every run of ``length`` words of a text."""
    tokens = words(text)
    return (tuple(tokens[i : i + length]) for i in range(len(tokens) - length + 1))


def load_groups(folder: Path) -> list[ContrastGroup]:
    """All groups of a folder of ``*.jsonl`` files, in the order of file name and line.

    Raises ``ValueError`` with file and line where a line is not a group.
    """
    groups = []
    for path in sorted(folder.glob("*.jsonl")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
                misses = tuple(NearMiss(m["kind"], m["text"]) for m in row["near_misses"])
                group = ContrastGroup(row["id"], path.stem, row["query"], row["answer"], misses, row["overlap"])
            except (ValueError, KeyError, TypeError) as error:
                raise ValueError(f"{path.name}, line {number}: not a contrast group ({error!r})") from error
            groups.append(group)
    return groups


def part_of(domain: str) -> str:
    """The part a domain belongs to: "train", "dev" or "test"."""
    if domain in TEST_DOMAINS:
        return "test"
    return "dev" if domain in DEV_DOMAINS else "train"


def load_part(part: str, folder: Path = FOLDER) -> list[ContrastGroup]:
    """The groups of one part, "train", "dev" or "test"."""
    return [group for group in load_groups(folder) if part_of(group.domain) == part]


def faults(group: ContrastGroup) -> list[str]:
    """What is wrong with one group, in words; empty when it keeps the rules."""
    found = []
    if len(group.near_misses) != 4:
        found.append(f"{len(group.near_misses)} near misses, not 4")
    found += [f"unknown kind {m.kind!r}" for m in group.near_misses if m.kind not in KINDS]
    if len({m.kind for m in group.near_misses}) < 3:
        found.append("near misses of fewer than 3 kinds")
    if len({" ".join(words(p)) for p in group.passages}) < 5:
        found.append("two passages are the same")
    if not all(5 <= len(words(p)) <= 120 for p in group.passages):
        found.append("a passage is shorter than 5 or longer than 120 words")
    answer = shared_words(group.query, group.answer)
    misses = [shared_words(group.query, m.text) for m in group.near_misses]
    if misses:
        mean = sum(misses) / len(misses)
        if group.overlap == "high" and not (answer >= max(misses) and answer > mean):
            found.append(f"marked high, but the answer shares {answer} query words, the near misses {misses}")
        if group.overlap == "low" and not (answer < max(misses) and answer < mean):
            found.append(f"marked low, but the answer shares {answer} query words, the near misses {misses}")
    if group.overlap not in ("high", "low"):
        found.append(f"overlap is {group.overlap!r}, not 'high' or 'low'")
    return found


def shared_between_groups(groups: Iterable[ContrastGroup]) -> dict[str, list[str]]:
    """8-word runs, sentence frames and queries that two groups share: what is shared -> ids of the groups."""
    where: dict[str, set[str]] = defaultdict(set)
    for group in groups:
        where["query: " + " ".join(words(group.query))].add(group.id)
        for passage in group.passages:
            for run in runs(passage):
                where["run: " + " ".join(run)].add(group.id)
            for frame in frames(passage):
                where["frame: " + frame].add(group.id)
    return {what: sorted(ids) for what, ids in where.items() if len(ids) > 1}


def controls(groups: list[ContrastGroup]) -> dict[str, float]:
    """Accuracy@1 of rules that do not read: most or fewest shared words, longest, shortest (ties share the credit)."""

    def accuracy(score: Callable[[str, str], float]) -> float:
        total = 0.0
        for group in groups:
            values = [score(group.query, p) for p in group.passages]
            best = [i for i, v in enumerate(values) if v == max(values)]
            total += (0 in best) / len(best)
        return total / len(groups)

    return {
        "most shared words": accuracy(shared_words),
        "fewest shared words": accuracy(lambda q, p: -shared_words(q, p)),
        "longest": accuracy(lambda q, p: len(p)),
        "shortest": accuracy(lambda q, p: -len(p)),
    }


def main(folder: str) -> int:
    """Print what is wrong with a folder of groups; 0 when nothing is."""
    groups = load_groups(Path(folder))
    bad = 0
    for group in groups:
        for fault in faults(group):
            bad += 1
            print(f"{group.id}: {fault}")
    for what, ids in shared_between_groups(groups).items():
        bad += 1
        print(f"{', '.join(ids)} share {what}")
    for group_id, count in Counter(g.id for g in groups).items():
        if count > 1:
            bad += 1
            print(f"{group_id}: id used {count} times")
    print(len(groups), "groups,", Counter(g.overlap for g in groups), Counter(g.domain for g in groups))
    print("kinds:", Counter(m.kind for g in groups for m in g.near_misses))
    if groups:
        print("controls (accuracy@1, chance 0.20):", {k: round(v, 3) for k, v in controls(groups).items()})
    return min(bad, 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
