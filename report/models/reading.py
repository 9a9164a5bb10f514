"""What page models read: cards, periods and series, in the shapes that tiles and charts need."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pandas as pd

from metrics.metric import Better, Unit
from metrics.signals import RUN
from metrics.snapshot import Snapshot
from report.charts import Mark
from report.models.page import Method
from report.numbers import day_without_year, is_missing, moment
from report.words import verbatim

# One row of a query, by column.
Row = Mapping[Any, Any]

WEEKS_SHOWN = 60
WEEKS_TO_WAIT = 2
# A longer run is the new usual, which the limits have taken in by then; an annotation with rebase says so.
LONGEST_RUN = 26
EVENT_METRICS = ("event_participation", "show_up", "event_return", "first_timers", "attendance_per_event")


@dataclass(frozen=True)
class Card:
    """What a page needs of a metric's card."""

    metric: str
    title: str
    question: str
    unit: Unit
    better: Better
    method: Method


@dataclass(frozen=True)
class Period:
    """One period of the snapshot."""

    grain: str
    period: str
    label: str
    first: date
    last: date
    is_complete: bool


@dataclass(frozen=True)
class Group:
    """Whose numbers a page shows: the whole community, or one segment of a dimension."""

    dimension: str = "all"
    segment: str = "all"

    @property
    def name(self) -> str:
        return "Whole community" if self.dimension == "all" else self.segment


def read_cards(snapshot: Snapshot) -> dict[str, Card]:
    """The cards by metric name, in the order of the catalogue."""
    return {
        str(row["metric"]): Card(
            str(row["metric"]),
            str(row["title"]),
            str(row["question"]),
            Unit(row["unit"]),
            Better(row["better"]),
            Method(row["formula"], row["reading"], row["caveats"], row["reference"], row["sql"]),
        )
        for row in snapshot.query("select * from cards order by position").to_dict("records")
    }


def read_periods(snapshot: Snapshot, grain: str) -> list[Period]:
    """The periods of a grain, oldest first."""
    rows = snapshot.query("select * from periods where grain = ? order by starts_on", [grain])
    return [
        Period(
            grain,
            str(row["period"]),
            str(row["label"]),
            pd.Timestamp(row["starts_on"]).date(),
            pd.Timestamp(row["ends_on"]).date(),
            bool(row["complete"]),
        )
        for row in rows.to_dict("records")
    ]


def choose_period(periods: list[Period], wanted: str | None) -> Period | None:
    """The period named, else the last complete one, else the last; None where there is none."""
    named = [period for period in periods if period.period == wanted]
    complete = [period for period in periods if period.is_complete]
    found = named or complete or periods
    return found[-1] if found else None


def list_groups(snapshot: Snapshot) -> list[Group]:
    """The whole community and every segment that is shown somewhere, in the order of the settings."""
    rows = snapshot.query(
        """select segments.dimension, segments.segment
           from segments
           where exists (
               select 1
               from series
               join observations using (series)
               where series.dimension = segments.dimension
                 and series.segment = segments.segment
                 and observations.status <> 'withheld'
           )
           order by segments.dimension, segments.position"""
    )
    return [Group(), *(Group(row["dimension"], row["segment"]) for row in rows.to_dict("records"))]


