"""Statistics of surveys: margins with the finite population, tests, and what may be said of a difference.

All functions take numbers or arrays of equal shape; shares are 0 to 1, scores 0 to 100, margins in the unit of
their number. `n` is how many answered, `population` how many were invited: nan or None where unknown, and then
nothing is corrected. What is nan comes back as nan, which every verdict reads as "not tested".
"""

import hashlib
import math
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy import stats

from data.errors import Refused
from metrics.metric import Better, Verdict

Numbers = npt.ArrayLike
Array = npt.NDArray[np.float64]

SIGNIFICANCE = 0.05
Z = 1.96
# Fewest answers before a difference is tested: one item, a construct (mean of items), the engagement index.
MINIMUM = {"item": 30, "construct": 20, "index": 10}
FALSE_DISCOVERIES = 0.10
COMPARISONS_WITHOUT_CORRECTION = 5
FAVOURABLE_ABOVE = 70
UNFAVOURABLE_BELOW = 40
SCALES_WITHOUT_MIDDLE = (4, 6)

# Sums of floats differ in their last digits; a census has no error that would hide it.
_NOUGHT = 1e-9
_DIGITS_OF_A_FLOAT = 9


@dataclass(frozen=True)
class Sample:
    """Mean and sample deviation (n - 1) of `n` respondents; nan where there are too few."""

    mean: float
    deviation: float
    n: int


def share_standard_error(share: Numbers, n: Numbers, population: Numbers = math.nan) -> Array:
    """sqrt(p(1-p)/n) x sqrt((N-n)/(N-1)), as a share; 0 for a census.

    Source: UK Civil Service People Survey, technical guide 2018, page 20. Raises Refused where more answered than
    were invited.
    """
    p, size, whole = _arrays(share, n, population)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.sqrt(p * (1 - p) / size) * _correct_shares(size, whole))


def nps_standard_error(promoters: Numbers, detractors: Numbers, n: Numbers, population: Numbers = math.nan) -> Array:
    """sqrt((p + d - (p - d)^2)/n) x the correction of shares, as a share; times 100 for points.

    Promoters and detractors are shares of n. Raises Refused where more answered than were invited.
    """
    p, d, size, whole = _arrays(promoters, detractors, n, population)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.sqrt((p + d - (p - d) ** 2) / size) * _correct_shares(size, whole))


def mean_standard_error(deviation: Numbers, n: Numbers, population: Numbers = math.nan) -> Array:
    """s/sqrt(n) x sqrt(1 - n/N), with s the sample deviation (n - 1); 0 for a census.

    Raises Refused where more answered than were invited.
    """
    s, size, whole = _arrays(deviation, n, population)
    _refuse_impossible(size, whole)
    with np.errstate(divide="ignore", invalid="ignore"):
        correction = np.where(np.isnan(whole), 1.0, np.sqrt(1 - size / whole))
        return np.asarray(s / np.sqrt(size) * correction)


def share_margin(share: Numbers, n: Numbers, population: Numbers = math.nan) -> Array:
    """Half of the 95 % interval of a share: 1.96 standard errors."""
    return Z * share_standard_error(share, n, population)


def mean_margin(deviation: Numbers, n: Numbers, population: Numbers = math.nan) -> Array:
    """Half of the 95 % interval of a mean, with t for n - 1 degrees of freedom; nan for a single answer."""
    size = np.asarray(n, dtype=float)
    return _t(np.where(size > 1, size - 1, np.nan)) * mean_standard_error(deviation, n, population)


def margin_of(error: float, freedom: float) -> float:
    """Half of the 95 % interval of a number with this standard error, by t; 0 where there is no error, nan where it is unknown."""
    return 0.0 if error == 0 else float(_t(np.asarray(freedom)) * error)


def difference_margin(first_error: Numbers, first_n: Numbers, second_error: Numbers, second_n: Numbers) -> Array:
    """Half of the 95 % interval of a difference of two means, with t for the Welch-Satterthwaite degrees; 0 for two censuses."""
    a, n, b, m = _arrays(first_error, first_n, second_error, second_n)
    error = np.hypot(a, b)
    return np.asarray(np.where(error == 0, 0.0, _t(_satterthwaite(a, n, b, m)) * error))


def compare_shares(difference: Numbers, first_error: Numbers, second_error: Numbers) -> Array:
    """Two-sided p of a difference of two shares with these standard errors (z); between two censuses 0, or 1 if equal."""
    d, a, b = _arrays(difference, first_error, second_error)
    return _two_sided(d, np.hypot(a, b), stats.norm.sf)


