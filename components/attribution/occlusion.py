"""Occlusion: each word in turn is taken out (or masked) and the pair is scored again.

Zeiler & Fergus, "Visualizing and Understanding Convolutional Networks" (ECCV 2014), section 4.2; for words Li, Monroe &
Jurafsky, "Understanding Neural Networks through Representation Erasure" (2016), eq. 2 without its division by the
score: what is shown is S(x) - S(x without the word), in logits.
"""

from __future__ import annotations

from collections.abc import Generator

from components.attention.pair import PairAttention, Part
from components.attention.words import Word, merge_pieces
from components.attribution.batches import score_pairs
from components.attribution.records import Attribution, Knobs, Method, Operator, words_of
from components.attribution.strike import replace, strike
from components.errors import ModelProblem
from components.scoring.cross_encoder import CrossEncoderScorer
from components.scoring.scheduler import Progress

NAME = "occlusion"


def occlude(
    scorer: CrossEncoderScorer, pair: PairAttention, operator: Operator, progress: Progress
) -> Generator[None, None, Attribution]:
    """Every word's effect, by real scores of the changed texts, in pieces."""
    words = words_of(merge_pieces(pair))
    progress.total, progress.done, progress.unit = len(words) + 1, 0, "scores"
    mask = mask_token(scorer) if operator is Operator.MASK else ""
    changed = [occluded(pair.query, pair.document, word, operator, mask) for word in words]
    scores = yield from score_pairs(scorer, [(pair.query, pair.document), *changed], progress)
    values = tuple(scores[0] - score for score in scores[1:])
    return Attribution(NAME, scorer.info, words, values, scores[0], operator=operator)


def occluded(query: str, document: str, word: Word, operator: Operator, mask: str) -> tuple[str, str]:
    """Both texts with the word removed, or with one mask for each of its pieces in its place."""
    text = query if word.part is Part.QUERY else document
    if operator is Operator.REMOVE:
        made = strike(text, [(word.start, word.end)])
    else:
        made = replace(text, word.start, word.end, mask * len(word.pieces))
    return (made, document) if word.part is Part.QUERY else (query, made)


def mask_token(scorer: CrossEncoderScorer) -> str:
    """The model's mask, as text; ``ModelProblem`` where it has none."""
    mask = scorer.model.tokenizer.mask_token
    if not mask:
        raise ModelProblem(f"{scorer.info.name} knows no mask token: take the words out instead.")
    return str(mask)


def _find(
    scorer: CrossEncoderScorer, pair: PairAttention, knobs: Knobs, progress: Progress
) -> Generator[None, None, Attribution]:
    return (yield from occlude(scorer, pair, knobs.operator, progress))


def _how(one: Attribution) -> str:
    did = "taken out of the text" if one.operator is Operator.REMOVE else "replaced by one [MASK] a piece"
    return f"occlusion: each word in turn {did} and the pair scored again; logit with it minus logit without it"


METHOD = Method(NAME, _find, _how, knobs=("operator",), rescores=True)
