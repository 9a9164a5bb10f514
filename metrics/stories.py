"""Stories: what changed for people because the community is there, by whose value it is and how far it went."""

import duckdb

from metrics.hand_kept import final_after
from metrics.metric import Better, Grain, Metric, Source, Unit

CHAIN_DAYS = 180

STORY_CARDS = (
    Metric(
        name="value_stories",
        title="Stories of value",
        question="Do members tell what the community changed for them?",
        formula="100 x stories told in the quarter / members active in talk in it, by whose value it is",
        unit=Unit.MEAN,
        better=Better.HIGHER,
        grains=(Grain.QUARTER,),
        needs=(Source.STORIES, Source.INTERACTIONS),
        breakdown="dimension: individual, micro, joint, cross_network",
        reading="Stories for every 100 active members. A dimension with 0 is one of which nobody tells: look there first.",
        reference="Hearth's own value ledger; dimensions of network value for oneself, in small groups, in joint action and across networks.",
        caveats="Stories are told when somebody asks: more asking gives more stories. A count of stories is no size of value.",
        practices=("success-stories",),
        additive=False,
    ),
    Metric(
        name="value_cycles",
        title="How far stories go",
        question="How many stories reach use, results and new aims?",
        formula=f"first stories of the quarter whose chain reached a cycle within {CHAIN_DAYS} days / first stories of the quarter in whose chain a cycle is known",
        unit=Unit.SHARE,
        better=Better.HIGHER,
        grains=(Grain.QUARTER,),
        needs=(Source.STORIES,),
        breakdown="cycle: 1 to 5",
        reading="Of 1 something happened to 5 it changed what success means; a share never grows from one cycle to the next.",
        reference="Wenger, Trayner and de Laat 2011, cycles of value creation.",
        caveats=f"A story that goes on from another is part of its chain and counted with it. Changes for {CHAIN_DAYS} days after the quarter's end.",
        practices=("success-stories",),
    ),
    Metric(
        name="story_evidence",
        title="Evidence of stories",
        question="How well are the stories borne out?",
        formula="stories of the quarter with this evidence / stories of the quarter with an evidence",
        unit=Unit.SHARE,
        better=Better.NEITHER,
        grains=(Grain.QUARTER,),
        needs=(Source.STORIES,),
        breakdown="evidence: claim, witnessed, measured",
        reading="The three add up to 1.",
        reference="Hearth's own.",
        caveats="Stories without an evidence are in neither count. A claim may be true.",
        practices=("success-stories",),
        additive=True,
    ),
    Metric(
        name="prompted_stories",
        title="Stories that were asked for",
        question="Do stories come by themselves?",
        formula="stories of the quarter that somebody asked for / stories of the quarter",
        unit=Unit.SHARE,
        better=Better.NEITHER,
        grains=(Grain.QUARTER,),
        needs=(Source.STORIES,),
        reading="0: all were volunteered; 1: all were asked for. Benefits are often invisible until somebody asks.",
        reference="Hearth's own.",
        caveats="As marked in the register; a story without a mark counts as volunteered.",
        practices=("success-stories",),
        additive=True,
    ),
    Metric(
        name="story_follow_through",
        title="Intentions carried out",
        question="Do people do what they meant to do?",
        formula="intentions due in the quarter and confirmed by their day / intentions due in the quarter",
        unit=Unit.SHARE,
        better=Better.HIGHER,
        grains=(Grain.QUARTER,),
        needs=(Source.STORIES,),
        reading="0: none was confirmed in time; 1: all were.",
        reference="Hearth's own.",
        caveats="Not confirmed may mean not asked. Stories without an intention are not counted.",
        practices=("success-stories",),
        additive=True,
    ),
)

_LEDGER = """
insert into cells by name
with active as (
    select grain, period, count_if(interactions > 0) as members
    from panel
    where grain = 'quarter'
    group by all
),
dimensions as (
    select unnest(['all', 'individual', 'micro', 'joint', 'cross_network']) as dimension
)
select 'value_stories' as metric, periods.grain, periods.period, 'all' as dimension, 'all' as segment,
       dimensions.dimension as breakdown, 100 * count(stories.story_id) / nullif(any_value(active.members), 0) as value,
       count(stories.story_id) as numerator, any_value(active.members) as denominator, any_value(active.members) as people
from periods
join active using (grain, period)
cross join dimensions
left join told_stories as stories
  on stories.told_on between periods.starts_on and periods.ends_on
 and dimensions.dimension in ('all', stories.dimension)
where periods.ends_on >= (select min(told_on) from told_stories)
group by all
"""

# A story belongs to the chain of its first story; one whose parent nobody knows begins a chain. `union` ends loops.
_CHAINS = """
create or replace temp table story_chains as
with recursive chained as (
    select story_id as first_story, story_id, told_on as began_on
    from told_stories
    where parent is null
       or parent not in (select story_id from told_stories)
    union
    select chained.first_story, stories.story_id, chained.began_on
    from chained
    join told_stories as stories
      on stories.parent = chained.story_id
)
select chained.first_story, chained.began_on, max(stories.cycle) as reached
from chained
join told_stories as stories using (story_id)
where stories.told_on <= chained.began_on + $horizon
group by all
having max(stories.cycle) is not null
"""

_CYCLES = f"""
insert into register_results by name
select 'value_cycles' as metric, periods.grain, periods.period, 'all' as dimension, 'all' as segment,
       cycles.cycle::varchar as breakdown, count_if(reached >= cycles.cycle) / count(*) as value,
       count_if(reached >= cycles.cycle) as numerator, count(*) as denominator, count(*) as people,
       {final_after(CHAIN_DAYS)} as status
from story_chains
join periods
  on periods.grain = 'quarter'
 and story_chains.began_on between periods.starts_on and periods.ends_on
cross join (select unnest(range(1, 6)) as cycle) as cycles
group by all
"""

_SHARES = """
insert into cells by name
with whole as (
    select 'all' as dimension, 'all' as segment
),
numbers as (
    select 'story_evidence' as metric, told_on as day, kinds.kind as breakdown, evidence = kinds.kind as counts
    from told_stories
    cross join (select unnest(['claim', 'witnessed', 'measured']) as kind) as kinds
    where evidence is not null
    union all
    select 'prompted_stories', told_on, 'all', prompted
    from told_stories
    union all
    select 'story_follow_through', intent_due_on, 'all', coalesce(confirmed_on <= intent_due_on, false)
    from told_stories
    where intent_due_on is not null
)
select numbers.metric, periods.grain, periods.period, whole.dimension, whole.segment, numbers.breakdown,
       count_if(numbers.counts) as numerator, count(*) as denominator, count(*) as people
from numbers
join periods
  on periods.grain = 'quarter'
 and numbers.day between periods.starts_on and periods.ends_on
cross join whole
group by all
"""


def count_stories(connection: duckdb.DuckDBPyConnection) -> None:
    """Add the numbers of STORY_CARDS: the whole community's, by quarter. Stories name nobody, so people are stories."""
    connection.execute(_LEDGER)
    connection.execute(_CHAINS, {"horizon": CHAIN_DAYS})
    connection.execute(_CYCLES)
    connection.execute(_SHARES)