def compare_means(
    difference: Numbers, first_error: Numbers, first_n: Numbers, second_error: Numbers, second_n: Numbers
) -> tuple[Array, Array]:
    """Two-sided p of a difference of two means (Welch) and its Welch-Satterthwaite degrees of freedom."""
    d, a, n, b, m = _arrays(difference, first_error, first_n, second_error, second_n)
    freedom = _satterthwaite(a, n, b, m)
    return _two_sided(d, np.hypot(a, b), lambda t: stats.t.sf(t, freedom)), freedom


def compare_share_with_reference(
    share: Numbers, n: Numbers, reference: Numbers, population: Numbers = math.nan
) -> Array:
    """Two-sided p of a share against a fixed number (z), with the error that the reference itself would have.

    With the share's own error 30 favourable of 30 would be certain to differ from 0.99.
    """
    p, fixed = _arrays(share, reference)
    return _two_sided(p - fixed, share_standard_error(fixed, n, population), stats.norm.sf)


def compare_mean_with_reference(
    mean: Numbers, deviation: Numbers, n: Numbers, reference: Numbers, population: Numbers = math.nan
) -> Array:
    """Two-sided p of a mean against a fixed number: t with n - 1 degrees of freedom."""
    m, size, fixed = _arrays(mean, n, reference)
    error = mean_standard_error(deviation, n, population)
    return _two_sided(m - fixed, error, lambda t: stats.t.sf(t, size - 1))


def compare_pairs(gained: Numbers, lost: Numbers) -> Array:
    """Two-sided p of a change of yes and no in the same people: McNemar's exact test over those who changed.

    `gained` went from no to yes and `lost` from yes to no; 1 where nobody changed.
    """
    b, c = _arrays(gained, lost)
    return np.asarray(np.minimum(2 * stats.binom.cdf(np.minimum(b, c), b + c, 0.5), 1.0))


@lru_cache(maxsize=8192)
def compare_with_rest(counted: int, people: int, all_counted: int, everybody: int) -> float:
    """Fisher's exact p of a group's share against everybody else's. One role sees mostly what the role before it sees,
    so most of these are known already."""
    others = everybody - people
    table = [[counted, people - counted], [all_counted - counted, others - all_counted + counted]]
    return float(stats.fisher_exact(table).pvalue)


def paired_share_error(gained: Numbers, lost: Numbers, n: Numbers) -> Array:
    """Standard error of the difference of two shares of the same `n` people: sqrt(b + c - (b - c)^2/n)/n."""
    b, c, size = _arrays(gained, lost, n)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.sqrt(np.maximum(b + c - (b - c) ** 2 / size, 0)) / size)


def split_change(
    weights_before: Numbers, rates_before: Numbers, weights_now: Numbers, rates_now: Numbers
) -> tuple[Array, Array]:
    """A change of a weighted mean as (real, composition), group by group; the two add up to the whole change.

    Real is what the groups changed at their mean weights, composition what their weights changed at their mean rates.
    Weights of each wave add up to 1. Source: Kitagawa 1955.
    """
    w1, r1, w2, r2 = _arrays(weights_before, rates_before, weights_now, rates_now)
    return (r2 - r1) * (w1 + w2) / 2, (w2 - w1) * (r1 + r2) / 2


def make_generator(*key: object) -> np.random.Generator:
    """Random numbers that are the same for the same series: seeded by a hash of its key, never by the clock."""
    digest = hashlib.sha256("\x1f".join(map(str, key)).encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:8], "big"))


def discover(p: Numbers) -> npt.NDArray[np.bool_]:
    """Which of the p on one page are beyond chance: each below 0.05 up to five, beyond that Benjamini-Hochberg at 0.10.

    nan takes no part and is no discovery.
    """
    values = np.atleast_1d(np.asarray(p, dtype=float))
    tested = ~np.isnan(values)
    found = np.zeros(values.shape, dtype=bool)
    if tested.sum() > COMPARISONS_WITHOUT_CORRECTION:
        found[tested] = stats.false_discovery_control(values[tested]) <= FALSE_DISCOVERIES
    else:
        found[tested] = values[tested] < SIGNIFICANCE
    return found


def is_enough(n: Numbers, level: str) -> npt.NDArray[np.bool_]:
    """Whether so many answers may be tested on a level of MINIMUM: item, construct or index."""
    return np.asarray(np.asarray(n, dtype=float) >= MINIMUM[level])


