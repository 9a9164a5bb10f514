"""An event of busy people looked as if it had brought them together, beside members who never say anything.

Pairs of attendees are compared with pairs of the same team and the same tenth by activity. The day of what members did
was read as an instant, so nothing fell into the 90 days before, and all members counted as equally active. Here twenty of
forty members post, ten of those come to an event, and afterwards all twenty find new partners alike.
"""

from datetime import date, timedelta

import pytest

from tests.facts import cells_of, value, warehouse_of


def test_busy_attendees_are_compared_with_busy_members_who_stayed_away() -> None:
    busy = [f"busy{n:02}" for n in range(20)]
    quiet = [f"quiet{n:02}" for n in range(20)]
    posts = [f"| {date(2026, 3, 9) + timedelta(weeks=week)} 09:00 | {name} | |" for name in busy for week in range(10)]
    rings = [f"| 2026-06-09 09:00 | {name} | {busy[n // 10 * 10 + (n + 1) % 10]} |" for n, name in enumerate(busy)]
    with warehouse_of(
        members="| who |\n" + "".join(f"| {name} |\n" for name in busy + quiet),
        interactions="\n".join(["| at | from | to |", *posts, *rings]),
        events="| event | on |\n| e1 | 2026-06-01 |",
        attendance="| event | who |\n" + "".join(f"| e1 | {name} |\n" for name in busy[:10]),
        covers=("2026-01-01", "2026-12-31"),
    ) as connection:
        cells = cells_of(connection, date(2027, 1, 1))
    begun = 10 / (10 * 9 / 2)
    beside_everybody = 10 / (30 * 29 / 2)
    assert begun - beside_everybody > 0.19, "what it was"
    assert value(cells, "event_lift", "2026-04-01", breakdown="e1", column="expected") == pytest.approx(begun)
    assert value(cells, "event_lift", "2026-04-01", breakdown="e1") == pytest.approx(0)
