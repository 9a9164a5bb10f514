"""Signals: which weeks of a series are more than the noise it always has.

Process-behaviour charts (XmR): limits are the mean of the points before, plus and minus 2.66 mean moving
ranges, so a point never judges itself. Weeks that are left out (holidays, weeks without an event) are
stepped over; weeks without coverage break the chain of moving ranges. Source: Wheeler, Understanding
Variation; NHS England, Making Data Count.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from metrics.metric import Better, Verdict

Array = npt.NDArray[np.float64]
Marks = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int64]

RANGE_TO_LIMIT = 2.66  # 3 / 1.128, for moving ranges of two points
RANGE_TO_SEGMENT_LIMIT = 3.54  # many segments are watched at once, so one alone needs more
SCREEN = 3.267  # the upper limit of a moving range, in mean moving ranges
WINDOW_POINTS = 52
WINDOW_WEEKS = 104
POINTS_TO_DRAW = 12
POINTS_TO_ALERT = 26
RUN = 7
QUARTERS_OF_THEIR_OWN = 12

LIMIT_COLUMNS = ["series", "period", "mean", "lower", "upper", "lower_cut", "upper_cut", "points", "drawn", "alerting"]
SIGNAL_COLUMNS = ["series", "period", "rule", "direction", "length", "since", "alert"]

# Floats of equal numbers differ in their last digits; a constant series must not lie beside its own mean.
_SLACK = 1e-9


@dataclass(frozen=True)
class Limits:
    """The natural limits of a run of points, in their unit."""

    mean: float
    lower: float
    upper: float
    mean_range: float

    def side_of(self, value: float) -> str:
        """ "up" above the upper limit, "down" below the lower one, "" between them or where there are no limits."""
        slack = _SLACK * (abs(self.mean) + self.mean_range)
        if value > self.upper + slack:
            return "up"
        return "down" if value < self.lower - slack else ""


def limits(values: npt.ArrayLike, *, screened: bool = True) -> Limits:
    """Limits over all points given: mean and 2.66 mean moving ranges, the ranges screened once unless told not to.

    A nan breaks the chain of ranges. Fewer than two points in a row give nan.
    """
    points = np.asarray(values, dtype=float)
    mean = float(np.nanmean(points)) if np.isfinite(points).any() else float("nan")
    mean_range = float(_mean_range(np.abs(np.diff(points))[None, :], screened=screened)[0])
    return Limits(mean, mean - RANGE_TO_LIMIT * mean_range, mean + RANGE_TO_LIMIT * mean_range, mean_range)


def find_limits(frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Limits and signals of many weekly series.

    `frame` has one row per series and week, in any order: series, period (ISO day of the Monday), value, used
    (takes part in limits and can signal), is_share, is_segment, and rebase (True in the first week after which
    limits start anew). A used value that is nan is not used. `stretch`, a number that changes where coverage was
    missing, says between which weeks no moving range runs; without it every nan is missing coverage. A week without
    a row is stepped over.

    Returns frames with LIMIT_COLUMNS (one row per used point with at least 12 points before it) and SIGNAL_COLUMNS
    (one row per point at which a rule holds; `length` points lie in it, the first at `since`).
    """
    if not (frame["used"].astype(bool) & frame["value"].notna()).any():
        return pd.DataFrame(columns=LIMIT_COLUMNS), pd.DataFrame(columns=SIGNAL_COLUMNS)
    packed = _pack(frame)
    bounds = _bound(packed)
    return _limit_rows(packed, bounds), _signal_rows(packed, bounds)


