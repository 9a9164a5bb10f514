"""Alerts: what asks for somebody's attention now. Each says what, how sure, since when, whom to ask and what to try.

They are made from one role's released numbers, from the registers, and from counts of people; never from a cell that
the role does not see. An alert that was there before is quiet until its cool-down is over: it comes back for a week
each time, so that nobody learns to look away.
"""

from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from metrics.alert import Alert, cool_down
from metrics.catalogue import find_metric
from metrics.metric import Metric, Unit
from metrics.published import insert_published, read_rows
from metrics.reminders import (
    remind_of_actions,
    remind_of_definitions,
    remind_of_people,
    remind_of_references,
    remind_of_standing,
)

GROUP_POINTS = 8
HALF_TIME_RESPONSE = 0.5
CLOSING_RESPONSE = 0.6
ABSENCE = 2
MEMBERS_OF_A_GROUP = 10
CLOSED_DAYS = 28

_LOOK = "Look at the weeks around it, and note what happened as an annotation."
_TRY = {
    "event_participation": "Ask three people who usually come why they did not, and three who came what drew them.",
    "answered_within_day": "Name somebody for each day who looks for open questions.",
    "posting_members": "Ask one question that everybody can answer.",
    "member_to_member": "Pass questions on by name instead of answering them.",
    "newcomers_with_tie": "Introduce each newcomer to two people by name.",
    "cross_team_share": "Put people of different teams at one table at the next event.",
}


def raise_alerts(connection: duckdb.DuckDBPyConnection, as_of: date, before: Path | None, fewest: int) -> None:
    """Fill `published.alerts` of the role being written.

    `before` is the role's file of the snapshot in force, if any; survey figures are renewed from `fewest` answers on.
    """
    found = [
        *_signals(connection, as_of),
        *_group_changes(connection),
        *_responses(connection, as_of),
        *remind_of_standing(connection, as_of, fewest),
        *remind_of_people(connection, as_of),
        *_absence(connection),
        *_withdrawn_groups(connection),
        *remind_of_actions(connection, as_of),
        *remind_of_references(connection, as_of),
        *remind_of_definitions(connection, before, as_of),
    ]
    if found:
        rows = pd.DataFrame([asdict(cool_down(alert, as_of)) for alert in found]).drop(columns="known_after_days")
        insert_published(connection, "alerts", rows, order="is_quiet, kind, key")


def _signals(connection: duckdb.DuckDBPyConnection, as_of: date) -> list[Alert]:
    """Series whose newest final week lies outside its limits; since the first such week of an unbroken run of them."""
    frame = read_rows(
        connection,
        """with newest as (
               select series, max(period) as period
               from published.limits
               group by all
           ),
           loud as (
               select series, period, direction, any_value(verdict) as verdict
               from published.signals
               where alert
               group by all
           )
           select series.metric, series.dimension, series.segment, series.breakdown, loud.series, loud.period, loud.direction,
                  loud.verdict, observations.value, limits.lower, limits.upper, limits.points,
                  (
                      select max(calm.period)
                      from published.limits as calm
                      where calm.series = loud.series
                        and not exists (
                            select 1
                            from loud as other
                            where other.series = calm.series
                              and other.period = calm.period
                              and other.direction = loud.direction
                        )
                  ) as last_calm
           from loud
           join newest using (series, period)
           join published.series using (series)
           join published.observations using (series, period)
           join published.limits using (series, period)
           where loud.period::date >= $as_of - 21
             and series.breakdown = 'all'
           order by series.metric, series.dimension, series.segment, series.breakdown""",
        {"as_of": as_of},
    )
    return [alert for row in frame if (card := find_metric(row["metric"])) for alert in [_signal(card, row)]]


def _signal(card: Metric, row: dict[str, Any]) -> Alert:
    where = "" if row["segment"] == "all" else f" in {row['segment']}"
    usual = f"usual {_say(row['lower'], card.unit)} to {_say(row['upper'], card.unit)}"
    words = {"improved": "better than usual", "declined": "worse than usual"}
    since = (
        date.fromisoformat(row["last_calm"]) + timedelta(days=7)
        if row["last_calm"]
        else date.fromisoformat(row["period"])
    )
    is_bad = row["verdict"] == "declined"
    return Alert(
        kind="signal",
        key=f"signal:{row['metric']}:{row['dimension']}:{row['segment']}:{row['direction']}",
        what=f"{card.title}{where}: {_say(row['value'], card.unit)}, {words.get(row['verdict'], 'not as usual')} ({usual}).",
        how_sure=f"Outside the limits of the {int(row['points'])} weeks before; by chance about one week in a hundred is.",
        since=since,
        whom_to_ask=f"{row['segment']}: the people who look after it" if where else card.owner,
        what_to_try=_TRY.get(card.name, _LOOK) if is_bad else f"Find out what helped, and keep it. {_LOOK}",
        cool_down_days=28,
        metric=card.name,
        dimension=row["dimension"],
        segment=row["segment"],
        known_after_days=7,
    )


