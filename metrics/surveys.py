"""Surveys: what members say. Counts of answers first, ratios and margins from them, before the gate.

An open wave gives its response rate and nothing else. Everything is about distinct respondents; answers
are never joined to what people did.
"""

from collections.abc import Sequence

import duckdb
import numpy as np
import pandas as pd

from metrics.metric import RESULT_COLUMNS, Better, Grain, Metric, Source, Unit
from metrics.statistics import (
    MINIMUM,
    compare_shares,
    mean_margin,
    nps_standard_error,
    share_margin,
    share_standard_error,
)

_NOT_APPLICABLE = "“Not applicable” and blanks leave numerator and denominator."
_MARGIN = "Margins are 95 %, corrected for the finite number of those invited."

SURVEY_CARDS = (
    Metric(
        name="survey_response",
        title="Answered the survey",
        question="How many of those invited answered?",
        formula="respondents who submitted at least one scored answer / invited (the roster on the opening day where no number was given)",
        unit=Unit.SHARE,
        better=Better.HIGHER,
        grains=(Grain.WAVE,),
        needs=(Source.SURVEY,),
        reading="0: nobody; 1: everybody. Three quarters is usual in organisations.",
        reference="Viva Glint and Culture Amp, response or participation rate.",
        caveats="A group's rate is over the roster on the opening day. A high rate does not say that the mix is right.",
    ),
    Metric(
        name="favourable",
        title="Favourable answers",
        question="What share of those who answered is favourable?",
        formula="answers above 70 on the 0 to 100 scale after reversing, or the codes the item names / answers with a code",
        unit=Unit.SHARE,
        better=Better.HIGHER,
        grains=(Grain.WAVE,),
        needs=(Source.SURVEY,),
        breakdown="item, construct",
        reading="On five points: agree or strongly agree. On four or six points the upper half; nothing is neutral there.",
        reference="FEVS percent positive; Viva Insights favourable.",
        caveats=f"{_NOT_APPLICABLE} {_MARGIN} A construct is the mean of its items' shares; its margin comes from respondents' own means.",
    ),
    Metric(
        name="neutral",
        title="Neutral answers",
        question="What share of those who answered is undecided?",
        formula="answers from 40 to 70 on the 0 to 100 scale, or the codes the item names / answers with a code",
        unit=Unit.SHARE,
        better=Better.NEITHER,
        grains=(Grain.WAVE,),
        needs=(Source.SURVEY,),
        breakdown="item",
        reading="Favourable, neutral and unfavourable add up to 1.",
        reference="FEVS; Viva Insights.",
        caveats=f"{_NOT_APPLICABLE} {_MARGIN}",
    ),
    Metric(
        name="unfavourable",
        title="Unfavourable answers",
        question="What share of those who answered is unfavourable?",
        formula="answers below 40 on the 0 to 100 scale after reversing, or the rest of the codes / answers with a code",
        unit=Unit.SHARE,
        better=Better.LOWER,
        grains=(Grain.WAVE,),
        needs=(Source.SURVEY,),
        breakdown="item",
        reading="Favourable, neutral and unfavourable add up to 1.",
        reference="FEVS; Viva Insights.",
        caveats=f"{_NOT_APPLICABLE} {_MARGIN}",
    ),
    Metric(
        name="item_score",
        title="Item score",
        question="How favourable is the mean answer?",
        formula="mean of (answer - lowest) / (highest - lowest) x 100, reversed items counted from the other end",
        unit=Unit.SCORE,
        better=Better.HIGHER,
        grains=(Grain.WAVE,),
        needs=(Source.SURVEY,),
        breakdown="item, construct",
        reading="0: everybody at the worst end; 100: everybody at the best.",
        reference="Viva Glint score; CSPS index arithmetic.",
        caveats=f"{_NOT_APPLICABLE} {_MARGIN} A mean of 50 can hide two camps. A construct is the mean of respondents' own means.",
    ),
    Metric(
        name="engagement_index",
        title="Engagement index",
        question="How attached are members to the community?",
        formula="mean over respondents of the mean score of the items of the construct engagement; only those who answered all of them",
        unit=Unit.SCORE,
        better=Better.HIGHER,
        grains=(Grain.WAVE,),
        needs=(Source.SURVEY,),
        reading="0 to 100; in organisations 55 to 70 is usual.",
        reference="UK Civil Service People Survey technical guide: pride, advocacy, attachment, inspiration, motivation.",
        caveats=f"{_MARGIN} Uses the items that the wave marks as engagement, five in the published form. The margin is from respondents' own means.",
    ),
    Metric(
        name="nps",
        title="Would recommend",
        question="Would members recommend the community?",
        formula="share of 9 and 10 minus share of 0 to 6, times 100",
        unit=Unit.NPS,
        better=Better.HIGHER,
        grains=(Grain.WAVE,),
        needs=(Source.SURVEY,),
        breakdown="item",
        reading="-100: all would warn; 0: as many as would recommend; 100: all would recommend.",
        reference="Net promoter score; standard error by whuber (Cross Validated) with the finite population.",
        caveats=f"{_MARGIN} Moves a lot in small groups: a single answer of ten is worth ten points.",
    ),
)