def quarter_verdict(difference: float, better: Better, signals: Mapping[str, Iterable[Any]] | pd.DataFrame) -> Verdict:
    """Whether a quarter's behaviour number may be called improved or declined; "not tested" unless all holds.

    `signals` are those of the number's weekly series in the quarter, as columns rule, direction and length. On the side
    of the difference from the named comparison there must be two weeks outside the limits, or a run of 7 that is completed
    in the quarter or has 7 points in it; a run left over from the quarter before says nothing about this one. No
    rule may point the other way.
    """
    side = _side(difference)
    if not side or better is Better.NEITHER or any(direction != side for direction in signals["direction"]):
        return Verdict.NOT_TESTED
    lengths: dict[str, list[int]] = {"run": [], "outside": []}
    for rule, length in zip(signals["rule"], signals["length"], strict=True):
        lengths.setdefault(rule, []).append(length)
    has_run = RUN in lengths["run"] or len(lengths["run"]) >= RUN
    has_two_outside = max(lengths["outside"], default=0) >= 2 or len(lengths["outside"]) >= 2
    return _verdict(side, better) if has_run or has_two_outside else Verdict.NOT_TESTED


def verdict_without_weeks(difference: float, better: Better, value: float, before: npt.ArrayLike) -> Verdict:
    """The same for a number that has no weekly series: it lies outside the limits of its own 12 or more quarters before."""
    points = np.asarray(before, dtype=float)
    side = _side(difference)
    if not side or better is Better.NEITHER or np.count_nonzero(~np.isnan(points)) < QUARTERS_OF_THEIR_OWN:
        return Verdict.NOT_TESTED
    return _verdict(side, better) if limits(points).side_of(value) == side else Verdict.NOT_TESTED


@dataclass(frozen=True)
class _Packed:
    """Used points of every series moved to the left: arrays of series x points, nan beyond a series' last.

    `chained` says that a range runs from the point before; `since_rebase` is the first place of a point's era.
    """

    series: npt.NDArray[Any]
    values: Array
    weeks: Array
    chained: Marks
    since_rebase: Places
    periods: npt.NDArray[np.object_]
    is_share: Marks
    is_segment: Marks


@dataclass(frozen=True)
class _Bounds:
    """For each point: mean, mean range and number of the points before it that its limits rest on.

    `slack` is by how much a point must pass a line to lie beyond it.
    """

    mean: Array
    mean_range: Array
    points: Places
    slack: Array

    def limit(self, side: int, factor: float = RANGE_TO_LIMIT) -> Array:
        return np.asarray(self.mean + side * factor * self.mean_range)


@dataclass(frozen=True)
class _Found:
    """Where a rule holds, and how many points lie in it, the point itself included."""

    marks: Marks
    length: Places
    first: Places


def _pack(frame: pd.DataFrame) -> _Packed:
    ordered = frame.sort_values(["series", "period"], ignore_index=True)
    if "stretch" not in ordered:
        ordered["stretch"] = ordered["value"].isna().groupby(ordered["series"]).cumsum()
    ordered["era"] = ordered["rebase"].astype(int).groupby(ordered["series"]).cumsum()
    ordered["week"] = pd.to_datetime(ordered["period"]).to_numpy().astype("datetime64[D]").astype(float) / 7
    used = ordered[ordered["used"].astype(bool) & ordered["value"].notna()]
    row, series = pd.factorize(used["series"])
    column = used.groupby("series").cumcount().to_numpy()
    shape = (len(series), int(column.max()) + 1)

    def spread(name: str, filler: Any, kind: Any = float) -> npt.NDArray[Any]:
        filled = np.full(shape, filler, dtype=kind)
        filled[row, column] = used[name].to_numpy(dtype=kind)
        return filled

    stretches, eras = spread("stretch", np.nan), spread("era", np.nan)
    starts_era = np.ones(shape, dtype=bool)
    starts_era[:, 1:] = eras[:, 1:] != eras[:, :-1]
    chained = ~starts_era
    chained[:, 1:] &= stretches[:, 1:] == stretches[:, :-1]
    first = used.drop_duplicates("series")
    return _Packed(
        series=np.asarray(series),
        values=spread("value", np.nan),
        weeks=spread("week", np.nan),
        chained=chained,
        since_rebase=np.maximum.accumulate(np.where(starts_era, np.arange(shape[1]), 0), axis=1),
        periods=spread("period", "", object),
        is_share=first["is_share"].to_numpy(dtype=bool),
        is_segment=first["is_segment"].to_numpy(dtype=bool),
    )


