"""The second Monday: the exports of another week, of tools that Hearth has met before, dropped together and published."""

import json
import time
import zipfile
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import xlsxwriter
from playwright.sync_api import Browser, Locator, expect

import pipeline
from ingest.importer import Details, Upload
from tests.chromium import serving
from tests.test_walk import SLOW, opened

PEOPLE = [(f"M{number:02}", f"Person {number:02}", f"p{number:02}@example.org") for number in range(1, 31)]
MONDAY = date(2026, 11, 9)
ITEMS = """column,wording,kind,scale_min,scale_max,construct
How happy are you here?,How happy are you here?,likert,1,5,engagement
What should we do next?,What should we do next?,text,,,
"""
MOST_CLICKS = 4


def slack_export(folder: Path, until: date) -> Path:
    """Everything that was written in one channel from the 2nd of November on: each export holds the ones before it."""
    file = folder / f"slack {until}.zip"
    users = [
        {"id": f"U{id_[1:]}", "name": id_.lower(), "profile": {"real_name": name, "email": mail}}
        for id_, name, mail in PEOPLE
    ]
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("users.json", json.dumps(users))
        archive.writestr("channels.json", json.dumps([{"id": "C1", "name": "general", "members": []}]))
        day = date(2026, 11, 2)
        while day <= until:
            start = datetime(day.year, day.month, day.day, 9, tzinfo=UTC).timestamp()
            messages = [
                {
                    "type": "message",
                    "user": users[(day.day + n) % 30]["id"],
                    "ts": f"{start + n * 60:.6f}",
                    "text": "Hello",
                }
                for n in range(12)
            ]
            archive.writestr(f"general/{day}.json", json.dumps(messages))
            day += timedelta(days=1)
    return file


def teams_report(folder: Path, title: str, day: date, people: Sequence[tuple[str, str, str]]) -> Path:
    """A Teams attendance report as Teams writes it: UTF-16, tabs, three sections, American dates."""
    at = f"{day.month}/{day.day}/{day:%y}"
    rows = [f"{name}\t{at}, 4:00:00 PM\t{at}, 5:00:00 PM\t1h\t{mail}" for _, name, mail in people]
    text = "\n".join(
        [
            "1. Summary", f"Meeting title\t{title}", f"Attended participants\t{len(people)}",
            f"Start time\t{at}, 4:00:00 PM", f"End time\t{at}, 5:00:00 PM", "Meeting duration\t1h",
            "Average attendance time\t1h", "", "2. Participants",
            "Name\tFirst Join\tLast Leave\tIn-Meeting Duration\tEmail\tParticipant ID (UPN)\tRole",
            *(f"{row}\t{row.rpartition(chr(9))[2]}\tPresenter" for row in rows), "", "3. In-Meeting Activities",
            "Name\tJoin Time\tLeave Time\tDuration\tEmail\tRole", *(f"{row}\tPresenter" for row in rows), "",
        ]
    )  # fmt: skip
    file = folder / f"{title} {day}.csv"
    file.write_bytes(b"\xff\xfe" + text.encode("utf-16-le"))
    return file


def forms_workbook(folder: Path, day: date) -> Path:
    """A Microsoft Forms workbook with twelve anonymous answers."""
    file = folder / f"pulse {day}.xlsx"
    book = xlsxwriter.Workbook(str(file), {"default_date_format": "yyyy-mm-dd hh:mm:ss"})
    sheet = book.add_worksheet()
    sheet.write_row(
        0,
        0,
        ["ID", "Start time", "Completion time", "Email", "Name", "How happy are you here?", "What should we do next?"],
    )
    for number in range(1, 13):
        start = datetime(day.year, day.month, day.day, 9, number)
        sheet.write_number(number, 0, number)
        sheet.write_datetime(number, 1, start)
        sheet.write_datetime(number, 2, start + timedelta(minutes=5))
        sheet.write_row(number, 3, ["anonymous", "", 1 + number % 5, "More walks"])
    book.close()
    return file


