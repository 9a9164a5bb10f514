"""The lists that the people of the invented community keep by hand, and the settings and the order in which all is loaded."""

from collections.abc import Sequence
from datetime import date

import pyarrow as pa

from data.sample.calendar import AS_OF, LAST_DAY, list_holidays
from data.sample.events import find_gathering
from data.sample.people import PROGRAMME_DAYS, People
from data.sample.survey import WAVES

REGISTERS = ("objectives", "actions", "annotations", "mentoring", "recognitions", "stories", "collaborations")
COMMUNITY = "Lantern network (invented)"
EVENTS_TEAM, ONBOARDING_TEAM, COMMUNITY_TEAM = "Events team", "Onboarding team", "Community team"

# Id, title, found on, finding, owner, opened, due, closed, metric that should move, effect seen, what members were told.
ACTIONS = (
    ("A01", "Move the call out of the lunch break of the early shift", "2025-11-17", "event_participation", EVENTS_TEAM, "2025-11-18", "2026-01-16", "2026-01-12", "event_participation", None, "You asked for another hour; the call now starts at noon."),
    ("A02", "Write one page on how to ask so that people answer", "2026-01-12", "answered_within_day", COMMUNITY_TEAM, "2026-01-13", "2026-02-13", "2026-02-20", "answered_within_day", None, None),
    ("A03", "Introduce every newcomer to two people of other teams", "2026-01-26", "newcomers_with_tie", ONBOARDING_TEAM, "2026-01-27", "2026-03-06", "2026-03-04", "newcomers_with_tie", None, None),
    ("A04", "Tell members what became of the autumn survey", "2026-02-02", "survey_response", COMMUNITY_TEAM, "2026-02-02", "2026-03-06", "2026-03-05", "survey_response", "2026-03-30", "Five things you said, and what we did about three of them."),
    ("A05", "Publish each month what was decided and who was asked", "2026-04-13", "favourable:heard", COMMUNITY_TEAM, "2026-04-14", "2026-06-30", None, "favourable", None, None),
    ("A06", "Invite Operations to host a workshop", "2026-04-20", "cross_team_share", EVENTS_TEAM, "2026-04-21", "2026-06-12", "2026-06-10", "cross_team_share", None, None),
    ("A07", "Give every new member a buddy for the first month", "2026-05-04", "newcomers_with_tie", ONBOARDING_TEAM, "2026-05-05", "2026-07-31", "2026-08-14", "newcomers_with_tie", None, None),
    ("A08", "Close the channels that nobody uses", "2026-05-18", "posting_members", COMMUNITY_TEAM, "2026-05-19", "2026-06-19", "2026-06-15", "posting_members", None, "Eleven silent channels are closed; their questions go to help."),
    ("A09", "Try an evening slot for people on shifts", "2026-06-15", "event_participation", EVENTS_TEAM, "2026-06-16", "2026-09-30", "2026-09-24", "event_participation", None, None),
    ("A10", "Start a rota of members who look after the help channel", "2026-08-24", "answered_within_day", COMMUNITY_TEAM, "2026-08-25", "2026-09-14", "2026-09-11", "answered_within_day", "2026-11-09", "Each day two of us watch over the help channel."),
    ("A11", "Ask the leads to answer in the open, not in private", "2026-08-24", "answered_within_day", COMMUNITY_TEAM, "2026-08-25", "2026-09-30", "2026-10-02", "answered_within_day", None, None),
    ("A12", "Let members vote on the topics of the next year", "2026-10-12", "favourable:heard", COMMUNITY_TEAM, "2026-10-13", "2026-11-13", None, "favourable", None, None),
    ("A13", "Write to the newcomers who know nobody yet", "2026-11-02", "newcomers_with_tie", ONBOARDING_TEAM, "2026-11-03", "2026-11-20", None, "newcomers_with_tie", None, None),
    ("A14", "Plan two open days with Operations", "2026-11-02", "cross_team_share", EVENTS_TEAM, "2026-11-03", "2026-12-04", None, "cross_team_share", None, None),
)  # fmt: skip
OBJECTIVES = (
    ("O1", "Six in seven members at an event each quarter", "event_participation", 0.81, 0.86, EVENTS_TEAM),
    ("O2", "Four in five questions answered within a day", "answered_within_day", 0.68, 0.80, COMMUNITY_TEAM),
    (
        "O3",
        "Of the active members, all but one in fifteen are active a quarter later",
        "quarter_retention",
        0.91,
        0.93,
        COMMUNITY_TEAM,
    ),
    ("O4", "An engagement index of 68", "engagement_index", 66, 68, COMMUNITY_TEAM),
    ("O5", "Half of the members feel that they have a voice", "favourable:voice", 0.45, 0.50, COMMUNITY_TEAM),
    ("O6", "Every other tie reaches across teams", "cross_team_share", 0.46, 0.50, ONBOARDING_TEAM),
    ("O7", "Four in five actions closed on time", "actions_on_time", 0.60, 0.80, COMMUNITY_TEAM),
)
NOTES = (
    ("2025-03-24", "members run the community from here", "programme", None, "yes"),
    ("2026-03-02", "new chat tool", "tool", None, "no"),
    ("2026-09-14", "rota for the help channel starts", "programme", "answered_within_day", "no"),
)


