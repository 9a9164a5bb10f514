"""Journeys: what becomes of people after they join, and after a programme ends.

Cohorts hold only people whose joining, or whose programme's end, lies inside coverage. Who leaves stays in: they
did not come again, and who comes back joins no second cohort: their first time is long past. An action before the day of
joining counts as done on that day.
"""

from collections.abc import Mapping

import duckdb

from metrics.cells import Tally, group_by, group_keys, insert_cells, tally
from metrics.metric import ALL, Better, Case, Grain, Metric, Source, Unit
from metrics.survival import lay_out_waits, median_wait

FIRST_DAYS = 90
ACTIVE_DAYS = 4
PARTNERS = 3
TEAMS = 2
AFTER_DAYS = (30, 90, 180)
_QUARTERS = (Grain.QUARTER,)
_ACTION = "An action is an interaction or an attended event; of the two, what was loaded counts."
_FIRST_STAY = "Who had left and came back is no newcomer."
_ANY = (Source.ATTENDANCE, Source.INTERACTIONS)

JOURNEY_CARDS = (
    Metric(
        name="time_to_first",
        title="Time to the first time",
        question="How soon after joining do people come, write, and get a reply?",
        formula="Kaplan-Meier median of days from joining to the first attended event, to the first reply to a thread of theirs, to the first post, reply or message; by the quarter of joining, watched for 90 days",
        unit=Unit.DAYS,
        better=Better.LOWER,
        grains=_QUARTERS,
        needs=_ANY,
        cases=(
            Case("event", FIRST_DAYS, (Source.ATTENDANCE,)),
            Case("reply received", FIRST_DAYS, (Source.INTERACTIONS,)),
            Case("contribution", FIRST_DAYS, (Source.INTERACTIONS,)),
        ),
        breakdown="event, reply received, contribution",
        reading="Half of those who joined had done it by then. Empty where fewer than half did within 90 days: then it is longer than 90 days. Low and high are its 95 % interval.",
        reference="Viva Insights and Bevy, time to first contribution, by Kaplan-Meier.",
        caveats=f"A cohort is small: read the counts and the interval. {_FIRST_STAY} Who left meanwhile counts as still waiting. The numerator is those who did it within 90 days.",
        practices=("resistance-to-change", "new-skills"),
    ),
    Metric(
        name="newcomer_conversion",
        title="Newcomers who settle in",
        question="How many of those who join become active?",
        formula="members who joined in the quarter and acted on at least 4 different days of their first 90 / members who joined in the quarter",
        unit=Unit.SHARE,
        better=Better.HIGHER,
        grains=_QUARTERS,
        needs=_ANY,
        needs_any=True,
        horizon=FIRST_DAYS,
        reading="0: nobody settled in; 1: everybody did.",
        reference="8Knot and Augur, four contributions as the step from drive-by to repeat contributor, counted in days.",
        caveats=f"{_ACTION} {_FIRST_STAY} Those who left stay in the denominator. Counted are those who joined at least 90 days ago, so a quarter is final 90 days after its end.",
        practices=("new-skills",),
    ),
    Metric(
        name="newcomer_integration",
        title="Partners after 90 days",
        question="How many people does a newcomer get to talk with?",
        formula="median over members who joined in the quarter of the number of different members they exchanged something with in their first 90 days; beside it how many of them reached 3 partners in 2 teams",
        unit=Unit.PEOPLE,
        better=Better.HIGHER,
        grains=_QUARTERS,
        needs=(Source.INTERACTIONS,),
        horizon=FIRST_DAYS,
        breakdown="lower quartile, upper quartile, three partners in two teams",
        reading="0: half of the newcomers know nobody. The count of those with three partners in two teams is of the same newcomers: its people.",
        reference="CHAOSS, newcomer experience.",
        caveats=f"{_FIRST_STAY} Ties to staff do not count. Teams are those of the first dimension; without one the count is of those with three partners.",
        practices=("meaningful-connections",),
    ),
    Metric(
        name="after_programme",
        title="Life after the programme",
        question="Are people still here when their programme is over?",
        formula="of members whose programme ended in the quarter, those with an action in the 28 days that end 30, 90 and 180 days after its end / those whose programme ended",
        unit=Unit.SHARE,
        better=Better.HIGHER,
        grains=_QUARTERS,
        needs=(Source.PROGRAMMES, *_ANY),
        needs_any=True,
        cases=tuple(Case(f"{days} days", days, _ANY) for days in AFTER_DAYS),
        breakdown="30 days, 90 days, 180 days",
        reading="1: all are still active. A fall from 30 to 180 days is what sustaining has to stop.",
        reference="Hearth's own.",
        caveats=f"{_ACTION} Leavers stay in. Until then only those whose own day has passed are counted; each of the three is final when that holds for all. Where several programmes of a person end in a quarter, the last counts.",
        practices=("after-the-programme",),
    ),
)

