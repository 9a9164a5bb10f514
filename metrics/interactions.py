"""Interactions: who takes part in the talk, how steadily, and whether it goes between members."""

from collections.abc import Mapping

import duckdb

from metrics.cells import Tally, group_by, group_keys, tally
from metrics.metric import ALL_GRAINS, Better, Grain, Metric, Part, Source, Unit

INTERACTION_CARDS = (
    Metric(
        name="interactions_per_member",
        title="Interactions a member",
        question="How much does a member take part?",
        formula="interactions made by members in the period / members on the roster; median and quartiles beside it",
        unit=Unit.MEAN,
        better=Better.HIGHER,
        grains=ALL_GRAINS,
        needs=(Source.INTERACTIONS,),
        numerator=lambda m: m.interactions.sum(),
        denominator=lambda m: m.count(),
        breakdown="quartile",
        reading="A few people usually make most of it: read the median and the quartiles with the mean.",
        reference="Hearth's own.",
        caveats="The mean alone misleads: one busy member moves it. Not comparable between tools of talk.",
        additive=True,
    ),
    Metric(
        name="active_members",
        title="Took part in talk",
        question="What share of members took part in the talk at all?",
        formula="members with at least one interaction as actor in the period / roster",
        unit=Unit.SHARE,
        better=Better.HIGHER,
        grains=ALL_GRAINS,
        needs=(Source.INTERACTIONS,),
        numerator=lambda m: (m.interactions > 0).ifelse(1, 0).sum(),
        denominator=lambda m: m.count(),
        reading="0: silence; 1: every member did something, be it a reaction.",
        reference="Slack and Discourse, active members, by the calendar period instead of a sliding window.",
        caveats="Reading without a trace is not seen. Slack's own figures use windows that differ by a day.",
    ),
    Metric(
        name="posting_members",
        title="Wrote something",
        question="What share of members wrote something?",
        formula="members with at least one post, reply or message in the period / roster",
        unit=Unit.SHARE,
        better=Better.HIGHER,
        grains=ALL_GRAINS,
        needs=(Source.INTERACTIONS,),
        numerator=lambda m: (m.contributions > 0).ifelse(1, 0).sum(),
        denominator=lambda m: m.count(),
        reading="Ten to twenty per cent a week is usual in communities of practice; most members mostly read.",
        reference="Slack, members posting; Higher Logic, contributors.",
        caveats="Reactions and mentions alone do not count.",
    ),
    Metric(
        name="stickiness",
        title="Daily stickiness",
        question="Do those who take part do so every working day?",
        formula="mean over the working days of the last 28 days of distinct active members / distinct active in those 28 days",
        unit=Unit.SHARE,
        better=Better.HIGHER,
        grains=ALL_GRAINS,
        needs=(Source.INTERACTIONS,),
        look_back=28,
        over="conduct",
        numerator=lambda m: m.active_workdays.sum() / 20,
        denominator=lambda m: m.is_active_in_28_days.ifelse(1, 0).sum(),
        reading="0.05: each active member came on one working day of twenty; 1: each came on all of them.",
        reference="Discourse, DAU/MAU, and Savannah; on working days, as both count weekends in.",
        caveats="Misleads for communities that meet weekly: read weekly stickiness first. Working days are Monday to Friday, holidays among them. Members active only at weekends lower it.",
    ),
    Metric(
        name="weekly_stickiness",
        title="Weekly stickiness",
        question="Do those who take part do so every week?",
        formula="mean weekly active of the last four weeks / distinct active in those 28 days",
        unit=Unit.SHARE,
        better=Better.HIGHER,
        grains=ALL_GRAINS,
        needs=(Source.INTERACTIONS,),
        look_back=28,
        numerator=lambda m: sum(((m.active_blocks >> block) & 1).sum() for block in range(4)) / 4,
        denominator=lambda m: (m.active_blocks > 0).ifelse(1, 0).sum(),
        reading="0.25: each active member came in one week of four; 1: each came every week.",
        reference="Discourse and Savannah, stickiness, on weeks because daily figures mislead for weekly communities.",
        caveats="The 28 days end on the period's last day, also for months and quarters.",
    ),
    Metric(
        name="share_of_voice",
        title="Share of voice",
        question="Who does the writing: staff, newcomers or other members?",
        formula="posts, replies and messages of staff, of members who joined in the period, of other members / all of them, bots out",
        unit=Unit.SHARE,
        better=Better.NEITHER,
        grains=ALL_GRAINS,
        needs=(Source.INTERACTIONS,),
        breakdown="voice: staff, new, returning",
        reading="The three add up to 1. A community that stands on its own has a small share of staff.",
        reference="Discourse, posts by kind of user, with staff apart.",
        caveats="Whole community only. Contributions of people off the roster are not counted.",
        additive=True,
    ),
    Metric(
        name="participation_profile",
        title="Creators, contributors, lurkers",
        question="How many start something, how many join in, and how many only read?",
        formula="members who started a thread in the 90 days that end on the quarter's last day (creator), did anything else (contributor), nothing (lurker) / roster",
        unit=Unit.SHARE,
        better=Better.NEITHER,
        grains=(Grain.QUARTER,),
        needs=(Source.INTERACTIONS,),
        look_back=90,
        breakdown="creator, contributor, lurker",
        over="conduct",
        denominator=lambda m: m.count(),
        parts=(
            Part("creator", lambda m: m.has_started_in_90_days.ifelse(1, 0).sum()),
            Part("contributor", lambda m: (m.is_active_in_90_days & ~m.has_started_in_90_days).ifelse(1, 0).sum()),
            Part("lurker", lambda m: (~m.is_active_in_90_days & ~m.has_started_in_90_days).ifelse(1, 0).sum()),
        ),
        reading="The three add up to 1. The web's old rule of thumb is 1, 9 and 90 %; well-kept internal communities see 45 % do something.",
        reference="Nielsen's 90-9-1; Community Roundtable, best in class 45 % engaged; Higher Logic, 15 % active.",
        caveats="Reading leaves no trace, so a lurker may read everything or nothing. Where a source has no threads, nobody is a creator.",
    ),
    Metric(
        name="member_to_member",
        title="Talk between members",
        question="How much of the talk goes from member to member?",
        formula="interactions from a member to a member / interactions with a known target; each (interaction, known target) once",
        unit=Unit.SHARE,
        better=Better.HIGHER,
        grains=ALL_GRAINS,
        needs=(Source.INTERACTIONS,),
        reading="0: all talk passes through staff; 1: members talk only among themselves.",
        reference="Hearth's own; the role-shift index of networks that help themselves.",
        caveats="A reply that names nobody is addressed to the one who started its thread. Talk to oneself is not counted. By segment of the one who speaks.",
        additive=True,
    ),
    Metric(
        name="thread_response",
        title="Threads that got a reply",
        question="Do posts get a reply?",
        formula="threads of members with a reply by somebody else within 7 days / threads members started",
        unit=Unit.SHARE,
        better=Better.HIGHER,
        grains=ALL_GRAINS,
        needs=(Source.INTERACTIONS,),
        horizon=7,
        numerator=lambda m: m.threads_answered.sum(),
        denominator=lambda m: m.threads_started.sum(),
        people=lambda m: (m.threads_started > 0).ifelse(1, 0).sum(),
        reading="0: nobody is answered; 1: every thread is, within a week.",
        reference="Savannah and CHAOSS, response rate.",
        caveats="Replies by staff count; by bots they do not. A post that nobody answers starts a thread too. A source without threads gives no data. Changes for 7 days after the period's end.",
        additive=True,
    ),
    Metric(
        name="answered_within_day",
        title="Answered within a day",
        question="Are questions answered within a day?",
        formula="threads of members with a reply by somebody else within 24 hours / threads members started; only those that ask, where intent is known",
        unit=Unit.SHARE,
        better=Better.HIGHER,
        grains=ALL_GRAINS,
        needs=(Source.INTERACTIONS,),
        horizon=1,
        numerator=lambda m: m.questions_answered.sum(),
        denominator=lambda m: m.questions.sum(),
        people=lambda m: (m.questions > 0).ifelse(1, 0).sum(),
        reading="0: no question is answered within 24 hours; 1: all are.",
        reference="Savannah and Viva Engage, time to first reply.",
        caveats="A source that never marks intent counts every thread, and the words are then “posts that got a reply”. Says nothing about how good an answer is.",
        additive=True,
    ),
)

