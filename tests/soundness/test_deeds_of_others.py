"""Who acts and is on no roster yet stands between two members in the order of people, and has no place in a calendar: what they
did was laid to the member after them.
"""

from datetime import date

import pytest

from tests.facts import cells_of, warehouse_of


@pytest.mark.parametrize("silent", ["ann", "cid"])
def test_what_a_guest_does_is_no_deed_of_the_next_member(silent: str) -> None:
    """Bob joins next year, came to the call and wrote; Ann and Cid did nothing."""
    with warehouse_of(
        members="| who | joined |\n| ann | |\n| bob | 2027-01-01 |\n| cid | |\n",
        events="| event | on |\n| call | 2026-01-08 |\n",
        attendance="| event | who |\n| call | bob |\n",
        interactions="| at | from | to |\n| 2026-01-06 09:00 | bob | ann |\n",
        covers=("2025-09-01", "2026-03-31"),
    ) as connection:
        cells_of(connection, date(2026, 4, 1))
        found = connection.execute(
            """select max(days_since_action), max(active_workdays), max(action_weeks), count(flow), bool_or(is_active_next or attends_next)
               from panel
               join people using (person)
               where member_id = ?""",
            [silent],
        ).fetchone()
    assert found == (None, 0, 0, 0, False)
