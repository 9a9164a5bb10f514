"""The panel: one row per member and period, quiet ones included, with what the member did in it.

The grid comes first and the facts are laid over it, so a quiet week is a row with zeros and never a
missing row. Staff and bots are not in it. A member belongs to the segment valid on the period's last
day, or on their own last day in it, with all their facts of that period.
"""

from collections.abc import Callable, Sequence
from functools import cache

import duckdb
import ibis
import ibis.expr.types as ir

from metrics import rollups
from metrics.conduct import CONDUCT_COLUMNS, weigh_conduct
from metrics.ties import find_ties

# The columns metrics may use; segments are s0, s1, … in the order of the dimensions.
PANEL_COLUMNS = {
    "grain": "string",
    "period": "string",
    "next_period": "string",
    "number": "int16",
    "person": "int32",
    "is_newcomer": "boolean",
    "events_attended": "int32",
    "registrations": "int32",
    "registrations_kept": "int32",
    "is_first_event": "boolean",
    "attends_next": "boolean",
    "interactions": "int32",
    "contributions": "int32",
    "is_active_next": "boolean",
    "active_blocks": "int32",
    "is_seen": "boolean",
    "threads_started": "int32",
    "threads_answered": "int32",
    "questions": "int32",
    "questions_answered": "int32",
    "partners": "int32",
}

NEWCOMER_DAYS = 90
REACH_DAYS = 90
REPLY_DAYS = 7
ANSWER_HOURS = 24


def roll_up(connection: duckdb.DuckDBPyConnection) -> None:
    """Temp tables of the rollups that metrics read (see `metrics/rollups.py`), from the facts up to and with the as-of day.

    They are the largest tables of a publish and live until its end, so each column is as narrow as it can be.
    """
    connection.execute(_FACTS)
    for name, rollup, narrowed in (
        ("member_atoms", rollups.member_atoms, ("atom", "interactions", "contributions", "day_mask")),
        ("member_channels", rollups.member_channels, ("atom", "channel", "interactions", "day_mask")),
        ("member_topics", rollups.member_topics, ("atom", "topic", "contributions")),
        ("first_seen", rollups.first_seen, ()),
        ("threads", rollups.threads, ()),
        ("pair_atoms", rollups.pair_atoms, ("atom", "interactions", "day_mask")),
    ):
        cells = ", ".join(f"{column}::{_NARROW[column]} as {column}" for column in narrowed)
        unread = "exclude (channel)" if name == "threads" else ""
        connection.execute(
            f"""create or replace temp table {name} as
                select * {unread} {f"replace ({cells})" if cells else ""}
                from ({_compile(rollup)})"""
        )
    connection.execute("alter table threads drop column thread")  # only pairs needed it


@cache  # which publishes of one process share
def _compile(rollup: Callable[[], ir.Table]) -> str:
    return str(ibis.to_sql(rollup(), dialect="duckdb"))


def build_panel(connection: duckdb.DuckDBPyConnection, dimensions: Sequence[str]) -> None:
    """Temp table `panel` (PANEL_COLUMNS, CONDUCT_COLUMNS and s0, s1, …) and what `find_ties` and `weigh_conduct` make.

    `conduct` is a view of the panel. `days_since_action` counts to the period's last day and is empty for who never did
    anything. `step` is how far a member went in the period: 1 came to an event, 2 took part in talk, 3 wrote, 4 hosted
    or spoke. What is about 90 days and `step` is filled in quarters.
    """
    segments = [f"s{position}" for position in range(len(dimensions))]
    find_ties(connection, segments)
    weigh_conduct(connection)
    for statement in (_ATTENDED, _ACTED, _THREADS):
        connection.execute(statement)
    connection.execute(
        _PANEL.replace("--segments", "".join(f", members.{name}" for name in segments)).replace(
            "--views", "".join(f", {name}" for name in segments)
        )
    )


_NARROW = {
    "atom": "date",  # an engine may make an instant of a day that it truncates
    "interactions": "integer",
    "contributions": "integer",
    "day_mask": "utinyint",
    "channel": "subject_name",
    "topic": "subject_name",
}

_FACTS = """
create or replace temp type subject_name as enum (
    select channel from interactions where channel is not null
    union
    select topic from interactions where topic is not null
    union
    select channel from channels where channel is not null
    order by all
);

create or replace temp table source_traits as
select batches.source, min(batches.batch) as number,
       bool_or(interactions.kind = 'reply' or interactions.thread_id is not null) as has_threads,
       bool_or(interactions.intent is not null) as has_intents
from interactions
join batches
  on batches.batch = interactions.batch
where interactions.day <= getvariable('as_of')
group by all;

create or replace temp view facts as
select interactions.occurred_at, interactions.day, interactions.hour, coalesce(aliases.member, interactions.actor) as actor, interactions.target,
       interactions.more_targets, interactions.kind::varchar as kind, interactions.channel,
       interactions.topic,
       -- Two sources may give the same id to different threads.
       traits.number || ':' || coalesce(interactions.thread_id, interactions.interaction_id, '#' || interactions.rowid) as thread,
       interactions.interaction_id,
       interactions.rowid as position,
       interactions.target is not null as is_addressed,
       not traits.has_intents or coalesce(interactions.intent = 'ask', false) as is_question,
       community.person is not null as is_known,
       traits.has_threads
from interactions
join batches
  on batches.batch = interactions.batch
join source_traits as traits
  on traits.source = batches.source
left join aliases
  on aliases.person = interactions.actor
left join community
  on community.person = coalesce(aliases.member, interactions.actor)
where interactions.day <= getvariable('as_of');
"""

