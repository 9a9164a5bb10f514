"""Every page of the menu, run without a browser: on the demo, on an empty home, with a damaged snapshot, and with any link."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

import pipeline
from metrics.snapshot import current_id, list_snapshots, pin_quarter, published_folder
from report.words import verbatim
from tests.demo import copy_demo, demo_home
from tests.uploads import upload
from ui.menu import MENU, page_file

START = "Drop what your tools export: it is checked before anything is stored."

ROOT = Path(__file__).parent.parent
SAMPLE = ROOT / "data" / "sample"
FRAME = ROOT / "ui" / "frame.py"
NAMES = [name for pages in MENU.values() for name, *_ in pages]
READING = [name for name in NAMES if name.startswith(("overview/", "taking_part/", "belonging/"))]
FIRST_RUN = "Hearth has no data yet. One file is enough to see the first chart."
BROKEN = "The newest numbers could not be read, so these pages are empty for now."

MEMBERS = "member_id,joined_on,team\n" + "".join(
    f"M{number:02d},2026-01-05,{'Care' if number <= 6 else 'Digital'}\n" for number in range(1, 13)
)
EVENTS = "event_id,starts_at,title\nE1,2026-11-10 16:00,Tea\nE2,2026-11-12 16:00,Walk\n"


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    """Snapshots and models are kept for all sessions of a server; here every test is a server of its own."""
    st.cache_resource.clear()
    yield
    st.cache_resource.clear()


@pytest.fixture
def demo(monkeypatch: pytest.MonkeyPatch) -> Path:
    """The demo, to be read only."""
    monkeypatch.setenv("HEARTH_HOME", str(demo_home()))
    return demo_home()


@pytest.fixture(scope="module")
def twelve(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve members and two events, as of Monday 16 November 2026; to be copied."""
    home = tmp_path_factory.mktemp("twelve")
    (home / "settings.toml").write_text('as_of = 2026-11-16\ndimensions = ["team"]\n', encoding="utf-8")
    pipeline.take_in(home, [upload(home, MEMBERS, "members", name="members.csv")], publishing=False)
    pipeline.take_in(home, [upload(home, EVENTS, "events", name="events.csv")])
    return home


@pytest.fixture
def small(home: Path, twelve: Path) -> Path:
    """The home of twelve, to do anything with."""
    shutil.copytree(twelve, home, dirs_exist_ok=True)
    return home


def opened(name: str, **query: str) -> AppTest:
    """A page after its first run, by a link with these filters."""
    app = AppTest.from_file(str(FRAME), default_timeout=240)
    for key, value in query.items():
        app.query_params[key] = value
    app.run()
    return app if name == "overview/pulse" else to(app, name)


def to(app: AppTest, name: str) -> AppTest:
    return app.switch_page(os.path.relpath(page_file(name), FRAME.parent)).run()


def title(app: AppTest) -> str:
    """The one answer of a page, which ran to its end."""
    assert [error.message for error in app.exception] == []
    (found,) = app.title
    return str(found.value)


def button(app: AppTest, label: str) -> AppTest:
    """Press the button with this label; the page after it."""
    (found,) = [button for button in app.button if button.label == label]
    return found.click().run()


def said(app: AppTest) -> str:
    parts = [*app.markdown, *app.caption, *app.success, *app.info, *app.warning, *app.error]
    return "\n".join(str(part.value) for part in parts)


def cells(app: AppTest) -> str:
    return "\n".join(table.value.to_string() for table in app.table)


# The menu


def test_every_script_of_the_pages_folder_is_in_the_menu_once() -> None:
    files = {path.relative_to(ROOT / "pages").with_suffix("").as_posix() for path in (ROOT / "pages").rglob("*.py")}
    assert files == set(NAMES)
    paths = [url for pages in MENU.values() for *_, url in pages]
    assert len(paths) == len(set(paths)) == len(NAMES)


# On the demo


