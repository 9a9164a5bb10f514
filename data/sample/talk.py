"""What the invented community says: threads with replies, direct messages and reactions, all by array arithmetic."""

from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from data.sample.calendar import FASTER_FROM, season
from data.sample.people import TEAMS, People, Rng

Ints = npt.NDArray[np.int64]

CHANNELS = ("general", "help", "ideas", "events", "tools", "wins")
INSIDE = 0.5  # how much of the talk stays in the own team
INSIDE_OF_SILO = 0.93
STAFF_VOICE_FIRST_YEAR = 0.45
STAFF_VOICE = 0.10
MINUTES = 24 * 60
SHARES = {"threads": 0.26, "messages": 0.2, "reactions": 0.24}  # the rest are replies


class Crowd:
    """Draws people: by eagerness, staff by their share of the voice, targets mostly near the one who speaks."""

    def __init__(self, rng: Rng, people: People, first: date, *, effects: bool) -> None:
        self.rng, self.people, self.effects = rng, people, effects
        self.second_year = first.toordinal() + 364
        self.pools = {-1: self._pool(~people.is_bot & ~people.is_staff), -2: self._pool(people.is_staff)}
        self.pools |= {
            team: self._pool((people.team == team) & ~people.is_bot & ~people.is_staff) for team in range(len(TEAMS))
        }

    def speakers(self, days: Ints) -> Ints:
        """Who speaks on each day; staff more in the first year. -1 where nobody drawn was there."""
        voice = np.where(days < self.second_year, STAFF_VOICE_FIRST_YEAR, STAFF_VOICE) if self.effects else STAFF_VOICE
        pool = np.where(self.rng.random(len(days)) < voice, -2, -1)
        return self._draw(pool, days)

    def near(self, speakers: Ints, days: Ints) -> Ints:
        """Whom each speaker turns to: somebody of the own team or of all; never themselves (-1 where it would be)."""
        team = self.people.team[speakers]
        silo = TEAMS.index("Operations")
        inside = np.where((team == silo) & self.effects, INSIDE_OF_SILO, INSIDE)
        stays = self.rng.random(len(days)) < inside
        found = self._draw(np.where(stays, team, -1), days)
        # The silo is closed from both sides: others seldom reach into it.
        reaches_in = (self.people.team[found] == silo) & (team != silo) & self.effects
        found = np.where(reaches_in & (self.rng.random(len(days)) < 0.85), -1, found)
        return np.where(found == speakers, -1, found)

    def _pool(self, who: npt.NDArray[np.bool_]) -> tuple[Ints, npt.NDArray[np.float64]]:
        members = np.flatnonzero(who)
        return members, np.cumsum(self.people.eagerness[members])

    def _draw(self, pool: Ints, days: Ints) -> Ints:
        found = np.full(len(days), -1)
        for _ in range(6):
            for name, (members, weights) in self.pools.items():
                open_places = np.flatnonzero((pool == name) & (found < 0))
                if len(open_places) and len(members):
                    place = np.searchsorted(weights, self.rng.random(len(open_places)) * weights[-1])
                    drawn = members[np.minimum(place, len(members) - 1)]
                    here = self.people.is_here(drawn, days[open_places])
                    found[open_places] = np.where(here, drawn, -1)
        return found


def invent_talk(rng: Rng, people: People, first: date, last: date, count: int, *, effects: bool) -> pa.Table:
    """About `count` interactions in the columns of the canonical file, in order of time."""
    crowd = Crowd(rng, people, first, effects=effects)
    threads = _start_threads(rng, crowd, first, last, int(count * SHARES["threads"]))
    replies = _reply(rng, crowd, threads, last, count - int(count * sum(SHARES.values())), effects=effects)
    messages = _send(rng, crowd, first, last, int(count * SHARES["messages"]), "message")
    reactions = _react(rng, crowd, threads, int(count * SHARES["reactions"]))
    return _table(people, [threads, replies, messages, reactions])


def _days(rng: Rng, first: date, last: date, count: int) -> Ints:
    days = np.arange(first.toordinal(), last.toordinal() + 1)
    busy = np.cumsum(season(days))
    return np.asarray(np.sort(days[np.searchsorted(busy, rng.random(count) * busy[-1])]))


def _clock(rng: Rng, count: int) -> Ints:
    """Minutes of the day, mostly office hours."""
    return np.clip(rng.normal(12.5 * 60, 140, count), 7 * 60, 20 * 60).astype(np.int64)


