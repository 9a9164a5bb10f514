"""Talk and ties: who turned to whom in each period, while both were on the roster.

A tie is an unordered pair of distinct members with at least one direct interaction in the period.
"""

from collections.abc import Sequence

import duckdb

# Who was there on a day is found among the stays, of which there are few; the pairs of all periods are many. So those who
# were turned to are looked up once for all grains, as 0 not on the roster, 1 staff, 2 member, before senders are.
_TALK = """
create or replace temp table talk as
with bounds as (
    select person, first_day as day
    from stays
    union
    select person, last_day + 1
    from stays
),
spells as (
    select person, day as first_day, lead(day) over (partition by person order by day) - 1 as last_day
    from bounds
),
receivers as (
    select spells.*,
           coalesce(max(1 + is_member::integer) filter (grain = 'week'), 0)::utinyint as in_week,
           coalesce(max(1 + is_member::integer) filter (grain = 'month'), 0)::utinyint as in_month,
           coalesce(max(1 + is_member::integer) filter (grain = 'quarter'), 0)::utinyint as in_quarter
    from spells
    join stays
      on stays.person = spells.person
     and spells.first_day between stays.first_day and stays.last_day
    group by all
),
turned as (
    select actor, atom, in_week, in_month, in_quarter, sum(interactions)::integer as interactions
    from pair_atoms
    join receivers
      on receivers.person = pair_atoms.target
     and pair_atoms.atom between receivers.first_day and receivers.last_day
    group by all
),
sent as (
    select stays.grain, turned.atom, stays.stay, stays.is_member, turned.interactions,
           case stays.grain when 'week' then in_week when 'month' then in_month else in_quarter end as reached
    from turned
    join stays
      on stays.person = turned.actor
     and turned.atom between stays.first_day and stays.last_day
)
select day_grains.grain, day_grains.period, sent.stay, sum(interactions)::integer as addressed,
       sum(case when is_member and reached = 2 then interactions else 0 end)::integer as between_members
from sent
join day_grains
  on day_grains.day = sent.atom
 and day_grains.grain = sent.grain
where reached > 0
group by all
"""

# Millions of rows, so the table holds numbers alone and the view says who they are. The lower person is the first.
_TIES = """
create or replace temp table tied_stays as
select tied.*, {crosses} as crosses{same}
from (
    select distinct day_grains.number,
           case when pair_atoms.actor < pair_atoms.target then one.stay else other.stay end as stay,
           case when pair_atoms.actor < pair_atoms.target then other.stay else one.stay end as partner_stay
    from pair_atoms
    join stays as one
      on one.person = pair_atoms.actor
     and one.is_member
     and pair_atoms.atom between one.first_day and one.last_day
    join stays as other
      on other.grain = one.grain
     and other.person = pair_atoms.target
     and other.is_member
     and pair_atoms.atom between other.first_day and other.last_day
    join day_grains
      on day_grains.day = pair_atoms.atom
     and day_grains.grain = one.grain
) as tied
join stays as one
  on one.stay = tied.stay
join stays as other
  on other.stay = tied.partner_stay;

create or replace temp view ties as
select periods.grain, periods.period, tied_stays.number, one.person, other.person as partner
from tied_stays
join stays as one
  on one.stay = tied_stays.stay
join stays as other
  on other.stay = tied_stays.partner_stay
join periods
  on periods.number = tied_stays.number;
"""

_ENDS = """
create or replace temp table tie_ends as
select number, stay, count(*)::integer as partners, count(crosses)::integer as known, count_if(crosses)::integer as crossing
from (
    select number, stay, crosses from tied_stays
    union all
    select number, partner_stay, crosses from tied_stays
)
group by all
"""


def find_ties(connection: duckdb.DuckDBPyConnection, columns: Sequence[str]) -> None:
    """Temp tables `talk`, `ties`, `tied_stays` and `tie_ends`, from the pair rollup and the stays.

    `talk`: one row per actor of the roster and period (grain, period, stay): interactions `addressed` to people of the roster,
    how many of them `between_members`. `ties`: a view, one row per tie (grain, period, number of the period, person, partner;
    person is the lower number). `tied_stays`: the same by numbers (number of the period, stay, partner_stay), with whether the tie crosses groups
    of the first of `columns`, empty where one of them is unknown, and whether both are in the same group of each
    (same_s0, …). `tie_ends`: of each stay with a tie its `partners`, with how many it is `known` whether that is
    `crossing` groups, and with how many it is.
    """
    crosses = f"one.{columns[0]} <> other.{columns[0]}" if columns else "null::boolean"
    same = "".join(f", coalesce(one.{name} = other.{name}, false) as same_{name}" for name in columns)
    for statement in (_TALK, _TIES.format(crosses=crosses, same=same), _ENDS):
        connection.execute(statement)
