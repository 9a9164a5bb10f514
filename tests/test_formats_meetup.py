"""Meetup: members of a group and people of an event, by number, from text that is called .xls."""

from pathlib import Path

import pytest

from data.errors import BadFile
from ingest.formats.format import Unsettled
from tests.exports import Read, read_export

MEMBERS = (
    "Name\tUser ID\tTitle\tMember ID\tLocation\tJoined Group on\tLast visited group on\tLast Attended\tTotal RSVPs\tRSVPed Yes\t"
    "RSVPed Maybe\tRSVPed No\tMeetups attended\tNo shows\tIntro\tPhoto\tAssistant Organizer\tMailing List\tURL of Member Profile\n"
    "Ann Ash\tuser 12537919\tOrganizer\t12537919\tCork\t05/21/2019\t10/01/2026\t\t 14\t12\t0\t2\t11\t1\tHi\tyes\t\t\thttps://x\n"
    "Bo Birch\tuser 42\t\t42\tDublin\t06/01/2020\t10/01/2026\t\t 3\t3\t0\t0\t3\t0\t\tno\t\t\thttps://y\n"
)
ATTENDEES = (
    "Name\tAttendance\tUser ID\tTitle\tEvent Host\tRSVP\tGuests\tRSVPed on\tJoined Group on\tURL of Member Profile\tNotes\n"
    "Ann Ash\tY\tuser 12537919\tOrganizer\tYes\tYes\t0\tOctober 1, 2026\tMay 21, 2019\thttps://x\t\n"
    "Bo Birch\t\tuser 42\t\t\tYes\t2\tOctober 2, 2026\tJune 1, 2020\thttps://y\tlate\n"
    "Cy Cedar\t\tuser 43\t\t\tNo\t0\tOctober 2, 2026\tJune 1, 2020\thttps://y\t\n"
    "Di Dill\t\tuser 44\t\t\tWaitlist\t0\tOctober 2, 2026\tJune 1, 2020\thttps://y\t\n"
)


def read(tmp_path: Path, text: str, name: str = "list.xls", **said: object) -> Read:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    return read_export(file, **said)


def test_members_have_a_number_a_name_and_the_day_they_joined(tmp_path: Path) -> None:
    found = read(tmp_path, MEMBERS)
    assert (found.format.name, found.reading.kind) == ("meetup", "members")
    assert found.rows == [
        {"line": 2, "member_id": "12537919", "name": "Ann Ash", "joined_on": "2019-05-21"},
        {"line": 3, "member_id": "42", "name": "Bo Birch", "joined_on": "2020-06-01"},
    ]
    assert found.reading.left_out == {"places": 2, "introductions": 1, "photos": 2}


def test_attendees_of_an_event(tmp_path: Path) -> None:
    found = read(tmp_path, ATTENDEES, event_id="E7", day="2026-10-10")
    assert found.rows == [
        {"line": 2, "event_id": "E7", "member_id": "12537919", "attended": "yes", "registered": "yes", "part": "host", "starts_at": "2026-10-10"},
        {"line": 3, "event_id": "E7", "member_id": "42", "attended": "no", "registered": "yes", "part": None, "starts_at": "2026-10-10"},
        {"line": 4, "event_id": "E7", "member_id": "43", "attended": "no", "registered": "no", "part": None, "starts_at": "2026-10-10"},
    ]  # fmt: skip
    assert found.reading.left_out == {"guests of members": 2, "notes": 1, "people on the waiting list": 1}
    with pytest.raises(Unsettled) as asked:
        read(tmp_path, ATTENDEES)
    assert [question.detail for question in asked.value.questions] == ["event_id", "day"]


def test_attendees_can_be_a_roster(tmp_path: Path) -> None:
    found = read(tmp_path, ATTENDEES, kind="members")
    assert found.reading.columns == ("member_id", "name")
    assert [row["member_id"] for row in found.rows] == ["12537919", "42", "43"]


def test_a_list_that_nobody_marked_says_nothing_about_who_came(tmp_path: Path) -> None:
    found = read(tmp_path, ATTENDEES.replace("\tY\t", "\t\t"), event_id="E7")
    assert [(row["attended"], row["registered"]) for row in found.rows] == [("no", None), ("no", None), ("no", "no")]
    assert len(found.reading.warnings) == 1


def test_lists_without_people_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="holds no members"):
        read(tmp_path, MEMBERS.splitlines()[0] + "\n")
    with pytest.raises(BadFile, match="holds nobody"):
        read(tmp_path, ATTENDEES.splitlines()[0] + "\n")
