"""The panel: one row per member and period, quiet ones included, with what the member did in it.

The grid comes first and the facts are laid over it, so a quiet week is a row with zeros and never a
missing row. Staff and bots are not in it. A member belongs to the segment valid on the period's last
day, or on their own last day in it, with all their facts of that period.
"""

from collections.abc import Sequence

import duckdb
import ibis

from metrics import rollups

# The columns metrics may use; segments are s0, s1, … in the order of the dimensions.
PANEL_COLUMNS = {
    "grain": "string",
    "period": "string",
    "next_period": "string",
    "person": "int32",
    "is_newcomer": "boolean",
    "events_attended": "int64",
    "registrations": "int64",
    "registrations_kept": "int64",
    "is_first_event": "boolean",
    "attends_next": "boolean",
    "interactions": "int64",
    "contributions": "int64",
    "is_active_next": "boolean",
    "active_blocks": "int32",
    "is_seen": "boolean",
    "threads_started": "int64",
    "threads_answered": "int64",
    "questions": "int64",
    "questions_answered": "int64",
    "partners": "int64",
}

NEWCOMER_DAYS = 90
REACH_DAYS = 90
REPLY_DAYS = 7
ANSWER_HOURS = 24


def choose_dimensions(connection: duckdb.DuckDBPyConnection, wanted: Sequence[str]) -> tuple[str, ...]:
    """The dimensions numbers are cut by: those of the settings that a roster or a survey fills, else all of them, by name."""
    rows = connection.execute(
        """select dimension from segments
           union
           select dimension from respondent_segments
           order by dimension"""
    ).fetchall()
    known = [name for (name,) in rows]
    return tuple(name for name in wanted if name in known) if wanted else tuple(known)


def lay_out_roster(connection: duckdb.DuckDBPyConnection, dimensions: Sequence[str]) -> None:
    """Temp tables `community` (person) and `roster` (grain, period, person, member_type, joined_on, s0, s1, …). Needs the periods.

    The roster of a period: joined by its last day, not left before its first; bots and opted-out members
    are not in it, staff are, marked. The first version of a member holds from always.
    """
    connection.execute(_VERSIONS)
    segments = ",\n       ".join(
        f"any_value(segments.segment) filter (segments.dimension = ${name}) as s{position}"
        for position, name in enumerate(f"d{index}" for index in range(len(dimensions)))
    )
    connection.execute(
        _ROSTER.replace("--segments", f", {segments}" if dimensions else ""),
        {f"d{position}": name for position, name in enumerate(dimensions)},
    )


def roll_up(connection: duckdb.DuckDBPyConnection) -> None:
    """Temp tables `member_atoms`, `threads` and `pair_atoms` from the facts up to and with the as-of day."""
    connection.execute(_FACTS)
    for name, expression in (
        ("member_atoms", rollups.member_atoms()),
        ("threads", rollups.threads()),
        ("pair_atoms", rollups.pair_atoms()),
    ):
        connection.execute(f"create or replace temp table {name} as {ibis.to_sql(expression, dialect='duckdb')}")


def build_panel(connection: duckdb.DuckDBPyConnection, dimensions: Sequence[str]) -> None:
    """Temp table `panel` (PANEL_COLUMNS and s0, s1, …), and beside it `talk` and `ties`.

    `talk`: one row per actor of the roster and period: interactions with a known target, how many of
    them went to members. `ties`: one row per unordered pair of members with an interaction in the period.
    """
    for statement in (_ATTENDED, _ACTIVE, _BLOCKS, _THREADS, _TALK):
        connection.execute(statement)
    segments = "".join(f", roster.s{position}" for position in range(len(dimensions)))
    connection.execute(_PANEL.replace("--segments", segments))


_VERSIONS = """
create or replace temp table versions as
with known as (
    select *,
           row_number() over (partition by person order by valid_from) as nth,
           lead(valid_from) over (partition by person order by valid_from) as valid_to,
           last_value(joined_on) over whole as person_joined_on,
           last_value(left_on) over whole as person_left_on,
           last_value(opted_out) over whole as person_opted_out,
           last_value(member_type) over whole as last_type
    from members
    where valid_from <= getvariable('as_of') or valid_from = (
        select min(earliest.valid_from)
        from members as earliest
        where earliest.person = members.person
    )
    window whole as (
        partition by person
        order by valid_from
        rows between unbounded preceding and unbounded following
    )
)
select person, valid_from as stored_from,
       case when nth = 1 then date '0001-01-01' else valid_from end as valid_from,
       coalesce(valid_to, date '9999-12-31') as valid_to,
       member_type, person_joined_on as joined_on, person_left_on as left_on,
       last_type
from known
where not person_opted_out;

create or replace temp view people_at_events as
select attendance.event_id, coalesce(aliases.member, attendance.person) as person, attendance.attended,
       attendance.registered, attendance.cancelled
from attendance
left join aliases using (person);

create or replace temp table community as
select distinct person
from versions
where last_type <> 'bot';
"""

