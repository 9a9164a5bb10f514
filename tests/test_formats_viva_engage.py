"""Viva Engage: a ZIP of tables, or one of the tables; likes are in none of them."""

from datetime import date
from pathlib import Path

import pytest

from data.errors import BadFile
from ingest.formats.format import Identity
from tests.chats import kinds, pack_zip, told
from tests.exports import read_export

MESSAGES = "\ufeffid,replied_to_id,thread_id,group_id,group_name,participants,in_private_group,in_private_conversation,sender_id,sender_type,sender_name,sender_email,body,deleted_at,created_at\n"
USERS = "id,name,email,joined_at,deleted_at,suspended_at,guid,state\n"


def say(key: int, sender: int, body: str = "Hello", answers: str = "", thread: str = "", **more: str) -> str:
    cells = {
        "group": "All Company",
        "participants": "",
        "private_group": "false",
        "private": "false",
        "type": "user",
        "deleted": "",
    } | more
    return (
        f'{key},{answers},{thread or key},77,{cells["group"]},"{cells["participants"]}",{cells["private_group"]},{cells["private"]},'
        f'{sender},{cells["type"]},Name {sender},{sender}@example.org,"{body}",{cells["deleted"]},2026-03-02T09:{key % 60:02}:00.000Z\n'
    )


def test_threads_and_mentions(tmp_path: Path) -> None:
    """The reply to a reply is to its author; an answer that stands before its question finds it all the same."""
    file = tmp_path / "Messages.csv"
    file.write_text(
        MESSAGES
        + say(1002, 2, "Me", answers="1001", thread="1001")
        + say(1001, 1, "Who can help?")
        + say(1003, 1, "Thanks [[user:2]] and [[user:9]]!", answers="1002", thread="1001")
        + say(1004, 3, "late", answers="1000", thread="1000")
    )
    read = read_export(file)
    assert told(read, "actor_id", "target_id", "kind", "thread_id", "interaction_id", "intent") == [
        ("2", "1", "reply", "1001", "1002", "answer"),
        ("1", None, "post", "1001", "1001", "ask"),
        ("1", "2", "reply", "1001", "1003", "thank"),
        ("1", "2", "mention", "1001", "1003:@2", None),
        ("1", "9", "mention", "1001", "1003:@9", None),
        ("3", None, "reply", "1000", "1004", None),
    ]
    assert read.rows[0]["occurred_at"] == "2026-03-02 09:42:00Z"
    assert read.reading.people[0] == Identity("2", "Name 2", "2@example.org")
    assert read.reading.warnings == ["Viva Engage does not export likes; reactions are not in these numbers."]
    assert read.reading.covers == (date(2026, 3, 2), date(2026, 3, 2))


def test_private_deleted_and_posted_by_apps(tmp_path: Path) -> None:
    file = tmp_path / "Messages.csv"
    file.write_text(
        MESSAGES
        + say(1, 1, private="true", participants="user:1,user:2,user:3", group="")
        + say(2, 1, private_group="TRUE", group="Board")
        + say(3, 1, deleted="2026-03-03T00:00:00Z")
        + say(4, 1, type="bot")
    )
    shut = read_export(file)
    assert shut.rows == []
    assert shut.reading.left_out == {
        "direct messages": 1, "messages of private groups": 1, "deleted messages": 1, "bot messages": 1,
    }  # fmt: skip
    assert told(read_export(file, direct=True), "kind", "target_id", "channel") == [
        ("message", "2;3", "direct messages"), ("post", None, "Board"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("request_text", "covers"),
    [
        ("GET /export?since=2026-02-01T00:00:00Z&until=2026-03-01T00:00:00Z", (date(2026, 2, 1), date(2026, 2, 28))),
        ("Start date: 2026-02-01\nEnd date: 2026-03-31\nRequested 2026-04-02", (date(2026, 2, 1), date(2026, 3, 31))),
        ("since=2026-02-01T00:00:00+00:00", (date(2026, 3, 2), date(2026, 3, 2))),
    ],
)
def test_the_archive_says_what_was_asked_for(tmp_path: Path, request_text: str, covers: tuple[date, date]) -> None:
    entries = {
        "export/Messages.csv": MESSAGES + say(1, 1),
        "export/Users.csv": USERS + "1,Ada Example,ada@example.org,2024-01-05T23:30:00Z,,,g-1,active\n",
        "export/request.txt": request_text,
        "export/Groups.csv": "id,name\n77,All Company\n",
        "export/Files/report.pdf": "%PDF",
    }
    file = pack_zip(tmp_path / "export.zip", entries)
    read = read_export(file)
    assert (read.format.name, kinds(read), read.reading.covers) == ("viva_engage", {"post": 1}, covers)
    assert read.reading.people == [Identity("1", "Ada Example", "ada@example.org")]
    assert told(read_export(file, "members", zone="Europe/Oslo"), "member_id", "joined_on") == [("1", "2024-01-06")]


def test_users_who_left_have_a_last_day(tmp_path: Path) -> None:
    file = tmp_path / "Users.csv"
    file.write_text(
        USERS
        + "1,Ada,ada@example.org,2024-01-05T00:00:00Z,,,g-1,active\n"
        + "2,Bo,,2024-01-05T00:00:00Z,2025-02-03T10:00:00Z,,g-2,deleted\n"
        + "3,Cy,,soon,,2025-02-04T10:00:00Z,g-3,suspended\n"
    )
    assert told(read_export(file), "member_id", "joined_on", "left_on") == [
        ("1", "2024-01-05", None), ("2", "2024-01-05", "2025-02-03"), ("3", "soon", "2025-02-04"),
    ]  # fmt: skip


def test_an_archive_without_users_has_no_roster(tmp_path: Path) -> None:
    file = pack_zip(tmp_path / "export.zip", {"Messages.csv": MESSAGES + say(1, 1)})
    with pytest.raises(BadFile, match=r"no Users\.csv"):
        read_export(file, "members")


def test_the_samples(reference: Path) -> None:
    folder = reference.parent / "samples" / "viva_engage"
    messages = read_export(folder / "Messages.csv")
    assert kinds(messages) == {"post": 1, "mention": 1, "reply": 1}
    assert messages.reading.left_out == {"direct messages": 1}
    assert told(read_export(folder / "Users.csv"), "member_id", "joined_on") == [("5001", "2024-01-05")]
