"""Luma: guests in any order of columns, who came only where anybody was checked in."""

import csv
import io
from pathlib import Path

import pytest

from data.errors import BadFile
from ingest.formats.format import Unsettled
from tests.exports import Read, read_export

GUESTS = """\ufeffapi_id,name,first_name,last_name,email,phone_number,created_at,approval_status,checked_in_at,qr_code_url,survey_response_rating,ticket_type_id,What's your company?
gst-1,"Ash, Ann",Ann,Ash,Ann@Example.org,555,2026-04-01T08:00:00.000Z,approved,2026-05-16T17:10:00.000Z,https://lu.ma/check-in/evt-X?pk=g-1,5,t,Acme
gst-2,Bo Birch,,,bo@example.org,,2026-04-02T08:00:00.000Z,approved,,https://lu.ma/check-in/evt-X?pk=g-2,,t,
gst-3,Cy,,,cy@example.org,,2026-04-03T08:00:00.000Z,declined,,https://lu.ma/check-in/evt-X?pk=g-3,,t,
gst-4,Di,,,di@example.org,,2026-04-03T08:00:00.000Z,pending_approval,,,,t,
gst-5,Ed,,,ed@example.org,,2026-04-03T08:00:00.000Z,waitlist,,,,t,
gst-6,Flo,,,flo@example.org,,2026-04-03T08:00:00.000Z,invited,2026-05-16T17:05:00.000Z,,,t,
"""


def read(tmp_path: Path, text: str, name: str = "guests.csv", **said: object) -> Read:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    return read_export(file, **said)


def test_guests_and_what_became_of_them(tmp_path: Path) -> None:
    """Flo was only invited, and came. Whoever waits for approval or a place is on no list."""
    found = read(tmp_path, GUESTS, "Garden club - Guests - 2026-05-20-10-22-33.csv")
    assert [tuple(row.values()) for row in found.rows] == [
        (2, "luma:evt-x", "ann@example.org", "yes", "yes", None, "2026-05-16 17:05:00Z", "Garden club"),
        (3, "luma:evt-x", "bo@example.org", "no", "yes", None, "2026-05-16 17:05:00Z", "Garden club"),
        (4, "luma:evt-x", "cy@example.org", "no", "no", "yes", "2026-05-16 17:05:00Z", "Garden club"),
        (7, "luma:evt-x", "flo@example.org", "yes", "yes", None, "2026-05-16 17:05:00Z", "Garden club"),
    ]
    assert found.reading.left_out == {
        "phone numbers": 1, "answers to the event's survey": 1, "registration answers": 1, "registrations not approved yet": 1,
        "people on the waiting list": 1,
    }  # fmt: skip
    assert [(one.id, one.name) for one in found.reading.people][:2] == [
        ("ann@example.org", "Ann Ash"),
        ("bo@example.org", "Bo Birch"),
    ]


def test_the_order_of_columns_does_not_matter(tmp_path: Path) -> None:
    rows = list(csv.reader(io.StringIO(GUESTS.lstrip("\ufeff"))))
    turned = io.StringIO()
    csv.writer(turned).writerows([list(reversed(row)) for row in rows])
    assert read(tmp_path, turned.getvalue()).rows == read(tmp_path, GUESTS).rows


def test_without_any_check_in_the_day_is_asked_for_and_nobody_is_a_no_show(tmp_path: Path) -> None:
    text = GUESTS.replace("2026-05-16T17:10:00.000Z", "").replace("2026-05-16T17:05:00.000Z", "")
    with pytest.raises(Unsettled, match="on which day"):
        read(tmp_path, text)
    found = read(tmp_path, text, day="2026-05-16")
    assert [(row["member_id"], row["attended"], row["registered"]) for row in found.rows] == [
        ("ann@example.org", "no", None), ("bo@example.org", "no", None), ("cy@example.org", "no", "no"),
    ]  # fmt: skip
    assert found.reading.warnings[0].startswith("Nobody is checked in in this file")
    assert found.rows[0]["event_id"] == "luma:evt-x"


def test_a_day_that_was_said_counts_more_than_the_check_ins(tmp_path: Path) -> None:
    assert read(tmp_path, GUESTS, day="2026-05-17").rows[0]["starts_at"] == "2026-05-17"


def test_without_links_the_event_is_asked_for(tmp_path: Path) -> None:
    text = GUESTS.replace("https://lu.ma/check-in/evt-X", "https://lu.ma/check-in/x").replace(
        "2026-05-16T17", "2026-05-16 17"
    )
    assert read(tmp_path, text, event_id="E7").rows[0]["event_id"] == "E7"
    gone = text.replace("2026-05-16 17:10:00.000Z", "").replace("2026-05-16 17:05:00.000Z", "")
    with pytest.raises(Unsettled, match="which event"):
        read(tmp_path, gone, day="2026-05-16")


def test_a_list_without_guests_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="no guests"):
        read(tmp_path, GUESTS.splitlines()[0] + "\n")


def test_the_sample_is_read(samples: Path) -> None:
    found = read_export(samples / "luma" / "guests.csv")
    assert [(row["member_id"], row["attended"], row["registered"], row["cancelled"]) for row in found.rows] == [
        ("ada@example.com", "yes", "yes", None), ("anon@example.com", "no", "no", "yes"),
    ]  # fmt: skip
    assert {row["starts_at"] for row in found.rows} == {"2026-05-16 01:10:00Z"}
