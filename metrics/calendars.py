"""Calendars: on which days people did something, from which every window of days before a period's end is read.

Joins would lay each fact over all the periods whose window it lies in, which is most of the work of a panel of two
years. Here it is laid into its day once, and a window is the difference of two counts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd

Whole = npt.NDArray[np.int64]
Marks = npt.NDArray[np.bool_]

HABIT_WEEKS = 12
BLOCKS = 4  # of seven days, the newest first
WORKDAYS = 5
FLOWS = ("dormant", "new", "resurrected", "returning")

# People by days, so that a large or old community does not need more memory than a small one.
CELLS_AT_ONCE = 8_000_000

# Days are counted from a Monday, so that weeks are sevens of them.
_DAY_0 = "date '1970-01-05'"

_WEIGHED = f"""
create or replace temp type flow_name as enum {FLOWS};

create or replace temp table weighed (
    number smallint, person integer, days_since_action integer, action_weeks integer, active_workdays integer,
    active_blocks integer, is_active_in_90_days boolean, flow flow_name, is_active_next boolean, attends_next boolean
)
"""

_MEMBERS = """
select number, person
from roster
where member_type = 'member'
  and person between $first and $last
"""

_TALK = f"""
select person, date_trunc('week', atom)::date - {_DAY_0} as monday, day_mask
from member_atoms
semi join roster using (person)
where person between $first and $last
"""

_VISITS = f"""
select attendance.person, events.day - {_DAY_0} as day, community.person is not null as is_known
from people_at_events as attendance
join events
  on events.event_id = attendance.event_id
left join community
  on community.person = attendance.person
semi join roster
  on roster.person = attendance.person
where attendance.attended
  and events.day <= getvariable('as_of')
  and attendance.person between $first and $last
