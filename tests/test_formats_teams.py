"""Microsoft Teams: reports in sections, in any encoding and language, the older list, and live events."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.errors import BadFile
from ingest.formats.format import Unsettled
from tests.exports import Read, read_export

REPORT = """1. Summary
Meeting title\tGarden club
Attended participants\t3
Start time\t11/26/25, 4:00:00 PM
End time\t11/26/25, 5:00:00 PM
Meeting duration\t1h
Average attendance time\t40m

2. Participants
Name\tFirst Join\tLast Leave\tIn-Meeting Duration\tEmail\tParticipant ID (UPN)\tRole
Ann Ash\t11/26/25, 4:00:00 PM\t11/26/25, 5:00:00 PM\t1h\tann@example.org\tann@example.org\tOrganizer
Bo Birch\t11/26/25, 4:10:00 PM\t11/26/25, 4:50:00 PM\t30m\tBo@Example.org\tbb01@example.org\tPresenter
Cy Cedar (Guest)\t11/26/25, 4:30:00 PM\t11/26/25, 5:00:00 PM\t30m\t\t\tAttendee

3. In-Meeting Activities
Name\tJoin Time\tLeave Time\tDuration\tEmail\tRole
Ann Ash\t11/26/25, 4:00:00 PM\t11/26/25, 5:00:00 PM\t1h\tann@example.org\tOrganizer
Bo Birch\t11/26/25, 4:10:00 PM\t11/26/25, 4:25:00 PM\t15m\tBo@Example.org\tPresenter
Bo Birch\t11/26/25, 4:35:00 PM\t11/26/25, 4:50:00 PM\t15m\tBo@Example.org\tPresenter
Cy Cedar (Guest)\t11/26/25, 4:30:00 PM\t11/26/25, 5:00:00 PM\t30m\t\tAttendee
"""

POLISH = """1. Podsumowanie
Tytuł spotkania\tKlub ogrodniczy
Uczestnicy, którzy wzięli udział\t2
Godzina rozpoczęcia\t05.04.2026, 16:00:00
Godzina zakończenia\t05.04.2026, 17:13:42
Czas trwania spotkania\t1 godz. 13 min 42 sek.
Średni czas uczestnictwa\t1 godz.

2. Uczestnicy
Nazwa\tPierwsze dołączenie\tOstatnie opuszczenie\tCzas trwania\tAdres e-mail\tIdentyfikator uczestnika (UPN)\tRola
Ann Ash\t05.04.2026, 16:00:00\t05.04.2026, 17:13:42\t1 godz. 13 min 42 sek.\tann@example.org\tann@example.org\tOrganizator
Bo Birch (Gość)\t05.04.2026, 16:13:42\t05.04.2026, 17:00:00\t46 min 18 sek.\t\t\tProwadzący

3. Działania
Nazwa\tCzas dołączenia\tCzas opuszczenia\tCzas trwania\tAdres e-mail\tRola
Ann Ash\t05.04.2026, 16:00:00\t05.04.2026, 17:13:42\t1 godz. 13 min 42 sek.\tann@example.org\tOrganizator
Bo Birch (Gość)\t05.04.2026, 16:13:42\t05.04.2026, 17:00:00\t46 min 18 sek.\t\tProwadzący
"""

BEFORE_SECTIONS = """Meeting Summary
Total Number of Participants\t2
Meeting Title\tGarden club
Meeting Start Time\t3/21/2022, 9:57:23 AM
Meeting End Time\t3/21/2022, 10:57:23 AM
Meeting Id\t1c5b

