"""Whole communities as frames: made at random, put into a warehouse at once, and measured as a publish would.

`members`: who, team, joined, left, kind. `talk`: at, who, to, kind, thread, id, channel, topic, intent.
`events`: event, day, kind, mode, host. `lists`: event, who, came, registered, cancelled.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta

import duckdb
import numpy as np
import pandas as pd

from data.settings import Settings, Thresholds
from data.store import migrate
from metrics.catalogue import CATALOGUE
from metrics.disclosure import withhold
from metrics.metric import Source
from metrics.publish import _judge
from metrics.shown_groups import add_shown_groups
from metrics.survey_family import measure_survey_family
from metrics.value_family import measure_value_family
from tests.facts import cells_of, put_batch

FIRST = date(2026, 1, 5)


@dataclass(frozen=True)
class Community:
    """Tables of a community, and the days its uploads cover."""

    members: pd.DataFrame
    talk: pd.DataFrame
    events: pd.DataFrame
    lists: pd.DataFrame
    last: date
    first: date = FIRST

    @property
    def as_of(self) -> date:
        return self.last + timedelta(days=1)

    def without(self, *tables: str) -> "Community":
        """The same with empty tables."""
        return replace(self, **{name: getattr(self, name).iloc[:0] for name in tables})


def draw(
    seed: int, *, members: int = 36, weeks: int = 39, said: int = 1500, held: int = 20, steady: bool = False
) -> Community:
    """A community without any effect: everybody in one of three teams, talk and attendance at random, a few staff.

    A `steady` one stays what it is: for each who joins somebody of the same team leaves, all talk about as much, and
    events are held on the Wednesdays of every week.
    """
    chance = np.random.default_rng(seed)
    names = [f"p{n:03}" for n in range(members)]
    days = 7 * weeks
    late = chance.random(members) < 0.25
    teams = chance.choice(["A", "B", "C"], members)
    joining = [
        FIRST + timedelta(days=int(d)) if is_late else None
        for d, is_late in zip(chance.integers(0, days, members), late, strict=True)
    ]
    leaving = [
        FIRST + timedelta(days=int(d)) if n % 9 == 4 and not late[n] else None
        for n, d in enumerate(chance.integers(days // 3, days, members))
    ]
    kinds = ["staff" if n % 12 == 7 else "member" for n in range(members)]
    if steady:
        kinds = ["member" if late[n] else kind for n, kind in enumerate(kinds)]
        leaving = [None] * members
        for newcomer in np.flatnonzero(late):
            for n in range(members):
                if not late[n] and kinds[n] == "member" and leaving[n] is None and teams[n] == teams[newcomer]:
                    leaving[n] = joining[newcomer]
                    break
    people = pd.DataFrame({"who": names, "team": teams, "joined": joining, "left": leaving, "kind": kinds})
    weights = chance.gamma(4, 1, members) if steady else chance.pareto(1.5, members) + 0.2
    minutes = np.sort(chance.integers(0, days * 24 * 60, said))
    thread = np.where(chance.random(said) < 0.5, np.arange(said) // 8, -1)
    talk = pd.DataFrame(
        {
            "at": [pd.Timestamp(FIRST) + pd.Timedelta(minutes=int(m)) for m in minutes],
            "who": chance.choice(names, said, p=weights / weights.sum()),
            "to": [
                name if aimed else None
                for name, aimed in zip(chance.choice(names, said), chance.random(said) < 0.6, strict=True)
            ],
            "kind": chance.choice(["post", "reply", "message", "reaction", "mention"], said),
            "thread": [f"t{n}" if n >= 0 else None for n in thread],
            "id": [f"i{n:05}" for n in range(said)],
            "channel": chance.choice(["general", "help", "random"], said),
            "topic": [topic or None for topic in chance.choice(["", "pay", "rota"], said)],
            "intent": None,
        }
    )
    events = pd.DataFrame(
        {
            "event": [f"e{n:02}" for n in range(held)],
            "day": [
                FIRST + timedelta(days=7 * (n % weeks) + 2 if steady else int(d))
                for n, d in enumerate(np.sort(chance.integers(0, days, held)))
            ],
            "kind": chance.choice(["meeting", "social"], held),
            "mode": chance.choice(["virtual", "in_person"], held),
            "host": chance.choice(names, held),
        }
    )
    lists = pd.DataFrame(
        [
            {
                "event": event,
                "who": who,
                "came": bool(roll < 0.4),
                "registered": bool(roll < 0.6),
                "cancelled": bool(roll > 0.9),
            }
            for event in events["event"]
            for who, roll in zip(names, chance.random(members), strict=True)
            if roll < 0.6 or roll > 0.9
        ]
    )
    return Community(people, talk, events, lists, FIRST + timedelta(days=days - 1))


def fill(connection: duckdb.DuckDBPyConnection, community: Community) -> None:
    """Put a community into an empty warehouse. Kinds without any row were never uploaded."""
    migrate(connection)
    kinds = {"interactions": len(community.talk), "attendance": len(community.events)}
    for batch, (kind, count) in enumerate(kinds.items(), start=1):
        if count:
            put_batch(connection, batch, kind, (community.first, community.last))
    for name in ("members", "talk", "events", "lists"):
        table = getattr(community, name).reset_index(drop=True)
        connection.register(
            f"drawn_{name}", table.astype(object).where(table.notna(), None).assign(line=range(2, len(table) + 2))
        )
    connection.execute(_FILL)


_FILL = """
insert into people select row_number() over (order by line) - 1, who from drawn_members;

