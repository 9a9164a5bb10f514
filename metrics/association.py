"""Association: how numbers of the same people go together, what each explains, and how sure its rank is.

Arrays are respondents, or respondents x items, with nan where somebody did not answer.
"""

from itertools import combinations
from math import comb

import numpy as np
from scipy import stats
from statsmodels.regression.linear_model import OLS, RegressionResults

from metrics.statistics import Array, Numbers, Z, make_generator

RESAMPLES = 1000
TOP = 3


def drop_unknown(one: Numbers, other: Numbers) -> tuple[Array, Array]:
    """The pairs of which neither side is nan."""
    x, y = np.asarray(one, dtype=float), np.asarray(other, dtype=float)
    known = ~np.isnan(x) & ~np.isnan(y)
    return x[known], y[known]


def varies(values: Numbers) -> bool:
    """Whether there are more than two numbers, and not all the same."""
    found = np.asarray(values, dtype=float)
    return len(found) > 2 and bool(np.ptp(found) > 0)


def rank_correlation(one: Numbers, other: Numbers) -> float:
    """Spearman's correlation over the pairs without nan; nan where either side is always the same."""
    x, y = drop_unknown(one, other)
    return float(stats.spearmanr(x, y).statistic) if varies(x) and varies(y) else float("nan")


def linear_correlation(one: Numbers, other: Numbers) -> float:
    """Pearson's correlation over the pairs without nan; nan where either side is always the same."""
    x, y = drop_unknown(one, other)
    return float(stats.pearsonr(x, y).statistic) if varies(x) and varies(y) else float("nan")


def correlation_limits(correlation: Numbers, n: Numbers, *, of_ranks: bool = True) -> tuple[Array, Array]:
    """The 95 % interval of a correlation by Fisher's transformation; ranks have the larger error of Bonett and Wright 2000."""
    r, size = np.asarray(correlation, dtype=float), np.asarray(n, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.sqrt((1 + (r**2 / 2 if of_ranks else 0)) / (size - 3))
        middle = np.arctanh(r)
        return np.tanh(middle - Z * error), np.tanh(middle + Z * error)


def weigh_drivers(outcome: Numbers, drivers: Numbers, weights: Numbers | None = None) -> tuple[Array, float]:
    """What each of up to ten drivers (respondents x items) adds to R squared, averaged over all orders (LMG); and R squared.

    The parts add up to R squared. Without nan. `weights` count respondents differently.
    """
    x, y = np.asarray(drivers, dtype=float), np.asarray(outcome, dtype=float)
    r = np.corrcoef(np.column_stack([x, y]), rowvar=False) if weights is None else _weighted_correlations(x, y, weights)
    inner, outer = r[:-1, :-1], r[:-1, -1]
    items = range(len(outer))
    explained = {
        subset: _explain(inner, outer, subset) for size in range(len(outer) + 1) for subset in combinations(items, size)
    }
    parts = np.zeros(len(outer))
    for subset, squared in explained.items():
        for item in set(items) - set(subset):
            gain = explained[tuple(sorted((*subset, item)))] - squared
            parts[item] += gain / (len(outer) * comb(len(outer) - 1, len(subset)))
    return parts, explained[tuple(items)]


def regress(outcome: Numbers, drivers: Numbers) -> RegressionResults:
    """The least-squares fit of an outcome on drivers (respondents x items) and a constant, which comes first."""
    x = np.asarray(drivers, dtype=float)
    return OLS(np.asarray(outcome, dtype=float), np.column_stack([np.ones(len(x)), x])).fit()


def find_stability(outcome: Numbers, drivers: Numbers, *key: object) -> Array:
    """In which share of bootstrap samples each driver is among the three highest correlations; the same for the same key.

    Respondents x items, nan where somebody did not answer. Ranks are those of the whole sample, so that a thousand
    samples are a few products of matrices.
    """
    answers = np.column_stack([np.asarray(outcome, dtype=float), np.asarray(drivers, dtype=float)])
    answers = answers[np.lexsort(np.nan_to_num(answers, nan=-1.0).T)]  # so that the order of the file draws nobody else
    y, x = answers[:, 0], answers[:, 1:]
    ranked_y = stats.rankdata(y, nan_policy="omit")
    ranked_x = stats.rankdata(x, axis=0, nan_policy="omit")
    known = ~np.isnan(x) & ~np.isnan(y)[:, None]
    a = np.where(known, ranked_x, 0.0)
    b = np.where(known, ranked_y[:, None], 0.0)
    generator = make_generator("drivers", *key)
    times = np.zeros(x.shape[1])
    for _ in range(RESAMPLES // 50):
        people = generator.integers(len(y), size=(50, len(y)))
        drawn = np.array([np.bincount(one, minlength=len(y)) for one in people], dtype=float)
        found = _correlate(drawn, a, b, known.astype(float))
        first = np.argsort(-np.nan_to_num(found, nan=-2.0), axis=1, kind="stable")[:, :TOP]
        times += np.bincount(first.ravel(), minlength=x.shape[1])
    return times / RESAMPLES


def _weighted_correlations(x: Array, y: Array, weights: Numbers) -> Array:
    covariance = np.cov(np.column_stack([x, y]), rowvar=False, aweights=np.asarray(weights, dtype=float))
    spread = np.sqrt(np.diag(covariance))
    return np.asarray(covariance / np.outer(spread, spread))


def _explain(inner: Array, outer: Array, subset: tuple[int, ...]) -> float:
    """R squared of a regression on a subset, from correlations alone."""
    chosen = list(subset)
    return float(outer[chosen] @ np.linalg.solve(inner[np.ix_(chosen, chosen)], outer[chosen])) if chosen else 0.0


def _correlate(drawn: Array, a: Array, b: Array, known: Array) -> Array:
    """Correlations of the columns of a and b, one row for each row of counts in `drawn`."""
    n, sum_a, sum_b = drawn @ known, drawn @ a, drawn @ b
    with np.errstate(divide="ignore", invalid="ignore"):
        together = drawn @ (a * b) - sum_a * sum_b / n
        spread = (drawn @ a**2 - sum_a**2 / n) * (drawn @ b**2 - sum_b**2 / n)
        return np.asarray(together / np.sqrt(np.where(spread > 0, spread, np.nan)))
