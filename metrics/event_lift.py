"""Event lift: whether people who met at an event talk more afterwards than comparable people who were not there.

For pairs of attendees without a tie in the 90 days before, the share that turns to each other within 30 days, less
the same share of matched pairs of members who both stayed away: the same two teams and the same two tenths by
activity. It is a comparison, not a proof: people who come differ from people who do not.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt

from metrics.graph import seed_of, tell_apart
from metrics.metric import ALL, Better, Grain, Metric, Source, Unit

DAYS_BEFORE = 90
WINDOWS = (("", 0, 30), (" after 90 days", 60, 90))
FEWEST = 10
MOST = 500
EVENTS = 40
EVENTS_OF_DAYS = 365
DRAWS = 499

EVENT_LIFT_CARDS = (
    Metric(
        name="event_lift",
        title="New ties after an event",
        question="Do people who met at an event talk more afterwards than others like them?",
        formula="share of pairs of attending members without a tie in the 90 days before that interact within 30 days from the event on, less that share of pairs of members who both stayed away, matched by their two teams and tenths of activity; beside it the same for days 61 to 90",
        unit=Unit.DIFFERENCE,
        better=Better.HIGHER,
        grains=(Grain.QUARTER,),
        needs=(Source.ATTENDANCE, Source.INTERACTIONS),
        breakdown="event, event after 90 days",
        reading="0: meeting made no difference; 0.05: of a hundred pairs five more talk than would have. Numerator and denominator are the pairs of attendees, expected is the share of the matched pairs, low and high the 95 % interval.",
        reference="Hearth's own: matched difference in differences of ties.",
        caveats="No proof of a cause: who comes may have been about to talk anyway. Events of the last year with 10 to 500 attending members, the 40 best attended of them, at least 90 days inside coverage and with their window over. The interval is a bootstrap over attendees (499, fixed seed); the matched share, which rests on many more pairs, is held fixed. Pairs without any match are left out.",
        practices=("gatherings", "key-person", "beyond-sessions"),
    ),
)

Places = npt.NDArray[np.int64]
Row = dict[str, Any]


@dataclass(frozen=True)
class _Talk:
    """Who turned to whom in which week: `pair` of each row, its week (days since 1970 of the Monday) and its days as a mask."""

    a: Places
    b: Places
    pair: Places
    week: Places
    mask: npt.NDArray[np.uint8]

    def in_window(self, first: int, last: int) -> npt.NDArray[np.bool_]:
        """For each pair, whether it spoke on a day from `first` to before `last`. Rows are in the order of weeks."""
        rows = slice(np.searchsorted(self.week, first - 6), np.searchsorted(self.week, last))
        week = self.week[rows]
        skipped, kept = np.clip(first - week, 0, 7), np.clip(last - week, 0, 7)
        spoke = np.zeros(len(self.a), dtype=bool)
        spoke[self.pair[rows][(self.mask[rows] & ((1 << kept) - (1 << skipped))) != 0]] = True
        return spoke


def measure_lifts(connection: duckdb.DuckDBPyConnection, columns: Mapping[str, str]) -> Iterator[Row]:
    """Rows of `cells`: the lift of each judged event; needs the roster, the panel's sources and the rollups."""
    events = connection.execute(_EVENTS).fetchall()
    if not events:
        return
    talk, people = _read_talk(connection)
    deeds = connection.execute(
        "select person, atom - date '1970-01-01' as day, interactions from member_atoms order by day"
    ).fetchnumpy()
    team = next(iter(columns.values()), "null::varchar")
    for event, period, day, covered_to in events:
        members = connection.execute(_MEMBERS.format(team=team), {"event": event}).fetchnumpy()
        numbers = np.asarray(members["person"], dtype=np.int64)
        place = np.full(people, -1)
        place[numbers] = np.arange(len(numbers))
        kind = _match(members, numbers, deeds, day, people)
        comes = np.asarray(members["came"], dtype=bool)
        a, b, before = place[talk.a], place[talk.b], talk.in_window(day - DAYS_BEFORE, day)
        for suffix, first, last in WINDOWS:
            if day + last - 1 <= covered_to:
                after = talk.in_window(day + first, day + last)
                spoke = np.flatnonzero((before | after) & (a >= 0) & (b >= 0))
                seed = seed_of("event_lift", event, suffix)
                found = _lift(a[spoke], b[spoke], before[spoke], after[spoke], comes, kind, seed)
                if found:
                    yield {
                        "metric": "event_lift",
                        "grain": str(Grain.QUARTER),
                        "period": period,
                        "dimension": ALL,
                        "segment": ALL,
                        "breakdown": event + suffix,
                        "people": int(comes.sum()),
                        **found,
                    }


_EVENTS = f"""
with spans as (
    select min(covers_from) as covers_from, max(covers_to) as covers_to
    from source_spans
    where kind = 'interactions'
)
select events.event_id, periods.period, events.day - date '1970-01-01',
       least(any_value(spans.covers_to), getvariable('as_of') - 1) - date '1970-01-01'
from events
cross join spans
join periods
  on periods.grain = 'quarter'
 and events.day between periods.starts_on and periods.ends_on
join people_at_events as attendance
  on attendance.event_id = events.event_id
 and attendance.attended
join roster
  on roster.grain = 'quarter'
 and roster.period = periods.period
 and roster.person = attendance.person
 and roster.member_type = 'member'
where events.day >= spans.covers_from + {DAYS_BEFORE}
  and events.day + 30 <= least(spans.covers_to + 1, getvariable('as_of'))
  and events.day > getvariable('as_of') - {EVENTS_OF_DAYS}
group by events.event_id, periods.period, events.day
having count(distinct attendance.person) between {FEWEST} and {MOST}
order by count(distinct attendance.person) desc, events.event_id
limit {EVENTS}
"""

