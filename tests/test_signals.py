"""Limits and signals of weekly series: small series a person can check, published figures, and an oracle in plain loops."""

import math
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.metric import Better, Verdict
from metrics.signals import RANGE_TO_LIMIT, find_limits, limits, quarter_verdict, verdict_without_weeks

NAN = math.nan
MONDAY = date(2024, 1, 1)
# 26 points whose mean is 11 and whose every moving range is 2: limits 11 - 5.32 and 11 + 5.32.
QUIET = [10.0, 12.0] * 13


def week(number: int) -> str:
    return (MONDAY + timedelta(weeks=number)).isoformat()


def weeks_of(
    values: Sequence[float],
    *,
    series: int = 1,
    left_out: Sequence[int] = (),
    rebase: Sequence[int] = (),
    is_share: bool = False,
    is_segment: bool = False,
) -> pd.DataFrame:
    """One series, a row for each week from 1 January 2024; nan is a week without coverage."""
    return pd.DataFrame(
        {
            "series": series,
            "period": [week(number) for number in range(len(values))],
            "value": np.asarray(values, dtype=float),
            "used": [number not in left_out and not math.isnan(value) for number, value in enumerate(values)],
            "is_share": is_share,
            "is_segment": is_segment,
            "rebase": [number in rebase for number in range(len(values))],
        }
    )


def signals_of(frame: pd.DataFrame, rule: str) -> list[tuple[str, str, int, str]]:
    """Week, direction, length and first week of the signals of one rule."""
    signals = find_limits(frame)[1]
    found = signals[signals["rule"] == rule]
    return list(zip(found["period"], found["direction"], found["length"], found["since"], strict=True))


def test_limits_by_hand() -> None:
    assert round(3 / 1.128, 2) == RANGE_TO_LIMIT
    found = limits([10, 12, 11, 15])
    assert found.mean == (10 + 12 + 11 + 15) / 4
    assert found.mean_range == pytest.approx((2 + 1 + 4) / 3)
    assert found.upper == pytest.approx(12 + 2.66 * 7 / 3)
    assert found.lower == pytest.approx(12 - 2.66 * 7 / 3)


def test_ranges_are_screened_once() -> None:
    values = [0, 1, 2, 3, 4, 24]  # ranges 1 1 1 1 20: 20 is more than 3.267 x 24/5, 1 is not
    assert limits(values).mean_range == (1 + 1 + 1 + 1) / 4
    assert limits(values, screened=False).mean_range == (1 + 1 + 1 + 1 + 20) / 5
    assert limits(values).mean == (0 + 1 + 2 + 3 + 4 + 24) / 6


def test_a_gap_breaks_the_chain_of_ranges() -> None:
    assert limits([10, 12, NAN, 30, 31]).mean_range == (2 + 1) / 2
    assert math.isnan(limits([10, NAN, 12]).upper)
    assert math.isnan(limits([]).mean)


def test_weekly_active_members_of_a_real_community(reference: Path) -> None:
    days = pd.read_csv(reference / "nhsr-slack-analytics" / "slack_analytics_overview.csv")
    days["day"] = pd.to_datetime(days["Date"], format="%d/%m/%Y")
    fridays = days[days["day"].dt.day_of_week == 4].sort_values("day").tail(104)
    values = fridays["Weekly active members"].to_numpy(dtype=float)
    screened, plain = limits(values), limits(values, screened=False)
    assert [round(number, 1) for number in (screened.mean, screened.lower, screened.upper)] == [154.8, 116.7, 193.0]
    assert ((values < screened.lower) | (values > screened.upper)).sum() == 11
    assert [round(number, 1) for number in (plain.lower, plain.upper)] == [100.6, 209.0]
    assert ((values < plain.lower) | (values > plain.upper)).sum() == 7


def test_a_point_is_judged_by_the_points_before_it() -> None:
    rows, _ = find_limits(weeks_of([*QUIET, 50]))
    newest = rows.iloc[-1]
    assert (newest["period"], newest["points"], newest["mean"]) == (week(26), 26, 11)
    assert newest["upper"] == pytest.approx(11 + 2.66 * 2)
    assert newest["lower"] == pytest.approx(11 - 2.66 * 2)


