"""A race of the first example, run once and shipped: what Timing shows, marked, before anybody has raced.

``python -m components.timing.stored`` makes ``assets/stored/timing.json`` anew, on the machine it runs on.
"""

from __future__ import annotations

import datetime
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from components.settings import ASSETS
from components.timing.export import from_json, to_json
from components.timing.records import Asked, RaceResult

FILE = ASSETS / "stored" / "timing.json"


def load_stored() -> RaceResult | None:
    """The stored race; None where the file is missing or cannot be read."""
    try:
        return _read(FILE, FILE.stat().st_mtime_ns)
    except (OSError, ValueError, KeyError, TypeError):
        return None


@lru_cache(maxsize=1)
def _read(path: Path, _changed: int) -> RaceResult:
    """Read once, not at every look of a page that waits for its race: a race would be slowed by being watched."""
    return from_json(path.read_text(encoding="utf-8"))


def make() -> RaceResult:
    """Race the first example with the shipped models and save the result."""
    from components.models.loading import load, prepare_torch
    from components.models.registry import DEFAULT_BI_ENCODER, DEFAULT_CROSS_ENCODER, neural_models
    from components.scoring.bi_encoder import BiEncoderScorer
    from components.scoring.cross_encoder import CrossEncoderScorer
    from components.scoring.scheduler import Progress
    from components.texts.examples import FIRST, examples
    from components.timing.race import Live, race

    device = prepare_torch()
    specs = {spec.key: spec for spec in neural_models()}
    bi, cross = (load(specs[key], device) for key in (DEFAULT_BI_ENCODER, DEFAULT_CROSS_ENCODER))
    assert isinstance(bi, BiEncoderScorer)
    assert isinstance(cross, CrossEncoderScorer)
    example, live = examples()[FIRST], Live()
    for _ in race(Asked(), example.query, example.documents, bi, cross, live)(Progress()):
        pass
    assert live.result is not None
    result = replace(live.result, stored=datetime.datetime.now(datetime.UTC).date().isoformat())
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_text(to_json(result), encoding="utf-8")
    return result


if __name__ == "__main__":
    print(make().load)
