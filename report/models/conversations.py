"""Conversations: who takes part in the talk, who is answered, and whether it goes between members."""

import pandas as pd

from metrics.metric import Unit
from metrics.snapshot import Snapshot
from report.charts import bars, gaps, share_matrix
from report.models.coverage import find_gaps
from report.models.page import Page, Panel, Tile
from report.models.parts import numbers_table, parts_panel
from report.models.pulse import week_panel
from report.models.reading import (
    Card,
    Group,
    Period,
    Row,
    choose_period,
    has_any,
    read_cards,
    read_periods,
    read_published,
    read_weeks,
)
from report.models.series import NUMBER_COLUMNS, group_panel, read_period, read_value
from report.models.tiles import period_tile, week_tile
from report.numbers import NBSP, day, days, is_missing, out_of, percent, plural, whole, write_value
from report.words import plain_list, verbatim

TILES = (
    "posting_members",
    "active_members",
    "weekly_stickiness",
    "member_to_member",
    "thread_response",
    "answered_within_day",
)
QUARTERS = 8
CHANNELS = 8
MORE = (
    ("reply_time", "all", "Half of the posts had their first reply within"),
    ("member_answered", "all", "First replies that came from a member"),
    ("interactions_per_active_member", "all", "Interactions of the active member in the middle"),
    ("stickiness", "all", "Active on a working day, of those active in 28 days"),
    ("top_tenth_share", "all", "Made by the busiest tenth"),
    ("absence_factor", "all", "Fewest members who make half of the talk"),
    ("contribution_gini", "all", "Inequality of contributions, 0 to 1"),
    ("participation_profile", "creator", "Members who started a thread in 90 days"),
    ("participation_profile", "contributor", "Members who joined in otherwise in 90 days"),
    ("participation_profile", "lurker", "Members without a trace in 90 days"),
    ("active_channels", "all", "Channels that live"),
    ("channel_concentration", "all", "Concentration on channels, 0 to 1"),
    ("activity_active_share", "all", "Active in seven days, by the tool’s own totals"),
    ("activity_posting_share", "all", "Of these, wrote, by the tool’s own totals"),
)
VOICES = {"staff": "Staff", "new": "New members", "returning": "Other members"}


def read_conversations(snapshot: Snapshot, grain: str, wanted: str | None, dimension: str | None) -> Page | None:
    """The page of one period; None where neither interactions nor activity totals were ever loaded."""
    talks, totals = has_any(snapshot, "interactions"), has_any(snapshot, "activity")
    if not talks and not totals:
        return None
    cards = read_cards(snapshot)
    period = choose_period(read_periods(snapshot, grain), wanted)
    if period is None:
        return None
    panels = [
        *(_talk_panels(snapshot, cards, period, dimension) if talks else ()),
        *(_total_panels(snapshot, cards) if totals else ()),
    ]
    row = read_value(snapshot, "posting_members", period)
    return Page(
        kicker=f"Conversations · {period.label}, {days(period.first, period.last)} · "
        f"{'complete' if period.is_complete else 'not over yet'} · published {read_published(snapshot)}",
        answer=_answer(row, period) if talks else "Analytics totals are here; single interactions are not yet.",
        support=_support(snapshot, period)
        if talks
        else "Totals say how much was said, not by whom to whom. Upload interactions to see that.",
        tiles=tuple(_tile(snapshot, cards[name], period) for name in TILES) if talks else (),
        panels=tuple(panels),
        tables=tuple(table for table in (numbers_table(snapshot, cards, period, "More of the talk", MORE),) if table),
        notes=find_gaps(snapshot, ("interactions",)),
    )


def _tile(snapshot: Snapshot, card: Card, period: Period) -> Tile:
    if period.grain == "week":
        return week_tile(card, read_weeks(snapshot, card.metric, Group(), period), period)
    return period_tile(snapshot, card, period)


