"""Composition: how much of a change between waves is real, and how much comes from who answered.

A score can fall although no group's score fell, because a group with low scores answered more. Kitagawa's split says
which: the part that the groups changed at their mean weights, and the part that their weights changed.
"""

from collections.abc import Mapping

import duckdb
import numpy as np
import pandas as pd
from scipy import stats

from metrics.metric import Better, Grain, Metric, Source, Unit
from metrics.pooling import NOT_STATED, POOL, Pools, find_pools
from metrics.statistics import (
    MINIMUM,
    Array,
    mean_standard_error,
    nps_standard_error,
    share_standard_error,
    split_change,
)
from metrics.survey_counts import read_counts
from metrics.survey_frames import add_results, judge_together

MOST_ABSENT = 0.10

COMPOSITION_CARDS = (
    Metric(
        name="change_split",
        title="Real change and change of the mix",
        question="How much of the change is real, and how much comes from who answered?",
        formula="real: sum over groups of (rate now - rate before) x mean of the two weights; composition: sum of (weight now - weight before) x mean of the two rates; weights are shares of respondents, groups those of the first dimension",
        unit=Unit.POINTS,
        better=Better.HIGHER,
        grains=(Grain.WAVE,),
        needs=(Source.SURVEY,),
        breakdown="measure:item or construct or index:part, measure being favourable, score, index or nps and part real or composition",
        reading="In points; the two parts add up to the change between the waves. Only the real part is tested: members feel more or less only where it is beyond chance.",
        reference="Kitagawa 1955, components of a difference between two rates.",
        caveats=f"It knows one dimension, the first of the settings; the mix may have moved in others. Groups without answers in one of the waves, and groups too small to be shown, count as one; no split where groups without answers hold more than {MOST_ABSENT:.0%} of a wave. The margin takes the weights as they were; false discoveries among the real parts of one wave are held at 10 %. With linked waves panel_change says more.",
        practices=("track-over-time", "inclusivity"),
    ),
)

# Sums over the respondents of a group, so that groups can be pooled; `square` is of scores, `share_square` of own shares.
_SUMS = (
    "n", "people", "total", "square", "favourable", "promoters", "detractors", "share_total", "share_square", "population",
)  # fmt: skip


def measure_change_splits(connection: duckdb.DuckDBPyConnection, dimension: str, k: int) -> None:
    """Add the split of every change of a closed wave over one dimension. `k` is the largest threshold of any role."""
    counts = read_counts(connection)
    pools = find_pools(counts, k)
    sums = _sum_up(counts[counts["dimension"].isin(["all", dimension])])
    pairs = connection.execute(
        "select wave, previous from survey_waves where closed_on is not null and previous is not null order by position"
    ).fetchall()
    rows = [row for wave, previous in pairs for row in _split_wave(sums, pools, dimension, wave, previous)]
    if rows:
        frame = pd.DataFrame(rows).assign(metric="change_split", dimension=dimension, segment="all")
        judged = pd.concat([judge_together(part) for _, part in frame.groupby("period")], ignore_index=True)
        add_results(connection, judged.drop(columns="level"))


def _sum_up(counts: pd.DataFrame) -> pd.DataFrame:
    """Counts with their sums of squares, from n, totals and sample deviations."""
    spread = counts["deviation"].fillna(0) ** 2 * (counts["n"] - 1)
    share_spread = counts["share_deviation"].fillna(0) ** 2 * (counts["n"] - 1)
    return counts.assign(
        square=spread + counts["total"] ** 2 / counts["n"],
        share_square=share_spread + counts["share_total"] ** 2 / counts["n"],
    )


