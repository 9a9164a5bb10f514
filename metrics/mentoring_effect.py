"""Mentoring effect: whether those who had a mentor are still here more often than comparable members who had none.

A count before and after would show success for anybody who began in a quiet moment; so mentees are held against members
of the same group and tenure who were as active before, over the same days, and everybody who left stays in the count.
"""

import math
from dataclasses import dataclass

import duckdb
import numpy as np
import numpy.typing as npt
from scipy import stats

from metrics.hand_kept import final_after
from metrics.metric import Better, Grain, Metric, Source, Unit, Verdict
from metrics.statistics import MINIMUM, SIGNIFICANCE, Z, judge

WINDOW = 28
HORIZON = 180

EFFECT_CARDS = (
    Metric(
        name="mentoring_effect",
        title="Still here, with and without a mentor",
        question="Are members with a mentor still active half a year later more often than comparable members without one?",
        formula=f"share of mentees with an action in the {WINDOW} days that end {HORIZON} days after their first mentoring began - the same share of comparable members; differences within strata, weighted by Mantel and Haenszel",
        unit=Unit.DIFFERENCE,
        better=Better.HIGHER,
        grains=(Grain.QUARTER,),
        needs=(Source.MENTORING,),
        reading="0: no difference; 0.1: ten points more of the mentees are still active. The interval is 95 %.",
        reference="Mantel and Haenszel 1959; variance by Sato 1989, right for many small strata too.",
        caveats=f"Comparable: never mentored until the end of the window, of the same group of the first dimension, tenure (up to 90, 180, 365 days, longer) and activity in the {WINDOW} days before (some, none). Who seeks a mentor may differ in ways that nobody wrote down, so this is no proof of a cause. An action is an interaction or an event attended. Tested from {MINIMUM['item']} mentees and as many comparable members on. Retention only; answers are never joined to people.",
        practices=("mentorship",),
    ),
)


@dataclass(frozen=True)
class Difference:
    """A difference of two shares over strata, -1 to 1, its standard error, and how many of each side could be compared."""

    value: float
    error: float
    exposed: int
    compared: int


def find_difference(
    kept: npt.ArrayLike, exposed: npt.ArrayLike, kept_without: npt.ArrayLike, without: npt.ArrayLike
) -> Difference:
    """The Mantel-Haenszel difference of shares over strata: `kept` of `exposed` against `kept_without` of `without`.

    Strata with one side only say nothing and are left out; nan where none is left. Source: Sato 1989, Biometrics 45, 1323.
    """
    a, n, b, m = (np.asarray(side, dtype=float) for side in (kept, exposed, kept_without, without))
    both = (n > 0) & (m > 0)
    a, n, b, m = a[both], n[both], b[both], m[both]
    if not both.any():
        return Difference(math.nan, math.nan, 0, 0)
    total = n + m
    weight = float((n * m / total).sum())
    value = float(((a * m - b * n) / total).sum()) / weight
    slope = float(((n**2 * b - m**2 * a + n * m * (m - n) / 2) / total**2).sum())
    level = float(((a * (m - b) + b * (n - a)) / (2 * total)).sum())
    variance = max((value * slope + level) / weight**2, 0.0)
    return Difference(value, math.sqrt(variance), int(n.sum()), int(m.sum()))


def measure_mentoring_effect(connection: duckdb.DuckDBPyConnection, group: str | None, k: int) -> None:
    """Add `mentoring_effect` to `register_results`, by the quarter in which mentoring began; `group` is a column of the roster.

    Withheld with fewer than `k` on either side. Without coverage of all days that it reads there is no row.
    """
    connection.execute(_COVERED)
    connection.execute(_COHORTS.format(group=group or "null::varchar"))
    strata = connection.execute(_STRATA).df()
    for (period, status), found in strata.groupby(["period", "status"]):
        difference = find_difference(found["kept"], found["exposed"], found["kept_without"], found["without"])
        connection.execute(
            """insert into register_results by name
               select 'mentoring_effect' as metric, 'quarter' as grain, ? as period, 'all' as dimension, 'all' as segment,
                      'all' as breakdown, ? as value, ? as people, ? as low, ? as high, ? as p, ? as verdict, ? as status""",
            [period, *_say(difference, str(status), k)],
        )


