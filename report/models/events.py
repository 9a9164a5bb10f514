"""Events: who comes, who comes back, and which kinds of event draw people."""

import pandas as pd

from metrics.metric import Unit
from metrics.snapshot import Snapshot
from report.charts import bars
from report.models.coverage import find_gaps
from report.models.page import Page, Panel, Table, Tile
from report.models.parts import numbers_table
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
from report.numbers import day, days, is_missing, out_of, percent, plural, weekday, whole, write_value
from report.words import verbatim

TILES = ("event_participation", "show_up", "event_return", "first_timers")
EVENTS_LISTED = 8
MODES = ("in_person", "virtual", "hybrid")
KIND_WORDS = {"in_person": "in person", "follow_up": "follow-up"}


def read_events(snapshot: Snapshot, grain: str, wanted: str | None, dimension: str | None) -> Page | None:
    """The page of one period of a grain; None where no attendance was ever loaded."""
    if not has_any(snapshot, "attendance"):
        return None
    cards = read_cards(snapshot)
    period = choose_period(read_periods(snapshot, grain), wanted)
    weeks = read_periods(snapshot, "week")
    if period is None:
        return None
    week = choose_period([w for w in weeks if w.first <= period.last], None) or weeks[-1]
    row = read_value(snapshot, "event_participation", period)
    came, returned, showed_up = (
        week_panel(snapshot, cards[name], read_weeks(snapshot, name, Group(), week), Group())
        for name in ("event_participation", "event_return", "show_up")
    )
    by_type, by_mode = (_by_kind(snapshot, cards["attendance_per_event"], period, by=by) for by in ("type", "mode"))
    panels = [came, returned, by_type, by_mode, showed_up]
    if dimension:
        question = f"Who came, by {verbatim(dimension)}?"
        panels.append(group_panel(snapshot, cards["event_participation"], period, dimension, question=question))
        if period.grain == "quarter":
            question = f"Do all groups come alike, by {verbatim(dimension)}, beside the one that comes most?"
            panels.append(group_panel(snapshot, cards["participation_equity"], period, dimension, question=question))
    return Page(
        kicker=f"Events · {period.label}, {days(period.first, period.last)} · {_state(period)} · published {read_published(snapshot)}",
        answer=_answer(row, period),
        support=_support(snapshot, period),
        tiles=tuple(_tile(snapshot, cards[name], period, week) for name in TILES),
        panels=tuple(panels),
        tables=tuple(
            table
            for table in (
                numbers_table(snapshot, cards, period, "More of events", _more(snapshot, period)),
                _recent(snapshot, period),
            )
            if table
        ),
        notes=find_gaps(snapshot, ("attendance",)),
    )


def _more(snapshot: Snapshot, period: Period) -> list[tuple[str, str, str]]:
    """Numbers without a chart; of the kinds of event only those that were held."""
    held = read_period(snapshot, "event_cadence", period)
    held = held[(held["value"] > 0) & ~held["breakdown"].isin(["all", "longest gap in days"])]
    kinds = held.sort_values(["value", "breakdown"], ascending=[False, True])["breakdown"]
    return [
        ("reach", "all", "Members seen at an event or in talk in 90 days"),
        ("event_cadence", "all", "Events held"),
        *(
            ("event_cadence", str(kind), f"Of these, {verbatim(KIND_WORDS.get(str(kind), str(kind)))}")
            for kind in kinds
        ),
        ("event_cadence", "longest gap in days", "Longest gap between events, in days"),
        ("schedule_inclusion", "all", "Held between 9:00 and 17:00 of the member’s own day"),
        ("schedule_inclusion", "virtual or hybrid", "Events that one can join from afar"),
    ]


def _state(period: Period) -> str:
    return "complete" if period.is_complete else "not over yet"


def _answer(row: Row | None, period: Period) -> str:
    if row is None or is_missing(row["value"]):
        return f"No upload covers {period.label} yet."
    came = out_of(float(row["numerator"]), float(row["denominator"]), "members")
    so_far = " so far" if not period.is_complete else ""
    return f"{percent(float(row['value']))} of members came to an event{so_far}: {came}."


def _support(snapshot: Snapshot, period: Period) -> str:
    held = snapshot.query(
        "select count(*) as events, coalesce(sum(members), 0) as members, coalesce(sum(guests), 0) as guests from events where day between ? and ?",
        [period.first, period.last],
    ).iloc[0]
    if not held["events"]:
        return "No event was held."
    guests = (
        f" and {whole(held['guests'])} of others (staff, and people who are not on the roster)"
        if held["guests"]
        else ""
    )
    return f"{plural(held['events'], 'event')} held; {plural(held['members'], 'attendance')} of members{guests}."


def _tile(snapshot: Snapshot, card: Card, period: Period, week: Period) -> Tile:
    if period.grain == "week":
        return week_tile(card, read_weeks(snapshot, card.metric, Group(), period), period)
    return period_tile(snapshot, card, period)


def _by_kind(snapshot: Snapshot, card: Card, period: Period, *, by: str) -> Panel:
    """Mean attendance of each type or mode of event, the best attended first."""
    rows = read_period(snapshot, card.metric, period)
    is_mode = rows["breakdown"].isin(MODES)
    cut = rows[is_mode if by == "mode" else ~is_mode & (rows["breakdown"] != "all")]
    frame = pd.DataFrame(
        {
            "label": [KIND_WORDS.get(name, name).capitalize() for name in cut["breakdown"]],
            "value": cut["value"],
            "verdict": "",
            "n": cut["denominator"],
            "status": cut["status"],
        }
    ).sort_values("value", ascending=False)
    found = rows[rows["breakdown"] == "all"]
    mean = found["value"].iloc[0] if len(found) else None
    has_bars = bool(frame["value"].notna().any())
    reading = (
        f"{write_value(mean, Unit.MEAN)} members at an event; most at {verbatim(frame['label'].iloc[0].lower())}: "
        f"{write_value(frame['value'].iloc[0], Unit.MEAN)}. Not tested."
        if has_bars
        else f"No event with a {by} was held."
    )
    return Panel(
        key=f"attendance_by_{by}",
        question="Which types of event draw people?" if by == "type" else "Do people come in person or online?",
        reading=reading,
        chart=bars(frame, unit=Unit.MEAN) if has_bars else None,
        caption=f"Members at an event, mean, {days(period.first, period.last)}, by {by}. n: events held.",
        numbers=pd.concat([found, cut])[NUMBER_COLUMNS].reset_index(drop=True),
        method=card.method,
        notice="" if has_bars else f"A column {by} in the events file fills this chart.",
    )


def _recent(snapshot: Snapshot, period: Period) -> Table:
    rows = snapshot.query(
        """select day, coalesce(title, event_id) as title, type, members, registered
           from events
           where day <= ?
           order by day desc, event_id
           limit ?""",
        [period.last, EVENTS_LISTED],
    )
    shown = pd.DataFrame(
        {
            "Day": [weekday(pd.Timestamp(when).date()) for when in rows["day"]],
            "Event": [verbatim(str(title)) for title in rows["title"]],
            "Members": [whole(count) for count in rows["members"]],
            "Registered": [
                whole(count) if not is_missing(count) and count else "not known" for count in rows["registered"]
            ],
        }
    )
    return Table("The latest events", f"Up to {day(period.last)}, the newest first.", shown)
