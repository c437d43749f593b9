"""The sentences of this page: computed from a run's numbers, whatever they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from components.attribution.toggle import Change
from components.entailment.classes import Meaning, meaning
from components.entailment.flips import Outcome, describe, percent, share
from components.entailment.records import Judged, JudgedPair, Mode
from components.entailment.tally import Tally
from components.ranking.findings import format_score

SAME = 5e-7  # two cosines that differ by less are the same number: float32 has no more digits


def finding(judged: Judged) -> str:
    """What the run says, in one line or two."""
    if judged.is_both_ways:
        return swap_finding(judged)
    if judged.question.mode is Mode.CLAIM:
        return _claim_finding(judged)
    if len(judged.rows) == 1:
        row = judged.rows[0]
        return f"The model's class is {share(row.classes)}{_cosine_of(judged, row, '; the {unit} is {value}')}."
    counts = Counter(row.classes.label for row in judged.rows)
    classes = _list([f"{counts[label]} for {label}" for label in judged.labels if counts[label]])
    words = f"Of {len(judged.rows)} hypotheses the model takes {classes}."
    best = _highest(judged.rows, lambda row: row.similarity.value if row.similarity else None)
    if best is None:
        return words
    highest = _cosine_of(judged, best, "The highest {unit}, {value},")
    return f"{words} {highest} has number {best.number}: {share(best.classes)}."


def _claim_finding(judged: Judged) -> str:
    """Which sentence speaks most for the claim and which most against it."""
    meanings = [meaning(label) for label in judged.labels]
    count = len(judged.rows)
    parts: list[str] = []
    for wanted, verb in ((Meaning.ENTAILMENT, "supports"), (Meaning.CONTRADICTION, "contradicts")):
        if wanted not in meanings:
            continue
        place, named = meanings.index(wanted), "it" if parts else "the claim"
        best = max(judged.rows, key=lambda row: row.classes.probabilities[place])
        if best.classes.top == place:
            more = sum(row.classes.top == place for row in judged.rows) - 1
            parts.append(f"sentence {best.number} {verb} {named}{' most' if more else ''} ({share(best.classes)})")
        else:
            parts.append(f"none {verb} {named} (highest {share(best.classes, place)})")
    if not parts:  # labels that say nothing about support
        counts = Counter(row.classes.label for row in judged.rows)
        parts = [_list([f"{counts[label]} {label}" for label in judged.labels if counts[label]])]
    return f"Of {count} sentence{'s' if count > 1 else ''}, {_list(parts)}."


def swap_finding(judged: Judged) -> str:
    """What exchanging the two texts did to the classes, and to the cosine, which has no direction."""
    turned = [row for row in judged.rows if row.swapped and row.swapped.top != row.classes.top]
    count = len(judged.rows)
    if turned:
        first = turned[0]
        assert first.swapped is not None
        of = f"for {len(turned)} of {count}, as in number {first.number}" if count > 1 else ""
        words = f"Swapped, the class changes {of}: {share(first.classes)} → {share(first.swapped)}"
        words = words.replace(" :", ":")
    else:
        moved = max(
            abs(there - back)
            for row in judged.rows
            for there, back in zip(row.classes.probabilities, (row.swapped or row.classes).probabilities, strict=True)
        )
        which = f"of all {count} stay" if count > 1 else "stays"
        words = f"Swapped, the class {which} the same; probabilities move by up to {100 * moved:.0f} points"
    return f"{words}; {_symmetry(judged)}."


def _symmetry(judged: Judged) -> str:
    similarities = [row.similarity for row in judged.rows if row.similarity]
    if not similarities or judged.bi_encoder is None:
        return "there is no bi-encoder to compare with"
    unit = judged.bi_encoder.unit
    largest = max(abs(one.value - one.swapped) for one in similarities)
    if largest >= SAME:
        return f"the {unit} differs by up to {largest:.2g}"
    if len(similarities) == 1:
        return f"the {unit} is {format_score(similarities[0].value)} both ways"
    return f"the {unit} of each is the same both ways"


def toggle_finding(original: tuple[str, str], change: Change, before: Outcome, after: Outcome, unit: str) -> str:
    """What a change of the two texts did to the class and to the cosine."""
    cosine = ""
    done = describe(Change(*original), change)
    if change == Change(*original):
        if after.similarity:
            cosine = f", {unit} {format_score(after.similarity.value)}"
        return f"Strike a word until the class flips. As it stands: {share(after.classes)}{cosine}."
    if before.similarity and after.similarity:
        was, now = format_score(before.similarity.value), format_score(after.similarity.value)
        cosine = f"; the {unit} stays {was}" if was == now else f"; the {unit} goes from {was} to {now}"
    if before.classes.top != after.classes.top:
        verdict = f"the class flips: {share(before.classes)} → {share(after.classes)}"
    else:
        was, now = percent(max(before.classes.probabilities)), percent(max(after.classes.probabilities))
        verdict = f"the class stays {after.classes.label}, {was} → {now}"
    return f"With {done}, {verdict}{cosine}."


def tally_finding(tally: Tally) -> str:
    """How often the model is right on the built-in pairs, beside what costs nothing, and where it is weakest."""
    count = len(tally.checked)
    words = f"Right on {tally.right} of our {count} pairs ({percent(tally.right / count)})"
    words += f"; always giving the commonest class would be right on {tally.commonest}."
    scores = {name: (sum(one.is_right for one in pairs), len(pairs)) for name, pairs in tally.by_phenomenon().items()}
    name, (right, of) = min(scores.items(), key=lambda item: item[1][0] / item[1][1])
    return words + (f" Weakest: {name.lower()}, {right} of {of}." if right < of else "")


def _cosine_of(judged: Judged, row: JudgedPair, words: str) -> str:
    if row.similarity is None or judged.bi_encoder is None:
        return ""
    return words.format(unit=judged.bi_encoder.unit, value=format_score(row.similarity.value))


def _highest(rows: Sequence[JudgedPair], value: Callable[[JudgedPair], float | None]) -> JudgedPair | None:
    known = [(found, row) for row in rows if (found := value(row)) is not None]
    return max(known, key=lambda one: one[0])[1] if known else None


def _list(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]