def judge(difference: float, *, is_beyond_chance: bool, is_tested: bool, better: Better) -> Verdict:
    """What may be said of a difference. "Not tested" never means "no change".

    Where neither direction is better, a change beyond chance is not judged, so it is not tested either.
    """
    if not is_tested or math.isnan(difference):
        return Verdict.NOT_TESTED
    if not is_beyond_chance or abs(difference) <= _NOUGHT:
        return Verdict.NO_CHANGE
    if better is Better.NEITHER:
        return Verdict.NOT_TESTED
    return Verdict.IMPROVED if (difference > 0) is (better is Better.HIGHER) else Verdict.DECLINED


def rescale(code: Numbers, lowest: float, highest: float, *, is_reversed: bool = False) -> Array:
    """Answers on a scale from `lowest` to `highest` as scores of 0 to 100; reversed ones count from the other end.

    nan stays nan. Raises Refused for a scale of a single point.
    """
    if not highest > lowest:
        raise Refused(
            f"A scale from {lowest:g} to {highest:g} has no two ends.",
            where="the items of the survey",
            fix="Give a scale_max above its scale_min.",
        )
    score = (np.asarray(code, dtype=float) - lowest) / (highest - lowest) * 100
    return np.asarray(100 - score if is_reversed else score)


def classify(score: Numbers, points: int) -> npt.NDArray[np.object_]:
    """Scores of 0 to 100 as "favourable" (above 70), "unfavourable" (below 40) or "neutral"; None for nan.

    `points` is how many the scale has: on 4 or 6 the upper half is favourable and nothing is neutral. Source: FEVS
    and Viva Insights, put on one scale.
    """
    scores = np.asarray(score, dtype=float)
    upper, lower = (50, 50) if points in SCALES_WITHOUT_MIDDLE else (FAVOURABLE_ABOVE, UNFAVOURABLE_BELOW)
    words = np.full(scores.shape, "neutral", dtype=object)
    words[scores > upper] = "favourable"
    words[scores < lower] = "unfavourable"
    words[np.isnan(scores)] = None
    return words


def find_index(scores: Numbers) -> Sample:
    """The index of respondents x items (scores of 0 to 100): each respondent's mean, then the mean of these.

    Only respondents who answered every item count. The deviation is that of respondents' own means, from which an
    index has its margin. Source: UK Civil Service People Survey, technical guide 2018, page 12.
    """
    answers = np.atleast_2d(np.asarray(scores, dtype=float))
    own = answers[~np.isnan(answers).any(axis=1)].mean(axis=1)
    mean = float(own.mean()) if len(own) else math.nan
    return Sample(mean, float(own.std(ddof=1)) if len(own) > 1 else math.nan, len(own))


def round_half_up(value: float, digits: int = 0) -> float:
    """Rounded once, for display: x.5 goes up in size, also below zero, so that a difference reads the same both ways.

    What a float holds as 28.499999999999996 because it cannot hold 28.5 is 28.5. nan and infinity stay.
    """
    if not math.isfinite(value):
        return value
    exact = Decimal(repr(round(float(value), _DIGITS_OF_A_FLOAT)))
    return float(exact.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)) + 0.0  # + 0.0: never "-0"


def _arrays(*numbers: Numbers) -> tuple[Array, ...]:
    return tuple(np.asarray(number, dtype=float) for number in numbers)


def _correct_shares(n: Array, population: Array) -> Array:
    _refuse_impossible(n, population)
    with np.errstate(divide="ignore", invalid="ignore"):
        correction = np.where(population <= 1, 0.0, np.sqrt((population - n) / (population - 1)))
    return np.where(np.isnan(population), 1.0, correction)


def _satterthwaite(a: Array, n: Array, b: Array, m: Array) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray((a**2 + b**2) ** 2 / (a**4 / (n - 1) + b**4 / (m - 1)))


def _t(freedom: Array) -> Array:
    return np.asarray(stats.t.ppf(1 - SIGNIFICANCE / 2, freedom))


def _two_sided(difference: Array, error: Array, tail: Callable[[Array], Array]) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        p = np.minimum(2 * tail(np.abs(difference) / error), 1.0)
    exact = np.where(np.abs(difference) <= _NOUGHT, 1.0, 0.0)
    known = ~(np.isnan(difference) | np.isnan(error))
    return np.asarray(np.where(known, np.where(error == 0, exact, p), np.nan))


def _refuse_impossible(n: Array, population: Array) -> None:
    if bool(np.any(n > population)):
        raise Refused(
            "More people answered than were invited.",
            where="the survey wave",
            fix="Correct the number of those invited.",
        )
