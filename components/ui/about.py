"""The page About: version, privacy, licence, and the doctor's report, made by the worker and kept for the session."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import streamlit as st

import components
from components.scoring.scheduler import Job, JobState, Progress, Scheduler

WAIT_S = 0.3
_KEPT = "lab_doctor"
TEXT = f"""
### Relevance Lab {components.__version__}

How a search model judges relevance: a bi-encoder beside a cross-encoder, on your own text.

**Where pasted text lives.** In this server's memory while your session lasts, and as a draft in your own browser.
“Forget my text” erases both. It is not logged, and it does not leave this machine unless its operator has set a scoring
service elsewhere. On disk, a collection uploaded in Retrieve & re-rank leaves vectors and keyed digests of its words,
no text, for at most seven days.

**Licence.** Apache-2.0 for code and weights, CC BY 4.0 for the built-in texts.
"""


@dataclass
class Examination:
    """One run of the doctor: the report when it is there."""

    job: Job
    lines: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


def examine(scheduler: Scheduler, visitor: str, alive: Callable[[], bool]) -> Examination:
    """Queue a run of the doctor, a line a piece."""

    def work(progress: Progress) -> Iterator[None]:
        from components import doctor  # only here: the first paint must not pay for it

        lines = []
        for line in doctor.examine():
            lines.append(line)
            progress.done += 1
            yield
        made.lines = doctor.written(lines)

    made = Examination(Job(visitor, "doctor", work, alive))
    made.job.progress.unit = "lines"
    scheduler.submit(made.job)
    return made


def draw(scheduler: Scheduler, visitor: str, alive: Callable[[], bool], interval_s: Callable[[], float]) -> None:
    """The page; it looks again only while the report is being made."""
    st.markdown(TEXT)
    st.markdown("#### This installation")
    if _KEPT not in st.session_state:
        st.session_state[_KEPT] = examine(scheduler, visitor, alive)
        st.session_state[_KEPT].job.wait(WAIT_S)
    if st.session_state[_KEPT].job.ended:
        _draw_report(st.session_state[_KEPT])
        return

    @st.fragment(run_every=interval_s())
    def waiting() -> None:
        if st.session_state[_KEPT].job.ended:
            st.rerun()
        st.markdown("Looking at packages, weights, memory and speed…")

    waiting()


def _draw_report(made: Examination) -> None:
    if made.job.state is JobState.DONE:
        st.markdown("The same as `python -m components.doctor`; no text of yours is in it. Copy it into a bug report.")
        st.code(made.text, language=None, wrap_lines=True)
    else:
        st.markdown(made.job.message or "The examination was stopped.")
    st.button("Examine again", on_click=lambda: st.session_state.pop(_KEPT, None))