def _split_wave(sums: pd.DataFrame, pools: Pools, dimension: str, wave: str, previous: str) -> list[dict[str, object]]:
    before, now = sums[sums["wave"] == previous], sums[sums["wave"] == wave]
    rows: list[dict[str, object]] = []
    splits: dict[str, tuple[Array, Array]] = {}
    for (level, breakdown), part in now.groupby(["level", "breakdown"]):
        earlier = before[(before["level"] == level) & (before["breakdown"] == breakdown)]
        if earlier.empty or part["items"].iloc[0] != earlier["items"].iloc[0]:
            continue
        key = (str(level), str(breakdown), dimension)
        groups = _align(earlier, part, pools[wave, *key] | pools[previous, *key])
        if groups is None:
            continue
        kind = "nps" if (part["kind"] == "nps").any() else str(level)
        for measure in _MEASURES[kind]:
            if kind == "construct" and measure == "favourable":
                continue
            splits[f"{measure}:{breakdown}"] = split = _split(*groups, measure)
            rows += _rows(*groups, f"{measure}:{breakdown}", str(level), wave, split, _error(*groups, measure))
    rows += _construct_shares(sums, pools, dimension, wave, previous, splits)
    return rows


_MEASURES = {
    "item": ("favourable", "score"),
    "construct": ("favourable", "score"),
    "index": ("index",),
    "nps": ("nps",),
}


def _construct_shares(
    sums: pd.DataFrame,
    pools: Pools,
    dimension: str,
    wave: str,
    previous: str,
    splits: Mapping[str, tuple[Array, Array]],
) -> list[dict[str, object]]:
    """A construct's favourable share is the mean of its items' shares, and so is its split; its error is that of own shares."""
    before, now = sums[sums["wave"] == previous], sums[sums["wave"] == wave]
    rows: list[dict[str, object]] = []
    for breakdown, part in now[now["level"] == "construct"].groupby("breakdown"):
        earlier = before[(before["level"] == "construct") & (before["breakdown"] == breakdown)]
        items = [f"favourable:{item}" for item in str(part["items"].iloc[0]).split(" ")]
        if earlier.empty or part["items"].iloc[0] != earlier["items"].iloc[0] or not all(i in splits for i in items):
            continue
        key = ("construct", str(breakdown), dimension)
        groups = _align(earlier, part, pools[wave, *key] | pools[previous, *key])
        if groups is not None:
            real = np.array([splits[item][0].sum() for item in items]) / len(items)
            composition = np.array([splits[item][1].sum() for item in items]) / len(items)
            error = _error(*groups, "own share")
            rows += _rows(*groups, f"favourable:{breakdown}", "construct", wave, (real, composition), error)
    return rows


def _align(before: pd.DataFrame, now: pd.DataFrame, pool: frozenset[str]) -> tuple[pd.DataFrame, pd.DataFrame] | None:
    """Both waves by the same groups; None where a wave has no groups or too many of its people are in groups that the other lacks.

    A pool that one wave lacks has nobody there, so nothing of its share can be real change.
    """
    sides = [_by_group(side) for side in (before, now)]
    if any(side is None for side in sides):
        return None
    first, second = (side for side in sides if side is not None)
    absent = first.index.symmetric_difference(second.index)
    for side in (first, second):
        if side.loc[side.index.isin(absent), "n"].sum() > MOST_ABSENT * side["n"].sum():
            return None
    away = pool | set(absent)
    pooled = [
        side.groupby(lambda name: POOL if name in away else name)
        .sum(min_count=1)
        .assign(population=_pool_people(side, away))
        for side in (first, second)
    ]
    names = pooled[0].index.union(pooled[1].index)
    first, second = (side.reindex(names).fillna({"n": 0.0, "people": 0.0}) for side in pooled)
    return first, second


def _by_group(side: pd.DataFrame) -> pd.DataFrame | None:
    """The sums of each group, and of those who stated none: the whole less the groups."""
    groups = side[side["dimension"] != "all"].set_index("segment")[list(_SUMS)].astype(float)
    whole = side[side["dimension"] == "all"].iloc[0]
    if groups.empty:
        return None
    rest = int(whole["n"]) - int(groups["n"].sum())
    if rest > 0:
        left = {name: float(whole[name]) - groups[name].sum() for name in _SUMS}
        groups.loc[NOT_STATED] = {**left, "n": rest, "population": np.nan}
    return groups