def test_limits_are_drawn_from_12_points_and_alert_from_26() -> None:
    early = find_limits(weeks_of([*QUIET[:12], 50]))
    assert early[0]["points"].tolist() == [12]
    assert early[0]["alerting"].tolist() == [False]
    assert early[1][["rule", "direction", "alert"]].to_numpy().tolist() == [["outside", "up", False]]
    assert find_limits(weeks_of([*QUIET[:11], 50]))[0].empty
    for before, is_alert in ((25, False), (26, True)):
        signals = find_limits(weeks_of([*QUIET[:before], 50]))[1]
        assert signals.loc[signals["rule"] == "outside", "alert"].tolist() == [is_alert]


def test_limits_reach_back_52_points() -> None:
    rows, _ = find_limits(weeks_of([*[1000.0] * 5, *QUIET, *QUIET, 11]))
    assert rows.iloc[-1][["points", "mean"]].tolist() == [52, 11]


def test_limits_reach_back_104_weeks() -> None:
    every_third = [number for number in range(160) if number % 3]
    rows, _ = find_limits(weeks_of([11.0] * 160, left_out=every_third))
    # Week 159 looks back to week 55; its own weeks are 57, 60, … 156.
    assert rows.iloc[-1]["points"] == (156 - 57) / 3 + 1


def test_a_week_that_is_left_out_is_stepped_over() -> None:
    with_holiday = [*QUIET[:13], 0.0, *QUIET[13:], 50.0]
    rows, signals = find_limits(weeks_of(with_holiday, left_out=[13]))
    assert week(13) not in set(rows["period"])
    assert rows.iloc[-1][["points", "mean"]].tolist() == [26, 11]
    assert rows.iloc[-1]["upper"] == pytest.approx(11 + 2.66 * 2)
    assert signals["period"].tolist() == [week(27)]


def test_a_week_without_coverage_breaks_the_ranges_and_nothing_else() -> None:
    # Six pairs around 11, then six around 18: over the gap a range of 17 - 12 = 5, without it 2 everywhere.
    lower, higher = [10.0, 12.0] * 6, [17.0, 19.0] * 6
    after_gap = find_limits(weeks_of([*lower, NAN, *higher, 14.5]))[0].iloc[-1]
    in_a_row = find_limits(weeks_of([*lower, *higher, 14.5]))[0].iloc[-1]
    assert after_gap["mean"] == in_a_row["mean"] == (11 + 18) / 2
    assert after_gap["upper"] - after_gap["mean"] == pytest.approx(2.66 * 2)
    assert in_a_row["upper"] - in_a_row["mean"] == pytest.approx(2.66 * (11 * 2 + 5 + 11 * 2) / 23)


def test_stretches_say_where_coverage_was_missing() -> None:
    frame = weeks_of([*[10.0, 12.0] * 6, *[17.0, 19.0] * 6, 14.5])
    frame["stretch"] = [1] * 12 + [2] * 13
    assert find_limits(frame)[0].iloc[-1]["upper"] == pytest.approx(14.5 + 2.66 * 2)
    # A week in which there was nothing to measure is no gap when the stretch says so.
    frame = weeks_of([*QUIET[:13], NAN, *QUIET[13:], 11]).assign(stretch=1)
    without = weeks_of([*QUIET, 11])
    assert find_limits(frame)[0].iloc[-1]["upper"] == find_limits(without)[0].iloc[-1]["upper"]


def test_limits_start_anew_after_a_rebase() -> None:
    values = [*QUIET, *[30.0, 32.0] * 7]
    rows, signals = find_limits(weeks_of(values, rebase=[26]))
    after = rows[rows["period"] >= week(26)]
    assert after["period"].tolist() == [week(26 + 12), week(26 + 13)]
    assert after["points"].tolist() == [12, 13]
    assert after["mean"].tolist() == [31, pytest.approx((12 * 31 + 30) / 13)]
    assert signals.empty
    assert set(find_limits(weeks_of(values))[1]["rule"]) >= {"outside", "run"}