_MEMBERS = """
select roster.person, dense_rank() over (order by {team}) as team,
       roster.person in (
           select person from people_at_events as attendance where attendance.event_id = $event and attendance.attended
       ) as came
from roster
join periods using (grain, period)
join events
  on events.event_id = $event
 and events.day between periods.starts_on and periods.ends_on
where roster.grain = 'quarter'
  and roster.member_type = 'member'
  and (roster.joined_on is null or roster.joined_on <= events.day)
  and not exists (
      select 1
      from versions
      where versions.person = roster.person
        and events.day >= versions.valid_from
        and events.day < versions.valid_to
        and versions.left_on < events.day
  )
order by roster.person
"""


def _read_talk(connection: duckdb.DuckDBPyConnection) -> tuple[_Talk, int]:
    found = connection.execute("select coalesce(max(person), 0) + 1 from people").fetchone()
    people = int(found[0]) if found else 1
    rows = connection.execute(
        f"""select least(actor, target)::bigint * {people} + greatest(actor, target) as pair,
                   date_trunc('week', atom)::date - date '1970-01-01' as week, day_mask
            from pair_atoms
            where atom > getvariable('as_of') - {EVENTS_OF_DAYS + DAYS_BEFORE + 7}"""
    ).fetchnumpy()
    order = np.argsort(rows["week"], kind="stable")  # many times as fast as in SQL
    week, mask, pair = (np.asarray(rows[name])[order] for name in ("week", "day_mask", "pair"))
    del rows, order  # these are millions
    pairs, place = np.unique(pair, return_inverse=True)
    return _Talk(pairs // people, pairs % people, place, week, mask), people


def _match(members: Mapping[str, Any], numbers: Places, deeds: Mapping[str, Any], day: int, people: int) -> Places:
    """For each member one number for team and tenth by activity in the whole weeks of the 90 days before."""
    days = np.asarray(deeds["day"], dtype=np.int64)
    rows = slice(np.searchsorted(days, day - DAYS_BEFORE), np.searchsorted(days, day - 6))
    made = np.bincount(
        np.asarray(deeds["person"], dtype=np.int64)[rows],
        weights=np.asarray(deeds["interactions"], dtype=float)[rows],
        minlength=people,
    )[numbers]
    tenth = np.searchsorted(np.sort(made), made) * 10 // max(len(made), 1)
    _, team = np.unique(np.asarray(members["team"]), return_inverse=True)
    return np.asarray(team * 10 + tenth)


def _lift(
    a: Places, b: Places, before: npt.NDArray[np.bool_], after: npt.NDArray[np.bool_], comes: npt.NDArray[np.bool_],
    kind: Places, seed: int,
) -> Row | None:  # fmt: skip
    """The lift of one event, or None where no pair can be matched, from the pairs of members who spoke at all."""
    kinds = int(kind.max()) + 1
    away = ~comes
    both_away = away[a] & away[b]
    stay = np.bincount(kind[away], minlength=kinds).astype(float)
    pairs = np.outer(stay, stay) - np.diag(stay)  # each pair of two kinds once a way, pairs of one kind twice
    new = after & ~before
    pairs -= _by_kinds(kind, a[both_away & before], b[both_away & before], kinds)
    begun = _by_kinds(kind, a[both_away & new], b[both_away & new], kinds)
    with np.errstate(divide="ignore", invalid="ignore"):
        usual = np.where(pairs > 0, begun / pairs, np.nan)
    here = np.flatnonzero(comes)
    place = np.full(len(comes), -1)
    place[here] = np.arange(len(here))
    chance = usual[np.ix_(kind[here], kind[here])]
    judged = ~np.isnan(chance)
    np.fill_diagonal(judged, False)
    met = np.zeros(judged.shape, dtype=bool)
    together = comes[a] & comes[b]
    one, other = place[a[together]], place[b[together]]
    judged[one[before[together]], other[before[together]]] = False
    judged[other[before[together]], one[before[together]]] = False
    met[one[new[together]], other[new[together]]] = True
    met |= met.T
    weight = judged.astype(float)
    outcome, expected = (met & judged).astype(float), np.where(judged, chance, 0.0)
    count = weight.sum()
    if not count:
        return None
    # Attendees in an order that does not depend on their names, so that sums and draws are the same each time.
    order = np.argsort(tell_apart(kind[here], one, other, 1 + before[together].astype(np.int64)), kind="stable")
    outcome, expected, weight = (matrix[np.ix_(order, order)] for matrix in (outcome, expected, weight))
    low, high = _interval(outcome - expected, weight, seed)
    return {
        "value": float((outcome - expected).sum() / count),
        "numerator": float(outcome.sum() / 2),
        "denominator": float(count / 2),
        "expected": float(expected.sum() / count),
        "low": low,
        "high": high,
    }


def _by_kinds(kind: Places, a: Places, b: Places, kinds: int) -> npt.NDArray[np.float64]:
    counted = np.bincount(kind[a] * kinds + kind[b], minlength=kinds * kinds).reshape(kinds, kinds)
    return np.asarray(counted + counted.T, dtype=float)


def _interval(excess: npt.NDArray[np.float64], weight: npt.NDArray[np.float64], seed: int) -> tuple[float, float]:
    """The 95 % interval of the lift over attendees drawn with replacement."""
    n = len(weight)
    drawn = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=DRAWS).astype(float)
    above, below = (((drawn @ matrix) * drawn).sum(axis=1) for matrix in (excess, weight))
    lifts = above[below > 0] / below[below > 0]
    low, high = np.quantile(lifts, (0.025, 0.975)) if len(lifts) else (np.nan, np.nan)
    return float(low), float(high)
