"""Signals: which weeks of a series are more than the noise it always has.

Process-behaviour charts (XmR): limits are the mean of the points before, plus and minus 2.66 mean moving
ranges, so a point never judges itself. Weeks that are left out (holidays, weeks without an event) are
stepped over; weeks without coverage break the chain of moving ranges. Source: Wheeler, Understanding
Variation; NHS England, Making Data Count.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from metrics.metric import Better, Verdict

Array = npt.NDArray[np.float64]

RANGE_TO_LIMIT = 2.66  # 3 / 1.128, for moving ranges of two points
RANGE_TO_SEGMENT_LIMIT = 3.54
SCREEN = 3.267  # the upper limit of a moving range, in mean moving ranges
WINDOW_POINTS = 52
WINDOW_WEEKS = 104
POINTS_TO_DRAW = 12
POINTS_TO_ALERT = 26
RUN = 7

LIMIT_COLUMNS = ["series", "period", "mean", "lower", "upper", "lower_cut", "upper_cut", "points", "drawn", "alerting"]
SIGNAL_COLUMNS = ["series", "period", "rule", "direction", "length", "since", "alert"]


@dataclass(frozen=True)
class Limits:
    """The natural limits of a run of points, in their unit."""

    mean: float
    lower: float
    upper: float
    mean_range: float


def limits(values: npt.ArrayLike, *, screened: bool = True) -> Limits:
    """Limits over all points given: mean and 2.66 mean moving ranges, the ranges screened once unless told not to.

    A nan breaks the chain of ranges. Fewer than two points give nan.
    """
    points = np.asarray(values, dtype=float)
    ranges = np.abs(np.diff(points))
    mean, mean_range = _mean(points), _mean_range(ranges[None, :], screened=screened)[0]
    return Limits(mean, mean - RANGE_TO_LIMIT * mean_range, mean + RANGE_TO_LIMIT * mean_range, float(mean_range))


def find_limits(frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Limits and signals of many weekly series.

    `frame` has one row per series and week, in any order: series, period (ISO day), value (nan where not
    covered or withheld), used (takes part in limits and can signal), is_share, is_segment, and rebase (True in
    the first week after which limits start anew). Returns frames with LIMIT_COLUMNS (one row per used point
    with at least 12 points before it) and SIGNAL_COLUMNS.
    """
    if frame.empty or not frame["used"].any():
        return pd.DataFrame(columns=LIMIT_COLUMNS), pd.DataFrame(columns=SIGNAL_COLUMNS)
    packed = _pack(frame)
    bounds = _bound(packed)
    return _limit_rows(packed, bounds), _signal_rows(packed, bounds)


def quarter_verdict(
    difference: float, better: Better, weeks: pd.DataFrame, *, minimum_run: int = RUN
) -> Verdict:
    """Whether a quarter's behaviour number may be called improved or declined.

    `weeks` holds the signals of the weekly series in that quarter (rule, direction, period). All must hold: the
    difference is not nought; the weeks have on its side a run of 7 or two points outside the limits; none points
    the other way. Otherwise "not tested".
    """
    if np.isnan(difference) or difference == 0 or better is Better.NEITHER:
        return Verdict.NOT_TESTED
    side = "up" if difference > 0 else "down"
    strong = weeks[weeks["rule"].isin(["run", "outside"])]
    same = strong[strong["direction"] == side]
    has_run = bool(((same["rule"] == "run") & (same["length"] >= minimum_run)).any())
    outside = int((same["rule"] == "outside").sum())
    if (strong["direction"] != side).any() or not (has_run or outside >= 2):
        return Verdict.NOT_TESTED
    return Verdict.IMPROVED if (side == "up") is (better is Better.HIGHER) else Verdict.DECLINED


@dataclass(frozen=True)
class _Packed:
    """Used points of every series moved to the left: arrays of series x points, nan beyond a series' last."""

    series: npt.NDArray[np.int64]
    values: Array
    weeks: Array
    chained: npt.NDArray[np.bool_]
    since_rebase: npt.NDArray[np.int64]
    periods: npt.NDArray[np.object_]
    is_share: npt.NDArray[np.bool_]
    is_segment: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class _Bounds:
    """For each point: mean, mean range and number of the points before it that its limits rest on."""

    mean: Array
    mean_range: Array
    points: npt.NDArray[np.int64]

    def limit(self, side: int, factor: float = RANGE_TO_LIMIT) -> Array:
        return np.asarray(self.mean + side * factor * self.mean_range)