def test_limits_of_a_share_are_cut_and_a_cut_limit_cannot_signal() -> None:
    busy = [0.1, 0.3] * 13  # mean 0.2, ranges 0.2: limits -0.332 and 0.732
    rows, signals = find_limits(weeks_of([*busy, 0.0], is_share=True))
    newest = rows.iloc[-1]
    assert (newest["lower"], newest["lower_cut"], newest["upper_cut"]) == (0, True, False)
    assert newest["upper"] == pytest.approx(0.2 + 2.66 * 0.2)
    assert signals.empty
    assert signals_of(weeks_of([*busy, 0.8], is_share=True), "outside") == [(week(26), "up", 1, week(26))]
    assert find_limits(weeks_of([*busy, 0.0]))[0].iloc[-1]["lower"] == pytest.approx(0.2 - 2.66 * 0.2)


def test_a_segment_alone_needs_more() -> None:
    # Limits at 11 + 5.32 = 16.32, for a segment's single week 11 + 3.54 x 2 = 18.08.
    assert signals_of(weeks_of([*QUIET, 17.0]), "outside") == [(week(26), "up", 1, week(26))]
    assert signals_of(weeks_of([*QUIET, 17.0], is_segment=True), "outside") == []
    assert signals_of(weeks_of([*QUIET, 18.5], is_segment=True), "outside") == [(week(26), "up", 1, week(26))]


def test_two_weeks_in_a_row_are_enough_for_a_segment() -> None:
    twice = [*QUIET, 17.0, 17.4]  # the second is judged with 17 and its range of 5 among the points before
    found = signals_of(weeks_of(twice, is_segment=True), "outside")
    mean, mean_range = (26 * 11 + 17) / 27, (25 * 2 + 5) / 26
    assert mean + 2.66 * mean_range < 17.4 < mean + 3.54 * mean_range
    assert found == [(week(27), "up", 2, week(26))]
    with_gap = [*QUIET, 17.0, NAN, 17.4]
    assert signals_of(weeks_of(with_gap, is_segment=True), "outside") == []


def test_seven_points_on_one_side_of_the_mean_before_them() -> None:
    above = [12.0, 11.5, 12.0, 11.5, 12.0, 11.5]
    assert signals_of(weeks_of([*QUIET, 10.0, *above]), "run") == []
    found = signals_of(weeks_of([*QUIET, 10.0, *above, 12.0, 11.5]), "run")
    assert found == [(week(33), "up", 7, week(27)), (week(34), "up", 8, week(27))]


def test_a_run_marks_and_raises_no_alert() -> None:
    signals = find_limits(weeks_of([*QUIET, 10.0, *[11.5] * 8]))[1]
    assert set(signals["rule"]) == {"run"}
    assert not signals["alert"].any()


def test_seven_points_rising() -> None:
    rising = [10.5, 10.8, 11.1, 11.4, 11.7, 12.0]
    assert signals_of(weeks_of([*QUIET, *rising[1:]]), "trend") == []
    found = signals_of(weeks_of([*QUIET, 10.2, *rising]), "trend")
    assert found == [(week(32), "up", 7, week(26))]
    falling = [22 - value for value in [10.2, *rising]]
    assert signals_of(weeks_of([*QUIET[:-1], 10.0, *falling]), "trend") == [(week(32), "down", 7, week(26))]


def test_two_of_three_beyond_two_thirds_of_a_limit() -> None:
    # Two thirds of the way from 11 to 16.32 is 14.55.
    assert signals_of(weeks_of([*QUIET, 15.0, 11.0, 14.6]), "two of three") == [(week(28), "up", 3, week(26))]
    assert signals_of(weeks_of([*QUIET, 15.0, 11.0, 14.5]), "two of three") == []
    assert signals_of(weeks_of([*QUIET, 11.0, 15.0, 14.6]), "two of three") == [(week(28), "up", 2, week(27))]


