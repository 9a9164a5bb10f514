"""Counts of survey answers, by wave, group and question, from which every ratio, margin and test is made.

Answers are counted here and nowhere else, so that a share, its margin and its change cannot be about different
people. Sums are taken in a fixed order: floats added in another order differ in their last digit, and the same
facts have to give the same snapshot.
"""

from collections.abc import Sequence

import duckdb
import pandas as pd

from metrics.indices import INDICES
from metrics.statistics import FAVOURABLE_ABOVE, SCALES_WITHOUT_MIDDLE, UNFAVOURABLE_BELOW

_WITHOUT_MIDDLE = ", ".join(str(points - 1) for points in SCALES_WITHOUT_MIDDLE)

# As statistics.classify, but for the codes that an item names; these are codes as answered, before reversing.
_CLASS = f"""case
               when len(items.favourable) > 0 then
                   case when list_contains(items.favourable, answers.code) then 'favourable'
                        when list_contains(items.neutral, answers.code) then 'neutral'
                        else 'unfavourable' end
               when items.scale_max - items.scale_min in ({_WITHOUT_MIDDLE}) then
                   case when answers.score > 50 then 'favourable' else 'unfavourable' end
               when answers.score > {FAVOURABLE_ABOVE} then 'favourable'
               when answers.score < {UNFAVOURABLE_BELOW} then 'unfavourable'
               else 'neutral'
           end"""

_WAVES = """
create or replace temp table survey_waves as
with known as (
    select *,
           case when closed_on <= getvariable('as_of') then closed_on end as over_on
    from waves
    where opened_on <= getvariable('as_of')
)
select wave, instrument, opened_on, over_on as closed_on, invited,
       (
           select count(*)
           from survey_completed
           where survey_completed.wave = known.wave
       )::integer as completed,
       promise, linked,
       lag(case when over_on is not null then wave end ignore nulls)
           over (partition by instrument order by opened_on, wave) as previous,
       row_number() over (order by opened_on, wave)::integer as position
from known
"""

# Answers after the as-of day are not read. A file that does not say when somebody answered stands at its wave's closing.
_RESPONDENTS = """
create or replace temp table survey_respondents as
select respondents.wave, respondents.respondent, respondents.key
from respondents
join waves using (wave)
where respondents.submitted_at < getvariable('as_of_end')
   or respondents.submitted_at = waves.closed_on;

create or replace temp table survey_completed as
select distinct wave, respondent
from survey_respondents
join answers using (wave, respondent)
where answers.score is not null
"""

_ITEMS = """
create or replace temp table survey_items as
select items.item_id, wave_items.wave, items.wording, items.kind, items.construct, items.reverse, items.scale_min,
       items.scale_max, wave_items.position,
       first_value(wave_items.wave) over (partition by items.item_id order by survey_waves.position) as first_asked
from items
join wave_items using (item_id)
join survey_waves using (wave)
where survey_waves.closed_on is not null
"""

# Who was on the roster on the day a wave opened, and in which segment.
_INVITED = """
create or replace temp table survey_invited as
with members_then as (
    select survey_waves.wave, versions.person, versions.stored_from
    from survey_waves
    join versions
      on versions.member_type = 'member'
     and survey_waves.opened_on >= versions.valid_from
     and survey_waves.opened_on < versions.valid_to
     and (versions.joined_on is null or versions.joined_on <= survey_waves.opened_on)
     and (versions.left_on is null or versions.left_on > survey_waves.opened_on)
)
select wave, 'all' as dimension, 'all' as segment, count(*) as invited
from members_then
group by all
union all
select wave, segments.dimension, segments.segment, count(*)
from members_then
join member_groups as segments
  on segments.person = members_then.person
 and segments.valid_from = members_then.stored_from
where list_contains($dimensions, segments.dimension)
group by all
"""

_GROUPS = """
create or replace temp table survey_groups as
select wave, respondent, 'all' as dimension, 'all' as segment
from survey_respondents
union all
select wave, respondent, dimension, segment
from respondent_groups
join survey_respondents using (wave, respondent)
where list_contains($dimensions, dimension)
"""

# A wave whose answers say nothing about a dimension has no rates by it: nobody of team Care did not answer.
_RESPONSES = """
create or replace temp table survey_responses as
with asked as (
    select survey_waves.wave, 'all' as dimension, 'all' as segment,
           coalesce(survey_waves.invited, survey_invited.invited) as invited
    from survey_waves
    left join survey_invited
      on survey_invited.wave = survey_waves.wave
     and survey_invited.dimension = 'all'
    union all
    select wave, dimension, segment, invited
    from survey_invited
    where (wave, dimension) in (
        select (wave, dimension)
        from survey_groups
        where dimension <> 'all'
    )
),
answered as (
    select wave, dimension, segment, count(*) as completed
    from survey_groups
    join survey_completed using (wave, respondent)
    group by all
)
select asked.wave, asked.dimension, asked.segment, asked.invited, coalesce(answered.completed, 0) as completed,
       survey_waves.closed_on is not null as is_closed
from asked
join survey_waves using (wave)
left join answered using (wave, dimension, segment)
where asked.invited > 0
"""

