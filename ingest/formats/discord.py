"""Discord channels as DiscordChatExporter writes them: one JSON or CSV a channel. The CSV has no ids and no givers."""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from ingest.formats.export import Export
from ingest.formats.format import Format, Identity, Reading, Row
from ingest.formats.talk import COLUMNS, Message, Reaction, Start, Talk
from ingest.formats.times import as_moment, read_moment
from ingest.formats.walking import read_head, walk_list
from ingest.importer import Details

TITLE = "a Discord channel from DiscordChatExporter"
HUMAN = ("Default", "Reply", "0", "19")
JOINS = ("GuildMemberJoin", "RecipientAdd", "RecipientRemove", "7", "1", "2")
COMMANDS = ("ApplicationCommand", "ChatInputCommand", "ContextMenuCommand", "20", "23")
NOBODY = "456226577798135808"  # everybody who deleted their account has this one id
CSV_HEADER = ("AuthorID", "Author", "Date", "Content", "Attachments", "Reactions")
CSV_JOINS = ("Joined the server.", "Added a recipient.", "Removed a recipient.")
CSV_NOTICES = ("Pinned a message.", "Started a call.", "Changed the channel name.", "Changed the channel icon.")
BEGINNING = ('"guild"', '"channel"')

_TO_ALL = re.compile(r"(?<!\w)@(?:everyone|here)\b")
_REFERRED = re.compile(r'"messageId"\s*:\s*"(\d+)"')
_GIVEN = re.compile(r"\((\d{1,9})\)")
_FILE_CHANNEL = re.compile(r".* - (?P<channel>[^\[\]]+?) \[\d+\](?: \([^)]*\))?(?: \[part \d+\])?\.csv", re.IGNORECASE)


def recognise_json(export: Export) -> bool:
    """A document that begins with the guild and the channel, and has messages."""
    if export.container != "document":
        return False
    start = export.beginning.lstrip("\ufeff \t\r\n")
    return start.startswith("{") and all(f"{key}" in start[:4000] for key in BEGINNING) and '"messages"' in start


def recognise_csv(export: Export) -> bool:
    """A table whose header is exactly that of the exporter."""
    return export.container == "text" and _is_header(export.beginning)


def read_json(export: Export, kind: str, details: Details, zone: str) -> Reading:
    """Messages, reactions and mentions; a direct chat gives no rows unless somebody asks for it."""
    text = export.text
    head, at = read_head(text, "messages", export.name)
    reading = Reading("interactions", COLUMNS, [])
    talk = Talk(reading, {})
    channel = head.get("channel") or {}
    sort = str(channel.get("type", ""))
    messages = walk_list(text, at, export.name) if at >= 0 else iter(())
    if ("Direct" in sort or "Private" in sort) and not details.direct:
        reading.leave_out(
            "direct messages" if "Direct" in sort else "messages of private threads", sum(1 for _ in messages)
        )
        return reading
    referred = set(_REFERRED.findall(text))
    reading.rows = _read_channel(messages, channel, referred, talk, _Range(head, reading))
    return reading


def read_csv(export: Export, kind: str, details: Details, zone: str) -> Reading:
    """Posts only: the CSV says neither what a message answers, nor who reacted, nor who is a bot."""
    reading = Reading("interactions", COLUMNS, [])
    reading.warnings.append(
        "A Discord CSV says neither who answered whom, nor who reacted, nor who is a bot; the JSON of the same channel does."
    )
    named = _FILE_CHANNEL.fullmatch(export.name)
    talk = Talk(reading, {})
    reading.rows = _read_table(export, named["channel"] if named else None, talk, _Range({}, reading), zone)
    return reading


class _Range:
    """The days that an export covers: as it was asked for, else from the first message to the day of the export."""

    def __init__(self, head: Mapping[str, Any], reading: Reading) -> None:
        asked = head.get("dateRange") or {}
        before = as_moment(str(asked.get("before") or ""))
        self.first = _day_of(asked.get("after"))
        self.last = (before - timedelta(microseconds=1)).date() if before else _day_of(head.get("exportedAt"))
        self.reading = reading

    def take_in(self, days: Sequence[date]) -> None:
        if days:
            first, last = self.first or min(days), self.last or max(days)
            self.reading.covers = (min(first, min(days)), max(last, max(days)))
        elif self.first and self.last and self.first <= self.last:
            self.reading.covers = (self.first, self.last)


def _day_of(moment: Any) -> date | None:
    found = as_moment(str(moment or ""))
    return found.date() if found else None