def _bound(packed: _Packed) -> _Bounds:
    shape = packed.values.shape
    mean, mean_range = np.full(shape, np.nan), np.full(shape, np.nan)
    points = np.zeros(shape, dtype=np.int64)
    ranges = np.full(shape, np.nan)
    ranges[:, 1:] = np.where(packed.chained[:, 1:], np.abs(np.diff(packed.values, axis=1)), np.nan)
    for place in range(2, shape[1]):
        window = slice(max(0, place - WINDOW_POINTS), place)
        allowed = (np.arange(window.start, place) >= packed.since_rebase[:, [place]]) & (
            packed.weeks[:, window] >= packed.weeks[:, [place]] - WINDOW_WEEKS
        )
        # A range belongs to the window only with both of its points, so the first point's range is not in it.
        inside = allowed.copy()
        inside[:, 0] = False
        inside[:, 1:] &= allowed[:, :-1]
        count = allowed.sum(axis=1)
        total = np.where(allowed, packed.values[:, window], 0).sum(axis=1)
        mean[:, place] = np.where(count > 0, total / np.maximum(count, 1), np.nan)
        mean_range[:, place] = _mean_range(np.where(inside, ranges[:, window], np.nan), screened=True)
        points[:, place] = count
    has_limits = ~np.isnan(mean_range) & ~np.isnan(packed.values)
    return _Bounds(mean, mean_range, np.where(has_limits, points, 0), _SLACK * (np.abs(mean) + mean_range))


def _mean_range(ranges: Array, *, screened: bool) -> Array:
    """Mean of each row of moving ranges, those beyond 3.267 means left out once; nan where there are none."""
    mean = _mean_of_rows(ranges)
    return _mean_of_rows(np.where(ranges > SCREEN * mean[:, None], np.nan, ranges)) if screened else mean


def _mean_of_rows(values: Array) -> Array:
    count = np.count_nonzero(~np.isnan(values), axis=1)
    return np.asarray(np.where(count > 0, np.nansum(values, axis=1) / np.maximum(count, 1), np.nan))


def _limit_rows(packed: _Packed, bounds: _Bounds) -> pd.DataFrame:
    row, column = np.nonzero(bounds.points >= POINTS_TO_DRAW)
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
    parts = []
    for side, direction in ((1, "up"), (-1, "down")):
        for rule, found in _apply_rules(packed, bounds, side):
            row, column = np.nonzero(found.marks)
            is_alert = (rule == "outside") & (bounds.points[row, column] >= POINTS_TO_ALERT)
            part = {
                "series": packed.series[row],
                "period": packed.periods[row, column],
                "rule": rule,
                "direction": direction,
                "length": found.length[row, column],
                "since": packed.periods[row, found.first[row, column]],
                "alert": is_alert,
            }
            parts.append(pd.DataFrame(part, columns=SIGNAL_COLUMNS))
    signals = pd.concat(parts, ignore_index=True)
    return signals.sort_values(["series", "period", "rule", "direction"], ignore_index=True)


def _apply_rules(packed: _Packed, bounds: _Bounds, side: int) -> Iterator[tuple[str, _Found]]:
    """The four rules on one side. None looks back over a rebase, or uses limits of fewer than 12 points."""
    drawn = bounds.points >= POINTS_TO_DRAW
    limit = bounds.limit(side)
    can_signal = drawn & ~(packed.is_share[:, None] & ((limit < 0) | (limit > 1)))
    yield "outside", _outside(packed, bounds, side, can_signal)
    yield "run", _run(packed, bounds, side, drawn)
    yield "trend", _trend(packed, side, drawn)
    yield "two of three", _two_of_three(packed, bounds, side, can_signal)


