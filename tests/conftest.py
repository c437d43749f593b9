"""What all tests share: the shipped models, loaded once a run."""

from __future__ import annotations

import os

os.environ.setdefault("HF_HUB_OFFLINE", "1")  # a test that asks the Hub is wrong
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

import pytest
from hypothesis import settings

from components.models.loading import load, prepare_torch
from components.models.registry import DEFAULT_BI_ENCODER, DEFAULT_CROSS_ENCODER, neural_models
from components.scoring.bi_encoder import BiEncoderScorer
from components.scoring.cross_encoder import CrossEncoderScorer

# No time limits in a test: machines are busy. In CI the same examples every time: what is new is found on desks.
settings.register_profile("desk", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "desk")


@pytest.fixture(scope="session")
def bi_encoder() -> BiEncoderScorer:
    """The shipped bi-encoder with its real weights."""
    return _shipped(DEFAULT_BI_ENCODER)


@pytest.fixture(scope="session")
def cross_encoder() -> CrossEncoderScorer:
    """The shipped cross-encoder with its real weights."""
    return _shipped(DEFAULT_CROSS_ENCODER)


def _shipped(key: str):
    specs = {spec.key: spec for spec in neural_models()}
    return load(specs[key], prepare_torch())
