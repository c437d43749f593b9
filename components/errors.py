"""The few errors the core raises. Each message is one sentence a visitor can read: what is wrong and what to do.

LabError
├── InputProblem     what was typed or uploaded cannot be used as it is
├── ModelProblem     a model is missing, damaged or of the wrong kind
├── ServiceProblem   a scoring service does not answer, or not as it should
└── Cancelled        the visitor stopped the work, or left
"""

from __future__ import annotations


class LabError(Exception):
    """Base of all errors whose message may be shown."""


class InputProblem(LabError):
    """The query or the documents cannot be used as they are."""


class ModelProblem(LabError):
    """A model cannot be loaded or used."""


class ServiceProblem(LabError):
    """A scoring service does not answer, or not as it should.

    ``what`` is the sentence's middle ("cannot be reached"). It is made by us: an answer may repeat a visitor's text.
    """

    def __init__(self, what: str) -> None:
        super().__init__(f"The scoring service {what}: try again in a minute, or tell whoever runs this server.")
        self.what = what


class Cancelled(LabError):
    """The work was stopped before it ended."""


def where(error: BaseException) -> str:
    """File and line of an error, without any value: its message may hold a visitor's text, and is never logged."""
    traceback = error.__traceback__
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    return "?" if traceback is None else f"{traceback.tb_frame.f_code.co_filename}:{traceback.tb_lineno}"