def test_a_week_four_deviations_low_is_seen() -> None:
    """The catalogue: seen in 96 % of simulations; with a rule that leaves out "low" weeks in none."""
    noise = np.random.default_rng(4).normal(size=(500, 53))
    noise[:, -1] = -4
    many = pd.concat([weeks_of(values, series=number) for number, values in enumerate(noise)])
    signals = find_limits(many)[1]
    newest = signals[(signals["period"] == week(52)) & (signals["rule"] == "outside")]
    assert set(newest["direction"]) == {"down"}
    assert 0.93 < len(newest) / 500 <= 1


def test_many_series_in_any_order_are_each_judged_alone() -> None:
    draw = np.random.default_rng(7)
    each = [
        weeks_of(
            draw.integers(0, 20, size=length), series=number, left_out=[5, 30], rebase=[40], is_segment=number % 2 == 1
        )
        for number, length in enumerate((20, 90, 45, 130, 1))
    ]
    together = pd.concat(each).sample(frac=1, random_state=1)
    before = together.copy()
    alone = [find_limits(frame) for frame in each]
    for found, parts in zip(find_limits(together), zip(*alone, strict=True), strict=True):
        expected = pd.concat([part for part in parts if not part.empty], ignore_index=True)
        pd.testing.assert_frame_equal(found, expected)
    pd.testing.assert_frame_equal(together, before)


def test_nothing_used_gives_no_rows() -> None:
    for frame in (weeks_of([]), weeks_of([NAN, NAN]), weeks_of([1.0, 2.0], left_out=[0, 1])):
        assert [len(found) for found in find_limits(frame)] == [0, 0]


def plain_limits(values: Sequence[float], left_out: set[int], rebase: set[int]) -> dict[str, tuple[float, float, int]]:
    """Catalogue rule 4 for one series in plain loops: mean, upper limit and number of points for each drawn week."""
    found = {}
    for now in range(len(values)):
        start = max([day for day in rebase if day <= now], default=0)
        before = [w for w in range(start, now) if now - w <= 104 and w not in left_out and not math.isnan(values[w])][
            -52:
        ]
        if now in left_out or math.isnan(values[now]) or len(before) < 12:
            continue
        ranges = [
            abs(values[last] - values[first])
            for first, last in pairwise(before)
            if not any(math.isnan(values[between]) for between in range(first, last))
        ]
        if not ranges:
            continue
        kept = [moving for moving in ranges if moving <= 3.267 * sum(ranges) / len(ranges)]
        mean = sum(values[w] for w in before) / len(before)
        found[week(now)] = (mean, mean + 2.66 * sum(kept) / len(kept), len(before))
    return found


