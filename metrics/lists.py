"""Named lists: people to write to, to thank and to bring together. For managers only, in a file of its own.

Behaviour only, never an answer of a survey. Who is opted out is in no data here; who asked for no lists (`no_lists`)
is counted everywhere and named nowhere. A deployment for viewers does not carry the file.
"""

from collections.abc import Sequence
from pathlib import Path

import duckdb

from data.deployment import NAMED_LISTS
from metrics.watch import SETTLING_DAYS

LONGEST = 50
BRIDGES = 10
INTRODUCTIONS = 20
HELPED_DAYS = 28
TALKED_WEEKS = 4
QUIET_WEEKS = 8
ON_TOPIC_DAYS = 90
ON_TOPIC = 3

_TABLES = """
create table manifest (name varchar primary key, value varchar not null);

-- one row per person on a list: drifting members, newcomers without ties, people to thank
create table people_lists (
    list varchar not null, position integer not null, member_id varchar not null, name varchar not null, team varchar,
    since date, reason varchar not null
);

-- one row per two members of different teams who write on the same topic and have no tie
create table introductions (
    position integer not null, topic varchar not null, member_id varchar not null, name varchar not null, team varchar,
    other_id varchar not null, other_name varchar not null, other_team varchar
);

-- one row per member with ties to other teams in the last whole quarter, most teams first
create table bridges (
    position integer not null, period varchar not null, member_id varchar not null, name varchar not null, team varchar,
    other_teams integer not null, ties integer not null
);

-- one row per two members who talked week by week and stopped
create table quiet_pairs (
    position integer not null, member_id varchar not null, name varchar not null, other_id varchar not null,
    other_name varchar not null, weeks integer not null, since date not null
);
"""

_NAMED = """
create or replace temp view named as
select present.person, present.member_id, present.name, {team} as team
from present
left join roster
  on roster.person = present.person
 and roster.grain = 'week'
 and roster.period = (select max(period) from periods where grain = 'week')
where not present.no_lists
"""

_PEOPLE = f"""
insert into restricted.people_lists
with listed as (
    select 'drifting members' as list, person, last_day as since, active_weeks as weight,
           'acted in ' || active_weeks || ' of 12 weeks, and not since' as reason
    from drifting_members
    union all
    select 'newcomers without ties', person, joined_on, days_here,
           case when last_day is null and knows_actions then 'joined ' || days_here || ' days ago, nothing yet'
                else 'joined ' || days_here || ' days ago, nobody to talk with yet' end
    from new_members
    cross join seen_to
    where seen_to.knows_talk
      and partners = 0
      and days_here >= {SETTLING_DAYS}
    union all
    select 'people to thank', replier, local_time(min(replied_at))::date, count(*),
           'answered ' || count(*) || case when count(*) = 1 then ' thread' else ' threads' end || ' of others first'
    from threads
    where replied_at >= getvariable('as_of_start') - interval {HELPED_DAYS} day
      and replied_at < getvariable('as_of_start')
    group by replier
    having count(*) >= 2
),
ranked as (
    select listed.list, row_number() over (partition by list order by weight desc, since desc, member_id) as position,
           member_id, name, team, since, reason
    from listed
    join named using (person)
)
select *
from ranked
where position <= {LONGEST}
order by list, position
"""

_INTRODUCTIONS = f"""
insert into restricted.introductions
with writers as (
    select member_topics.topic, named.*, sum(contributions) as contributions
    from member_topics
    join named using (person)
    where atom > getvariable('as_of') - {ON_TOPIC_DAYS}
      and team is not null
    group by all
    having sum(contributions) >= {ON_TOPIC}
),
foremost as (
    select *, row_number() over (partition by topic, team order by contributions desc, member_id) as place
    from writers
    qualify place <= 3
),
pairs as (
    select one.topic, one.person as a, other.person as b, one.member_id, one.name, one.team, other.member_id as other_id,
           other.name as other_name, other.team as other_team, one.contributions + other.contributions as weight
    from foremost as one
    join foremost as other
      on other.topic = one.topic
     and other.team > one.team
),
apart as (
    select *, row_number() over (partition by least(a, b), greatest(a, b) order by weight desc, topic) as turn
    from pairs
    anti join (
        select least(actor, target) as a, greatest(actor, target) as b
        from pair_atoms
        semi join foremost
          on foremost.person = pair_atoms.actor
    ) as tied
      on tied.a = least(pairs.a, pairs.b)
     and tied.b = greatest(pairs.a, pairs.b)
)
select row_number() over (order by weight desc, topic, member_id, other_id) as position, topic, member_id, name, team, other_id,
       other_name, other_team
from apart
where turn = 1
order by position
limit {INTRODUCTIONS}
"""

_QUIET = f"""
insert into restricted.quiet_pairs
with weeks as (
    select distinct least(actor, target) as a, greatest(actor, target) as b, date_trunc('week', atom)::date as week
    from pair_atoms
    where atom > getvariable('as_of') - {7 * (QUIET_WEEKS + 12)}
),
stopped as (
    select a, b, count(*) as weeks, max(week) as last_week
    from weeks
    group by all
    having count(*) >= {TALKED_WEEKS}
       and max(week) <= getvariable('as_of') - {7 * QUIET_WEEKS}
)
select row_number() over (order by weeks desc, last_week desc, one.member_id, other.member_id) as position, one.member_id, one.name,
       other.member_id as other_id, other.name as other_name, weeks, last_week + 6 as since
from stopped
join named as one
  on one.person = stopped.a
join named as other
  on other.person = stopped.b
order by position
limit {LONGEST}
"""


_BRIDGES = f"""
insert into restricted.bridges
select row_number() over (order by place) as position, period, member_id, name, team, other_teams, ties
from bridge_ranks
join named using (person)
where period = (select max(period) from periods where grain = 'quarter' and complete)
order by place
limit {BRIDGES}
"""


def write_lists(connection: duckdb.DuckDBPyConnection, folder: Path, dimensions: Sequence[str]) -> None:
    """Write `restricted.duckdb` into the folder of a snapshot; needs `watch_people`, `bridge_ranks` and the rollups."""
    file = folder / f"{NAMED_LISTS}.duckdb"
    home = connection.execute("select current_catalog()").fetchone()
    connection.execute(f"attach '{str(file).replace(chr(39), chr(39) * 2)}' as restricted")
    try:
        connection.execute("use restricted")
        connection.execute(_TABLES)
        connection.execute(f'use "{home[0] if home else "warehouse"}"')
        connection.execute("insert into restricted.manifest values ('id', ?), ('role', 'manager')", [folder.name])
        connection.execute(_NAMED.format(team="roster.s0" if dimensions else "null::varchar"))
        for statement in (_PEOPLE, _INTRODUCTIONS, _BRIDGES, _QUIET):
            connection.execute(statement)
    finally:
        connection.execute(f'use "{home[0] if home else "warehouse"}"')
        connection.execute("detach restricted")
    file.chmod(0o600)