# Highest score that is unfavourable, lowest that is favourable. Scales of 4 and 6 points have no middle.
_CLASS = """case
               when len(items.favourable) > 0 then
                   case when list_contains(items.favourable, answers.code) then 'favourable'
                        when list_contains(items.neutral, answers.code) then 'neutral'
                        else 'unfavourable' end
               when items.scale_max - items.scale_min in (3, 5) then
                   case when answers.score > 50 then 'favourable' else 'unfavourable' end
               when answers.score > 70 then 'favourable'
               when answers.score < 40 then 'unfavourable'
               else 'neutral'
           end"""

_WAVES = """
create or replace temp table survey_waves as
with completed as (
    select respondents.wave, count(distinct respondents.respondent) as completed
    from respondents
    join answers using (wave, respondent)
    where answers.score is not null
      and respondents.submitted_at is not null
    group by all
)
select waves.wave, waves.instrument, waves.opened_on,
       case when waves.closed_on <= getvariable('as_of') then waves.closed_on end as closed_on,
       waves.invited, coalesce(completed.completed, 0)::integer as completed, waves.promise, waves.linked,
       lag(case when waves.closed_on <= getvariable('as_of') then waves.wave end)
           over (partition by waves.instrument order by waves.opened_on, waves.wave) as previous,
       row_number() over (order by waves.opened_on, waves.wave)::integer as position
from waves
left join completed using (wave)
where waves.opened_on <= getvariable('as_of')
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
create or replace temp table invited as
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
join segments
  on segments.person = members_then.person
 and segments.valid_from = members_then.stored_from
group by all
"""

_GROUPS = """
create or replace temp table respondent_groups as
select wave, respondent, 'all' as dimension, 'all' as segment
from respondents
where submitted_at is not null
union all
select respondent_segments.wave, respondent, dimension, segment
from respondent_segments
join respondents using (wave, respondent)
where list_contains($dimensions, dimension)
  and respondents.submitted_at is not null
"""

_SCORED = f"""
create or replace temp table scored as
select answers.wave, answers.respondent, answers.item_id, items.construct, items.kind, answers.code, answers.score,
       {_CLASS} as class
from answers
join items using (item_id)
join survey_waves using (wave)
where answers.score is not null
  and survey_waves.closed_on is not null
"""

# One row per wave, group and thing measured, with counts and sums from which every ratio and margin is made.
_COUNTS = """
create or replace temp table survey_counts as
with by_construct as (
    select wave, respondent, construct, avg(score) as score,
           avg(case when class = 'favourable' then 1.0 else 0.0 end) as favourable
    from scored
    where construct is not null
    group by all
),
item_shares as (
    select scored.wave, groups.dimension, groups.segment, scored.construct, scored.item_id,
           avg(case when class = 'favourable' then 1.0 else 0.0 end) as favourable
    from scored
    join respondent_groups as groups using (wave, respondent)
    where scored.construct is not null
    group by all
),
engaged as (
    select wave, respondent, avg(score) as score
    from scored
    where construct = 'engagement'
    group by wave, respondent
    having count(*) = (
        select count(*)
        from survey_items
        where survey_items.wave = scored.wave
          and survey_items.construct = 'engagement'
    )
)
select 'item' as level, scored.wave, groups.dimension, groups.segment, scored.item_id as breakdown, any_value(scored.kind) as kind,
       count(*) as n,
       count_if(class = 'favourable') as favourable, count_if(class = 'neutral') as neutral,
       count_if(class = 'unfavourable') as unfavourable,
       count_if(scored.code >= 9) as promoters, count_if(scored.code <= 6) as detractors,
       avg(score) as mean, stddev_samp(score) as deviation,
       avg(case when class = 'favourable' then 1.0 else 0.0 end) as share, null::double as share_deviation
from scored
join respondent_groups as groups using (wave, respondent)
group by all
union all by name
select 'construct' as level, by_construct.wave, groups.dimension, groups.segment, by_construct.construct as breakdown,
       count(*) as n, avg(by_construct.score) as mean, stddev_samp(by_construct.score) as deviation,
       (
           select avg(item_shares.favourable)
           from item_shares
           where item_shares.wave = by_construct.wave
             and item_shares.dimension = groups.dimension
             and item_shares.segment = groups.segment
             and item_shares.construct = by_construct.construct
       ) as share,
       stddev_samp(by_construct.favourable) as share_deviation
from by_construct
join respondent_groups as groups using (wave, respondent)
group by all
union all by name
select 'index' as level, engaged.wave, groups.dimension, groups.segment, 'all' as breakdown, count(*) as n,
       avg(engaged.score) as mean, stddev_samp(engaged.score) as deviation
from engaged
join respondent_groups as groups using (wave, respondent)
group by all
"""

