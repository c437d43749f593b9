"""Who else uses the cores."""

import pytest

from components.scoring import machine as module
from components.scoring.machine import OthersWatch, free_threads, processor_name


@pytest.mark.parametrize(
    ("after", "share"),
    [
        ((12.0, 104.0, 50.0), 0.5),  # two seconds of two cores, 4 s used, 2 of them by others
        ((12.0, 104.0, 52.0), 0.0),
        ((12.0, 103.9, 52.1), 0.0),  # clocks that disagree a little
        ((12.0, 109.0, 48.0), 1.0),
        ((10.0, 100.0, 48.0), 0.0),  # no time has passed
    ],
)
def test_the_share_of_others_is_what_is_not_ours(monkeypatch, after, share):
    readings = iter([(10.0, 100.0, 48.0), after])
    monkeypatch.setattr(module, "_read", lambda: next(readings))
    monkeypatch.setattr("psutil.cpu_count", lambda: 2)
    assert OthersWatch().look() == pytest.approx(share)


def test_the_real_clocks_can_be_read():
    watch = OthersWatch()
    assert 0 <= watch.look() <= 1
    assert processor_name()


@pytest.mark.parametrize(
    ("most", "others", "threads"), [(2, 0.0, 2), (2, 0.25, 2), (2, 0.3, 1), (16, 0.5, 8), (8, 1.0, 1)]
)
def test_threads_to_start_with_leave_others_their_cores(most, others, threads):
    assert free_threads(most, others) == threads
