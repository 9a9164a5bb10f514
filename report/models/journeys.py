"""Journeys: how newcomers arrive, who comes and goes, who drifts, and what is left when a programme is over."""

import pandas as pd

from metrics.snapshot import Snapshot
from report.charts import bars
from report.models.coverage import find_gaps
from report.models.page import Page, Panel
from report.models.parts import history_panel, parts_panel
from report.models.reading import Card, Period, Row, choose_period, has_any, read_cards, read_periods, read_published
from report.models.series import NUMBER_COLUMNS, group_panel, read_period, read_value
from report.models.tiles import period_tile
from report.numbers import days, is_missing, out_of, percent, plural, whole, write_value
from report.words import plain_list, verbatim

TILES = ("quarter_retention", "newcomers_with_tie", "newcomer_conversion", "reach")
FIRSTS = {"event": "First event", "contribution": "First contribution", "reply received": "First reply received"}
HABITS = {"habitual": "Habitual", "occasional": "Occasional", "none": "None in 12 weeks"}
DRIFT = {"active": "Active", "drifting": "Drifting", "away": "Away"}
FLOWS = {"new": "New", "returning": "Returning", "resurrected": "Back again", "dormant": "Gone quiet"}
AFTER = {"30 days": "After 30 days", "90 days": "After 90 days", "180 days": "After 180 days"}
STEPS = {
    "attended": "Came to an event",
    "interacted": "Of these, took part in talk",
    "contributed": "Of these, wrote something",
    "led": "Of these, hosted or spoke",
}
STOPS = {
    "attended": "never come to an event",
    "interacted": "come to events and take no part in talk",
    "contributed": "take part in talk and write nothing",
    "led": "write and neither host nor speak",
}
FEW = 20  # a share of fewer people is said with its counts


def read_journeys(snapshot: Snapshot, wanted: str | None, dimension: str | None) -> Page | None:
    """The page of one quarter; None where neither interactions nor attendance were ever loaded."""
    if not has_any(snapshot, "interactions") and not has_any(snapshot, "attendance"):
        return None
    period = choose_period(read_periods(snapshot, "quarter"), wanted)
    if period is None:
        return None
    cards = read_cards(snapshot)
    panels = [
        parts_panel(snapshot, cards["member_flow"], period, FLOWS, question=cards["member_flow"].question, n="members",
            missing="It takes uploads from 90 days before the quarter on."),
        parts_panel(
            snapshot, cards["participation_funnel"], period, STEPS, question=cards["participation_funnel"].question,
            n="members who came that far; who went further counts for every step before", highest=1.0,
            reading=_say_steps(snapshot, period),
        ),
        history_panel(
            snapshot, cards["habit_segments"], period, HABITS, question=cards["habit_segments"].question,
            what="Share of members by how many of 12 weeks they acted in",
        ),
        history_panel(
            snapshot, cards["drift"], period, DRIFT, question=cards["drift"].question,
            what="Share of members who ever acted: up to 8 weeks ago, 9 to 16, longer",
        ),
        _first_times(snapshot, cards["time_to_first"], period),
        parts_panel(
            snapshot, cards["after_programme"], period, AFTER, question=cards["after_programme"].question,
            n="members whose programme ended in the quarter", highest=1.0, reading=_say_after(snapshot, period),
            missing="Programmes that ended in the quarter fill this chart, from 30 days after their end on.",
        ),
    ]  # fmt: skip
    if dimension:
        question = f"Who is still here after a quarter, by {verbatim(dimension)}?"
        panels.append(group_panel(snapshot, cards["quarter_retention"], period, dimension, question=question))
    return Page(
        kicker=f"Journeys · {period.label}, {days(period.first, period.last)} · "
        f"{'complete' if period.is_complete else 'not over yet'} · published {read_published(snapshot)}",
        answer=_answer(read_value(snapshot, "habit_segments", period, "habitual"), period),
        support=_support(snapshot, period),
        tiles=tuple(period_tile(snapshot, cards[name], period) for name in TILES),
        panels=tuple(panels),
        notes=find_gaps(snapshot),
    )


