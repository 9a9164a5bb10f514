"""Threads of two forums with the same id were one: the second forum's posts answered the first one's.

Ann's post in one forum waits for a reply for good; cyd's post in the other, under the same thread id, has one after an
hour. Read as one thread, ann was answered after a day, and ann and cyd, who never met, were tied across teams.
"""

from datetime import date

import pytest

from tests.facts import cells_of, put_batch, value, warehouse_of

COVERS = ("2026-01-01", "2026-12-31")
QUARTER = "2026-01-01"


def test_a_thread_is_of_one_source() -> None:
    with warehouse_of(
        members="| who | team |\n| ann | A |\n| bob | A |\n| cyd | B |\n| dan | B |\n",
        interactions="""
| at               | from | kind  | thread | id |
| 2026-01-06 09:00 | ann  | post  | 5/1    | p1 |
| 2026-01-07 09:00 | cyd  | post  | 5/1    | p2 |
| 2026-01-07 10:00 | dan  | reply | 5/1    | p3 |
""",
        covers=COVERS,
    ) as connection:
        put_batch(connection, 9, "interactions", COVERS)
        connection.execute("update batches set source = 'forum b' where batch = 9")
        connection.execute("update interactions set batch = 9, source = 'forum b' where occurred_at >= '2026-01-07'")
        cells = cells_of(connection, date(2027, 1, 1))
    assert value(cells, "thread_response", QUARTER) == 1 / 2
    assert value(cells, "reply_time", QUARTER) == pytest.approx(1)
    assert value(cells, "reply_time", QUARTER, column="denominator") == 2
    assert value(cells, "cross_team_share", QUARTER, column="numerator") == 0
