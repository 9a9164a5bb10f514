"""Evaluation: how many members have a hand in judging and changing the community."""

from collections.abc import Mapping

import duckdb

from metrics.cells import Tally, tally
from metrics.metric import Better, Grain, Metric, Source, Unit

REVIEW_TOPICS = ("evaluation", "feedback", "reflection", "retrospective", "review")

EVALUATION_CARDS = (
    Metric(
        name="evaluation_engagement",
        title="Members who evaluate",
        question="Do members help to judge and change the community?",
        formula=f"members who came to a review session or own an action opened in the quarter / roster; a review session is an event at which a story was told or whose topic is one of {', '.join(REVIEW_TOPICS)}",
        unit=Unit.SHARE,
        better=Better.HIGHER,
        grains=(Grain.QUARTER,),
        needs=(Source.ATTENDANCE,),
        reading="0: the community is evaluated for its members; 1: by all of them.",
        reference="Hearth's own.",
        caveats="An owner counts where it is the id, the e-mail address or the name of exactly one member. Stories name nobody. Survey answers are never joined to people: read the response rate beside this.",
        practices=("members-in-evaluation",),
    ),
)

_MEMBERS = f"""(
    with sessions as (
        select event_id, day
        from events
        where day <= getvariable('as_of')
          and (lower(topic) in {REVIEW_TOPICS}
               or event_id in (select event_id from told_stories))
    ),
    known_as as (
        select people.person, lower(people.member_id) as name
        from people
        union
        select person, lower(name) from members where name is not null
        union
        select person, lower(email) from members where email is not null
    ),
    owners as (
        select name, any_value(person) as person
        from (
            select distinct known_as.name, coalesce(aliases.member, known_as.person) as person
            from known_as
            left join aliases using (person)
        )
        group by name
        having count(*) = 1
    ),
    took_part as (
        select people_at_events.person, sessions.day
        from people_at_events
        join sessions using (event_id)
        where people_at_events.attended
        union all
        select owners.person, actions.opened_on
        from actions
        join owners
          on owners.name = lower(trim(actions.owner))
        where actions.opened_on <= getvariable('as_of')
    )
    select roster.*,
           exists (
               select 1
               from took_part
               where took_part.person = roster.person
                 and took_part.day between roster.starts_on and roster.ends_on
           ) as has_evaluated
    from roster
    where roster.grain = 'quarter'
      and roster.member_type = 'member'
)"""


def count_evaluation(connection: duckdb.DuckDBPyConnection, columns: Mapping[str, str]) -> None:
    """Add `evaluation_engagement` to `cells`, by quarter, whole and by segment."""
    number = Tally(
        "evaluation_engagement",
        numerator="count_if(has_evaluated)",
        denominator="count(*)",
        grains=(Grain.QUARTER,),
    )
    tally(connection, _MEMBERS, [number], columns)
