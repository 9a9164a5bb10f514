"""Missing weeks stretched the window in which a habit is looked for.

vivainsights `identify_habit` counts the last twelve rows of a person. Where a person has rows only for active weeks,
these reach back over any number of months, and whoever acted nine times in a year has a habit.
"""

from datetime import date, timedelta

from metrics.lifecycle import AWAY_AFTER_DAYS, DRIFTING_AFTER_DAYS
from tests.facts import cells_of, counts, warehouse_of

FIRST = date(2026, 1, 5)


def test_nine_actions_in_a_year_are_no_habit() -> None:
    """Once in five weeks, the last in week 46: of its last twelve calendar weeks two or three, of its last twelve rows all."""
    weeks = range(1, 47, 5)
    days = [FIRST + timedelta(days=7 * (week - 1)) for week in weeks]
    talk = "| at | from |\n" + "".join(f"| {day} 09:00 | ann |\n" for day in days)
    with warehouse_of(members="| who |\n| ann |", interactions=talk, covers=("2026-01-05", "2026-12-31")) as connection:
        cells = cells_of(connection, date(2027, 1, 1))
    assert len(days[-12:]) >= 9, "the naive count of rows"
    period = str(days[-1])
    assert counts(cells, "habit_segments", period, breakdown="habitual") == (0, 1)
    assert counts(cells, "habit_segments", period, breakdown="occasional") == (1, 1)


def test_bands_leave_no_gap_and_never_overlap() -> None:
    """LFX bands leave the values between 2 % and 3 % to nobody. Each number of days since an action is in exactly one band."""
    talk = "| at | from |\n| 2026-01-05 09:00 | ann |"
    with warehouse_of(members="| who |\n| ann |", interactions=talk, covers=("2026-01-05", "2026-12-31")) as connection:
        cells = cells_of(connection, date(2027, 1, 1))
        kinds = connection.execute(
            "select period, days_since_action from conduct where grain in ('week', 'month', 'quarter')"
        ).fetchall()
    drift = cells[cells["metric"] == "drift"].groupby(["grain", "period"])["numerator"].sum()
    assert (drift == 1).all()
    assert {days <= DRIFTING_AFTER_DAYS for _, days in kinds} == {True, False}
    assert any(days > AWAY_AFTER_DAYS for _, days in kinds)
