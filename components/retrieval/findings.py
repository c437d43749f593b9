"""The sentences of Retrieve & re-rank: from runs and measures to what they say, whatever they are."""

from __future__ import annotations

from collections.abc import Sequence

from components.retrieval.evaluation import CUTOFF, STAGES, Evaluation, Interval, Judged
from components.retrieval.pipeline import QueryRun, Stage

FIRST_STAGE = {
    Stage.BI_ENCODER: "the bi-encoder",
    Stage.BM25: "BM25",
    Stage.FUSED: "BM25 and bi-encoder fused",
}
_CLEAR = 0.005  # a difference that three decimals show as nothing is not called one


def seconds(value: float) -> str:
    """A time as one says it: "0.8 ms", "14 ms", "2.05 s"."""
    if value >= 1:
        return f"{value:.2f} s"
    return f"{value * 1000:.1f} ms" if value < 0.01 else f"{value * 1000:.0f} ms"


def signed(value: float) -> str:
    """A difference of nDCG: "+0.031", "−0.004"."""
    return f"{value:+.3f}".replace("-", "−")


def query_sentence(run: QueryRun, k: int, judged: Judged | None, ids: Sequence[str]) -> str:
    """What re-ranking did to one query: by judgments where there are some, else by what it moved."""
    if not run.hits.places:
        return "No passage shares a word with this query, so BM25 finds nothing: try the bi-encoder."
    if not run.depth:
        return f"First stage only: {FIRST_STAGE[run.stage]} took {seconds(run.embed_s + run.search_s)}."
    k = min(k, run.depth)
    price = f"{seconds(run.seconds(k))}, {seconds(run.embed_s + run.search_s)} without"
    if judged is not None and k in judged.ks:
        before, after = judged.ndcg[0], judged.ndcg[judged.ks.index(k)]
        if k == 1:
            return f"At k = 1 nothing is re-ranked: nDCG@{CUTOFF} {before:.2f} in {seconds(run.seconds(0))}."
        if abs(after - before) < _CLEAR:
            return f"Re-ranking {k} leaves nDCG@{CUTOFF} at {after:.2f}; it takes {price}."
        verb = "raises" if after > before else "lowers"
        return f"Re-ranking {k} {verb} nDCG@{CUTOFF} from {before:.2f} to {after:.2f}; it takes {price}."
    order = run.order(k, ids)
    top = min(CUTOFF, len(order))
    came = len(set(order[:top]) - set(run.hits.places[:top]))
    winner = run.hits.places.index(order[0]) + 1
    first = "keeps the first place" if winner == 1 else f"brings rank {winner} to the first place"
    changed = "changes none" if not came else f"brings {came} new"
    return f"Re-ranking {k} {first} and {changed} of the first {top}; it takes {price}."


def evaluation_sentence(evaluation: Evaluation, k: int) -> str:
    """Whether re-ranking pays here, over all judged queries, with its price."""
    gain = evaluation.gain(k)
    before, after = evaluation.ndcg(evaluation.ks[0]), evaluation.ndcg(k)
    subject = f"re-ranking the first {k} of {FIRST_STAGE[evaluation.stage]}"
    over = _over(evaluation)
    if k == 1:
        alone = f"{FIRST_STAGE[evaluation.stage]} alone has nDCG@{CUTOFF} {before:.3f}"
        return f"At k = 1 nothing is re-ranked: {alone}{over}."
    span = f"{signed(gain.mean)}, 95 % interval {signed(gain.low)} to {signed(gain.high)}"
    price = f"{seconds(evaluation.seconds(k))} a query instead of {seconds(evaluation.first_seconds)}"
    move = f"nDCG@{CUTOFF} {before:.3f} → {after:.3f} ({span}){over}, {price}."
    return f"Here {subject} {_verdict(gain)}: {move}"


def _verdict(gain: Interval) -> str:
    if gain.low > 0:
        return "pays"
    return "hurts" if gain.high < 0 else "makes no measurable difference"


def _over(evaluation: Evaluation) -> str:
    count, asked = len(evaluation.queries), evaluation.asked
    of = f" of {asked}" if asked > count else ""
    return f" over {count}{of} {'query' if count == 1 and not of else 'queries'}"


def depth_sentence(evaluation: Evaluation) -> str:
    """Where along k the quality is best, and that more re-ranking hurts where it does."""
    best = max(evaluation.ks, key=lambda k: (round(evaluation.ndcg(k), 3), -k))
    last = evaluation.ks[-1]
    top, end = evaluation.ndcg(best), evaluation.ndcg(last)
    if best == evaluation.ks[0]:
        if top - end < _CLEAR:
            return f"No k up to {last} changes the quality: it stays at {end:.3f}."
        return f"The best k here is 1, no re-ranking at all: from {top:.3f} it falls to {end:.3f} at k = {last}."
    if top - end >= _CLEAR:
        return f"Best at k = {best} ({top:.3f}); more re-ranking hurts here: {end:.3f} at k = {last}."
    if best == last:
        return f"Quality is highest at the largest k, {last} ({top:.3f}): more might still help."
    return f"From k = {best} on ({top:.3f}) more re-ranking buys nothing but time."


def ceiling_sentence(evaluation: Evaluation, k: int) -> str:
    """What the first stage has lost before the second one begins."""
    recall = evaluation.recall(k)
    if recall >= 0.9995:
        return f"All relevant passages are among the first {k}: the second stage can reach every one."
    return (
        f"The first {k} hold {100 * recall:.0f} % of the relevant passages (recall@{k}): what is not among them no "
        "second stage can bring back."
    )


def stages_sentence(evaluation: Evaluation) -> str:
    """The first stages without re-ranking, best first."""
    values = sorted(((evaluation.alone(stage), stage) for stage in STAGES), key=lambda pair: -pair[0])
    return "Without re-ranking, nDCG@10: " + ", ".join(f"{FIRST_STAGE[s]} {value:.3f}" for value, s in values) + "."


def choice_sentence(evaluations: Sequence[Evaluation], k: int) -> str:
    """Which set-up is best here: every first stage alone, and with re-ranking where that was measured."""
    if not evaluations:
        return ""
    first = evaluations[0]
    setups = [(first.alone(stage), 0, f"{FIRST_STAGE[stage]} alone") for stage in STAGES]
    for one in evaluations:
        at = max((known for known in one.ks if known <= k), default=one.ks[0])
        if at > 1:
            setups.append((one.ndcg(at), 1, f"{FIRST_STAGE[one.stage]} with the first {at} re-ranked"))
    value, _, name = max(setups, key=lambda setup: (round(setup[0], 3), -setup[1]))
    return f"Of the {len(setups)} set-ups measured on this collection {name} is best (nDCG@{CUTOFF} {value:.3f})."


def cut_sentence(run: QueryRun, k: int, count: int, grades: dict[str, int] | None, ids: Sequence[str]) -> str:
    """What stage one cut off: how many passages, and how many of them are judged relevant."""
    kept = set(run.hits.places[: min(k, len(run.hits))])
    cut = count - len(kept)
    if not cut:
        return "The first stage cut nothing off: every passage was re-ranked."
    words = f"The first stage cut off {cut:,} of {count:,} passages"
    if not grades:
        return words + ": the cross-encoder never sees them."
    here = {ids[place] for place in kept}
    relevant = [id_ for id_, grade in grades.items() if grade > 0]
    lost = [id_ for id_ in relevant if id_ not in here]
    if not lost:
        return words + f", none of the {len(relevant)} judged relevant among them."
    best = max(grades[id_] for id_ in lost)
    return words + f", among them {len(lost)} of the {len(relevant)} judged relevant (highest grade {best})."
