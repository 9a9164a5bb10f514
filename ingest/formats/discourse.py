"""Discourse: the archive that a member downloads of their own posts, and the list of users that an admin exports.

The archive does not name its member, and posts say how many liked them, not who.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from urllib.parse import urlsplit

from ingest.formats.entries import read_header, read_table
from ingest.formats.export import Cells, Export
from ingest.formats.format import Format, Identity, Question, Reading, Row, Unsettled
from ingest.formats.talk import COLUMNS, Message, Talk
from ingest.formats.times import as_moment, read_day, read_moment
from ingest.importer import Details

ARCHIVE_COLUMNS = frozenset({"topic_title", "is_pm", "like_count", "reply_count", "url", "created_at"})
USER_COLUMNS = frozenset({"id", "username", "created_at", "trust_level", "last_seen_at", "post_count", "likes_given"})
# "No" as the forum's language says it; every other word is taken for yes, so that nothing private slips in.
NO = frozenset(
    {"no", "nein", "non", "nee", "nej", "nei", "não", "nie", "ne", "ei", "нет", "いいえ", "否", "false", "f", "0"}
)
LIFETIME = {"messages": "post_count", "reactions": "likes_given", "views": "posts_read_count"}
SYSTEM_IDS = ("-1", "-2")

_MEMBER_IN_NAME = re.compile(
    r"(?:user[-_]archive[-_])?(?P<member>[\w.-]+?)-\d{6,8}-\d{6}(?: ?\(\d+\))?(?:\.csv)?(?:\.gz|\.zip)?", re.IGNORECASE
)
_POST = re.compile(r"/t/(?:[^/]+/)?(?P<topic>\d+)(?:/(?P<post>\d+))?/?")

Fields = Mapping[str, str]


def recognise_archive(export: Export) -> bool:
    """A table of posts with topic, is_pm and url, alone or as an entry of a ZIP or gz."""
    return _find_header(export, ARCHIVE_COLUMNS)


def recognise_users(export: Export) -> bool:
    """A table of users with trust level and counts, alone or as an entry of a ZIP or gz."""
    return _find_header(export, USER_COLUMNS)


def read_archive(export: Export, kind: str, details: Details, zone: str) -> Reading:
    """Posts and replies of one member. Raises Unsettled where neither a person nor the archive's own name says whose it is."""
    named = _MEMBER_IN_NAME.fullmatch(export.name.rpartition("/")[2])
    member = details.member or (named["member"] if named else None)
    if member is None:
        words = "The archive of a member's posts does not say whose it is."
        raise Unsettled(export.name, [Question("member", words, "--member USERNAME")])
    reading = Reading("interactions", COLUMNS, [])
    talk = Talk(reading, {member: Identity(member, login=member)})
    reading.rows = _read_posts(_fields(_rows(export, ARCHIVE_COLUMNS)), member, talk, details)
    return reading


def read_users(export: Export, kind: str, details: Details, zone: str) -> Reading:
    """The roster, or for each member the totals since they joined, which stand for no week or month."""
    users = list(_fields(_rows(export, USER_COLUMNS)))
    return _read_totals(users) if kind == "activity" else _read_roster(users)


def _find_header(export: Export, columns: frozenset[str]) -> bool:
    if export.container == "archive":
        return _find_entry(export, columns) is not None
    return columns <= _header(export.first_row)


def _find_entry(export: Export, columns: frozenset[str]) -> str | None:
    tables = [name for name in export.archive.names if name.lower().endswith(".csv")][:20]
    for name in tables:
        if columns <= set(read_header(export.archive, name)):
            return name
    return None


def _header(row: Cells | None) -> set[str]:
    return {cell.strip().lower() for cell in row.cells} if row else set()


def _rows(export: Export, columns: frozenset[str]) -> Iterator[Cells]:
    entry = _find_entry(export, columns) if export.container == "archive" else None
    return iter(export.rows) if entry is None else read_table(export.archive, entry)


