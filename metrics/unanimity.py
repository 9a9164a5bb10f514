"""Unanimity: a share of 0 or 100 % says what everybody answered, however many they are.

In groups of fewer than 20 in which all or all but one agree on a question, shares become a band, and every other number
of that question and group is withheld, as it would give the share away.
"""

import duckdb

from metrics.indices import INDICES

FEWER_THAN = 20

# With 10 people or more, all but one are at least 90 %; below that, at least 80 %, or the band would not be true.
_WIDTH = "case when people < 10 then 0.2 else 0.1 end"

_CODED = """
create or replace temp table {target} as
with agreeing as (
    select distinct period, dimension, segment, breakdown
    from {source}
    where grain = 'wave'
      and people < {fewer_than}
      and (
          (metric = 'favourable' and status = 'banded')
          or (metric = 'favourable' and coalesce(numerator, value * people) not between 1.0001 and people - 1.0001)
          or (metric = 'nps' and abs(numerator) >= denominator - 1)
      )
),
of_constructs as (
    select agreeing.period, agreeing.dimension, agreeing.segment, items.construct as name
    from agreeing
    join survey_items as items
      on items.wave = agreeing.period
     and items.item_id = agreeing.breakdown
    where items.construct is not null
    group by all
),
of_indices as (
    select agreeing.period, agreeing.dimension, agreeing.segment, indices.name
    from agreeing
    join survey_items as items
      on items.wave = agreeing.period
     and items.item_id = agreeing.breakdown
    join (values {indices}) as indices(construct, name)
      on indices.construct = split_part(items.construct, '/', 1)
    group by all
    having count(*) = 1
),
coded as (
    select given.*,
           given.grain = 'wave' and given.metric <> 'survey_response' and (
               (period, dimension, segment, regexp_replace(breakdown, '^[a-z]+:', '')) in (
                   select (period, dimension, segment, breakdown) from agreeing
                   union all
                   select (period, dimension, segment, name) from of_constructs
               )
               or (period, dimension, segment, metric) in (select (period, dimension, segment, name) from of_indices)
               or (metric = 'nps' and breakdown = 'all' and abs(numerator) >= denominator - 1 and people < {fewer_than})
           ) as is_coded
    from {source} as given
),
banded as (
    select * replace (coalesce(is_coded, false) as is_coded),
           coalesce(is_coded, false) and status = 'final' as is_new,
           case
               when not coalesce(is_coded and status = 'final', false) or metric not in ('favourable', 'neutral', 'unfavourable') then null
               when coalesce(numerator, value * people) >= people - 1.0001 then 1
               when coalesce(numerator, value * people) <= 1.0001 then 0
           end as side
    from coded
)
select * exclude (is_new, side) replace (
           case when not is_new then value end as value,
           case when not is_new then numerator end as numerator,
           case when not is_new or side is not null then denominator end as denominator,
           case when not is_new or side is not null then people end as people,
           case when not is_new then low when side = 1 then 1 - {width} when side = 0 then 0 end as low,
           case when not is_new then high when side = 1 then 1 when side = 0 then {width} end as high,
           case when not is_new then expected end as expected,
           case when not is_new then p end as p,
           case when not is_new then verdict end as verdict,
           case when not is_new then status when side is not null then 'banded' else 'withheld' end as status
       )
from banded
"""


def code_unanimity(connection: duckdb.DuckDBPyConnection, source: str, target: str) -> None:
    """Temp table `target`: the rows of `source` with unanimous survey groups coded, and `is_coded`. Needs `survey_items` of the surveys.

    A banded share keeps n; value and numerator are empty, low and high are the band (0 to 0.1 or 0.9 to 1; 0.2 and 0.8
    under 10 people). A construct goes with any of its questions, an index where one alone of its questions is coded.
    """
    indices = ", ".join(f"('{construct}', '{index}')" for construct, index in INDICES.items())
    connection.execute(
        _CODED.format(source=source, target=target, fewer_than=FEWER_THAN, indices=indices, width=_WIDTH)
    )
