"""Recognition: who is thanked and celebrated, by whom, and how soon."""

from collections.abc import Mapping

import duckdb

from metrics.cells import Tally, tally
from metrics.metric import ALL_GRAINS, Better, Grain, Metric, Source, Unit

RECOGNITION_CARDS = (
    Metric(
        name="recognition_coverage",
        title="Members recognised",
        question="What share of members was thanked or celebrated?",
        formula="members recognised at least once in the period / roster",
        unit=Unit.SHARE,
        better=Better.HIGHER,
        grains=ALL_GRAINS,
        needs=(Source.ROSTER, Source.RECOGNITIONS),
        breakdown="kind: individual, group",
        reading="0: nobody was; 1: everybody was. Compare groups: who is left out?",
        reference="Hearth's own.",
        caveats="Only what is written down counts, so a fall may be a register that sleeps. Nobody recognises themselves. A member recognised twice counts once.",
        practices=("celebrate-achievements",),
    ),
    Metric(
        name="recognition_givers",
        title="Members who recognised others",
        question="What share of members thanks somebody?",
        formula="members who recognised somebody else in the period / roster",
        unit=Unit.SHARE,
        better=Better.HIGHER,
        grains=ALL_GRAINS,
        needs=(Source.ROSTER, Source.RECOGNITIONS),
        reading="0: thanks come from staff alone, or from nobody; 1: everybody thanks somebody.",
        reference="Hearth's own.",
        caveats="Recognitions without a named giver are no member's.",
        practices=("celebrate-achievements",),
    ),
    Metric(
        name="recognition_from_peers",
        title="Recognition from other members",
        question="Do members recognise each other, or does staff?",
        formula="recognitions of members given by members / recognitions of members with a known giver of the roster",
        unit=Unit.SHARE,
        better=Better.HIGHER,
        grains=(Grain.QUARTER,),
        needs=(Source.ROSTER, Source.RECOGNITIONS),
        reading="0: all come from staff; 1: all come from other members.",
        reference="Hearth's own.",
        caveats="Recognitions without a known giver are in neither count. Whole community only.",
        practices=("celebrate-achievements",),
        additive=True,
    ),
    Metric(
        name="recognition_top_tenth",
        title="Recognition held by a tenth",
        question="Do the same few get all the thanks?",
        formula="recognitions of the ceil(n/10) most recognised members / recognitions of members, n the members recognised",
        unit=Unit.SHARE,
        better=Better.LOWER,
        grains=(Grain.QUARTER,),
        needs=(Source.ROSTER, Source.RECOGNITIONS),
        reading="Near 0.1: spread evenly; near 1: a few get everything.",
        reference="Hearth's own, as top_tenth_share of interactions.",
        caveats="With fewer than ten members recognised the tenth is one person. Whole community only.",
        practices=("celebrate-achievements",),
    ),
    Metric(
        name="recognition_delay",
        title="Days from achievement to recognition",
        question="How long do people wait for thanks?",
        formula="median days from what was achieved to its recognition, of the recognitions of the quarter with both days",
        unit=Unit.DAYS,
        better=Better.LOWER,
        grains=(Grain.QUARTER,),
        needs=(Source.RECOGNITIONS,),
        reading="0: on the same day.",
        reference="Hearth's own.",
        caveats="Achievements that nobody recognised are not known, so the true wait is longer. Whole community only.",
        practices=("celebrate-achievements",),
    ),
)

_MEMBERS = """(
    with received as (
        select periods.grain, periods.period, thanks.receiver as person,
               bool_or(thanks.kind = 'individual') as is_alone,
               bool_or(thanks.kind = 'group') as is_in_group
        from thanks
        join periods
          on thanks.recognised_on between periods.starts_on and periods.ends_on
        group by all
    ),
    gave as (
        select distinct periods.grain, periods.period, thanks.giver as person
        from thanks
        join periods
          on thanks.recognised_on between periods.starts_on and periods.ends_on
    )
    select roster.*, received.person is not null as is_recognised, coalesce(received.is_alone, false) as is_alone,
           coalesce(received.is_in_group, false) as is_in_group, gave.person is not null as has_given
    from roster
    left join received using (grain, period, person)
    left join gave using (grain, period, person)
    where roster.member_type = 'member'
      and roster.ends_on >= (select min(recognised_on) from thanks)
)"""

_ENTRIES = """
create or replace temp table thanked as
select periods.period, thanks.receiver, giver.member_type as from_whom, thanks.recognised_on - thanks.achieved_on as days
from thanks
join periods
  on periods.grain = 'quarter'
 and thanks.recognised_on between periods.starts_on and periods.ends_on
join roster as receiver
  on receiver.grain = 'quarter'
 and receiver.period = periods.period
 and receiver.person = thanks.receiver
 and receiver.member_type = 'member'
left join roster as giver
  on giver.grain = 'quarter'
 and giver.period = periods.period
 and giver.person = thanks.giver
"""

_QUARTERS = """
insert into cells by name
with whole as (
    select 'quarter' as grain, 'all' as dimension, 'all' as segment, 'all' as breakdown
),
ranked as (
    select period, count(*) as times,
           row_number() over (partition by period order by count(*) desc, receiver) as place,
           ceil(count(*) over (partition by period) / 10) as tenth
    from thanked
    group by period, receiver
),
numbers as (
    select 'recognition_from_peers' as metric, period, count_if(from_whom = 'member') as numerator,
           count(*) as denominator, count(distinct receiver) as people, null::double as value
    from thanked
    where from_whom is not null
    group by period
    union all
    select 'recognition_top_tenth', period, sum(case when place <= tenth then times else 0 end), sum(times), count(*), null
    from ranked
    group by period
    union all
    select 'recognition_delay', period, null, count(*), count(distinct receiver), median(days)
    from thanked
    where days >= 0
    group by period
)
select *
from numbers
cross join whole
"""


def count_recognition(connection: duckdb.DuckDBPyConnection, columns: Mapping[str, str]) -> None:
    """Add the numbers of RECOGNITION_CARDS to `cells`: who received and who gave by segment, the others for the whole."""
    tally(
        connection,
        _MEMBERS,
        [
            Tally("recognition_coverage", numerator="count_if(is_recognised)", denominator="count(*)"),
            Tally(
                "recognition_givers",
                numerator="count_if(has_given)",
                denominator="count(*)",
                segment_grains=(Grain.QUARTER,),
            ),
            Tally(
                "recognition_coverage",
                numerator="count_if(is_alone)",
                denominator="count(*)",
                breakdown="individual",
                segment_grains=(),
            ),
            Tally(
                "recognition_coverage",
                numerator="count_if(is_in_group)",
                denominator="count(*)",
                breakdown="group",
                segment_grains=(),
            ),
        ],
        columns,
    )
    connection.execute(_ENTRIES)
    connection.execute(_QUARTERS)
