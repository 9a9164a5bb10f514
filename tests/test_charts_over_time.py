"""Charts over time: gaps stay gaps, the axis says the usual range, and a signal is a shape, a colour and a number."""

from datetime import date
from typing import Any

import pandas as pd
import pytest

from metrics.metric import Unit
from report.charts import Chart, Mark, gaps, xmr
from report.numbers import NBSP
from report.tokens import CONCERN
from tests.figures import NAN, drawn, totals, weeks


def line_of(chart: Chart) -> dict[str, Any]:
    return next(trace for trace in drawn(chart)["data"] if trace["mode"] == "lines+markers")


def signals_of(chart: Chart) -> list[dict[str, Any]]:
    return [trace for trace in drawn(chart)["data"] if trace["mode"] == "markers+text"]


# Weekly series


def test_ticks_are_exactly_lower_mean_and_upper() -> None:
    axis = drawn(xmr(weeks([0.25, 0.31, 0.35]), unit=Unit.SHARE))["layout"]["yaxis"]
    assert axis["tickvals"] == [0.20, 0.30, 0.40]
    assert axis["ticktext"] == ["20%", "30%", "40%"]
    assert axis["side"] == "right"


def test_ticks_are_those_of_the_newest_limits() -> None:
    """The limits were drawn anew in the third week; the axis says what holds now."""
    frame = weeks([0.25, 0.31, 0.35], mean=[0.30, 0.30, 0.36], lower=[0.20, 0.20, 0.28], upper=[0.40, 0.40, 0.44])
    assert drawn(xmr(frame, unit=Unit.SHARE))["layout"]["yaxis"]["ticktext"] == ["28%", "36%", "44%"]


def test_without_limits_there_is_no_tick_and_no_band() -> None:
    chart = xmr(weeks([0.25, 0.31], mean=NAN, lower=NAN, upper=NAN), unit=Unit.SHARE)
    assert drawn(chart)["layout"]["yaxis"]["tickvals"] == []
    assert not [trace for trace in drawn(chart)["data"] if trace.get("fill") == "toself"]
    assert "usual range" not in chart.alt


@pytest.mark.parametrize(
    ("lower", "mean", "upper", "written"),
    [(0.20, 0.30, 0.40, ["20%", "30%", "40%"]), (0.45, 0.50, 0.55, ["45%", "55%"]), (0.50, 0.51, 0.52, ["50% to 52%"])],
)
def test_ticks_are_not_written_over_each_other(lower: float, mean: float, upper: float, written: list[str]) -> None:
    """On a scale from 0 to 100 % and its pads, 16 pixels of 220 are about 10 points."""
    chart = xmr(weeks([0.0, 1.0], lower=lower, mean=mean, upper=upper), unit=Unit.SHARE)
    axis = drawn(chart)["layout"]["yaxis"]
    assert axis["ticktext"] == written
    assert len(axis["tickvals"]) == len(written)


def test_an_unknown_week_is_a_gap() -> None:
    line = line_of(xmr(weeks([0.25, None, 0.35]), unit=Unit.SHARE))
    assert line["y"] == [0.25, None, 0.35]
    assert line["connectgaps"] is False


def test_weeks_left_out_and_unfinished_stand_beside_the_line() -> None:
    """× for a holiday, ○ for the week that is not over: neither belongs to the line."""
    chart = xmr(
        weeks([0.25, 0.05, 0.35, 0.10], is_out=[False, True, False, False], is_open=[False, False, False, True]),
        unit=Unit.SHARE,
    )
    assert line_of(chart)["y"] == [0.25, None, 0.35, None]
    points = {t["marker"]["symbol"]: t["y"] for t in drawn(chart)["data"] if t["mode"] == "markers"}
    assert points == {"x-thin": [0.05], "circle": [0.10]}
    assert f"1{NBSP}week is left out of the range" in chart.alt
    assert f"3{NBSP}weekly values to the week of 21{NBSP}Sep{NBSP}2026: 35%" in chart.alt


def test_a_signal_is_a_shape_a_colour_and_a_number() -> None:
    chart = xmr(
        weeks([0.30, 0.15, 0.12], verdict=["", "declined", "declined"], direction=["", "down", "down"]),
        unit=Unit.SHARE,
    )
    (signal,) = signals_of(chart)
    assert signal["marker"]["symbol"] == ["triangle-down"] * 2
    assert signal["marker"]["color"] == CONCERN
    # Only the newest of a streak carries its number, so that labels do not collide.
    assert signal["text"] == ["", "12%"]
    assert "a signal for the worse" in chart.alt


def test_where_lower_is_better_a_rise_points_up_and_is_of_concern() -> None:
    """The triangle shows where the number went, the colour whether that is good."""
    chart = xmr(weeks([0.30, 0.45], verdict=["", "declined"], direction=["", "up"]), unit=Unit.SHARE)
    (signal,) = signals_of(chart)
    assert (signal["marker"]["symbol"], signal["marker"]["color"]) == (["triangle-up"], CONCERN)


