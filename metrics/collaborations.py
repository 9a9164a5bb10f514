"""Collaborations: what members start together, whether it crosses teams, and what becomes of it."""

from collections.abc import Mapping

import duckdb
import pandas as pd

from metrics.cells import Tally, tally
from metrics.hand_kept import final_after
from metrics.metric import Better, Grain, Metric, Source, Unit
from metrics.survival import median_wait

HORIZON = 180
DELIVERED = ("delivered", "done", "completed")

COLLABORATION_CARDS = (
    Metric(
        name="micro_collaborations",
        title="Micro-collaborations started",
        question="Do members try things together in twos and threes?",
        formula="collaborations of the kind micro that began in the quarter",
        unit=Unit.COUNT,
        better=Better.HIGHER,
        grains=(Grain.QUARTER,),
        needs=(Source.COLLABORATIONS,),
        reading="A count; many small beginnings are how joint projects come about.",
        reference="Hearth's own.",
        caveats="Only what is written down counts, and most small collaborations never are.",
        practices=("micro-collaboration",),
        additive=True,
    ),
    Metric(
        name="collaborations_across_teams",
        title="Collaborations across groups",
        question="Do people of different groups start things together?",
        formula="collaborations begun in the quarter with members of at least two groups / those with at least two members whose group is known; groups of the first dimension",
        unit=Unit.SHARE,
        better=Better.HIGHER,
        grains=(Grain.QUARTER,),
        needs=(Source.COLLABORATIONS, Source.ROSTER),
        reading="0: all stay within a group; 1: each of them bridges groups.",
        reference="Hearth's own.",
        caveats="Larger collaborations cross groups more easily. The group is that of the quarter's last day.",
        practices=("silos", "micro-collaboration"),
        additive=True,
    ),
    Metric(
        name="micro_to_joint",
        title="Micro-collaborations that grew",
        question="Do small beginnings become projects?",
        formula=f"micro-collaborations begun in the quarter that became joint within {HORIZON} days / micro-collaborations begun in the quarter",
        unit=Unit.SHARE,
        better=Better.HIGHER,
        grains=(Grain.QUARTER,),
        needs=(Source.COLLABORATIONS,),
        reading="0: none grew; 1: each became a project of the community.",
        reference="Hearth's own.",
        caveats=f"Small may be the right size. Changes for {HORIZON} days after the quarter's end.",
        practices=("micro-collaboration",),
        additive=True,
    ),
    Metric(
        name="collaboration_reach",
        title="Members in a collaboration",
        question="What share of members works on something with others?",
        formula="members in a collaboration that ran in the quarter / roster",
        unit=Unit.SHARE,
        better=Better.HIGHER,
        grains=(Grain.QUARTER,),
        needs=(Source.COLLABORATIONS, Source.ROSTER),
        reading="0: nobody; 1: everybody is in at least one.",
        reference="Hearth's own.",
        caveats="A collaboration without a last day runs on. Only what is written down counts.",
        practices=("micro-collaboration",),
    ),
    Metric(
        name="joint_actions",
        title="Joint projects delivered",
        question="Do joint projects come to an end?",
        formula=f"joint projects begun in the quarter and delivered within {HORIZON} days / joint projects begun in the quarter",
        unit=Unit.SHARE,
        better=Better.HIGHER,
        grains=(Grain.QUARTER,),
        needs=(Source.COLLABORATIONS,),
        reading="0: none was delivered in time; 1: all were.",
        reference="Hearth's own.",
        caveats=f"Delivered: the status says {', '.join(DELIVERED[:-1])} or {DELIVERED[-1]}, and the last day is known. A micro-collaboration begins as a joint project on the day it became one. Changes for {HORIZON} days after the quarter's end.",
        practices=("joint-action",),
        additive=True,
    ),
    Metric(
        name="joint_action_days",
        title="Days until a joint project is delivered",
        question="How long does a joint project take?",
        formula=f"Kaplan-Meier median of the days from the beginning to delivery, of joint projects begun in the quarter, watched for {HORIZON} days",
        unit=Unit.DAYS,
        better=Better.LOWER,
        grains=(Grain.QUARTER,),
        needs=(Source.COLLABORATIONS,),
        reading=f"By then half were delivered; empty means that the median is beyond {HORIZON} days.",
        reference="Kaplan and Meier 1958; interval by Brookmeyer and Crowley 1982.",
        caveats="Projects that still run, and those that were dropped, count as not delivered yet: a median of finished ones alone would be too short.",
        practices=("joint-action",),
    ),
)

_IN_QUARTER = """
join periods
  on periods.grain = 'quarter'
 and work.{day} between periods.starts_on and periods.ends_on
"""

_MICRO = """
insert into cells by name
select 'micro_collaborations' as metric, periods.grain, periods.period, 'all' as dimension, 'all' as segment,
       'all' as breakdown, count(work.collaboration_id) as value
from periods
left join joint_work as work
  on work.kind = 'micro'
 and work.started_on between periods.starts_on and periods.ends_on
where periods.grain = 'quarter'
  and periods.ends_on >= (select min(started_on) from joint_work)
group by all
"""

