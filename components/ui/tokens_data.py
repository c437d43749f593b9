"""What the token map view is sent, and the words that explain its controls."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from components.attention.words import RULE
from components.ranking.findings import format_score
from components.ranking.ranks import competition_ranks
from components.scoring.scorer import Stores, pair_key
from components.scoring.store import SeenBefore
from components.ui.tokens_flow import MadeMap, TokensView, label
from components.workspace import Workspace

if TYPE_CHECKING:
    import numpy as np

# name of the control: its label, and what the label means
TERMS: dict[str, tuple[str, str]] = {
    "direction": (
        "direction",
        "In a cross-encoder every token takes its next content from all tokens, in shares that sum to 100 %. Query → "
        "document shows what the query's words take from the document; or the other way round; or what [CLS] takes, "
        "the token most models read the score from. “Sends its weight to” is the field's way to say “takes from”.",
    ),
    "weighting": (
        "weights",
        "Raw: the attention weight. Norm-weighted: the weight times the length of the vector that is moved (Kobayashi "
        "et al. 2020). Models often park raw weight on [SEP], whose vector is short, so that little is moved by it.",
    ),
    "heads": (
        "heads",
        "Each layer has several heads with attention of their own. A mean hides what single heads do. Rollout (Abnar & "
        "Zuidema 2020) multiplies the layers' mean weights up from the text: an estimate, made from raw weights.",
    ),
    "pieces": ("raw pieces", "The model reads pieces of words. " + RULE),
}


def map_data(view: TokensView, workspace: Workspace, stores: Stores, seen: SeenBefore) -> dict[str, Any]:
    """The data of the view ``token_map``; the payload goes as an array, which travels without being turned to text."""
    documents = workspace.pasted.documents
    data: dict[str, Any] = {
        "documents": [{"number": one.number, "label": label(one, len(documents))} for one in documents],
        "number": view.number,
        "problem": view.problem,
        "terms": TERMS,
    }
    if view.shown is None:
        return data | {"waiting": view.waiting}
    if view.download is not None:
        data["download"] = asdict(view.download)
    if view.inner is not None:
        data["inner"] = {"id": view.inner.id, "count": view.inner.count}
        data["inner_payload"] = as_array(view.inner.payload)
    return data | {
        "id": view.shown.id,
        "payload": as_array(view.shown.payload),
        "unit": view.shown.scorer.unit,
        "score": format_score(view.shown.logit),
        "language": view.shown.language,
        "rank": rank_words(view.shown, view.number, workspace, stores, seen),
    }


def as_array(payload: bytes) -> np.ndarray:
    """Bytes as an array of uint8: an array inside a dictionary reaches the browser as it is, bytes do not."""
    import numpy as np

    return np.frombuffer(payload, dtype=np.uint8)


def rank_words(shown: MadeMap, number: int, workspace: Workspace, stores: Stores, seen: SeenBefore) -> str:
    """ "rank 1 of 4" where this visitor has been shown the scores of all documents by this model; else empty."""
    keys = [pair_key(shown.scorer, workspace.clean_query, one.text) for one in workspace.pasted.documents]
    scores = [stores.scores.get(key) for key in keys if key in seen]
    known = [score.value for score in scores if score is not None]
    if len(known) < len(keys) or not 1 <= number <= len(known):
        return ""
    ranks = competition_ranks(known)
    tie = " (shared)" if ranks.count(ranks[number - 1]) > 1 else ""
    return f"rank {ranks[number - 1]} of {len(known)}{tie}"
