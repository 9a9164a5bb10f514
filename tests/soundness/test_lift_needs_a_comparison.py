"""Before and after looked like an effect where there was none.

Savannah's "gift impact" compares people with themselves; people are picked when they are at their quietest, and go
back to their usual. Here all pairs of a team start to talk in June, whether they were at the event or not: the naive
rise of attendees is large, and the event did nothing.
"""

from datetime import date

import pytest

from tests.facts import cells_of, value, warehouse_of


def test_a_rise_that_everybody_has_is_no_lift() -> None:
    names = [f"m{n:02}" for n in range(24)]
    talk = ["| at | from | to |"]
    talk += [f"| 2026-06-09 09:00 | {names[n]} | {names[(n // 12) * 12 + (n + 1) % 12]} |" for n in range(24)]
    with warehouse_of(
        members="| who |\n" + "".join(f"| {name} |\n" for name in names),
        interactions="\n".join(talk),
        events="| event | on |\n| e1 | 2026-06-01 |",
        attendance="| event | who |\n" + "".join(f"| e1 | {name} |\n" for name in names[:12]),
        covers=("2026-01-01", "2026-12-31"),
    ) as connection:
        cells = cells_of(connection, date(2027, 1, 1))
    pairs, begun = 12 * 11 / 2, 12
    naive = begun / pairs - 0
    assert naive > 0.18, "talked in the 30 days after, less the 90 days before"
    assert value(cells, "event_lift", "2026-04-01", breakdown="e1") == pytest.approx(0)
    assert value(cells, "event_lift", "2026-04-01", breakdown="e1", column="expected") == pytest.approx(naive)
