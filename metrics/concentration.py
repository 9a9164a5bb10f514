"""Concentration: how unequally members take part. Read from counts of members by number of interactions, so ties cost nothing."""

from collections.abc import Mapping

import duckdb

from metrics.cells import group_by, group_keys
from metrics.metric import ALL, ALL_GRAINS, Better, Metric, Source, Unit

CONCENTRATION_CARDS = (
    Metric(
        name="interactions_per_active_member",
        title="Interactions an active member",
        question="How much does a member who takes part do?",
        formula="median interactions over members with at least one in the period; quartiles beside it",
        unit=Unit.MEDIAN,
        better=Better.HIGHER,
        grains=ALL_GRAINS,
        needs=(Source.INTERACTIONS,),
        breakdown="lower quartile, upper quartile",
        reading="Half of the active members did this much or less. At least 1 by definition.",
        reference="Hearth's own.",
        caveats="Says nothing of how many are active: when occasional members drop out, it rises.",
        practices=("rates-frequency-feedback",),
    ),
    Metric(
        name="contribution_gini",
        title="Inequality of contributions",
        question="How unequally is the talk spread over those who take part?",
        formula="Gini of active members' interactions: sum((2i - n - 1) x_i) / (n sum x), x in rising order, no small-sample factor",
        unit=Unit.DEGREE,
        better=Better.LOWER,
        grains=ALL_GRAINS,
        needs=(Source.INTERACTIONS,),
        reading="0: every active member did the same; near 1: one did nearly everything. 0.5 to 0.8 is usual for online communities.",
        reference="Viva Insights, create_inc and Gini; CHAOSS.",
        caveats="Members who did nothing are not in it, so it can fall when occasional members fall silent. With few people its highest value is (n - 1)/n.",
    ),
    Metric(
        name="top_tenth_share",
        title="Made by the busiest tenth",
        question="How much of the talk comes from the busiest tenth?",
        formula="interactions of the most active tenth of active members, rounded up to whole people / interactions of all",
        unit=Unit.SHARE,
        better=Better.LOWER,
        grains=ALL_GRAINS,
        needs=(Source.INTERACTIONS,),
        reading="0.1: everybody did the same; 1: the busiest tenth did everything.",
        reference="LFX Insights and CHAOSS, contributor concentration.",
        caveats="In small groups a tenth is one person: read the counts.",
    ),
    Metric(
        name="absence_factor",
        title="Absence factor",
        question="How few members would have to stop for half of the talk to be gone?",
        formula="fewest members who together made at least half of all interactions of members",
        unit=Unit.PEOPLE,
        better=Better.HIGHER,
        grains=ALL_GRAINS,
        needs=(Source.INTERACTIONS,),
        reading="1 or 2: the talk hangs on one or two people. Higher is safer.",
        reference="CHAOSS, contributor absence factor, once called bus factor.",
        caveats="Whole community only: of a group it would point at people. Not comparable between periods of different length or communities of different size.",
    ),
)

# i counts members from the least to the most active; `upto` is i of a number's last member.
_SPREAD = """
create or replace temp table spread as
with counted as (
    select {keys}, interactions as x, count(*) as members
    from panel
    where interactions > 0
    {groups}
)
select *, sum(members) over up as upto, sum(members) over whole as n, sum(members * x) over whole as made,
       (sum(members * x) over whole) - (sum(members * x) over up) as made_above, ((sum(members) over whole) + 9) // 10 as tenth
from counted
where segment is not null
window whole as (partition by grain, period, dimension, segment),
       up as (partition by grain, period, dimension, segment order by x)
"""

_CONCENTRATION = """
create or replace temp table concentrations as
select grain, period, dimension, segment, any_value(n)::bigint as n, any_value(made) as made,
       sum(x * members * (2 * (upto - members) + members - n)) / (any_value(n) * any_value(made)) as gini,
       sum(x * greatest(0, least(members, tenth - (n - upto)))) as made_by_tenth,
       min(n - upto + (made - 2 * made_above + 2 * x - 1) // (2 * x))
           filter (2 * made_above < made and 2 * (made_above + x * members) >= made) as fewest,
       {quartiles}
from spread
group by grain, period, dimension, segment
"""


def measure_concentration(connection: duckdb.DuckDBPyConnection, columns: Mapping[str, str]) -> None:
    """Add the numbers of CONCENTRATION_CARDS to `cells`; needs the panel."""
    connection.execute(_SPREAD.format(keys=group_keys(columns), groups=group_by(columns, "interactions")))
    names = {"q1": 0.25, "q2": 0.5, "q3": 0.75}
    quartiles = ",\n           ".join(f"{_between(share)} as {name}" for name, share in names.items())
    connection.execute(_CONCENTRATION.format(quartiles=quartiles))
    for metric, breakdown, number, where in (
        ("interactions_per_active_member", ALL, "q2 as value", "true"),
        ("interactions_per_active_member", "lower quartile", "q1 as value", "true"),
        ("interactions_per_active_member", "upper quartile", "q3 as value", "true"),
        ("contribution_gini", ALL, "gini as value", "true"),
        ("top_tenth_share", ALL, "made_by_tenth as numerator, made as denominator", "true"),
        ("absence_factor", ALL, "fewest as value", f"dimension = '{ALL}'"),
    ):
        connection.execute(
            f"""insert into cells by name
                select ? as metric, grain, period, dimension, segment, ? as breakdown, {number}, n as people
                from concentrations
                where {where}""",
            [metric, breakdown],
        )


def _between(share: float) -> str:
    """The quantile between the two neighbours of its place, as numpy and quantile_cont take it."""
    place = f"(any_value(n) - 1) * {share}"
    low, high = (f"min(x) filter (upto > {rounding}((n - 1) * {share}))" for rounding in ("floor", "ceil"))
    return f"{low} + ({place} - floor({place})) * ({high} - {low})"
