"""What was said in the week in which coverage begins was lost.

Rollups name a week's first part by its Monday. Where the first upload began on a Wednesday, that Monday was in no list
of days, and everything of that week fell out: the week was 0 and the month too low.
"""

from datetime import date

from tests.facts import cells_of, counts, warehouse_of


def test_a_week_that_begins_before_coverage_keeps_what_was_said_in_it() -> None:
    talk = "| at | from | to |\n| 2026-01-08 09:00 | ann | bob |\n| 2026-01-14 09:00 | ann | bob |"
    with warehouse_of(
        members="| who |\n| ann |\n| bob |", interactions=talk, covers=("2026-01-07", "2026-01-31")
    ) as connection:
        cells = cells_of(connection, date(2026, 2, 2))
        first = connection.execute("select min(day) from days").fetchone()
        periods = connection.execute("select period from periods where grain = 'month' order by period").fetchall()
    assert counts(cells, "active_members", "2026-01-05") == (1, 2)
    assert counts(cells, "member_to_member", "2026-01-05") == (1, 1)
    assert counts(cells, "interactions_per_member", "2026-01-01", grain="month") == (2, 2)
    assert first == (date(2026, 1, 5),)
    assert periods == [("2026-01-01",), ("2026-02-01",)]


def test_no_period_is_made_up_for_it() -> None:
    """Coverage from Thursday 1 January: Monday is 29 December, and there is no December."""
    with warehouse_of(
        members="| who |\n| ann |",
        interactions="| at | from |\n| 2026-01-02 09:00 | ann |",
        covers=("2026-01-01", "2026-01-31"),
    ) as connection:
        cells = cells_of(connection, date(2026, 2, 2))
    assert set(cells.loc[cells["grain"] == "month", "period"]) == {"2026-01-01", "2026-02-01"}
    assert counts(cells, "active_members", "2025-12-29") == (1, 1)