def _fields(rows: Iterator[Cells]) -> Iterator[Fields]:
    """Each row by its column's name; a cell that is missing is empty. `#` is its line."""
    header: tuple[str, ...] = ()
    for row in rows:
        if row.cells and not header:
            header = tuple(cell.strip().lower() for cell in row.cells)
        elif row.cells:
            yield dict.fromkeys(header, "") | dict(zip(header, row.cells, strict=False)) | {"#": str(row.line)}


def _read_posts(posts: Iterator[Fields], member: str, talk: Talk, details: Details) -> Iterator[Row]:
    days: list[date] = []
    for post in posts:
        at = read_moment(post["created_at"])
        if moment := as_moment(at):
            days = [min([*days, moment.date()]), max([*days, moment.date()])]
        is_private = post["is_pm"].strip().lower() not in NO
        if is_private and not details.direct:
            talk.reading.leave_out("direct messages")
            continue
        if post["like_count"].isdigit() and int(post["like_count"]):
            talk.reading.leave_out("likes whose giver the export does not name", int(post["like_count"]))
        place = _POST.search(urlsplit(post["url"]).path)
        number = place["post"] if place else None
        topic = place["topic"] if place else None
        yield from talk.lay_out(
            Message(
                id=f"{topic}/{number or 1}" if topic else f"{member}:{post['created_at']}",
                at=at,
                author=member,
                channel="direct messages" if is_private else _category_of(post),
                text=post.get("post_raw") or post.get("post") or "",
                is_reply=number not in (None, "1"),
                thread=f"{topic}/1" if topic else None,
                addressed=() if is_private else None,
            )
        )
    talk.reading.covers = (days[0], days[1]) if days else None


def _category_of(post: Fields) -> str | None:
    """The category, with the one below it where there is one. Newer exports join both with a bar."""
    if "categories" in post:
        return post["categories"].strip("|- ").replace("|", " / ") or None
    parts = [post.get(column, "").strip() for column in ("category", "sub_category")]
    return " / ".join(part for part in parts if part not in ("", "-")) or None


def _read_roster(users: list[Fields]) -> Reading:
    """Members by their login. A suspension is for a time, so it is no last day."""
    reading = Reading("members", ("member_id", "name", "email", "joined_on", "member_type"), [])
    rows: list[Row] = []
    for user in users:
        if user.get("staged", "").lower() in ("true", "yes", "t"):
            reading.leave_out("addresses that only ever wrote e-mails")
            continue
        kind = "bot" if user["id"] in SYSTEM_IDS else "member"
        joined = read_day(user["created_at"]) if user["created_at"] else None
        rows.append(
            (int(user["#"]), (user["username"], user.get("name") or None, user.get("email") or None, joined, kind))
        )
    reading.rows = rows
    return reading


def _read_totals(users: list[Fields]) -> Reading:
    """Counts since each member joined, up to the last day on which the forum saw anybody."""
    reading = Reading("activity", ("period_start", "period_end", "kind", "count", "member_id"), [])
    reading.warnings.append(
        "The counts are totals since each member joined. They are kept, but belong to no week, month or quarter."
    )
    seen = [moment.date() for user in users for moment in [as_moment(read_moment(user["last_seen_at"]))] if moment]
    rows: list[Row] = []
    for user in users:
        if user["id"] in SYSTEM_IDS:
            reading.leave_out("bots")
            continue
        start = read_day(user["created_at"])
        end = str(max([*seen, date.fromisoformat(start)])) if _is_day(start) else start
        login = user["username"]
        reading.people.append(Identity(login, user.get("name") or None, user.get("email") or None, login))
        for kind, column in LIFETIME.items():
            if user.get(column, "") != "":
                rows.append((len(rows) + 1, (start, end, kind, user[column], login)))
    reading.rows = rows
    reading.covers = (min(seen), max(seen)) if seen else None
    return reading


def _is_day(text: str) -> bool:
    return as_moment(text) is not None and len(text) == 10


USER_ARCHIVE = Format(
    "discourse", "a member's archive of a Discourse forum", ("interactions",), recognise_archive, read_archive
)
USER_LIST = Format(
    "discourse", "the user list of a Discourse forum", ("members", "activity"), recognise_users, read_users
)