_GREW = f"""
insert into register_results by name
select 'micro_to_joint' as metric, periods.grain, periods.period, 'all' as dimension, 'all' as segment, 'all' as breakdown,
       count_if(coalesce(work.became_joint_on <= work.started_on + {HORIZON}, false)) as numerator,
       count(*) as denominator, numerator / denominator as value, count(*) as people, {final_after(HORIZON)} as status
from joint_work as work
{_IN_QUARTER.format(day="started_on")}
where work.kind = 'micro'
group by all
"""

_PROJECTS = f"""
create or replace temp table joint_projects as
select periods.grain, periods.period, {final_after(HORIZON)} as status, work.*,
       least({HORIZON}, getvariable('as_of') - work.began_on,
             case when work.is_delivered then work.ended_on - work.began_on end) as days,
       work.is_delivered and work.ended_on <= work.began_on + {HORIZON} as is_in_time
from (
    select collaboration_id, case when kind = 'joint' then started_on else became_joint_on end as began_on, ended_on,
           ended_on is not null and list_contains($delivered, coalesce(status, '')) as is_delivered
    from joint_work
    where kind = 'joint'
       or (kind = 'micro' and became_joint_on is not null)
) as work
{_IN_QUARTER.format(day="began_on")}
"""

_DELIVERED = """
insert into register_results by name
select 'joint_actions' as metric, grain, period, 'all' as dimension, 'all' as segment, 'all' as breakdown,
       count_if(is_in_time) as numerator, count(*) as denominator, numerator / denominator as value,
       count(*) as people, status
from joint_projects
group by all
"""

_ACROSS = """
insert into cells by name
with placed as (
    select work.collaboration_id, periods.grain, periods.period, list(distinct work.person) as members,
           count(distinct roster.{group}) as groups
    from people_in_joint_work as work
    join periods
      on periods.grain = 'quarter'
     and work.started_on between periods.starts_on and periods.ends_on
    join roster
      on roster.grain = periods.grain
     and roster.period = periods.period
     and roster.person = work.person
     and roster.member_type = 'member'
     and roster.{group} is not null
    group by all
)
select 'collaborations_across_teams' as metric, grain, period, 'all' as dimension, 'all' as segment, 'all' as breakdown,
       count_if(groups > 1) as numerator, count(*) as denominator,
       len(list_distinct(flatten(list(members)))) as people
from placed
where len(members) > 1
group by all
"""

_MEMBERS = """(
    with working as (
        select distinct periods.grain, periods.period, work.person
        from people_in_joint_work as work
        join periods
          on periods.grain = 'quarter'
         and work.started_on <= periods.ends_on
         and (work.ended_on is null or work.ended_on >= periods.starts_on)
    )
    select roster.*, working.person is not null as is_working
    from roster
    left join working using (grain, period, person)
    where roster.grain = 'quarter'
      and roster.member_type = 'member'
      and roster.ends_on >= (select min(started_on) from joint_work)
)"""


def count_collaborations(connection: duckdb.DuckDBPyConnection, columns: Mapping[str, str]) -> None:
    """Add the numbers of COLLABORATION_CARDS, by quarter; the share of members by segment too."""
    connection.execute(_MICRO)
    connection.execute(_GREW)
    for group in list(columns.values())[:1]:
        connection.execute(_ACROSS.format(group=group))
    reach = Tally(
        "collaboration_reach", numerator="count_if(is_working)", denominator="count(*)", grains=(Grain.QUARTER,)
    )
    tally(connection, _MEMBERS, [reach], columns)
    connection.execute(_PROJECTS, {"delivered": list(DELIVERED)})
    connection.execute(_DELIVERED)
    _time_projects(connection)


def _time_projects(connection: duckdb.DuckDBPyConnection) -> None:
    projects = connection.execute("select * from joint_projects order by period, collaboration_id").df()
    rows = []
    for (grain, period, status), found in projects.groupby(["grain", "period", "status"]):
        wait = median_wait(found["days"], ~found["is_in_time"].astype(bool))
        rows.append((grain, period, wait.median, wait.seen, wait.watched, wait.watched, wait.low, wait.high, status))
    if rows:
        waits = pd.DataFrame(
            rows,
            columns=["grain", "period", "value", "numerator", "denominator", "people", "low", "high", "status"],
        )
        insert_waits(connection, "joint_action_days", waits.assign(breakdown="all"))


def insert_waits(connection: duckdb.DuckDBPyConnection, metric: str, waits: pd.DataFrame) -> None:
    """Add medians of waits to `register_results`, whole community; one that was not reached is empty and keeps its counts."""
    connection.register("waits_frame", waits)
    connection.execute(
        """insert into register_results by name
           select ? as metric, grain, period, 'all' as dimension, 'all' as segment, breakdown, status,
                  nullif(value, 'nan'::double) as value, numerator, denominator, people,
                  nullif(low, 'nan'::double) as low, nullif(high, 'nan'::double) as high
           from waits_frame
           order by period, breakdown""",
        [metric],
    )
    connection.unregister("waits_frame")
