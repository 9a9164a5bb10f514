"""Divided opinion: questions on which a mean hides two camps."""

import duckdb

from metrics.metric import Better, Grain, Metric, Source, Unit

DIVIDED_FROM = 0.30

DIVIDED_CARDS = (
    Metric(
        name="divided_opinion",
        title="Divided opinion",
        question="On which questions do members stand in two camps?",
        formula="the smaller of the favourable and the unfavourable share of the item",
        unit=Unit.SHARE,
        better=Better.NEITHER,
        grains=(Grain.WAVE,),
        needs=(Source.SURVEY,),
        breakdown="item",
        reading=f"0: at one end or in the middle; 0.5: half and half. From {DIVIDED_FROM:.2f} both camps hold at least that much, and the mean describes nobody.",
        reference="Ours; shares as in favourable and unfavourable.",
        caveats="Not tested; a group of 20 is divided by six people. What a divided community needs is talk, not a higher mean.",
        practices=("inclusivity", "open-channels"),
    ),
)

_DIVIDED = """
insert into survey_results by name
select 'divided_opinion' as metric, 'wave' as grain, liked.period, liked.dimension, liked.segment, liked.breakdown,
       least(liked.numerator, disliked.numerator) / liked.denominator as value,
       least(liked.numerator, disliked.numerator) as numerator, liked.denominator, liked.people, 'final' as status
from survey_results as liked
join survey_results as disliked
  on disliked.metric = 'unfavourable'
 and disliked.period = liked.period
 and disliked.dimension = liked.dimension
 and disliked.segment = liked.segment
 and disliked.breakdown = liked.breakdown
where liked.metric = 'favourable'
  and liked.numerator is not null
"""


def measure_divided_opinion(connection: duckdb.DuckDBPyConnection) -> None:
    """Add the smaller camp of every item and group, from the shares that `measure_surveys` has written."""
    connection.execute(_DIVIDED)
