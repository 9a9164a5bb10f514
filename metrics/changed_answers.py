"""How answers differ from those that were shown: in each group, between any two, and in which question.

Of who has an id and of who has none alike: what counts is how many said the same. Those in no group, and in groups too small
to be shown, are one group without a name here: it is what the whole leaves over.
"""

import duckdb

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

# A group that was hidden and no longer is, or is and was not: an older whole less the groups that are as they were then is
# what it said, and so is the whole of now. Each role has its own threshold; with one small group the smallest other is hidden.
_CROSSED = """
insert into changed_parts
with sizes as (
    select wave, state, dimension, segment, sum(now) as now, sum(earlier) as earlier, bool_and(now = earlier) as is_same
    from compared_answers
    where (wave, state, dimension) in (select (wave, state, dimension) from part_answers)
      and dimension <> 'all'
    group by all
),
small as (
    select sizes.*, k, segment = '' or earlier < k as was_small, segment = '' or now < k as is_small
    from sizes
    cross join (select unnest([{fewest}, {few} + 1]) as k)
),
hidden as (
    select *,
           was_small or (
               sum(case when was_small then earlier end) over groups between 1 and k - 1
               and row_number() over (partition by wave, state, dimension, k, was_small order by earlier, segment) = 1
           ) as was_hidden,
           is_small or (
               sum(case when is_small then now end) over groups between 1 and k - 1
               and row_number() over (partition by wave, state, dimension, k, is_small order by now, segment) = 1
           ) as is_hidden
    from small
    window groups as (partition by wave, state, dimension, k)
),
left_over as (
    select wave, state, dimension, k, sum(earlier) filter (was_hidden and (is_hidden or not is_same)) as people
    from hidden
    group by all
    union all
    select wave, state, dimension, k, sum(now) filter (was_hidden or not is_same)
    from hidden
    group by all
)
select wave, state, dimension, '', min(people)
from left_over
where people between 1 and k - 1
group by all
"""

# Of the many who said something else few may have done so to one question. Who differs in a question alone is told by all the
# rest; who differs in several, or is another, may differ in any. Of other people than then the rest is the same by chance.
_CORRECTED = """
insert into changed_parts
with related as (
    select wave, state
    from compared_answers
    where dimension = 'all'
    group by all
    having 2 * sum(least(now, earlier)) > sum(earlier)
),
changed as (
    select placed_answers.*, part
    from placed_answers
    join parts using (wave, state, dimension, segment)
    where (wave, state) in (from related)
      and (wave, state, dimension) in (select (wave, state, dimension) from part_answers)
    window alike as (partition by wave, state, dimension, part, print)
    qualify row_number() over (partition by wave, state, dimension, part, print, is_now)
            > least(count_if(is_now) over alike, count_if(not is_now) over alike)
),
said as (
    select wave, state, respondent, is_now, item_id, said_now.print
    from said_now
    join (select distinct wave, state, respondent, is_now from changed where is_now) using (wave, respondent)
    union all
    select wave, state, respondent, is_now, item_id, said_then.print
    from said_then
    join (select distinct wave, state, respondent, is_now from changed where not is_now) using (wave, state, respondent)
),
answered as (
    select changed.wave, changed.state, dimension, part, is_now, asked_twice.item_id, coalesce(said.print, 0) as print,
           changed.print - coalesce(said.print, 0) as rest
    from changed
    join asked_twice using (wave, state)
    left join said using (wave, state, respondent, is_now, item_id)
),
alone as (
    select wave, state, dimension, part, item_id, sum(people) as people
    from (
        select wave, state, dimension, part, item_id, least(count_if(is_now), count_if(not is_now)) as people
        from answered
        group by wave, state, dimension, part, item_id, rest
    )
    group by all
),
differing as (
    select wave, state, dimension, part, item_id, greatest(sum(greatest(more, 0)), sum(greatest(-more, 0))) as people
    from (
        select wave, state, dimension, part, item_id, count_if(is_now) - count_if(not is_now) as more
        from answered
        group by wave, state, dimension, part, item_id, print
    )
    group by all
),
others as (
    select changed.wave, changed.state, changed.dimension, changed.part,
           greatest(any_value(changed.people) - sum(alone.people), 0) as people
    from (
        select wave, state, dimension, part, greatest(count_if(is_now), count_if(not is_now)) as people
        from changed
        group by all
    ) as changed
    join alone using (wave, state, dimension, part)
    group by all
)
select wave, state, dimension, part || chr(31) || item_id, alone.people + others.people
from alone
join differing using (wave, state, dimension, part, item_id)
join others using (wave, state, dimension, part)
where differing.people between 1 and {few}
  and alone.people + others.people between 1 and {few}
"""


def find_changes(connection: duckdb.DuckDBPyConnection, k: int, fewest: int) -> None:
    """Temp table `changed_parts`: wave, state, dimension, part (a group, two, or a group and a question) and by how many people what
    is said there differs from that state. Needs what `compare_answers` leaves and `survey_groups`.

    Groups of `fewest` people may be seen by some role, groups of `k` by all of them.
    """
    for statement in (_PARTS, _DIFFERENCES, _CHANGED, _RENAMED, _CROSSED, _CORRECTED):
        connection.execute(statement.format(few=k - 1, fewest=fewest))
