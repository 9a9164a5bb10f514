"""Zoom: participants with the meeting above them and without, unique users, many meetings in a file, and webinars."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.errors import BadFile
from ingest.formats.export import Export
from ingest.formats.format import Unsettled
from ingest.formats.known import recognise_format
from ingest.importer import Details
from tests.exports import Read, read_export

MEETING = """Meeting ID,Topic,Start Time,End Time,User Email,Duration (Minutes),Participants,
973 0329 0176,Garden club,10/25/2026 06:00:00 PM,10/25/2026 07:00:00 PM,ann@example.org,60,3,

Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest,Recording Consent,In Waiting Room
Ann Ash,Ann@Example.org,10/25/2026 06:00:00 PM,10/25/2026 07:00:00 PM,60,No,Y,No
"Bo (Bo's phone)",,10/25/2026 05:50:00 PM,10/25/2026 06:05:00 PM,15,Yes,,Yes
"Bo (Bo's phone)",,10/25/2026 06:05:00 PM,10/25/2026 06:35:00 PM,30,Yes,,No
"Cy Cedar (Cy)",cy@example.org,10/25/2026 06:00:00 PM,10/25/2026 06:40:00 PM,40,No,,No
"Cy Cedar (iPad)",cy@example.org,10/25/2026 06:20:00 PM,10/25/2026 06:55:00 PM,35,No,,No
"""

WEBINAR = """Attendee Report,,,,,,,,,,,,,
Report Generated:,"Mar 23, 2025 6:26 PM",,,,,,,,,,,,
Topic,Webinar ID,Actual Start Time,Actual Duration (minutes),# Registered,# Cancelled,Unique Viewers,Total Users,Max Concurrent Views,Enable Registration,,,,
Spring show,912 3456 7890,"Mar 22, 2025 19:00:00",60,4,1,2,4,3,Yes,,,,
Host Details,,,,,,,,,,,,,
Attended,User Name (Original Name),Email,Join Time,Leave Time,Time in Session (minutes),Is Guest,Country/Region Name,,,,,,
Yes,Ann Ash,ann@example.org,"Mar 22, 2025 18:50:00","Mar 22, 2025 20:00:00",70,No,Ireland,,,,,,
Panelist Details,,,,,,,,,,,,,
Attended,User Name (Original Name),Email,Join Time,Leave Time,Time in Session (minutes),Is Guest,Country/Region Name,,,,,,
Yes,Bo Birch,bo@example.org,"Mar 22, 2025 19:00:00","Mar 22, 2025 20:00:00",60,No,Ireland,,,,,,
Attendee Details,,,,,,,,,,,,,
Attended,User Name (Original Name),First Name,Last Name,Email,Phone,Registration Time,Approval Status,Join Time,Leave Time,Time in Session (minutes),Is Guest,Why do you come?,Country/Region Name
Yes,Cy (Cyril),Cy,Cedar,cy@example.org,555,"Mar 1, 2025 10:00:00",approved,"Mar 22, 2025 19:00:00","Mar 22, 2025 19:20:00",20,Yes,Roses,Ireland
Yes,Cy (Cyril),Cy,Cedar,cy@example.org,--,--,--,"Mar 22, 2025 19:30:00","Mar 22, 2025 19:40:00",10,Yes,--,Ireland
No,--,Di,Dill,di@example.org,--,"Mar 2, 2025 10:00:00",approved,--,--,--,--,Tulips,--
Yes,Ed,Ed,Elm,ed@example.org,--,"Mar 2, 2025 10:00:00",approved,"Mar 22, 2025 19:00:00","Mar 22, 2025 19:05:00",5,Yes,--,Ireland
No,--,Flo,Fern,flo@example.org,--,"Mar 3, 2025 10:00:00",cancelled by self,--,--,--,--,--,--
"""


def read(tmp_path: Path, text: str, name: str = "participants.csv", **said: object) -> Read:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    return read_export(file, **said)


def minutes(found: Read) -> dict[object, object]:
    return {row["member_id"]: row["minutes"] for row in found.rows}


def test_a_meeting_gives_the_event_and_one_time_for_rejoins_and_two_devices(tmp_path: Path) -> None:
    """Bo's quarter of an hour in the waiting room is none; Cy's two devices overlap by twenty minutes."""
    found = read(tmp_path, MEETING)
    assert found.rows[0] == {
        "line": 5, "event_id": "zoom:97303290176:20261025T1800Z", "member_id": "ann@example.org", "attended": "yes",
        "part": "host", "minutes": "60", "starts_at": "2026-10-25 18:00:00", "title": "Garden club",
        "ends_at": "2026-10-25 19:00:00", "mode": "virtual",
    }  # fmt: skip
    assert minutes(found) == {"ann@example.org": "60", "Bo": "30", "cy@example.org": str(40 + 35 - 20)}
    assert [(one.id, one.name, one.email, one.kind) for one in found.reading.people] == [
        ("ann@example.org", "Ann Ash", "ann@example.org", "member"),
        ("Bo", "Bo", None, "guest"),
        ("cy@example.org", "Cy Cedar", "cy@example.org", "member"),
    ]
    assert found.reading.left_out == {"stays in the waiting room": 1}
    assert found.reading.warnings == []


def test_somebody_who_only_waited_did_not_come(tmp_path: Path) -> None:
    waited = MEETING.replace("30,Yes,,No", "30,Yes,,Yes")
    assert "Bo" not in minutes(read(tmp_path, waited))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Name (Original Name),User Email", "Name (original name),Email"),
        ("Meeting ID,Topic,Start Time", "ID,Topic,Start time"),
        ("Duration (Minutes),Guest", "Duration (minutes),Guest"),
        ("973 0329 0176", "97303290176"),
    ],
)
def test_other_spellings_of_columns_read_the_same(tmp_path: Path, old: str, new: str) -> None:
    assert read(tmp_path, MEETING.replace(old, new)).rows == read(tmp_path, MEETING).rows


def test_a_workbooks_semicolons_and_its_hint_read_the_same(tmp_path: Path) -> None:
    other = "sep=;\n" + MEETING.replace(",", ";")
    assert minutes(read(tmp_path, other)) == minutes(read(tmp_path, MEETING))


def test_totals_that_differ_are_said(tmp_path: Path) -> None:
    other = MEETING.replace("ann@example.org,60,3", "ann@example.org,45,9")
    assert read(tmp_path, other).reading.warnings == [
        "The report says 9 attended and lists 3 people.",
        "The report gives the length of the meeting as 45m; its rows make it 1h.",
    ]


def test_without_the_meeting_the_first_to_join_starts_it(tmp_path: Path) -> None:
    flat = MEETING.split("\n\n")[1]
    found = read(tmp_path, flat, "participants_97303290176.csv")
    assert found.rows[0]["event_id"] == "zoom:97303290176:20261025T1800Z"
    assert (found.rows[0]["starts_at"], found.rows[0]["ends_at"]) == ("2026-10-25 18:00:00", "2026-10-25 19:00:00")
    assert read(tmp_path, flat, "list.csv").rows[0]["event_id"] == "zoom:20261025T180000Z"


def test_a_longer_export_of_the_same_meeting_meets_the_same_event(tmp_path: Path) -> None:
    lines = MEETING.splitlines(keepends=True)
    before, after = read(tmp_path, "".join(lines[:6])), read(tmp_path, MEETING)
    assert before.rows[0]["event_id"] == after.rows[0]["event_id"]


def test_unique_users_have_no_times_so_event_and_day_are_asked_for(tmp_path: Path) -> None:
    text = "Name (Original Name),User Email, Total Durection(Minutes),Guest\nAnn Ash,ann@example.org,65,No\n"
    with pytest.raises(Unsettled) as asked:
        read(tmp_path, text)
    assert [question.detail for question in asked.value.questions] == ["event_id", "day"]
    found = read(tmp_path, text, event_id="E7")
    assert found.reading.columns == ("event_id", "member_id", "attended", "minutes")
    assert [tuple(row.values()) for row in found.rows] == [(2, "E7", "ann@example.org", "yes", "65")]
    named = read(tmp_path, text, "participants_97303290176.csv", day="2026-10-25")
    assert (named.rows[0]["event_id"], named.rows[0]["starts_at"]) == ("zoom:97303290176:2026-10-25", "2026-10-25")


def test_many_meetings_in_one_file_are_events_of_their_own(tmp_path: Path) -> None:
    """The dashboard's list: topic and number on every row, no start. A number used again two days later is another event."""
    text = (
        "Topic,Meeting ID,Name (original name),Email,Join Time,Leave Time,Duration (minutes),Guest\n"
        "Garden club,111 222 3333,Ann Ash,ann@example.org,10/23/2026 06:00:00 PM,10/23/2026 07:00:00 PM,60,No\n"
        "Book club,444 555 6666,Ann Ash,ann@example.org,10/24/2026 06:00:00 PM,10/24/2026 06:30:00 PM,30,No\n"
        "Garden club,111 222 3333,Bo Birch,bo@example.org,10/23/2026 06:30:00 PM,10/23/2026 07:00:00 PM,30,No\n"
        "Garden club,111 222 3333,Ann Ash,ann@example.org,10/25/2026 06:00:00 PM,10/25/2026 06:10:00 PM,10,No\n"
    )
    found = read(tmp_path, text)
    assert [(row["line"], row["event_id"], row["member_id"], row["minutes"], row["title"]) for row in found.rows] == [
        (2, "zoom:1112223333:20261023T1800Z", "ann@example.org", "60", "Garden club"),
        (3, "zoom:4445556666:20261024T1800Z", "ann@example.org", "30", "Book club"),
        (4, "zoom:1112223333:20261023T1800Z", "bo@example.org", "30", "Garden club"),
        (5, "zoom:1112223333:20261025T1800Z", "ann@example.org", "10", "Garden club"),
    ]
    assert len(found.reading.people) == 2
    with pytest.raises(BadFile, match="holds 3 meetings, and one event was named"):
        read(tmp_path, text, event_id="E7")


