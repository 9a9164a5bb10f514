"""Connections: who is tied to whom, across teams and from the first weeks on.

A tie is an unordered pair of distinct roster members with at least one direct interaction in the
period. Being at the same event is no tie.
"""

import duckdb

from metrics.metric import ALL, ALL_GRAINS, Better, Metric, Source, Unit

CONNECTION_CARDS = (
    Metric(
        name="newcomers_with_tie",
        title="Newcomers with a tie",
        question="Do newcomers find somebody to talk with?",
        formula="members within 90 days of joining with at least one tie in the period / members within 90 days of joining",
        unit=Unit.SHARE,
        better=Better.HIGHER,
        grains=ALL_GRAINS,
        needs=(Source.INTERACTIONS,),
        numerator=lambda m: (m.is_newcomer & (m.partners > 0)).ifelse(1, 0).sum(),
        denominator=lambda m: m.is_newcomer.ifelse(1, 0).sum(),
        reading="0: every newcomer stands alone; 1: each exchanged something with another member.",
        reference="CHAOSS, newcomer experience.",
        caveats="Usually few people: read the counts. Ties to staff do not count.",
    ),
    Metric(
        name="cross_team_share",
        title="Ties across teams",
        question="How much of the community's fabric crosses teams?",
        formula="ties whose two members are in different groups of the first dimension / ties with both groups known",
        unit=Unit.SHARE,
        better=Better.HIGHER,
        grains=ALL_GRAINS,
        needs=(Source.INTERACTIONS,),
        reading="0: nobody talks outside the own team; what random mixing would give depends on the sizes of teams.",
        reference="Krackhardt and Stern 1988, in the form of a share of ties.",
        caveats="Counts ties, not messages. A segment's share is over the ties that touch it. Not comparable between communities with other team sizes.",
    ),
)


def count_ties_across(connection: duckdb.DuckDBPyConnection, dimensions: dict[str, str]) -> None:
    """Add `cross_team_share` to `cells`. Crossing is always between groups of the first dimension.

    `dimensions` maps each dimension to its column of the panel, in order. Without a dimension there are
    no teams and no rows. A tie inside a segment counts once. People are its members who have such a tie.
    """
    if not dimensions:
        return
    team = next(iter(dimensions.values()))
    columns = "".join(f", one.{column} as a_{column}, other.{column} as b_{column}" for column in dimensions.values())
    connection.execute(
        f"""create or replace temp table team_ties as
            select ties.grain, ties.period, ties.person as a, ties.partner as b, one.{team} <> other.{team} as crosses{columns}
            from ties
            join panel as one
              on one.grain = ties.grain and one.period = ties.period and one.person = ties.person
            join panel as other
              on other.grain = ties.grain and other.period = ties.period and other.person = ties.partner
            where one.{team} is not null
              and other.{team} is not null"""
    )
    for dimension, column in {ALL: None, **dimensions}.items():
        at_a, at_b = (f"a_{column}", f"b_{column}") if column else (f"'{ALL}'", f"'{ALL}'")
        connection.execute(
            f"""insert into cells by name
                with ends as (
                    select grain, period, {at_a} as segment, a as person, crosses, true as is_first from team_ties
                    union all
                    select grain, period, {at_b}, b, crosses, {at_a} is distinct from {at_b} from team_ties
                )
                select 'cross_team_share' as metric, grain, period, ? as dimension, segment, 'all' as breakdown,
                       count_if(is_first and crosses) as numerator,
                       count_if(is_first) as denominator,
                       count(distinct person) as people
                from ends
                where segment is not null
                group by all""",
            [dimension],
        )
