"""The views of the entailment page and what the visitor does there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st

from components.entailment.export import to_csv, to_json
from components.entailment.pairs import entailment_examples
from components.entailment.records import Judged, Mode
from components.scoring.classifier import Classifier
from components.ui import engine, entailment_glass, entailment_state, views
from components.ui.entailment_data import inputs_data, result_data
from components.ui.entailment_flow import EntailmentView
from components.ui.entailment_more_data import tally_data, toggle_data
from components.ui.entailment_tally import TallyView
from components.ui.entailment_toggle import ToggleView
from components.ui.streamlit_private import session_id

INPUTS, RESULT, TALLY = "entailment_inputs", "entailment_result", "entailment_tally"
DAMAGED = "This link is cut or changed: what could be read of it stands here."
_HANDLED, _PROBLEM = "lab_entailment_handled", "lab_entailment_problem"
_DOWNLOAD, _AGAIN = "lab_entailment_download", "lab_entailment_again"
_SORTS = ("input", "cosine", "class:")


@dataclass(frozen=True)
class Look:
    """One look at everything on the page: the answer, the open row, the tally."""

    answer: EntailmentView
    toggle: ToggleView | None
    tally: TallyView

    @property
    def polling(self) -> bool:
        """Whether something is awaited, so that the page has to look again."""
        return self.answer.polling or self.tally.polling or (self.toggle is not None and self.toggle.polling)


def look() -> Look:
    """One look at the visitor's question and what hangs on it."""
    tools, shared = entailment_state.tools(), engine.engine()
    desk, flow = entailment_state.desk(), entailment_state.flow()
    answer = flow.step(desk, entailment_state.bi_key(), tools, shared.classifiers)
    return Look(answer, _look_at_toggle(answer), _look_at_tally(answer))


def draw_answer(seen: Look) -> None:
    """Draw the answer and the tally."""
    _draw_result(seen.answer, seen.toggle)
    views.mount(TALLY, TALLY, tally_data(seen.tally), on_again_change=_on_again, on_example_change=_on_tally_example)


def draw_inputs(view: EntailmentView) -> None:
    """Draw the boxes with what is wrong with them."""
    problem = st.session_state.get(_PROBLEM) or view.problem
    data = inputs_data(entailment_state.desk(), problem, view.shown)
    views.mount(
        INPUTS,
        INPUTS,
        data | {"session": session_id(), "handled": st.session_state.get(_HANDLED, 0)},
        on_edit_change=_on_edit,
        on_example_change=_on_example,
        on_link_change=_on_link,
        on_back_change=_on_back,
        on_forget_change=_on_forget,
    )


def _draw_result(view: EntailmentView, toggle: ToggleView | None) -> None:
    """Draw the answer, and the toggle of the row that is open."""
    entailment_glass.follow()
    data = result_data(view, entailment_state.desk())
    shown = view.shown
    flow = entailment_state.toggle()
    data["toggle"] = toggle_data(toggle, flow.history, shown.bi_encoder if shown else None) if toggle else None
    data["download"] = st.session_state.pop(_DOWNLOAD, None)
    views.mount(
        RESULT,
        RESULT,
        data | {"session": session_id()},
        on_look_change=_on_look,
        on_model_change=_on_model,
        on_open_change=_on_open,
        on_change_change=_on_change,
        on_search_change=_on_search,
        on_tokens_change=_on_tokens,
        on_export_change=_on_export,
        on_stop_change=_on_stop,
        on_retry_change=lambda: entailment_state.flow().retry(entailment_state.desk(), engine.engine().classifiers),
    )


def _look_at_toggle(view: EntailmentView) -> ToggleView | None:
    """One look at the open row; None where none is open, or what is open is not of the present text."""
    flow, shown, classifier = entailment_state.toggle(), view.shown, _present_classifier(view)
    if view.stale or shown is None or classifier is None or not 1 <= flow.number <= len(shown.rows):
        return None
    pair = shown.question.pairs[flow.number - 1]
    return flow.step(pair, classifier, entailment_state.bi_encoder(), entailment_state.tools())


def _look_at_tally(view: EntailmentView) -> TallyView:
    """One look at the tally; it waits until the visitor's own question is answered."""
    classifier = _present_classifier(view)
    if classifier is None or view.stale:
        return TallyView()
    again = bool(st.session_state.pop(_AGAIN, False))
    return engine.engine().tallies.step(classifier, entailment_state.tools(), again)


def _present_classifier(view: EntailmentView) -> Classifier | None:
    """The model that gave the answer on the screen, where it is still loaded."""
    return engine.engine().classifiers.want(view.shown.model.name).classifier if view.shown else None


def _is_newer(stamp: Any) -> bool:
    """Whether a message is newer than all that were taken: an old one must not undo a newer one."""
    is_newer = isinstance(stamp, int) and stamp > st.session_state.get(_HANDLED, 0)
    if is_newer:
        st.session_state[_HANDLED] = stamp
        st.session_state[_PROBLEM] = ""
    return is_newer