_SCORED = f"""
create or replace temp table survey_scored as
select answers.wave, answers.respondent, answers.item_id, items.construct, items.kind, answers.code, answers.score,
       {_CLASS} as class
from answers
join items using (item_id)
join survey_waves using (wave)
where answers.score is not null
  and survey_waves.closed_on is not null
"""

# One row per group, question and code: all that can be said of a single question follows from it.
_HISTOGRAM = """
create or replace temp table survey_histogram as
select wave, dimension, segment, item_id, construct, kind, code, score, class, count(*) as times
from survey_scored
join survey_groups using (wave, respondent)
group by all
"""

# `items` names what was asked: numbers of two waves are the same thing only where it is equal. The people of a
# construct are those of its least answered item: beside the construct, the other items give that one away. Squares are
# of the distance from the group's lowest score, so that a group of one mind deviates by 0 and not by a rounding error.
_COUNTS = f"""
create or replace temp table survey_counts as
with indices(construct, index) as (
    values {", ".join(f"('{construct}', '{index}')" for construct, index in INDICES.items())}
),
index_items as (
    select survey_items.wave, survey_items.item_id, indices.index
    from survey_items
    join indices
      on indices.construct = split_part(survey_items.construct, '/', 1)
    where survey_items.kind in ('likert', 'nps')
    union all
    select survey_items.wave, survey_items.item_id, indices.index || '/' || split_part(survey_items.construct, '/', 2)
    from survey_items
    join indices
      on indices.construct = split_part(survey_items.construct, '/', 1)
    where survey_items.kind in ('likert', 'nps')
      and contains(survey_items.construct, '/')
),
index_sets as (
    select wave, index, string_agg(item_id, ' ' order by item_id) as items, count(*) as asked
    from index_items
    group by all
),
index_own as (
    select wave, respondent, index, count(*) as answered, avg(score order by item_id) as score
    from survey_scored
    join index_items using (wave, item_id)
    group by all
),
sets as (
    select wave, construct, string_agg(item_id, ' ' order by item_id) as items, count(*) as asked
    from survey_items
    where construct is not null
      and kind in ('likert', 'nps')
    group by all
),
shifted as (
    select *,
           score - min(score) over (partition by wave, dimension, segment, item_id) as above
    from survey_histogram
),
sums as (
    select wave, dimension, segment, item_id, any_value(construct) as construct, any_value(kind) as kind,
           sum(times)::bigint as n,
           sum(case when class = 'favourable' then times else 0 end) as favourable,
           sum(case when class = 'neutral' then times else 0 end) as neutral,
           sum(case when class = 'unfavourable' then times else 0 end) as unfavourable,
           sum(case when code >= 9 then times else 0 end) as promoters,
           sum(case when code <= 6 then times else 0 end) as detractors,
           sum(times * score order by score) as total,
           sum(times * above order by score) as first_moment,
           sum(times * above * above order by score) as second_moment
    from shifted
    group by all
),
item_counts as (
    select * exclude (first_moment, second_moment),
           case when n > 1 then sqrt(greatest(second_moment - first_moment * first_moment / n, 0) / (n - 1)) end as deviation
    from sums
),
own as (
    select wave, respondent, construct, count(*) as answered, avg(score order by item_id) as score,
           count_if(class = 'favourable') / count(*) as favourable
    from survey_scored
    where construct is not null
    group by all
),
construct_shares as (
    select wave, dimension, segment, construct, min(n) as people, count(*) as answered,
           avg(favourable / n order by item_id) as share
    from item_counts
    where construct is not null
    group by all
),
construct_counts as (
    select wave, dimension, segment, construct, count(*) as n, sum(own.score order by own.score) as total,
           stddev_samp(own.score order by own.score) as deviation,
           sum(own.favourable order by own.favourable) as share_total,
           stddev_samp(own.favourable order by own.favourable) as share_deviation
    from own
    join survey_groups using (wave, respondent)
    group by all
)
select 'item' as level, item_id as breakdown, item_id as items, n as people, favourable / n as share,
       * exclude (item_id, construct)
from item_counts
union all by name
select 'construct' as level, construct as breakdown, items, wave, dimension, segment, n, people, total, deviation,
       share_total, share_deviation,
       case when answered = asked then share end as share
from construct_counts
join construct_shares using (wave, dimension, segment, construct)
join sets using (wave, construct)
union all by name
select 'index' as level, index as breakdown, any_value(index_sets.items) as items, wave, dimension, segment, count(*) as n,
       count(*) as people, sum(index_own.score order by index_own.score) as total,
       stddev_samp(index_own.score order by index_own.score) as deviation
from index_own
join index_sets using (wave, index)
join survey_groups using (wave, respondent)
where index_own.answered = index_sets.asked
group by wave, index, dimension, segment
"""

