"""Slack's export: people's messages are rows, what apps and Slack itself say is counted and left out."""

import json
import random
from datetime import date
from pathlib import Path

import pytest

from data.errors import BadFile
from ingest.formats.format import Identity, Reading
from ingest.formats.slack_messages import Conversation, read_messages
from ingest.formats.talk import COLUMNS, NO_REACTION_TIMES, Start, Talk
from tests.chats import kinds, pack_zip, say, slack, slack_user, told
from tests.exports import read_export

MONDAY, TUESDAY = "general/2026-03-02.json", "general/2026-03-03.json"


def test_a_thread_with_reactions_and_mentions(tmp_path: Path) -> None:
    file = slack(
        tmp_path / "export.zip",
        {
            MONDAY: [
                say("U0A1", "1772442000.000100", "Who knows a good venue, <@U0B2>?", thread_ts="1772442000.000100", reply_count=2,
                    reactions=[{"name": "eyes", "count": 3, "users": ["U0B2", "U0C3"]}]),
                say("U0B2", "1772442060.000200", "The old library", thread_ts="1772442000.000100", parent_user_id="U0A1"),
            ],
            TUESDAY: [say("U0A1", "1772530000.000300", "Thanks!", thread_ts="1772442000.000100", subtype="thread_broadcast")],
        },
    )  # fmt: skip
    read = read_export(file)
    thread = "C1:1772442000.000100"
    assert read.format.name == "slack"
    assert told(read, "occurred_at", "actor_id", "target_id", "kind", "thread_id", "interaction_id", "intent") == [
        ("2026-03-02 09:00:00.000100Z", "U0A1", None, "post", thread, thread, "ask"),
        ("2026-03-02 09:00:00.000100Z", "U0A1", "U0B2", "mention", thread, f"{thread}:@U0B2", None),
        ("2026-03-02 09:00:00.000100Z", "U0B2", "U0A1", "reaction", thread, f"{thread}:eyes:U0B2", None),
        ("2026-03-02 09:00:00.000100Z", "U0C3", "U0A1", "reaction", thread, f"{thread}:eyes:U0C3", None),
        ("2026-03-02 09:01:00.000200Z", "U0B2", "U0A1", "reply", thread, "C1:1772442060.000200", "answer"),
        ("2026-03-03 09:26:40.000300Z", "U0A1", "U0A1", "reply", thread, "C1:1772530000.000300", "thank"),
    ]
    assert {row["channel"] for row in read.rows} == {"general"}
    assert read.reading.covers == (date(2026, 3, 2), date(2026, 3, 3))
    assert read.reading.left_out == {"reactions whose giver the export does not name": 1}
    assert read.reading.warnings == [NO_REACTION_TIMES]
    assert read.reading.people == [
        Identity("U0A1", "Ada Example", "ada@example.org", "ada"),
        Identity("U0B2", "Bo Example", "bo@example.org", "bo"),
        Identity("U0C3", "Cy Example", "cy@example.org", "cy"),
    ]


def test_what_people_did_not_write_is_counted_and_left_out(tmp_path: Path) -> None:
    file = slack(
        tmp_path / "export.zip",
        {
            MONDAY: [
                say("U0A1", "1.000001"),
                say("U0A1", "1.000002", subtype="channel_join"),
                say("U0A1", "1.000003", subtype="channel_leave"),
                say("U0A1", "1.000004", subtype="channel_topic"),
                say("UBOT", "1.000005", "Beep", reactions=[{"name": "tada", "count": 1, "users": ["U0A1"]}]),
                say("U0A1", "1.000006", bot_id="B1"),
                {"type": "message", "subtype": "bot_message", "bot_id": "B1", "ts": "1.000007", "text": "Beep"},
                say("USLACKBOT", "1.000008", subtype="tombstone"),
                {"type": "message", "ts": "1.000009", "text": "nobody"},
                say("U0A1", "1.000010", "a file", subtype="file_share", files=[{"id": "F1"}]),
                say("U0A1", "1.000011", "uploaded a file", subtype="file_share", file={"id": "F1"}, upload=True),
                say("USLACKBOT", "1.000012", "Reminder"),
                say("U0A1", "1.000013", "<@UBOT> deploy", edited={"user": "U0A1", "ts": "1.2"}),
            ]
        },
    )  # fmt: skip
    read = read_export(file)
    assert told(read, "interaction_id", "kind") == [
        ("C1:1.000001", "post"), ("C1:1.000010", "post"), ("C1:1.000013", "post"),
    ]  # fmt: skip
    assert read.reading.left_out == {
        "joins and departures": 2,
        "notices of the tool": 1,
        "bot messages": 2 + 1 + 1,
        "reactions to bot messages": 1,
        "deleted messages": 1,
        "messages without an author": 1,
        "notices of files shared": 1,
        "mentions of bots": 1,
    }


