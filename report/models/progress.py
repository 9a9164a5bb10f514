"""Progress: what was set out to reach, what was promised, and what members got from each other."""

import pandas as pd

from metrics.mentoring_effect import HORIZON
from metrics.metric import Unit
from metrics.snapshot import Snapshot
from report.charts import bars
from report.models.goals import list_goals, read_goals, say_goals, support_goals
from report.models.page import Page, Panel, Table
from report.models.reading import (
    Card,
    Period,
    Row,
    choose_period,
    read_cards,
    read_dimensions,
    read_periods,
    read_published,
)
from report.models.scorecard import read_actions
from report.models.series import NUMBER_COLUMNS, group_panel, read_period
from report.models.tiles import count_words, period_tile
from report.numbers import day, days, is_missing, plural, quarter, write_result
from report.words import plain_list, verbatim

TILES = ("actions_on_time", "mentoring_coverage", "recognition_coverage", "value_stories")
STORIES_SHOWN = 5
TOO_EARLY = f"shown {HORIZON} days after the mentoring of this quarter began"
DIMENSIONS = {
    "individual": "for oneself",
    "micro": "in twos and threes",
    "joint": "in common projects",
    "cross_network": "with other networks",
}
# Metric, breakdown, and how the number is called in the table.
MORE = (
    ("action_loop", "action to effect", "Days from action to effect"),
    ("mentoring_meetings", "all", "Pairs that met in the last 30 days"),
    ("mentoring_effect", "all", "Still here, with beside without a mentor"),
    ("recognition_givers", "all", "Members who recognised others"),
    ("micro_collaborations", "all", "Micro-collaborations started"),
    ("joint_actions", "all", "Joint projects delivered"),
    ("learning", "all", "Members at a workshop or training"),
    ("new_roles", "all", "Members in a new role"),
    ("evaluation_engagement", "all", "Members who evaluate"),
)


def read_progress(snapshot: Snapshot, wanted: str | None = None) -> Page | None:
    """The page of one quarter, the last complete one by default; None where nothing was ever written down."""
    period = choose_period(read_periods(snapshot, "quarter"), wanted)
    if period is None or not _has_any(snapshot):
        return None
    cards = read_cards(snapshot)
    goals = read_goals(snapshot, cards, period)
    state = "complete" if period.is_complete else "not over yet"
    dimensions = read_dimensions(snapshot)
    panels = [_stories_by_dimension(snapshot, cards["value_stories"], period)]
    if dimensions and len(read_period(snapshot, "recognition_coverage", period)):
        question = f"Who is recognised, by {verbatim(dimensions[0])}?"
        panels.append(group_panel(snapshot, cards["recognition_coverage"], period, dimensions[0], question=question))
    return Page(
        kicker=f"Progress · {quarter(period.label, period.first, period.last)} ({days(period.first, period.last)}) · {state} · "
        f"published {read_published(snapshot)}",
        answer=say_goals(goals),
        support=support_goals(goals),
        tiles=tuple(tile for name in TILES if (tile := period_tile(snapshot, cards[name], period)).value != "no data"),
        panels=tuple(panels),
        tables=(
            list_goals(goals),
            read_actions(snapshot, period),
            _more(snapshot, cards, period),
            _stories(snapshot, period),
        ),
    )


def _has_any(snapshot: Snapshot) -> bool:
    found = snapshot.query(
        """select (select count(*) from objectives) + (select count(*) from actions) + (select count(*) from stories)
                  + (select count(*)
                     from series
                     where metric in ('mentoring_coverage', 'recognition_coverage', 'micro_collaborations', 'value_stories'))
                  as count"""
    )
    return bool(found["count"].iloc[0])