@pytest.mark.parametrize("name", NAMES)
def test_every_page_of_the_demo_opens(demo: Path, name: str) -> None:
    app = opened(name)
    answer = title(app)
    assert answer not in (FIRST_RUN, BROKEN)
    assert answer.endswith((".", "?"))
    assert not app.error
    assert "nan" not in said(app).lower().split()


@pytest.mark.parametrize("name", READING)
def test_pages_with_numbers_say_when_they_were_published_or_closed(demo: Path, name: str) -> None:
    kicker = str(opened(name).caption[0].value)
    assert "published" in kicker or "closed" in kicker


@pytest.mark.parametrize(
    ("name", "query", "kicker"),
    [
        ("overview/pulse", {"week": "Week 44, 2026"}, "Pulse · week 44, "),
        ("overview/pulse", {"group": "Care"}, " · Care · "),
        ("overview/scorecard", {"quarter": "2026-Q1"}, "first quarter 2026"),
        ("taking_part/events", {"grain": "Week", "week_of": "Week 44, 2026"}, "week 44"),
        ("taking_part/events", {"grain": "Month", "month_of": "May 2026"}, "May 2026"),
        ("taking_part/conversations", {"grain": "Quarter", "quarter_of": "2026-Q1"}, "2026-Q1"),
        ("belonging/surveys", {"wave": "2025 autumn", "by": "By region"}, "2025 autumn"),
        ("belonging/voices", {"wave": "2025 autumn"}, "2025 autumn"),
        ("belonging/connections", {"quarter_of": "2026-Q1", "by": "By region"}, "2026-Q1"),
        ("belonging/journeys", {"quarter_of": "2026-Q1"}, "2026-Q1"),
    ],
)
def test_a_link_shows_what_it_names(demo: Path, name: str, query: dict[str, str], kicker: str) -> None:
    app = opened(name, **query)
    title(app)
    assert kicker in str(app.caption[0].value)


@pytest.mark.parametrize("name", READING)
def test_a_link_with_nonsense_shows_the_page_as_it_opens(demo: Path, name: str) -> None:
    keys = ("week", "group", "quarter", "grain", "quarter_of", "week_of", "by", "wave")
    as_it_opens = title(opened(name))
    for nonsense in ("", "nonsense", "2026-13-45", "../../etc/passwd", "' or 1=1 --", "<script>", "ø" * 300):
        assert title(opened(name, **dict.fromkeys(keys, nonsense))) == as_it_opens, nonsense


def test_a_filter_changes_the_page(demo: Path) -> None:
    app = opened("overview/pulse")
    before = title(app)
    app = app.selectbox(key="week").select("Week 33, 2026").run()
    assert title(app) == "Week 33 lies in the summer break, so its numbers are not judged."
    assert title(app) != before


@pytest.mark.parametrize("year", [2024, 2025, 2026])
def test_weeks_of_the_same_number_are_told_apart_by_their_year(demo: Path, year: int) -> None:
    """Before, each of the three was called "Week 45", and all of them opened the week of 2024."""
    app = opened("overview/pulse")
    app = app.selectbox(key="week").select(f"Week 45, {year}").run()
    title(app)
    assert str(app.caption[0].value).split(" · ")[1].endswith(f"Nov\u00a0{year}")


def test_the_choices_of_a_filter_have_names_of_their_own(demo: Path) -> None:
    for name in READING:
        for box in opened(name).selectbox:
            assert len(box.options) == len(set(box.options)), (name, box.key)


def test_a_pinned_quarter_shows_what_was_revised(home: Path) -> None:
    copy_demo(home)
    pin_quarter(home, "2026-Q3")
    app = opened("overview/scorecard", quarter="2026-Q3")
    title(app)
    assert "Revised since pinned" in [str(header.value) for header in app.header]
    assert "Nothing differs from what was pinned." in said(app)


# On an empty home


