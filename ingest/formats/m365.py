"""Usage reports of Microsoft 365: what users did in Teams and in Viva Engage, and what happened in its communities.

Tenants conceal names by default. Concealed rows are added up to totals of the whole community, which they still tell.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from ingest.formats.export import Export
from ingest.formats.format import Format, Identity, Reading, Row
from ingest.formats.times import as_moment, read_day
from ingest.formats.totals import COLUMNS, Fields, count_of, fields_of, header_of, is_some, settle_period
from ingest.importer import Details

TEAMS_USERS = frozenset({"report refresh date", "user principal name", "team chat message count"})
YAMMER_USERS = frozenset({"report refresh date", "user principal name", "posted count", "read count", "liked count"})
YAMMER_GROUPS = frozenset({"report refresh date", "group display name", "posted count", "read count", "liked count"})
TEAMS_DAYS = frozenset({"report refresh date", "report date", "team chat messages"})
YAMMER_DAYS = frozenset({"report refresh date", "report date", "liked", "posted", "read"})

TEAMS_COLUMNS = {"messages": "team chat message count"}
YAMMER_COLUMNS = {"messages": "posted count", "reactions": "liked count", "views": "read count"}
DAY_COLUMNS = {"messages": ("team chat messages", "posted"), "reactions": ("liked",), "views": ("read",)}
PRIVATE_CHATS = "private chat message count"

CONCEALED = (
    "Microsoft 365 conceals who the {} are, so their totals were added up for the whole community. "
    "An administrator can show them under Settings, Org settings, Reports."
)
_CONCEALED = re.compile(r"[0-9A-F]{32}|[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}", re.IGNORECASE)


def recognise_users(export: Export) -> bool:
    """The header of a report on users of Teams or Viva Engage."""
    header = header_of(export)
    return header >= TEAMS_USERS or header >= YAMMER_USERS


def recognise_groups(export: Export) -> bool:
    """The header of the report on communities of Viva Engage."""
    return header_of(export) >= YAMMER_GROUPS


def recognise_days(export: Export) -> bool:
    """The header of a report on activity day by day."""
    header = header_of(export)
    return header >= TEAMS_DAYS or header >= YAMMER_DAYS


def read_users(export: Export, kind: str, details: Details, zone: str) -> Reading:
    """What each user did in the report's period. Raises Unsettled where the report does not say its period."""
    users = [user for _, user in fields_of(export.rows)]
    if not users:
        return Reading("activity", COLUMNS, [])
    first, last = _find_period(users, export, details)
    reading = Reading("activity", COLUMNS, [], covers=(first, last))
    columns = TEAMS_COLUMNS if header_of(export) >= TEAMS_USERS else YAMMER_COLUMNS
    totals = [(user["user principal name"], _totals_of(user, columns, first, details)) for user in users]
    if any(_CONCEALED.fullmatch(name) for name, _ in totals):
        reading.warnings.append(CONCEALED.format("users"))
        reading.rows = list(_add_up((counts for _, counts in totals), first, last))
        return reading
    reading.people = [_identity(user) for user in users]
    rows: list[Row] = []
    for name, counts in totals:
        rows += [(len(rows) + at, _cells(first, last, *one, name, None)) for at, one in enumerate(counts.items(), 1)]
    reading.rows = rows
    return reading


def read_groups(export: Export, kind: str, details: Details, zone: str) -> Reading:
    """Messages, likes and reads in each community. Raises Unsettled where the report does not say its period."""
    groups = [group for _, group in fields_of(export.rows)]
    if not groups:
        return Reading("activity", COLUMNS, [])
    first, last = _find_period(groups, export, details)
    reading = Reading("activity", COLUMNS, [], covers=(first, last))
    totals = [
        (group["group display name"], {name: count_of(group[column]) for name, column in YAMMER_COLUMNS.items()})
        for group in groups
    ]
    if any(_CONCEALED.fullmatch(name) for name, _ in totals):
        reading.warnings.append(CONCEALED.format("communities"))
        reading.rows = list(_add_up((counts for _, counts in totals), first, last))
        return reading
    rows: list[Row] = []
    for name, counts in totals:
        rows += [(len(rows) + at, _cells(first, last, *one, None, name)) for at, one in enumerate(counts.items(), 1)]
    reading.rows = rows
    return reading


def read_days(export: Export, kind: str, details: Details, zone: str) -> Reading:
    """Totals of each day."""
    reading = Reading("activity", COLUMNS, [])
    rows: list[Row] = []
    found = []
    for _, day in fields_of(export.rows):
        on = read_day(day["report date"])
        if (moment := as_moment(on)) is not None:
            found.append(moment.date())
        for name, columns in DAY_COLUMNS.items():
            count = next((day[column] for column in columns if day.get(column)), "")
            if count != "":
                rows.append((len(rows) + 1, _cells(on, on, name, count_of(count), None, None)))
    reading.rows = rows
    reading.covers = (min(found), max(found)) if found else None
    return reading


def _find_period(rows: list[Fields], export: Export, details: Details) -> tuple[date, date]:
    """The days up to the one on which the report was made, as many as its period says."""
    for row in rows:
        made, length = as_moment(read_day(row["report refresh date"])), row.get("report period", "").strip("Dd ")
        if details.covers is None and made is not None and length.isdigit() and int(length) > 0:
            return made.date() - timedelta(days=int(length) - 1), made.date()
    return settle_period(export, details, "The report")


def _totals_of(user: Fields, columns: dict[str, str], first: date, details: Details) -> dict[str, str]:
    """What a user counts for: once as a member, active and posting, and with what they did."""
    counts = {name: count_of(user[column] or "0") for name, column in columns.items()}
    if details.direct and user.get(PRIVATE_CHATS, "").isdigit() and counts["messages"].isdigit():
        counts["messages"] = str(int(counts["messages"]) + int(user[PRIVATE_CHATS]))
    seen = as_moment(read_day(user["last activity date"])) if user.get("last activity date") else None
    gone = user.get("is deleted", "").lower() == "true" or user.get("user state", "active").lower() not in (
        "active",
        "",
    )
    return {
        "active": "1" if seen is not None and seen.date() >= first else "0",
        "posting": "1" if is_some(counts["messages"]) else "0",
        "members": "0" if gone else "1",
        **counts,
    }


def _add_up(totals: Iterable[dict[str, str]], first: date, last: date) -> Iterator[Row]:
    """One row a kind. A count that is no number stays by itself, so that checking names it."""
    sums: dict[str, float] = {}
    odd: list[tuple[str, str]] = []
    for counts in totals:
        for name, count in counts.items():
            try:
                sums[name] = sums.get(name, 0) + float(count)
            except ValueError:
                odd.append((name, count))
    whole = [(name, f"{total:g}" if total != int(total) else str(int(total))) for name, total in sums.items()]
    for line, (name, count) in enumerate([*whole, *odd], 1):
        yield line, _cells(first, last, name, count, None, None)


def _identity(user: Fields) -> Identity:
    name = user["user principal name"]
    return Identity(name, user.get("display name") or None, email=name if "@" in name else None, login=name)


def _cells(
    first: date | str, last: date | str, kind: str, count: str, member: str | None, channel: str | None
) -> tuple[str | None, ...]:
    return str(first), str(last), kind, count, member, channel


USER_REPORT = Format("m365", "a Microsoft 365 report on users", ("activity",), recognise_users, read_users)
GROUP_REPORT = Format("m365", "a Microsoft 365 report on communities", ("activity",), recognise_groups, read_groups)
DAY_REPORT = Format("m365", "a Microsoft 365 report day by day", ("activity",), recognise_days, read_days)