_SHARE_OF_VOICE = """
insert into cells by name
with voices as (
    select roster.grain, roster.period, roster.person, acted.contributions,
           case
               when roster.member_type = 'staff' then 'staff'
               when roster.joined_on between roster.starts_on and roster.ends_on then 'new'
               else 'returning'
           end as voice
    from roster
    join acted using (number, person)
    where acted.contributions > 0
),
kinds as (
    select unnest(['staff', 'new', 'returning']) as voice
)
select 'share_of_voice' as metric, voices.grain, voices.period, 'all' as dimension, 'all' as segment,
       kinds.voice as breakdown,
       sum(case when voices.voice = kinds.voice then contributions else 0 end) as numerator,
       sum(contributions) as denominator, count(*) as people
from voices
cross join kinds
group by all
"""


def count_voices(connection: duckdb.DuckDBPyConnection) -> None:
    """Add `share_of_voice` to the temp table `cells`, cut by voice: staff, new, returning."""
    connection.execute(_SHARE_OF_VOICE)


def count_talk_between_members(connection: duckdb.DuckDBPyConnection, columns: Mapping[str, str]) -> None:
    """Add `member_to_member` to `cells`: whole community and by the segment of the speaker, staff of a segment included."""
    segments = "".join(f", stays.{column}" for column in columns.values())
    tally(
        connection,
        f"(select talk.*{segments} from talk join stays using (stay))",
        [Tally("member_to_member", numerator="sum(between_members)", denominator="sum(addressed)", people="count(*)")],
        columns,
    )


def spread_interactions(connection: duckdb.DuckDBPyConnection, columns: Mapping[str, str]) -> None:
    """Add the quartiles of `interactions_per_member` to `cells` as breakdowns lower quartile, median, upper quartile.

    They are values without numerator and denominator; people are the members of the group.
    """
    connection.execute(
        f"""insert into cells by name
            with spread as (
                select {group_keys(columns)}, count(*) as people, quantile_cont(interactions, [0.25, 0.5, 0.75]) as quartiles
                from panel
                {group_by(columns)}
            )
            select 'interactions_per_member' as metric, grain, period, dimension, segment, names.name as breakdown,
                   quartiles[names.place] as value, people
            from spread
            cross join (
                values ('lower quartile', 1), ('median', 2), ('upper quartile', 3)
            ) as names(name, place)
            where segment is not null"""
    )