"""

# Of a first period that begins before the first day only what happened from that day on is asked for.
_PERIODS = f"""
select grain::varchar, number, greatest(starts_on, (select min(day) from days)) - {_DAY_0}, ends_on - {_DAY_0}
from periods
order by number
"""


@dataclass(frozen=True)
class _Period:
    """A period by its number, with its first and last day."""

    grain: str
    number: int
    first: int
    last: int


@dataclass(frozen=True)
class _Calendar:
    """How often each person (a column) was marked before each day (a row); `first` is the first day."""

    first: int
    before: npt.NDArray[np.int16]

    @classmethod
    def of(cls, marks: Marks, first: int) -> "_Calendar":
        """The calendar of marks, one row per day."""
        before = np.zeros((len(marks) + 1, marks.shape[1]), dtype=np.int16)
        np.cumsum(marks, axis=0, dtype=np.int16, out=before[1:])
        return cls(first, before)

    def count(self, first: int, last: int) -> npt.NDArray[np.int16]:
        """On how many days from `first` to `last` each person was marked; before the first day there are none."""
        start, end = max(first - self.first, 0), max(last + 1 - self.first, 0)
        return np.asarray(self.before[end] - self.before[start])

    def any(self, first: int, last: int) -> Marks:
        """Whether there is one."""
        return self.count(first, last) > 0


@dataclass(frozen=True)
class _Deeds:
    """What people did, by day: talk, talk on workdays, visits to events of those in the community, and any of it.

    `weeks` counts the weeks with an action, and `newest` has for each day the newest one with an action until then, -1
    for none.
    """

    talk: _Calendar
    work: _Calendar
    visits: _Calendar
    actions: _Calendar
    weeks: _Calendar
    newest: npt.NDArray[np.int16]


def weigh_members(connection: duckdb.DuckDBPyConnection) -> None:
    """Temp table `weighed`, one row per member and period: what they did in the windows that end with it, and do next.

    Needs the roster and the rollups. `active_blocks` has a bit for each of the last four times seven days, the newest
    first, and `action_weeks` counts those with an action among the twelve weeks that ended last. `days_since_action`
    and `flow` are empty for who never did anything.
    """
    connection.execute(_WEIGHED)
    people = connection.execute("select distinct person from roster order by person").fetchnumpy()["person"]
    periods = [_Period(*row) for row in connection.execute(_PERIODS).fetchall()]
    days = max(period.last for period in periods) - min(period.first for period in periods) if periods else 0
    for some in np.array_split(people, len(people) * days // CELLS_AT_ONCE + 1):
        if len(some):
            connection.register("found", _weigh(connection, some, periods))
            connection.execute("insert into weighed by name select * from found")
            connection.unregister("found")


def _weigh(connection: duckdb.DuckDBPyConnection, people: Whole, periods: Sequence[_Period]) -> pd.DataFrame:
    """Rows of `weighed` of some people, who are in order and neighbours on the roster."""
    who = {"first": int(people[0]), "last": int(people[-1])}
    members, talk, visits = (connection.execute(sql, who).fetchnumpy() for sql in (_MEMBERS, _TALK, _VISITS))
    is_member = np.zeros((len(periods) + 1, len(people)), dtype=bool)
    is_member[members["number"], np.searchsorted(people, members["person"])] = True
    done = _lay_out(talk, visits, people, periods)
    rows = []
    for _, grain in groupby(periods, key=lambda period: period.grain):
        own = list(grain)
        for previous, period, following in zip([None, *own], own, [*own[1:], None], strict=False):
            here = is_member[period.number]
            stays = is_member[following.number] if following else np.zeros_like(here)
            said = _describe(done, previous, period, following, own[0].first)
            said["is_active_next"] &= stays
            said["attends_next"] &= stays
            rows.append({"person": people[here], **{name: column[here] for name, column in said.items()}})
            rows[-1]["number"] = np.full(here.sum(), period.number, dtype=np.int16)
    frame = pd.DataFrame({name: np.concatenate([row[name] for row in rows]) for name in rows[0]})
    return frame.assign(
        days_since_action=frame["days_since_action"].where(frame["days_since_action"] >= 0),
        flow=pd.Categorical.from_codes(np.asarray(frame["flow"], dtype=np.int8), categories=pd.Index(FLOWS)),
    )


def _lay_out(talk: Mapping[str, Any], visits: Mapping[str, Any], people: Whole, periods: Sequence[_Period]) -> _Deeds:
    """What people did, in calendars that begin on a Monday and end with the last period."""
    known = visits["is_known"]
    days = np.concatenate([talk["monday"], visits["day"], [period.first for period in periods]]).astype(np.int64)
    first = int(days.min()) // 7 * 7
    length = max(period.last for period in periods) - first + 7
    spoke, came, came_known = (np.zeros((length // 7 * 7, len(people)), dtype=bool) for _ in range(3))
    speaker, visitor = (np.searchsorted(people, rows["person"]) for rows in (talk, visits))
    for weekday in range(7):
        then = talk["day_mask"] >> weekday & 1 == 1
        spoke[talk["monday"][then] - first + weekday, speaker[then]] = True
    came[visits["day"] - first, visitor] = True
    came_known[visits["day"][known] - first, visitor[known]] = True
    acted = spoke | came
    day = np.arange(len(acted), dtype=np.int16)[:, None]
    return _Deeds(
        talk=_Calendar.of(spoke, first),
        work=_Calendar.of(np.logical_and(spoke, day % 7 < WORKDAYS), first),
        visits=_Calendar.of(came_known, first),
        actions=_Calendar.of(acted, first),
        weeks=_Calendar.of(np.logical_or.reduce(acted.reshape(-1, 7, len(people)), axis=1), first // 7),
        newest=np.maximum.accumulate(np.where(acted, day, np.int16(-1)), axis=0),
    )


def _describe(
    done: _Deeds, previous: _Period | None, period: _Period, following: _Period | None, begin: int
) -> dict[str, npt.NDArray[Any]]:
    """What everybody's deeds say of them at the end of a period, as the columns of `weighed`; `begin` is the first day that counts."""
    last = period.last
    nobody = np.zeros(done.newest.shape[1], dtype=bool)
    newest = done.newest[last - done.actions.first]
    acts = done.actions.any(period.first, last)
    acted_before = done.actions.any(begin, period.first - 1)
    acted_just_before = done.actions.any(previous.first, previous.last) if previous else nobody
    blocks = [done.talk.any(last - 7 * block - 6, last - 7 * block) for block in range(BLOCKS)]
    whole_week = (last + 1) // 7 - 1
    return {
        "days_since_action": np.where(newest < 0, -1, last - done.actions.first - newest),
        "action_weeks": done.weeks.count(whole_week - HABIT_WEEKS + 1, whole_week),
        "active_workdays": done.work.count(last - 7 * BLOCKS + 1, last),
        "active_blocks": np.packbits(blocks, axis=0, bitorder="little")[0],
        "is_active_in_90_days": done.talk.any(last - 89, last),
        "flow": np.select(
            [acts & acted_just_before, acts & acted_before, acts, newest >= 0],
            [FLOWS.index(flow) for flow in ("returning", "resurrected", "new", "dormant")],
            default=-1,
        ),
        "is_active_next": done.talk.any(following.first, following.last) if following else nobody,
        "attends_next": done.visits.any(following.first, following.last) if following else nobody,
    }
