"""What a race says, in sentences computed from its numbers, also where they contradict the lesson."""

from __future__ import annotations

from statistics import median

from components.timing.budget import (
    Costs,
    documents_within,
    line_of_documents,
    line_of_tokens,
    p95_line,
)
from components.timing.fit import Line
from components.timing.load import busy_rounds, is_busy, slowed
from components.timing.records import STAGES, Asked, RaceResult, Source, Way, p95
from components.timing.words import interval_words, line_words, number_words, time_words, times_words

SAME = 1.05  # below this ratio two medians are called the same
AGREE = 0.25  # two runs on a quiet machine agree within this
STAGE_GAP = 0.05  # the stages have to add up to the total within this


def count(number: int, noun: str, plural: str = "") -> str:
    """ "1 document", "2 documents", "3 passes": a number with its noun."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def medians(result: RaceResult) -> dict[Way, float]:
    """Median seconds of each way that was raced."""
    return {way: median(result.totals(way)) for way in result.ways}


def race_sentence(result: RaceResult) -> str:
    """Who was faster, by how much, and what was done beforehand; the finding of the page."""
    took = medians(result)
    cross, nothing, documents = took[Way.CROSS], took[Way.NOTHING], took[Way.DOCUMENTS]
    return (
        f"The cross-encoder took {time_words(cross)} for {count(result.documents, 'document')}, the bi-encoder "
        f"{time_words(nothing)}, or {time_words(documents)} with the documents embedded: {_verdict(took)}."
    )


def _verdict(took: dict[Way, float]) -> str:
    """The cross-encoder's time against the bi-encoder's two, whichever way it came out."""
    cross, nothing, documents = took[Way.CROSS], took[Way.NOTHING], took[Way.DOCUMENTS]
    if cross * SAME <= min(nothing, documents):
        return "here the cross-encoder was the fastest, against the usual lesson"
    if cross >= SAME * nothing and cross >= SAME * documents:
        return f"it took {_ratio(cross / nothing)} and {_ratio(cross / documents)} times as long"
    return f"it took {_against(cross, nothing)} the first and {_against(cross, documents)} the second"


def _ratio(ratio: float) -> str:
    return times_words(ratio).removesuffix(" times")


def _against(cross: float, bi: float) -> str:
    if 1 / SAME < cross / bi < SAME:
        return "about as long as"
    return f"{times_words(cross / bi)} as long as" if cross > bi else f"{100 * cross / bi:.0f} % of"


def spread_sentence(result: RaceResult) -> str:
    """Median, p95 and whether the replicates of the two full runs overlap."""
    cross, nothing = result.totals(Way.CROSS), result.totals(Way.NOTHING)
    parts = [
        f"{name} median {time_words(median(times))}, p95 {time_words(p95(times))}"
        for name, times in (("cross-encoder", cross), ("bi-encoder with nothing embedded", nothing))
    ]
    overlap = max(min(cross), min(nothing)) <= min(max(cross), max(nothing))
    said = "overlap: a single run of each could come out the other way" if overlap else "do not overlap"
    return f"Of {count(result.rounds, 'replicate')}: {'; '.join(parts)}. Their replicates {said}."


def widest_gap(result: RaceResult) -> float:
    """How much of a replicate's total its stages miss, the worst replicate of all ways; a share of the total."""
    laps = [lap for way in result.ways for lap in result.laps_of(way)]
    return max(abs(lap.total - sum(lap.stages)) / lap.total for lap in laps)


def stages_sentence(result: RaceResult) -> str:
    """Where the time goes, and whether the stages add up."""
    stages = result.typical(Way.CROSS).stages
    whole = sum(stages)
    largest = max(range(len(STAGES)), key=lambda index: stages[index])
    gap = widest_gap(result)
    adds = "add up to the total" if gap <= STAGE_GAP else "do not add up to the total"
    return (
        f"Of the cross-encoder's time {100 * stages[largest] / whole:.0f} % is {STAGES[largest]}. The stages, each "
        f"with its own clock, {adds}: at most {100 * gap:.1f} % of a replicate is missing."
    )


