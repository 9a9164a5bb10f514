"""Conduct: one row per member and period with what the weeks before say about them.

An action is an interaction or an attended event. The panel says what a member did in a period; conduct says how
steadily, how long ago, and how far they have gone into the community.
"""

import duckdb

from metrics.calendars import weigh_members

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

create or replace temp view seen_days as
select person, date_trunc('week', atom)::date + weekday::integer as day
from action_atoms
cross join range(7) as weekdays(weekday)
where day_mask & (1 << weekday::integer) <> 0;
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

    `action_atoms`: days with an action, by atom; `seen_days` has them one by one. `weighed`, `starters` and `leaders`:
    number (of the period), person and what the conduct of members says.
    """
    for statement in (_ACTIONS, _STARTERS, _LEADERS):
        connection.execute(statement)
    weigh_members(connection)