def test_private_conversations_are_taken_only_when_asked_for(tmp_path: Path) -> None:
    days = {
        MONDAY: [say("U0A1", "1.000001")],
        "board/2026-03-02.json": [say("U0A1", "1.000002")],
        "D0000001/2026-03-02.json": [say("U0A1", "1.000003")],
        "mpdm-ada--bo--cy-1/2026-03-02.json": [say("U0B2", "1.000004")],
        "mystery/2026-03-02.json": [say("U0B2", "1.000005")],
    }
    file = slack(
        tmp_path / "export.zip", days,
        groups=[{"id": "G1", "name": "board", "members": ["U0A1"]}],
        dms=[{"id": "D0000001", "members": ["U0A1", "U0C3"]}],
        mpims=[{"id": "G2", "name": "mpdm-ada--bo--cy-1", "members": ["U0A1", "U0B2", "U0C3"]}],
    )  # fmt: skip
    shut = read_export(file)
    assert told(shut, "interaction_id") == [("C1:1.000001",)]
    assert shut.reading.left_out == {
        "day files of private channels": 1,
        "day files of direct messages": 1,
        "day files of group chats": 1,
        "day files of conversations that the export does not list": 1,
    }
    opened = read_export(file, direct=True)
    assert told(opened, "interaction_id", "kind", "target_id", "channel") == [
        ("D0000001:1.000003", "message", "U0C3", "direct messages"),
        ("G1:1.000002", "post", None, "board"),
        ("C1:1.000001", "post", None, "general"),
        ("G2:1.000004", "message", "U0A1;U0C3", "direct messages"),
    ]


def test_overlapping_exports_name_the_same_message_the_same_even_after_a_rename(tmp_path: Path) -> None:
    message = say("U0A1", "1.000001", "Hello <@U0B2>", reactions=[{"name": "wave", "count": 1, "users": ["U0B2"]}])
    first = read_export(slack(tmp_path / "a.zip", {MONDAY: [message]}))
    renamed = [{"id": "C1", "name": "everybody", "members": []}]
    second = read_export(slack(tmp_path / "b.zip", {"everybody/2026-03-02.json": [message]}, channels=renamed))
    assert told(first, "interaction_id") == told(second, "interaction_id")
    assert {row["channel"] for row in second.rows} == {"everybody"}


def test_the_order_of_days_and_messages_in_the_archive_does_not_matter(tmp_path: Path) -> None:
    days = {
        f"{channel}/2026-03-{day:02}.json": [
            say("U0A1" if ts % 2 else "U0B2", f"{day}.{ts:06}", "Why?", thread_ts="1.000000", reply_count=3) for ts in range(4)
        ]
        for channel in ("general", "help")
        for day in range(1, 5)
    }  # fmt: skip
    straight = read_export(slack(tmp_path / "a.zip", days))
    entries = list(days)
    random.Random(7).shuffle(entries)
    mixed = read_export(slack(tmp_path / "b.zip", {entry: list(reversed(days[entry])) for entry in entries}))
    assert mixed.rows == straight.rows
    assert len(straight.rows) == 2 * 4 * 4
    assert {row["line"] for row in straight.rows} == set(range(1, 33)), "every row has a number of its own"


