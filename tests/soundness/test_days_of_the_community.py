"""Days were taken from UTC where everything else goes by the community's own.

West of UTC what was posted on the evening of the as-of day had waited less than nothing, and the minus that means "still
waiting" made a reply of it. East of it a reply came a day before the post that it answered.
"""

from datetime import date

from data.settings import Settings
from tests.facts import cells_of, value, warehouse_of


def test_threads_of_the_last_evening_still_wait() -> None:
    """Los Angeles is 8 hours behind: 18:00 of the 14th is 02:00 of the 15th."""
    posts = [("2026-01-15 02:00", "ann"), ("2026-01-15 03:00", "bob"), ("2026-01-12 20:00", "cyd")]
    talk = "".join(f"| {at} | {who} | post | t{who} | p{who} |\n" for at, who in posts)
    with warehouse_of(
        members="| who |\n| ann |\n| bob |\n| cyd |\n",
        interactions="| at | from | kind | thread | id |\n" + talk,
        covers=("2026-01-01", "2026-01-14"),
    ) as connection:
        connection.execute("update interactions set day = (occurred_at - interval 8 hour)::date")
        cells = cells_of(connection, date(2026, 1, 14), Settings(zone="America/Los_Angeles"))
    assert value(cells, "reply_time", "2026-01-12", grain="week", column="numerator") == 0
    assert value(cells, "reply_time", "2026-01-12", grain="week", column="denominator") == 3


def test_a_reply_comes_on_the_local_day_of_its_post() -> None:
    """Auckland is 12 hours ahead: 19:00 and 20:00 of the 9th are 07:00 and 08:00 of the 10th, four days after joining."""
    talk = "".join(
        f"| 2026-04-09 19:00 | m{n} | post | t{n} | p{n} |\n| 2026-04-09 20:00 | old | reply | t{n} | r{n} |\n"
        for n in range(3)
    )
    with warehouse_of(
        members="| who | joined |\n| old | |\n" + "".join(f"| m{n} | 2026-04-06 |\n" for n in range(3)),
        interactions="| at | from | kind | thread | id |\n" + talk,
        covers=("2026-01-01", "2026-12-31"),
    ) as connection:
        connection.execute("update interactions set day = (occurred_at + interval 12 hour)::date")
        cells = cells_of(connection, date(2027, 1, 1), Settings(zone="Pacific/Auckland"))
    for first in ("contribution", "reply received"):
        assert value(cells, "time_to_first", "2026-04-01", breakdown=first) == 4
