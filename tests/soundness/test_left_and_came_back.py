"""Who left and came back was on the roster of the months between, and who came back with a new first day of none before.

One last day and one first day were taken for a whole life in the community, those of the newest version. Who then left
a second time was on the roster through the first absence again, and who came back on a day that only a later file told was
missing until that file.
"""

from datetime import date

import duckdb
import pytest

from data.settings import Settings
from metrics.periods import lay_out_periods
from metrics.roster import lay_out_roster
from tests.facts import cells_of, counts, warehouse_of

AS_OF = date(2026, 12, 31)
COVERS = ("2026-01-01", "2026-12-31")
STAYED = "| old | | | | A |\n"


def months(connection: duckdb.DuckDBPyConnection, who: int = 0, grain: str = "month") -> list[str]:
    lay_out_periods(connection, Settings(), AS_OF)
    lay_out_roster(connection, ("team",))
    found = connection.execute(
        "select period::varchar from roster where grain = ? and person = ? order by all", [grain, who]
    ).fetchall()
    return [period[5:7] for (period,) in found]


HEAD = "| who | valid_from | joined | left | team |\n"


@pytest.mark.parametrize(
    ("versions", "there"),
    [
        # left in place, as a complete roster does, and back in the one of September
        ("| ann | | 2026-01-10 | 2026-03-20 | A |\n| ann | 2026-09-05 | 2026-01-10 | | B |\n", "01 02 03 09 10 11 12"),
        # a version of its own says so; a new first day
        ("| ann | | 2026-01-10 | | A |\n| ann | 2026-03-25 | 2026-01-10 | 2026-03-20 | A |\n"
         "| ann | 2026-09-05 | 2026-09-01 | | B |\n", "01 02 03 09 10 11 12"),
        # left again
        ("| ann | | 2026-01-10 | 2026-03-20 | A |\n| ann | 2026-09-05 | 2026-09-01 | 2026-10-20 | B |\n", "01 02 03 09 10"),
        # left again in place, as a second complete roster does, with the first day of the file
        ("| ann | | 2026-01-10 | 2026-03-20 | A |\n| ann | 2026-09-05 | 2026-01-10 | 2026-11-05 | B |\n", "01 02 03 09 10 11"),
        # and without a first day
        ("| ann | | | 2026-03-20 | A |\n| ann | 2026-09-05 | | 2026-11-05 | B |\n", "01 02 03 09 10 11"),
        # moved on paper after she had left, and not back
        ("| ann | | 2026-01-10 | 2026-03-20 | A |\n| ann | 2026-09-05 | 2026-01-10 | 2026-03-20 | B |\n", "01 02 03"),
        # back since July, as the file of September says
        ("| ann | | 2026-01-10 | 2026-03-20 | A |\n| ann | 2026-09-05 | 2026-07-15 | | B |\n", "01 02 03 07 08 09 10 11 12"),
        # gone and back within a month: once
        ("| ann | | 2026-01-10 | 2026-03-05 | A |\n| ann | 2026-03-20 | 2026-01-10 | | B |\n", "01 02 03 04 05 06 07 08 09 10 11 12"),
        # a leave that was announced and called off before it came
        ("| ann | | 2026-01-10 | 2026-10-31 | A |\n| ann | 2026-09-05 | 2026-01-10 | | A |\n", "01 02 03 04 05 06 07 08 09 10 11 12"),
    ],
)  # fmt: skip
def test_the_months_between_are_not_theirs(versions: str, there: str) -> None:
    with warehouse_of(members=HEAD + versions, covers=COVERS) as connection:
        assert months(connection) == there.split()


def test_who_came_back_settles_in_once() -> None:
    """Ann joins in January, acts on two days, and on two more after she came back: two and two are not four in one quarter."""
    days = ("2026-01-12", "2026-01-13", "2026-09-02", "2026-09-03")
    talk = "| at | from | kind |\n" + "".join(f"| {day} 09:00 | ann | post |\n" for day in days)
    versions = "| ann | | 2026-01-10 | 2026-03-20 | A |\n| ann | 2026-09-05 | 2026-09-01 | | A |\n"
    with warehouse_of(members=HEAD + versions, interactions=talk, covers=COVERS) as connection:
        cells = cells_of(connection, AS_OF)
    assert counts(cells, "newcomer_conversion", "2026-01-01", grain="quarter") == (0, 1)
    joined = cells[cells["metric"].isin(["newcomer_conversion", "time_to_first", "newcomer_integration"])]
    assert set(joined["period"].astype(str)) == {"2026-01-01"}, "nothing is said of a second joining"


def test_in_one_period_a_person_is_once_on_the_roster_in_their_newest_group() -> None:
    versions = "| ann | | | 2026-03-05 | A |\n| ann | 2026-03-20 | | | B |\n"
    with warehouse_of(members=HEAD + versions, covers=COVERS) as connection:
        months(connection)
        found = connection.execute("select s0::varchar from roster where period = '2026-03-01' and grain = 'month'")
        assert found.fetchall() == [("B",)]


def test_who_was_away_is_no_member_at_an_event() -> None:
    """Ann is back since May; bob, who came too, had left in July and was not back before September."""
    with warehouse_of(
        members=HEAD
        + "| ann | | | 2026-03-05 | A |\n| ann | 2026-05-20 | | | A |\n"
        + "| bob | | | 2026-07-05 | A |\n| bob | 2026-09-20 | | | A |\n"
        + STAYED,
        events="| event | on |\n| e1 | 2026-08-10 |",
        attendance="| event | who |\n| e1 | ann |\n| e1 | bob |",
        covers=COVERS,
    ) as connection:
        cells = cells_of(connection, AS_OF)
    assert counts(cells, "attendance_per_event", "2026-07-01", grain="quarter") == (1, 1), "ann, at one event"