def _answer(row: Row | None, period: Period) -> str:
    if row is None or is_missing(row["value"]):
        return f"No upload covers {period.label} yet."
    wrote = out_of(float(row["numerator"]), float(row["denominator"]), "members")
    return (
        f"{percent(float(row['value']))} of members wrote something{'' if period.is_complete else ' so far'}: {wrote}."
    )


def _support(snapshot: Snapshot, period: Period) -> str:
    spread = {
        name: read_value(snapshot, "interactions_per_member", period, name)
        for name in ("all", "lower quartile", "median", "upper quartile")
    }
    if any(row is None or is_missing(row["value"]) for row in spread.values()):
        return ""
    values = {name: float(row["value"]) for name, row in spread.items() if row is not None}
    return (
        f"A member made {write_value(values['all'], Unit.MEAN)} interactions on average; half made {values['median']:g} or fewer, "
        f"and the middle half {values['lower quartile']:g} to {values['upper quartile']:g}."
    )


def _talk_panels(snapshot: Snapshot, cards: dict[str, Card], period: Period, dimension: str | None) -> list[Panel]:
    week = choose_period([w for w in read_periods(snapshot, "week") if w.first <= period.last], None)
    panels = []
    if week is not None:
        panels = [
            week_panel(snapshot, cards[name], read_weeks(snapshot, name, Group(), week), Group())
            for name in ("posting_members", "answered_within_day")
        ]
    channels = read_period(snapshot, "channel_mix", period).sort_values("value", ascending=False)["breakdown"]
    if len(channels):
        names = {str(name): str(name) for name in channels.head(CHANNELS)}
        card = cards["channel_mix"]
        panels.append(
            parts_panel(snapshot, card, period, names, question=card.question, n="interactions in any channel")
        )
    panels.append(_voices(snapshot, cards["share_of_voice"], period))
    panels.append(_spread(snapshot, cards["interactions_per_member"], period))
    if dimension:
        for name, question in (
            ("member_answered", f"Who is answered by a member, by {verbatim(dimension)}?"),
            ("member_to_member", f"Where does talk go between members, by {verbatim(dimension)}?"),
            ("cross_team_share", f"Whose ties cross teams, by {verbatim(dimension)}?"),
        ):
            panels.append(group_panel(snapshot, cards[name], period, dimension, question=question))
    return panels


def _voices(snapshot: Snapshot, card: Card, period: Period) -> Panel:
    quarters = [q for q in read_periods(snapshot, "quarter") if q.first <= period.last][-QUARTERS:]
    rows = pd.concat([read_period(snapshot, card.metric, quarter).assign(label=quarter.label) for quarter in quarters])
    frame = rows.assign(row=rows["breakdown"].map(VOICES), column=rows["label"])
    shown = frame[frame["value"].notna()]
    staff = shown[shown["breakdown"] == "staff"]
    reading = (
        f"Staff wrote {percent(staff['value'].iloc[-1])} in {staff['label'].iloc[-1]}, "
        f"{percent(staff['value'].iloc[0])} in {staff['label'].iloc[0]}. Not tested."
        if len(staff)
        else "No data."
    )
    open_quarters = [q.label for q in quarters if not q.is_complete]
    return Panel(
        key="share_of_voice",
        question=card.question,
        reading=reading,
        chart=share_matrix(
            frame,
            rows=list(VOICES.values()),
            columns=[q.label for q in quarters],
            heads=[f"{q.label[5:]} ’{q.label[2:4]}" for q in quarters],
            what="Share of what was written, by quarter",
        )
        if len(shown)
        else None,
        caption="Share of posts, replies and messages by who wrote them, %, bots left out; a quarter adds up to 100. "
        "A stronger colour is a larger share." + "".join(f" {label} is not over yet." for label in open_quarters),
        numbers=rows[NUMBER_COLUMNS],
        method=card.method,
    )