_ROSTER = """
create or replace temp table roster as
with placed as (
    select periods.grain, periods.period, periods.starts_on, periods.ends_on, versions.person,
           versions.member_type, versions.joined_on, versions.stored_from
    from periods
    join versions
      on (versions.joined_on is null or versions.joined_on <= periods.ends_on)
     and (versions.left_on is null or versions.left_on > periods.starts_on)
     and least(periods.ends_on, coalesce(versions.left_on, periods.ends_on)) >= versions.valid_from
     and least(periods.ends_on, coalesce(versions.left_on, periods.ends_on)) < versions.valid_to
    where versions.member_type <> 'bot'
),
cut as (
    select person, valid_from as stored_from--segments
    from segments
    group by all
)
select placed.grain, placed.period, placed.starts_on, placed.ends_on, placed.person, placed.member_type,
       placed.joined_on, cut.* exclude (person, stored_from)
from placed
left join cut
  on cut.person = placed.person
 and cut.stored_from = placed.stored_from
"""

_FACTS = """
create or replace temp table source_traits as
select batches.source,
       bool_or(interactions.kind = 'reply' or interactions.thread_id is not null) as has_threads,
       bool_or(interactions.intent is not null) as has_intents
from interactions
join batches
  on batches.batch = interactions.batch
group by all;

create or replace temp view facts as
select interactions.occurred_at, interactions.day, coalesce(aliases.member, interactions.actor) as actor, interactions.target,
       interactions.more_targets, interactions.kind::varchar as kind, interactions.channel,
       coalesce(interactions.thread_id, interactions.interaction_id, '#' || interactions.rowid) as thread,
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

_DAY_PERIODS = """(
    select day, 'week' as grain, strftime(week, '%Y-%m-%d') as period from days
    union all
    select day, 'month', strftime(month, '%Y-%m-%d') from days
    union all
    select day, 'quarter', strftime(quarter, '%Y-%m-%d') from days
)"""

_ATTENDED = f"""
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
select day_periods.grain, day_periods.period, listed.person,
       count_if(attended) as events_attended,
       count_if(is_registered) as registrations,
       count_if(is_registered and attended) as registrations_kept,
       bool_or(attended and listed.day = first_day) as is_first_event
from listed
join {_DAY_PERIODS} as day_periods
  on day_periods.day = listed.day
group by all
"""

_ACTIVE = f"""
create or replace temp table active_days as
select person, date_trunc('week', atom)::date + weekday::integer as day
from member_atoms
cross join range(7) as weekdays(weekday)
where day_mask & (1 << weekday::integer) <> 0;

create or replace temp table acted as
select day_periods.grain, day_periods.period, member_atoms.person,
       sum(member_atoms.interactions)::bigint as interactions,
       sum(member_atoms.contributions)::bigint as contributions
from member_atoms
join {_DAY_PERIODS} as day_periods
  on day_periods.day = member_atoms.atom
group by all;

create or replace temp table seen_days as
select person, day
from active_days
union
select attendance.person, events.day
from people_at_events as attendance
join events
  on events.event_id = attendance.event_id
where attendance.attended
  and events.day <= getvariable('as_of');
"""

# The four seven-day blocks that end on a period's last day, as bits; block 0 is the newest.
_BLOCKS = """
create or replace temp table blocks as
select person, 'week' as grain,
       strftime(date_trunc('week', atom)::date + (7 * block)::integer, '%Y-%m-%d') as period,
       bit_or((1 << block::integer)::integer) as active_blocks
