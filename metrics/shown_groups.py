"""Numbers about groups that are only right over the groups a reader sees: worked out in the gate, never on a page.

Where ties go is a share of what is shown, or a row that adds up to less than 1 would give the withheld group away; the
ratio to the highest group must not let a withheld group be the highest.
"""

import duckdb
import pandas as pd
from scipy import stats

from metrics.metric import Better, Grain, Metric, Source, Unit
from metrics.statistics import compare_with_rest

FLAGGED_BELOW = 0.80

EQUITY_CARDS = (
    Metric(
        name="participation_equity",
        title="Participation beside the highest group",
        question="Does every group come to events alike?",
        formula="share of the group's members who came to an event in the quarter / that share of the group with the highest, among the groups shown",
        unit=Unit.RATIO,
        better=Better.HIGHER,
        grains=(Grain.QUARTER,),
        needs=(Source.ATTENDANCE,),
        reading="1: the highest group; below 0.8 is worth a look where p is small too. Numerator and denominator are the two shares.",
        reference="The four-fifths rule of US employment guidelines (1978), as a first sieve only.",
        caveats="Behaviour is counted completely, so the ratio has no margin. p is Fisher's exact test of the group against all others together, adjusted for the number of groups (Benjamini-Hochberg): a group is flagged below 0.80 with p up to 0.10. Testing each against the highest would flag equal groups in two communities of five.",
        practices=(
            "diverse-perspectives",
            "inclusivity",
            "flexible-access",
            "resistance-to-change",
            "safe-inclusive-valued",
        ),
    ),
    Metric(
        name="event_feedback",
        title="Feedback on an event",
        question="What do those who came say of an event?",
        formula="favourable answers to each question of a survey about an event / answers with a code",
        unit=Unit.SHARE,
        better=Better.HIGHER,
        grains=(Grain.WAVE,),
        needs=(Source.SURVEY,),
        breakdown="item",
        reading="Enjoyed, useful, felt included, heard, will come again: read each by itself.",
        reference="CHAOSS, inclusive experience at events.",
        caveats="The waves that name an event; the numbers are those of favourable there. Those who answer are not all who came.",
        practices=("teamwork", "asking-members", "end-of-event", "safe-inclusive-valued", "gathers-feedback"),
    ),
)

_RENORMALISE = """
create or replace temp table {released} as
with shown as (
    select grain, period, dimension, segment
    from {released}
    where metric = 'ei_index'
      and segment <> 'all'
      and status in ('final', 'provisional')
),
pairs as (
    select one.grain, one.period, one.dimension, one.segment as from_group, one.segment || ' > ' || other.segment as breakdown
    from shown as one
    join shown as other using (grain, period, dimension)
),
totals as (
    select pairs.grain, pairs.period, pairs.dimension, pairs.from_group, sum(ties.numerator) as total
    from {released} as ties
    join pairs using (grain, period, dimension, breakdown)
    where ties.metric = 'group_ties'
    group by all
),
rows as (
    select pairs.*, totals.total
    from pairs
    join totals using (grain, period, dimension, from_group)
),
incomplete as (
    select grain, period, dimension, max(people) filter (segment = 'all') as n,
           1 - 2 * (
               coalesce(sum(people * (people - 1)) filter (segment <> 'all'), 0)
               + (n - coalesce(sum(people) filter (segment <> 'all'), 0))
                   * ((n - coalesce(sum(people) filter (segment <> 'all'), 0)) / count_if(status = 'withheld') - 1)
           ) / (n * (n - 1)) as expected
    from {released}
    where metric = 'ei_index'
    group by all
    having count_if(status = 'withheld') > 0
)
select released.* replace (
           case when released.metric = 'group_ties' then released.numerator / nullif(rows.total, 0) else released.value end as value,
           case when released.metric = 'group_ties' and rows.total is null then null else released.numerator end as numerator,
           case when released.metric = 'group_ties' then rows.total else released.denominator end as denominator,
           case when released.metric = 'group_ties' and rows.total is null then null else released.people end as people,
           case
               when released.metric = 'ei_index' and released.segment = 'all' and incomplete.grain is not null
                   then incomplete.expected
               else released.expected
           end as expected,
           case
               when released.metric <> 'group_ties' or released.status = 'no data' then released.status
               when rows.total is null then 'withheld'
               when rows.total = 0 then 'no data'
               else released.status
           end as status
       )
from {released} as released
left join rows
  on released.metric = 'group_ties'
 and rows.grain = released.grain
 and rows.period = released.period
 and rows.dimension = released.dimension
 and rows.breakdown = released.breakdown
left join incomplete
  on incomplete.grain = released.grain
 and incomplete.period = released.period
 and incomplete.dimension = released.dimension
"""

_FEEDBACK = """
insert into {released} by name
select favourable.* replace ('event_feedback' as metric)
from {released} as favourable
join waves
  on waves.wave = favourable.period
where favourable.metric = 'favourable'
  and favourable.grain = 'wave'
  and waves.event_id is not null
"""


def withhold_ties(connection: duckdb.DuckDBPyConnection, released: str) -> None:
    """Hold ties between groups against the groups whose E-I index is shown; withhold rows and columns of the others.

    With two groups withheld, the whole's expected E-I would give both their sizes: it takes them as equally large.
    """
    connection.execute(_RENORMALISE.format(released=released))


def add_shown_groups(connection: duckdb.DuckDBPyConnection, released: str) -> None:
    """Add the numbers of EQUITY_CARDS to a release, from what it shows."""
    connection.execute(f"delete from {released} where metric in ('participation_equity', 'event_feedback')")
    connection.execute(_FEEDBACK.format(released=released))
    rows = connection.execute(
        f"""select groups.grain, groups.period, groups.dimension, groups.segment, groups.breakdown, groups.numerator as came,
                   groups.denominator as members, groups.people, groups.status, whole.numerator as all_came,
                   whole.denominator as all_members
            from {released} as groups
            join {released} as whole
              on whole.metric = groups.metric
             and whole.grain = groups.grain
             and whole.period = groups.period
             and whole.dimension = 'all'
             and whole.breakdown = groups.breakdown
            where groups.metric = 'event_participation'
              and groups.grain = 'quarter'
              and groups.dimension <> 'all'
            order by all"""
    ).df()
    if rows.empty:
        return
    found = _compare(rows)
    connection.register("equity", found.astype(object).where(found.notna(), None))
    connection.execute(
        f"insert into {released} by name select 'participation_equity' as metric, * from equity order by all"
    )
    connection.unregister("equity")


def _compare(rows: pd.DataFrame) -> pd.DataFrame:
    """Of each group its ratio to the highest of its dimension and quarter, and the adjusted p of its difference from the rest."""
    rate = rows["came"] / rows["members"]
    shown = rate.notna()
    table = rows.groupby(["period", "dimension"]).ngroup()
    highest = rate.groupby(table).transform("max")
    highest = highest.where(highest > 0)
    tested = shown & (shown.groupby(table).transform("sum") > 1)
    counts = rows.loc[tested, ["came", "members", "all_came", "all_members"]].astype(int)
    raw = pd.Series(
        [compare_with_rest(*row) for row in counts.itertuples(index=False)], index=counts.index, dtype=float
    )
    kept = ["grain", "period", "dimension", "segment", "breakdown", "people", "status"]
    return rows[kept].assign(
        value=rate / highest,
        numerator=rate,
        denominator=highest.where(shown),
        p=raw.groupby(table[tested]).transform(stats.false_discovery_control),
        status=rows["status"].where(~shown | (rate / highest).notna(), "no data"),
    )
