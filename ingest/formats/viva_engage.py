"""Viva Engage (Yammer) exports: a ZIP of tables, or its Messages.csv or Users.csv alone. Likes are in none of them."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from data.errors import BadFile
from ingest.formats.archive import USUAL
from ingest.formats.entries import read_header, read_table
from ingest.formats.export import Cells, Export
from ingest.formats.format import Format, Identity, Reading, Row
from ingest.formats.intent import asks, own_words
from ingest.formats.talk import COLUMNS, Message, Start, Talk
from ingest.formats.times import as_moment, read_moment
from ingest.importer import Details

TITLE = "a Viva Engage export"
MESSAGES, USERS, REQUEST = "messages.csv", "users.csv", "request.txt"
MESSAGE_COLUMNS = frozenset({"id", "thread_id", "replied_to_id", "sender_id", "body", "created_at"})
USER_COLUMNS = frozenset({"id", "name", "email", "joined_at", "state"})
PERSON = ("", "user")
DIRECT_CHANNEL = "direct messages"

_MENTION = re.compile(r"\[\[user:(\d{1,20})\]\]")
_PARTICIPANT = re.compile(r"user:(\d{1,20})")
_ASKED = re.compile(
    r"\b(since|from|start\w{0,6}|until|end\w{0,6}|to)\b(?:[_ ](?:date|time))?\W{1,6}(\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2})?)?)",
    re.IGNORECASE,
)

Fields = Mapping[str, str]


def recognise_archive(export: Export) -> bool:
    """A ZIP with Messages.csv whose header is that of the export."""
    if export.container != "archive":
        return False
    entry = _find_entry(export, MESSAGES)
    return entry is not None and set(read_header(export.archive, entry)) >= MESSAGE_COLUMNS


def recognise_messages(export: Export) -> bool:
    """A table with the columns of Messages.csv."""
    return set(_header(export.first_row)) >= MESSAGE_COLUMNS


def recognise_users(export: Export) -> bool:
    """A table with the columns of Users.csv, of which guid or suspended_at are nobody else's."""
    header = set(_header(export.first_row))
    return header >= USER_COLUMNS and bool(header & {"guid", "suspended_at"})


def read_archive(export: Export, kind: str, details: Details, zone: str) -> Reading:
    """Interactions of Messages.csv with the people of Users.csv, or the roster."""
    archive = export.archive
    archive.check_entries(USUAL)
    entry = _find_entry(export, USERS)
    users = list(_fields(read_table(archive, entry))) if entry else []
    if kind == "members":
        if entry is None:
            raise BadFile("The archive has no Users.csv.", where=export.name, fix="Export users with the messages.")
        return _read_roster(users, zone)
    messages = _find_entry(export, MESSAGES) or ""
    reading = _read_messages(lambda: read_table(archive, messages), users, details, zone)
    request = _find_entry(export, REQUEST)
    reading.covers = _find_range(archive.read(request).decode("utf-8", "replace")) if request else None
    return reading


def read_messages(export: Export, kind: str, details: Details, zone: str) -> Reading:
    """Interactions; who people are is what the messages say of their senders."""
    return _read_messages(lambda: iter(export.rows), [], details, zone)


def read_users(export: Export, kind: str, details: Details, zone: str) -> Reading:
    """The roster, with the day on which an account was deleted or suspended as its last."""
    return _read_roster(list(_fields(iter(export.rows))), zone)


def _header(row: Cells | None) -> tuple[str, ...]:
    return tuple(cell.strip().lower() for cell in row.cells) if row else ()


def _find_entry(export: Export, file: str) -> str | None:
    """The entry of a name, in whatever folder and case it was packed."""
    return next((name for name in export.archive.names if name.rpartition("/")[2].lower() == file), None)


def _fields(rows: Iterable[Cells]) -> Iterator[Fields]:
    """Each row by its column's name; a cell that is missing is empty."""
    header: tuple[str, ...] = ()
    for row in rows:
        if not row.cells:
            continue
        if not header:
            header = _header(row)
            continue
        yield dict.fromkeys(header, "") | dict(zip(header, row.cells, strict=False))


def _find_range(request: str) -> tuple[date, date] | None:
    """The days that the export was asked for, where the request says both ends. An end at midnight leaves its day out."""
    ends = {word[:1].lower(): text for word, text in _ASKED.findall(request)}
    first = as_moment(ends.get("s") or ends.get("f") or "")
    until = ends.get("u") or ends.get("e") or ends.get("t") or ""
    last = as_moment(until)
    if first is None or last is None:
        return None
    whole_day = len(until) == len("2026-03-01")
    return first.date(), max(first.date(), (last if whole_day else last - timedelta(microseconds=1)).date())