_ATTENDED = """
create or replace temp table attended as
with listed as (
    select attendance.person, events.day, attendance.attended,
           coalesce(attendance.registered, false) and not coalesce(attendance.cancelled, false) as is_registered,
           min(events.day) filter (attendance.attended) over (partition by attendance.person) as first_day
    from people_at_events as attendance
    join events
      on events.event_id = attendance.event_id
    join community
      on community.person = attendance.person
    where events.day <= getvariable('as_of')
)
select day_grains.number, listed.person,
       count_if(attended)::integer as events_attended,
       count_if(is_registered)::integer as registrations,
       count_if(is_registered and attended)::integer as registrations_kept,
       bool_or(attended and listed.day = first_day) as is_first_event
from listed
join day_grains
  on day_grains.day = listed.day
group by all
"""

_ACTED = """
create or replace temp table acted as
select day_grains.number, member_atoms.person,
       sum(member_atoms.interactions)::integer as interactions,
       sum(member_atoms.contributions)::integer as contributions
from member_atoms
join day_grains
  on day_grains.day = member_atoms.atom
group by all
"""

_THREADS = f"""
create or replace temp table started as
with by_atom as (
    select greatest(date_trunc('week', started_on), date_trunc('month', started_on))::date as atom, starter,
           count(*) as threads_started,
           count_if(replied_at <= started_at + interval {REPLY_DAYS} day) as threads_answered,
           count_if(is_question) as questions,
           count_if(is_question and replied_at <= started_at + interval {ANSWER_HOURS} hour) as questions_answered
    from threads
    group by all
)
select day_grains.number, by_atom.starter as person,
       sum(threads_started)::integer as threads_started,
       sum(threads_answered)::integer as threads_answered,
       sum(questions)::integer as questions,
       sum(questions_answered)::integer as questions_answered
from by_atom
join day_grains
  on day_grains.day = by_atom.atom
group by all
"""

_PANEL = f"""
create or replace temp table panel as
with next_periods as (
    select number, lead(period) over next as next_period
    from periods
    window next as (partition by grain order by number)
),
members as (
    select *
    from roster
    where member_type = 'member'
),
partners as (
    select tie_ends.number, stays.person, tie_ends.partners
    from tie_ends
    join stays using (stay)
)
select members.grain, members.period, next_periods.next_period, members.number, members.person,
       coalesce(members.joined_on > members.ends_on - {NEWCOMER_DAYS}, false) as is_newcomer,
       coalesce(attended.events_attended, 0) as events_attended,
       coalesce(attended.registrations, 0) as registrations,
       coalesce(attended.registrations_kept, 0) as registrations_kept,
       coalesce(attended.is_first_event, false) as is_first_event,
       weighed.attends_next,
       coalesce(acted.interactions, 0) as interactions,
       coalesce(acted.contributions, 0) as contributions,
       weighed.is_active_next,
       weighed.active_blocks,
       coalesce(weighed.days_since_action < {REACH_DAYS}, false) as is_seen,
       coalesce(started.threads_started, 0) as threads_started,
       coalesce(started.threads_answered, 0) as threads_answered,
       coalesce(started.questions, 0) as questions,
       coalesce(started.questions_answered, 0) as questions_answered,
       coalesce(partners.partners, 0) as partners,
       weighed.days_since_action,
       weighed.action_weeks,
       weighed.flow,
       weighed.active_workdays,
       weighed.active_blocks > 0 as is_active_in_28_days,
       starters.person is not null as has_started_in_90_days,
       weighed.is_active_in_90_days,
       case
           when leaders.person is not null then 4
           when acted.contributions > 0 then 3
           when acted.interactions > 0 then 2
           when attended.events_attended > 0 then 1
           else 0
       end as step--segments
from members
join next_periods using (number)
join weighed using (number, person)
left join attended using (number, person)
left join acted using (number, person)
left join started using (number, person)
left join partners using (number, person)
left join starters using (number, person)
left join leaders using (number, person);

create or replace temp view conduct as
select {", ".join(CONDUCT_COLUMNS)}--views
from panel;

drop table attended;
drop table started;
drop table weighed;
drop table starters;
drop table leaders;
"""