_RESPONSE = """
select 'survey_response' as metric, 'wave' as grain, survey_waves.wave as period, invited.dimension, invited.segment,
       'all' as breakdown, count(distinct completed.respondent) as numerator,
       any_value(case when invited.dimension = 'all' then coalesce(survey_waves.invited, invited.invited) else invited.invited end)
           as denominator,
       any_value(survey_waves.closed_on is not null) as is_closed
from survey_waves
join invited using (wave)
left join (
    select groups.wave, groups.dimension, groups.segment, groups.respondent
    from respondent_groups as groups
    where exists (
        select 1
        from answers
        where answers.wave = groups.wave
          and answers.respondent = groups.respondent
          and answers.score is not null
    )
) as completed
  on completed.wave = invited.wave
 and completed.dimension = invited.dimension
 and completed.segment = invited.segment
where list_contains($dimensions, invited.dimension)
   or invited.dimension = 'all'
group by all
order by all
"""

_DISTRIBUTIONS = """
create or replace temp table survey_distributions as
with options as (
    select scored.wave, scored.item_id, groups.dimension, groups.segment, scored.respondent,
           coalesce(items.labels[(scored.code - items.scale_min + 1)::integer], printf('%g', scored.code)) as option,
           case when items.reverse then items.scale_max - scored.code else scored.code - items.scale_min end::integer as position
    from scored
    join items using (item_id)
    join respondent_groups as groups using (wave, respondent)
    union all
    select answers.wave, answers.item_id, groups.dimension, groups.segment, answers.respondent, answers.choice, 0
    from answers
    join survey_waves using (wave)
    join respondent_groups as groups using (wave, respondent)
    where answers.choice is not null
      and survey_waves.closed_on is not null
),
sizes as (
    select wave, item_id, dimension, segment, count(distinct respondent) as n
    from options
    group by all
)
select options.wave, options.item_id, options.dimension, options.segment, options.option, options.position,
       count(*) as count, any_value(sizes.n) as n
from options
join sizes using (wave, item_id, dimension, segment)
group by all
"""


def measure_surveys(connection: duckdb.DuckDBPyConnection, dimensions: Sequence[str]) -> None:
    """Temp tables `survey_results` (columns of a result), `survey_waves`, `survey_items` and `survey_distributions`.

    Needs the temp table `versions` of the panel and the variable `as_of`. Keeps `survey_counts`, from which
    changes between waves are computed.
    """
    for statement in (_WAVES, _ITEMS, _INVITED):
        connection.execute(statement)
    connection.execute(_GROUPS, {"dimensions": list(dimensions)})
    for statement in (_SCORED, _COUNTS, _DISTRIBUTIONS):
        connection.execute(statement)
    parts = [_response(connection, dimensions), *_from_counts(read_counts(connection))]
    frame = pd.concat([part for part in parts if not part.empty] or [_empty()], ignore_index=True)
    frame = frame.reindex(columns=list(RESULT_COLUMNS))
    connection.register("survey_frame", frame)
    connection.execute(
        """create or replace temp table survey_results as
           select metric::varchar as metric, grain::varchar as grain, period::varchar as period,
                  dimension::varchar as dimension, segment::varchar as segment, breakdown::varchar as breakdown,
                  value::double as value, numerator::double as numerator, denominator::double as denominator,
                  people::bigint as people, low::double as low, high::double as high, expected::double as expected,
                  p::double as p, verdict::varchar as verdict, status::varchar as status
           from survey_frame"""
    )
    connection.unregister("survey_frame")