# DuckDB's greatest() steps over what is empty, so "never" has to be kept apart from "at once".
# Those who joined in a quarter in which a kind of fact was already covered, with what they did first, in days.
_JOINERS = f"""
create or replace temp table joiners as
with coverage as (
    select min(covers_from) filter (kind = 'attendance') as attendance_from,
           min(covers_from) filter (kind = 'interactions') as interactions_from
    from source_spans
),
first_events as (
    select attendance.person, min(events.day) as day
    from people_at_events as attendance
    join events
      on events.event_id = attendance.event_id
    where attendance.attended
      and events.day <= getvariable('as_of')
    group by all
),
first_replies as (
    select starter as person, local_time(min(replied_at))::date as day
    from threads
    where replied_at is not null
    group by all
),
first_posts as (
    select person, min(first_day) as day
    from first_seen
    where kind in ('post', 'reply', 'message')
    group by all
)
select roster.grain, roster.period, roster.person, roster.joined_on,
       least({FIRST_DAYS}, getvariable('as_of') - roster.joined_on + 1) as watched,
       case when roster.joined_on >= coverage.attendance_from then 1 else 0 end as sees_events,
       case when roster.joined_on >= coverage.interactions_from then 1 else 0 end as sees_talk,
       case when first_events.day is not null then greatest(0, first_events.day - roster.joined_on) end as to_event,
       case when first_replies.day is not null then greatest(0, first_replies.day - roster.joined_on) end as to_reply,
       case when first_posts.day is not null then greatest(0, first_posts.day - roster.joined_on) end as to_contribution{{segments}}
from roster
semi join versions
  on versions.person = roster.person
 and versions.stored_from = roster.stored_from
 and versions.is_first_stay
cross join coverage
left join first_events using (person)
left join first_replies using (person)
left join first_posts using (person)
where roster.grain = 'quarter'
  and roster.member_type = 'member'
  and roster.joined_on between roster.starts_on and least(roster.ends_on, getvariable('as_of'))
"""

_WAITS = """
with gathered as (
    select {keys}, list(least({wait}, watched)) as waits, list(coalesce({wait} >= watched, true)) as waiting, count(*) as people
    from joiners
    where {seen} = 1
    {groups}
)
select *
from gathered
where segment is not null
order by grain, period, dimension, segment
"""

_ACTION_DAYS = f"""
create or replace temp table action_days as
select person, date_trunc('week', atom)::date + weekday::integer as day
from action_atoms
cross join range(7) as weekdays(weekday)
where day_mask & (1 << weekday) <> 0;

create or replace temp table early_days as
select joiners.person, count(distinct greatest(action_days.day, joiners.joined_on)) as days
from joiners
join action_days
  on action_days.person = joiners.person
 and action_days.day < joiners.joined_on + {FIRST_DAYS}
group by all;
"""

_SETTLED = f"""(
    select joiners.*, coalesce(early_days.days, 0) as days
    from joiners
    left join early_days using (person)
    where sees_events + sees_talk > 0
      and watched = {FIRST_DAYS}
)"""

# Each day on which a newcomer and another member turned to each other, whoever began.
_PARTNERS = f"""
create or replace temp table early_partners as
with directions as (
    select actor as person, target as partner, atom, day_mask from pair_atoms
    union all
    select target, actor, atom, day_mask from pair_atoms
),
met as (
    select distinct joiners.period, joiners.person, directions.partner, day_grains.period as met_in
    from joiners
    join directions
      on directions.person = joiners.person
     and date_trunc('week', directions.atom)::date + instr(reverse(bin(directions.day_mask)), '1')::integer - 1
         < joiners.joined_on + {FIRST_DAYS}
    join day_grains
      on day_grains.day = directions.atom
     and day_grains.grain = 'quarter'
),
teams as (
    select person, period, {{team}} as team
    from roster
    where grain = 'quarter'
      and member_type = 'member'
),
placed as (
    select met.period, met.person, met.partner, arg_min(teams.team, teams.period) as team
    from met
    join teams
      on teams.person = met.partner
     and teams.period = met.met_in
    group by all
)
select joiners.grain, joiners.period, joiners.person, count(placed.partner) as partners,
       count(distinct placed.team) as teams{{segments}}
from joiners
left join placed using (period, person)
where joiners.sees_talk = 1
  and joiners.watched = {FIRST_DAYS}
group by all
"""