def test_a_cell_that_is_no_time_or_duration_is_handed_on(tmp_path: Path) -> None:
    assert minutes(read(tmp_path, MEETING.replace("10/25/2026 06:35:00 PM", "soon")))["Bo"] == "soon"
    text = "Name (Original Name),User Email,Total Duration (Minutes),Guest\nAnn,ann@example.org,long,No\n"
    assert minutes(read(tmp_path, text, event_id="E7")) == {"ann@example.org": "long"}


def test_a_file_that_breaks_off_is_refused_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="its last row has 3 of 8 cells") as refused:
        read(tmp_path, MEETING[: MEETING.rindex(",10/25/2026 06:55")])
    assert refused.value.where == "participants.csv, line 9"
    with pytest.raises(BadFile, match="lists no participants"):
        read(tmp_path, MEETING.split("Ann Ash")[0])


def test_day_and_month_are_asked_for_and_then_known(tmp_path: Path) -> None:
    with pytest.raises(Unsettled, match="Day and month"):
        read(tmp_path, MEETING.replace("10/25/2026", "10/05/2026"))
    found = read(tmp_path, MEETING.replace("10/25/2026", "10/05/2026"), date_order="month-first", event_type="social")
    assert (found.rows[0]["starts_at"], found.rows[0]["type"]) == ("2026-10-05 18:00:00", "social")