def test_people_who_are_not_in_the_list(tmp_path: Path) -> None:
    """Of another workspace with a profile in the message; gone, with nothing but an id."""
    file = slack(
        tmp_path / "export.zip",
        {MONDAY: [say("U0X9", "1.000001", user_profile={"real_name": "Xu Guest", "name": "xu"}), say("U0GONE", "1.000002", "<@U0LOST>")]},
    )  # fmt: skip
    assert read_export(file).reading.people == [
        Identity("U0X9", "Xu Guest", None, "xu", "guest"), Identity("U0GONE"), Identity("U0LOST"),
    ]  # fmt: skip


def test_a_reply_to_a_bot_or_to_nobody_known_has_no_target(tmp_path: Path) -> None:
    file = slack(
        tmp_path / "export.zip",
        {
            MONDAY: [
                say("UBOT", "1.000001", "Stand-up: what did you do?", thread_ts="1.000001", reply_count=1),
                say("U0A1", "2.000001", "Wrote tests", thread_ts="1.000001", parent_user_id="UBOT"),
                say("U0A1", "3.000001", "To a parent of last year", thread_ts="0.500000"),
                say("U0B2", "4.000001", "The same, but named", thread_ts="0.500000", parent_user_id="U0C3"),
            ]
        },
    )  # fmt: skip
    assert told(read_export(file), "kind", "target_id", "thread_id") == [
        ("reply", None, "C1:1.000001"), ("reply", None, "C1:0.500000"), ("reply", "U0C3", "C1:0.500000"),
    ]  # fmt: skip


def test_a_message_that_stands_twice_is_one(tmp_path: Path) -> None:
    file = slack(tmp_path / "export.zip", {MONDAY: [say("U0A1", "1.000001"), say("U0A1", "1.000001")]})
    assert kinds(read_export(file)) == {"post": 1}


def test_an_archive_packed_again_under_a_folder_with_foreign_files(tmp_path: Path) -> None:
    plain = {"users.json": [slack_user("U0A1", "Ada")], "channels.json": [{"id": "C1", "name": "general"}]}
    entries = {f"Acme export/{name}": held for name, held in plain.items()}
    entries |= {"Acme export/general/2026-03-02.json": [say("U0A1", "1.000001")]}
    entries |= {"__MACOSX/general/2026-03-02.json": "no JSON", "Acme export/general/canvas_1.html": "<p>"}
    entries |= {"Acme export/integration_logs.json": "[]", "Acme export/general/2026-02-31.json": "no day"}
    read = read_export(pack_zip(tmp_path / "again.zip", entries))
    assert told(read, "interaction_id", "channel") == [("C1:1.000001", "general")]


def test_an_export_without_its_lists_takes_what_is_no_chat(tmp_path: Path) -> None:
    entries = {
        "users.json": [slack_user("U0A1", "Ada")],
        MONDAY: [say("U0A1", "1.000001")],
        "D0ABCDEFG/2026-03-02.json": [say("U0A1", "1.000002")],
    }
    assert told(read_export(pack_zip(tmp_path / "some.zip", entries)), "interaction_id") == [("general:1.000001",)]


def test_a_channel_with_an_accented_name(tmp_path: Path) -> None:
    """The archive of some unpackers does not say that its names are UTF-8."""
    days = {"générale/2026-03-02.json".encode().decode("cp437"): [say("U0A1", "1.000001")]}
    file = slack(tmp_path / "export.zip", days, channels=[{"id": "C9", "name": "générale"}])
    assert told(read_export(file), "interaction_id", "channel") == [("C9:1.000001", "générale")]


