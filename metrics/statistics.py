"""Statistics of surveys: margins with the finite population, tests, and what may be said of a difference.

All functions take numbers or arrays of equal shape; shares are 0 to 1, scores 0 to 100, margins in the
unit of their number. `population` is how many were invited; nan means unknown, and then nothing is corrected.
"""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import stats

from data.errors import Refused
from metrics.metric import Better, Verdict

Numbers = npt.ArrayLike
Array = npt.NDArray[np.float64]

CONFIDENCE = 0.95
Z = 1.96
MINIMUM = {"item": 30, "construct": 20, "index": 10}
FALSE_DISCOVERIES = 0.10
COMPARISONS_WITHOUT_CORRECTION = 5


def share_standard_error(share: Numbers, n: Numbers, population: Numbers = math.nan) -> Array:
    """sqrt(p(1-p)/n) x sqrt((N-n)/(N-1)); 0 for a census. Source: Civil Service People Survey technical guide 2018.

    Raises Refused where more answered than were invited.
    """
    p, size, whole = _arrays(share, n, population)
    _refuse_impossible(size, whole)
    with np.errstate(divide="ignore", invalid="ignore"):
        correction = np.sqrt((whole - size) / (whole - 1))
        correction = np.where(np.isnan(whole), 1.0, np.where(whole <= 1, 0.0, correction))
        return np.asarray(np.sqrt(p * (1 - p) / size) * correction)


def mean_standard_error(deviation: Numbers, n: Numbers, population: Numbers = math.nan) -> Array:
    """s/sqrt(n) x sqrt(1 - n/N), with s the sample deviation (n-1). Raises Refused where more answered than were invited."""
    s, size, whole = _arrays(deviation, n, population)
    _refuse_impossible(size, whole)
    with np.errstate(divide="ignore", invalid="ignore"):
        correction = np.where(np.isnan(whole), 1.0, np.sqrt(1 - size / whole))
        return np.asarray(s / np.sqrt(size) * correction)


def nps_standard_error(promoters: Numbers, detractors: Numbers, n: Numbers, population: Numbers = math.nan) -> Array:
    """sqrt((p + d - (p - d)^2)/n) x the correction of shares, as a share; times 100 for points."""
    p, d, size, whole = _arrays(promoters, detractors, n, population)
    _refuse_impossible(size, whole)
    with np.errstate(divide="ignore", invalid="ignore"):
        correction = np.where(np.isnan(whole), 1.0, np.where(whole <= 1, 0.0, np.sqrt((whole - size) / (whole - 1))))
        return np.asarray(np.sqrt((p + d - (p - d) ** 2) / size) * correction)


def share_margin(share: Numbers, n: Numbers, population: Numbers = math.nan) -> Array:
    """Half of the 95 % interval of a share: 1.96 standard errors."""
    return Z * share_standard_error(share, n, population)


def mean_margin(deviation: Numbers, n: Numbers, population: Numbers = math.nan) -> Array:
    """Half of the 95 % interval of a mean, with t for n-1 degrees; nan for a single answer."""
    _, size = _arrays(deviation, n)
    with np.errstate(invalid="ignore"):
        t = stats.t.ppf((1 + CONFIDENCE) / 2, np.where(size > 1, size - 1, np.nan))
    return np.asarray(t * mean_standard_error(deviation, n, population))


def compare_shares(difference: Numbers, first_error: Numbers, second_error: Numbers) -> Array:
    """Two-sided p of a difference of two shares with these standard errors (z). Errors of 0 give p 0, or 1 without a difference."""
    d, a, b = _arrays(difference, first_error, second_error)
    return _two_sided(d, np.sqrt(a**2 + b**2), stats.norm.sf)


def compare_means(
    difference: Numbers, first_error: Numbers, first_n: Numbers, second_error: Numbers, second_n: Numbers
) -> tuple[Array, Array]:
    """Two-sided p of a difference of two means (Welch) and its Welch-Satterthwaite degrees of freedom."""
    d, a, n, b, m = _arrays(difference, first_error, first_n, second_error, second_n)
    with np.errstate(divide="ignore", invalid="ignore"):
        freedom = (a**2 + b**2) ** 2 / (a**4 / (n - 1) + b**4 / (m - 1))
    p = _two_sided(d, np.sqrt(a**2 + b**2), lambda t: stats.t.sf(t, freedom))
    return p, np.asarray(freedom)


def compare_with_reference(value: Numbers, error: Numbers, reference: Numbers, freedom: Numbers = math.inf) -> Array:
    """Two-sided p of a number against a fixed reference; t where degrees of freedom are given."""
    v, e, r, f = _arrays(value, error, reference, freedom)
    return _two_sided(v - r, e, lambda t: stats.t.sf(t, f))


def discover(p: Numbers) -> npt.NDArray[np.bool_]:
    """Which of several p stand as discoveries: at 0.05 each up to five, beyond that Benjamini-Hochberg at 0.10.

    nan takes no part and is no discovery.
    """
    values = np.atleast_1d(np.asarray(p, dtype=float))
    tested = ~np.isnan(values)
    found = np.zeros(values.shape, dtype=bool)
    if tested.sum() > COMPARISONS_WITHOUT_CORRECTION:
        found[tested] = stats.false_discovery_control(values[tested]) <= FALSE_DISCOVERIES
    else:
        found[tested] = values[tested] < 1 - CONFIDENCE
    return found


def judge(difference: float, *, is_beyond_chance: bool, is_tested: bool, better: Better) -> Verdict:
    """What may be said of a difference: not tested is never no change, and no direction is better where none is."""
    if not is_tested:
        return Verdict.NOT_TESTED
    if not is_beyond_chance or difference == 0 or better is Better.NEITHER:
        return Verdict.NO_CHANGE
    is_up = difference > 0
    return Verdict.IMPROVED if is_up is (better is Better.HIGHER) else Verdict.DECLINED


def rescale(code: float, lowest: float, highest: float, *, is_reversed: bool = False) -> float:
    """An answer on a scale from `lowest` to `highest` as a score of 0 to 100; reversed ones count from the other end."""
    score = (code - lowest) / (highest - lowest) * 100
    return 100 - score if is_reversed else score


def find_middle(scale: Sequence[float]) -> float | None:
    """The neutral point of a scale, or None where it has an even number of points."""
    return scale[len(scale) // 2] if len(scale) % 2 else None


def round_half_up(value: float, digits: int = 0) -> float:
    """Rounded once, for display: x.5 goes up, also below zero (-5.5 to -6 keeps its size, as the guide prints it)."""
    factor = 10.0**digits
    return math.copysign(math.floor(abs(value) * factor + 0.5) / factor, value)


def _arrays(*numbers: Numbers) -> tuple[Array, ...]:
    return tuple(np.asarray(number, dtype=float) for number in numbers)


def _two_sided(difference: Array, error: Array, tail: object) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = np.abs(difference) / error
    survival = tail(np.where(np.isnan(statistic), 0.0, statistic))  # type: ignore[operator]
    p = np.minimum(2 * survival, 1.0)
    return np.asarray(np.where(np.isnan(error), np.nan, np.where((error == 0) & (difference == 0), 1.0, p)))


def _refuse_impossible(n: Array, population: Array) -> None:
    if bool(np.any(n > population)):
        raise Refused(
            "More people answered than were invited.", where="the survey wave", fix="Correct the number of those invited."
        )
