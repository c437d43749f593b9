"""The few errors the core raises. Each message is one sentence a visitor can read: what is wrong and what to do.

LabError
├── InputProblem     what was typed or uploaded cannot be used as it is
├── ModelProblem     a model is missing, damaged or of the wrong kind
└── Cancelled        the visitor stopped the work, or left
"""

from __future__ import annotations


class LabError(Exception):
    """Base of all errors whose message may be shown."""


class InputProblem(LabError):
    """The query or the documents cannot be used as they are."""


class ModelProblem(LabError):
    """A model cannot be loaded or used."""


class Cancelled(LabError):
    """The work was stopped before it ended."""
