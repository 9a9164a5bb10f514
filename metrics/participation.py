"""Participation: who comes to events, who comes back, and whom Hearth sees at all."""

import duckdb

from metrics.metric import ALL_GRAINS, Aggregate, Better, Grain, Metric, Part, Source, Unit


def _at_least(step: int) -> Aggregate:
    """How many members went at least so far."""
    return lambda m: (m.step >= step).ifelse(1, 0).sum()


PARTICIPATION_CARDS = (
    Metric(
        name="event_participation",
        title="Came to an event",
        question="What share of members came to at least one event?",
        formula="members who attended at least one event in the period / members on the roster of the period",
        unit=Unit.SHARE,
        better=Better.HIGHER,
        grains=ALL_GRAINS,
        needs=(Source.ATTENDANCE,),
        numerator=lambda m: (m.events_attended > 0).ifelse(1, 0).sum(),
        denominator=lambda m: m.count(),
        reading="0: nobody came; 1: every member came at least once. A longer period is never lower than a shorter one inside it.",
        reference="Hearth's own; the plain share of distinct people among the roster.",
        caveats="Counts people, not visits. A week without any event is 0 here and left out of limits and verdicts. Staff and bots are not counted.",
    ),
    Metric(
        name="show_up",
        title="Showed up after registering",
        question="Of those who registered, how many came?",
        formula="registered, not cancelled and attended / registered and not cancelled",
        unit=Unit.SHARE,
        better=Better.HIGHER,
        grains=ALL_GRAINS,
        needs=(Source.ATTENDANCE,),
        numerator=lambda m: m.registrations_kept.sum(),
        denominator=lambda m: m.registrations.sum(),
        people=lambda m: (m.registrations > 0).ifelse(1, 0).sum(),
        reading="1 minus this is the no-show rate. Free events commonly see 40 to 60 % come.",
        reference="AirLST and Climb the Ladder on no-show rates of free events (40 to 60 %).",
        caveats="Only events whose lists carry registrations. Counts places on lists: one person may count several times.",
        additive=True,
    ),
    Metric(
        name="event_return",
        title="Came back to events",
        question="Of those who came last period, how many came again?",
        formula="attendees of the previous period of the same grain who attended in this one / attendees of the previous period",
        unit=Unit.SHARE,
        better=Better.HIGHER,
        grains=ALL_GRAINS,
        needs=(Source.ATTENDANCE,),
        numerator=lambda m: (m.attends_next & (m.events_attended > 0)).ifelse(1, 0).sum(),
        denominator=lambda m: (m.events_attended > 0).ifelse(1, 0).sum(),
        of_previous=True,
        reading="0: nobody came again; 1: everybody did. Those who left the community stay in the denominator.",
        reference="Quantifiy on event return rates; leavers kept as in the corrected Viva Insights retention.",
        caveats="Depends on how often events are held: compare like with like. A member belongs to the segment of the previous period.",
    ),
    Metric(
        name="first_timers",
        title="Came for the first time",
        question="How many of those who came had never come before?",
        formula="attendees whose first attendance ever lies in the period / attendees of the period",
        unit=Unit.SHARE,
        better=Better.NEITHER,
        grains=ALL_GRAINS,
        needs=(Source.ATTENDANCE,),
        warm_up=90,
        numerator=lambda m: m.is_first_event.ifelse(1, 0).sum(),
        denominator=lambda m: (m.events_attended > 0).ifelse(1, 0).sum(),
        reading="Near 0: the same people come every time; near 1: hardly anybody returns.",
        reference="Quantifiy on first-timer shares.",
        caveats="“Ever” begins with the first covered day, so the first 90 days are no data.",
    ),
    Metric(
        name="attendance_per_event",
        title="People at an event",
        question="How many members come to an event?",
        formula="attendances of members / events that started in the period, those without anybody included",
        unit=Unit.MEAN,
        better=Better.HIGHER,
        grains=ALL_GRAINS,
        needs=(Source.ATTENDANCE,),
        breakdown="type, mode",
        reading="A mean: a single large gathering lifts it.",
        reference="CHAOSS, event attendance.",
        caveats="Whole community only: an event has no segment. A period without an event is no data.",
    ),
    Metric(
        name="reach",
        title="Seen in 90 days",
        question="What share of members did anything with the community in 90 days?",
        formula="members seen at an event or in an interaction in the 90 days that end on the period's last day / roster",
        unit=Unit.SHARE,
        better=Better.HIGHER,
        grains=ALL_GRAINS,
        needs=(Source.ATTENDANCE, Source.INTERACTIONS),
        look_back=90,
        numerator=lambda m: m.is_seen.ifelse(1, 0).sum(),
        denominator=lambda m: m.count(),
        reading="1 minus this is the share that Hearth does not see at all.",
        reference="Hearth's own.",
        caveats="Survey answers are never joined to people, so somebody who only answers surveys counts as not seen. Windows of neighbouring weeks overlap, so a week has no usual range.",
    ),
    Metric(
        name="participation_funnel",
        title="How far members go",
        question="Of those who got this far, how many go a step further?",
        formula="members who in the quarter came to an event or went further / roster; took part in talk or further / those; wrote or further / those; hosted or spoke at an event / those",
        unit=Unit.SHARE,
        better=Better.HIGHER,
        grains=(Grain.QUARTER,),
        needs=(Source.ATTENDANCE, Source.INTERACTIONS),
        breakdown="attended, interacted, contributed, led",
        over="conduct",
        parts=tuple(
            Part(name, _at_least(step), of=_at_least(step - 1))
            for step, name in enumerate(("attended", "interacted", "contributed", "led"), start=1)
        ),
        reading="Each share is of the step before; multiplied they are the share of the roster. The smallest is where people stop.",
        reference="The Orbit model, commitment curve.",
        caveats="A step is reached by who went at least that far, so who writes without coming to events is in all three. Hosting and speaking are leading here, mentoring is not. One quarter, not a career.",
    ),
)

_ATTENDANCE_PER_EVENT = """
insert into cells by name
with held as (
    select events.event_id, events.day, events.type, events.mode, count(distinct memberships.person) as members
    from events
    left join people_at_events as attendance
      on attendance.event_id = events.event_id
     and attendance.attended
    left join memberships
      on memberships.person = attendance.person
     and events.day between memberships.first_day and memberships.last_day
    where events.day <= getvariable('as_of')
    group by all
),
cut as (
    select *, 'all' as breakdown from held
    union all
    select *, type from held where type is not null
    union all
    select *, mode from held where mode is not null
)
select 'attendance_per_event' as metric, periods.grain, periods.period, 'all' as dimension, 'all' as segment,
       cut.breakdown, sum(members) as numerator, count(*) as denominator, count(*) as people
from cut
join periods
  on cut.day between periods.starts_on and periods.ends_on
group by all
"""


def count_attendance(connection: duckdb.DuckDBPyConnection) -> None:
    """Add `attendance_per_event` to the temp table `cells`: whole community, by type and by mode.

    Members only, each on the roster on the day of the event; numerator attendances, denominator and people events.
    """
    connection.execute(_ATTENDANCE_PER_EVENT)
