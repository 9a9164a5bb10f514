"""Zulip's export: a tar.gz with realm.json for who and where, and numbered files of messages.

Zulip answers nobody in particular: a topic is the thread, so later messages in it have no target unless they quote
somebody. Topics of a stream can run for years, which is why the first author is not taken to be spoken to.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from data.errors import BadFile
from ingest.formats.archive import Archive
from ingest.formats.entries import read_json
from ingest.formats.export import Export
from ingest.formats.format import Format, Identity, Reading, Row
from ingest.formats.talk import COLUMNS, Message, Reaction, Start, Talk
from ingest.formats.times import as_moment, read_epoch
from ingest.importer import Details

REALM = "realm.json"
PRIVATE_CHAT, STREAM, GROUP_CHAT = 1, 2, 3
GUEST_ROLE = 600
DIRECT_CHANNEL = "direct messages"
RESOLVED = "✔ "
NO_TOPIC = ("", "(no topic)")
DELETED = "(deleted)"

_MESSAGES = re.compile(r"(?:.*/)?messages-\d+\.json")
_MENTION = re.compile(r"@\*\*([^*|]{1,200})(?:\|(\d{1,12}))?\*\*")
_QUOTED = re.compile(
    r"\s*@_\*\*[^*|]{1,200}\|(\d{1,12})\*\* \[[^\]]{1,60}\]\([^)]{1,900}\):?\s*(`{3,})quote\n.*?\n\2", re.DOTALL
)
_TO_ALL = ("all", "everyone", "channel", "stream", "topic")


@dataclass
class _Realm:
    """Who and where: people by id, ids by name, streams by the id of their recipient, members of chats, reactions by message."""

    people: dict[str, Identity] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    streams: dict[int, str] = field(default_factory=dict)
    private: set[int] = field(default_factory=set)
    chats: dict[int, set[str]] = field(default_factory=dict)
    reactions: dict[int, list[dict[str, Any]]] = field(default_factory=dict)


def recognise_zulip(export: Export) -> bool:
    """An archive with realm.json and files of messages beside it."""
    if export.container != "archive":
        return False
    names = export.archive.names
    return any(_MESSAGES.fullmatch(name) for name in names) and any(_is_realm(name) for name in names)


def read_zulip(export: Export, kind: str, details: Details, zone: str) -> Reading:
    """Messages, reactions and mentions; or the roster; or who follows which stream. Raises BadFile for a broken entry."""
    archive = export.archive
    archive.check()
    held = read_json(archive, next(name for name in archive.names if _is_realm(name)))
    if not isinstance(held, dict) or "zerver_userprofile" not in held:
        raise BadFile("realm.json lists no people.", where=export.name, fix="Export it again.")
    realm = _find_realm(held)
    match kind:
        case "members":
            return _read_roster(held, realm, zone)
        case "channels":
            return _read_memberships(held, realm, details)
        case _:
            reading = Reading("interactions", COLUMNS, [])
            reading.rows = _read_talk(archive, realm, reading, details, zone)
            return reading


def _is_realm(name: str) -> bool:
    return name.rpartition("/")[2] == REALM


def _find_realm(held: Mapping[str, Any]) -> _Realm:
    realm = _Realm()
    for table in ("zerver_userprofile", "zerver_userprofile_crossrealm", "zerver_userprofile_mirrordummy"):
        for user in held.get(table) or ():
            person = _identity(user, table.endswith("crossrealm"))
            realm.people[person.id] = person
            if person.name:
                realm.ids.setdefault(person.name, person.id)
    streams = {stream["id"]: stream for stream in held.get("zerver_stream") or ()}
    for recipient in held.get("zerver_recipient") or ():
        key, sort, target = recipient["id"], recipient.get("type"), recipient.get("type_id")
        if sort == STREAM and target in streams:
            realm.streams[key] = str(streams[target].get("name"))
            if streams[target].get("invite_only"):
                realm.private.add(key)
        elif sort == PRIVATE_CHAT:
            realm.chats[key] = {str(target)}
        elif sort == GROUP_CHAT:
            realm.chats[key] = set()
    for subscription in held.get("zerver_subscription") or ():
        if subscription.get("recipient") in realm.chats:
            realm.chats[subscription["recipient"]].add(str(subscription.get("user_profile")))
    _take_reactions(realm, held)
    return realm


def _take_reactions(realm: _Realm, held: Mapping[str, Any]) -> None:
    for reaction in held.get("zerver_reaction") or ():
        realm.reactions.setdefault(reaction.get("message"), []).append(reaction)


def _identity(user: Mapping[str, Any], is_system: bool) -> Identity:
    email = user.get("delivery_email") or user.get("email") or None
    return Identity(
        id=str(user.get("id")),
        name=user.get("full_name") or None,
        email=email,
        login=email,
        kind="bot" if user.get("is_bot") or is_system else "guest" if user.get("role") == GUEST_ROLE else "member",
    )


def _read_roster(held: Mapping[str, Any], realm: _Realm, zone: str) -> Reading:
    """Active accounts; the export does not say since when an account is deactivated."""
    reading = Reading("members", ("member_id", "name", "email", "joined_on", "member_type", "timezone"), [])
    rows: list[Row] = []
    for line, user in enumerate(held.get("zerver_userprofile") or (), 1):
        person = realm.people[str(user.get("id"))]
        if user.get("is_active") is False:
            reading.leave_out("deactivated accounts, whose last day the export does not say")
            continue
        joined = _local_day(user.get("date_joined"), zone)
        kind = "bot" if person.kind == "bot" else "member"
        rows.append((line, (person.id, person.name, person.email, joined, kind, user.get("timezone") or None)))
    reading.rows = rows
    return reading


def _read_memberships(held: Mapping[str, Any], realm: _Realm, details: Details) -> Reading:
    reading = Reading("channels", ("channel", "member_id"), [])
    talk = Talk(reading, realm.people)
    rows: list[Row] = []
    for line, subscription in enumerate(held.get("zerver_subscription") or (), 1):
        recipient, member = subscription.get("recipient"), str(subscription.get("user_profile"))
        if recipient not in realm.streams or subscription.get("active") is False or talk.is_bot(member):
            continue
        if recipient in realm.private and not details.direct:
            reading.leave_out("members of private streams")
            continue
        talk.meet(member)
        rows.append((line, (realm.streams[recipient], member)))
    reading.rows = rows
    return reading


def _read_talk(archive: Archive, realm: _Realm, reading: Reading, details: Details, zone: str) -> Iterator[Row]:
    """The files in the archive's order: going back in a packed file means unpacking it again from the start."""
    talk = Talk(reading, realm.people)
    days: list[str] = []
    for name in (name for name in archive.names if _MESSAGES.fullmatch(name)):
        held = read_json(archive, name)
        if not isinstance(held, dict) or not isinstance(held.get("zerver_message"), list):
            raise BadFile(f"The file {name} holds no messages.", where=archive.name, fix="Export it again.")
        _take_reactions(realm, held)
        for said in held["zerver_message"]:
            if day := _local_day(said.get("date_sent"), zone):
                days = [min([*days, day]), max([*days, day])]
            yield from _rows_of(said, realm, talk, details)
    if days:
        reading.covers = (date.fromisoformat(days[0]), date.fromisoformat(days[1]))


