"""Hand-kept registers as metrics read them: other ids of a member resolved, nothing after the as-of day, nobody thanking themselves.

A register says nothing of the time before its first entry; from then on a period without an entry is a zero.
"""

import duckdb

_VIEWS = """
create or replace temp view mentoring_pairs as
select pairs.pair_id, coalesce(mentors.member, pairs.mentor) as mentor, coalesce(mentees.member, pairs.mentee) as mentee,
       pairs.started_on, pairs.ended_on, pairs.last_met_on
from mentoring as pairs
left join aliases as mentors
  on mentors.person = pairs.mentor
left join aliases as mentees
  on mentees.person = pairs.mentee
where pairs.started_on <= getvariable('as_of')
  and coalesce(mentors.member, pairs.mentor) <> coalesce(mentees.member, pairs.mentee);

create or replace temp view thanks as
select entries.recognised_on, coalesce(receivers.member, entries.receiver) as receiver,
       coalesce(givers.member, entries.giver) as giver, entries.kind, entries.achieved_on
from recognitions as entries
left join aliases as receivers
  on receivers.person = entries.receiver
left join aliases as givers
  on givers.person = entries.giver
where entries.recognised_on <= getvariable('as_of')
  and coalesce(receivers.member, entries.receiver) is distinct from coalesce(givers.member, entries.giver);

create or replace temp view told_stories as
select story_id, told_on, dimension, cycle, parent, prompted, event_id, evidence, intent_due_on,
       case when confirmed_on <= getvariable('as_of') then confirmed_on end as confirmed_on
from stories
where told_on <= getvariable('as_of');

create or replace temp view joint_work as
select collaboration_id, kind, members, started_on, lower(status) as status,
       case when ended_on <= getvariable('as_of') then ended_on end as ended_on,
       case when became_joint_on <= getvariable('as_of') then became_joint_on end as became_joint_on
from collaborations
where started_on <= getvariable('as_of');

create or replace temp view people_in_joint_work as
select named.collaboration_id, coalesce(aliases.member, named.person) as person, named.started_on, named.ended_on
from (
    select collaboration_id, started_on, ended_on, unnest(members) as person
    from joint_work
) as named
left join aliases using (person)
"""

# What needs a status of its own: numbers with a horizon, an interval or a test.
_RESULTS = """
create or replace temp table register_results (
    metric varchar, grain varchar, period varchar, dimension varchar, segment varchar, breakdown varchar,
    value double, numerator double, denominator double, people bigint, low double, high double, expected double,
    p double, verdict varchar, status varchar
)
"""


def lay_out_registers(connection: duckdb.DuckDBPyConnection) -> None:
    """Temp views `mentoring_pairs`, `thanks`, `told_stories`, `joint_work` and `people_in_joint_work`, and the empty
    temp table `register_results` with the columns of a result."""
    connection.execute(_VIEWS)
    connection.execute(_RESULTS)


def final_after(horizon: int) -> str:
    """SQL over `periods`: final once `horizon` days have passed since the period's end, provisional before."""
    return f"case when periods.ends_on + {horizon} < getvariable('as_of') then 'final' else 'provisional' end"
