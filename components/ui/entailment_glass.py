"""An entailment pair under Tokens' glass: its own small workspace, and one class's logit as the score explained."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from components.entailment.records import Judged, Mode
from components.models.registry import ModelSpec
from components.models.room import LoadState, ModelRoom, ModelStatus
from components.records import Kind
from components.scoring.classifier import Classifier
from components.scoring.scorer import Scorer
from components.texts.readers import FileText
from components.ui import state, tokens_state
from components.workspace import Workspace

_GLASS, _WANTED = "lab_glass", "lab_glass_wanted"
_WIDGET = "tokens_class"


class GlassRoom(ModelRoom):
    """The room of models as Tokens sees it for such a pair: the bi-encoders, and the class's logit as cross-encoder."""

    def __init__(self, room: ModelRoom, scorer: Scorer) -> None:
        self._room, self._scorer = room, scorer
        info = scorer.info
        spec = ModelSpec(info.key, Kind.CROSS_ENCODER, info.name, None, "")
        others = {key: one for key, one in room.statuses.items() if one.spec.kind is not Kind.CROSS_ENCODER}
        self.statuses = {**others, info.key: ModelStatus(spec, LoadState.READY)}
        self.step = room.step

    @property
    def settled(self) -> bool:
        return self._room.settled

    def scorer(self, key: str) -> Scorer | None:
        return self._scorer if key == self._scorer.info.key else self._room.scorer(key)

    def columns(self) -> tuple[str, ...]:
        possible = self._room.columns()
        return (self._scorer.info.key, *(key for key in possible if key in self.statuses))

    def problems(self) -> tuple[str, ...]:
        return ()


@dataclass
class Glass:
    """The pair that lies under the glass, the model that read it, and the class whose logit is explained."""

    workspace: Workspace
    classifier: Classifier
    chosen: int

    def room(self, room: ModelRoom) -> ModelRoom:
        return GlassRoom(room, self.classifier.of_class(self.chosen))


def open_pair(shown: Judged, number: int, classifier: Classifier) -> None:
    """Put a row's pair under the glass (with it the other hypotheses of the same premise) and go to Tokens."""
    if not 1 <= number <= len(shown.rows):
        return
    row = shown.rows[number - 1]
    is_claim = shown.question.mode is Mode.CLAIM
    texts = [row.hypothesis] if is_claim else [one.hypothesis for one in shown.rows]
    workspace = Workspace(query=row.premise, rows=tuple(FileText(text) for text in texts), touched=True)
    st.session_state[_GLASS] = Glass(workspace, classifier, row.classes.top)
    st.session_state[_WANTED] = True
    st.session_state.pop(_WIDGET, None)
    tokens_state.flow().choose(1 if is_claim else number)


def glass() -> Glass | None:
    """What lies under the glass; None where Tokens shows the documents of Compare."""
    found = st.session_state.get(_GLASS)
    return found if isinstance(found, Glass) else None


def workspace() -> Workspace:
    """What Tokens works on: the pair under the glass, else what the visitor has on the table."""
    lying = glass()
    return state.workspace() if lying is None else lying.workspace


def room(room: ModelRoom) -> ModelRoom:
    """The models as Tokens sees them: the class's logit while a pair lies under the glass."""
    lying = glass()
    return room if lying is None else lying.room(room)


def put_away() -> None:
    """Tokens shows the documents of Compare again."""
    st.session_state.pop(_GLASS, None)


def follow() -> None:
    """Go to Tokens if a pair was asked for; a callback cannot change the page itself."""
    if st.session_state.pop(_WANTED, False):
        st.switch_page("pages/tokens.py")


def draw_choice(lying: Glass) -> None:
    """Above the tabs of Tokens: which class's logit is explained, and the way back."""
    labels = lying.classifier.labels
    st.session_state.setdefault(_WIDGET, lying.chosen)
    left, right = st.columns([5, 2], vertical_alignment="bottom")
    name = lying.classifier.info.name
    chosen = left.segmented_control(
        f"Entailment pair, premise as query, hypothesis as document. Explained: the logit of {name} for",
        range(len(labels)),
        format_func=lambda place: labels[place],
        key=_WIDGET,
        required=True,
    )
    lying.chosen = lying.chosen if chosen is None else int(chosen)
    right.button("Back to Compare's documents", on_click=put_away, key="tokens_put_away")