def _answer(row: Row | None, period: Period) -> str:
    if row is None or is_missing(row["value"]):
        return f"No upload covers the twelve weeks before the end of {period.label}."
    members = out_of(float(row["numerator"]), float(row["denominator"]), "members")
    return f"For {percent(float(row['value']))} of members the community is a habit: {members}."


def _support(snapshot: Snapshot, period: Period) -> str:
    habit = "A habit: something done in 9 or more of the last 12 weeks."
    new, quiet = (read_value(snapshot, "member_flow", period, name) for name in ("new", "dormant"))
    if new is None or quiet is None or is_missing(new["value"]) or is_missing(quiet["value"]):
        return habit
    begun = (
        f"{plural(float(new['value']), 'member')} did something for the first time"
        if new["value"]
        else "Nobody did something for the first time"
    )
    return f"{habit} {begun}; {whole(float(quiet['value']))} who did before did nothing in this quarter."


def _say_steps(snapshot: Snapshot, period: Period) -> str:
    """The step at which the largest share stops; empty where a step is not known."""
    found = {
        str(row["breakdown"]): row for row in read_period(snapshot, "participation_funnel", period).to_dict("records")
    }
    known = {name: found[name] for name in STEPS if name in found and not is_missing(found[name]["value"])}
    if len(known) < len(STEPS):
        return ""
    name = min(known, key=lambda step: float(known[step]["value"]))
    stopped, before = (
        float(known[name]["denominator"]) - float(known[name]["numerator"]),
        float(known[name]["denominator"]),
    )
    if not stopped:
        return "Nobody stops: all went every step."
    return f"Most stop here: {whole(stopped)} of {whole(before)} {STOPS[name]}. Not tested."


def _say_after(snapshot: Snapshot, period: Period) -> str:
    """How many are still here after each time that can be said, with counts where they are few; empty where none can."""
    found = {str(row["breakdown"]): row for row in read_period(snapshot, "after_programme", period).to_dict("records")}
    said = []
    for name, words in AFTER.items():
        row = found.get(name)
        if row is None or is_missing(row["value"]):
            continue
        counted = f"{whole(float(row['numerator']))} of {whole(float(row['denominator']))}"
        share = counted if row["denominator"] < FEW else f"{percent(float(row['value']))} ({counted})"
        said.append(f"{share} {words.lower()}")
    return f"Still here: {plain_list(said)}. Not tested." if said else ""


def _first_times(snapshot: Snapshot, card: Card, period: Period) -> Panel:
    """Medians of days; one that was not reached in 90 days has no bar and says so."""
    rows = read_period(snapshot, card.metric, period).set_index("breakdown").reindex(list(FIRSTS))
    is_open = rows["value"].isna() & rows["status"].isin(["final", "provisional"])
    frame = pd.DataFrame(
        {
            "label": [
                f"{words} (more than 90 days)" if late else words
                for words, late in zip(FIRSTS.values(), is_open, strict=True)
            ],
            "value": rows["value"].to_numpy(),
            "verdict": "",
            "n": rows["denominator"].to_numpy(),
            "status": rows["status"].fillna("no data").to_numpy(),
        }
    )
    known = bool(frame["value"].notna().any())
    said = [
        f"{words.lower()} {'more than 90 days' if late else write_value(value, card.unit)}"
        for words, value, late in zip(FIRSTS.values(), rows["value"], is_open, strict=True)
        if late or not is_missing(value)
    ]
    return Panel(
        key="time_to_first",
        question=card.question,
        reading=f"Half of those who joined had their {', '.join(said)} after joining."
        if said
        else "Nobody joined in this quarter, or too few to show.",
        chart=bars(frame, unit=card.unit) if known else None,
        caption=f"Median days from joining, for those who joined {days(period.first, period.last)}; who has not yet counts as waiting. n: who joined.",
        numbers=rows.reset_index()[[*NUMBER_COLUMNS[:-2], "low", "high", "status"]],
        method=card.method,
        notice="" if known else "Members with a day of joining in this quarter fill this chart, 90 days later.",
    )