def _stories_by_dimension(snapshot: Snapshot, card: Card, period: Period) -> Panel:
    rows = read_period(snapshot, card.metric, period)
    cut = rows[rows["breakdown"] != "all"].set_index("breakdown").reindex(list(DIMENSIONS)).reset_index()
    frame = pd.DataFrame(
        {
            "label": [DIMENSIONS[name].capitalize() for name in cut["breakdown"]],
            "value": cut["value"],
            "verdict": "",
            "n": cut["numerator"],
            "status": cut["status"].fillna("no data"),
        }
    )
    has_bars = bool(frame["value"].notna().any())
    empty = [DIMENSIONS[name] for name, value in zip(cut["breakdown"], cut["value"], strict=True) if value == 0]
    count = int(cut["numerator"].fillna(0).sum())
    stories = plural(count, "story was told", "stories were told")
    told = f"{stories}, none of value {plain_list(empty)}." if empty else f"{stories}, of all four kinds of value."
    return Panel(
        key="value_stories",
        question="Of what kind of value do members tell?",
        reading=f"{told} Not tested." if has_bars else "No story was told yet, or nobody was active in talk.",
        chart=bars(frame, unit=Unit.MEAN) if has_bars else None,
        caption=f"Stories for every 100 members active in talk, {days(period.first, period.last)}. n: stories told.",
        numbers=rows[NUMBER_COLUMNS].reset_index(drop=True),
        method=card.method,
        notice="" if has_bars else "A stories file, and interactions of the same quarter, fill this chart.",
    )


def _more(snapshot: Snapshot, cards: dict[str, Card], period: Period) -> Table:
    rows = []
    for metric, breakdown, name in MORE:
        found = read_period(snapshot, metric, period)
        found = found[found["breakdown"] == breakdown]
        if found.empty:
            if metric == "mentoring_effect" and _is_too_early(snapshot, period):
                rows.append({"Number": name, "Now": "too early", "Out of": TOO_EARLY})
            continue
        row = found.iloc[0].to_dict()
        now = write_result(row, cards[metric].unit)
        if metric == "action_loop" and is_missing(row["value"]) and not is_missing(row["denominator"]):
            now = "longer than half have waited"
        if metric == "mentoring_effect" and row["status"] == "withheld":
            rows.append({"Number": name, "Now": now, "Out of": _say_few(snapshot, period)})
            continue
        if now == "no data":
            continue
        rows.append({"Number": name, "Now": now, "Out of": _size(metric, row)})
    note = (
        f"{period.label}. Tested only where it says so."
        if rows
        else "Nothing was written down for this quarter. Mentoring, recognitions and collaborations are uploaded as small CSVs."
    )
    return Table("Mentoring, recognition and learning", note, pd.DataFrame(rows, columns=["Number", "Now", "Out of"]))


def _is_too_early(snapshot: Snapshot, period: Period) -> bool:
    """Whether mentoring was written down, and half a year after this quarter is not over yet."""
    as_of = pd.Timestamp(snapshot.manifest()["as_of"]).date()
    known = snapshot.query("select 1 from series where metric in ('mentoring_effect', 'mentoring_coverage') limit 1")
    return len(known) > 0 and (as_of - period.last).days < HORIZON


def _say_few(snapshot: Snapshot, period: Period) -> str:
    """Why the effect of mentoring is withheld, and what would show it."""
    return (
        f"fewer than {snapshot.manifest()['k']} mentees who began in {period.label}, or members like them, can be compared; "
        "more pairs in a quarter, or larger groups, would show it"
    )


def _size(metric: str, row: Row) -> str:
    if metric == "micro_collaborations":
        return "as written down"
    if metric == "mentoring_effect" and not is_missing(row["people"]):
        verdict = "not tested" if row["verdict"] == "not tested" else str(row["verdict"])
        return f"{int(row['people'])} mentees, {verdict}"
    return count_words(metric, row)


def _stories(snapshot: Snapshot, period: Period) -> Table:
    found = snapshot.query(
        "select * from stories where told_on <= ? order by told_on desc, story_id limit ?", [period.last, STORIES_SHOWN]
    )
    rows = [
        {
            "Told": day(pd.Timestamp(row["told_on"]).date()),
            "Story": verbatim(str(row["text"])),
            "Value": verbatim(DIMENSIONS.get(str(row["dimension"]), str(row["dimension"]))),
            "Evidence": "none given" if is_missing(row["evidence"]) else verbatim(str(row["evidence"])),
        }
        for row in found.to_dict("records")
    ]
    note = (
        "With the consent of those who told them, the newest first."
        if rows
        else "No story was told yet whose teller agreed to it being shown: the column consent of the stories file says so."
    )
    return Table("Stories", note, pd.DataFrame(rows, columns=["Told", "Story", "Value", "Evidence"]))