insert into members by name
select people.person, date '0001-01-01' as valid_from, who as name, joined::date as joined_on, drawn.left::date as left_on,
       kind as member_type, false as opted_out, false as no_lists, 0 as batch, line
from drawn_members as drawn
join people on people.member_id = drawn.who;

insert into segments
select people.person, date '0001-01-01', 'team', team
from drawn_members as drawn
join people on people.member_id = drawn.who
where team is not null;

insert into interactions by name
select drawn.at::timestamp as occurred_at, drawn.at::timestamp::date as day, hour(drawn.at::timestamp) as hour, actors.person as actor,
       targets.person as target, drawn.kind::interaction_kind as kind, drawn.thread::varchar as thread_id,
       drawn.id::varchar as interaction_id, 1 as nth, drawn.intent::varchar::intent as intent,
       drawn.channel::varchar as channel, drawn.topic::varchar as topic, 1 as batch, line
from drawn_talk as drawn
join people as actors on actors.member_id = drawn.who
left join people as targets on targets.member_id = drawn.to
order by line;

insert into events by name
select event as event_id, drawn.day::timestamp as starts_at, drawn.day::date as day, kind as type, mode, hosts.person as host, 2 as batch, line
from drawn_events as drawn
left join people as hosts on hosts.member_id = drawn.host;

insert into attendance by name
select event as event_id, people.person, came as attended, registered, cancelled, 2 as batch, line
from drawn_lists as drawn
join people on people.member_id = drawn.who;
"""


def results_of(connection: duckdb.DuckDBPyConnection, as_of: date, settings: Settings | None = None) -> pd.DataFrame:
    """Every behaviour number with its status, as the gate gets them."""
    cells_of(connection, as_of, settings)
    measure_survey_family(connection, ("team",), Settings())
    measure_value_family(connection, ("team",), Thresholds())
    _judge(connection, as_of)
    return connection.execute("from results order by all").df()


def released_of(connection: duckdb.DuckDBPyConnection, k: int) -> pd.DataFrame:
    """What the gate lets out of the results, with what is worked out over the groups shown."""
    withhold(connection, "results", "released", k)
    add_shown_groups(connection, "released")
    return connection.execute("from released order by all").df()


KEPT_BY_HAND = {
    Source.ACTIONS,
    Source.OBJECTIVES,
    Source.MENTORING,
    Source.RECOGNITIONS,
    Source.STORIES,
    Source.COLLABORATIONS,
}


def names_of_metrics() -> list[str]:
    """The metrics of what members do: those whose periods are no waves and which need none of the registers kept by hand."""
    return [
        card.name
        for card in CATALOGUE
        if "wave" not in card.grains
        and card.name not in ("actions_on_time", "activity_total")
        and not KEPT_BY_HAND & set(card.needs)
    ]