def _outside(packed: _Packed, bounds: _Bounds, side: int, can_signal: Marks) -> _Found:
    """Beyond the limit; a segment beyond a wider one, or beyond the limit in two weeks without a gap between them."""
    beyond = can_signal & (side * (packed.values - bounds.limit(side)) > bounds.slack)
    wide = can_signal & (side * (packed.values - bounds.limit(side, RANGE_TO_SEGMENT_LIMIT)) > bounds.slack)
    in_a_row = _count_in_a_row(beyond, packed.chained)
    is_segment = packed.is_segment[:, None]
    marks = np.where(is_segment, wide | (in_a_row >= 2), beyond)
    return _found(marks, np.where(is_segment, in_a_row, 1))


def _run(packed: _Packed, bounds: _Bounds, side: int, drawn: Marks) -> _Found:
    """Seven points or more on one side of the mean that held before the first of them.

    Of all runs that end in a point the longest counts. One pass for each first point, over all series at once.
    """
    length = np.zeros(packed.values.shape, dtype=np.int64)
    for start in range(packed.values.shape[1] - RUN + 1):
        ahead = slice(start, None)
        beside = side * (packed.values[:, ahead] - bounds.mean[:, [start]]) > bounds.slack[:, [start]]
        beside &= drawn[:, [start]] & (packed.since_rebase[:, ahead] <= start)
        lasting = np.logical_and.accumulate(beside, axis=1)
        length[:, ahead] = np.maximum(length[:, ahead], lasting * np.arange(1, lasting.shape[1] + 1))
    return _found(length >= RUN, length)


def _trend(packed: _Packed, side: int, drawn: Marks) -> _Found:
    """Seven points or more each beyond the one before."""
    steps = np.zeros(packed.values.shape, dtype=bool)
    steps[:, 1:] = side * np.diff(packed.values, axis=1) > _SLACK * np.abs(packed.values[:, 1:])
    same_era = packed.since_rebase < np.arange(packed.values.shape[1])
    length = 1 + _count_in_a_row(steps & same_era)
    return _found(drawn & (length >= RUN), length)


def _two_of_three(packed: _Packed, bounds: _Bounds, side: int, can_signal: Marks) -> _Found:
    """Beyond two thirds of a limit, as was one of the two points before; the limits are those before the first of the three."""
    marks = np.zeros(packed.values.shape, dtype=bool)
    length = np.ones(packed.values.shape, dtype=np.int64)
    inner = bounds.limit(side, RANGE_TO_LIMIT * 2 / 3)
    for end in range(2, packed.values.shape[1]):
        start = end - 2
        three = side * (packed.values[:, start : end + 1] - inner[:, [start]]) > bounds.slack[:, [start]]
        usable = can_signal[:, start] & (packed.since_rebase[:, end] <= start)
        marks[:, end] = usable & three[:, 2] & (three[:, 0] | three[:, 1])
        length[:, end] = np.where(three[:, 0], 3, 2)
    return _found(marks, length)


def _count_in_a_row(marks: Marks, chained: Marks | None = None) -> Places:
    """How many marked points in a row end in each point; where given, a point that is not chained begins anew."""
    counts = np.zeros(marks.shape, dtype=np.int64)
    for place in range(marks.shape[1]):
        before = counts[:, place - 1] if place else np.zeros(len(marks), dtype=np.int64)
        carried = before if chained is None else np.where(chained[:, place], before, 0)
        counts[:, place] = np.where(marks[:, place], carried + 1, 0)
    return counts


def _found(marks: Marks, length: Places) -> _Found:
    return _Found(marks, length, np.maximum(np.arange(marks.shape[1]) - length + 1, 0))


def _side(difference: float) -> str:
    if np.isnan(difference) or abs(difference) <= _SLACK:
        return ""
    return "up" if difference > 0 else "down"


def _verdict(side: str, better: Better) -> Verdict:
    return Verdict.IMPROVED if (side == "up") is (better is Better.HIGHER) else Verdict.DECLINED