Full Name\tJoin Time\tLeave Time\tDuration\tEmail\tRole\tParticipant ID (UPN)
Ann Ash\t3/21/2022, 9:57:23 AM\t3/21/2022, 10:57:23 AM\t1h\tann@example.org\tOrganizer\tann@example.org
Bo Birch\t3/21/2022, 10:00:00 AM\t3/21/2022, 10:10:00 AM\t10m\tbo@example.org\tAttendee\tbo@example.org
Bo Birch\t3/21/2022, 10:05:00 AM\t3/21/2022, 10:20:00 AM\t15m\tbo@example.org\tAttendee\tbo@example.org
"""

LIST = """Full Name\tUser Action\tTimestamp
Ann Ash\tJoined before\t11/16/2020, 9:00:00 AM
Bo Birch\tJoined\t11/16/2020, 9:05:00 AM
Bo Birch\tLeft\t11/16/2020, 9:20:00 AM
Bo Birch\tJoined\t11/16/2020, 9:30:00 AM
Bo Birch\tLeft\t11/16/2020, 9:40:30 AM
"""


def read(tmp_path: Path, text: str, encoding: str = "utf-16", name: str = "report.csv", **said: object) -> Read:
    file = tmp_path / name
    file.write_bytes(text.replace("\n", "\r\n").encode(encoding))
    return read_export(file, **said)


def people(found: Read) -> dict[object, object]:
    return {row["member_id"]: row["minutes"] for row in found.rows}


def test_a_report_gives_the_event_and_how_long_each_was_there(tmp_path: Path) -> None:
    found = read(tmp_path, REPORT)
    assert found.rows[1] == {
        "line": 12, "event_id": "teams:garden-club:20251126T1600Z", "member_id": "bo@example.org", "attended": "yes",
        "part": "speaker", "minutes": "30", "starts_at": "2025-11-26 16:00:00", "title": "Garden club",
        "ends_at": "2025-11-26 17:00:00", "mode": "virtual",
    }  # fmt: skip
    assert people(found) == {"ann@example.org": "60", "bo@example.org": "30", "Cy Cedar": "30"}
    assert [row["part"] for row in found.rows] == ["host", "speaker", None]
    assert found.reading.warnings == []


def test_people_keep_their_address_their_principal_name_and_that_they_are_guests(tmp_path: Path) -> None:
    people = read(tmp_path, REPORT).reading.people
    assert [(one.id, one.name, one.email, one.login, one.kind) for one in people] == [
        ("ann@example.org", "Ann Ash", "ann@example.org", "ann@example.org", "member"),
        ("bo@example.org", "Bo Birch", "bo@example.org", "bb01@example.org", "member"),
        ("Cy Cedar", "Cy Cedar", None, None, "guest"),
    ]


def test_the_people_of_a_report_can_be_a_roster(tmp_path: Path) -> None:
    found = read(tmp_path, REPORT, kind="members")
    assert [tuple(row.values())[1:] for row in found.rows] == [
        ("ann@example.org", "Ann Ash", "ann@example.org"),
        ("bo@example.org", "Bo Birch", "bo@example.org"),
    ]
    assert found.reading.left_out == {"guests": 1}


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-16", "utf-8", "utf-8-sig"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_every_encoding_reads_the_same(tmp_path: Path, encoding: str, mark: str) -> None:
    found = read(tmp_path, mark + REPORT, encoding)
    assert people(found) == {"ann@example.org": "60", "bo@example.org": "30", "Cy Cedar": "30"}


def test_commas_and_padded_rows_read_the_same(tmp_path: Path) -> None:
    lines = []
    for line in REPORT.splitlines():
        cells = [f'"{cell}"' for cell in line.split("\t")]
        lines.append(",".join([*cells, *["" for _ in range(7 - len(cells))]]))
    found = read(tmp_path, "\n".join(lines) + "\n", "utf-8")
    assert people(found) == {"ann@example.org": "60", "bo@example.org": "30", "Cy Cedar": "30"}
    assert found.rows[0]["title"] == "Garden club"


def test_other_casing_and_another_order_of_columns_read_the_same(tmp_path: Path) -> None:
    head, table, activities = REPORT.split("\n\n")
    rows = [line.split("\t") for line in table.splitlines()]
    swapped = ["\t".join([*cells[:5], *reversed(cells[5:])]) for cells in rows]
    other = "\n\n".join([head, "\n".join(swapped), activities])
    other = other.replace("First Join", "First join").replace("In-Meeting Duration", "In-meeting duration")
    found = read(tmp_path, other.replace("\nName\t", "\nFull Name\t").upper().replace("GUEST", "Guest"))
    assert people(found) == {"ann@example.org": "60", "bo@example.org": "30", "CY CEDAR": "30"}
    assert [row["part"] for row in found.rows] == ["host", "speaker", None]


def test_other_languages_are_read_by_the_place_of_columns(tmp_path: Path) -> None:
    """Dots say that the day comes first, so the fifth of April is not asked about."""
    found = read(tmp_path, POLISH)
    assert found.rows[0] == {
        "line": 11, "event_id": "teams:klub-ogrodniczy:20260405T1600Z", "member_id": "ann@example.org", "attended": "yes",
        "part": "host", "minutes": "73.7", "starts_at": "2026-04-05 16:00:00", "title": "Klub ogrodniczy",
        "ends_at": "2026-04-05 17:13:42", "mode": "virtual",
    }  # fmt: skip
    assert people(found)["Bo Birch"] == "46.3"
    assert [one.kind for one in found.reading.people] == ["member", "guest"]
    assert found.reading.warnings == [], "73m 42s and 46m 18s are 1h on average, as the report says"


def test_the_form_before_sections_has_a_row_for_each_joining(tmp_path: Path) -> None:
    found = read(tmp_path, BEFORE_SECTIONS)
    assert people(found) == {"ann@example.org": "60", "bo@example.org": "20"}
    assert found.rows[0]["event_id"] == "teams:1c5b:20220321T0957Z"
    assert found.reading.warnings == []


def test_day_and_month_are_asked_for_where_they_could_be_either(tmp_path: Path) -> None:
    report = REPORT.replace("11/26/25", "05/04/26")
    with pytest.raises(Unsettled, match="Day and month") as asked:
        read(tmp_path, report)
    assert asked.value.questions[0].detail == "date_order"
    assert read(tmp_path, report, date_order="day-first").rows[0]["starts_at"] == "2026-04-05 16:00:00"
    assert read(tmp_path, report, kind="members").rows[0]["member_id"] == "ann@example.org", "a roster needs no dates"


def test_a_zone_that_was_said_gives_times_their_offset_and_the_same_event(tmp_path: Path) -> None:
    found = read(tmp_path, REPORT, zone="UTC", date_order=None)
    file = tmp_path / "report.csv"
    there = read_export(file, None, "Europe/Berlin", date_order="month-first")
    assert there.rows[0]["event_id"] == "teams:garden-club:20251126T1500Z", "4 pm in Berlin is 3 pm UTC"
    assert found.rows[0]["starts_at"] == there.rows[0]["starts_at"] == "2025-11-26 16:00:00"


def test_a_report_that_does_not_add_up_says_both_numbers(tmp_path: Path) -> None:
    report = REPORT.replace("participants\t3", "participants\t5").replace("time\t40m", "time\t50m")
    report = report.replace("duration\t1h", "duration\t2h").replace("PM\t30m\tBo@", "PM\t35m\tBo@")
    assert read(tmp_path, report).reading.warnings == [
        "The report says 5 attended and lists 3 people.",
        "The report gives the length of the meeting as 2h; its rows make it 1h.",
        "The report gives the average time that people stayed as 50m; its rows make it 40m.",
        "For 1 of 3 people the list of participants gives another time than their stays, which were taken "
        "(line 12: 35.0 and 30.0 minutes).",
    ]  # fmt: skip


def test_without_the_third_section_the_second_says_how_long(tmp_path: Path) -> None:
    found = read(tmp_path, REPORT.split("3. In-")[0])
    assert people(found) == {"ann@example.org": "60", "bo@example.org": "30", "Cy Cedar": "30"}


def test_a_time_that_cannot_be_read_is_handed_on(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        REPORT.replace("4:30:00 PM\t11/26/25, 5:00:00 PM\t30m\t\tAttendee", "later\t11/26/25\t30m\t\tAttendee"),
    )
    assert people(found)["Cy Cedar"] == "11/26/25, later"


@pytest.mark.parametrize(
    ("until", "words"),
    [("2. Participants", "breaks off before its participants"), ("Ann Ash", "lists no participants")],
)
def test_a_report_that_is_not_whole_is_refused(tmp_path: Path, until: str, words: str) -> None:
    with pytest.raises(BadFile, match=words):
        read(tmp_path, REPORT.split(until)[0])


def test_a_report_cut_in_a_row_is_refused_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="breaks off: its last row has 2 of 6 cells") as refused:
        read(tmp_path, REPORT[: REPORT.rindex("11/26/25, 4:30")] + "11/2")
    assert refused.value.where == "report.csv, line 20"


def test_the_older_list_pairs_joining_with_leaving(tmp_path: Path) -> None:
    """Bo: 15 minutes and 10 and a half; Ann had not left."""
    found = read(tmp_path, LIST, name="meetingAttendanceList(Garden club).csv")
    assert people(found) == {"Ann Ash": None, "Bo Birch": "25.5"}
    assert found.rows[0]["event_id"] == "teams:garden-club:20201116T0900Z"
    assert found.reading.warnings == [
        "1 of 2 people had not left when the list was taken; how long they stayed is not known."
    ]


def test_the_older_list_in_other_languages(tmp_path: Path) -> None:
    german = LIST.replace("Full Name\tUser Action\tTimestamp", "Vollständiger Name\tBenutzeraktion\tZeitstempel")
    german = (
        german.replace("\tLeft", "\tVerlassen")
        .replace("Joined before", "Zuvor beigetreten")
        .replace("\tJoined", "\tBeigetreten")
    )
    assert people(read(tmp_path, german)) == {"Ann Ash": None, "Bo Birch": "25.5"}
    unknown = LIST.replace("Full Name\tUser Action\tTimestamp", "A\tB\tC")
    assert people(read(tmp_path, unknown)) == {"Ann Ash": None, "Bo Birch": "25.5"}


def test_a_live_event_is_in_utc_and_one_person_may_have_sessions_at_once(tmp_path: Path) -> None:
    text = (
        "SessionId,ParticipantId,FullName,UserAgent,UtcEventTimestamp,Action,Role\n"
        "a,ann@example.org,Ann Ash,x,1/25/2022 4:00:00 PM,Joined,Attendee\n"
        "b,ann@example.org,Ann Ash,x,1/25/2022 4:10:00 PM,Joined,Attendee\n"
        "a,ann@example.org,Ann Ash,x,1/25/2022 4:20:00 PM,Left,Attendee\n"
        "b,ann@example.org,Ann Ash,x,1/25/2022 4:30:00 PM,Left,Attendee\n"
        "c,,,x,1/25/2022 4:30:00 PM,Joined,Attendee\n"
        "d,bo@example.org,Bo Birch,x,1/25/2022 4:00:00 PM,Joined,Producer\n"
        "d,bo@example.org,Bo Birch,x,1/25/2022 4:45:00 PM,Left,Producer\n"
    )
    found = read(tmp_path, text, "utf-8")
    assert people(found) == {"ann@example.org": "30", "bo@example.org": "45"}
    assert [row["part"] for row in found.rows] == [None, "staff"]
    assert found.rows[0]["starts_at"] == "2022-01-25 16:00:00Z"
    assert found.reading.left_out == {"viewers without a name": 1}


stays = st.lists(st.tuples(st.integers(0, 300), st.integers(1, 120)), min_size=1, max_size=6)


@given(stays)
def test_rejoining_counts_each_minute_once(
    tmp_path_factory: pytest.TempPathFactory, stays: list[tuple[int, int]]
) -> None:
    """The minutes are those of a list of every minute that somebody was there."""
    there = {minute for start, length in stays for minute in range(start, start + length)}
    begin = datetime(2025, 11, 26, 8)

    def shown(minute: int) -> str:
        return f"{begin + timedelta(minutes=minute):%m/%d/%y, %I:%M:%S %p}"

    head = REPORT.split("Ann Ash\t11/26/25, 4:00:00 PM\t11/26/25, 5:00:00 PM\t1h\tann@example.org\tOrganizer\n")[0]
    rows = [
        f"Ann Ash\t{shown(start)}\t{shown(start + length)}\t1m\tann@example.org\tOrganizer\n" for start, length in stays
    ]
    found = read(tmp_path_factory.mktemp("teams"), head + "".join(rows))
    assert people(found)["ann@example.org"] == str(len(there))


def test_the_published_reports_add_up_as_published(reference: Path) -> None:
    """Seven, eight of nine claimed, and eight people; nine in all, five at all three; averages of the rows to the second."""
    came: list[set[object]] = []
    averages = []
    for day in (14, 15, 16):
        found = read_export(reference / "teams-attendance" / f"IDL-{day}-11-22.csv")
        came.append({row["member_id"] for row in found.rows})
        averages.append(sum(float(str(row["minutes"])) for row in found.rows) / len(found.rows))
        assert (
            found.rows[0]["starts_at"]
            == {14: "2022-11-14 09:29:07", 15: "2022-11-15 09:30:17", 16: "2022-11-16 09:21:08"}[day]
        )
    assert [len(people) for people in came] == [7, 8, 8]
    assert len(set.union(*came)) == 9
    assert set.intersection(*came) == {
        "jan.janssens.ext@un.int", "pgsimon@spain.es", "igor.3.lanis@sota.net", "fredprimus@first.com", "sdc@smallco.co.uk"
    }  # fmt: skip
    assert averages == pytest.approx([18 + 24 / 60, 9 + 49 / 60, 13 + 55 / 60], abs=1 / 60)


def test_the_published_report_that_does_not_add_up_is_said_to(reference: Path) -> None:
    folder = reference / "teams-attendance"
    assert read_export(folder / "IDL-14-11-22.csv").reading.warnings == []
    assert read_export(folder / "IDL-15-11-22.csv").reading.warnings == [
        "The report says 9 attended and lists 8 people.",
        "The report gives the average time that people stayed as 9m 45s; its rows make it 9m 49s.",
    ]


def test_the_sample_is_read(samples: Path) -> None:
    found = read_export(samples / "teams" / "attendance_2025_en-US_utf16le_bom.csv")
    assert [(row["member_id"], row["minutes"], row["part"]) for row in found.rows] == [
        ("j.nowak@example.com", "1.22", "host")
    ]