def read_counts(connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """The counts of every closed wave with `population`: how many of the group were invited, nan where unknown."""
    frame = connection.execute(
        """select survey_counts.*,
                  case when survey_counts.dimension = 'all' then coalesce(survey_waves.invited, invited.invited)
                       else invited.invited end::double as population
           from survey_counts
           join survey_waves using (wave)
           left join invited using (wave, dimension, segment)
           order by all"""
    ).df()
    # A group that outgrew its roster (people placed themselves elsewhere) has no known population.
    return frame.assign(population=frame["population"].where(frame["population"] >= frame["n"]))


def _response(connection: duckdb.DuckDBPyConnection, dimensions: Sequence[str]) -> pd.DataFrame:
    frame = connection.execute(_RESPONSE, {"dimensions": list(dimensions)}).df()
    frame["value"] = frame["numerator"] / frame["denominator"].where(frame["denominator"] > 0)
    frame["people"] = frame["denominator"]
    frame["status"] = np.where(frame["is_closed"], "final", "provisional")
    return frame[(frame["value"] <= 1) | (frame["dimension"] == "all")]


def _from_counts(counts: pd.DataFrame) -> list[pd.DataFrame]:
    asked, constructs = counts[counts["level"] == "item"], counts[counts["level"] == "construct"]
    index, items = counts[counts["level"] == "index"], asked[asked["kind"] != "nps"]
    parts = [_share(items, name) for name in ("favourable", "neutral", "unfavourable")]
    parts[0] = parts[0].assign(p=_differs_from_the_rest(items))
    parts.append(_construct_share(constructs))
    parts += [_score(frame, "item_score") for frame in (items, constructs)]
    parts.append(_score(index, "engagement_index"))
    parts.append(_nps(asked[asked["kind"] == "nps"]))
    return parts


def _share(items: pd.DataFrame, name: str) -> pd.DataFrame:
    share = items[name] / items["n"]
    margin = share_margin(share, items["n"], items["population"])
    return _rows(items, name, share, numerator=items[name], margin=margin, lowest=0, highest=1)


def _differs_from_the_rest(items: pd.DataFrame) -> np.ndarray:
    """Two-sided p of each group's favourable share against everybody else's; nan where fewer than 30 answered on either side."""
    whole = items[items["dimension"] == "all"]
    both = items.merge(whole, on=["wave", "breakdown"], how="left", suffixes=("", "_whole"))
    rest = {name: both[f"{name}_whole"] - both[name] for name in ("n", "favourable", "population")}
    share, others = both["favourable"] / both["n"], rest["favourable"] / rest["n"].where(rest["n"] > 0)
    error = share_standard_error(share, both["n"], both["population"])
    error_of_others = share_standard_error(others, rest["n"], rest["population"].where(rest["population"] >= rest["n"]))
    is_tested = (both["dimension"] != "all") & (both["n"] >= MINIMUM["item"]) & (rest["n"] >= MINIMUM["item"])
    return np.where(is_tested, compare_shares(share - others, error, error_of_others), np.nan)


def _construct_share(constructs: pd.DataFrame) -> pd.DataFrame:
    margin = mean_margin(constructs["share_deviation"], constructs["n"], constructs["population"])
    return _rows(constructs, "favourable", constructs["share"], margin=margin, lowest=0, highest=1)


def _score(frame: pd.DataFrame, metric: str) -> pd.DataFrame:
    margin = mean_margin(frame["deviation"], frame["n"], frame["population"])
    return _rows(
        frame, metric, frame["mean"], numerator=frame["mean"] * frame["n"], margin=margin, lowest=0, highest=100
    )


def _nps(items: pd.DataFrame) -> pd.DataFrame:
    promoters, detractors = items["promoters"] / items["n"], items["detractors"] / items["n"]
    error = nps_standard_error(promoters, detractors, items["n"], items["population"])
    score = 100 * (promoters - detractors)
    rows = _rows(
        items,
        "nps",
        score,
        numerator=items["promoters"] - items["detractors"],
        margin=196 * error,
        lowest=-100,
        highest=100,
    )
    only = items.groupby(["wave"])["breakdown"].transform("nunique") == 1
    return pd.concat([rows, rows[only.to_numpy()].assign(breakdown="all")], ignore_index=True)


def _rows(
    frame: pd.DataFrame,
    metric: str,
    value: pd.Series,
    *,
    margin: np.ndarray,
    lowest: float,
    highest: float,
    numerator: pd.Series | None = None,
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "metric": metric,
            "grain": "wave",
            "period": frame["wave"],
            "dimension": frame["dimension"],
            "segment": frame["segment"],
            "breakdown": frame["breakdown"],
            "value": value,
            "numerator": np.nan if numerator is None else numerator,
            "denominator": frame["n"],
            "people": frame["n"],
            "low": np.maximum(value - margin, lowest),
            "high": np.minimum(value + margin, highest),
            "status": "final",
        }
    ).reset_index(drop=True)


def _empty() -> pd.DataFrame:
    return pd.DataFrame(columns=list(RESULT_COLUMNS))