def test_each_streak_is_written_where_there_is_room() -> None:
    """Signals in the weeks 1, 8 and 10: week 10 is written, week 8 would collide with it, week 1 has room of its own."""
    verdicts = ["", "improved", *[""] * 6, "improved", "", "improved"]
    values = [0.30, 0.41, *[0.30] * 6, 0.42, 0.30, 0.43]
    directions = ["up" if verdict else "" for verdict in verdicts]
    (signal,) = signals_of(xmr(weeks(values, verdict=verdicts, direction=directions), unit=Unit.SHARE))
    assert signal["text"] == ["41%", "", "43%"]


@pytest.mark.parametrize(
    ("values", "side"),
    [
        ([0.30, 0.50, 0.30], "top center"),  # a peak
        ([0.50, 0.45, 0.50], "bottom center"),  # a dip, though the signal points up
        ([0.30, 0.45, 0.50], "top center"),  # on the way up: where the signal points
    ],
)
def test_a_number_stands_where_the_line_does_not_come_from(values: list[float | None], side: str) -> None:
    chart = xmr(weeks(values, verdict=["", "improved", ""], direction=["", "up", ""]), unit=Unit.SHARE)
    assert [signal["textposition"] for signal in signals_of(chart)] == [[side]]


def test_an_unfinished_week_is_no_signal() -> None:
    chart = xmr(
        weeks([0.30, 0.05], is_open=[False, True], verdict=["", "declined"], direction=["", "down"]), unit=Unit.SHARE
    )
    assert not [trace for trace in drawn(chart)["data"] if trace["mode"] == "markers+text"]
    assert "no signal" in chart.alt


def test_a_withheld_week_is_a_gap_that_the_alt_text_counts() -> None:
    chart = xmr(
        weeks([0.25, None, 0.35], status=["shown", "withheld", "shown"], people=[412, NAN, 412]), unit=Unit.SHARE
    )
    assert line_of(chart)["y"][1] is None
    assert line_of(chart)["customdata"] == [f"n{NBSP}412", "", f"n{NBSP}412"]
    assert chart.alt.endswith("1 withheld.")


def test_annotations_are_letters_on_their_day() -> None:
    chart = xmr(weeks([0.25, 0.35]), unit=Unit.SHARE, marks=[Mark("A", date(2026, 9, 9), "new chat tool")])
    (letter,) = drawn(chart)["layout"]["annotations"]
    assert (letter["text"], letter["x"]) == ("<b>A</b>", "2026-09-09")
    assert [shape["x0"] for shape in drawn(chart)["layout"]["shapes"]] == ["2026-09-09"]


def test_letters_that_would_stand_on_each_other_share_a_place() -> None:
    """9 and 16 September are a week apart, 7 October is three weeks later."""
    days = (date(2026, 9, 9), date(2026, 9, 16), date(2026, 10, 7))
    marks = [Mark(letter, on, "") for letter, on in zip("ABC", days, strict=True)]
    layout = drawn(xmr(weeks([0.25] * 6), unit=Unit.SHARE, marks=marks))["layout"]
    assert [(note["x"], note["text"]) for note in layout["annotations"]] == [
        ("2026-09-09", "<b>A\u2009B</b>"),
        ("2026-10-07", "<b>C</b>"),
    ]
    assert len(layout["shapes"]) == 3


def test_the_year_stands_under_the_first_month_and_where_it_changes() -> None:
    axis = drawn(xmr(weeks([0.25] * 24), unit=Unit.SHARE))["layout"]["xaxis"]
    assert axis["ticktext"] == ["Oct<br>2026", "Nov", "Dec", "Jan<br>2027", "Feb"]


def test_a_hover_rounds_as_the_page_does() -> None:
    """28.5 % is 29 % in every sentence, and so it is in the hover."""
    assert line_of(xmr(weeks([0.285]), unit=Unit.SHARE))["hovertext"] == ["29%"]


def test_a_series_that_never_moved_still_has_a_height() -> None:
    low, high = drawn(xmr(weeks([0.0, 0.0], mean=0.0, lower=0.0, upper=0.0), unit=Unit.SHARE))["layout"]["yaxis"][
        "range"
    ]
    assert low < 0 < high


# Totals


def test_missing_days_break_the_line() -> None:
    """1, 2 and 5 November: a break between the second and the fifth, and no zero anywhere."""
    (line,) = drawn(gaps(totals((1, 10.0), (2, 12.0), (5, 11.0)), unit=Unit.COUNT, names=["active"]))["data"]
    assert line["y"] == [10.0, 12.0, None, 11.0]
    assert line["connectgaps"] is False


def test_weeks_that_follow_each_other_are_one_line() -> None:
    frame = pd.DataFrame(
        {
            "name": "active",
            "period_start": [date(2026, 11, 2), date(2026, 11, 9)],
            "period_end": [date(2026, 11, 8), date(2026, 11, 15)],
            "value": [10.0, 12.0],
        }
    )
    (line,) = drawn(gaps(frame, unit=Unit.COUNT, names=["active"]))["data"]
    assert line["y"] == [10.0, 12.0]


def test_a_name_without_totals_is_not_drawn() -> None:
    chart = gaps(totals((1, 10.0)), unit=Unit.COUNT, names=["active", "views"])
    assert len(drawn(chart)["data"]) == 1
    assert "views" not in chart.alt
