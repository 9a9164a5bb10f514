"""Eventbrite: whichever columns were chosen, tickets become people who registered, came, or gave the ticket back."""

from pathlib import Path

import pytest

from data.errors import BadFile
from ingest.formats.format import Unsettled
from tests.exports import Read, read_export

CLASSIC = """Order #,Order Date,First Name,Last Name,Email,Quantity,Ticket Type,Attendee #,Attendee Status,Home Address 1,Cell Phone,How did you hear?
1001,2026-10-01 18:00:05,Ann,Ash,Ann@Example.org,1,General,2001,Checked In,1 Lane,555,Friends
1001,2026-10-01 18:00:05,Bo,Birch,Ann@Example.org,1,General,2002,Checked In,,,Friends
1002,2026-10-02 18:00:05,Cy,Cedar,cy@example.org,3,General,2003,Attending,,,
1003,2026-10-02 18:00:05,Di,Dill,di@example.org,1,General,2004,Not Attending,,,
1004,2026-10-02 18:00:05,Ed,Elm,ed@example.org,1,General,2005,Refunded,,,
1004,2026-10-02 18:00:05,Ed,Elm,ed@example.org,1,General,2006,Attending,,,
1005,2026-10-02 18:00:05,Info Requested,Info Requested,,1,General,2007,Attending,,,
"""
NEWER = """Order ID,Order Date,Attendee Status,Name,Email,Event Name,Ticket Quantity,Ticket Type,Ticket Price,Buyer Name,Buyer Email
1,01/27/2024,Attending,Ann Ash,bo@example.org,Garden club,1,General,0.00,Bo Birch,bo@example.org
1,01/27/2024,Checked In,Bo Birch,bo@example.org,Garden club,1,General,0.00,Bo Birch,bo@example.org
"""


def read(tmp_path: Path, text: str, name: str = "report.csv", **said: object) -> Read:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    return read_export(file, **said)


def states(found: Read) -> dict[object, tuple[object, ...]]:
    return {row["member_id"]: (row["attended"], row.get("registered"), row.get("cancelled")) for row in found.rows}


def test_tickets_become_people(tmp_path: Path) -> None:
    """Ann bought Bo's ticket with her address; Ed gave one of two tickets back; three of Cy's places are two unknown people."""
    found = read(tmp_path, CLASSIC, event_id="E7", day="2026-10-20")
    assert states(found) == {
        "ann@example.org": ("yes", "yes", None),
        "Bo Birch": ("yes", "yes", None),
        "cy@example.org": ("no", "yes", None),
        "di@example.org": ("no", "yes", "yes"),
        "ed@example.org": ("no", "yes", None),
    }
    assert {(row["event_id"], row["starts_at"]) for row in found.rows} == {("E7", "2026-10-20")}
    assert found.reading.left_out == {
        "addresses": 1, "phone numbers": 1, "registration answers": 2, "further tickets without a name": 2,
        "tickets without a name": 1,
    }  # fmt: skip
    assert found.reading.people[0].email == "ann@example.org"
    assert "mode" not in found.reading.columns


def test_event_and_day_are_asked_for(tmp_path: Path) -> None:
    with pytest.raises(Unsettled, match="which event") as asked:
        read(tmp_path, CLASSIC)
    assert [question.detail for question in asked.value.questions] == ["event_id", "day"]
    with pytest.raises(Unsettled, match="on which day") as asked:
        read(tmp_path, NEWER)
    assert [question.detail for question in asked.value.questions] == ["day"]
    assert read(tmp_path, CLASSIC, event_id="E7").reading.columns == (
        "event_id", "member_id", "attended", "registered", "cancelled",
    )  # fmt: skip


def test_the_newer_report_names_its_event_and_its_buyer(tmp_path: Path) -> None:
    """The address is Bo's, who bought both tickets, though Ann comes first. The day of the order is not the event's."""
    found = read(tmp_path, NEWER, day="2024-02-03")
    assert states(found) == {"Ann Ash": ("no", "yes", None), "bo@example.org": ("yes", "yes", None)}
    assert {(row["event_id"], row["title"], row["starts_at"]) for row in found.rows} == {
        ("eventbrite:garden-club:2024-02-03", "Garden club", "2024-02-03")
    }


def test_the_uk_report_with_its_start(tmp_path: Path) -> None:
    text = (
        "Order no.,Order date,Attendee first name,Attendee Surname,Attendee email,Event ID,Event name,Event start date,"
        "Event start time,Attendee status\n"
        '7,"Sep 26, 2026 7:05 PM",Ann,Ash,ann@example.org,9988,Garden club,"Oct 20, 2026",18:30,Checked In\n'
    )
    found = read(tmp_path, text)
    assert [tuple(row.values()) for row in found.rows] == [
        (2, "eventbrite:9988", "ann@example.org", "yes", "yes", "2026-10-20 18:30:00", "Garden club")
    ]


def test_several_events_need_their_days(tmp_path: Path) -> None:
    two = NEWER + "2,01/28/2024,Checked In,Cy Cedar,cy@example.org,Book club,1,General,0.00,Cy Cedar,cy@example.org\n"
    with pytest.raises(BadFile, match="2 events without their days: Garden club, Book club"):
        read(tmp_path, two, day="2024-02-03")


def test_without_any_check_in_nobody_is_a_no_show(tmp_path: Path) -> None:
    found = read(tmp_path, NEWER.replace("Checked In", "Attending"), day="2024-02-03")
    assert states(found) == {"Ann Ash": ("no", None, None), "bo@example.org": ("no", None, None)}
    assert found.reading.warnings == [
        "Nobody is checked in in this file, so it does not say who came: its 2 registrations count neither as attendance nor as "
        "no-shows. Check people in and export again, or import who came as an attendance file."
    ]


def test_times_of_check_in_say_the_day(tmp_path: Path) -> None:
    """One ticket was tried the day before."""
    text = (
        "Order ID,Name,Email,Event Name,Ticket Type,Attendee Status,Check-in Date\n"
        "1,Ann Ash,ann@example.org,Garden club,General,Checked In,2026-10-19 12:00:00\n"
        "2,Bo Birch,bo@example.org,Garden club,General,Checked In,2026-10-20 18:05:00\n"
        "3,Cy Cedar,cy@example.org,Garden club,General,Checked In,2026-10-20 18:02:00\n"
    )
    found = read(tmp_path, text)
    assert {row["starts_at"] for row in found.rows} == {"2026-10-20 18:02:00"}


def test_a_report_without_tickets_or_cut_in_a_row_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="lists no tickets"):
        read(tmp_path, CLASSIC.splitlines()[0] + "\n")
    with pytest.raises(BadFile, match="breaks off") as refused:
        read(tmp_path, CLASSIC[: CLASSIC.index("Ed,Elm")])
    assert refused.value.where == "report.csv, line 6"


def test_the_sample_is_read(samples: Path) -> None:
    found = read_export(samples / "eventbrite" / "attendees_classic.csv", event_id="E7", day="2026-10-20")
    assert states(found) == {
        "rosa@example.com": ("no", "yes", None),
        "jonah@example.com": ("yes", "yes", None),
        "sam@example.com": ("no", "yes", "yes"),
    }
    assert found.reading.left_out == {"registration answers": 3}
