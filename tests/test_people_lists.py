"""The page Lists: names, reasons and what to do, read in one place, for managers, and refused where the file is not there."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import streamlit as st

import pipeline
import ui.reading
from data.store import opened as connected
from metrics.lists import _TABLES
from metrics.snapshot import Role, Snapshot, current_id, open_lists, published_folder
from report.models.page import Page
from report.models.people_lists import NOBODY, is_watched, read_people_lists
from tests.demo import MET, copy_demo, copy_part_of_demo, demo_home
from tests.test_pages import cells, opened, said, title

AS_OF = "2026-11-16"


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    st.cache_resource.clear()


def lists_of(folder: Path, *, is_covered: bool = True, **rows: list[tuple[Any, ...]]) -> Page:
    """The page of lists that hold exactly these rows."""
    with connected(folder / "restricted.duckdb") as connection:
        connection.execute(_TABLES)
        for table, values in rows.items():
            for value in values:
                connection.execute(f"insert into {table} values ({', '.join('?' * len(value))})", value)
    lists = Snapshot(folder, Role.MANAGER, file_name="restricted")
    try:
        return read_people_lists(lists, AS_OF, is_covered)
    finally:
        lists.close()


def person(name: str, place: int, who: str, member: str = "M1") -> tuple[Any, ...]:
    return (name, place, member, who, "Care", date(2026, 10, 13), "acted in 6 of 12 weeks, and not since")


def test_the_answer_counts_who_has_gone_quiet_and_who_knows_nobody(tmp_path: Path) -> None:
    page = lists_of(
        tmp_path,
        people_lists=[
            person("drifting members", 1, "Ann", "M1"),
            person("drifting members", 2, "Bob", "M2"),
            person("newcomers without ties", 1, "Cyd", "M3"),
        ],
    )
    assert page.answer == "Two members have gone quiet and one newcomer knows nobody yet."
    assert page.kicker.replace("\u00a0", " ") == "Lists · for managers only · as of 16 Nov 2026"
    quiet = page.tables[0]
    assert quiet.title == "Who has gone quiet?"
    assert quiet.note == "Ask how they are; do not ask why they are away."
    assert [list(row) for row in quiet.rows.replace("\u00a0", " ", regex=True).to_numpy()] == [
        ["Ann", "Care", "acted in 6 of 12 weeks, and not since", "13 Oct 2026"],
        ["Bob", "Care", "acted in 6 of 12 weeks, and not since", "13 Oct 2026"],
    ]


def test_two_of_one_name_are_told_apart_and_a_name_is_no_markup(tmp_path: Path) -> None:
    page = lists_of(
        tmp_path,
        people_lists=[
            person("drifting members", 1, "Ann", "M1"),
            person("drifting members", 2, "Ann", "M2"),
            person("drifting members", 3, "![x](http://a)", "M3"),
        ],
    )
    assert list(page.tables[0].rows["Name"]) == ["Ann (M1)", "Ann (M2)", "!\\[x\\](http:\u2060//a)"]


def test_a_full_list_says_that_there_may_be_more(tmp_path: Path) -> None:
    page = lists_of(tmp_path, people_lists=[person("people to thank", at, f"P{at}", f"M{at}") for at in range(1, 51)])
    assert page.tables[2].note.endswith("The first 50; there may be more.")
    assert page.answer == "Nobody has gone quiet, and every newcomer knows somebody."


def test_pairs_and_bridges_are_said_with_what_is_known_of_them(tmp_path: Path) -> None:
    page = lists_of(
        tmp_path,
        introductions=[(1, "pay", "M1", "Ann", "Care", "M2", "Bob", None)],
        bridges=[(1, "2026-07-01", "M1", "Ann", None, 1, 20)],
        quiet_pairs=[(1, "M1", "Ann", "M2", "Bob", 4, date(2026, 9, 27))],
    )
    meet, bridges, pairs = (
        table.rows.replace("\u00a0", " ", regex=True).to_numpy().tolist() for table in page.tables[3:6]
    )
    assert meet == [["pay", "Ann, Care", "Bob, no team"]]
    assert bridges == [["Ann", "no team", "20 ties to 1 other team"]]
    assert pairs == [["Ann", "Bob", "talked in 4 weeks, and not since", "27 Sep 2026"]]


def test_an_empty_list_says_so_and_how_to_get_off_stands_last(tmp_path: Path) -> None:
    page = lists_of(tmp_path)
    assert [table.note for table in page.tables[:-1]] == [NOBODY] * 6
    assert page.tables[-1].title == "How does somebody get off these lists?"
    assert "no_lists" in page.tables[-1].note
    assert all(table.rows.empty for table in page.tables)


def test_where_uploads_stopped_nobody_is_said_to_be_well(tmp_path: Path) -> None:
    """Before, a home whose last upload was three weeks old read "Nobody has gone quiet, and every newcomer knows somebody."."""
    page = lists_of(tmp_path, is_covered=False, people_lists=[person("people to thank", 1, "Ann")])
    assert page.answer == "Nobody can be called quiet: no upload covers the last week."
    assert page.support.startswith("Upload attendance or interactions up to now")
    assert [table.note for table in page.tables[:2]] == [page.answer] * 2
    assert page.tables[2].note == "Thank each by name, for one thing they did."


def test_the_last_week_is_covered_up_to_seven_days_before(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    """The demo ends the day before it is published; eight days later without an upload nobody is watched any more."""
    copy_part_of_demo(home, MET)
    for as_of, watched in ((date(2026, 11, 22), True), (date(2026, 11, 23), False)):
        (home / "settings.toml").write_text(
            re.sub(r"as_of = .*", f"as_of = {as_of}", (home / "settings.toml").read_text(encoding="utf-8")),
            encoding="utf-8",
        )
        pipeline.publish(home)
        snapshot = Snapshot(published_folder(home) / current_id(home), Role.MANAGER)
        assert is_watched(snapshot) is watched
        snapshot.close()
    assert title(opened("data/lists")) == "Nobody can be called quiet: no upload covers the last week."


def test_the_demo_names_those_whom_the_file_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEARTH_HOME", str(demo_home()))
    app = opened("data/lists")
    assert title(app) == "Twelve members have gone quiet and two newcomers know nobody yet."
    lists = open_lists(demo_home(), Role.MANAGER)
    people = lists.table("people_lists")
    lists.close()
    quiet = people[people["list"] == "drifting members"]
    assert list(app.table[0].value["Name"]) == list(quiet.sort_values("position")["name"])
    assert len(app.table[2].value) == 10, "the first ten of fifty; the rest is folded away and not drawn"
    assert "40 more" in [box.label for box in app.expander]
    assert "no_lists" in said(app)


def test_a_dashboard_without_the_file_says_so_and_nothing_else(home: Path) -> None:
    copy_demo(home)
    (published_folder(home) / current_id(home) / "restricted.duckdb").unlink()
    app = opened("data/lists")
    assert title(app) == "This dashboard carries no named lists."
    assert not app.table
    assert title(opened("overview/pulse")).startswith("Fewer members came to events")


def test_a_file_that_was_changed_is_not_shown(home: Path) -> None:
    copy_demo(home)
    file = published_folder(home) / current_id(home) / "restricted.duckdb"
    with connected(file) as connection:
        connection.execute("update people_lists set reason = 'is lazy'")
    app = opened("data/lists")
    assert title(app) == "The newest numbers could not be read, so these pages are empty for now."
    assert "is lazy" not in cells(app)


@pytest.mark.parametrize("role", [Role.LEADER, Role.MEMBER])
def test_another_role_is_refused_also_after_a_manager_looked(monkeypatch: pytest.MonkeyPatch, role: Role) -> None:
    monkeypatch.setenv("HEARTH_HOME", str(demo_home()))
    assert title(opened("data/lists")).startswith("Twelve members")
    monkeypatch.setattr(ui.reading, "role", lambda: role)
    app = opened("data/lists")
    assert title(app) == "Named lists are for managers only."
    assert not app.table


def test_an_empty_home_has_no_lists(home: Path) -> None:
    assert title(opened("data/lists")) == "Hearth has no data yet. One file is enough to see the first chart."


def test_only_one_function_opens_the_lists() -> None:
    """So that a rule about who may see them has one place."""
    root = Path(__file__).parent.parent
    code = [path for folder in ("pages", "ui", "report") for path in (root / folder).rglob("*.py")]
    assert [
        path.name for path in code if "open_lists(" in path.read_text(encoding="utf-8").replace("_open_lists(", "")
    ] == ["reading.py"]
