"""Signals that were, or by a plain reading would be, made or lost by floats and windows and not by what people did."""

import numpy as np
import pytest

from metrics.signals import find_limits
from tests.test_signals import QUIET, signals_of, week, weeks_of


@pytest.mark.parametrize("value", [0.1, 1 / 3, 0.7, 1e-6, 123.456])
def test_a_series_that_never_changes_never_signals(value: float) -> None:
    """The mean of 26 times 0.1 is 0.10000000000000002, so a constant series ran below its own mean for ever."""
    limits, signals = find_limits(weeks_of([value] * 60))
    assert len(limits) == 60 - 12
    assert signals.empty


def test_a_long_run_keeps_the_mean_that_held_before_its_first_point() -> None:
    """The mean used to move along with the run: a lasting step was forgotten after half a year.

    Twenty points of 11.5 and 13 lift the mean of the points before to 11.57, yet all lie above the 11 of before.
    """
    stepped = [*QUIET, 10.0, *[11.5, 13.0] * 16]
    assert (27 * np.mean([*QUIET, 10.0]) + 20 * 12.25) / 47 > 11.5
    runs = signals_of(weeks_of(stepped), "run")
    assert [length for _, _, length, _ in runs] == list(range(7, 33))
    assert {since for _, _, _, since in runs} == {week(27)}


def test_a_run_does_not_rest_on_a_mean_that_is_not_drawn() -> None:
    """With 12 points at its end but 6 before its start, a run was marked beside a mean of six points."""
    assert signals_of(weeks_of([10.0, 12.0] * 3 + [12.0, 13.0] * 4), "run") == []


def test_a_run_ends_at_a_rebase() -> None:
    """Limits start anew because the process was changed: old and new weeks are no run together."""
    higher = [*QUIET, 10.0, *[12.0, 11.5] * 12]
    runs = signals_of(weeks_of(higher, rebase=[37]), "run")
    assert [length for _, _, length, _ in runs] == [7, 8, 9, 10]


def test_two_of_three_is_measured_by_the_limits_before_the_three() -> None:
    """The first of the three widens the limits after it; by those the third would not be far out, and nothing said.

    Before: 11 and ranges of 2, so two thirds of the limit lie at 14.55. With 16.2 among them they lie above 14.7.
    """
    three = [*QUIET, 16.2, 11.0, 14.7]
    ranges = [2.0] * 25 + [6.2, 5.2]
    assert np.mean(three[:28]) + 2.66 * 2 / 3 * np.mean(ranges) > 14.7
    assert signals_of(weeks_of(three), "two of three") == [(week(28), "up", 3, week(26))]
