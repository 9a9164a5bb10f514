"""What Connections, Journeys, Voices and Events say, held against small numbers that can be checked by hand."""

from datetime import date
from typing import Any

import pandas as pd
import pytest

from metrics.metric import Unit
from metrics.snapshot import Snapshot
from report.charts import xmr
from report.models.connections import SILO_COLUMNS, WHOLE, _answer, _lean, _say_cases, read_connections
from report.models.events import read_events
from report.models.journeys import read_journeys
from report.models.page import Page, Panel
from report.models.reading import Period
from report.models.voices import _answer as answer_voices
from report.numbers import signed, span

QUARTER = Period("quarter", "2026-07-01", "2026-Q3", date(2026, 7, 1), date(2026, 9, 30), True)
JOINED = {"value": 0.8, "numerator": 80, "denominator": 100}


def panel(page: Page | None, key: str) -> Panel:
    assert page is not None
    (found,) = [panel for panel in page.panels if panel.key == key]
    return found


def silos(**verdicts: str) -> pd.DataFrame:
    """The whole and groups with these verdicts; an underscore stands for a withheld group."""
    rows = [(WHOLE, -0.1, 0.6, "declined", 100, "final")]
    rows += [(name, None if verdict == "_" else 0.1, 0.5, verdict, 20, "final") for name, verdict in verdicts.items()]
    return pd.DataFrame(rows, columns=SILO_COLUMNS)


@pytest.mark.parametrize(
    ("frame", "leans_on", "answer"),
    [
        (silos(Care="declined", Digital="", Legal="_"), "", "Care keeps to itself more than chance."),
        (silos(Care="declined", Digital="declined"), "staff", "Care and Digital keep to themselves more than chance, and the net hangs on staff."),
        (silos(A="declined", B="declined", C="declined", D="_"), "", "All three groups shown keep to themselves more than chance."),
        (silos(A="declined", B="declined", C="declined", D=""), "", "Three of four groups shown keep to themselves more than chance."),
        (silos(Care="improved", Digital=""), "three members", "The net hangs on three members."),
        (silos(Care="", Digital=""), "", "80% of members hang together: 80 of 100\u00a0members."),
    ],
)  # fmt: skip
def test_connections_answer_with_what_is_beyond_chance(frame: pd.DataFrame, leans_on: str, answer: str) -> None:
    assert _answer(JOINED, QUARTER, frame, leans_on) == answer


def cases(whole: float | None, without_bridges: float | None, without_staff: float | None) -> dict[str, Any]:
    names = ("as is", "without top three", "without staff")
    return {
        name: None if value is None else {"value": value}
        for name, value in zip(names, (whole, without_bridges, without_staff), strict=True)
    }


@pytest.mark.parametrize(
    ("values", "who"),
    [
        (cases(0.9, 0.9, 0.9), ""),
        (cases(0.9, 0.81, 0.9), ""),
        (cases(0.9, 0.8, 0.9), "three members"),
        (cases(0.9, 0.5, 0.0), "three members and staff"),
        (cases(0.9, None, None), ""),
        (cases(None, 0.5, 0.5), ""),
    ],
)
def test_the_net_hangs_on_those_without_whom_a_tenth_falls_apart(values: dict[str, Any], who: str) -> None:
    assert _lean(values) == who


def test_fragility_is_said_with_its_three_numbers_or_not_at_all() -> None:
    assert _say_cases(cases(0.93, 0.88, 0.54)) == (
        "It hangs on staff: 93% as it is, 88% without its three best bridges, 54% without staff. Not tested."
    )
    assert _say_cases(cases(0.93, None, 0.54)) == ""


def test_ties_that_last_are_counted_of_those_that_were_there(demo: Snapshot) -> None:
    rows = demo.results("tie_flow", grain="quarter", dimension="all").set_index(["period", "breakdown"])["value"]
    kept, lost, new = (int(rows["2026-07-01", name]) for name in ("kept", "lost", "new"))
    flow = panel(read_connections(demo, "2026-07-01", "team"), "tie_flow")
    assert (
        flow.reading.replace("\u00a0", " ")
        == f"{kept} of {kept + lost:,} ties of the quarter before are still there; {new:,} are new."
    )
    assert flow.caption.endswith("Counted: ties.")