def _rows_of(said: Mapping[str, Any], realm: _Realm, talk: Talk, details: Details) -> Iterator[Row]:
    recipient, author = int(said.get("recipient") or 0), str(said.get("sender"))
    reactions = _reactions(realm, said.get("id"))
    is_chat = recipient not in realm.streams
    reason = "direct messages" if is_chat else "messages of private streams" if recipient in realm.private else None
    if reason and not details.direct:
        talk.reading.leave_out(reason)
        return
    if talk.is_bot(author):
        talk.leave_out_bot(reactions)
        return
    text = str(said.get("content") or "")
    if text == DELETED:
        talk.reading.leave_out("deleted messages")
        return
    topic = str(said.get("subject") or "").removeprefix(RESOLVED)
    quoted = _QUOTED.match(text)
    members = realm.chats.get(recipient, set())
    own = text[quoted.end() :] if quoted else text
    yield from talk.lay_out(
        Message(
            id=str(said.get("id")),
            at=_moment(said.get("date_sent")),
            author=author,
            channel=DIRECT_CHANNEL if is_chat else realm.streams[recipient],
            text=own,
            is_reply=quoted is not None,
            parent=Start(quoted[1], is_ask=False) if quoted else None,
            thread=None if is_chat else f"{recipient}:{topic}",
            topic=None if is_chat or topic in NO_TOPIC else topic,
            mentioned=_mentioned(own, realm),
            calls_everybody=any(name in _TO_ALL for name, _ in _MENTION.findall(own)),
            reactions=reactions,
            addressed=tuple(sorted(one for one in members if one != author)) if is_chat else None,
        )
    )


def _reactions(realm: _Realm, message: Any) -> list[Reaction]:
    given = realm.reactions.pop(message, []) if isinstance(message, int) else []
    return [Reaction(str(one.get("emoji_name")), str(one.get("user_profile"))) for one in given]


def _mentioned(text: str, realm: _Realm) -> list[str]:
    """People that a message names; a silent mention (@_) tells nobody and is none."""
    found = [(key or realm.ids.get(name)) for name, key in _MENTION.findall(text) if name not in _TO_ALL]
    return [key for key in found if key is not None and key in realm.people]


def _moment(seconds: Any) -> str:
    return read_epoch(float(seconds)) if isinstance(seconds, int | float) else str(seconds)


def _local_day(moment: Any, zone: str) -> str | None:
    """ISO day, in the community's zone, of a time that is epoch seconds or ISO text."""
    if isinstance(moment, int | float):
        return datetime.fromtimestamp(moment, UTC).astimezone(ZoneInfo(zone)).date().isoformat()
    found = as_moment(str(moment or ""))
    if found is None:
        return None
    return (found.astimezone(ZoneInfo(zone)) if found.tzinfo else found).date().isoformat()


ZULIP = Format(
    name="zulip",
    title="a Zulip export",
    kinds=("interactions", "members", "channels"),
    recognise=recognise_zulip,
    read=read_zulip,
)
