"""What the invented community says: threads and replies, direct messages, reactions, all by array arithmetic.

Nothing here walks over rows, so ten million of them take about as long to invent as to write.
"""

from collections.abc import Sequence
from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from data.sample.answering import answer_threads, react, welcome
from data.sample.calendar import weigh_days
from data.sample.crowd import Crowd
from data.sample.people import Ints, People, Rng
from data.sample.rows import CHANNELS, INTENTS, KINDS, MINUTES, TOPICS, Rows, fill, join, number

SHARES = {"threads": 0.25, "messages": 0.2, "reactions": 0.2, "mentions": 0.04, "meetings": 0.03, "bots": 0.02}
ASKS, STAFF_ASKS = 0.55, 0.2
ANNOUNCES = 0.4  # of what staff post and do not ask
WORDS_BACK = 0.8  # share of direct messages that get one back
UNKNOWN = ("guest-01", "guest-02", "old-account-7", "integration-3", "visitor-9")  # ids that no members file knows
FROM_UNKNOWN = 24


def invent_talk(rng: Rng, people: People, first: date, last: date, count: int, *, effects: bool) -> pa.Table:
    """About `count` interactions in the canonical columns (`thread` and `number` as numbers), in order of time."""
    crowd = Crowd(rng, people, first, effects=effects)
    sizes = {name: int(count * share) for name, share in SHARES.items()}

    def times(size: int) -> Ints:
        return _draw_times(rng, people, first, last, size, effects=effects)

    threads = _start_threads(rng, crowd, times(sizes["threads"]))
    parts = [
        threads,
        answer_threads(rng, crowd, threads, last, count - sum(sizes.values()), effects=effects),
        *_write_directly(rng, crowd, times(sizes["messages"] // 2), first_thread=sizes["threads"]),
        react(rng, crowd, threads, sizes["reactions"]),
        _speak_to(rng, crowd, times(sizes["mentions"]), "mention"),
        _speak_to(rng, crowd, times(sizes["meetings"]), "meeting"),
        _let_bots_speak(rng, people, threads, sizes["bots"]),
    ]
    if effects:
        parts.append(welcome(rng, crowd))
    return _tabulate(rng, people, join(parts), last)


def _draw_times(rng: Rng, people: People, first: date, last: date, count: int, *, effects: bool) -> Ints:
    """Minutes, sorted: more on busy days and with more members, some weeks a little livelier, mostly in office hours."""
    days = np.arange(first.toordinal(), last.toordinal() + 1)
    lively = np.repeat(rng.lognormal(0, 0.05, len(days) // 7), 7)
    busy = np.cumsum(weigh_days(days, first, effects=effects) * people.count_here(days) * lively)
    day = days[np.searchsorted(busy, rng.random(count) * busy[-1])]
    clock = np.clip(rng.normal(12.5 * 60, 140, count), 7 * 60, 20 * 60).astype(np.int64)
    return np.sort(day * MINUTES + clock)


def _start_threads(rng: Rng, crowd: Crowd, minutes: Ints) -> Rows:
    count = len(minutes)
    actor = crowd.speak(minutes // MINUTES)
    by_staff = crowd.people.is_staff[actor]
    asks = rng.random(count) < np.where(by_staff, STAFF_ASKS, ASKS)
    announces = ~asks & by_staff & (rng.random(count) < ANNOUNCES)
    thanks = ~asks & ~announces & (rng.random(count) < 0.2)
    channel = rng.choice(len(CHANNELS), size=count, p=(0.38, 0.1, 0.17, 0.1, 0.15, 0.1))
    return fill(
        count,
        minute=minutes,
        actor=actor,
        channel=np.where(asks & (rng.random(count) < 0.7), number(CHANNELS, "help"), channel),
        kind=number(KINDS, "post"),
        thread=np.arange(count),
        topic=rng.integers(0, len(TOPICS), count),
        intent=np.select(
            [asks, announces, thanks],
            [number(INTENTS, "ask"), number(INTENTS, "announce"), number(INTENTS, "thank")],
            -1,
        ),
    )


def _write_directly(rng: Rng, crowd: Crowd, minutes: Ints, *, first_thread: int) -> tuple[Rows, Rows]:
    """Direct messages, and the words that come back for most of them."""
    opened = _speak_to(rng, crowd, minutes, "message") | {"channel": fill(len(minutes))["channel"]}
    opened |= {"thread": np.arange(first_thread, first_thread + len(minutes), dtype=np.int32)}
    back = np.flatnonzero((opened["actor"] >= 0) & (rng.random(len(minutes)) < WORDS_BACK))
    returned = fill(
        len(back),
        minute=minutes[back] + 1 + rng.exponential(90, len(back)).astype(np.int64),
        actor=opened["target"][back],
        target=opened["actor"][back],
        thread=opened["thread"][back],
        kind=number(KINDS, "message"),
    )
    return opened, returned


def _speak_to(rng: Rng, crowd: Crowd, minutes: Ints, kind: str) -> Rows:
    """One person turning to another: a message, a meeting of two, or a mention in a channel."""
    actor = crowd.speak(minutes // MINUTES)
    target = np.where(actor < 0, -1, crowd.turn_to(actor, minutes // MINUTES))
    return fill(
        len(minutes),
        minute=minutes,
        actor=np.where(target < 0, -1, actor),
        target=target,
        channel=rng.integers(0, len(CHANNELS), len(minutes)) if kind == "mention" else -1,
        kind=number(KINDS, kind),
    )


def _let_bots_speak(rng: Rng, people: People, threads: Rows, count: int) -> Rows:
    """Bots answer some questions in the same minute, which must never count as an answer."""
    asked = np.flatnonzero(threads["intent"] == number(INTENTS, "ask"))
    chosen = np.sort(rng.choice(asked, size=min(count, len(asked)), replace=False))
    return fill(
        len(chosen),
        minute=threads["minute"][chosen],
        actor=rng.choice(np.flatnonzero(people.is_bot), size=len(chosen)),
        target=threads["actor"][chosen],
        channel=threads["channel"][chosen],
        kind=number(KINDS, "reply"),
        thread=threads["thread"][chosen],
        topic=threads["topic"][chosen],
    )


def _tabulate(rng: Rng, people: People, rows: Rows, last: date) -> pa.Table:
    """Rows of people who were there, in order of time, as named columns; a handful of ids nobody knows among them."""
    actor, minute = rows["actor"], rows["minute"]
    here = (actor >= 0) & people.is_here(actor, minute // MINUTES) & (minute < (last.toordinal() + 1) * MINUTES)
    kept = np.flatnonzero(here)
    order = kept[np.argsort(minute[kept], kind="stable")]
    columns = {name: values[order] for name, values in rows.items()}
    mentions = np.flatnonzero(columns["kind"] == number(KINDS, "mention"))
    strange = rng.choice(mentions, size=min(FROM_UNKNOWN, len(mentions)), replace=False)
    columns["actor"][strange] = people.count + np.arange(len(strange)) % len(UNKNOWN)
    ids = [*people.ids(), *UNKNOWN]
    epoch = date(1970, 1, 1).toordinal() * MINUTES
    seconds = (columns["minute"].astype(np.int64) - epoch) * 60
    return pa.table(
        {
            "occurred_at": pa.array(seconds.astype("datetime64[s]")),
            "actor_id": _name(ids, columns["actor"]),
            "target_id": _name(ids, columns["target"]),
            "channel": _name(CHANNELS, columns["channel"]),
            "kind": _name(KINDS, columns["kind"]),
            "thread": pa.array(columns["thread"], mask=columns["thread"] < 0),
            "number": pa.array(np.arange(1, len(order) + 1)),
            "topic": _name(TOPICS, columns["topic"]),
            "intent": _name(INTENTS, columns["intent"]),
        }
    )


def _name(names: Sequence[str], places: npt.NDArray[np.int32]) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(places, mask=places < 0), pa.array(names))
