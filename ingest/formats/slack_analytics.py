"""Slack's analytics: what each member did, what happened in each channel, and the overview day by day; and its list of members."""

from datetime import timedelta

from ingest.formats.export import Export
from ingest.formats.format import Format, Identity, Reading, Row
from ingest.formats.times import as_moment, read_day, settle_order
from ingest.formats.totals import COLUMNS, Fields, count_of, fields_of, header_of, is_some, settle_period
from ingest.importer import Details

MEMBERS = frozenset({"user id", "username", "account type", "days active", "messages posted"})
CHANNELS = frozenset({"name", "messages posted", "members who posted", "reactions added"})
OVERVIEW = (
    frozenset({"date", "daily active members", "weekly active members"}),
    frozenset({"date", "daily active people", "weekly active people"}),
)
LIST = frozenset({"username", "email", "status", "billing-active", "userid", "fullname"})

# Numbers of a day, and numbers of people over the seven days that end on it: those are rows of seven days.
OF_A_DAY = {
    "active": ("daily active members", "daily active people"),
    "posting": ("daily members posting messages", "daily people posting messages", "daily people posting"),
    "members": ("enabled full members", "total enabled membership"),
    "messages": ("messages posted",),
}
OF_SEVEN_DAYS = {
    "active": ("weekly active members", "weekly active people"),
    "posting": ("weekly members posting messages", "weekly people posting messages", "weekly people posting"),
}
BEFORE_A_DAY = {0: OF_A_DAY, 6: OF_SEVEN_DAYS}


def recognise_members(export: Export) -> bool:
    """The header of the member analytics."""
    return header_of(export) >= MEMBERS


def recognise_channels(export: Export) -> bool:
    """The header of the channel analytics, which has no user."""
    return header_of(export) >= CHANNELS and "user id" not in header_of(export)


def recognise_overview(export: Export) -> bool:
    """The header of the overview: a date, and people active on it and in its week."""
    return any(columns <= header_of(export) for columns in OVERVIEW)


def recognise_list(export: Export) -> bool:
    """The header of the list of members that admins download."""
    return header_of(export) >= LIST


def read_members(export: Export, kind: str, details: Details, zone: str) -> Reading:
    """What each member did in the days asked about; or the roster. Raises Unsettled where nothing says which days."""
    if kind == "members":
        return _read_roster(export)
    first, last = settle_period(export, details, "Slack's member analytics")
    reading = Reading("activity", COLUMNS, [], covers=(first, last))
    rows: list[Row] = []
    for _, member in fields_of(export.rows):
        if "bot" in member["account type"].lower():
            reading.leave_out("bots")
            continue
        reading.people.append(_identity(member))
        posted = member.get("messages posted in channels") or member["messages posted"]
        messages = member["messages posted"] if details.direct else posted
        counts = {
            "active": "1" if is_some(member["days active"]) else "0",
            "posting": "1" if is_some(member["messages posted"]) else "0",
            "members": "0" if member.get("deactivated date (utc)") else "1",
            "messages": count_of(messages),
            "reactions": count_of(member.get("reactions added", "")),
        }
        for name, count in counts.items():
            if count != "":
                rows.append((len(rows) + 1, (str(first), str(last), name, count, member["user id"], None)))
    reading.rows = rows
    return reading


def read_channels(export: Export, kind: str, details: Details, zone: str) -> Reading:
    """Messages and reactions of each channel in the days asked about. Raises Unsettled where nothing says which days."""
    first, last = settle_period(export, details, "Slack's channel analytics")
    reading = Reading("activity", COLUMNS, [], covers=(first, last))
    reading.warnings.append(
        "People are counted by channel here, and the same people are in several; they were left out."
    )
    rows: list[Row] = []
    for _, channel in fields_of(export.rows):
        for name, column in (("messages", "messages posted"), ("reactions", "reactions added")):
            rows.append(
                (len(rows) + 1, (str(first), str(last), name, count_of(channel[column]), None, channel["name"]))
            )
    reading.rows = rows
    return reading


def read_overview(export: Export, kind: str, details: Details, zone: str) -> Reading:
    """The totals of each day, and of people in the seven days that end on it. Raises Unsettled where day and month could be either way round.

    Seven days of which the export lacks one are left out: a row over them would make the missing day look covered.
    """
    days = [day for _, day in fields_of(export.rows) if day["date"]]
    order = settle_order((day["date"] for day in days), details, export.name)
    reading = Reading("activity", COLUMNS, [])
    shown = [read_day(day["date"], order) for day in days]
    there = {moment.date() for on in shown if (moment := as_moment(on)) is not None}
    rows: list[Row] = []
    for on, day in zip(shown, days, strict=True):
        moment = as_moment(on)
        for before, counted in BEFORE_A_DAY.items():
            since = moment.date() - timedelta(days=before) if moment else None
            if since is not None and not there.issuperset(since + timedelta(days=one) for one in range(before)):
                reading.leave_out("counts of seven days of which the export lacks one")
                continue
            for name, columns in counted.items():
                count = next((day[column] for column in columns if day.get(column)), "")
                if count != "":
                    rows.append((len(rows) + 1, (str(since or on), on, name, count_of(count), None, None)))
    reading.rows = rows
    reading.covers = (min(there), max(there)) if there else None
    return reading


def read_list(export: Export, kind: str, details: Details, zone: str) -> Reading:
    """The roster of the list of members. A deactivated account has no last day in it."""
    reading = Reading("members", ("member_id", "name", "email", "member_type"), [])
    rows: list[Row] = []
    for line, member in fields_of(export.rows):
        if member["status"].lower() == "deactivated":
            reading.leave_out("deactivated accounts, whose last day the export does not say")
            continue
        kind_of = "bot" if "bot" in member["status"].lower() else "member"
        rows.append((line, (member["userid"], member["fullname"] or None, member["email"] or None, kind_of)))
    reading.rows = rows
    return reading


def _identity(member: Fields) -> Identity:
    return Identity(
        id=member["user id"],
        name=member.get("name") or member.get("display name") or None,
        email=member.get("email") or None,
        login=member["username"] or None,
        kind="guest" if "guest" in member["account type"].lower() else "member",
    )


def _read_roster(export: Export) -> Reading:
    """Accounts with the day they were claimed as their first and the day they were deactivated as their last."""
    reading = Reading("members", ("member_id", "name", "email", "joined_on", "left_on", "member_type"), [])
    people = list(fields_of(export.rows))
    rows: list[Row] = []
    for line, member in people:
        person = _identity(member)
        joined = member.get("claimed date (utc)") or member.get("account created (utc)") or ""
        left = member.get("deactivated date (utc)") or ""
        kind = "bot" if "bot" in member["account type"].lower() else "member"
        days = [read_day(text) if text else None for text in (joined, left)]
        rows.append((line, (person.id, person.name, person.email, *days, kind)))
    reading.rows = rows
    return reading


MEMBER_TOTALS = Format(
    "slack_analytics", "Slack's member analytics", ("activity", "members"), recognise_members, read_members
)
CHANNEL_TOTALS = Format(
    "slack_analytics", "Slack's channel analytics", ("activity",), recognise_channels, read_channels
)
DAILY_TOTALS = Format("slack_analytics", "Slack's analytics overview", ("activity",), recognise_overview, read_overview)
MEMBER_LIST = Format("slack_analytics", "Slack's list of members", ("members",), recognise_list, read_list)