def list_programmes(people: People) -> pa.Table:
    """The programmes file: onboarding from the day of joining, in cohorts by quarter."""
    ids, rows = people.ids(), []
    for place in people.in_programme.nonzero()[0]:
        start = int(people.joined[place])
        day = date.fromordinal(start)
        rows.append(
            (
                ids[place],
                "Onboarding",
                f"{day.year}-Q{(day.month - 1) // 3 + 1}",
                day,
                date.fromordinal(start + PROGRAMME_DAYS),
            )
        )
    return _table("member_id programme cohort starts_on ends_on", rows)


def list_actions() -> pa.Table:
    """The actions file."""
    rows = [
        (*action[:7], "done" if action[7] else "open", *action[7:])
        for action in ACTIONS
    ]  # fmt: skip
    return _table(
        "action_id title found_on finding owner opened_on due_on status closed_on follow_up_metric effect_seen_on message_to_members",
        rows,
    )


def list_objectives() -> pa.Table:
    """The objectives file: this year's."""
    return _table(
        "objective_id title metric starts_on baseline target due_on owner",
        [(*row[:3], "2026-01-01", str(row[3]), str(row[4]), "2026-12-31", row[5]) for row in OBJECTIVES],
    )


def list_annotations(first: date) -> pa.Table:
    """The annotations file: breaks, gatherings, and what changed."""
    gatherings = [find_gathering(year) for year in range(first.year, LAST_DAY.year + 1)]
    rows: list[tuple[str, str, str, str | None, str]] = [
        *((str(day), "annual gathering", "event", "event_participation", "no") for day in gatherings),
        *((str(begins), label, "holiday", None, "no") for begins, _, label in list_holidays(first)),
        *NOTES,
    ]
    shown = [row for row in rows if str(first) <= row[0] <= str(LAST_DAY)]
    shown.sort(key=lambda row: row[0])
    return _table("on label kind metric rebase", shown)


def write_settings(first: date) -> str:
    """settings.toml of the community."""
    holidays = "\n".join(
        f'    {{ first = {begins}, last = {ends}, label = "{label}" }},' for begins, ends, label in list_holidays(first)
    )
    return (
        "# Settings of the demo community. In your own home write only what differs from the defaults.\n"
        f'community = "{COMMUNITY}"\nzone = "Europe/London"\nfiscal_month = 1\n'
        f'dimensions = ["team", "region", "level"]\nas_of = {AS_OF}\nholidays = [\n{holidays}\n]\n'
    )


def write_manifest(first: date) -> str:
    """manifest.toml: what `hearth demo` loads, in which order, and what is said about each file."""
    files = [("members.csv", "members", ""), ("programmes.csv", "programmes", ""), ("events.csv", "events", "")]
    files.append(("attendance.csv", "attendance", f"covers = [{first}, {LAST_DAY}]"))
    for year in range(first.year, LAST_DAY.year + 1):
        begins, ends = max(first, date(year, 1, 1)), min(LAST_DAY, date(year, 12, 31))
        files.append((f"interactions-{year}.csv", "interactions", f"covers = [{begins}, {ends}]"))
    files.append(("activity.csv", "activity", 'source = "chat analytics"'))
    files += [
        (
            wave.file,
            "survey",
            f'wave = "{wave.label}", opened = {wave.opened}, closed = {wave.closed}, promise = "confidential", items = "items.csv"',
        )
        for wave in WAVES[:-1]
    ]
    files += [(f"{name}.csv", name, "") for name in REGISTERS]
    entries = [
        f'[[files]]\nfile = "{file}"\nkind = "{kind}"\n' + (f"details = {{ {details} }}\n" if details else "")
        for file, kind, details in files
    ]
    return (
        "# What `hearth demo` loads, in this order. The last survey wave is left for you to upload.\n"
        f'community = "{COMMUNITY}"\nnext_wave = "{WAVES[-1].file}"\n\n' + "\n".join(entries)
    )


def _table(columns: str, rows: Sequence[Sequence[object]]) -> pa.Table:
    names = columns.split()
    return pa.table({name: [row[place] for row in rows] for place, name in enumerate(names)})
