"""Watch: who has gone quiet, who stands alone, and which questions wait, as of the day of publishing.

The people themselves go on lists in the restricted file (`metrics/lists.py`); alerts only know how many there are.
Behaviour only: nothing here ever reads an answer of a survey. Opted-out members are nowhere in it.
"""

import duckdb

SILENT_DAYS = 28
FRESH_DAYS = 7
FRESH_EVENT_DAYS = 35 + FRESH_DAYS  # two first Tuesdays of a month lie up to 35 days apart
WEEKS_BEFORE = 12
ACTIVE_WEEKS = 5
SILENT_NEWCOMER_DAYS = 30
NEWCOMER_DAYS = 90
SETTLING_DAYS = 14
WAITING_HOURS = 48
WAITING_UP_TO_DAYS = 14

_PRESENT = """
create or replace temp table present as
select versions.person, versions.joined_on, members.no_lists, people.member_id, coalesce(members.name, people.member_id) as name
from versions
join members
  on members.person = versions.person
 and members.valid_from = versions.stored_from
join people
  on people.person = versions.person
where versions.member_type = 'member'
  and versions.valid_from <= getvariable('as_of')
  and versions.valid_to > getvariable('as_of')
  and (versions.joined_on is null or versions.joined_on <= getvariable('as_of'))
  and (versions.left_on is null or versions.left_on > getvariable('as_of'));
"""

# The last whole day that every source reaches. A quiet chat says it within the week; events have a month between them. A tool
# of which there is one event is not waited for.
_SEEN_TO = f"""
create or replace temp table seen_to as
with series as (
    select batches.source
    from attendance
    join events using (event_id)
    join batches
      on batches.batch = attendance.batch
    where events.day <= getvariable('as_of')
    group by all
    having count(distinct events.day) > 1
)
select coalesce(min(covers_to), date '0001-01-01') as day,
       min(covers_to) filter (kind = 'interactions') as day_of_talk,
       coalesce(day_of_talk >= getvariable('as_of') - {FRESH_DAYS}, false) as knows_talk,
       (knows_talk or day_of_talk is null) and day >= getvariable('as_of') - {FRESH_EVENT_DAYS} as knows_actions
from (
    select kind, least(covers_to, getvariable('as_of') - 1) as covers_to
    from source_spans
    where ended_on is null
      and (kind = 'interactions' or (kind = 'attendance' and source in (select source from series)))
);
"""

_DRIFTING = f"""
create or replace temp table drifting_members as
with days as (
    select present.person, action_days.day
    from present
    join action_days using (person)
)
select days.person, max(days.day) as last_day,
       count(distinct (seen_to.day - {SILENT_DAYS} - days.day) // 7)
           filter (days.day > seen_to.day - {SILENT_DAYS + 7 * WEEKS_BEFORE}) as active_weeks
from days
cross join seen_to
where seen_to.knows_actions
group by days.person, seen_to.day
having max(days.day) <= seen_to.day - {SILENT_DAYS}
   and active_weeks >= {ACTIVE_WEEKS};
"""

_NEWCOMERS = f"""
create or replace temp table new_members as
with newcomers as (
    select person
    from present
    where joined_on > getvariable('as_of') - {NEWCOMER_DAYS}
),
partners as (
    select actor as person, target as partner from pair_atoms semi join newcomers on newcomers.person = pair_atoms.actor
    union
    select target, actor from pair_atoms semi join newcomers on newcomers.person = pair_atoms.target
),
known as (
    select partners.person, count(*) as partners
    from partners
    join present as other
      on other.person = partners.partner
    group by all
)
select present.person, present.joined_on, coalesce(known.partners, 0) as partners,
       getvariable('as_of') - present.joined_on as days_here, last_day.day as last_day
from present
left join known using (person)
left join (
    select person, max(day) as day
    from action_days
    group by all
) as last_day using (person)
where present.joined_on > getvariable('as_of') - {NEWCOMER_DAYS};
"""

_WAITING = f"""
create or replace temp table waiting_threads as
select starter, started_at
from threads
join present
  on present.person = threads.starter
cross join seen_to
where seen_to.knows_talk
  and threads.replied_at is null
  and threads.is_question
  and threads.started_at <= start_of(seen_to.day_of_talk + 1) - interval {WAITING_HOURS} hour
  and threads.started_on > getvariable('as_of') - {WAITING_UP_TO_DAYS};
"""

_COUNTS = f"""
create or replace temp table watched as
select 'unanswered' as kind, count(*) as count, local_time(min(started_at))::date as since from waiting_threads
union all
select 'silent newcomers', count(*), min(joined_on) + {SILENT_NEWCOMER_DAYS}
from new_members
cross join seen_to
where seen_to.knows_actions
  and seen_to.day + 1 - joined_on >= {SILENT_NEWCOMER_DAYS}
  and (last_day is null or last_day < joined_on)
union all
select 'drifting members', count(*), min(last_day) + {SILENT_DAYS} from drifting_members
"""


def watch_people(connection: duckdb.DuckDBPyConnection) -> None:
    """Temp tables `present`, `seen_to`, `drifting_members`, `new_members`, `waiting_threads`, and their counts in `watched`.

    Needs what behaviour metrics leave behind (`action_days`, `threads`, `pair_atoms`). `seen_to`: the last day that every
    source reaches, to which silence is counted, and whether that is near enough to say something of talk and of actions;
    where a source stopped the silence would be ours.
    """
    for statement in (_PRESENT, _SEEN_TO, _DRIFTING, _NEWCOMERS, _WAITING, _COUNTS):
        connection.execute(statement)
