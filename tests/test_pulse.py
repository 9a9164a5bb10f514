"""Pulse on the demo community: its sentences claim what the published signals say, and a quiet week is called quiet."""

import pandas as pd
import pytest

from metrics.metric import Better
from metrics.snapshot import Snapshot
from report.models.pulse import read_pulse
from report.models.reading import Group, direction_verdict, read_periods
from report.words import CLAUSES, number_word


def published_verdict(snapshot: Snapshot, metric: str, period: str) -> str:
    """improved or declined where the whole community's weekly number signals, straight from the published tables.

    A run of more than half a year is the new usual and no news.
    """
    rows = snapshot.query(
        """select signals.verdict
           from signals
           join series using (series)
           where metric = ?
             and grain = 'week'
             and dimension = 'all'
             and breakdown = 'all'
             and period = ?
             and (rule = 'outside' or rule = 'run' and length <= 26)""",
        [metric, period],
    )
    return str(rows["verdict"].iloc[0]) if len(rows) else ""


def test_pulse_names_the_fall_in_events_and_the_sooner_answers(demo: Snapshot) -> None:
    """The two things that were put into the demo community, and that its page has to find."""
    pulse = read_pulse(demo)
    assert pulse.answer == "Fewer members came to events than usual, but questions are answered sooner."
    assert "Whole community" in pulse.kicker
    assert [(finding.key, finding.kind) for finding in pulse.findings][:2] == [
        ("event_participation", "worse"),
        ("answered_within_day", "better"),
    ]


def test_pulse_claims_exactly_what_the_signals_say(demo: Snapshot) -> None:
    """Nine weeks: a finding for each published signal of a headline number and for nothing else.

    A number that is not final so soon stands for an earlier week, which its tile names.
    """
    weeks = [period for period in read_periods(demo, "week") if period.is_complete]
    for week in weeks[-9:]:
        pulse = read_pulse(demo, week.period)
        wanted = {}
        for tile in pulse.tiles:
            named = tile.label.partition(", week ")[2]
            of = week
            if named:
                of = next(w for w in reversed(weeks) if w.first < week.first and w.label == f"week {named}")
            if tile.chip != "not final yet" and (verdict := published_verdict(demo, tile.key, of.period)):
                wanted[tile.key] = "better" if verdict == "improved" else "worse"
        assert {finding.key: finding.kind for finding in pulse.findings} == wanted, week.label
        claimed = {
            tile.key for tile in pulse.tiles if any(words in pulse.answer.lower() for words in CLAUSES[tile.key])
        }
        assert claimed <= set(wanted), week.label


def test_a_finding_gives_the_number_and_the_limit_that_it_passed(demo: Snapshot) -> None:
    fall = next(finding for finding in read_pulse(demo).findings if finding.key == "event_participation")
    tile = next(tile for tile in read_pulse(demo).tiles if tile.key == "event_participation")
    lower = tile.caption[0].removeprefix("usual ").split(" to ")[0]
    assert fall.text.startswith(f"{tile.value} in week 46, below the lower limit of {lower}.")
    assert (tile.chip, tile.colour) == ("below usual", "orange")


def test_a_quiet_week_is_called_so(demo: Snapshot) -> None:
    weeks = demo.query(
        """select periods.period
           from periods
           join limits using (period)
           join series using (series)
           where periods.grain = 'week'
             and holiday is null
             and complete
             and dimension = 'all'
             and breakdown = 'all'
             and list_contains(string_split(?, ';'), metric)
           group by all
           having count(*) = 6
              and periods.period not in (
                  select period
                  from signals
                  join series using (series)
                  where dimension = 'all' and breakdown = 'all' and rule in ('outside', 'run')
              )""",
        [demo.manifest()["pulse"]],
    )["period"]
    quiet = [read_pulse(demo, week) for week in sorted(weeks)[-8:]]
    assert quiet
    for pulse in quiet:
        assert pulse.answer == "Nothing unusual: all six numbers vary as they always do."
        assert pulse.findings == ()
        assert {tile.chip for tile in pulse.tiles} == {"routine"}
        assert len(pulse.tables[0].rows) == len(pulse.tiles) == 6
        assert "other" not in pulse.support


