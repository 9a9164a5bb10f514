"""Discord channels from DiscordChatExporter: the JSON with its references, the CSV without."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from data.errors import BadFile
from ingest.formats.format import Identity
from tests.chats import kinds, told
from tests.exports import read_export

HEADER = "AuthorID,Author,Date,Content,Attachments,Reactions\n"


def author(key: str, name: str, **more: Any) -> dict[str, Any]:
    return {"id": key, "name": name, "discriminator": "0000", "nickname": name.title(), "isBot": False} | more


ADA, BO, ROBO = author("1", "ada"), author("2", "bo"), author("9", "robo", isBot=True)


def say(key: str, who: dict[str, Any], content: str = "Hello", **more: Any) -> dict[str, Any]:
    at = f"2026-03-02T09:{int(key) % 60:02}:00.123+00:00"
    return {
        "id": key,
        "type": "Default",
        "timestamp": at,
        "content": content,
        "author": who,
        "mentions": [],
        "reactions": [],
    } | more


def answer(key: str, who: dict[str, Any], to: str, content: str = "Hello", **more: Any) -> dict[str, Any]:
    return say(key, who, content, type="Reply", reference={"messageId": to}, **more)


def export(path: Path, *messages: dict[str, Any], channel: dict[str, Any] | None = None, **more: Any) -> Path:
    head = {
        "guild": {"id": "7", "name": 'The "messages" guild'},
        "channel": {"id": "5", "type": "GuildTextChat", "category": "Text", "name": "general"} | (channel or {}),
        "dateRange": {"after": None, "before": None},
        "exportedAt": "2026-03-09T10:00:00+00:00",
    }
    path.write_text(json.dumps(head | more | {"messages": messages, "messageCount": len(messages)}), encoding="utf-8")
    return path


def test_replies_reactions_and_mentions(tmp_path: Path) -> None:
    reaction = {"emoji": {"name": "👍", "code": "thumbsup"}, "count": 3, "users": [BO, ROBO]}
    file = export(
        tmp_path / "e.json",
        say("10", ADA, "Who comes, @Bo?", mentions=[BO], reactions=[reaction]),
        answer("11", BO, "10", "I do", mentions=[ADA, author("3", "cy")]),
        answer("12", ADA, "11", "Thank you @Robo", mentions=[ROBO]),
        answer("13", BO, "4", "to a message that is gone"),
    )
    read = read_export(file)
    assert told(read, "actor_id", "target_id", "kind", "thread_id", "interaction_id", "intent") == [
        ("1", None, "post", None, "10", "ask"),
        ("1", "2", "mention", None, "10:@2", None),
        ("2", "1", "reaction", None, "10:thumbsup:2", None),
        ("2", "1", "reply", "10", "11", "answer"),
        ("2", "3", "mention", "10", "11:@3", None),
        ("1", "2", "reply", "10", "12", "thank"),
        ("2", None, "reply", "4", "13", None),
    ]
    assert read.rows[0]["occurred_at"] == "2026-03-02T09:10:00.123+00:00"
    assert read.reading.left_out == {
        "reactions of bots": 1, "reactions whose giver the export does not name": 1, "mentions of bots": 1,
    }  # fmt: skip
    assert read.reading.people == [
        Identity("1", "Ada", None, "ada"),
        Identity("2", "Bo", None, "bo"),
        Identity("3", "Cy", None, "cy"),
    ]


def test_what_is_not_a_persons_message(tmp_path: Path) -> None:
    file = export(
        tmp_path / "e.json",
        say("10", ADA, type="GuildMemberJoin"),
        say("11", ADA, type="ChannelPinnedMessage"),
        say("12", ROBO),
        say("13", ADA, type="20"),
        say("14", author("456226577798135808", "Deleted User")),
        say("15", ADA, "@everyone The hall is open"),
    )
    read = read_export(file)
    assert told(read, "interaction_id", "intent") == [("15", "announce")]
    assert read.reading.left_out == {
        "joins and departures": 1, "notices of the tool": 1, "bot messages": 2, "messages of deleted accounts": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("after", "before", "covers"),
    [
        (None, None, (date(2026, 3, 2), date(2026, 3, 9))),
        ("2026-03-01T00:00:00+00:00", "2026-03-08T00:00:00+00:00", (date(2026, 3, 1), date(2026, 3, 7))),
        ("2026-02-01T00:00:00+00:00", None, (date(2026, 2, 1), date(2026, 3, 9))),
    ],
)
def test_the_days_covered_are_those_asked_for(
    tmp_path: Path, after: str | None, before: str | None, covers: tuple[date, date]
) -> None:
    file = export(tmp_path / "e.json", say("10", ADA), dateRange={"after": after, "before": before})
    assert read_export(file).reading.covers == covers


def test_a_thread_channel_is_a_thread_of_the_channel_above_it(tmp_path: Path) -> None:
    place = {"type": "GuildPublicThread", "category": "help", "name": "My screen is black"}
    file = export(
        tmp_path / "e.json", say("10", ADA, "Why?"), say("11", BO, "Plug it in"), answer("12", ADA, "11"), channel=place
    )
    assert told(read_export(file), "channel", "kind", "target_id", "thread_id", "intent") == [
        ("help", "post", None, None, "ask"),
        ("help", "reply", "1", "10", "answer"),
        ("help", "reply", "2", "10", None),
    ]


@pytest.mark.parametrize(
    ("sort", "words"), [("DirectTextChat", "direct messages"), ("GuildPrivateThread", "messages of private threads")]
)
def test_private_talk_only_when_asked_for(tmp_path: Path, sort: str, words: str) -> None:
    file = export(tmp_path / "e.json", say("10", ADA), say("11", BO), channel={"type": sort})
    shut = read_export(file)
    assert (shut.rows, shut.reading.left_out) == ([], {words: 2})
    assert len(read_export(file, direct=True).rows) == 2


def test_a_document_cut_short_is_refused(tmp_path: Path) -> None:
    whole = export(tmp_path / "e.json", say("10", ADA), say("11", BO))
    cut = tmp_path / "cut.json"
    cut.write_text(whole.read_text()[:-120])
    with pytest.raises(BadFile, match="cut short"):
        read_export(cut)


def test_indented_and_compact_documents_are_the_same(tmp_path: Path) -> None:
    file = export(tmp_path / "e.json", say("10", ADA), answer("11", BO, "10"))
    pretty = tmp_path / "p.json"
    pretty.write_text("\ufeff" + json.dumps(json.loads(file.read_text()), indent=2), encoding="utf-8")
    assert read_export(pretty).rows == read_export(file).rows


def test_the_csv_has_posts_only(tmp_path: Path) -> None:
    file = tmp_path / "Guild - Text - general [5].csv"
    rows = [
        '"1","ada","2026-03-02T09:15:00.1234567+00:00","Is anybody\nthere?","","👍 (3),tada (1)"',
        '"1","ada","2026-03-02T09:15:00.1234567+00:00","Hello?","",""',
        '"2","bo#0000","03-Mar-26 05:02 PM","Joined the server.","",""',
        '"2","bo#0000","03-Mar-26 05:03 PM","Good evening","",""',
    ]
    file.write_text(HEADER + "\n".join(rows) + "\n", encoding="utf-8")
    read = read_export(file)
    assert told(read, "occurred_at", "actor_id", "channel", "kind", "intent") == [
        ("2026-03-02T09:15:00.123456+00:00", "1", "general", "post", "ask"),
        ("2026-03-02T09:15:00.123456+00:00", "1", "general", "post", "ask"),
        ("2026-03-03 17:03:00", "2", "general", "post", None),
    ]
    assert len({row["interaction_id"] for row in read.rows}) == 3, (
        "two messages of one second are told apart by their text"
    )
    assert read.reading.left_out == {
        "reactions whose giver the export does not name": 3 + 1, "joins and departures": 1,
    }  # fmt: skip
    assert read.reading.covers == (date(2026, 3, 2), date(2026, 3, 3))
    assert "Hello" not in str(read.rows)


def test_the_samples(reference: Path) -> None:
    folder = reference.parent / "samples" / "discord"
    assert kinds(read_export(folder / "dce_export.json")) == {"post": 1, "reaction": 1, "reply": 1}
    assert kinds(read_export(folder / "dce_export.csv")) == {"post": 1}
