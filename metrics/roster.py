"""The roster: who is in the community in each period, as what, and in which group."""

from collections.abc import Sequence

import duckdb

from metrics.metric import ALL


def choose_dimensions(connection: duckdb.DuckDBPyConnection, wanted: Sequence[str]) -> tuple[str, ...]:
    """The dimensions numbers are cut by: those of the settings that a roster or a survey fills, else all of them, by name."""
    rows = connection.execute(
        """select dimension from segments
           union
           select dimension from respondent_segments
           order by dimension"""
    ).fetchall()
    known = [name for (name,) in rows if name != ALL]
    return tuple(name for name in wanted if name in known) if wanted else tuple(known)


def lay_out_roster(connection: duckdb.DuckDBPyConnection, dimensions: Sequence[str]) -> None:
    """Temp tables `community` (person), `roster` and `stays`, and views of who is in which group and of `memberships`. Needs the periods.

    `memberships`: person, first_day, last_day (inclusive), the days on which somebody is a member, one row a version.

    `roster`: grain, period, number (of the period), person, member_type, joined_on, s0, s1, …, one row per person and
    period: joined by its last day, not left before its first; bots and opted-out members are not in it, staff are,
    marked. The first version of a member holds from always. Whoever left and came back was away in between, until
    the day on which the roster has them again or the new first day that it gives them, and is on the roster once where
    both lie in one period. `stays`: the runs of periods in which somebody is on the
    roster as one version of themselves, from the first period's first day to the last one's last; there are few of
    them, so who did something on a day, as what and in which group is quickly found there.
    """
    connection.execute(_VERSIONS)
    names = [f"s{position}" for position in range(len(dimensions))]
    cuts = "".join(
        f", any_value(segment) filter (dimension = $d{position})::segment_name as {name}"
        for position, name in enumerate(names)
    )
    connection.execute(
        _ROSTER.replace("--segments", cuts), {f"d{position}": name for position, name in enumerate(dimensions)}
    )
    connection.execute(_STAYS.replace("--segments", "".join(f", any_value({name}) as {name}" for name in names)))


_VERSIONS = """
create or replace temp table versions as
with known as (
    select *,
           row_number() over (partition by person order by valid_from) as nth,
           last_value(opted_out) over whole as person_opted_out,
           last_value(member_type) over whole as last_type,
           lag(left_on) over (partition by person order by valid_from) as left_before,
           coalesce(joined_on > left_before, false) as joins_anew,
           coalesce(left_before < valid_from and (left_on is null or left_on > valid_from or joins_anew), false) as is_return,
           case when is_return and joins_anew then least(valid_from, joined_on) else valid_from end as begins_on
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
),
stayed as (
    select *,
           lead(begins_on) over (partition by person order by valid_from) as valid_to,
           count_if(is_return) over (partition by person order by valid_from) as stay,
           min(case when is_return then begins_on end) over (
               partition by person
               order by valid_from
               rows between 1 following and unbounded following
           ) as returned_on
    from known
)
select person, valid_from as stored_from,
       case when nth = 1 then date '0001-01-01' else begins_on end as valid_from,
       coalesce(valid_to, date '9999-12-31') as valid_to,
       member_type, last_value(joined_on) over stay_of_person as joined_on, last_value(left_on) over stay_of_person as left_on,
       returned_on, stay = 0 as is_first_stay, last_type
from stayed
where not person_opted_out
window stay_of_person as (
    partition by person, stay
    order by valid_from
    rows between unbounded preceding and unbounded following
);

-- Who registered by one of their ids and came by another, or by two at once, is one person.
create or replace temp table people_at_events as
select attendance.event_id, coalesce(aliases.member, attendance.person) as person, bool_or(attendance.attended) as attended,
       bool_or(attendance.registered) as registered,
       max(attendance.minutes) as minutes,
       case
           when bool_or(attendance.registered and not coalesce(attendance.cancelled, false)) then false
           else bool_or(attendance.cancelled)
       end as cancelled
from attendance
left join aliases using (person)
group by all;

create or replace temp view memberships as
select person, greatest(valid_from, coalesce(joined_on, valid_from)) as first_day,
       least(valid_to - 1, coalesce(left_on, valid_to - 1)) as last_day
from versions
where member_type = 'member';

create or replace temp table community as
select distinct person
from versions
where last_type <> 'bot';

create or replace temp type member_type_name as enum (
    select distinct member_type
    from versions
    order by member_type
);

-- "all" is the whole community in every result, so what somebody called so goes by another name.
create or replace temp macro apart_from_all(name) as case name::varchar when 'all' then '#all' else name::varchar end;

create or replace temp view member_groups as
select person, valid_from, dimension, apart_from_all(segment) as segment
from segments
where dimension <> 'all';

create or replace temp view respondent_groups as
select wave, respondent, dimension, apart_from_all(segment) as segment
from respondent_segments
where dimension <> 'all';

create or replace temp type segment_name as enum (
    select distinct segment
    from member_groups
    order by segment
);
"""

_ROSTER = """
create or replace temp table roster as
with placed as (
    select periods.grain, periods.period, periods.number, periods.starts_on, periods.ends_on, versions.person,
           versions.member_type::member_type_name as member_type, versions.joined_on, versions.stored_from
    from periods
    join versions
      on (versions.joined_on is null or versions.joined_on <= periods.ends_on)
     and (versions.left_on is null or versions.left_on > periods.starts_on)
     and least(periods.ends_on, coalesce(versions.left_on, periods.ends_on)) >= versions.valid_from
     and least(periods.ends_on, coalesce(versions.left_on, periods.ends_on)) < versions.valid_to
     and (versions.returned_on is null or versions.returned_on > periods.ends_on)
    where versions.member_type <> 'bot'
),
cut as (
    select person, valid_from as stored_from--segments
    from member_groups
    group by all
)
select placed.*, cut.* exclude (person, stored_from)
from placed
left join cut
  on cut.person = placed.person
 and cut.stored_from = placed.stored_from
"""

_STAYS = """
create or replace temp table stays as
select row_number() over (order by grain, person, stored_from)::integer as stay, *
from (
    select grain, person, stored_from, any_value(member_type) = 'member' as is_member, min(starts_on) as first_day,
           max(ends_on) as last_day--segments
    from roster
    group by grain, person, stored_from
)
"""
