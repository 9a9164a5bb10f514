"""Zulip's export: topics are threads, a quote is an answer, and a resolved topic is still the same topic."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from data.errors import BadFile
from ingest.formats.format import Identity
from tests.chats import pack_tar, told
from tests.exports import read_export

MORNING = 1772442000.25  # 2026-03-02 09:00 UTC
PEOPLE = [
    {"id": 1, "full_name": "Ada Example", "delivery_email": "ada@example.org", "email": "user1@zulip", "is_bot": False,
     "is_active": True, "role": 400, "date_joined": 1735689600.0, "timezone": "Europe/Oslo"},
    {"id": 2, "full_name": "Bo Example", "email": "bo@example.org", "role": 600, "date_joined": "2025-06-01T23:30:00Z"},
    {"id": 3, "full_name": "Robo", "email": "robo@example.org", "is_bot": True},
    {"id": 4, "full_name": "Gone Example", "email": "gone@example.org", "is_active": False},
]  # fmt: skip
REALM: dict[str, Any] = {
    "zerver_userprofile": PEOPLE,
    "zerver_userprofile_crossrealm": [{"id": 90, "email": "notification-bot@zulip.com"}],
    "zerver_stream": [{"id": 10, "name": "general"}, {"id": 11, "name": "board", "invite_only": True}],
    "zerver_recipient": [
        {"id": 100, "type": 2, "type_id": 10},
        {"id": 101, "type": 2, "type_id": 11},
        {"id": 102, "type": 1, "type_id": 2},
        {"id": 103, "type": 3, "type_id": 55},
    ],
    "zerver_subscription": [
        {"user_profile": 1, "recipient": 100, "active": True},
        {"user_profile": 2, "recipient": 100, "active": False},
        {"user_profile": 3, "recipient": 100, "active": True},
        {"user_profile": 1, "recipient": 101, "active": True},
        {"user_profile": 1, "recipient": 103},
        {"user_profile": 2, "recipient": 103},
    ],
    "zerver_reaction": [{"user_profile": 2, "message": 1, "emoji_name": "octopus"}],
}


def say(key: int, sender: int, content: str = "Hello", topic: str = "lunch", recipient: int = 100) -> dict[str, Any]:
    return {
        "id": key,
        "sender": sender,
        "recipient": recipient,
        "subject": topic,
        "content": content,
        "date_sent": MORNING + key,
    }


def export(path: Path, *messages: dict[str, Any], top: str = "", **files: Any) -> Path:
    held = {"zerver_message": messages, "zerver_usermessage": []}
    entries = {"realm.json": REALM, "messages-000001.json": held, "uploads/records.json": []} | files
    return pack_tar(path, {f"{top}{name}": one for name, one in entries.items()})


def test_topics_are_threads_and_quotes_are_answers(tmp_path: Path) -> None:
    quote = "@_**Ada Example|1** [said](https://chat.example.org/#narrow/near/1):\n```quote\nWho comes?\n```\nMe"
    file = export(
        tmp_path / "e.tar.gz",
        say(1, 1, "Who comes, @**Bo Example** and @**Ada Example|1**?"),
        say(2, 2, quote, topic="✔ lunch"),
        say(3, 2, "@_**Ada Example** silently, @**all**", topic=""),
        top="zulip-export-1/",
    )
    read = read_export(file)
    assert told(
        read, "occurred_at", "actor_id", "target_id", "kind", "thread_id", "interaction_id", "topic", "intent"
    ) == [
        ("2026-03-02 09:00:01.250000Z", "1", None, "post", "100:lunch", "1", "lunch", "ask"),
        ("2026-03-02 09:00:01.250000Z", "1", "2", "mention", "100:lunch", "1:@2", "lunch", None),
        ("2026-03-02 09:00:01.250000Z", "2", "1", "reaction", "100:lunch", "1:octopus:2", "lunch", None),
        ("2026-03-02 09:00:02.250000Z", "2", "1", "reply", "100:lunch", "2", "lunch", None),
        ("2026-03-02 09:00:03.250000Z", "2", None, "post", "100:", "3", None, "announce"),
    ]
    assert {row["channel"] for row in read.rows} == {"general"}
    assert read.reading.covers == (date(2026, 3, 2), date(2026, 3, 2))
    assert read.reading.people == [
        Identity("1", "Ada Example", "ada@example.org", "ada@example.org"),
        Identity("2", "Bo Example", "bo@example.org", "bo@example.org", "guest"),
    ]


def test_bots_private_streams_and_chats(tmp_path: Path) -> None:
    file = export(
        tmp_path / "e.tar.gz",
        say(1, 3), say(2, 90), say(3, 1, "(deleted)"), say(4, 1, recipient=101), say(5, 1, recipient=102), say(6, 1, recipient=103),
    )  # fmt: skip
    shut = read_export(file)
    assert shut.rows == []
    assert shut.reading.left_out == {
        "bot messages": 2, "reactions to bot messages": 1, "deleted messages": 1, "messages of private streams": 1, "direct messages": 2,
    }  # fmt: skip
    assert told(read_export(file, direct=True), "channel", "kind", "target_id") == [
        ("board", "post", None), ("direct messages", "message", "2"), ("direct messages", "message", "2"),
    ]  # fmt: skip


def test_reactions_may_stand_beside_the_messages(tmp_path: Path) -> None:
    second = {
        "zerver_message": [say(9, 1)],
        "zerver_reaction": [{"user_profile": 2, "message": 9, "emoji_name": "tada"}],
    }
    read = read_export(export(tmp_path / "e.tar.gz", **{"messages-000002.json": second}))
    assert told(read, "kind", "actor_id") == [("post", "1"), ("reaction", "2")]


def test_roster_and_streams(tmp_path: Path) -> None:
    file = export(tmp_path / "e.tar.gz")
    roster = read_export(file, "members", zone="Europe/Oslo")
    assert told(roster, "member_id", "email", "joined_on", "member_type", "timezone") == [
        ("1", "ada@example.org", "2025-01-01", "member", "Europe/Oslo"),
        ("2", "bo@example.org", "2025-06-02", "member", None),
        ("3", "robo@example.org", None, "bot", None),
    ]
    assert roster.reading.left_out == {"deactivated accounts, whose last day the export does not say": 1}
    streams = read_export(file, "channels")
    assert told(streams, "channel", "member_id") == [("general", "1")]
    assert streams.reading.left_out == {"members of private streams": 1}


def test_a_realm_without_people_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="lists no people"):
        read_export(export(tmp_path / "e.tar.gz", **{"realm.json": {}}))