def test_a_zone_that_was_said_is_written_with_each_time(tmp_path: Path) -> None:
    file = tmp_path / "participants.csv"
    file.write_text(MEETING, encoding="utf-8")
    export = Export(file, file.name)
    zoom = recognise_format(export)
    assert zoom is not None
    reading = zoom.read(export, "attendance", Details(zone="America/New_York"), "Europe/Berlin")
    row = dict(zip(reading.columns, next(iter(reading.rows))[1], strict=True))
    assert (row["starts_at"], row["event_id"]) == ("2026-10-25 18:00:00-04:00", "zoom:97303290176:20261025T2200Z")


stays = st.lists(st.tuples(st.integers(0, 300), st.integers(1, 120)), min_size=1, max_size=6)


@given(stays)
def test_rejoining_counts_each_minute_once(
    tmp_path_factory: pytest.TempPathFactory, stays: list[tuple[int, int]]
) -> None:
    """The minutes are those of a list of every minute that somebody was there."""
    there = {minute for start, length in stays for minute in range(start, start + length)}
    begin = datetime(2026, 10, 25, 8)

    def shown(minute: int) -> str:
        return f"{begin + timedelta(minutes=minute):%m/%d/%Y %I:%M:%S %p}"

    rows = [f"Ann,ann@example.org,{shown(start)},{shown(start + length)},{length},No\n" for start, length in stays]
    text = "Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest\n" + "".join(rows)
    assert minutes(read(tmp_path_factory.mktemp("zoom"), text)) == {"ann@example.org": str(len(there))}