@pytest.mark.parametrize("name", READING)
def test_an_empty_home_offers_the_first_run(home: Path, name: str) -> None:
    app = opened(name)
    assert title(app) == FIRST_RUN
    labels = [button.label for button in app.button]
    assert [label for label in labels if label.startswith("Upload")] == [
        "Upload the member list",
        "Upload attendance",
        "Upload a survey",
    ]
    assert "Open the demo community" in [button.label for button in app.button]


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("data/upload", START),
        ("data/history", "Nothing was uploaded yet."),
        ("help/glossary", "Every number, its question, its formula, and what not to conclude from it."),
    ],
)
def test_pages_that_need_no_data_work_on_an_empty_home(home: Path, name: str, answer: str) -> None:
    assert title(opened(name)) == answer


def test_looking_at_pages_writes_nothing(home: Path) -> None:
    for name in NAMES:
        opened(name)
    assert list(home.iterdir()) == []


def test_the_first_step_leads_to_upload(home: Path) -> None:
    app = opened("overview/pulse")
    assert title(button(app, "Upload the member list")) == START


# With little data


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("belonging/surveys", "No survey was uploaded yet."),
        ("belonging/voices", "No survey was uploaded yet."),
        ("taking_part/events", "No attendance was uploaded yet."),
        ("taking_part/conversations", "No interactions were uploaded yet."),
        ("belonging/connections", "No interactions were uploaded yet."),
        ("overview/pulse", "No upload covers this week yet."),
    ],
)
def test_a_page_without_its_facts_says_which_file_fills_it(small: Path, name: str, answer: str) -> None:
    assert title(opened(name)) == answer


# With a damaged snapshot


def damage(home: Path) -> None:
    """Write other bytes over the beginning of the newest published file."""
    file = published_folder(home) / current_id(home) / "manager.duckdb"
    file.chmod(0o600)
    with file.open("r+b") as handle:
        handle.write(b"\0" * 8192)


@pytest.mark.parametrize("name", READING)
def test_a_damaged_snapshot_is_said_and_nothing_else(small: Path, name: str) -> None:
    damage(small)
    app = opened(name)
    assert title(app) == BROKEN
    assert "Nothing that was uploaded is lost." in said(app)


def test_a_missing_snapshot_file_is_said_too(small: Path) -> None:
    (published_folder(small) / current_id(small) / "manager.duckdb").unlink()
    assert title(opened("overview/pulse")) == BROKEN


def test_publishing_again_mends_it(small: Path) -> None:
    damage(small)
    app = button(opened("overview/pulse"), "Publish again")
    assert title(app) == "No upload covers this week yet."


def test_the_numbers_before_can_be_shown_meanwhile(small: Path) -> None:
    pipeline.publish(small)
    older = next(kept for kept in list_snapshots(small) if not kept.current)
    damage(small)
    app = button(opened("overview/pulse"), f"Show {older.at:%-d %B}")
    assert title(app) == "No upload covers this week yet."


# Upload


ATTENDANCE = (
    "event_id,member_id,attended\n"
    + "".join(f"E1,M{number:02d},yes\n" for number in range(1, 7))
    + "E1,M07,perhaps\n,M08,yes\nE1,,yes\n"
)


def test_three_bad_rows_are_named_and_the_good_ones_taken(small: Path) -> None:
    """Six good rows and three bad: an answer that is neither yes nor no, no event, nobody."""
    app = opened("data/upload")
    app = app.file_uploader[0].upload("attendance.csv", ATTENDANCE.encode()).run()
    assert title(app).replace("\u00a0", " ") == "6 of 9 rows are good; 3 need mending before this can be taken in."
    problems, *_ = [table.value for table in app.table]
    assert list(problems["Row"]) == ["8", "9", "10"]  # the heading is row 1
    assert list(problems["Column"]) == ["attended", verbatim("event_id"), verbatim("member_id")]
    assert '"perhaps"' in problems["What"].iloc[0]
    assert all(problems["How to mend"])

    app = button(app, "Take the 6 good rows")
    assert title(app) == START
    assert "attendance.csv**: 9\u00a0rows, 6 new, 0 changed, 0 unchanged, 3 left out." in said(app)
    assert list((small / "incoming").iterdir()) == []
    newest = pipeline.ledger(small)[0]
    assert (newest["kind"], newest["new"]) == ("attendance", 6)