_AFTER = """
create or replace temp table programme_ends as
with ended as (
    select coalesce(aliases.member, programmes.person) as person, programmes.ends_on
    from programmes
    left join aliases
      on aliases.person = programmes.person
    where programmes.ends_on <= getvariable('as_of')
      and programmes.ends_on >= (select min(covers_from) from source_spans where kind in ('attendance', 'interactions'))
)
select panel.grain, panel.period, panel.person, max(ended.ends_on) as ended_on{segments}
from ended
join periods
  on periods.grain = 'quarter'
 and ended.ends_on between periods.starts_on and periods.ends_on
join versions
  on versions.person = ended.person
 and ended.ends_on >= versions.valid_from
 and ended.ends_on < versions.valid_to
 and (versions.left_on is null or versions.left_on >= ended.ends_on)
join panel
  on panel.grain = 'quarter'
 and panel.period = periods.period
 and panel.person = ended.person
group by all
"""


def count_journeys(connection: duckdb.DuckDBPyConnection, columns: Mapping[str, str]) -> None:
    """Add the numbers of JOURNEY_CARDS to `cells`; needs the panel, conduct and the rollups."""
    connection.execute(_JOINERS.format(segments="".join(f", roster.{column}" for column in columns.values())))
    _time_first_times(connection, columns)
    connection.execute(_ACTION_DAYS)
    tally(
        connection,
        _SETTLED,
        [
            Tally(
                "newcomer_conversion",
                numerator=f"count_if(days >= {ACTIVE_DAYS})",
                denominator="count(*)",
                grains=_QUARTERS,
            )
        ],
        columns,
    )
    _count_partners(connection, columns)
    _follow_programmes(connection, columns)


def _time_first_times(connection: duckdb.DuckDBPyConnection, columns: Mapping[str, str]) -> None:
    for breakdown, wait, seen in (
        ("event", "to_event", "sees_events"),
        ("reply received", "to_reply", "sees_talk"),
        ("contribution", "to_contribution", "sees_talk"),
    ):
        sql = _WAITS.format(keys=group_keys(columns), groups=group_by(columns), wait=wait, seen=seen)
        cells = connection.execute(sql).df()
        waits = [median_wait(waits, waiting) for waits, waiting in zip(cells["waits"], cells["waiting"], strict=True)]
        rows = cells.drop(columns=["waits", "waiting"]).assign(
            metric="time_to_first",
            breakdown=breakdown,
            **lay_out_waits(waits),
        )
        insert_cells(connection, rows)


def _count_partners(connection: duckdb.DuckDBPyConnection, columns: Mapping[str, str]) -> None:
    segments = "".join(f", joiners.{column}" for column in columns.values())
    team = next(iter(columns.values()), "null::varchar")
    connection.execute(_PARTNERS.format(team=team, segments=segments))
    reached = f"partners >= {PARTNERS}" + (f" and teams >= {TEAMS}" if columns else "")
    quantiles = ((ALL, 0.5), ("lower quartile", 0.25), ("upper quartile", 0.75))
    spread = [
        Tally(
            "newcomer_integration",
            value=f"quantile_cont(partners, {share})",
            people="count(*)",
            breakdown=name,
            grains=_QUARTERS,
        )
        for name, share in quantiles
    ]
    integrated = Tally(
        "newcomer_integration",
        value=f"count_if({reached})",
        people="count(*)",
        breakdown="three partners in two teams",
        grains=_QUARTERS,
    )
    tally(connection, "early_partners", [*spread, integrated], columns)


def _follow_programmes(connection: duckdb.DuckDBPyConnection, columns: Mapping[str, str]) -> None:
    connection.execute(_AFTER.format(segments="".join(f", panel.{column}" for column in columns.values())))
    acted = " ".join(
        f""", exists (
                 select 1
                 from action_days
                 where action_days.person = programme_ends.person
                   and action_days.day between programme_ends.ended_on + {days - 27} and programme_ends.ended_on + {days}
             ) as after_{days}"""
        for days in AFTER_DAYS
    )
    tally(
        connection,
        f"(select programme_ends.*{acted} from programme_ends)",
        [
            Tally(
                "after_programme",
                numerator=f"count_if(after_{days} and ended_on + {days} < getvariable('as_of'))",
                denominator=f"count_if(ended_on + {days} < getvariable('as_of'))",
                breakdown=f"{days} days",
                grains=_QUARTERS,
            )
            for days in AFTER_DAYS
        ],
        columns,
    )
