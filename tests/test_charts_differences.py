"""Differences: bars from one zero, coloured only by a verdict, margins where there are any."""

import math

import pandas as pd

from report.charts import differences
from report.numbers import NBSP
from report.tokens import CONCERN, IMPROVE, MUTED

ROWS = pd.DataFrame(
    {
        "label": ["All", "Real", "Mix <b>"],
        "value": [-6.0, -2.4, 3.0],
        "low": [math.nan, -4.0, math.nan],
        "high": [math.nan, -0.8, math.nan],
        "verdict": ["", "declined", "improved"],
        "n": [120, math.nan, math.nan],
    }
)


def test_each_bar_starts_at_nought_and_has_its_verdicts_colour() -> None:
    bars, margins = differences(ROWS).figure.data
    assert list(bars.x) == [-6.0, -2.4, 3.0]
    assert list(bars.marker.color) == [MUTED, CONCERN, IMPROVE]
    assert [x for x in margins.x if x is not None] == [-4.0, -0.8]


def test_words_say_what_the_bars_show() -> None:
    chart = differences(ROWS)
    assert chart.alt == f"3{NBSP}differences in points: All −6; Real −2 declined; Mix <b> +3 improved."
    said = [note.text for note in chart.figure.layout.annotations]
    n = "<span style='font-size:12px'>  n\u00a0120</span>"
    assert said == [f"<b>All</b>{n}", "−6", "<b>Real</b>", "▼ −2 declined", "<b>Mix &lt;b&gt;</b>", "▲ +3 improved"]
    assert bars_hover(chart)[0] == "All<br><b>−6</b><br>n\u00a0120"


def test_numbers_that_differ_in_the_second_decimal_are_written_with_it() -> None:
    """Before, eight events in a row read "0 points" beside bars of eight lengths."""
    chart = differences(ROWS.assign(value=[3.74, -0.41, 0.04], verdict=""), digits=1, unit="pairs of 1,000")
    assert [note.text for note in chart.figure.layout.annotations][1::2] == ["+3.7", "−0.4", "0.0"]
    assert chart.alt == f"3{NBSP}differences in pairs of 1,000: All +3.7; Real −0.4; Mix <b> 0.0."


def test_small_differences_look_small() -> None:
    """Before, a score that moved by 0.2 points had a bar as long as the panel."""
    wide = differences(ROWS.assign(value=[0.2, -0.1, 0.0], low=math.nan, high=math.nan), reach=5.0)
    low, high = wide.figure.layout.xaxis.range
    assert low < -5 < 5 < high


def test_nothing_to_draw_is_drawn_as_nothing() -> None:
    assert differences(ROWS.iloc[:0]).alt == f"0{NBSP}differences in points: ."


def bars_hover(chart: object) -> list[str]:
    return list(chart.figure.data[0].customdata)  # type: ignore[attr-defined]
