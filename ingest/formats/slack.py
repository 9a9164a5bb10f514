"""Slack's workspace export: a ZIP with users.json, channels.json and a folder for each channel with a file for each day.

Private channels and direct messages are in exports of paid plans only (groups.json, mpims.json, dms.json) and are
left out unless somebody asks for them.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from ingest.formats.archive import SLACK, Archive
from ingest.formats.entries import read_list
from ingest.formats.export import Export
from ingest.formats.format import Format, Identity, Reading, Row
from ingest.formats.slack_messages import Conversation, read_messages
from ingest.formats.talk import COLUMNS, Start, Talk
from ingest.importer import Details

USERS, CHANNELS = "users.json", "channels.json"
PRIVATE_LISTS = {"groups.json": "private channel", "mpims.json": "group chat", "dms.json": "direct message"}
SLACKBOT = "USLACKBOT"

_DAY_FILE = re.compile(r"([^/]+)/(\d{4}-\d{2}-\d{2})\.json")
_DIRECT_FOLDER = re.compile(r"D[A-Z0-9]{6,}|mpdm-.*")


def recognise_slack(export: Export) -> bool:
    """A ZIP with the list of users or of channels, and day files or both lists."""
    if export.container != "archive":
        return False
    tops, days = set(), False
    for name in export.archive.names:
        top, _, file = name.rpartition("/")
        if file in (USERS, CHANNELS) and top.count("/") == 0:
            tops.add(file)
        days = days or _DAY_FILE.fullmatch("/".join(name.split("/")[-2:])) is not None
    return len(tops) == 2 or (bool(tops) and days)


def read_slack(export: Export, kind: str, details: Details, zone: str) -> Reading:
    """Interactions day by day, the roster, or the members of each channel. Raises BadFile for an entry that is no JSON."""
    archive = export.archive
    archive.check_entries(SLACK)
    top = _find_top(archive)
    people = _find_people(_entry_list(archive, top + USERS))
    match kind:
        case "members":
            return _read_roster(_entry_list(archive, top + USERS))
        case "channels":
            return _read_memberships(_find_channels(archive, top), people, details)
        case _:
            return _read_talk(archive, top, people, details)


def _find_top(archive: Archive) -> str:
    """The shared top folder of an archive that was packed again, with its slash; usually nothing."""
    lists = [name for name in archive.names if name.rpartition("/")[2] in (USERS, CHANNELS)]
    shortest = min(lists, key=lambda name: (name.count("/"), len(name)))
    return shortest[: shortest.rfind("/") + 1]


def _entry_list(archive: Archive, entry: str) -> list[dict[str, Any]]:
    return read_list(archive, entry, SLACK) if entry in archive.names else []


def _find_people(users: Iterable[Mapping[str, Any]]) -> dict[str, Identity]:
    people = {SLACKBOT: Identity(SLACKBOT, "Slackbot", kind="bot")}
    for user in users:
        profile = user.get("profile") or {}
        guest = bool(user.get("is_restricted") or user.get("is_ultra_restricted") or user.get("is_stranger"))
        bot = bool(user.get("is_bot") or user.get("is_workflow_bot") or user.get("id") == SLACKBOT)
        people[str(user.get("id"))] = Identity(
            id=str(user.get("id")),
            name=_name_of(user),
            email=profile.get("email") or None,
            login=user.get("name") or None,
            kind="bot" if bot else "guest" if guest else "member",
        )
    return people


def _name_of(user: Mapping[str, Any]) -> str | None:
    profile = user.get("profile") or {}
    return profile.get("real_name") or user.get("real_name") or profile.get("display_name") or user.get("name") or None


def _find_channels(archive: Archive, top: str) -> dict[str, Conversation]:
    """Every conversation that the lists name, by the folder it has. A folder is named by channel, or by id for a direct one."""
    found: dict[str, Conversation] = {}
    for file in (CHANNELS, *PRIVATE_LISTS):
        for channel in _entry_list(archive, top + file):
            key, name = str(channel.get("id", "")), channel.get("name") or ""
            sort = PRIVATE_LISTS.get(file, "private channel" if channel.get("is_private") else "")
            members = tuple(str(member) for member in channel.get("members") or ())
            found[name or key] = Conversation(key or name, name or key, sort, members)
    return found


def _read_roster(users: list[dict[str, Any]]) -> Reading:
    """Active accounts. The export does not say since when an account is deactivated, so those are nobody's days."""
    reading = Reading("members", ("member_id", "name", "email", "member_type", "timezone"), [])
    people = _find_people(users)
    rows: list[Row] = []
    for line, user in enumerate(users, 1):
        person = people[str(user.get("id"))]
        if user.get("deleted"):
            reading.leave_out("deactivated accounts, whose last day the export does not say")
            continue
        kind = "bot" if person.kind == "bot" else "member"
        rows.append((line, (person.id, person.name, person.email, kind, user.get("tz") or None)))
    reading.rows = rows
    return reading