def _say(difference: Difference, status: str, k: int) -> tuple[float | int | str | None, ...]:
    """Value, people, low, high, p, verdict and status of a row."""
    fewest = min(difference.exposed, difference.compared)
    if fewest == 0:
        return None, None, None, None, None, None, "no data"
    if fewest < k:
        return None, None, None, None, None, None, "withheld"
    value, error = difference.value, difference.error
    is_tested = fewest >= MINIMUM["item"] and status == "final"
    p = 2 * float(stats.norm.sf(abs(value) / error)) if error > 0 else float(value == 0)
    verdict = judge(value, is_beyond_chance=p < SIGNIFICANCE, is_tested=is_tested, better=Better.HIGHER)
    low, high = max(value - Z * error, -1.0), min(value + Z * error, 1.0)
    return value, difference.exposed, low, high, p if is_tested else None, str(Verdict(verdict)), status


# Days that every kind of act that was ever uploaded covers.
_COVERED = """
create or replace temp table act_days as
select day
from covered_days
where kind in ('interactions', 'attendance')
  and is_covered
group by day
having count(*) = (
    select count(distinct kind)
    from source_spans
    where kind in ('interactions', 'attendance')
)
"""

# Mentees from the day they began; others from the middle one of these days in the quarter, each once.
_COHORTS = f"""
create or replace temp table mentoring_cohorts as
with first_pairs as (
    select mentee as person, min(started_on) as started_on
    from mentoring_pairs
    group by all
),
begun as (
    select roster.period, roster.person, first_pairs.started_on
    from roster
    join first_pairs
      on first_pairs.person = roster.person
     and first_pairs.started_on between roster.starts_on and roster.ends_on
    where roster.grain = 'quarter'
      and roster.member_type = 'member'
),
middles as (
    select period, quantile_disc(started_on, 0.5) as index_day
    from begun
    group by period
),
candidates as (
    select roster.period, roster.person, roster.joined_on, {{group}} as team, begun.person is not null as is_mentee,
           coalesce(begun.started_on, middles.index_day) as index_day
    from roster
    join middles using (period)
    left join begun using (period, person)
    left join first_pairs
      on first_pairs.person = roster.person
    join versions as version
      on version.person = roster.person
     and coalesce(begun.started_on, middles.index_day) >= version.valid_from
     and coalesce(begun.started_on, middles.index_day) < version.valid_to
    where roster.grain = 'quarter'
      and roster.member_type = 'member'
      and (begun.person is not null
           or first_pairs.started_on is null
           or first_pairs.started_on > middles.index_day + {HORIZON})
      and (roster.joined_on is null or roster.joined_on <= coalesce(begun.started_on, middles.index_day))
      and (version.left_on is null or version.left_on > coalesce(begun.started_on, middles.index_day))
),
windows as (
    select index_day
    from (select distinct index_day from candidates)
    where index_day + {HORIZON} <= getvariable('as_of')
      and (
          select count(*)
          from act_days
          where day between index_day - {WINDOW} and index_day - 1
             or day between index_day + {HORIZON - WINDOW + 1} and index_day + {HORIZON}
      ) = {2 * WINDOW}
)
select candidates.period, candidates.person, candidates.is_mentee, coalesce(candidates.team, '') as team,
       case
           when candidates.index_day - candidates.joined_on <= 90 then 1
           when candidates.index_day - candidates.joined_on <= 180 then 2
           when candidates.index_day - candidates.joined_on <= 365 then 3
           else 4
       end as tenure,
       count_if(seen_days.day < candidates.index_day) > 0 as was_active,
       count_if(seen_days.day > candidates.index_day) > 0 as is_kept
from candidates
join windows using (index_day)
left join seen_days
  on seen_days.person = candidates.person
 and (seen_days.day between candidates.index_day - {WINDOW} and candidates.index_day - 1
      or seen_days.day between candidates.index_day + {HORIZON - WINDOW + 1} and candidates.index_day + {HORIZON})
group by all
"""

_STRATA = f"""
select mentoring_cohorts.period, {final_after(HORIZON)} as status,
       count_if(is_mentee and is_kept) as kept, count_if(is_mentee) as exposed,
       count_if(not is_mentee and is_kept) as kept_without, count_if(not is_mentee) as without
from mentoring_cohorts
join periods
  on periods.grain = 'quarter'
 and periods.period = mentoring_cohorts.period
group by mentoring_cohorts.period, periods.ends_on, team, tenure, was_active
order by mentoring_cohorts.period, team, tenure, was_active
"""