def _pack(frame: pd.DataFrame) -> _Packed:
    ordered = frame.sort_values(["series", "period"], ignore_index=True)
    gap = ordered["value"].isna().groupby(ordered["series"]).cumsum()
    era = ordered["rebase"].groupby(ordered["series"]).cumsum()
    used = ordered[ordered["used"] & ordered["value"].notna()].assign(gap=gap, era=era)
    row, series = pd.factorize(used["series"])
    column = used.groupby("series").cumcount().to_numpy()
    shape = (len(series), int(column.max()) + 1)
    values, weeks = np.full(shape, np.nan), np.full(shape, np.nan)
    gaps, eras = np.full(shape, -1), np.full(shape, -1)
    periods = np.full(shape, "", dtype=object)
    values[row, column] = used["value"].to_numpy(dtype=float)
    weeks[row, column] = [date.fromisoformat(period).toordinal() / 7 for period in used["period"]]
    gaps[row, column], eras[row, column] = used["gap"], used["era"]
    periods[row, column] = used["period"].to_numpy(dtype=object)
    chained = np.zeros(shape, dtype=bool)
    chained[:, 1:] = (gaps[:, 1:] == gaps[:, :-1]) & (eras[:, 1:] == eras[:, :-1])
    starts_era = np.ones(shape, dtype=bool)
    starts_era[:, 1:] = eras[:, 1:] != eras[:, :-1]
    since = np.maximum.accumulate(np.where(starts_era, np.arange(shape[1]), 0), axis=1)
    first = used.drop_duplicates("series")
    return _Packed(
        np.asarray(series),
        values,
        weeks,
        chained,
        since,
        periods,
        first["is_share"].to_numpy(dtype=bool),
        first["is_segment"].to_numpy(dtype=bool),
    )


def _bound(packed: _Packed) -> _Bounds:
    shape = packed.values.shape
    mean, mean_range = np.full(shape, np.nan), np.full(shape, np.nan)
    points = np.zeros(shape, dtype=int)
    ranges = np.full(shape, np.nan)
    ranges[:, 1:] = np.where(packed.chained[:, 1:], np.abs(np.diff(packed.values, axis=1)), np.nan)
    for place in range(2, shape[1]):
        window = slice(max(0, place - WINDOW_POINTS), place)
        before = np.arange(window.start, place)
        allowed = (before >= packed.since_rebase[:, [place]]) & (
            packed.weeks[:, window] >= packed.weeks[:, [place]] - WINDOW_WEEKS
        )
        count = allowed.sum(axis=1)
        # A range belongs to the window only with both of its points, so the first point's range is not in it.
        inside = allowed & np.concatenate([np.zeros((shape[0], 1), dtype=bool), allowed[:, :-1]], axis=1)
        enough = (count >= 2) & inside.any(axis=1) & ~np.isnan(packed.values[:, place])
        if not enough.any():
            continue
        mean[enough, place] = np.nanmean(np.where(allowed, packed.values[:, window], np.nan)[enough], axis=1)
        mean_range[enough, place] = _mean_range(np.where(inside, ranges[:, window], np.nan)[enough], screened=True)
        points[:, place] = np.where(enough, count, 0)
    return _Bounds(mean, mean_range, points)


def _limit_rows(packed: _Packed, bounds: _Bounds) -> pd.DataFrame:
    row, column = np.nonzero((bounds.points >= POINTS_TO_DRAW) & ~np.isnan(bounds.mean_range))
    lower, upper = bounds.limit(-1)[row, column], bounds.limit(+1)[row, column]
    is_share = packed.is_share[row]
    return pd.DataFrame(
        {
            "series": packed.series[row],
            "period": packed.periods[row, column],
            "mean": bounds.mean[row, column],
            "lower": np.where(is_share, np.maximum(lower, 0), lower),
            "upper": np.where(is_share, np.minimum(upper, 1), upper),
            "lower_cut": is_share & (lower < 0),
            "upper_cut": is_share & (upper > 1),
            "points": bounds.points[row, column],
            "drawn": True,
            "alerting": bounds.points[row, column] >= POINTS_TO_ALERT,
        },
        columns=LIMIT_COLUMNS,
    )


def _signal_rows(packed: _Packed, bounds: _Bounds) -> pd.DataFrame:
    found = []
    for side, direction in ((1, "up"), (-1, "down")):
        outside = _outside(packed, bounds, side)
        run = _all_of(side * (packed.values[:, None, :] - bounds.mean[:, :, None]) > 0, RUN)
        rising = _streak(side * np.diff(packed.values, axis=1, prepend=np.nan) > 0, RUN - 1)
        near = _two_of_three(packed, bounds, side)
        for rule, marks, length in (
            ("outside", outside, 1),
            ("run", run, RUN),
            ("trend", rising, RUN),
            ("two of three", near, 2),
        ):
            found.append(_rows(packed, bounds, marks, rule, direction, length))
    rows = pd.concat(found, ignore_index=True)
    return rows.sort_values(["series", "period", "rule", "direction"], ignore_index=True)