def _read_messages(
    rows: Callable[[], Iterator[Cells]], users: Iterable[Fields], details: Details, zone: str
) -> Reading:
    reading = Reading("interactions", COLUMNS, [])
    reading.warnings.append("Viva Engage does not export likes; reactions are not in these numbers.")
    known = {user["id"]: _identity(user["id"], user) for user in users}
    reading.rows = _read_talk(rows, Talk(reading, known), details, zone)
    return reading


def _identity(key: str, user: Fields) -> Identity:
    return Identity(key, user.get("name") or None, user.get("email") or None)


def _read_talk(rows: Callable[[], Iterator[Cells]], talk: Talk, details: Details, zone: str) -> Iterator[Row]:
    """Two passes: an answer may stand before what it answers."""
    starts = {
        said["id"]: Start(said["sender_id"], said.get("thread_id") in ("", said["id"]) and _asks(said["body"]))
        for said in _fields(rows())
        if said["sender_id"] and not _is_private(said)
    }
    days: list[date] = []
    for said in _fields(rows()):
        at = read_moment(said["created_at"])
        if moment := as_moment(at):
            day = (moment.astimezone(ZoneInfo(zone)) if moment.tzinfo else moment).date()
            days = [min([*days, day]), max([*days, day])]
        reason = _why_not(said, details)
        if reason == "bot messages":
            talk.leave_out_bot()
        elif reason:
            talk.reading.leave_out(reason)
        else:
            talk.meet(said["sender_id"], Identity(said["sender_id"], said.get("sender_name"), said.get("sender_email")))
            yield from talk.lay_out(_as_message(said, at, starts))
    if talk.reading.covers is None and days:
        talk.reading.covers = (days[0], days[1])


def _asks(body: str) -> bool:
    return asks(own_words(body))


def _is_private(said: Fields) -> bool:
    return said.get("in_private_conversation", "").lower() == "true"


def _why_not(said: Fields, details: Details) -> str | None:
    """Why a message is not taken, in words to be counted by; None for one that is."""
    if said.get("deleted_at"):
        return "deleted messages"
    if not details.direct and _is_private(said):
        return "direct messages"
    if not details.direct and said.get("in_private_group", "").lower() == "true":
        return "messages of private groups"
    if said.get("sender_type", "").lower() not in PERSON:
        return "bot messages"
    return None if said["sender_id"] else "messages without an author"


def _as_message(said: Fields, at: str, starts: Mapping[str, Start]) -> Message:
    body, sender = said["body"], said["sender_id"]
    answered = said["replied_to_id"] or (said["thread_id"] if said["thread_id"] not in ("", said["id"]) else "")
    is_chat = _is_private(said)
    others = tuple(key for key in _PARTICIPANT.findall(said.get("participants", "")) if key != sender)
    return Message(
        id=said["id"],
        at=at,
        author=sender,
        channel=DIRECT_CHANNEL if is_chat else said.get("group_name") or said.get("group_id") or None,
        text=body,
        is_reply=bool(answered),
        parent=(starts.get(answered) or starts.get(said["thread_id"])) if answered else None,
        thread=said["thread_id"] or None,
        mentioned=_MENTION.findall(body),
        addressed=others if is_chat else None,
    )


def _read_roster(users: Iterable[Fields], zone: str) -> Reading:
    columns = ("member_id", "name", "email", "joined_on", "left_on", "member_type")
    rows: list[Row] = []
    for line, user in enumerate(users, 2):
        joined = _local_day(user.get("joined_at", ""), zone)
        left = _local_day(user.get("deleted_at", "") or user.get("suspended_at", ""), zone)
        rows.append((line, (user["id"], user.get("name"), user.get("email"), joined, left, "member")))
    return Reading("members", columns, rows)


def _local_day(text: str, zone: str) -> str | None:
    """ISO day of a time in the community's zone; what cannot be read stays, so that checking names it."""
    moment = as_moment(read_moment(text)) if text else None
    if moment is None:
        return text or None
    return (moment.astimezone(ZoneInfo(zone)) if moment.tzinfo else moment).date().isoformat()


ARCHIVE = Format("viva_engage", TITLE, ("interactions", "members"), recognise_archive, read_archive)
MESSAGES_TABLE = Format("viva_engage", TITLE, ("interactions",), recognise_messages, read_messages)
USERS_TABLE = Format("viva_engage", "the users of a Viva Engage export", ("members",), recognise_users, read_users)