def _read_channel(
    messages: Iterator[dict[str, Any]], channel: Mapping[str, Any], referred: set[str], talk: Talk, span: _Range
) -> Iterator[Row]:
    is_thread = "Thread" in str(channel.get("type", ""))
    is_chat = "Direct" in str(channel.get("type", ""))
    name = str(channel.get("category") if is_thread and channel.get("category") else channel.get("name") or "")
    starts: dict[str, Start] = {}
    roots: dict[str, str] = {}
    opener: str | None = None
    days: list[date] = []
    for said in messages:
        if day := _day_of(said.get("timestamp")):
            days = [min([*days, day]), max([*days, day])]
        reason = _why_not(said)
        author = said.get("author") or {}
        if reason == "bot messages":
            talk.leave_out_bot(_reactions(said, talk))
            continue
        if reason:
            talk.reading.leave_out(reason)
            continue
        key = str(said.get("id"))
        answered = (
            str((said.get("reference") or {}).get("messageId") or "") if said.get("type") in ("Reply", "19") else ""
        )
        if answered:
            roots[key] = roots.get(answered, answered)
        elif is_thread and opener:
            answered = roots[key] = opener
        opener = opener or key
        talk.meet(str(author.get("id")), _identity(author))
        message = Message(
            id=key,
            at=str(said.get("timestamp")),
            author=str(author.get("id")),
            channel=("direct messages" if is_chat else name) or None,
            text=str(said.get("content") or ""),
            is_reply=bool(answered),
            parent=starts.get(answered),
            thread=roots.get(key),
            mentioned=_mentioned(said, starts.get(answered), talk),
            calls_everybody=_TO_ALL.search(str(said.get("content") or "")) is not None,
            reactions=_reactions(said, talk),
            addressed=() if is_chat else None,
        )
        if key in referred or (is_thread and key == opener):
            starts[key] = message.as_start()
        yield from talk.lay_out(message)
    span.take_in(days)


def _why_not(said: Mapping[str, Any]) -> str | None:
    author, sort = said.get("author") or {}, str(said.get("type"))
    if sort in JOINS:
        return "joins and departures"
    if sort in COMMANDS or author.get("isBot"):
        return "bot messages"
    if sort not in HUMAN:
        return "notices of the tool"
    return "messages of deleted accounts" if str(author.get("id")) in (NOBODY, "None") else None


def _identity(user: Mapping[str, Any]) -> Identity:
    login = str(user.get("name") or "") or None
    tail = user.get("discriminator")
    name = user.get("nickname") or user.get("name") or None
    return Identity(
        id=str(user.get("id")),
        name=name,
        login=f"{login}#{tail}" if login and tail and tail != "0000" else login,
        kind="bot" if user.get("isBot") else "member",
    )


def _mentioned(said: Mapping[str, Any], parent: Start | None, talk: Talk) -> list[str]:
    """Those a message names. Discord lists the author of the answered message too, who is its target already."""
    found = []
    for user in said.get("mentions") or ():
        key = str(user.get("id"))
        if user.get("isBot"):
            talk.reading.leave_out("mentions of bots")
        elif parent is None or key != parent.author:
            talk.meet(key, _identity(user))
            found.append(key)
    return found


def _reactions(said: Mapping[str, Any], talk: Talk) -> list[Reaction]:
    """Those whose giver is named; the rest of the count is only counted."""
    found: list[Reaction] = []
    for reaction in said.get("reactions") or ():
        emoji = reaction.get("emoji") or {}
        name = str(emoji.get("code") or emoji.get("name") or emoji.get("id"))
        users = reaction.get("users") or ()
        for user in users:
            if user.get("isBot"):
                talk.reading.leave_out("reactions of bots")
                continue
            talk.meet(str(user.get("id")), _identity(user))
            found.append(Reaction(name, str(user.get("id"))))
        count = reaction.get("count")
        if isinstance(count, int) and count > len(users):
            talk.reading.leave_out("reactions whose giver the export does not name", count - len(users))
    return found


def _is_header(beginning: str) -> bool:
    first = beginning.lstrip("\ufeff").partition("\n")[0].strip()
    return tuple(cell.strip('" ') for cell in first.split(",")) == CSV_HEADER


def _read_table(export: Export, channel: str | None, talk: Talk, span: _Range, zone: str) -> Iterator[Row]:
    days: list[date] = []
    for row in export.rows[1:]:
        if not row.cells:
            continue
        author, name, at, content, _, reactions = (*row.cells, *[""] * len(CSV_HEADER))[: len(CSV_HEADER)]
        moment = _read_time(at, zone)
        if found := as_moment(moment):
            days = [min([*days, found.date()]), max([*days, found.date()])]
        given = sum(int(count) for count in _GIVEN.findall(reactions))
        if given:
            talk.reading.leave_out("reactions whose giver the export does not name", given)
        if content in CSV_JOINS or content in CSV_NOTICES:
            talk.reading.leave_out("joins and departures" if content in CSV_JOINS else "notices of the tool")
            continue
        if author in (NOBODY, ""):
            talk.reading.leave_out("messages of deleted accounts")
            continue
        talk.meet(author, Identity(author, name.partition("#")[0] or None, login=name or None))
        digest = hashlib.sha256(content.encode("utf-8", "replace")).hexdigest()[:12]
        yield from talk.lay_out(
            Message(
                id=f"{author}:{at}:{digest}",
                at=moment,
                author=author,
                channel=channel,
                text=content,
                calls_everybody=_TO_ALL.search(content) is not None,
            )
        )
    span.take_in(days)


def _read_time(at: str, zone: str) -> str:
    """ISO time as the exporter writes it, also with seven decimals; that of older versions (03-Apr-19 05:02 PM) is local."""
    iso = re.sub(r"(\.\d{6})\d+", r"\1", at)
    if as_moment(iso) is not None:
        return iso
    try:
        return datetime.strptime(at, "%d-%b-%y %I:%M %p").isoformat(sep=" ")
    except ValueError:
        return read_moment(at, zone=zone)


DISCORD_JSON = Format("discord", TITLE, ("interactions",), recognise_json, read_json)
DISCORD_CSV = Format("discord", TITLE, ("interactions",), recognise_csv, read_csv)
