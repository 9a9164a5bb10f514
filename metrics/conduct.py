"""Conduct: one row per member and period with what the weeks before say about them.

An action is an interaction or an attended event. The panel says what a member did in a period; conduct says how
steadily, how long ago, and how far they have gone into the community.
"""

import duckdb

CONDUCT_COLUMNS = {
    "grain": "string",
    "period": "string",
    "person": "int32",
    "days_since_action": "int32",
    "action_weeks": "int32",
    "flow": "string",
    "active_workdays": "int32",
    "is_active_in_28_days": "boolean",
    "has_started_in_90_days": "boolean",
    "is_active_in_90_days": "boolean",
    "step": "int32",
}

HABIT_WEEKS = 12
WORKDAYS = 31  # the mask of Monday to Friday


def _weekdays(first: int, last: int) -> str:
    """SQL: the weekdays of `week` from `first` to `last` days before a period's last day, as a mask."""
    until = f"greatest(0, least(7, ends_on - week - {last} + 1))"
    since = f"greatest(0, least(7, ends_on - week - {first}))"
    return f"((1 << {until}::integer) - (1 << {since}::integer))::utinyint"


_ACTIONS = """
create or replace temp table action_atoms as
select person, atom, bit_or(day_mask) as day_mask
from (
    select person, atom, day_mask
    from member_atoms
    union all
    select attendance.person, greatest(date_trunc('week', events.day), date_trunc('month', events.day))::date,
           (1 << (isodow(events.day) - 1))::integer
    from people_at_events as attendance
    join events
      on events.event_id = attendance.event_id
    where attendance.attended
      and events.day <= getvariable('as_of')
)
group by all;

create or replace temp table last_actions as
select person, atom, date_trunc('week', atom)::date + (length(bin(day_mask)) - 1)::integer as day
from action_atoms;

create or replace temp view seen_days as
select person, date_trunc('week', atom)::date + weekday::integer as day
from action_atoms
cross join range(7) as weekdays(weekday)
where day_mask & (1 << weekday::integer) <> 0;
"""

# The weekdays of each week that lie in the window that ends on a period's last day, as masks. The four blocks are the
# seven days each that end there, the newest first.
_WINDOWS = f"""
create or replace temp table window_weeks as
select number, week, {_weekdays(27, 0)} as days_28, {_weekdays(89, 0)} as days_90,
       {", ".join(f"{_weekdays(7 * block + 6, 7 * block)} as block_{block}" for block in range(4))}
from (
    select *, date_trunc('week', ends_on)::date - (7 * back)::integer as week
    from periods
    cross join range(14) as weeks(back)
)
where week > ends_on - 96
  and (grain = 'quarter' or week > ends_on - 34)
"""

_STEADINESS = f"""
create or replace temp table steadiness as
select window_weeks.number, member_atoms.person,
       sum(bit_count((day_mask & days_28 & {WORKDAYS})::utinyint))::utinyint as active_workdays,
       bit_or({" + ".join(f"case when day_mask & block_{block} <> 0 then {1 << block} else 0 end" for block in range(4))})::utinyint
           as active_blocks,
       bool_or(day_mask & days_90 <> 0) as is_active_in_90_days
from (
    select person, date_trunc('week', atom)::date as week, bit_or(day_mask)::utinyint as day_mask
    from member_atoms
    group by all
) as member_atoms
join window_weeks using (week)
group by all
"""

# Weeks with an action among the twelve that ended last; those of a month or quarter are those of its last whole week.
_HABITS = f"""
create or replace temp table habits as
with weeks as (
    select distinct person, date_trunc('week', atom)::date as week
    from action_atoms
),
counted as (
    select person, week + (7 * ahead)::integer as week, count(*)::utinyint as action_weeks
    from weeks
    cross join range({HABIT_WEEKS}) as later(ahead)
    group by all
)
select periods.number, counted.person, counted.action_weeks
from counted
join periods
  on counted.week = date_trunc('week', periods.ends_on + 1)::date - 7
"""

# Whether a member who acts in a period did so in the one before, ever before, or never.
_FLOWS = """
create or replace temp type flow_name as enum ('dormant', 'new', 'resurrected', 'returning');

create or replace temp table flows as
with acts as (
    select distinct day_grains.grain, day_grains.number, action_atoms.person
    from action_atoms
    join day_grains
      on day_grains.day = action_atoms.atom
)
select number, person,
       (case number - lag(number) over (partition by grain, person order by number)
           when 1 then 'returning'
           else case when row_number() over (partition by grain, person order by number) = 1 then 'new' else 'resurrected' end
       end)::flow_name as flow
from acts
"""

_STARTERS = """
create or replace temp table starters as
select distinct periods.number, threads.starter as person
from threads
join periods
  on periods.grain = 'quarter'
 and threads.started_on between periods.ends_on - 89 and periods.ends_on
"""

_LEADERS = """
create or replace temp table leaders as
select distinct day_grains.number, led.person
from (
    select coalesce(aliases.member, events.host) as person, events.day
    from events
    left join aliases
      on aliases.person = events.host
    where events.host is not null
    union all
    select coalesce(aliases.member, attendance.person), events.day
    from attendance
    join events
      on events.event_id = attendance.event_id
    left join aliases
      on aliases.person = attendance.person
    where attendance.attended
      and attendance.part in ('host', 'speaker')
) as led
join day_grains
  on day_grains.day = led.day
 and day_grains.grain = 'quarter'
"""


def weigh_conduct(connection: duckdb.DuckDBPyConnection) -> None:
    """Temp tables of what each person did before the end of each period, on the roster or not; needs the rollups.

    `action_atoms` and `last_actions`: days with an action, by atom; `seen_days` has them one by one. `steadiness`,
    `habits`, `flows`, `starters` and `leaders`: number (of the period), person and what the conduct of members says.
    """
    for statement in (_ACTIONS, _WINDOWS, _STEADINESS, _HABITS, _FLOWS, _STARTERS, _LEADERS):
        connection.execute(statement)