def _group_changes(connection: duckdb.DuckDBPyConnection) -> list[Alert]:
    frame = read_rows(
        connection,
        """select series.dimension, series.segment, series.breakdown, observations.value, observations.verdict, observations.people,
                  waves.closed_on, waves.wave
           from published.observations
           join published.series using (series)
           join published.waves
             on waves.wave = observations.period
           where series.metric = 'wave_change'
             and series.dimension <> 'all'
             and not starts_with(series.breakdown, 'score:')
             and abs(observations.value) >= $points
             and observations.verdict in ('improved', 'declined')
             and waves.closed_on = (select max(closed_on) from published.waves as later where later.instrument = waves.instrument)
           order by all""",
        {"points": GROUP_POINTS},
    )
    return [
        Alert(
            kind="group change",
            key=f"group change:{row['wave']}:{row['dimension']}:{row['segment']}:{row['breakdown']}",
            what=f"{row['segment']}: {row['breakdown'].partition(':')[2]} {row['verdict']} by {abs(row['value']):.0f} points in {row['wave']}.",
            how_sure=f"Beyond chance among the {int(row['people'])} who answered.",
            since=row["closed_on"],
            whom_to_ask=f"{row['segment']}: the people who look after it",
            what_to_try="Give the result back to the group, and ask what lies behind it before you act.",
            cool_down_days=90,
            metric="wave_change",
            dimension=row["dimension"],
            segment=row["segment"],
        )
        for row in frame
    ]


def _responses(connection: duckdb.DuckDBPyConnection, as_of: date) -> list[Alert]:
    """A live wave below half at half time; a group below 60 % in a wave that closed in the last four weeks."""
    frame = read_rows(
        connection,
        """select series.dimension, series.segment, observations.value, observations.numerator, observations.denominator,
                  waves.wave, waves.opened_on, waves.closed_on, published_waves.closed_on is null as is_live
           from published.observations
           join published.series using (series)
           join waves
             on waves.wave = observations.period
           join published.waves as published_waves
             on published_waves.wave = waves.wave
           where series.metric = 'survey_response'
             and observations.value is not null
             and waves.closed_on is not null
           order by waves.opened_on, series.dimension, series.segment""",
    )
    alerts = []
    for row in frame:
        half_time = row["opened_on"] + (row["closed_on"] - row["opened_on"]) / 2
        is_late = row["is_live"] and row["dimension"] == "all" and half_time <= as_of
        is_low = (
            not row["is_live"] and row["dimension"] != "all" and row["closed_on"] >= as_of - timedelta(days=CLOSED_DAYS)
        )
        if (is_late and row["value"] < HALF_TIME_RESPONSE) or (is_low and row["value"] < CLOSING_RESPONSE):
            who = "members" if is_late else f"of {row['segment']}"
            alerts.append(
                Alert(
                    kind="response",
                    key=f"response:{row['wave']}:{row['dimension']}:{row['segment']}",
                    what=f"{row['wave']}: {row['numerator']:.0f} of {row['denominator']:.0f} {who} answered.",
                    how_sure="Counted completely.",
                    since=half_time if is_late else row["closed_on"],
                    whom_to_ask="whoever sent the survey"
                    if is_late
                    else f"{row['segment']}: the people who look after it",
                    what_to_try="Say what came of the last survey, then remind everybody once."
                    if is_late
                    else "Read this group's answers with care: most did not give any.",
                    cool_down_days=14,
                    metric="survey_response",
                    dimension=row["dimension"],
                    segment=row["segment"],
                )
            )
    return alerts


def _absence(connection: duckdb.DuckDBPyConnection) -> list[Alert]:
    frame = read_rows(
        connection,
        """select observations.value, periods.ends_on
           from published.observations
           join published.series using (series)
           join published.periods
             on periods.grain = series.grain
            and periods.period = observations.period
           where series.metric = 'absence_factor'
             and series.grain = 'quarter'
             and observations.status = 'final'
           order by periods.ends_on desc
           limit 1""",
    )
    return [
        Alert("absence", "absence", f"{'One member makes' if row['value'] == 1 else 'Two members make'} half of all the talk.",
              "Counted completely over the last whole quarter.", row["ends_on"], "community managers",
              "Ask them whom they would hand a part of it to.", 90, "absence_factor")
        for row in frame
        if row["value"] <= ABSENCE
    ]  # fmt: skip


def _withdrawn_groups(connection: duckdb.DuckDBPyConnection) -> list[Alert]:
    """Groups of ten or more whose ties to other groups a member fell below half their median of the four quarters before."""
    frame = read_rows(
        connection,
        """with ties as (
               select series.dimension, series.segment, periods.ends_on, observations.people,
                      (observations.denominator + observations.numerator) / 2 / observations.people as outward
               from published.observations
               join published.series using (series)
               join published.periods
                 on periods.grain = series.grain
                and periods.period = observations.period
               where series.metric = 'ei_index'
                 and series.segment <> 'all'
                 and observations.status = 'final'
           ),
           compared as (
               select *, median(outward) over before as usual, count(*) over before as quarters,
                      max(ends_on) over () as newest
               from ties
               window before as (
                   partition by dimension, segment
                   order by ends_on
                   rows between 4 preceding and 1 preceding
               )
           )
           select *
           from compared
           where ends_on = newest
             and quarters = 4
             and people >= $fewest
             and outward < usual / 2
           order by dimension, segment""",
        {"fewest": MEMBERS_OF_A_GROUP},
    )
    return [
        Alert(
            kind="withdrawn group",
            key=f"withdrawn group:{row['dimension']}:{row['segment']}",
            what=f"{row['segment']} has {row['outward']:.1f} ties to others a member, less than half of its usual {row['usual']:.1f}.",
            how_sure="Counted completely; four quarters are few to call anything usual.",
            since=row["ends_on"],
            whom_to_ask=f"{row['segment']}: the people who look after it",
            what_to_try="Invite two of them to something that another group hosts.",
            cool_down_days=90,
            metric="ei_index",
            dimension=row["dimension"],
            segment=row["segment"],
        )
        for row in frame
    ]


def _say(value: float, unit: Unit) -> str:
    return f"{value:.0%}" if unit is Unit.SHARE else f"{value:.1f}"