def test_looking_at_a_file_stores_nothing_of_it(small: Path) -> None:
    before = (len(pipeline.ledger(small)), current_id(small))
    opened("data/upload").file_uploader[0].upload("attendance.csv", ATTENDANCE.encode()).run()
    assert (len(pipeline.ledger(small)), current_id(small)) == before


def test_a_file_of_an_unknown_kind_is_asked_about(small: Path) -> None:
    app = opened("data/upload").file_uploader[0].upload("list.csv", b"colour,size\nred,4\n").run()
    assert title(app) == "Hearth does not know yet how to read this file."
    (kind,) = [box for box in app.selectbox if box.label == "This file is"]
    app = kind.select("members").run()
    assert title(app) == "Hearth does not know yet how to read this file."
    assert not [b for b in app.button if b.label.startswith("Take") and not b.disabled]


@pytest.mark.parametrize(
    "content",
    [b"", b"\x00\x01\x02\xff\xfe", b"member_id\n", b"PK\x03\x04 a spreadsheet renamed"],
    ids=["empty", "bytes", "heading", "zip"],
)
def test_what_is_no_table_is_refused_in_words(small: Path, content: bytes) -> None:
    app = opened("data/upload").file_uploader[0].upload("members.csv", content).run()
    assert title(app) == "This file cannot be read as it is."
    assert app.error
    assert not [b for b in app.button if b.label.startswith("Take") and not b.disabled]


def test_the_same_file_twice_is_said_before_it_is_taken(small: Path) -> None:
    app = opened("data/upload").file_uploader[0].upload("events.csv", EVENTS.encode()).run()
    title(app)
    assert not [b for b in app.button if b.label.startswith("Take")]
    assert app.warning


def test_the_survey_with_three_bad_rows(home: Path) -> None:
    """The sample file of the tutorial: a day that does not exist, a 7 on a scale of five, and a word for a number."""
    copy_demo(home)
    name = "survey-2026-autumn-with-three-bad-rows.csv"
    app = opened("data/upload").file_uploader[0].upload(name, (SAMPLE / name).read_bytes()).run()
    (label,) = [box for box in app.text_input if box.label == "Label of the wave"]
    label.set_value("2026 autumn")
    app = button(app, "This is the wave")
    assert "3 need mending" in title(app)
    assert len(app.table[0].value) == 3
    for wrong in ("09-31", '"7"', '"often"'):
        assert wrong in cells(app)


# History


def test_an_upload_is_undone_and_loaded_again(small: Path) -> None:
    app = opened("data/history")
    assert title(app) == "2 of 2 uploads count in the numbers."
    app = app.selectbox(key="batch").select_index(0).run()
    app = button(app, "Undo this upload")
    assert title(app) == "1 of 2 uploads count in the numbers."
    assert "undone" in cells(app)
    assert [row["undone"] for row in pipeline.ledger(small)] == [True, False]
    assert app.success

    app = app.selectbox(key="batch").select_index(0).run()
    app = button(app, "Load this upload again")
    assert title(app) == "2 of 2 uploads count in the numbers."
    assert [row["undone"] for row in pipeline.ledger(small)] == [False, False]


def test_history_lists_the_newest_upload_first(small: Path) -> None:
    (table,) = [table.value for table in opened("data/history").table]
    assert list(table["Upload"]) == ["2 · events · events.csv", "1 · members · members.csv"]
    assert list(table["State"]) == ["counts", "counts"]


# A roster made from an export


def test_a_provisional_roster_is_said_on_every_page_until_there_is_a_better_one(small: Path, tmp_path: Path) -> None:
    pipeline.undo(small, 1)
    sent = upload(small, MEMBERS, "members", name="slack.csv", provisional=True)
    pipeline.take_in(small, [sent])
    for name in ("overview/pulse", "data/history"):
        assert "The member list is provisional" in opened(name).warning[0].value
    pipeline.redo(small, 1)
    assert not [warning for warning in opened("data/history").warning if "provisional" in warning.value]