def test_a_lift_of_a_few_pairs_in_a_thousand_is_written_as_such(demo: Snapshot) -> None:
    """Before, bars of eight lengths all read "0 points", and fewer new ties than others were drawn as none."""
    lift = panel(read_connections(demo, "2026-07-01", "team"), "event_lift")
    rows = demo.results("event_lift", grain="quarter").set_index(["period", "breakdown"]).loc["2026-07-01"]
    lifts = rows.loc[~rows.index.str.contains("after"), "value"].sort_values(ascending=False)
    assert lift.chart is not None
    said = [note.text for note in lift.chart.figure.layout.annotations][1::2]
    assert said == [f"{value * 1000:+.1f}".replace("-", "−") for value in lifts.head(len(said))]
    assert len(said) == 8
    assert min(lifts.head(8)) < 0 < max(lifts)
    assert "After none of nine events" in lift.reading


def test_funnel_names_the_step_at_which_most_stop(demo: Snapshot) -> None:
    funnel = panel(read_journeys(demo, "2026-07-01", "team"), "participation_funnel")
    row = (
        demo.results("participation_funnel", grain="quarter", dimension="all", breakdown="led")
        .set_index("period")
        .loc["2026-07-01"]
    )
    stopped = int(row["denominator"] - row["numerator"])
    assert (
        funnel.reading
        == f"Most stop here: {stopped} of {int(row['denominator'])} write and neither host nor speak. Not tested."
    )


def test_a_share_of_few_is_said_in_counts(demo: Snapshot) -> None:
    after = panel(read_journeys(demo, "2026-07-01", "team"), "after_programme")
    assert after.reading == "Still here: 6 of 8 after 30 days. Not tested."


@pytest.mark.parametrize(
    ("counts", "answer"),
    [
        ([], "Too few wrote about any one theme to show it."),
        ([12], "Comments are most often about “t0”."),
        ([13, 12, 12, 11], "Comments are most often about “t0”, then “t1” and “t2”."),
        ([12, 12, 10], "Comments are most often about “t0” and “t1”."),
        ([12, 12, 12, 12], "Comments are most often about “t0”, “t1” and “t2”."),
    ],
)
def test_the_theme_written_about_most_is_named_with_those_as_often(counts: list[int], answer: str) -> None:
    frame = pd.DataFrame({"breakdown": [f"t{at}" for at in range(len(counts))], "numerator": counts})
    assert answer_voices(frame) == answer


def test_groups_compared_with_the_highest_have_people_as_their_n(demo: Snapshot) -> None:
    """Before, each group read "n 0": the denominator of such a ratio is a share."""
    page = read_events(demo, "quarter", "2026-07-01", "team")
    equity = panel(page, "participation_equity_by_team")
    assert equity.chart is not None
    labels = [note.text for note in equity.chart.figure.layout.annotations]
    assert not [text for text in labels if "n\u00a00" in text]
    members = (
        demo.results("participation_equity", grain="quarter", segment="Care")
        .set_index("period")
        .loc["2026-07-01", "people"]
    )
    assert [text for text in labels if text.startswith("Care") and f"n\u00a0{members}<" in text]


def test_a_series_that_never_moves_is_a_flat_line_in_the_middle() -> None:
    """Before, limits that differ by what a float cannot hold stretched that to the height of the chart."""
    value = 6 / 14
    weeks = pd.DataFrame({"starts_on": pd.date_range("2026-01-05", periods=20, freq="7D"), "value": value}).assign(
        is_out=False, is_open=False, mean=value + 1e-16, lower=value - 5e-17, upper=value + 2e-16, verdict="", direction="",
        people=14, status="final",
    )  # fmt: skip
    low, high = xmr(weeks, unit=Unit.SHARE).figure.layout.yaxis.range
    assert (low, high) == pytest.approx((value * 0.84, value * 1.16))
    assert span(value, value + 1e-16, Unit.SHARE) == "43%"


@pytest.mark.parametrize(
    ("number", "digits", "written"),
    [(3.74, 1, "+3.7"), (-0.41, 1, "−0.4"), (0.04, 1, "0.0"), (-0.04, 1, "0.0"), (0.4, 0, "0")],
)
def test_a_difference_with_decimals(number: float, digits: int, written: str) -> None:
    assert signed(number, digits) == written