def read_weeks(snapshot: Snapshot, metric: str, group: Group, until: Period, breakdown: str = "all") -> pd.DataFrame:
    """The weeks of a series up to a period and a little beyond: period, starts_on, ends_on, label, value, numerator,
    denominator, people, status, mean, lower, upper, lower_cut, upper_cut, alerting, rule, direction, length, since,
    is_out (left out of limits: holiday, no event), is_open (unfinished).
    """
    frame = snapshot.query(
        """with marked as (
               select series, period, arg_min(rule, place) as rule, arg_min(direction, place) as direction,
                      arg_min(length, place) as length, arg_min(since, place) as since
               from (
                   select *, case rule when 'outside' then 1 when 'run' then 2 when 'trend' then 3 else 4 end as place
                   from signals
               )
               group by all
           ),
           held as (
               select distinct date_trunc('week', day)::date as starts_on from events
           ),
           reached as (
               select min(covers_from) as first_day, max(covers_to) as last_day from coverage where kind = 'attendance'
           )
           select periods.period, periods.starts_on, periods.ends_on, periods.label, periods.holiday,
                  observations.value, observations.numerator, observations.denominator, observations.people,
                  coalesce(observations.status, 'no data') as status,
                  limits.mean, limits.lower, limits.upper, limits.lower_cut, limits.upper_cut,
                  coalesce(limits.alerting, false) as alerting, marked.rule, marked.direction, marked.length, marked.since,
                  held.starts_on is not null as has_event,
                  coalesce(periods.starts_on >= reached.first_day and periods.ends_on <= reached.last_day, false)
                      as is_reached,
                  not periods.complete or coalesce(observations.status, '') = 'provisional' as is_open
           from periods
           cross join reached
           left join series
             on series.metric = ?
            and series.grain = 'week'
            and series.dimension = ?
            and series.segment = ?
            and series.breakdown = ?
           left join observations
             on observations.series = series.series
            and observations.period = periods.period
           left join limits
             on limits.series = series.series
            and limits.period = periods.period
           left join marked
             on marked.series = series.series
            and marked.period = periods.period
           left join held
             on held.starts_on = periods.starts_on
           where periods.grain = 'week'
             and periods.starts_on <= ?
           order by periods.starts_on""",
        [metric, group.dimension, group.segment, breakdown, until.last],
    )
    # Only where attendance was uploaded can a week be without an event; elsewhere nobody knows.
    is_quiet = ~frame["has_event"] & frame["is_reached"] & (metric in EVENT_METRICS)
    return frame.assign(is_out=frame["holiday"].notna() | is_quiet, is_quiet=is_quiet)


def chart_rows(weeks: pd.DataFrame, better: Better) -> pd.DataFrame:
    """The newest weeks in the columns of the XmR chart; a signal's verdict from its direction."""
    shown = weeks.tail(WEEKS_SHOWN)
    return shown.assign(verdict=[direction_verdict(row, better) for row in shown.to_dict("records")])


def direction_verdict(row: Row, better: Better) -> str:
    """improved or declined for a week with a signal of the first two rules, else empty.

    Limits of fewer than 26 points are drawn but say nothing yet.
    """
    if row.get("rule") not in ("outside", "run") or better is Better.NEITHER or row.get("is_open"):
        return ""
    if not row.get("alerting", True):
        return ""
    if row["rule"] == "run" and row.get("length", RUN) > LONGEST_RUN:
        return ""
    return "improved" if (row["direction"] == "up") is (better is Better.HIGHER) else "declined"


def settle(weeks: pd.DataFrame) -> pd.DataFrame:
    """The weeks up to the newest that no longer changes: a number with a horizon is final a little after its week."""
    final = [place for place, is_open in enumerate(weeks["is_open"]) if not is_open]
    is_waiting = bool(len(weeks)) and bool(weeks["is_open"].iloc[-1]) and not is_missing(weeks["value"].iloc[-1])
    if is_waiting and final and len(weeks) - 1 - final[-1] <= WEEKS_TO_WAIT:
        return weeks.iloc[: final[-1] + 1]
    return weeks


def read_marks(snapshot: Snapshot, metric: str, first: date, last: date) -> list[Mark]:
    """Annotations of a chart's time that concern its metric, lettered in order."""
    rows = snapshot.query(
        """select occurred_on, label
           from annotations
           where (metric is null or metric = ?)
             and occurred_on between ? and ?
           order by occurred_on""",
        [metric, first, last],
    )
    return [
        Mark(letter, pd.Timestamp(row["occurred_on"]).date(), str(row["label"]))
        for letter, row in zip("ABCDEFGHIJ", rows.to_dict("records"), strict=False)
    ]


def explain_marks(marks: list[Mark]) -> str:
    """A winter break, 24 Dec · B new chat tool, 2 Mar."""
    return " · ".join(f"**{mark.letter}** {verbatim(mark.words)}, {day_without_year(mark.on)}" for mark in marks)


def read_dimensions(snapshot: Snapshot) -> list[str]:
    """What members can be compared by, in the order of the settings."""
    return [name for name in snapshot.manifest()["dimensions"].split(";") if name]


def read_published(snapshot: Snapshot) -> str:
    """When the snapshot was made, in the community's zone."""
    manifest = snapshot.manifest()
    return moment(datetime.fromisoformat(manifest["published_at"]), manifest["zone"])


def has_any(snapshot: Snapshot, kind: str) -> bool:
    """Whether uploads of a kind cover any day."""
    return not snapshot.query("select 1 from coverage where kind = ? limit 1", [kind]).empty
