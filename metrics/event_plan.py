"""Event plan: how often events are held, and for whom they are held at a possible hour."""

from collections.abc import Mapping

import duckdb

from metrics.cells import Tally, tally
from metrics.metric import ALL_GRAINS, Better, Grain, Metric, Source, Unit

FIRST_HOUR = 9
LAST_HOUR = 17

EVENT_PLAN_CARDS = (
    Metric(
        name="event_cadence",
        title="Events held",
        question="How often does the community meet?",
        formula="events that started in the period, by type; beside it the longest gap, in days from one day with an event to the next",
        unit=Unit.COUNT,
        better=Better.NEITHER,
        grains=ALL_GRAINS,
        needs=(Source.ATTENDANCE,),
        breakdown="type, longest gap in days",
        reading="Hold it against what was planned: an objective with this metric as its target does.",
        reference="Hearth's own.",
        caveats="Whole community only. The longest gap is counted from the last event before the period, and to its last day where none followed in it; in quarters only.",
        practices=("regular-meetings",),
    ),
    Metric(
        name="schedule_inclusion",
        title="Held at a possible hour",
        question="For what share of members are events held in their working day?",
        formula="pairs of member and event in which the event starts from 09:00 to before 17:00 of the member's own time zone / pairs of member on the roster and event of the quarter",
        unit=Unit.SHARE,
        better=Better.HIGHER,
        grains=(Grain.QUARTER,),
        needs=(Source.ATTENDANCE,),
        breakdown="virtual or hybrid",
        reading="1: every event lies in everybody's working day. Beside it the share of events that one can join from afar.",
        reference="CHAOSS, time inclusion for virtual events.",
        caveats="Members without a known time zone count in the community's own. An event that starts at exactly midnight, as a day without a time does, has no known hour and is left out. Weekends and part-time hours are not looked at. The share of virtual or hybrid events is over those whose mode is known, whole community only.",
        practices=("flexible-access", "time-constraints", "geographic-barriers"),
    ),
)

_CADENCE = """
insert into cells by name
with kinds as (
    select 'all' as breakdown
    union
    select distinct type from events where type is not null
),
held as (
    select periods.grain, periods.period, events.type
    from events
    join periods
      on events.day between periods.starts_on and periods.ends_on
    where events.day <= getvariable('as_of')
)
select 'event_cadence' as metric, periods.grain, periods.period, 'all' as dimension, 'all' as segment, kinds.breakdown,
       count(held.grain) as value
from periods
cross join kinds
left join held
  on held.grain = periods.grain
 and held.period = periods.period
 and kinds.breakdown in ('all', held.type)
group by all
"""

_GAPS = """
insert into cells by name
with event_days as (
    select distinct day
    from events
    where day <= getvariable('as_of')
),
marks as (
    select day, true as is_event from event_days
    union
    select least(ends_on, getvariable('as_of')), false
    from periods
    where grain = 'quarter'
      and least(ends_on, getvariable('as_of')) not in (select day from event_days)
),
gaps as (
    select day, day - max(case when is_event then day end) over (order by day rows between unbounded preceding and 1 preceding) as gap
    from marks
)
select 'event_cadence' as metric, periods.grain, periods.period, 'all' as dimension, 'all' as segment,
       'longest gap in days' as breakdown, max(gap) as value
from periods
join gaps
  on gaps.day between periods.starts_on and periods.ends_on
where periods.grain = 'quarter'
  and gap is not null
group by all
"""

# Hours are counted once for each time zone, then given to the members who live in it.
_ZONES = f"""
create or replace temp table member_zones as
select versions.person, versions.valid_from, versions.valid_to, coalesce(names.name, getvariable('zone')) as zone
from versions
join members
  on members.person = versions.person
 and members.valid_from = versions.stored_from
left join pg_timezone_names() as names
  on names.name = members.timezone;

create or replace temp table event_hours as
with local as (
    select periods.period, zones.zone, hour(timezone(zones.zone, timezone('UTC', events.starts_at))) as hour
    from (select distinct zone from member_zones) as zones
    cross join periods
    join events
      on events.day between periods.starts_on and periods.ends_on
    where periods.grain = 'quarter'
      and events.day <= getvariable('as_of')
      and local_time(events.starts_at)::time <> time '00:00:00'
)
select period, zone, count(*) as events, count_if(hour >= {FIRST_HOUR} and hour < {LAST_HOUR}) as in_the_day
from local
group by all;
"""

_HOURS_OF_MEMBERS = """(
    select panel.grain, panel.period, panel.person{segments}, event_hours.events, event_hours.in_the_day
    from panel
    join periods using (grain, period)
    join member_zones
      on member_zones.person = panel.person
     and member_zones.valid_from <= periods.ends_on
     and member_zones.valid_to > periods.ends_on
    join event_hours
      on event_hours.period = panel.period
     and event_hours.zone = member_zones.zone
    where panel.grain = 'quarter'
)"""

_FROM_AFAR = """
insert into cells by name
select 'schedule_inclusion' as metric, periods.grain, periods.period, 'all' as dimension, 'all' as segment,
       'virtual or hybrid' as breakdown, count_if(events.mode in ('virtual', 'hybrid')) as numerator,
       count(*) as denominator, count(*) as people
from events
join periods
  on periods.grain = 'quarter'
 and events.day between periods.starts_on and periods.ends_on
where events.mode is not null
  and events.day <= getvariable('as_of')
group by all
"""


def count_event_plan(connection: duckdb.DuckDBPyConnection, columns: Mapping[str, str]) -> None:
    """Add `event_cadence` and `schedule_inclusion` to `cells`; needs the panel."""
    connection.execute(_CADENCE)
    connection.execute(_GAPS)
    connection.execute(_ZONES)
    segments = "".join(f", panel.{column}" for column in columns.values())
    tally(
        connection,
        _HOURS_OF_MEMBERS.format(segments=segments),
        [
            Tally(
                "schedule_inclusion",
                numerator="sum(in_the_day)",
                denominator="sum(events)",
                people="count(*)",
                grains=(Grain.QUARTER,),
            )
        ],
        columns,
    )
    connection.execute(_FROM_AFAR)