def test_weeks_that_were_not_judged_are_not_called_routine(demo: Snapshot) -> None:
    """A holiday, the first weeks of all, and the week that is not over: none of them was held against a usual range."""
    weeks = read_periods(demo, "week")
    holiday = next(w for w in weeks if w.label == "week 33" and w.first.year == 2026)
    assert read_pulse(demo, holiday.period).answer == (
        "Week 33 lies in the summer break, so its numbers are not judged."
    )
    assert {tile.chip for tile in read_pulse(demo, holiday.period).tiles} == {"holiday, not judged"}
    assert read_pulse(demo, weeks[0].period).answer == "There are too few weeks yet to say what is usual."
    assert not weeks[-1].is_complete
    open_week = read_pulse(demo, weeks[-1].period)
    assert open_week.answer in (
        "Week 47 is not over yet; these are its numbers so far.",
        "No upload covers this week yet.",
    )
    assert open_week.findings == ()


def test_the_rest_of_a_week_is_counted_in_words(demo: Snapshot) -> None:
    pulse = read_pulse(demo)
    routine = sum(tile.chip == "routine" for tile in pulse.tiles)
    assert routine > 1
    assert f"The other {number_word(routine)} numbers vary as they always do." in pulse.support


def test_a_run_that_began_in_another_year_says_which(demo: Snapshot) -> None:
    """Before, a run since November 2024 read "from the week of 18 Nov" in November 2026."""
    rows = demo.query(
        """select metric, period, since
           from signals
           join series using (series)
           where grain = 'week'
             and dimension = 'all'
             and breakdown = 'all'
             and rule = 'run'
             and length <= 26
             and year(since::date) < year(period::date)
             and list_contains(string_split(?, ';'), metric)
           order by period""",
        [demo.manifest()["pulse"]],
    )
    texts = [
        (finding.text, pd.Timestamp(row["since"]).year)
        for row in rows.tail(5).to_dict("records")
        for finding in read_pulse(demo, row["period"]).findings
        if finding.key == row["metric"] and "weeks in a row" in finding.text
    ]
    assert texts
    for text, year in texts:
        assert str(year) in text.split("from the week of")[1], text


def test_a_segment_too_small_to_show_is_not_a_week_without_upload(demo: Snapshot) -> None:
    pulse = read_pulse(demo, None, Group("team", "Strategy"))
    assert pulse.answer == "Too few people to show a number of this week."
    assert {tile.value for tile in pulse.tiles} <= {"Withheld", "no data"}
    assert pulse.findings == ()
    assert all(found.chart is None for found in pulse.panels)


def test_late_actions_come_first(demo: Snapshot) -> None:
    todos = read_pulse(demo).todos
    assert [todo.is_late for todo in todos] == sorted((todo.is_late for todo in todos), reverse=True)
    assert all(todo.due.endswith("late") is todo.is_late for todo in todos)


@pytest.mark.parametrize(
    ("rule", "direction", "better", "is_open", "verdict"),
    [
        ("outside", "up", Better.HIGHER, False, "improved"),
        ("outside", "down", Better.HIGHER, False, "declined"),
        ("run", "up", Better.LOWER, False, "declined"),
        ("run", "down", Better.LOWER, False, "improved"),
        ("outside", "up", Better.NEITHER, False, ""),
        ("trend", "up", Better.HIGHER, False, ""),
        ("outside", "up", Better.HIGHER, True, ""),
        (None, None, Better.HIGHER, False, ""),
    ],
)
def test_better_and_worse_follow_the_card(
    rule: str | None, direction: str | None, better: Better, is_open: bool, verdict: str
) -> None:
    assert direction_verdict({"rule": rule, "direction": direction, "length": 7, "is_open": is_open}, better) == verdict


def test_a_period_nobody_offers_falls_back_to_the_last_complete_one(demo: Snapshot) -> None:
    lost, found = read_pulse(demo, "1999-01-04"), read_pulse(demo)
    assert (lost.kicker, lost.answer, lost.tiles) == (found.kicker, found.answer, found.tiles)