def work_sentence(result: RaceResult) -> str:
    """What each approach computed for this query: forward passes, tokens, operations; and how that fits the times."""
    took = medians(result)
    cross, bi = result.legs[0].work_of(Way.CROSS), result.legs[0].work_of(Way.DOCUMENTS)
    more, longer = cross.flops / bi.flops, took[Way.CROSS] / took[Way.DOCUMENTS]
    return (
        f"For this query the cross-encoder ran {count(cross.passes, 'forward pass', 'forward passes')} over "
        f"{count(cross.padded, 'token')} ({number_words(cross.flops)}FLOP), the bi-encoder with the documents embedded "
        f"{bi.passes} over {count(bi.padded, 'token')} ({number_words(bi.flops)}FLOP): {times_words(more)} the "
        f"operations, {times_words(longer)} the time."
    )


def growth_sentence(result: RaceResult) -> str:
    """What one more document costs each way, from the lines."""
    parts = []
    for way, name in (
        (Way.CROSS, "the cross-encoder"),
        (Way.NOTHING, "the bi-encoder that embeds it now"),
        (Way.DOCUMENTS, "the bi-encoder that has it embedded"),
    ):
        line = line_of_documents(result, way)
        if line is None:
            return "What one more document costs was not measured: the race was stopped before."
        slope = line.slope
        unsure = slope.value - slope.error * 2 <= 0
        parts.append(f"{name} {'nothing that could be measured' if unsure else time_words(slope.value)}")
    return f"One more document costs {parts[0]}, {parts[1]} and {parts[2]}."


def fit_sentence(line: Line | None, name: str, variable: str) -> str:
    """A line as an equation with its R²."""
    if line is None:
        return f"{name}: no line, too few measurements."
    r2 = "not defined" if line.r2 is None else f"{line.r2:.3f}"
    verdict = "" if line.r2 is None or line.r2 >= 0.8 else ", so the line says little here"
    return f"{name}: {line_words(line.a, line.b, variable)}, R² {r2} over {count(line.points, 'lap')}{verdict}."


def fit_sentences(result: RaceResult) -> dict[str, tuple[str, ...]]:
    """The equations of both figures."""
    shown = ((Way.CROSS, "Cross-encoder"), (Way.NOTHING, "Bi-encoder, nothing embedded"))
    third = (Way.DOCUMENTS, "Bi-encoder, documents embedded")
    return {
        "documents": tuple(fit_sentence(line_of_documents(result, way), name, "n") for way, name in (*shown, third)),
        "tokens": tuple(fit_sentence(line_of_tokens(result, way), name, "tokens") for way, name in shown),
    }


def budget_sentence(result: RaceResult, budget: float) -> str:
    """How many documents the cross-encoder re-ranks within a budget at p95."""
    line = p95_line(result, Way.CROSS)
    if line is None:
        return "A budget cannot be computed: the race was stopped before other numbers of documents were timed."
    within = documents_within(line, budget)
    if within is None:
        return "A budget cannot be computed: in this run the time did not grow with the number of documents."
    if within.documents == 0:
        return f"{time_words(budget)}: not one document re-ranked at p95; one takes {time_words(line.a + line.b)}."
    beyond = f" (extrapolated: at most {line.largest:.0f} were timed)" if within.extrapolated else ""
    return f"{time_words(budget)}: {count(within.documents, 'document')} re-ranked at p95{beyond}."


def collection_sentence(costs: Costs, n: int, k: int) -> str:
    """What a query over n documents takes three ways, with intervals."""
    all_, index, two = costs.cross_over_all(n), costs.index(n), costs.two_stage(n, k)
    kept = min(k, n)
    word = "Extrapolated: one" if all_.extrapolated or index.extrapolated or two.extrapolated else "One"
    return (
        f"{word} query over {count(n, 'document')} takes the cross-encoder {time_words(all_.value)} "
        f"({interval_words(all_)}), the bi-encoder over an index {time_words(index.value)} ({interval_words(index)}), "
        f"both in two stages with the best {kept} re-ranked {time_words(two.value)} ({interval_words(two)})."
    )


