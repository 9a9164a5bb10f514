"""Talk and ties: who turned to whom in each period, while both were on the roster.

A tie is an unordered pair of distinct members with at least one direct interaction in the period.
"""

import duckdb

# Who was there on a day is found among the stays, of which there are few; the pairs of all periods are many.
_TALK = """
create or replace temp table talk as
select day_grains.grain, day_grains.period, sender.stay,
       sum(pair_atoms.interactions)::integer as addressed,
       sum(case when sender.is_member and receiver.is_member then pair_atoms.interactions else 0 end)::integer as between_members
from pair_atoms
join stays as sender
  on sender.person = pair_atoms.actor
 and pair_atoms.atom between sender.first_day and sender.last_day
join stays as receiver
  on receiver.grain = sender.grain
 and receiver.person = pair_atoms.target
 and pair_atoms.atom between receiver.first_day and receiver.last_day
join day_grains
  on day_grains.day = pair_atoms.atom
 and day_grains.grain = sender.grain
group by all
"""

# Millions of rows, so the table holds numbers alone and the view says who they are. The lower person is the first.
_TIES = """
create or replace temp table tied_stays as
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
 and day_grains.grain = one.grain;

create or replace temp view ties as
select periods.grain, periods.period, one.person, other.person as partner
from tied_stays
join stays as one
  on one.stay = tied_stays.stay
join stays as other
  on other.stay = tied_stays.partner_stay
join periods
  on periods.number = tied_stays.number;
"""

_PARTNERS = """
create or replace temp table partners as
select ends.number, stays.person, ends.partners
from (
    select number, stay, count(*)::integer as partners
    from (
        select number, stay from tied_stays
        union all
        select number, partner_stay from tied_stays
    )
    group by all
) as ends
join stays using (stay)
"""


def find_ties(connection: duckdb.DuckDBPyConnection) -> None:
    """Temp tables `talk`, `ties` and `partners`, from the pair rollup and the stays.

    `talk`: one row per actor of the roster and period (grain, period, stay): interactions `addressed` to people of the roster,
    how many of them `between_members`. `ties`: a view, one row per tie (grain, period, person, partner; person is the lower
    number). `partners`: how many ties each member has.
    """
    for statement in (_TALK, _TIES, _PARTNERS):
        connection.execute(statement)