def test_a_webinar_lists_who_registered_and_did_not_come(tmp_path: Path) -> None:
    found = read(tmp_path, WEBINAR)
    assert [tuple(row.values())[2:] for row in found.rows] == [
        ("ann@example.org", "yes", None, None, "host", "70", "2025-03-22 19:00:00", "Spring show", "2025-03-22 20:00:00", "virtual"),
        ("bo@example.org", "yes", None, None, "speaker", "60", "2025-03-22 19:00:00", "Spring show", "2025-03-22 20:00:00", "virtual"),
        ("cy@example.org", "yes", "yes", None, None, "30", "2025-03-22 19:00:00", "Spring show", "2025-03-22 20:00:00", "virtual"),
        ("di@example.org", "no", "yes", None, None, None, "2025-03-22 19:00:00", "Spring show", "2025-03-22 20:00:00", "virtual"),
        ("ed@example.org", "yes", "yes", None, None, "5", "2025-03-22 19:00:00", "Spring show", "2025-03-22 20:00:00", "virtual"),
        ("flo@example.org", "no", "yes", "yes", None, None, "2025-03-22 19:00:00", "Spring show", "2025-03-22 20:00:00", "virtual"),
    ]  # fmt: skip
    assert found.rows[0]["event_id"] == "zoom:91234567890:20250322T1900Z"
    assert found.format.name == "zoom"
    assert found.reading.left_out == {"phone numbers": 1, "registration answers": 2}
    assert found.reading.warnings == []
    assert {one.id: one.name for one in found.reading.people}["cy@example.org"] == "Cy Cedar"


def test_a_webinar_in_the_other_style_of_dates_and_with_nul_bytes(tmp_path: Path) -> None:
    other = WEBINAR.replace('"Mar 22, 2025 18:50:00"', "03/22/2025 06:50:00 PM").replace(
        "Report Generated:", "Report generated time"
    )
    other = other.replace('"Mar 22, 2025 20:00:00"', "03/22/2025 08:00:00 PM").replace("Bo Birch", "Bo\0 Birch\0")
    assert read(tmp_path, other).rows == read(tmp_path, WEBINAR).rows


def test_a_webinar_without_registration_says_nothing_about_it(tmp_path: Path) -> None:
    rows = [line for line in WEBINAR.splitlines() if not line.startswith("No,")]
    text = (
        "\n".join(rows)
        .replace('"Mar 1, 2025 10:00:00",approved', "--,--")
        .replace('"Mar 2, 2025 10:00:00",approved', "--,--")
    )
    found = read(tmp_path, text + "\n")
    assert "registered" not in found.reading.columns
    assert [row["attended"] for row in found.rows] == ["yes"] * 4


def test_a_webinar_whose_totals_differ_says_so(tmp_path: Path) -> None:
    other = WEBINAR.replace("60,4,1,2,4,3,Yes", "60,9,1,7,4,3,Yes")
    assert read(tmp_path, other).reading.warnings == [
        "The report says 7 attended and lists 2 people.",
        "The report says 9 registered and lists 4 people who did.",
    ]


def test_a_webinar_that_breaks_off_before_its_attendees_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="breaks off before its attendees"):
        read(tmp_path, WEBINAR.split("Attendee Details")[0])


def test_the_samples_are_read(samples: Path) -> None:
    flat = read_export(samples / "zoom" / "participants_flat_2021.csv")
    assert minutes(flat) == {"pat.example@example.ca": "78.6"}, "78 minutes and 36 seconds"
    whole = read_export(samples / "zoom" / "participants_with_preamble.csv", date_order="month-first")
    assert minutes(whole) == {"Ana Maria Lopez": "57", "Brian Smith": "35", "jane@example.edu": str(20 + 35)}
    assert {row["title"] for row in whole.rows} == {"BIO 101"}
    assert {row["event_id"] for row in whole.rows} == {"zoom:81234567890:20261005T1755Z"}