def test_a_time_that_is_none_stays_for_checking_to_name(tmp_path: Path) -> None:
    file = slack(tmp_path / "export.zip", {MONDAY: [say("U0A1", "yesterday")]})
    assert told(read_export(file), "occurred_at") == [("yesterday",)]


@pytest.mark.parametrize("broken", ["{", '{"ok": true}', "[" * 100_000])
def test_a_broken_entry_is_named(tmp_path: Path, broken: str) -> None:
    file = slack(tmp_path / "export.zip", {MONDAY: broken})  # type: ignore[dict-item]
    with pytest.raises(BadFile, match="2026-03-02"):
        read_export(file)


def test_the_roster_and_the_members_of_channels(tmp_path: Path) -> None:
    users = [
        slack_user("U0A1", "Ada", tz="Europe/Berlin"),
        slack_user("U0B2", "Bo", deleted=True),
        slack_user("UBOT", "Robo", is_bot=True),
    ]
    file = slack(tmp_path / "export.zip", {}, users=users, groups=[{"id": "G1", "name": "board", "members": ["U0A1"]}])
    roster = read_export(file, "members")
    assert told(roster, "member_id", "name", "email", "member_type", "timezone") == [
        ("U0A1", "Ada Example", "ada@example.org", "member", "Europe/Berlin"),
        ("UBOT", "Robo Example", "robo@example.org", "bot", None),
    ]
    assert roster.reading.left_out == {"deactivated accounts, whose last day the export does not say": 1}
    joined = read_export(file, "channels")
    assert told(joined, "channel", "member_id") == [("general", "U0A1"), ("general", "U0B2"), ("help", "U0C3")]
    assert joined.reading.left_out == {"bots in channels": 1, "members of private channels": 1}
    assert ("board", "U0A1") in told(read_export(file, "channels", direct=True), "channel", "member_id")


def test_the_archive_of_158_messages_has_49_of_people(reference: Path) -> None:
    read = read_export(reference / "slack-export-archive" / "testarchive.zip")
    assert kinds(read)["post"] == 49
    assert read.reading.left_out == {
        "bot messages": 94,
        "joins and departures": 8,
        "notices of the tool": 3,
        "notices of files shared": 3 + 1,
        "reactions to bot messages": 1,
    }
    assert 49 + 94 + 8 + 3 + 4 == 158
    assert kinds(read) == {"post": 49, "mention": sum(row["kind"] == "mention" for row in read.rows)}
    posts = [row for row in read.rows if row["kind"] == "post"]
    assert {str(row["interaction_id"]).partition(":")[0] for row in posts} == {"C0JGLMMNX", "C0JL6CGQ2"}
    assert len({row["interaction_id"] for row in read.rows}) == len(read.rows)
    assert read.reading.covers == (date(2016, 1, 14), date(2016, 3, 29))
    assert len(read.reading.people) == 4


def test_the_pages_of_the_api_hold_the_same_messages(reference: Path) -> None:
    folder = reference / "perceval-chat-fixtures" / "slack"
    pages = [json.loads((folder / name).read_text()) for name in ("slack_history.json", "slack_history_next.json")]
    reading = Reading("interactions", COLUMNS, [])
    starts: dict[str, Start] = {}
    talk = Talk(reading, {})
    rows = [
        row for page in pages for row in read_messages(page["messages"], Conversation("C1", "fixture"), talk, starts)
    ]
    assert len(pages[0]["messages"]) + len(pages[1]["messages"]) == 9
    assert [cells[4] for _, cells in rows] == ["post"] * 6
    assert reading.left_out == {"notices of files shared": 1, "bot messages": 1, "joins and departures": 1}


def test_no_word_of_a_message_is_in_the_rows(tmp_path: Path) -> None:
    secret = "xylophone"
    file = slack(tmp_path / "export.zip", {MONDAY: [say("U0A1", "1.000001", f"{secret} <@U0B2> {secret}?")]})
    read = read_export(file)
    assert secret not in str(read.rows)
    assert secret not in str(vars(read.reading))
