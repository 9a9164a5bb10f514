"""Learning and time: who learns, who takes on a role for the first time, and whether it eats into people's evenings."""

from collections.abc import Mapping

import duckdb

from metrics.cells import Tally, tally
from metrics.metric import Better, Grain, Metric, Source, Unit

LEARNING_TYPES = ("workshop", "training")
FIRST_HOUR, LAST_HOUR = 8, 18
QUARTER = (Grain.QUARTER,)

LEARNING_CARDS = (
    Metric(
        name="learning",
        title="Members who learnt together",
        question="What share of members came to a workshop or a training?",
        formula="members at one or more events of the type workshop or training in the quarter / roster",
        unit=Unit.SHARE,
        better=Better.HIGHER,
        grains=QUARTER,
        needs=(Source.ATTENDANCE,),
        reading="0: nobody; 1: everybody came to at least one.",
        reference="Hearth's own.",
        caveats="Only events whose type says so. Being there is not yet learning.",
        practices=("training",),
    ),
    Metric(
        name="learning_hours",
        title="Hours of learning a member",
        question="How much time do members spend on learning together?",
        formula="hours of members at workshops and trainings in the quarter / roster",
        unit=Unit.MEAN,
        better=Better.HIGHER,
        grains=QUARTER,
        needs=(Source.ATTENDANCE,),
        reading="A mean over everybody, those included who learnt nothing.",
        reference="Hearth's own.",
        caveats="Minutes of the attendance file, else the length of the event; where neither is known the time is left out, and where that is so of all of them there is no number.",
        practices=("training",),
        additive=True,
    ),
    Metric(
        name="new_roles",
        title="Members in a new role",
        question="Do members grow into hosts, speakers and mentors?",
        formula="members who were host, speaker or mentor for the first time in the quarter / roster",
        unit=Unit.SHARE,
        better=Better.HIGHER,
        grains=QUARTER,
        needs=(Source.ATTENDANCE,),
        warm_up=90,
        reading="0: the same people as ever; each member counts once, whatever they began.",
        reference="Hearth's own, after the commitment curve of the Orbit model.",
        caveats="First as far as the files go back: for ninety days after the first upload nobody can be said to be new. Needs the host of an event, the part in it, or the mentoring register.",
        practices=("training", "meaningful-connections"),
    ),
    Metric(
        name="out_of_hours",
        title="Talk outside working hours",
        question="Does taking part eat into evenings and weekends?",
        formula=f"interactions of members on Saturday or Sunday, before {FIRST_HOUR}:00 or from {LAST_HOUR}:00 of their local time / interactions of members",
        unit=Unit.SHARE,
        better=Better.LOWER,
        grains=QUARTER,
        needs=(Source.INTERACTIONS,),
        reading="0: all within working hours; 1: all outside.",
        reference="LFX Insights, activity outside working hours.",
        caveats="Local time is that of the member's time zone, else of the community; what stands at exactly midnight, as a day without a time does, has no known hour and is left out. Part-time, shifts and free choice are not known: ask before you conclude that people are strained.",
        practices=("time-constraints", "mindfulness-wellbeing"),
        additive=True,
    ),
)

_LEARNERS = f"""(
    with learnt as (
        select roster.period, roster.person, count(*) as events,
               sum((60 * coalesce(list.minutes, date_diff('minute', events.starts_at, events.ends_at)))::bigint) as seconds
        from people_at_events as list
        join events using (event_id)
        join roster
          on roster.grain = 'quarter'
         and roster.person = list.person
         and events.day between roster.starts_on and roster.ends_on
        where list.attended
          and events.type in {LEARNING_TYPES}
          and events.day <= getvariable('as_of')
        group by all
    ),
    roles as (
        select coalesce(aliases.member, events.host) as person, 'host' as role, events.day
        from events
        left join aliases
          on aliases.person = events.host
        where events.host is not null
        union all
        select coalesce(aliases.member, list.person), list.part, events.day
        from attendance as list
        left join aliases using (person)
        join events using (event_id)
        where list.attended
          and list.part in ('host', 'speaker')
        union all
        select mentor, 'mentor', started_on
        from mentoring_pairs
    ),
    begun as (
        select person, role, min(day) as day
        from roles
        where day <= getvariable('as_of')
        group by all
    )
    select roster.*, coalesce(learnt.events, 0) as learning_events, learnt.seconds,
           exists (
               select 1
               from begun
               where begun.person = roster.person
                 and begun.day between roster.starts_on and roster.ends_on
           ) as has_new_role
    from roster
    left join learnt using (period, person)
    where roster.grain = 'quarter'
      and roster.member_type = 'member'
)"""

_HOURS = f"""
create or replace temp table talk_hours as
with zones as (
    select members.person, arg_max(members.timezone, members.valid_from) as zone
    from members
    where members.timezone in (select name from pg_timezone_names())
    group by all
),
said as (
    select coalesce(aliases.member, interactions.actor) as person, interactions.day,
           case
               when zones.zone is not null then timezone(zones.zone, timezone('UTC', interactions.occurred_at))
           end as own_time,
           coalesce(own_time::date, interactions.day) as own_day,
           coalesce(hour(own_time), interactions.hour) as own_hour
    from interactions
    left join aliases
      on aliases.person = interactions.actor
    left join zones
      on zones.person = coalesce(aliases.member, interactions.actor)
    where interactions.day <= getvariable('as_of')
      and (interactions.hour <> 0 or local_time(interactions.occurred_at)::time <> time '00:00:00')
)
select day_grains.grain, day_grains.period, said.person, count(*) as interactions,
       count_if(own_hour < {FIRST_HOUR} or own_hour >= {LAST_HOUR} or isodow(own_day) > 5) as outside
from said
join day_grains
  on day_grains.day = said.day
 and day_grains.grain = 'quarter'
group by all
"""

_TALKERS = """(
    select roster.*, talk_hours.interactions, talk_hours.outside
    from roster
    join talk_hours using (grain, period, person)
    where roster.member_type = 'member'
)"""


def count_learning(connection: duckdb.DuckDBPyConnection, columns: Mapping[str, str]) -> None:
    """Add the numbers of LEARNING_CARDS to `cells`, by quarter, whole and by segment."""
    connection.execute(_HOURS)
    # Seconds are whole, so that their sum does not depend on the order in which they are taken.
    hours = "case when sum(learning_events) = 0 then 0 else sum(seconds) / 3600 end"
    tally(
        connection,
        _LEARNERS,
        [
            Tally("learning", numerator="count_if(learning_events > 0)", denominator="count(*)", grains=QUARTER),
            Tally("learning_hours", numerator=hours, denominator="count(*)", grains=QUARTER),
            Tally("new_roles", numerator="count_if(has_new_role)", denominator="count(*)", grains=QUARTER),
        ],
        columns,
    )
    outside = Tally(
        "out_of_hours", numerator="sum(outside)", denominator="sum(interactions)", people="count(*)", grains=QUARTER
    )
    tally(connection, _TALKERS, [outside], columns)