@st.composite
def histories(draw: st.DrawFn) -> dict[str, Any]:
    """Up to three years of weeks, some without coverage, some left out, limits started anew now and then."""
    values = draw(st.lists(st.one_of(*[st.integers(0, 50).map(float)] * 9, st.just(NAN)), min_size=1, max_size=150))
    places = st.sets(st.integers(0, len(values) - 1), max_size=1 + len(values) // 10)
    return {"values": values, "left_out": draw(places), "rebase": set(sorted(draw(places))[:2])}


@given(histories())
def test_limits_agree_with_plain_loops(history: dict[str, Any]) -> None:
    rows, _ = find_limits(weeks_of(**history))
    expected = plain_limits(**history)
    assert rows["period"].tolist() == list(expected)
    for row in rows.itertuples():
        assert (row.mean, row.upper, row.points) == pytest.approx(expected[row.period])


@given(histories(), st.integers(-100, 100))
def test_what_is_newest_changes_nothing_that_was_said_before(history: dict[str, Any], newest: int) -> None:
    """A point is not in its own limits, and neither limits nor signals of a week ever change afterwards."""
    values = history.pop("values")
    before = find_limits(weeks_of(values, **history))
    for found, earlier in zip(find_limits(weeks_of([*values, newest], **history)), before, strict=True):
        kept = found[found["period"] < week(len(values))].reset_index(drop=True)
        pd.testing.assert_frame_equal(kept, earlier, check_dtype=False)
    one, other = (find_limits(weeks_of([*values, last], **history))[0] for last in (newest, newest + 1000))
    pd.testing.assert_frame_equal(one, other)


@given(histories(), st.integers(-1000, 1000), st.sampled_from([0.001, 0.1, 3, 1e6]), st.sampled_from([1, -1]))
def test_shifting_and_scaling_a_series_shifts_and_scales_its_limits(
    history: dict[str, Any], shift: int, scale: float, sign: int
) -> None:
    rows, signals = find_limits(weeks_of(**history))
    moved = {**history, "values": [sign * scale * value + shift * scale for value in history["values"]]}
    moved_rows, moved_signals = find_limits(weeks_of(**moved))
    lower, upper = ("lower", "upper") if sign > 0 else ("upper", "lower")
    for mine, theirs in (("mean", "mean"), (lower, "lower"), (upper, "upper")):
        expected = sign * scale * rows[mine].to_numpy(dtype=float) + shift * scale
        np.testing.assert_allclose(moved_rows[theirs].to_numpy(dtype=float), expected, rtol=1e-9, atol=1e-7 * scale)
    turned = signals["direction"].map({"up": "down", "down": "up"}) if sign < 0 else signals["direction"]
    kinds = ["period", "rule", "direction", "length", "since", "alert"]
    expected_signals = signals.assign(direction=turned).sort_values(kinds)[kinds].to_numpy().tolist()
    assert moved_signals.sort_values(kinds)[kinds].to_numpy().tolist() == expected_signals


def signals_in_quarter(*rows: tuple[str, str, int]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["rule", "direction", "length"])


@pytest.mark.parametrize(
    ("signals", "says"),
    [
        ([("run", "up", 7)], True),
        ([("run", "up", 7), ("run", "up", 8)], True),
        ([("outside", "up", 1), ("outside", "up", 1)], True),
        ([("outside", "up", 2)], True),
        ([("run", "up", 8)], False),  # a run left over from the quarter before
        ([("run", "up", length) for length in range(8, 15)], True),  # left over, and seven of its points are here
        ([("outside", "up", 1)], False),
        ([("trend", "up", 7), ("two of three", "up", 2)], False),
        ([("run", "up", 7), ("outside", "down", 1)], False),
        ([("run", "up", 7), ("two of three", "down", 2)], False),
        ([], False),
    ],
)
def test_a_quarter_is_judged_only_when_everything_points_one_way(
    signals: list[tuple[str, str, int]], says: bool
) -> None:
    weekly = signals_in_quarter(*signals)
    assert quarter_verdict(0.1, Better.HIGHER, weekly) is (Verdict.IMPROVED if says else Verdict.NOT_TESTED)
    assert quarter_verdict(0.1, Better.LOWER, weekly) is (Verdict.DECLINED if says else Verdict.NOT_TESTED)
    for difference, better in ((-0.1, Better.HIGHER), (0, Better.HIGHER), (NAN, Better.HIGHER), (0.1, Better.NEITHER)):
        assert quarter_verdict(difference, better, weekly) is Verdict.NOT_TESTED


def test_a_fall_is_a_decline_or_where_less_is_better_an_improvement() -> None:
    weekly = signals_in_quarter(("run", "down", 7))
    assert quarter_verdict(-0.1, Better.HIGHER, weekly) is Verdict.DECLINED
    assert quarter_verdict(-0.1, Better.LOWER, weekly) is Verdict.IMPROVED


def test_a_number_without_weeks_needs_twelve_quarters_of_its_own() -> None:
    twelve = [0.4, 0.5] * 6  # mean 0.45, ranges 0.1: limits 0.184 and 0.716
    assert verdict_without_weeks(0.3, Better.HIGHER, 0.75, twelve) is Verdict.IMPROVED
    assert verdict_without_weeks(0.3, Better.HIGHER, 0.75, twelve[1:]) is Verdict.NOT_TESTED
    assert verdict_without_weeks(0.3, Better.HIGHER, 0.70, twelve) is Verdict.NOT_TESTED
    assert verdict_without_weeks(-0.1, Better.HIGHER, 0.75, twelve) is Verdict.NOT_TESTED
    assert verdict_without_weeks(-0.3, Better.HIGHER, 0.10, twelve) is Verdict.DECLINED
