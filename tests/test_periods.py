"""Periods, fiscal quarters and coverage: a quiet week is a zero, an uncovered one is no data."""

from datetime import date

import duckdb
import pytest

from data.settings import Holiday, Settings
from data.store import migrate, opened
from metrics.periods import judge_coverage, lay_out_periods


def cover(connection: duckdb.DuckDBPyConnection, *spans: tuple[str, str, str, str]) -> None:
    """Batches that cover days: kind, source, first and last day."""
    for batch, (kind, source, first, last) in enumerate(spans, start=1):
        connection.execute(
            """insert into batches by name
               select ? as batch, ? as kind, 'canonical' as format, 'x' as file, '' as sha256, '' as fingerprint, 't' as who,
                      timestamp '2026-01-01' as loaded_at, date '2026-01-01' as effective_on, ? as source,
                      ?::date as covers_from, ?::date as covers_to, '{}' as details, []::varchar[] as columns,
                      0 as rows, 0 as new, 0 as changed, 0 as unchanged, 0 as rejected, 0 as unmatched""",
            [batch, kind, source, first, last],
        )


def statuses(
    spans: list[tuple[str, str, str, str]],
    as_of: date,
    *,
    look_back: int = 0,
    horizon: int = 0,
    warm_up: int = 0,
) -> dict[str, str]:
    """Status of each week of a metric that needs attendance."""
    with opened(":memory:") as connection:
        migrate(connection)
        cover(connection, *spans)
        lay_out_periods(connection, Settings(), as_of)
        connection.execute(
            "create temp table card_needs as select 'm' as metric, 'attendance' as kind, ? as look_back, ? as horizon, ? as warm_up, false as any_of, false as of_previous",
            [look_back, horizon, warm_up],
        )
        judge_coverage(connection, as_of)
        rows = connection.execute(
            "select period, status from metric_status where grain = 'week' order by period"
        ).fetchall()
    return dict(rows)


JANUARY = [("attendance", "calendar", "2026-01-05", "2026-01-25")]


def test_covered_finished_weeks_are_final_and_the_rest_is_not() -> None:
    assert statuses(JANUARY, date(2026, 2, 3)) == {
        "2026-01-05": "final",
        "2026-01-12": "final",
        "2026-01-19": "final",
        "2026-01-26": "no data",
        "2026-02-02": "no data",
    }


def test_a_week_is_provisional_until_it_is_over() -> None:
    assert statuses(JANUARY, date(2026, 1, 25))["2026-01-19"] == "provisional", "Sunday itself is not over"
    assert statuses(JANUARY, date(2026, 1, 26))["2026-01-19"] == "final"


def test_every_source_that_counts_must_cover_a_day() -> None:
    """The sign-in list starts on 14 January: before that day it is not asked for, after its last day it is."""
    spans = [*JANUARY, ("attendance", "list", "2026-01-14", "2026-01-18")]
    found = statuses(spans, date(2026, 2, 3))
    assert found["2026-01-05"] == "final"
    assert found["2026-01-12"] == "final"
    assert found["2026-01-19"] == "no data", "the list says nothing about this week"


def test_a_week_whose_coverage_starts_in_it_is_provisional() -> None:
    assert (
        statuses([("attendance", "calendar", "2026-01-07", "2026-01-25")], date(2026, 2, 3))["2026-01-05"]
        == "provisional"
    )


def test_a_hole_in_the_middle_is_provisional() -> None:
    spans = [
        ("attendance", "calendar", "2026-01-05", "2026-01-13"),
        ("attendance", "calendar", "2026-01-15", "2026-01-25"),
    ]
    assert statuses(spans, date(2026, 2, 3))["2026-01-12"] == "provisional"


def test_a_look_back_needs_its_window() -> None:
    """28 days to 18 January: 14 covered, half; to 25 January: 21 of 28, three quarters."""
    found = statuses(JANUARY, date(2026, 2, 3), look_back=28)
    assert found["2026-01-12"] == "no data"
    assert found["2026-01-19"] == "provisional"


def test_a_horizon_keeps_a_week_provisional_until_later_facts_can_be_there() -> None:
    found = statuses(JANUARY, date(2026, 2, 3), horizon=7)
    assert found["2026-01-12"] == "final"
    assert found["2026-01-19"] == "provisional", "the seven days after it are not covered"


def test_ever_and_first_wait_for_the_warm_up() -> None:
    found = statuses([("attendance", "calendar", "2026-01-05", "2026-05-31")], date(2026, 6, 1), warm_up=90)
    assert found["2026-03-30"] == "no data", "84 days after the first"
    assert found["2026-04-06"] == "final", "91 days after it"


@pytest.mark.parametrize(
    ("fiscal_month", "day", "label", "starts"),
    [
        (1, date(2026, 5, 20), "2026-Q2", date(2026, 4, 1)),
        (4, date(2026, 5, 20), "2027-Q1", date(2026, 4, 1)),
        (4, date(2026, 3, 31), "2026-Q4", date(2026, 1, 1)),
        (7, date(2026, 8, 1), "2027-Q1", date(2026, 7, 1)),
        (2, date(2026, 1, 15), "2026-Q4", date(2025, 11, 1)),
        (12, date(2026, 1, 15), "2026-Q1", date(2025, 12, 1)),
    ],
)
def test_fiscal_quarters_carry_the_year_in_which_they_end(
    fiscal_month: int, day: date, label: str, starts: date
) -> None:
    with opened(":memory:") as connection:
        migrate(connection)
        lay_out_periods(connection, Settings(fiscal_month=fiscal_month), day)
        row = connection.execute("select label, starts_on from periods where grain = 'quarter'").fetchone()
    assert row == (label, starts)


def test_a_week_that_touches_a_holiday_says_so() -> None:
    holiday = Holiday(first=date(2026, 1, 11), last=date(2026, 1, 12), label="break")
    with opened(":memory:") as connection:
        migrate(connection)
        cover(connection, *JANUARY)
        lay_out_periods(connection, Settings(holidays=(holiday,)), date(2026, 1, 26))
        rows = connection.execute(
            "select strftime(starts_on, '%d'), holiday from periods where grain = 'week' order by starts_on"
        ).fetchall()
    assert rows == [("05", "break"), ("12", "break"), ("19", None), ("26", None)]