def _pool_people(side: pd.DataFrame, away: frozenset[str] | set[str]) -> pd.Series:
    """How many were invited of each group, nan for a pool of which one part is unknown."""
    known: pd.Series = side.groupby(lambda name: POOL if name in away else name)["population"].agg(
        lambda part: part.sum(skipna=False)
    )
    return known


def _split(before: pd.DataFrame, now: pd.DataFrame, measure: str) -> tuple[Array, Array]:
    rate_before, rate_now = _rate(before, measure), _rate(now, measure)
    return split_change(
        before["n"] / before["n"].sum(),
        rate_before.fillna(rate_now),
        now["n"] / now["n"].sum(),
        rate_now.fillna(rate_before),
    )


def _rate(groups: pd.DataFrame, measure: str) -> pd.Series:
    """Shares and nps as shares, scores as they are; `own share` is the mean of respondents' own favourable shares."""
    if measure == "nps":
        return (groups["promoters"] - groups["detractors"]) / groups["n"]
    column = {"favourable": "favourable", "own share": "share_total"}.get(measure, "total")
    return groups[column] / groups["n"]


def _error(before: pd.DataFrame, now: pd.DataFrame, measure: str) -> tuple[float, float]:
    """Standard error of the real part with the weights as they were, and its degrees of freedom (infinite for shares)."""
    weights = (before["n"] / before["n"].sum() + now["n"] / now["n"].sum()).to_numpy() / 2
    parts = [np.where(side["n"] > 0, (weights * _group_errors(side, measure)) ** 2, 0.0) for side in (before, now)]
    variance = float(sum(part.sum() for part in parts))
    if measure in ("favourable", "nps"):
        return np.sqrt(variance), np.inf
    with np.errstate(divide="ignore", invalid="ignore"):
        below = sum(
            float((part**2 / (side["n"] - 1).clip(lower=1)).sum())
            for part, side in zip(parts, (before, now), strict=True)
        )
    return np.sqrt(variance), variance**2 / below if below > 0 else np.inf


def _group_errors(side: pd.DataFrame, measure: str) -> Array:
    n, population = side["n"], side["population"].where(side["population"] >= side["n"])
    if measure == "favourable":
        return share_standard_error(side["favourable"] / n.where(n > 0), n, population)
    if measure == "nps":
        return nps_standard_error(side["promoters"] / n, side["detractors"] / n, n, population)
    total, square = ("share_total", "share_square") if measure == "own share" else ("total", "square")
    spread = np.maximum(side[square] - side[total] ** 2 / n, 0)
    deviation = np.sqrt(spread / (n - 1).where(n > 1))
    return mean_standard_error(
        deviation.fillna(deviation.mean()), n, population
    )  # one person does not say how they vary


def _rows(
    before: pd.DataFrame,
    now: pd.DataFrame,
    breakdown: str,
    level: str,
    wave: str,
    split: tuple[Array, Array],
    error: tuple[float, float],
) -> list[dict[str, object]]:
    factor = 100 if breakdown.startswith(("favourable:", "nps:")) else 1
    real, composition = (factor * float(part.sum()) for part in split)
    spread, freedom = factor * error[0], error[1]
    margin = spread * float(stats.t.ppf(0.975, freedom))
    fewest = min(before["n"].sum(), now["n"].sum())
    is_tested = fewest >= MINIMUM[level] and not np.isnan(spread)
    p = (1.0 if abs(real) < 1e-9 else 0.0) if spread == 0 else 2 * float(stats.t.sf(abs(real) / spread, freedom))
    both = {"period": wave, "level": level, "people": int(min(before["people"].sum(), now["people"].sum()))}
    return [
        both
        | {
            "breakdown": f"{breakdown}:real",
            "value": real,
            "low": real - margin,
            "high": real + margin,
            "p": p if is_tested else np.nan,
        },
        both | {"breakdown": f"{breakdown}:composition", "value": composition, "p": np.nan},
    ]
