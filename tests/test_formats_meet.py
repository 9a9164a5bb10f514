"""Google Meet: times without a day, durations in every spelling."""

from pathlib import Path

import pytest

from data.errors import BadFile
from ingest.formats.format import Unsettled
from tests.exports import Read, read_export

PEOPLE = """First name,Last name,Email,Duration,Time joined,Time exited
Ann,Ash,Ann@Example.org,1 hr 2 min,10:00 AM,11:02 AM
Bo,Birch,,42m,10:05 AM,10:59 AM
"""
ABOVE = """Meeting title,Date,Start time,End time
Garden club,2026-10-05,10:00 AM,11:00 AM

"""


def read(tmp_path: Path, text: str, name: str = "sheet.csv", **said: object) -> Read:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    return read_export(file, **said)


def minutes(found: Read) -> dict[object, object]:
    return {row["member_id"]: row["minutes"] for row in found.rows}


def test_the_sheet_says_its_day(tmp_path: Path) -> None:
    found = read(tmp_path, ABOVE + PEOPLE)
    assert found.rows[0] == {
        "line": 5, "event_id": "google_meet:garden-club:20261005T1000Z", "member_id": "ann@example.org", "attended": "yes",
        "minutes": "62", "starts_at": "2026-10-05 10:00:00", "title": "Garden club", "ends_at": "2026-10-05 11:00:00",
        "mode": "virtual",
    }  # fmt: skip
    assert minutes(found) == {"ann@example.org": "62", "Bo Birch": "42"}, "Bo was out of the call for twelve minutes"


def test_names_and_values_may_stand_one_below_the_other(tmp_path: Path) -> None:
    above = 'Meeting title,Garden club\nDate,"Oct 5, 2026"\nStart time,10:00 AM\nEnd time,11:00 AM\n\n'
    assert [row | {"line": 0} for row in read(tmp_path, above + PEOPLE).rows] == [
        row | {"line": 0} for row in read(tmp_path, ABOVE + PEOPLE).rows
    ]


def test_the_day_is_asked_for_where_nothing_says_it(tmp_path: Path) -> None:
    with pytest.raises(Unsettled, match=r"times of the sheet have no day. In the file: 10:00 AM. .*--day") as asked:
        read(tmp_path, PEOPLE)
    assert [question.detail for question in asked.value.questions] == ["day"]
    found = read(tmp_path, PEOPLE, day="2026-10-05")
    assert (found.rows[0]["starts_at"], found.rows[0]["ends_at"]) == ("2026-10-05 10:00:00", "2026-10-05 11:02:00")
    assert found.rows[0]["event_id"] == "google_meet:20261005T100000Z"
    assert [row["member_id"] for row in read(tmp_path, PEOPLE, kind="members").rows] == ["ann@example.org", "Bo Birch"]


@pytest.mark.parametrize(
    ("name", "event_id", "title"),
    [
        ("Garden club - 2026-10-05 - Attendance report.csv", "garden-club:20261005T1000Z", "Garden club"),
        (
            "Garden club (2026-10-05 at 10_00 GMT) - Attendance report (1).csv",
            "garden-club:20261005T1000Z",
            "Garden club",
        ),
        ("2026_10_05 abc-defg-hij.csv", "abc-defg-hij:20261005T1000Z", None),
        ("20261005.csv", "20261005T100000Z", None),
    ],
)
def test_the_name_of_the_file_may_say_the_day(tmp_path: Path, name: str, event_id: str, title: str | None) -> None:
    row = read(tmp_path, PEOPLE, name).rows[0]
    assert (row["event_id"], row.get("title")) == (f"google_meet:{event_id}", title)


@pytest.mark.parametrize(
    ("text", "worth"),
    [
        ("1 hr 2 min", "62"),
        ("42m", "42"),
        ("58 min", "58"),
        ("1:00:00", "60"),
        ("32:14", "32.23"),
        ("1h", "60"),
        ("often", "often"),
    ],
)
def test_durations_in_every_spelling(tmp_path: Path, text: str, worth: str) -> None:
    assert minutes(read(tmp_path, ABOVE + PEOPLE.replace("42m", text)))["Bo Birch"] == worth


@pytest.mark.parametrize(("joined", "left"), [("18:02", "18:44"), ("9:00:12", "9:42:12"), ("6:02 PM", "6:44 PM")])
def test_times_in_every_spelling(tmp_path: Path, joined: str, left: str) -> None:
    text = f"Name,Email,Duration,Time joined,Time exited\nAnn,ann@example.org,,{joined},{left}\n"
    assert minutes(read(tmp_path, text, day="2026-10-05")) == {"ann@example.org": "42"}


def test_two_devices_at_once_count_once(tmp_path: Path) -> None:
    """10:00 to 10:40 and 10:20 to 10:50 are fifty minutes, not seventy."""
    text = (
        "Name,Email,Duration,Time joined,Time exited\n"
        "Ann,ann@example.org,40 min,10:00,10:40\nAnn,ann@example.org,30 min,10:20,10:50\n"
    )
    assert minutes(read(tmp_path, text, day="2026-10-05")) == {"ann@example.org": "50"}


def test_a_call_past_midnight_ends_on_the_next_day(tmp_path: Path) -> None:
    text = (
        "Name,Email,Duration,Time joined,Time exited\n"
        "Ann,ann@example.org,,23:30,00:30\nBo,bo@example.org,,00:10,00:30\n"
    )
    found = read(tmp_path, text, day="2026-10-05")
    assert minutes(found) == {"ann@example.org": "60", "bo@example.org": "20"}
    assert (found.rows[0]["starts_at"], found.rows[0]["ends_at"]) == ("2026-10-05 23:30:00", "2026-10-06 00:30:00")


def test_a_sheet_without_people_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="lists nobody"):
        read(tmp_path, PEOPLE.splitlines()[0] + "\n", day="2026-10-05")