def week_of(folder: Path, monday: date, reports: int) -> list[Path]:
    """One Slack export up to Sunday, so many Teams reports of meetings on Friday, Monday, Tuesday ..., one Forms workbook."""
    met = [
        teams_report(folder, f"Circle {n}", monday + timedelta(days=n % 5), PEOPLE[n : n + 12])
        for n in range(4, 4 + reports)
    ]
    return [
        slack_export(folder, monday + timedelta(days=6)),
        *met,
        forms_workbook(folder, monday + timedelta(days=2)),
    ]


@pytest.fixture(params=[2, pytest.param(6, marks=pytest.mark.prove)])
def reports(request: pytest.FixtureRequest) -> int:
    """How many meetings a week: each is read by a process of its own some four times, so six are left to `make prove`."""
    count: int = request.param
    return count


@pytest.fixture
def known_home(tmp_path: Path, reports: int) -> Path:
    """A home with a roster and the exports of the week before: every tool has been met once."""
    home = tmp_path / "home"
    folder = tmp_path / "first"
    folder.mkdir()
    home.mkdir()
    (home / "settings.toml").write_text("as_of = 2026-11-16\n", encoding="utf-8")
    roster = folder / "members.csv"
    roster.write_text(
        "member_id,name,email\n" + "".join(",".join(person) + "\n" for person in PEOPLE), encoding="utf-8"
    )
    items = folder / "items.csv"
    items.write_text(ITEMS, encoding="utf-8")
    chat, *met, answers = week_of(folder, date(2026, 11, 2), reports)
    wave = Details(
        wave="October 2026", opened=date(2026, 11, 2), closed=date(2026, 11, 6), promise="anonymous",
        told="Nobody sees who said what", items=items,
    )  # fmt: skip
    uploads = [
        Upload(roster, roster.name, "members", Details(), "test"),
        Upload(chat, chat.name, None, Details(), "test"),
        *(
            Upload(report, report.name, None, Details(date_order="month-first", event_type="meeting"), "test")
            for report in met
        ),
        Upload(answers, answers.name, None, wave, "test"),
    ]
    pipeline.take_in(home, uploads)
    return home


def test_exports_of_known_tools_are_published_in_four_clicks(
    browser: Browser, known_home: Path, tmp_path: Path, reports: int
) -> None:
    folder = tmp_path / "second"
    folder.mkdir()
    files = week_of(folder, MONDAY, reports)
    before = pipeline.ledger(known_home)
    clicks = 0

    def click(what: Locator) -> None:
        nonlocal clicks
        what.click()
        clicks += 1

    with serving(known_home) as address:
        page = opened(browser, f"{address}/upload")
        started = time.monotonic()
        with page.expect_file_chooser() as chooser:
            click(page.get_by_test_id("stFileUploaderDropzone").locator("button").first)
        chooser.value.set_files([str(file) for file in files])
        expect(page.locator("h1")).to_contain_text(f"All {len(files)} files are good", timeout=4 * SLOW)
        expect(page.get_by_text("What would change")).to_be_visible(timeout=4 * SLOW)
        click(page.get_by_role("button", name="Take all"))
        expect(page.get_by_text("Receipt of the last upload")).to_be_visible(timeout=4 * SLOW)
        seconds = time.monotonic() - started
    print(f"{len(files)} exports published in {clicks} clicks and {seconds:.0f} seconds.")
    assert clicks <= MOST_CLICKS

    taken = {row["file"]: row for row in pipeline.ledger(known_home)[: len(files)]}
    assert len(pipeline.ledger(known_home)) == len(before) + len(files)
    chat = taken[files[0].name]
    assert (chat["format"], chat["new"], chat["unchanged"]) == ("slack", 7 * 12, 7 * 12), "the first week was known"
    assert all(taken[report.name]["new"] == 12 for report in files[1:-1])
    assert sum(row["unmatched"] for row in taken.values()) == 0
    assert max(row["covers_to"] for row in taken.values() if row["kind"] == "attendance") == date(2026, 11, 13)
    assert (taken[files[-1].name]["kind"], taken[files[-1].name]["wave"]) == ("survey", "November 2026")