def _spread(snapshot: Snapshot, card: Card, period: Period) -> Panel:
    rows = read_period(snapshot, card.metric, period)
    names = {
        "lower quartile": "A quarter made at most",
        "median": "Half made at most",
        "upper quartile": "Three quarters made at most",
        "all": "Mean",
    }
    frame = pd.DataFrame(
        [
            {
                "label": words,
                "value": row["value"].iloc[0] if len(row) else None,
                "verdict": "",
                "n": row["people"].iloc[0] if len(row) else None,
                "status": row["status"].iloc[0] if len(row) else "no data",
            }
            for name, words in names.items()
            for row in [rows[rows["breakdown"] == name]]
        ]
    )
    return Panel(
        key="interactions_per_member",
        question=card.question,
        reading=_typical(frame),
        chart=bars(frame.assign(n=float("nan")), unit=Unit.MEDIAN) if frame["value"].notna().any() else None,
        caption=f"Interactions of one member, {days(period.first, period.last)}. {_size(frame)}: members on the roster.",
        notice="" if frame["value"].notna().any() else "Interactions of this time, and a member list, fill this chart.",
        numbers=rows[NUMBER_COLUMNS],
        method=card.method,
    )


def _size(frame: pd.DataFrame) -> str:
    sizes = frame["n"].dropna()
    return f"n{NBSP}{whole(float(sizes.iloc[0]))}" if len(sizes) else "n"


def _typical(frame: pd.DataFrame) -> str:
    """What the member in the middle did, beside the mean that the busiest raise."""
    values = dict(zip(frame["label"], frame["value"], strict=True))
    middle, mean = values["Half made at most"], values["Mean"]
    if is_missing(middle) or is_missing(mean):
        return "No data."
    return f"Half of the members made at most {middle:g}; the mean is {write_value(mean, Unit.MEAN)}."


def _total_panels(snapshot: Snapshot, cards: dict[str, Card]) -> list[Panel]:
    """Analytics totals as they came: people and things in charts of their own, missing days as gaps."""
    rows = snapshot.query(
        """select kind as name, period_start, period_end, sum(count) as value
           from activity
           where channel is null
           group by all
           order by kind, period_start"""
    )
    spans = snapshot.query(
        "select source, covers_from, covers_to, missing_days from coverage where kind = 'activity' order by source"
    )
    said = "; ".join(
        f"{verbatim(str(row['source']))}: {day(pd.Timestamp(row['covers_from']).date())} to {day(pd.Timestamp(row['covers_to']).date())}, "
        f"{plural(row['missing_days'], 'day')} missing"
        for row in spans.to_dict("records")
    )
    missing = int(spans["missing_days"].sum())
    reading = (
        f"{plural(missing, 'day is', 'days are')} missing; they are gaps, not zeros."
        if missing
        else "No day is missing between the first and the last."
    )
    panels = []
    for key, question, names in (
        ("activity_people", "How many people does the tool itself count?", ("members", "active", "posting")),
        ("activity_things", "How many {things} does the tool itself count?", ("messages", "reactions", "views")),
    ):
        part = rows[rows["name"].isin(names)]
        if part.empty:
            continue
        largest_first = part.groupby("name")["value"].mean().sort_values(ascending=False)
        present = [str(name) for name in largest_first.index]
        panels.append(
            Panel(
                key=key,
                question=question.format(things=plain_list(present)),
                reading=reading,
                chart=gaps(part, unit=Unit.COUNT, names=present),
                caption=f"Totals as exported ({plain_list(present)}), each for its own period. Sources: {said}.",
                numbers=part.reset_index(drop=True),
                method=cards["activity_total"].method,
                legend=_legend(present),
            )
        )
    return panels


def _legend(names: list[str]) -> str:
    """The lines by their order, so that a legend needs no colour; a single line is named by the question."""
    return f":small[Lines from top to bottom: {plain_list(names)}]" if len(names) > 1 else ""
