"""Tiles: one number with its usual range, in words and as a sparkline."""

from dataclasses import replace

import pandas as pd

from metrics.snapshot import Snapshot
from report.glyphs import sparkline
from report.models.page import Colour, Tile
from report.models.reading import Card, Group, Period, Row, direction_verdict
from report.numbers import is_missing, out_of, plural, span, write_headline, write_value
from report.words import NOUNS, verbatim

SPARK_WEEKS = 26
COLOURS: dict[str, Colour] = {"improved": "blue", "declined": "orange"}


def week_tile(card: Card, weeks: pd.DataFrame, week: Period) -> Tile:
    """The number of the last of `weeks`: value, whether it is beyond its usual range, the last half year, what it is of.

    Where that is an earlier week than the one asked for, because the number is not final so soon, the tile says which.
    """
    row = weeks.iloc[-1].to_dict()
    spark = weeks.tail(SPARK_WEEKS)
    values = [
        None if is_missing(v) or out else float(v) for v, out in zip(spark["value"], spark["is_out"], strict=True)
    ]
    drawn = weeks[weeks["mean"].notna()]
    low, high = (drawn["lower"].iloc[-1], drawn["upper"].iloc[-1]) if len(drawn) else (None, None)
    verdict = direction_verdict(row, card.better)
    usual = span(low, high, card.unit) if low is not None and high is not None else ""
    return Tile(
        key=card.metric,
        label=card.title if row["period"] == week.period else f"{card.title}, {row['label']}",
        value=write_headline(row, card.unit),
        chip=_chip(row, verdict),
        colour=COLOURS.get(verdict, "gray"),
        glyph=sparkline(values, low, high, verdict),
        glyph_alt=f"{card.title}, the last {len(values)} weeks" + (f", usual {usual}" if usual else ""),
        caption=(f"usual {usual}" if usual else "no usual range yet", count_words(card.metric, row)),
    )


def month_tile(snapshot: Snapshot, card: Card, month: Period, group: Group) -> Tile:
    """An event number of a month, where too few weeks hold an event to show one week; the label says which month."""
    return replace(period_tile(snapshot, card, month, group), label=f"{card.title}, {month.label}")


def period_tile(snapshot: Snapshot, card: Card, period: Period, group: Group | None = None) -> Tile:
    """A number of a month or a quarter: its value and counts, with the periods before as a picture and no verdict."""
    who = group or Group()
    past = snapshot.query(
        """select observations.value, observations.numerator, observations.denominator, observations.verdict,
                  observations.status, periods.period
           from observations
           join series using (series)
           join periods
             on periods.grain = series.grain
            and periods.period = observations.period
           where series.metric = ?
             and series.grain = ?
             and series.dimension = ?
             and series.segment = ?
             and series.breakdown = 'all'
             and periods.starts_on <= ?
           order by periods.starts_on""",
        [card.metric, period.grain, who.dimension, who.segment, period.first],
    )
    now = past[past["period"] == period.period]
    row: Row = (
        now.iloc[0].to_dict()
        if len(now)
        else {"value": None, "status": "no data", "numerator": None, "denominator": None, "verdict": None}
    )
    values = [None if is_missing(value) else float(value) for value in past["value"].tail(12)]
    before = _compared(snapshot, card, period, who)
    return Tile(
        card.metric,
        card.title,
        write_headline(row, card.unit),
        _period_chip(row, card, period, before),
        COLOURS.get(str(row["verdict"]), "gray"),
        sparkline(values, None, None, str(row["verdict"])),
        f"{card.title}, the last {len(values)} {period.grain}s",
        (_before_words(before, card) or period.label, count_words(card.metric, row)),
    )


def _compared(snapshot: Snapshot, card: Card, period: Period, group: Group) -> Row | None:
    """What a period's verdict is against: the same period last year, else the one before; None where there is neither."""
    rows = snapshot.query(
        """select kind, against, comparisons.value, difference
           from comparisons
           join series using (series)
           where metric = ?
             and grain = ?
             and dimension = ?
             and segment = ?
             and breakdown = 'all'
             and period = ?
             and kind in ('last year', 'previous')
             and comparisons.value is not null
           order by kind
           limit 1""",
        [card.metric, period.grain, group.dimension, group.segment, period.period],
    )
    return rows.iloc[0].to_dict() if len(rows) else None


def _before_words(before: Row | None, card: Card) -> str:
    if before is None:
        return ""
    when = "a year ago" if before["kind"] == "last year" else f"in {verbatim(str(before['against']))}"
    return f"{write_value(before['value'], card.unit)} {when}"


def count_words(metric: str, row: Row) -> str:
    """What a number is of: 104 of 412 members."""
    if row["status"] == "withheld":
        return "too few people to show"
    if is_missing(row["denominator"]):
        return "no upload covers this period"
    noun = NOUNS.get(metric, "")
    if not row["denominator"]:
        return f"no {noun}"
    numerator, denominator = float(row["numerator"]), float(row["denominator"])
    if metric == "value_stories":
        return f"{plural(numerator, 'story', 'stories')} from {plural(denominator, noun.rstrip('s'))}, per 100"
    if metric in ("attendance_per_event", "interactions_per_member"):
        return plural(denominator, noun.rstrip("s"))
    if metric in ("member_to_member", "cross_team_share", "weekly_stickiness"):
        return plural(denominator, noun.rstrip("s"))
    return out_of(numerator, denominator, noun)


def _period_chip(row: Row, card: Card, period: Period, before: Row | None) -> str:
    if row["status"] == "withheld":
        return "too few people"
    if is_missing(row["value"]):
        return "no data"
    if not period.is_complete:
        return "not final yet"
    if row["verdict"] in COLOURS:
        return str(row["verdict"])
    if before is None or write_value(before["value"], card.unit) == write_value(row["value"], card.unit):
        return "not tested"
    return f"{'higher' if before['difference'] > 0 else 'lower'}, not tested"


def _chip(row: Row, verdict: str) -> str:
    if row["status"] == "withheld":
        return "too few people"
    if row.get("is_quiet"):
        return "no event was held"
    if is_missing(row["value"]):
        return "no data"
    if row["is_open"]:
        return "not final yet"
    if verdict and row["rule"] == "outside":
        return "above usual" if row["direction"] == "up" else "below usual"
    if verdict:
        return f"{'higher' if row['direction'] == 'up' else 'lower'} for {int(row['length'])} weeks"
    if not is_missing(row.get("holiday")):
        return "holiday, not judged"
    return "routine" if row["alerting"] else "too few weeks to judge"
