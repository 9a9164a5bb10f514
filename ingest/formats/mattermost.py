"""Mattermost's bulk export: JSON lines, alone or in a ZIP beside its attachments. Its reactions have times of their own."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from data.errors import BadFile
from ingest.formats.archive import SLACK
from ingest.formats.entries import read_json_lines
from ingest.formats.export import Export
from ingest.formats.format import Format, Identity, Reading, Row
from ingest.formats.talk import COLUMNS, Message, Reaction, Start, Talk
from ingest.formats.times import as_moment, read_epoch
from ingest.importer import Details

JOINS = ("join", "leave", "add_to", "remove_from")
DIRECT_CHANNEL = "direct messages"

_MENTION = re.compile(r"(?<![\w@.])@([a-zA-Z0-9][a-zA-Z0-9._-]{0,63})")
_TO_ALL = ("channel", "all", "here")


@dataclass
class _Directory:
    """What the lines before the posts say: teams, channels that are private, people, when the export was made."""

    teams: set[str] = field(default_factory=set)
    private: set[str] = field(default_factory=set)
    people: dict[str, Identity] = field(default_factory=dict)
    created: date | None = None


def recognise_mattermost(export: Export) -> bool:
    """Lines of JSON of which the first says its version, or a ZIP with one such entry."""
    if export.container == "document":
        return _is_version(export.beginning.lstrip("\ufeff \t\r\n").partition("\n")[0])
    if export.container != "archive":
        return False
    entries = _line_entries(export)
    if len(entries) != 1:
        return False
    first = next(export.archive.read_lines(entries[0], SLACK), b"")
    return _is_version(first.decode("utf-8", errors="replace").lstrip("\ufeff").strip())


def read_mattermost(export: Export, kind: str, details: Details, zone: str) -> Reading:
    """Posts with their replies, reactions and mentions; or the roster; or who is in which channel. Raises BadFile for a broken line."""
    match kind:
        case "members":
            columns: tuple[str, ...] = ("member_id", "name", "email", "left_on", "member_type")
            return Reading("members", columns, _read_roster(export, zone))
        case "channels":
            reading = Reading("channels", ("channel", "member_id"), [])
            reading.rows = _read_memberships(export, reading, details)
        case _:
            reading = Reading("interactions", COLUMNS, [])
            reading.rows = _read_talk(export, reading, details, zone)
    return reading


def _is_version(line: str) -> bool:
    try:
        found = json.loads(line)
    except (json.JSONDecodeError, RecursionError):
        return False
    return isinstance(found, dict) and found.get("type") == "version" and isinstance(found.get("version"), int)


def _line_entries(export: Export) -> list[str]:
    return [name for name in export.archive.names if name.lower().endswith(".jsonl")]


def _read_lines(export: Export) -> Iterator[tuple[int, str, dict[str, Any]]]:
    """Each line as (number, type, what it holds)."""
    lines = (
        export.read_documents()
        if export.container == "document"
        else read_json_lines(export.archive, _line_entries(export)[0], SLACK)
    )
    for number, line in lines:
        sort = line.get("type") if isinstance(line, dict) else None
        if not isinstance(sort, str):
            raise BadFile(
                "This line is none of a Mattermost export.",
                where=f"{export.name}, line {number}",
                fix="Export it again.",
            )
        held = line.get(sort)
        yield number, sort, held if isinstance(held, dict) else line


def _identity(user: Mapping[str, Any]) -> Identity:
    whole = " ".join(part for part in (user.get("first_name"), user.get("last_name")) if part)
    login = str(user.get("username"))
    guest = "system_guest" in str(user.get("roles") or "")
    is_bot = bool(user.get("is_bot"))
    return Identity(
        id=login,
        name=whole or user.get("nickname") or user.get("display_name") or None,
        email=user.get("email") or None,
        login=login,
        kind="bot" if is_bot else "guest" if guest else "member",
    )


def _read_roster(export: Export, zone: str) -> Iterator[Row]:
    for number, sort, held in _read_lines(export):
        if sort == "bot" or sort == "user":
            person = _identity(held | {"is_bot": sort == "bot" or held.get("is_bot")})
            kind = "bot" if person.kind == "bot" else "member"
            gone = held.get("delete_at") or 0
            left = str(_local_day(gone, zone)) if gone else None
            yield number, (person.id, person.name, person.email, left, kind)


def _read_memberships(export: Export, reading: Reading, details: Details) -> Iterator[Row]:
    known = _Directory()
    row = 0
    for _, sort, held in _read_lines(export):
        _take_in(known, sort, held)
        if sort != "user":
            continue
        person = _identity(held)
        for team in held.get("teams") or ():
            for channel in team.get("channels") or ():
                key = f"{team.get('name')}/{channel.get('name')}"
                if key in known.private and not details.direct:
                    reading.leave_out("members of private channels")
                    continue
                row += 1
                yield row, (_shown(key, known), person.id)


def _read_talk(export: Export, reading: Reading, details: Details, zone: str) -> Iterator[Row]:
    known = _Directory()
    talk = Talk(reading, known.people)
    first, last = 0, 0
    for _, sort, held in _read_lines(export):
        _take_in(known, sort, held)
        if sort not in ("post", "direct_post"):
            continue
        for said in (held, *(held.get("replies") or ())):
            if isinstance(stamp := said.get("create_at"), int) and stamp > 0:
                first, last = min(first or stamp, stamp), max(last, stamp)
        yield from _read_thread(held, sort == "direct_post", known, talk, details)
    if first:
        ends = max(_local_day(last, zone), known.created or date.min)
        reading.covers = (_local_day(first, zone), ends)


def _take_in(known: _Directory, sort: str, held: Mapping[str, Any]) -> None:
    match sort:
        case "version":
            made = as_moment(str((held.get("info") or {}).get("created") or ""))
            known.created = made.date() if made else None
        case "team":
            known.teams.add(str(held.get("name")))
        case "channel" if held.get("type") == "P":
            known.private.add(f"{held.get('team')}/{held.get('name')}")
        case "user":
            known.people[str(held.get("username"))] = _identity(held)
        case "bot":
            known.people[str(held.get("username"))] = _identity({**held, "is_bot": True})


def _read_thread(
    post: Mapping[str, Any], is_direct: bool, known: _Directory, talk: Talk, details: Details
) -> Iterator[Row]:
    """A post and its replies."""
    replies = [one for one in post.get("replies") or () if isinstance(one, dict)]
    place = f"{post.get('team')}/{post.get('channel')}"
    sort = "direct messages" if is_direct else "messages of private channels" if place in known.private else None
    if sort and not details.direct:
        talk.reading.leave_out(sort, 1 + len(replies))
        return
    members = tuple(str(member) for member in post.get("channel_members") or ())
    place = f"direct/{','.join(sorted(members))}" if is_direct else place
    root = f"{place}/{post.get('user')}/{post.get('create_at')}"
    start: Start | None = None
    for said in (post, *replies):
        author = str(said.get("user"))
        reason = _why_not(said, talk)
        if reason == "bot messages":
            talk.leave_out_bot(_reactions(said))
        elif reason:
            talk.reading.leave_out(reason)
        if reason:
            continue
        text = str(said.get("message") or "")
        names = [name.rstrip("._-") for name in _MENTION.findall(text)] if "@" in text else []
        message = Message(
            id=f"{place}/{author}/{said.get('create_at')}",
            at=_moment(said.get("create_at")),
            author=author,
            channel=DIRECT_CHANNEL if is_direct else _shown(place, known),
            text=text,
            is_reply=said is not post,
            parent=start if said is not post else None,
            thread=root if replies else None,
            mentioned=[name.lower() for name in names if name.lower() in known.people],
            calls_everybody=any(name.lower() in _TO_ALL for name in names),
            reactions=_reactions(said),
            addressed=tuple(one for one in members if one != author) if is_direct else None,
        )
        if said is post:
            start = message.as_start()
        yield from talk.lay_out(message)


def _why_not(said: Mapping[str, Any], talk: Talk) -> str | None:
    sort, props = str(said.get("type") or ""), said.get("props") or {}
    if said.get("delete_at"):
        return "deleted messages"
    if sort.startswith("system_"):
        return "joins and departures" if any(word in sort for word in JOINS) else "notices of the tool"
    if sort in ("slack_attachment", "custom_bot") or _says(props, "from_webhook") or _says(props, "from_bot"):
        return "bot messages"
    if sort and sort != "me":
        return "notices of the tool"
    return "bot messages" if talk.is_bot(str(said.get("user"))) else None


def _says(props: Any, key: str) -> bool:
    return isinstance(props, dict) and str(props.get(key)).lower() == "true"


def _reactions(said: Mapping[str, Any]) -> list[Reaction]:
    return [
        Reaction(
            str(one.get("emoji_name")),
            str(one.get("user")),
            _moment(one["create_at"]) if one.get("create_at") else None,
        )
        for one in said.get("reactions") or ()
    ]


def _shown(place: str, known: _Directory) -> str:
    """A channel's name; with its team's where the server has several."""
    return place if len(known.teams) > 1 else place.partition("/")[2]


def _moment(milliseconds: Any) -> str:
    if isinstance(milliseconds, int) and 0 <= milliseconds < 10**14:
        return read_epoch(milliseconds / 1000)
    return str(milliseconds)


def _local_day(milliseconds: int, zone: str) -> date:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).astimezone(ZoneInfo(zone)).date()


MATTERMOST = Format(
    name="mattermost",
    title="a Mattermost bulk export",
    kinds=("interactions", "members", "channels"),
    recognise=recognise_mattermost,
    read=read_mattermost,
)
