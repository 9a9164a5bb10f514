"""How answers differ from those that were shown: in each group, between any two, and in which question.

Of who has an id and of who has none alike: what counts is how many said the same. Those in no group, and in groups too small
to be shown, are one group without a name here: it is what the whole leaves over.
"""

from collections.abc import Collection

import duckdb

from metrics.corrections import add_corrected

# A group without a name that is too small to be seen alone is seen with the smallest one, which the gate hides beside it.
_PARTS = """
create or replace temp table parts as
with sizes as (
    select wave, state, dimension, segment, sum(now) as now, sum(earlier) as earlier,
           segment = '' or greatest(sum(now), sum(earlier)) < {fewest} as is_unnamed
    from compared_answers
    group by wave, state, dimension, segment
),
unnamed as (
    select wave, state, dimension, bool_or(people between 1 and {fewest} - 1) as is_hidden
    from (
        select wave, state, dimension, unnest([sum(now), sum(earlier)]) as people
        from sizes
        where is_unnamed
        group by wave, state, dimension
    )
    group by all
)
select wave, state, dimension, segment,
       case
           when is_unnamed
             or (is_hidden and row_number() over (partition by wave, state, dimension, is_unnamed order by now + earlier, segment) = 1)
               then ''
           else segment
       end as part
from sizes
left join unnamed using (wave, state, dimension)
"""

# How many of each fingerprint there are more in a part now. One that is more in one part and fewer in another moved.
_DIFFERENCES = """
create or replace temp table part_answers as
select wave, state, dimension, part, print, sum(now) as now, sum(earlier) as earlier
from compared_answers
join parts using (wave, state, dimension, segment)
where dimension in (select dimension from survey_groups)
  and (wave, state, dimension) in (select (wave, state, dimension) from places_then)
  and (wave, dimension) in (select (wave, dimension) from places_now)
group by all;

create or replace temp table differences as
select wave, state, dimension, part, print, now - earlier as more,
       sum(greatest(now - earlier, 0)) over of_print as come,
       sum(greatest(earlier - now, 0)) over of_print as gone
from part_answers
where now <> earlier
window of_print as (partition by wave, state, dimension, print)
"""

# A group of which everybody is another tells nothing of the few by which it is larger.
_CHANGED = """
create or replace temp table changed_parts as
with renewed as (
    select wave, state, dimension, part
    from part_answers
    group by all
    having sum(least(now, earlier)) = 0 and least(sum(now), sum(earlier)) >= {fewest}
)
select wave, state, dimension, part,
       greatest(sum(greatest(more - gone, 0)), sum(greatest(-more - come, 0))) as people
from differences
anti join renewed using (wave, state, dimension, part)
group by all
union all
select one.wave, one.state, one.dimension, one.part || chr(31) || other.part, sum(least(one.more, -other.more))
from differences as one
join differences as other using (wave, state, dimension, print)
where one.more > 0
  and other.more < 0
group by all
"""

# A column under another name is another dimension: its groups are held beside those of the one that is gone.
_RENAMED = """
insert into changed_parts
with fresh as (
    select *, sum(now) over (partition by wave, state, dimension, segment) as people
    from compared_answers
    where dimension in (select dimension from survey_groups)
      and (wave, state, dimension) not in (select (wave, state, dimension) from places_then)
      and now > 0
),
gone as (
    select *, sum(earlier) over (partition by wave, state, dimension, segment) as people
    from compared_answers
    where (wave, dimension) not in (select (wave, dimension) from places_now)
      and (wave, dimension) in (select (period, dimension) from shown_figures)
      and earlier > 0
)
select fresh.wave, fresh.state, fresh.dimension, fresh.segment || chr(31) || gone.segment,
       greatest(any_value(fresh.people), any_value(gone.people)) - sum(least(fresh.now, gone.earlier))
from fresh
join gone
  on gone.wave = fresh.wave and gone.state = fresh.state and gone.print = fresh.print
group by fresh.wave, fresh.state, fresh.dimension, fresh.segment, gone.dimension, gone.segment
having least(any_value(fresh.people), any_value(gone.people)) >= {fewest}
   and 2 * sum(least(fresh.now, gone.earlier)) > greatest(any_value(fresh.people), any_value(gone.people))
"""

# A group that was hidden and no longer is: the older whole less the groups that are as they were is what it said. A group that
# is hidden and was not: so is the whole of now. Of each question, for each threshold, and inside each group made of groups.
# With one small group the smallest other one is hidden.
_CROSSED = """
insert into changed_parts
with small as (
    select compared_questions.*, k, segment = '' or earlier < k as was_small, segment = '' or now < k as is_small
    from compared_questions
    cross join (select distinct unnest({thresholds}) as k)
    where (wave, state, dimension) in (select (wave, state, dimension) from part_answers)
      and dimension <> 'all'
),
hidden as (
    select *,
           was_small or (
               sum(case when was_small then earlier end) over groups between 1 and k - 1
               and row_number() over (partition by wave, state, dimension, item_id, k, was_small order by earlier, segment) = 1
           ) as was_hidden,
           is_small or (
               sum(case when is_small then now end) over groups between 1 and k - 1
               and row_number() over (partition by wave, state, dimension, item_id, k, is_small order by now, segment) = 1
           ) as is_hidden
    from small
    window groups as (partition by wave, state, dimension, item_id, k)
),
inside as (
    select *, '' as within
    from hidden
    union all
    select hidden.*, nesting.within_dimension || chr(31) || nesting.within_segment
    from hidden
    join nesting using (wave, dimension, segment)
),
left_over as (
    select wave, state, dimension, item_id, k, within, sum(earlier) as then_in_all, sum(now) as now_in_all,
           sum(earlier) filter (was_hidden and (is_hidden or not is_same)) as then_left,
           sum(now) filter (was_hidden or not is_same) as now_left
    from inside
    group by all
)
select wave, state, dimension, 'left over', min(people)
from (
    select wave, state, dimension, k, then_left as people from left_over where then_in_all >= k
    union all
    select wave, state, dimension, k, now_left from left_over where now_in_all >= k
)
where people between 1 and k - 1
group by all
"""


def find_changes(connection: duckdb.DuckDBPyConnection, k: int, thresholds: Collection[int]) -> None:
    """Temp table `changed_parts`: wave, state, dimension, part (a group, two, or a group and a question) and by how many people what
    is said there differs from that state. Needs what `compare_answers` leaves, `survey_groups` and `nesting`.

    `thresholds` are those of the roles; from what `k` people say nobody's answer follows.
    """
    for statement in (_PARTS, _DIFFERENCES, _CHANGED, _RENAMED, _CROSSED):
        connection.execute(statement.format(few=k - 1, fewest=min(thresholds), thresholds=sorted(thresholds)))
    add_corrected(connection, k)
