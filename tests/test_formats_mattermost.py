"""Mattermost's bulk export: JSON lines, alone or in a ZIP, with the times that its reactions have."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from data.errors import BadFile
from ingest.formats.format import Identity
from tests.chats import kinds, pack_zip, told, write_lines
from tests.exports import read_export

VERSION = {"type": "version", "version": 1, "info": {"created": "2026-03-05T00:00:00Z"}}
NOON = 1772452800000  # 2026-03-02 12:00 UTC


def user(name: str, **more: Any) -> dict[str, Any]:
    teams = [{"name": "acme", "channels": [{"name": "town-square"}, {"name": "board"}]}]
    return {
        "type": "user",
        "user": {"username": name, "email": f"{name}@example.org", "first_name": name.title(), "teams": teams} | more,
    }


def channel(name: str, sort: str = "O", team: str = "acme") -> dict[str, Any]:
    return {"type": "channel", "channel": {"team": team, "name": name, "type": sort}}


def post(
    author: str, at: int, text: str = "Hello", channel: str = "town-square", team: str = "acme", **more: Any
) -> dict[str, Any]:
    held = {"team": team, "channel": channel, "user": author, "message": text, "create_at": at} | more
    return {"type": "post", "post": held}


def export(path: Path, *lines: dict[str, Any]) -> Path:
    start = [VERSION, {"type": "team", "team": {"name": "acme"}}, channel("town-square"), channel("board", "P")]
    return write_lines(path, [*start, user("ada"), user("bo"), user("cy", roles="system_guest"), *lines])


def test_posts_replies_reactions_and_mentions(tmp_path: Path) -> None:
    reply = {"user": "bo", "message": "Yes, @cy. @nobody", "create_at": NOON + 60_000, "type": ""}
    reaction = {"user": "bo", "create_at": NOON + 1_500, "emoji_name": "+1"}
    file = export(tmp_path / "e.jsonl", post("ada", NOON, "@here anyone there?", replies=[reply], reactions=[reaction]))
    read = read_export(file)
    root, other = f"acme/town-square/ada/{NOON}", f"acme/town-square/bo/{NOON + 60_000}"
    assert told(read, "occurred_at", "actor_id", "target_id", "kind", "thread_id", "interaction_id", "intent") == [
        ("2026-03-02 12:00:00Z", "ada", None, "post", root, root, "ask"),
        ("2026-03-02 12:00:01.500000Z", "bo", "ada", "reaction", root, f"{root}:+1:bo", None),
        ("2026-03-02 12:01:00Z", "bo", "ada", "reply", root, other, "answer"),
        ("2026-03-02 12:01:00Z", "bo", "cy", "mention", root, f"{other}:@cy", None),
    ]
    assert read.reading.covers == (date(2026, 3, 2), date(2026, 3, 5)), "from the first post to the day of the export"
    assert read.reading.warnings == [], "reactions have times here"
    assert read.reading.people[2] == Identity("cy", "Cy", "cy@example.org", "cy", "guest")


def test_days_are_those_of_the_communitys_zone(tmp_path: Path) -> None:
    late = export(tmp_path / "e.jsonl", post("ada", NOON + 12 * 3_600_000 - 60_000))
    assert read_export(late, zone="Asia/Tokyo").reading.covers == (date(2026, 3, 3), date(2026, 3, 5))


def test_system_bots_and_deleted_posts_are_left_out(tmp_path: Path) -> None:
    file = export(
        tmp_path / "e.jsonl",
        {"type": "bot", "bot": {"username": "robo", "display_name": "Robo"}},
        post("ada", NOON, type="system_join_channel"),
        post("ada", NOON + 1, type="system_header_change"),
        post("ada", NOON + 2, type="slack_attachment", props={"from_webhook": "true"}),
        post("ada", NOON + 3, props={"from_bot": "true"}),
        post("robo", NOON + 4),
        post("ada", NOON + 5, delete_at=NOON + 6),
        post("ada", NOON + 7, type="custom_poll"),
        post("ada", NOON + 8, type="me"),
    )
    read = read_export(file)
    assert told(read, "interaction_id") == [(f"acme/town-square/ada/{NOON + 8}",)]
    assert read.reading.left_out == {
        "joins and departures": 1, "notices of the tool": 2, "bot messages": 3, "deleted messages": 1,
    }  # fmt: skip


def test_private_and_direct_posts_only_when_asked_for(tmp_path: Path) -> None:
    direct = {"channel_members": ["ada", "bo"], "user": "ada", "message": "psst", "create_at": NOON,
              "replies": [{"user": "bo", "message": "what", "create_at": NOON + 1}]}  # fmt: skip
    file = export(
        tmp_path / "e.jsonl", post("ada", NOON, channel="board"), {"type": "direct_post", "direct_post": direct}
    )
    shut = read_export(file)
    assert shut.rows == []
    assert shut.reading.left_out == {"messages of private channels": 1, "direct messages": 2}
    assert told(read_export(file, direct=True), "actor_id", "target_id", "kind", "channel") == [
        ("ada", None, "post", "board"),
        ("ada", "bo", "message", "direct messages"),
        ("bo", "ada", "message", "direct messages"),
    ]


def test_two_teams_keep_their_channels_apart(tmp_path: Path) -> None:
    file = export(
        tmp_path / "e.jsonl", {"type": "team", "team": {"name": "beta"}}, channel("town-square", team="beta"),
        post("ada", NOON), post("ada", NOON, team="beta"),
    )  # fmt: skip
    read = read_export(file)
    assert told(read, "channel") == [("acme/town-square",), ("beta/town-square",)]
    assert len({row["interaction_id"] for row in read.rows}) == 2


def test_the_same_in_a_zip_beside_pictures(tmp_path: Path) -> None:
    lines = export(tmp_path / "e.jsonl", post("ada", NOON, "Look", replies=[])).read_text()
    packed = pack_zip(tmp_path / "e.zip", {"import.jsonl": lines, "data/20260302/picture.png": b"\x89PNG"})
    read = read_export(packed)
    assert (read.format.name, kinds(read)) == ("mattermost", {"post": 1})
    assert read.rows == read_export(tmp_path / "e.jsonl").rows


def test_roster_and_channels(tmp_path: Path) -> None:
    file = export(tmp_path / "e.jsonl", user("dot", delete_at=NOON), {"type": "bot", "bot": {"username": "robo"}})
    assert told(read_export(file, "members"), "member_id", "name", "email", "left_on", "member_type") == [
        ("ada", "Ada", "ada@example.org", None, "member"),
        ("bo", "Bo", "bo@example.org", None, "member"),
        ("cy", "Cy", "cy@example.org", None, "member"),
        ("dot", "Dot", "dot@example.org", "2026-03-02", "member"),
        ("robo", None, None, None, "bot"),
    ]
    channels = read_export(file, "channels")
    assert told(channels, "channel", "member_id")[:2] == [("town-square", "ada"), ("town-square", "bo")]
    assert channels.reading.left_out == {"members of private channels": 4}


@pytest.mark.parametrize("line", ["{broken", '["list"]', '{"no": "type"}'])
def test_a_broken_line_is_named_by_its_number(tmp_path: Path, line: str) -> None:
    file = export(tmp_path / "e.jsonl")
    file.write_text(file.read_text() + line + "\n", encoding="utf-8")
    with pytest.raises(BadFile, match="line 8"):
        read_export(file)


def test_the_sample(reference: Path) -> None:
    read = read_export(reference.parent / "samples" / "mattermost" / "bulk_export.jsonl")
    assert kinds(read) == {"post": 1, "reaction": 1, "reply": 1}
    assert read.reading.left_out == {"direct messages": 1}