def _start_threads(rng: Rng, crowd: Crowd, first: date, last: date, count: int) -> dict[str, Ints]:
    days = _days(rng, first, last, count)
    actor = crowd.speakers(days)
    asks = rng.random(count) < np.where(crowd.people.is_staff[np.maximum(actor, 0)], 0.2, 0.6)
    return {
        "minute": days * MINUTES + _clock(rng, count),
        "actor": actor,
        "target": np.full(count, -1),
        "channel": np.where(asks, 1, rng.choice(len(CHANNELS), size=count, p=(0.4, 0.1, 0.15, 0.1, 0.15, 0.1))),
        "thread": np.arange(count),
        "intent": np.where(asks, 1, np.where(rng.random(count) < 0.3, 3, 0)),
        "kind": np.full(count, 0),
    }


def _reply(
    rng: Rng, crowd: Crowd, threads: dict[str, Ints], last: date, count: int, *, effects: bool
) -> dict[str, Ints]:
    """Replies to threads, questions more often; from September 2026 on the first ones come sooner."""
    asks = threads["intent"] == 1
    since = effects & (threads["minute"] >= FASTER_FROM.toordinal() * MINUTES)
    weight = np.where(asks, np.where(since, 4.0, 2.2), 0.5)
    chosen = np.sort(rng.choice(len(asks), size=count, p=weight / weight.sum()))
    start = threads["minute"][chosen]
    is_late = effects & (start >= FASTER_FROM.toordinal() * MINUTES)
    delay = np.exp(rng.normal(np.log(np.where(is_late, 2.0, 11.0) * 60), 1.25, count)).astype(np.int64) + 1
    minute = start + delay
    days = minute // MINUTES
    starter = threads["actor"][chosen]
    actor = np.where(rng.random(count) < 0.75, crowd.near(np.maximum(starter, 0), days), crowd.speakers(days))
    if effects:
        staff = crowd.speakers(days)
        actor = np.where((days < crowd.second_year) & (rng.random(count) < 0.4), staff, actor)
    lost = (actor == starter) | (starter < 0) | (minute >= (last.toordinal() + 1) * MINUTES)
    return {
        "minute": minute,
        "actor": np.where(lost, -1, actor),
        "target": starter,
        "channel": threads["channel"][chosen],
        "thread": threads["thread"][chosen],
        "intent": np.where(asks[chosen], 2, np.where(rng.random(count) < 0.1, 4, 0)),
        "kind": np.full(count, 1),
    }


def _send(rng: Rng, crowd: Crowd, first: date, last: date, count: int, kind: str) -> dict[str, Ints]:
    days = _days(rng, first, last, count)
    actor = crowd.speakers(days)
    target = crowd.near(np.maximum(actor, 0), days)
    return {
        "minute": days * MINUTES + _clock(rng, count),
        "actor": np.where(target < 0, -1, actor),
        "target": target,
        "channel": np.full(count, -1),
        "thread": np.full(count, -1),
        "intent": np.zeros(count, dtype=np.int64),
        "kind": np.full(count, KINDS.index(kind)),
    }


def _react(rng: Rng, crowd: Crowd, threads: dict[str, Ints], count: int) -> dict[str, Ints]:
    chosen = np.sort(rng.integers(0, len(threads["actor"]), count))
    starter = threads["actor"][chosen]
    minute = threads["minute"][chosen] + rng.integers(1, 600, count)
    days = minute // MINUTES
    actor = np.where(rng.random(count) < 0.7, crowd.near(np.maximum(starter, 0), days), crowd.speakers(days))
    return {
        "minute": minute,
        "actor": np.where((starter < 0) | (actor == starter), -1, actor),
        "target": starter,
        "channel": threads["channel"][chosen],
        "thread": np.full(count, -1),
        "intent": np.zeros(count, dtype=np.int64),
        "kind": np.full(count, 2),
    }


KINDS = ("post", "reply", "reaction", "message")
INTENTS = ("", "ask", "answer", "announce", "thank")


def _table(people: People, parts: list[dict[str, Ints]]) -> pa.Table:
    joined = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    day = joined["minute"] // MINUTES
    keep = (joined["actor"] >= 0) & people.is_here(np.maximum(joined["actor"], 0), day)
    order = np.flatnonzero(keep)[np.argsort(joined["minute"][keep], kind="stable")]
    columns = {name: values[order] for name, values in joined.items()}
    ids = pa.array(people.ids())
    epoch = date(1970, 1, 1).toordinal() * MINUTES
    return pa.table(
        {
            "occurred_at": pa.array(((columns["minute"] - epoch) * 60).astype("datetime64[s]")),
            "actor_id": _named(ids, columns["actor"]),
            "target_id": _named(ids, columns["target"]),
            "channel": _named(pa.array(CHANNELS), columns["channel"]),
            "kind": _named(pa.array(KINDS), columns["kind"]),
            "thread": pa.array(columns["thread"]),
            "intent": _named(pa.array(INTENTS), np.where(columns["intent"] == 0, -1, columns["intent"])),
        }
    )


def _named(names: pa.Array, places: Ints) -> pa.Array:
    return names.take(pa.array(np.where(places < 0, 0, places), mask=places < 0))