# Every option that was offered, also where nobody chose it: that is a zero, not a gap.
_DISTRIBUTIONS = """
create or replace temp table survey_distributions as
with ticked as (
    select answers.wave, answers.item_id, dimension, segment, answers.respondent, answers.choice
    from answers
    join survey_waves using (wave)
    join survey_groups using (wave, respondent)
    where survey_waves.closed_on is not null
      and answers.choice is not null
),
chosen as (
    select wave, item_id, dimension, segment, code, null::varchar as choice, times as count
    from survey_histogram
    union all
    select wave, item_id, dimension, segment, null, choice, count(*)
    from ticked
    group by all
),
sizes as (
    select wave, item_id, dimension, segment, sum(times)::bigint as n
    from survey_histogram
    group by all
    union all
    select wave, item_id, dimension, segment, count(distinct respondent)
    from ticked
    group by all
),
offered as (
    select wave, item_id, unnest(generate_series(scale_min::bigint, scale_max::bigint))::double as code, null::varchar as choice
    from survey_items
    where kind in ('likert', 'nps')
      and scale_max - scale_min <= 10
    union
    select wave, item_id, null, unnest(items.labels)
    from survey_items
    join items using (item_id)
    where items.kind in ('choice', 'multi')
    union
    select wave, item_id, code, choice
    from chosen
)
select sizes.wave, sizes.item_id, sizes.dimension, sizes.segment,
       coalesce(offered.choice, items.labels[(offered.code - items.scale_min + 1)::integer], printf('%g', offered.code)) as option,
       case
           when offered.choice is not null then coalesce(list_position(items.labels, offered.choice), len(items.labels) + 1, 1) - 1
           when items.reverse then items.scale_max - offered.code
           else offered.code - items.scale_min
       end::integer as position,
       coalesce(chosen.count, 0) as count, sizes.n
from sizes
join items using (item_id)
join offered using (wave, item_id)
left join chosen
  on chosen.wave = sizes.wave
 and chosen.item_id = sizes.item_id
 and chosen.dimension = sizes.dimension
 and chosen.segment = sizes.segment
 and chosen.code is not distinct from offered.code
 and chosen.choice is not distinct from offered.choice
"""


def count_surveys(connection: duckdb.DuckDBPyConnection, dimensions: Sequence[str]) -> None:
    """Temp tables `survey_respondents` (wave, respondent, key), `survey_waves`, `survey_items`, `survey_distributions` (as published), `survey_responses` and `survey_counts`.

    Needs the temp table `versions` of the panel and the variable `as_of`. Of open waves only the responses are
    counted.
    """
    for statement in (_RESPONDENTS, _WAVES, _ITEMS):
        connection.execute(statement)
    for statement in (_INVITED, _GROUPS):
        connection.execute(statement, {"dimensions": list(dimensions)})
    for statement in (_RESPONSES, _SCORED, _HISTOGRAM, _COUNTS, _DISTRIBUTIONS):
        connection.execute(statement)


def read_counts(connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """One row per closed wave, group and thing measured: an item, a construct or an index
    (`level`, `breakdown`; a sub-score of an index is `index/sub-score`).

    n who answered, people for the gate, sums, sample deviations, `share` favourable (0 to 1), `mean` (0 to 100) and
    `population`: how many of the group were invited, nan where that is unknown or more completed the wave than it
    says (people place themselves elsewhere than the roster does).
    """
    frame = connection.execute(
        """select survey_counts.*, survey_counts.total / survey_counts.n as mean,
                  case when survey_counts.dimension = 'all' then coalesce(survey_waves.invited, survey_invited.invited)
                       else survey_invited.invited end::double as population,
                  survey_responses.completed
           from survey_counts
           join survey_waves using (wave)
           left join survey_responses using (wave, dimension, segment)
           left join survey_invited using (wave, dimension, segment)
           order by level, wave, dimension, segment, breakdown"""
    ).df()
    answered = frame[["n", "completed"]].max(axis=1)
    return frame.drop(columns="completed").assign(population=frame["population"].where(frame["population"] >= answered))


def read_responses(connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """One row per wave, open ones included, and group: completed, invited, is_closed."""
    return connection.execute("select * from survey_responses order by wave, dimension, segment").df()
