"""Named lists: for managers only, from behaviour alone, without those who opted out or asked not to be named."""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from data.errors import Damaged, Refused
from data.store import opened
from metrics.lists import write_lists
from metrics.snapshot import Role, list_snapshots, open_lists
from metrics.watch import watch_people
from tests.demo import copy_demo, demo_home
from tests.facts import cells_of, warehouse_of

AS_OF = date(2026, 6, 1)
COVERS = ("2026-01-05", "2026-05-31")


def lists_of(folder: Path, **drawn: str) -> dict[str, pd.DataFrame]:
    """The tables of the restricted file made from drawn tables as of 1 June 2026."""
    with warehouse_of(covers=COVERS, reach=(folder,), **drawn) as connection:
        cells_of(connection, AS_OF)
        watch_people(connection)
        write_lists(connection, folder, ("team",))
    with opened(folder / "restricted.duckdb", read_only=True) as restricted:
        return {
            name: restricted.execute(f"from {name}").df()
            for name in ("people_lists", "introductions", "bridges", "quiet_pairs")
        }


def weekly(who: str, first: str, weeks: int, to: str = "") -> str:
    days = pd.date_range(first, periods=weeks, freq="7D")
    return "".join(f"| {day:%Y-%m-%d} 09:00 | {who} | {to} | message | | | |\n" for day in days)


HEAD = "| at | from | to | kind | thread | id | topic |\n"


def test_who_acted_week_by_week_and_stopped_is_drifting(tmp_path: Path) -> None:
    """Ann acted in six of the twelve weeks to 3 May and not since; bob in four; cyd still acts; dan asked for no lists."""
    members = "| who | team | no_lists |\n| ann | A | |\n| bob | A | |\n| cyd | B | |\n| dan | B | yes |\n"
    talk = (
        HEAD
        + weekly("ann", "2026-03-11", 6)
        + weekly("bob", "2026-03-11", 4)
        + weekly("cyd", "2026-03-11", 12)
        + weekly("dan", "2026-03-11", 6)
    )
    found = lists_of(tmp_path, members=members, interactions=talk)["people_lists"]
    drifting = found[found["list"] == "drifting members"]
    assert drifting["member_id"].tolist() == ["ann"]
    assert drifting["reason"].tolist() == ["acted in 6 of 12 weeks, and not since"]
    assert str(drifting["since"].iloc[0])[:10] == "2026-04-15"


def test_newcomers_who_talk_with_nobody(tmp_path: Path) -> None:
    """Eve joined in April and has nobody; fay has a partner; gus joined a week ago; hal left."""
    members = """
    | who | team | joined     | left       | opted_out |
    | ann | A    |            |            |           |
    | eve | A    | 2026-04-20 |            |           |
    | fay | A    | 2026-04-20 |            |           |
    | gus | A    | 2026-05-27 |            |           |
    | hal | A    | 2026-04-20 | 2026-05-10 |           |
    | ida | A    | 2026-04-20 |            | yes       |
    """
    talk = HEAD + weekly("ann", "2026-05-06", 2, to="fay") + weekly("eve", "2026-05-06", 1)
    found = lists_of(tmp_path, members=members, interactions=talk)["people_lists"]
    newcomers = found[found["list"] == "newcomers without ties"]
    assert newcomers["member_id"].tolist() == ["eve"]
    assert newcomers["reason"].iloc[0] == "joined 42 days ago, nobody to talk with yet"


def test_whoever_answers_others_first_is_thanked(tmp_path: Path) -> None:
    talk = HEAD + "".join(
        f"| 2026-05-{20 + n} 09:00 | ann | | post | t{n} | i{n}1 | |\n| 2026-05-{20 + n} 10:00 | bob | | reply | t{n} | i{n}2 | |\n"
        f"| 2026-05-{20 + n} 11:00 | cyd | | reply | t{n} | i{n}3 | |\n"
        for n in range(3)
    )
    found = lists_of(tmp_path, members="| who | team |\n| ann | A |\n| bob | A |\n| cyd | B |\n", interactions=talk)
    thanked = found["people_lists"][found["people_lists"]["list"] == "people to thank"]
    assert thanked[["member_id", "reason"]].to_numpy().tolist() == [["bob", "answered 3 threads of others first"]]


def test_introductions_bridges_and_pairs_that_fell_quiet(tmp_path: Path) -> None:
    """Ann and bob (A, B) write on pay without a tie; cyd of A talked with bob for five weeks to the end of February."""
    members = "| who | team |\n| ann | A |\n| bob | B |\n| cyd | A |\n"
    talk = HEAD + "".join(
        f"| 2026-05-0{4 + n} 09:00 | {who} | | message | | {who}{n} | pay |\n"
        for who in ("ann", "bob")
        for n in range(3)
    )
    talk += weekly("cyd", "2026-01-28", 5, to="bob")
    found = lists_of(tmp_path, members=members, interactions=talk)
    assert found["introductions"][["topic", "member_id", "other_id"]].to_numpy().tolist() == [["pay", "ann", "bob"]]
    bridges = found["bridges"].sort_values("member_id")
    assert bridges[["member_id", "other_teams", "ties", "period"]].to_numpy().tolist() == [
        ["bob", 1, 1, "2026-01-01"],
        ["cyd", 1, 1, "2026-01-01"],
    ]
    assert found["quiet_pairs"][["member_id", "other_id"]].to_numpy().tolist() == [["bob", "cyd"]]


def test_a_pair_that_stopped_two_months_ago_is_quiet(tmp_path: Path) -> None:
    members = "| who | team | no_lists |\n| ann | A | |\n| bob | B | |\n| cyd | A | yes |\n"
    talk = HEAD + weekly("ann", "2026-02-18", 5, to="bob") + weekly("cyd", "2026-02-18", 5, to="bob")
    found = lists_of(tmp_path, members=members, interactions=talk)["quiet_pairs"]
    assert found[["member_id", "other_id", "weeks"]].to_numpy().tolist() == [["ann", "bob", 5]], (
        "cyd asked for no lists"
    )


def test_nobody_is_called_silent_where_uploads_stopped(tmp_path: Path) -> None:
    """Coverage ends on 31 May; seen from August the silence is ours."""
    talk = HEAD + weekly("ann", "2026-03-11", 12)
    with warehouse_of(members="| who |\n| ann |\n", interactions=talk, covers=COVERS) as connection:
        cells_of(connection, date(2026, 8, 1))
        watch_people(connection)
        assert connection.execute("select sum(count) from watched").fetchone() == (0,)


def test_lists_are_for_managers_and_may_be_left_behind(home: Path) -> None:
    for role in (Role.LEADER, Role.MEMBER):
        with pytest.raises(Refused, match="managers only"):
            open_lists(demo_home(), role)
    copy_demo(home)
    files = list_snapshots(home)[0].files
    assert set(files) == {"manager", "leader", "member", "restricted"}
    Path(files["restricted"]).unlink()
    with pytest.raises(Damaged):
        open_lists(home, Role.MANAGER)


def test_names_are_in_no_published_file() -> None:
    """The files that pages read hold no member's name, in any column of text."""
    names = open_lists(demo_home(), Role.MANAGER)
    listed = set(names.query("select name from people_lists")["name"])
    names.close()
    assert listed
    for file in list_snapshots(demo_home())[0].files.items():
        if file[0] != "restricted":
            content = Path(file[1]).read_bytes()
            assert not [name for name in listed if name.encode() in content]
