"""Duplication radar: teams that work on the same topic without talking to each other."""

from collections.abc import Mapping

import duckdb

from metrics.cells import quote
from metrics.metric import Better, Grain, Metric, Source, Unit

ACTIVE_ON_TOPIC = 3

DUPLICATION_CARDS = (
    Metric(
        name="duplication_radar",
        title="Same topic, no tie",
        question="Which topics do teams work on without talking to each other?",
        formula="pairs of teams with at least 3 members each who wrote on the topic in the quarter, and no tie between any of these members",
        unit=Unit.PAIRS,
        better=Better.LOWER,
        grains=(Grain.QUARTER,),
        needs=(Source.INTERACTIONS,),
        breakdown="topic",
        reading="0: wherever two teams share a topic, somebody talks. Numerator and denominator are the pairs without a tie and all pairs that share the topic.",
        reference="Hearth's own.",
        caveats="Teams are the groups of the first dimension. Where a message names no topic, its channel stands for it; in one channel people may read each other without a tie. Doing the same without talking is no proof of doing it twice.",
        practices=("same-issues", "duplicated-work"),
    ),
)

_ACTIVE = """
create or replace temp table topic_members as
select panel.period, apart_from_all(member_topics.topic) as topic, panel.person,
       panel.{team} as team
from member_topics
join day_grains
  on day_grains.day = member_topics.atom
 and day_grains.grain = 'quarter'
join panel
  on panel.grain = 'quarter'
 and panel.period = day_grains.period
 and panel.person = member_topics.person
where panel.{team} is not null
group by all;

create or replace temp table topic_teams as
select period, topic, team
from topic_members
group by all
having count(*) >= {fewest};
"""

# Topics as bits, 64 in a mask, so that two teams' ties are met once and not once a topic.
_MASKS = """
create or replace temp table numbered_topics as
select topic, (row_number() over (order by topic) - 1) // 64 as chunk, ((row_number() over (order by topic) - 1) % 64)::integer as bit
from (select distinct topic from topic_members);

create or replace temp table topic_masks as
select topic_members.period, topic_members.person, topic_members.team, numbered_topics.chunk,
       bit_or(1::ubigint << numbered_topics.bit) as topics
from topic_members
join numbered_topics using (topic)
group by all;
"""

_RADAR = """
insert into cells by name
with quarter_ties as materialized (  -- the view would be joined in an order that meets every two masks of a quarter
    select period, person, partner
    from ties
    where grain = 'quarter'
),
pairs as (
    select one.period, one.topic, one.team as team, other.team as other_team
    from topic_teams as one
    join topic_teams as other
      on other.period = one.period
     and other.topic = one.topic
     and other.team > one.team
),
tied_masks as (
    select one.period, least(one.team, other.team) as team, greatest(one.team, other.team) as other_team, one.chunk,
           bit_or(one.topics & other.topics) as topics
    from quarter_ties as ties
    join topic_masks as one
      on one.period = ties.period
     and one.person = ties.person
    join topic_masks as other
      on other.period = ties.period
     and other.person = ties.partner
     and other.chunk = one.chunk
    where one.team <> other.team
    group by all
),
tied as (
    select tied_masks.period, numbered_topics.topic, tied_masks.team, tied_masks.other_team
    from tied_masks
    join numbered_topics using (chunk)
    where tied_masks.topics & (1::ubigint << numbered_topics.bit) <> 0
),
judged as (
    select pairs.*, tied.team is null as is_apart
    from pairs
    left join tied using (period, topic, team, other_team)
),
people as (
    select period, topic, count(distinct person) as people
    from topic_members
    join topic_teams using (period, topic, team)
    semi join pairs using (period, topic)
    group by grouping sets ((period, topic), (period))
)
select 'duplication_radar' as metric, 'quarter' as grain, period, {dimension} as dimension, 'all' as segment,
       coalesce(counted.topic, 'all') as breakdown, counted.apart as value, counted.apart as numerator,
       counted.pairs as denominator, people.people
from (
    select period, topic, count_if(is_apart) as apart, count(*) as pairs
    from judged
    group by grouping sets ((period, topic), (period))
) as counted
join people using (period)
where people.topic is not distinct from counted.topic
"""


def count_duplication(connection: duckdb.DuckDBPyConnection, columns: Mapping[str, str]) -> None:
    """Add `duplication_radar` to `cells`; needs the panel, its ties and the topic rollup. Without teams there are no rows."""
    for dimension, team in list(columns.items())[:1]:
        connection.execute(_ACTIVE.format(team=team, fewest=ACTIVE_ON_TOPIC))
        connection.execute(_MASKS)
        connection.execute(_RADAR.format(dimension=quote(dimension)))
