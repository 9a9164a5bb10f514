"""Recognition equity: whether every group is recognised alike, over the groups a reader sees.

Made after the gate, so that a withheld group can never be the highest and be read off the ratios of the others.
"""

import duckdb
import pandas as pd
from scipy import stats

from metrics.metric import Better, Grain, Metric, Source, Unit
from metrics.statistics import FALSE_DISCOVERIES, compare_with_rest

FLAGGED_BELOW = 0.80

EQUITY_CARDS = (
    Metric(
        name="recognition_equity",
        title="Recognition beside the highest group",
        question="Is every group recognised alike?",
        formula="share of the group's members who were recognised in the quarter / that share of the group with the highest, among the groups shown",
        unit=Unit.RATIO,
        better=Better.HIGHER,
        grains=(Grain.QUARTER,),
        needs=(Source.ROSTER, Source.RECOGNITIONS),
        reading=f"1: the highest group. Worth a look is a group below {FLAGGED_BELOW} that also differs from all others together: p up to {FALSE_DISCOVERIES:.2f}.",
        reference="The four-fifths rule of US employment guidelines (1978), as a first sieve only.",
        caveats="Recognition is counted completely, so the ratio has no margin. p is Fisher's exact test against all other members together, adjusted for the number of groups (Benjamini-Hochberg).",
        practices=("celebrate-achievements", "inclusivity"),
    ),
)


def add_recognition_equity(connection: duckdb.DuckDBPyConnection, released: str) -> None:
    """Put `recognition_equity` of every shown group and quarter into a release, from the shares that it shows."""
    connection.execute(f"delete from {released} where metric = 'recognition_equity'")
    groups = connection.execute(
        f"""select groups.grain, groups.period, groups.dimension, groups.segment, groups.breakdown, groups.people,
                   groups.status, groups.value as share, groups.numerator, groups.denominator,
                   whole.numerator as whole_numerator, whole.denominator as whole_denominator
            from {released} as groups
            join {released} as whole
              on whole.metric = groups.metric
             and whole.grain = groups.grain
             and whole.period = groups.period
             and whole.breakdown = groups.breakdown
             and whole.dimension = 'all'
            where groups.metric = 'recognition_coverage'
              and groups.grain = 'quarter'
              and groups.breakdown = 'all'
              and groups.dimension <> 'all'
              and groups.value is not null
            order by groups.period, groups.dimension, groups.segment"""
    ).df()
    tables = [table for _, table in groups.groupby(["period", "dimension"]) if len(table) > 1 and table["share"].max()]
    if not tables:
        return
    equity = pd.concat([_compare(table) for table in tables])
    connection.register("equity_frame", equity)
    connection.execute(
        f"""insert into {released} by name
            select 'recognition_equity' as metric, grain, period, dimension, segment, breakdown, value, people, p,
                   'not tested' as verdict, status
            from equity_frame"""
    )
    connection.unregister("equity_frame")


def _compare(table: pd.DataFrame) -> pd.DataFrame:
    chances = [compare_with_rest(*counts) for counts in table[_COUNTS].astype(int).itertuples(index=False)]
    return table.assign(value=table["share"] / table["share"].max(), p=stats.false_discovery_control(chances))


_COUNTS = ["numerator", "denominator", "whole_numerator", "whole_denominator"]
