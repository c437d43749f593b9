"""Where a stage starts: the mean of earlier stages and of a finished model."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

from components.training.finish import FURTHER_PARTS
from components.training.pipeline import GIVEN, Stage, default_stages, further_stages, mean_of


def saved(model: nn.Module, folder: Path, value: float) -> Path:
    with torch.no_grad():
        for weights in model.parameters():
            weights.fill_(value)
    model.save_pretrained(str(folder))  # type: ignore[operator]
    return folder


def values(model: nn.Module) -> set[float]:
    """All values among the weights, rounded."""
    return {round(float(value), 5) for weights in model.parameters() for value in weights.detach().unique()}


def test_models_are_averaged_by_their_shares(tmp_path: Path, tiny_model: nn.Module) -> None:
    saved(tiny_model, tmp_path / "answer", 1.0)
    given = saved(tiny_model, tmp_path / "finished", 4.0)
    assert values(mean_of({GIVEN: 1.0}, tmp_path, given)) == {4.0}
    assert values(mean_of({"answer": 0.7, GIVEN: 0.3}, tmp_path, given)) == {1.9}
    assert values(mean_of({"answer": 1.0}, tmp_path, None)) == {1.0}
    with pytest.raises(ValueError, match="take a finished model further"):
        mean_of({GIVEN: 1.0}, tmp_path, None)


@pytest.mark.parametrize(("stages", "known"), [(default_stages(), set()), (further_stages(), {GIVEN})])
def test_a_stage_starts_from_what_is_there_by_then(stages: list[Stage], known: set[str]) -> None:
    for stage in stages:
        assert set(stage.start) <= known
        known = {*known, stage.name}
        assert sum(stage.mix.values()) == pytest.approx(1)


def test_what_is_averaged_in_the_end_is_there() -> None:
    assert set(FURTHER_PARTS) <= {GIVEN, *(stage.name for stage in further_stages())}
