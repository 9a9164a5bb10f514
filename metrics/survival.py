"""Survival: medians of waiting times in which those who are still waiting count too (Kaplan-Meier)."""

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import stats

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Waiting:
    """The median waiting time of `people` or things, in their unit, with its 95 % interval; nan where it is beyond what was watched."""

    median: float
    low: float
    high: float
    seen: int
    watched: int


def median_wait(times: npt.ArrayLike, still_waiting: npt.ArrayLike) -> Waiting:
    """The Kaplan-Meier median of waiting times, of which some are only known to be longer (`still_waiting`).

    The first time by which at most half is still waiting. The interval is where the log-log interval of the curve
    crosses one half (Brookmeyer and Crowley 1982).
    """
    waits = np.asarray(times, dtype=float)
    open_ones = np.asarray(still_waiting, dtype=bool)
    if not len(waits) or open_ones.all():
        return Waiting(math.nan, math.nan, math.nan, 0, len(waits))
    curve = stats.ecdf(stats.CensoredData.right_censored(waits, open_ones)).sf
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore", RuntimeWarning)  # at 0 and 1 the log-log interval is not defined
        interval = curve.confidence_interval(method="log-log")
    at = curve.quantiles
    return Waiting(
        _first_at_half(at, curve.probabilities),
        _first_at_half(at, _bound(interval.low.probabilities, curve.probabilities)),
        _first_at_half(at, _bound(interval.high.probabilities, curve.probabilities)),
        int((~open_ones).sum()),
        len(waits),
    )


def lay_out_waits(waits: Sequence[Waiting]) -> dict[str, list[Any]]:
    """The waiting times as columns of `cells`: seen of watched, the median with its interval, and whether it is beyond what was watched."""
    return {
        "value": [wait.median for wait in waits],
        "low": [wait.low for wait in waits],
        "high": [wait.high for wait in waits],
        "numerator": [wait.seen for wait in waits],
        "denominator": [wait.watched for wait in waits],
        "is_open": [math.isnan(wait.median) for wait in waits],
    }


def _first_at_half(times: Array, remaining: Array) -> float:
    below = np.flatnonzero(remaining <= 0.5 + 1e-12)
    return float(times[below[0]]) if len(below) else math.nan


def _bound(limit: Array, curve: Array) -> Array:
    """The limit where it is defined, else the curve itself: nobody lost yet, or nobody left."""
    return np.where(np.isnan(limit), curve, limit)