def _boxes(sent: Any) -> dict[Mode, tuple[str, str]]:
    """The texts of both modes from what the browser sent."""
    found = {}
    for mode in Mode:
        texts = sent.get(str(mode)) if isinstance(sent, dict) else None
        if isinstance(texts, list) and len(texts) == 2:
            found[mode] = (str(texts[0]), str(texts[1]))
    return found


def _on_edit() -> None:
    sent = views.triggered(INPUTS, "edit") or {}
    if "too_long" in sent:
        st.session_state[_PROBLEM] = (
            f"The text has {int(sent['too_long']):,} characters, more than this page can take: paste a part of it."
        )
        return
    if _is_newer(sent.get("at")) and sent.get("mode") in set(Mode):
        desk = entailment_state.desk()
        if desk.mode != sent["mode"]:
            entailment_state.toggle().open(0)
        desk.edit(Mode(sent["mode"]), _boxes(sent.get("boxes")))


def _on_example() -> None:
    _take_example(str(views.triggered(INPUTS, "example")))


def _on_tally_example() -> None:
    _take_example(str(views.triggered(TALLY, "example")))


def _take_example(name: str) -> None:
    chosen = entailment_examples().get(name)
    if chosen is not None:
        st.session_state[_PROBLEM] = ""
        entailment_state.toggle().open(0)
        entailment_state.desk().take_example(chosen)
        entailment_state.desk().touched = True


def _on_link() -> None:
    """A link was opened: its texts or its example, and how it looks at them. What cannot be read is said."""
    sent = views.triggered(INPUTS, "link") or {}
    desk = entailment_state.desk()
    draft = sent.get("draft") or {}
    if draft.get("mode") in set(Mode) and not desk.touched:  # of this tab: it goes aside, not away
        desk.edit(Mode(draft["mode"]), _boxes(draft.get("boxes")))
    example, mode = entailment_examples().get(str(sent.get("example"))), sent.get("mode")
    above, below = sent.get("above"), sent.get("below")
    is_whole = bool(sent.get("whole"))
    entailment_state.toggle().open(0)
    if example is not None:
        desk.take_example(example)
        desk.touched = True
    elif mode in set(Mode) and isinstance(above, str) and isinstance(below, str):
        desk.take_text(Mode(mode), above, below)
    else:
        is_whole = False
    desk.both_ways = bool(sent.get("both_ways"))
    _sort(desk.sort if sent.get("sort") is None else sent["sort"])
    model = str(sent.get("model") or "")
    if model and model != desk.model:
        entailment_state.flow().ask_for_model(model, engine.engine().classifiers)
    st.session_state[_PROBLEM] = "" if is_whole else DAMAGED


def _on_back() -> None:
    st.session_state[_PROBLEM] = ""
    entailment_state.toggle().open(0)
    entailment_state.desk().take_back()


def _on_forget() -> None:
    if _is_newer(views.triggered(INPUTS, "forget")):
        entailment_state.forget()


def _on_look() -> None:
    """How the answer is looked at: sorted by what, one way or both."""
    sent = views.triggered(RESULT, "look") or {}
    if "both_ways" in sent:
        entailment_state.desk().both_ways = bool(sent["both_ways"])
    if "sort" in sent:
        _sort(sent["sort"])


def _sort(wanted: object) -> None:
    if isinstance(wanted, str) and wanted.startswith(_SORTS) and len(wanted) < 12:
        entailment_state.desk().sort = wanted


def _on_model() -> None:
    name = str(views.triggered(RESULT, "model") or "").strip()[:200]
    entailment_state.flow().ask_for_model(name, engine.engine().classifiers)


def _on_open() -> None:
    number = views.triggered(RESULT, "open")
    entailment_state.toggle().open(int(number) if isinstance(number, int | float) else 0)


def _on_change() -> None:
    sent: dict[str, Any] = views.triggered(RESULT, "change") or {}
    entailment_state.toggle().take(sent)


def _on_search() -> None:
    shown = entailment_state.flow().shown
    classifier = engine.engine().classifiers.want(shown.model.name).classifier if shown else None
    if classifier is not None:
        entailment_state.toggle().search(classifier, entailment_state.tools())


def _on_tokens() -> None:
    """A pair is asked for in Tokens, by its number."""
    number, shown = views.triggered(RESULT, "tokens"), entailment_state.flow().shown
    classifier = engine.engine().classifiers.want(shown.model.name).classifier if shown else None
    if shown is not None and classifier is not None and isinstance(number, int | float):
        entailment_glass.open_pair(shown, int(number), classifier)


def _on_export() -> None:
    sent = views.triggered(RESULT, "export") or {}
    shown: Judged | None = entailment_state.flow().shown
    if shown is None:
        return
    is_json = sent.get("kind") == "json"
    st.session_state[_DOWNLOAD] = {
        "count": int(sent.get("count") or 0),
        "name": f"entailment.{'json' if is_json else 'csv'}",
        "mime": "application/json" if is_json else "text/csv;charset=utf-8",
        "text": to_json(shown, entailment_state.toggle().flips) if is_json else to_csv(shown),
    }


def _on_stop() -> None:
    entailment_state.flow().stop()
    entailment_state.toggle().stop()


def _on_again() -> None:
    st.session_state[_AGAIN] = True