from member_atoms
cross join range(4) as back(block)
group by all
union all
select active_days.person, periods.grain, periods.period,
       bit_or((1 << ((periods.ends_on - active_days.day) // 7)::integer)::integer)
from active_days
join periods
  on periods.grain in ('month', 'quarter')
 and active_days.day between periods.ends_on - 27 and periods.ends_on
group by all
"""

_THREADS = f"""
create or replace temp table started as
select day_periods.grain, day_periods.period, threads.starter as person,
       count(*) as threads_started,
       count_if(coalesce(threads.replied_at <= threads.started_at + interval {REPLY_DAYS} day, false)) as threads_answered,
       count_if(threads.is_question) as questions,
       count_if(threads.is_question and threads.replied_at <= threads.started_at + interval {ANSWER_HOURS} hour)
           as questions_answered
from threads
join {_DAY_PERIODS} as day_periods
  on day_periods.day = threads.started_on
group by all
"""

_TALK = f"""
create or replace temp table directed as
select day_periods.grain, day_periods.period, pair_atoms.actor, pair_atoms.target,
       sum(pair_atoms.interactions)::bigint as interactions
from pair_atoms
join {_DAY_PERIODS} as day_periods
  on day_periods.day = pair_atoms.atom
group by all;

create or replace temp table talk as
select directed.grain, directed.period, directed.actor as person,
       sum(directed.interactions)::bigint as addressed,
       sum(case when sender.member_type = 'member' and receiver.member_type = 'member'
                then directed.interactions else 0 end)::bigint as between_members
from directed
join roster as sender
  on sender.grain = directed.grain
 and sender.period = directed.period
 and sender.person = directed.actor
join roster as receiver
  on receiver.grain = directed.grain
 and receiver.period = directed.period
 and receiver.person = directed.target
group by all;

create or replace temp table ties as
select distinct directed.grain, directed.period,
       least(directed.actor, directed.target) as person,
       greatest(directed.actor, directed.target) as partner
from directed
join roster as sender
  on sender.grain = directed.grain
 and sender.period = directed.period
 and sender.person = directed.actor
 and sender.member_type = 'member'
join roster as receiver
  on receiver.grain = directed.grain
 and receiver.period = directed.period
 and receiver.person = directed.target
 and receiver.member_type = 'member';

create or replace temp table partners as
select grain, period, person, count(*) as partners
from (
    select grain, period, person from ties
    union all
    select grain, period, partner from ties
)
group by all;
"""

_PANEL = f"""
create or replace temp table panel as
with next_periods as (
    select grain, period, lead(period) over (partition by grain order by ordinal) as next_period
    from periods
),
last_seen as (
    select roster.grain, roster.period, roster.person, seen_days.day
    from roster
    asof join seen_days
      on seen_days.person = roster.person
     and seen_days.day <= roster.ends_on
)
select roster.grain, roster.period, next_periods.next_period, roster.person,
       coalesce(roster.joined_on > roster.ends_on - {NEWCOMER_DAYS}, false) as is_newcomer,
       coalesce(attended.events_attended, 0) as events_attended,
       coalesce(attended.registrations, 0) as registrations,
       coalesce(attended.registrations_kept, 0) as registrations_kept,
       coalesce(attended.is_first_event, false) as is_first_event,
       coalesce(attends_next.events_attended > 0, false) as attends_next,
       coalesce(acted.interactions, 0) as interactions,
       coalesce(acted.contributions, 0) as contributions,
       coalesce(acts_next.interactions > 0, false) as is_active_next,
       coalesce(blocks.active_blocks, 0) as active_blocks,
       coalesce(last_seen.day > roster.ends_on - {REACH_DAYS}, false) as is_seen,
       coalesce(started.threads_started, 0) as threads_started,
       coalesce(started.threads_answered, 0) as threads_answered,
       coalesce(started.questions, 0) as questions,
       coalesce(started.questions_answered, 0) as questions_answered,
       coalesce(partners.partners, 0) as partners--segments
from roster
join next_periods using (grain, period)
left join attended using (grain, period, person)
left join acted using (grain, period, person)
left join blocks using (grain, period, person)
left join started using (grain, period, person)
left join partners using (grain, period, person)
left join last_seen using (grain, period, person)
left join roster as still_here
  on still_here.grain = roster.grain
 and still_here.period = next_periods.next_period
 and still_here.person = roster.person
 and still_here.member_type = 'member'
left join attended as attends_next
  on attends_next.grain = still_here.grain
 and attends_next.period = still_here.period
 and attends_next.person = still_here.person
left join acted as acts_next
  on acts_next.grain = still_here.grain
 and acts_next.period = still_here.period
 and acts_next.person = still_here.person
where roster.member_type = 'member'
"""