def _read_memberships(
    channels: Mapping[str, Conversation], people: Mapping[str, Identity], details: Details
) -> Reading:
    reading = Reading("channels", ("channel", "member_id"), [])
    talk = Talk(reading, people)
    rows: list[Row] = []
    for line, channel in enumerate(channels.values(), 1):
        if channel.sort and (not details.direct or channel.sort != "private channel"):
            reading.leave_out(f"members of {channel.sort}s", len(channel.members))
            continue
        for member in channel.members:
            if talk.is_bot(member):
                reading.leave_out("bots in channels")
                continue
            talk.meet(member)
            rows.append((line, (channel.name, member)))
    reading.rows = rows
    return reading


def _read_talk(archive: Archive, top: str, people: dict[str, Identity], details: Details) -> Reading:
    channels = _find_channels(archive, top)
    folders = _find_days(archive, top)
    has_list = top + CHANNELS in archive.names
    reading = Reading("interactions", COLUMNS, [])
    wanted: dict[str, Conversation] = {}
    for folder in sorted(folders):
        channel = channels.get(folder) or channels.get(_as_meant(folder))
        if channel is None:
            if has_list or _DIRECT_FOLDER.fullmatch(folder):
                reading.leave_out("day files of conversations that the export does not list", len(folders[folder]))
                continue
            channel = Conversation(folder, folder)
        if channel.sort and not details.direct:
            reading.leave_out(f"day files of {channel.sort}s", len(folders[folder]))
            continue
        wanted[folder] = channel
    days = [day for folder in wanted for day, _ in folders[folder]]
    reading.covers = (min(days), max(days)) if days else None
    reading.rows = _read_days(archive, folders, wanted, Talk(reading, people))
    return reading


def _find_days(archive: Archive, top: str) -> dict[str, list[tuple[date, str]]]:
    """The day files of each folder, in the order of their days, whatever their order in the archive."""
    found: dict[str, list[tuple[date, str]]] = {}
    for entry in archive.names:
        day_file = _DAY_FILE.fullmatch(entry.removeprefix(top)) if entry.startswith(top) else None
        if day_file is None:
            continue
        try:
            found.setdefault(day_file[1], []).append((date.fromisoformat(day_file[2]), entry))
        except ValueError:
            continue
    for days in found.values():
        days.sort()
    return found


def _as_meant(folder: str) -> str:
    """A folder's name where the archive does not say that its names are UTF-8, though they are."""
    try:
        return folder.encode("cp437").decode("utf-8")
    except UnicodeError:
        return folder


def _read_days(
    archive: Archive, folders: Mapping[str, list[tuple[date, str]]], wanted: Mapping[str, Conversation], talk: Talk
) -> Iterator[Row]:
    for folder, channel in wanted.items():
        starts: dict[str, Start] = {}
        for _, entry in folders[folder]:
            yield from read_messages(read_list(archive, entry, SLACK), channel, talk, starts)


SLACK_EXPORT = Format(
    name="slack",
    title="a Slack export",
    kinds=("interactions", "members", "channels"),
    recognise=recognise_slack,
    read=read_slack,
)