def break_even_sentence(costs: Costs, n: int) -> str:
    """After how many queries embedding the collection has paid."""
    embedding, queries = costs.embedding(n), costs.break_even(n)
    start = f"Embedding {count(n, 'document')} once takes {time_words(embedding.value)} ({interval_words(embedding)})"
    if queries is None:
        return (
            f"{start} and never pays here: a query over the index takes as long as the cross-encoder over all of them."
        )
    whole = int(-(-queries // 1)) or 1
    return (
        f"{start}; against the cross-encoder over all of them every time, it has paid after {queries:,.2f} queries, so "
        f"with query {whole:,}."
    )


def load_sentence(result: RaceResult) -> str:
    """Whether the machine was busy, by both sources."""
    load = result.load
    rounds, ratio = busy_rounds(load), slowed(load)
    share = 100 * median(load.others) if load.others else 0.0
    waits = "nobody knows how many times" if ratio is None else times_words(ratio)
    facts = (
        f"other processes used {share:.0f} % of the cores (median; over 25 % before {rounds} of {len(load.others)} "
        f"rounds), and a fixed pass waited {waits} as long for its processor time as an undisturbed one"
    )
    if is_busy(load):
        return f"The machine was busy, so times are longer than on a quiet one and two runs may differ widely: {facts}."
    return f"The machine was quiet: {facts}."


def agreement_sentence(now: RaceResult, before: RaceResult) -> str:
    """How far two runs of the same race agree."""
    parts, worst = [], 0.0
    for way, name in ((Way.CROSS, "cross-encoder"), (Way.NOTHING, "bi-encoder with nothing embedded")):
        new, old = median(now.totals(way)), median(before.totals(way))
        apart = abs(new - old) / max(min(new, old), 1e-9)
        worst = max(worst, apart)
        parts.append(f"{name} {time_words(old)} then, {time_words(new)} now ({100 * apart:.0f} % apart)")
    verdict = "agree within 25 %" if worst <= AGREE else "do not agree within 25 %"
    busy = is_busy(now.load) or is_busy(before.load)
    reason = "; the machine was busy" if busy else ""
    return f"The run before and this one {verdict}{reason}: {'; '.join(parts)}."


def asked_words(asked: Asked, documents: int, stored: bool = False) -> str:
    """What raced."""
    if stored:
        return f"the first example's {count(documents, 'document')}"
    if asked.source is Source.MADE_UP:
        return f"{count(documents, 'made-up document')} of {asked.length} tokens (real words, no meaning)"
    return f"your {count(documents, 'document')}"


def environment_short(result: RaceResult) -> str:
    """What ``environment_line`` says, in a few words: for the figures after the first."""
    env = result.environment
    busy = ", on a busy machine" if is_busy(result.load) else ""
    return (
        f"{env.device} ({env.processor}), {count(env.threads, 'thread')}, {env.dtypes}, batches of at most "
        f"{env.batch_tokens:,} tokens, {count(result.rounds, 'replicate')}{busy}, "
        f"{env.measured_at.replace('T', ' ').replace('+00:00', ' UTC')}; max lengths under the first figure"
    )


def environment_line(result: RaceResult) -> str:
    """What a time means nothing without; stands under the figures."""
    env, warm = result.environment, len([lap for lap in result.laps if lap.round == 0 and lap.leg == 0]) > 0
    windows = ", ".join(
        f"{model.kind} {model.name} (max length {model.max_tokens or 'none'} tokens, {model.dtype})"
        for model in env.models
    )
    return (
        f"Device {env.device} ({env.processor}, {count(env.cores, 'core')}), {count(env.threads, 'thread')}, "
        f"{env.dtypes}, batches of at most {env.batch_tokens:,} tokens with padding; {windows}; "
        f"{count(result.rounds, 'replicate')}{', warm-up left out' if warm else ''}; torch {env.torch}, "
        f"Python {env.python}, {env.system}; measured {env.measured_at.replace('T', ' ').replace('+00:00', ' UTC')}."
    )