def _outside(packed: _Packed, bounds: _Bounds, side: int) -> npt.NDArray[np.bool_]:
    """Beyond the limit; a segment beyond a wider one, or beyond the limit twice running. A cut limit cannot signal."""
    beyond = side * (packed.values - bounds.limit(side)) > 0
    wide = side * (packed.values - bounds.limit(side, RANGE_TO_SEGMENT_LIMIT)) > 0
    again = beyond.copy()
    again[:, 0] = False
    again[:, 1:] &= beyond[:, :-1]
    return np.where(packed.is_segment[:, None], wide | again, beyond) & _can_signal(packed, bounds, side)


def _can_signal(packed: _Packed, bounds: _Bounds, side: int) -> npt.NDArray[np.bool_]:
    limit = bounds.limit(side)
    is_cut = packed.is_share[:, None] & ((limit < 0) | (limit > 1))
    return (bounds.points >= POINTS_TO_DRAW) & ~is_cut & ~np.isnan(bounds.mean_range)


def _all_of(beside: npt.NDArray[np.bool_], length: int) -> npt.NDArray[np.bool_]:
    """Points that end a run: they and the `length` - 1 before them all lie on one side of the first one's mean.

    `beside[series, start, point]` says whether a point lies on the side of the mean that held before `start`.
    """
    series, points, _ = beside.shape
    marks = np.zeros((series, points), dtype=bool)
    for end in range(length - 1, points):
        start = end - length + 1
        marks[:, end] = beside[:, start, start : end + 1].all(axis=1)
    return marks


def _streak(steps: npt.NDArray[np.bool_], length: int) -> npt.NDArray[np.bool_]:
    """Points that end `length` steps in one direction."""
    marks = np.zeros(steps.shape, dtype=bool)
    for end in range(length, steps.shape[1]):
        marks[:, end] = steps[:, end - length + 1 : end + 1].all(axis=1)
    return marks


def _two_of_three(packed: _Packed, bounds: _Bounds, side: int) -> npt.NDArray[np.bool_]:
    """Points beyond two thirds of a limit, as was one of the two before; limits are those before the first of the three."""
    marks = np.zeros(packed.values.shape, dtype=bool)
    inner = bounds.limit(side, RANGE_TO_LIMIT * 2 / 3)
    for end in range(2, packed.values.shape[1]):
        beyond = side * (packed.values[:, end - 2 : end + 1] - inner[:, [end - 2]]) > 0
        marks[:, end] = beyond[:, 2] & (beyond.sum(axis=1) >= 2)
    return marks & _can_signal(packed, bounds, side)


def _rows(
    packed: _Packed, bounds: _Bounds, marks: npt.NDArray[np.bool_], rule: str, direction: str, length: int
) -> pd.DataFrame:
    marked = marks & (bounds.points >= POINTS_TO_DRAW)
    in_a_row = np.zeros(marked.shape, dtype=int)
    for place in range(marked.shape[1]):
        before = in_a_row[:, place - 1] if place else 0
        in_a_row[:, place] = np.where(marked[:, place], before + 1, 0)
    row, column = np.nonzero(marked)
    grown = length - 1 + in_a_row[row, column] if rule in ("run", "trend") else np.full(len(row), length)
    first = np.maximum(column - grown + 1, 0)
    return pd.DataFrame(
        {
            "series": packed.series[row],
            "period": packed.periods[row, column],
            "rule": rule,
            "direction": direction,
            "length": grown,
            "since": packed.periods[row, first],
            "alert": (rule == "outside") & (bounds.points[row, column] >= POINTS_TO_ALERT),
        },
        columns=SIGNAL_COLUMNS,
    )


def _mean(values: Array) -> float:
    return float(np.nanmean(values)) if np.isfinite(values).any() else float("nan")


def _mean_range(ranges: Array, *, screened: bool) -> Array:
    """Mean of each row of moving ranges, those beyond 3.267 means left out once."""
    with np.errstate(invalid="ignore"):
        count = np.sum(~np.isnan(ranges), axis=1)
        mean = np.nansum(ranges, axis=1) / np.where(count, count, np.nan)
        if not screened:
            return np.asarray(mean)
        kept = np.where(ranges > SCREEN * mean[:, None], np.nan, ranges)
        left = np.sum(~np.isnan(kept), axis=1)
        return np.asarray(np.nansum(kept, axis=1) / np.where(left, left, np.nan))
