"""What comes back in the invented community: answers and how soon, reactions, and the welcome of newcomers."""

from datetime import date

import numpy as np

from data.sample.calendar import LAST_WEEK
from data.sample.crowd import Crowd
from data.sample.people import Flags, Floats, Ints, Rng
from data.sample.rows import CHANNELS, INTENTS, KINDS, MINUTES, TOPICS, Rows, fill, number

# Share of questions and of other threads answered within a day, and of the rest answered in the days after.
SOON, SOON_OTHER, LATER, LATER_OTHER = 0.68, 0.34, 0.45, 0.12
WOBBLE = 0.04
FASTER_WEEKS, FASTER = 9, 0.24  # the last weeks, in which answers come ever sooner, and by how much in all
EVENING = 21 * 60
HELLOS, HELLO_BACK, HELLOS_ALONE = 0.95, 3, 0.3
BUDDY_MEETINGS = 4


def answer_threads(rng: Rng, crowd: Crowd, threads: Rows, last: date, count: int, *, effects: bool) -> Rows:
    """About `count` replies: a first one to each thread that is answered, the rest after it."""
    soon = _choose_soon(rng, crowd, threads, last, effects=effects)
    asks = threads["intent"] == number(INTENTS, "ask")
    later = ~soon & (rng.random(len(soon)) < np.where(asks, LATER, LATER_OTHER))
    answered = np.flatnonzero((threads["actor"] >= 0) & (soon | later))
    start = threads["minute"][answered].astype(np.int64)
    first = np.where(soon[answered], _delay_soon(rng, start, last), _delay_later(rng, start)) + start
    more = np.sort(rng.integers(0, len(answered), max(0, count - len(answered))))
    chosen = np.concatenate([answered, answered[more]])
    minute = np.concatenate([first, first[more] + 1 + rng.exponential(300, len(more)).astype(np.int64)])
    starter = threads["actor"][chosen].astype(np.int64)
    thanks = ~asks[chosen] & (rng.random(len(chosen)) < 0.15)
    return fill(
        len(chosen),
        minute=minute,
        actor=crowd.answer(starter, minute // MINUTES),
        target=starter,
        channel=threads["channel"][chosen],
        kind=number(KINDS, "reply"),
        thread=threads["thread"][chosen],
        topic=threads["topic"][chosen],
        intent=np.where(asks[chosen], number(INTENTS, "answer"), np.where(thanks, number(INTENTS, "thank"), -1)),
    )


def react(rng: Rng, crowd: Crowd, threads: Rows, count: int) -> Rows:
    """Reactions to what started threads."""
    chosen = np.sort(rng.integers(0, len(threads["actor"]), count))
    starter = threads["actor"][chosen].astype(np.int64)
    minute = threads["minute"][chosen] + rng.integers(1, 240, count)
    return fill(
        count,
        minute=minute,
        actor=np.where(starter < 0, -1, crowd.turn_to(np.maximum(starter, 0), minute // MINUTES)),
        target=starter,
        channel=threads["channel"][chosen],
        kind=number(KINDS, "reaction"),
    )


def welcome(rng: Rng, crowd: Crowd) -> Rows:
    """What the onboarding programme adds: a hello that others return, and meetings with buddies of other teams.

    Some who join without it say hello too, later, and hear less.
    """
    people = crowd.people
    newcomers = np.flatnonzero(people.joined > 0)
    programme = people.in_programme[newcomers]
    newcomers = newcomers[rng.random(len(newcomers)) < np.where(programme, HELLOS, HELLOS_ALONE)]
    programme = people.in_programme[newcomers]
    day = people.joined[newcomers] + np.where(
        programme, rng.integers(1, 6, len(newcomers)), rng.integers(10, 70, len(newcomers))
    )
    hello = fill(
        len(newcomers),
        minute=day * MINUTES + 9 * 60 + rng.integers(0, 120, len(newcomers)),
        actor=newcomers,
        channel=number(CHANNELS, "general"),
        kind=number(KINDS, "post"),
        topic=number(TOPICS, "welcome"),
    )
    returns = np.repeat(np.flatnonzero(programme), HELLO_BACK)
    minute = hello["minute"][returns] + rng.integers(5, 400, len(returns))
    mentions = fill(
        len(returns),
        minute=minute,
        actor=crowd.answer(newcomers[returns], minute // MINUTES),
        target=newcomers[returns],
        channel=number(CHANNELS, "general"),
        kind=number(KINDS, "mention"),
        topic=number(TOPICS, "welcome"),
        intent=number(INTENTS, "introduce"),
    )
    meets = np.repeat(np.flatnonzero(programme), BUDDY_MEETINGS)
    minute = hello["minute"][meets] + 7 * MINUTES * rng.integers(1, 11, len(meets)) + rng.integers(0, 240, len(meets))
    meetings = fill(
        len(meets),
        minute=minute,
        actor=newcomers[meets],
        target=crowd.answer(newcomers[meets], minute // MINUTES),
        kind=number(KINDS, "meeting"),
    )
    return {name: np.concatenate([hello[name], mentions[name], meetings[name]]) for name in hello}


def _choose_soon(rng: Rng, crowd: Crowd, threads: Rows, last: date, *, effects: bool) -> Flags:
    """Which threads are answered within a day. Members' questions by quota a week, so that the rise at the end is steady."""
    weeks = (threads["minute"] // MINUTES - 1) // 7
    weeks = weeks - weeks[0]
    share = SOON + rng.normal(0, WOBBLE, weeks[-1] + 1)
    if effects:
        final = (LAST_WEEK.toordinal() - 1) // 7 - (threads["minute"][0] // MINUTES - 1) // 7
        steps = np.arange(weeks[-1] + 1) - (final - FASTER_WEEKS)
        share = np.where(steps > 0, SOON + FASTER * steps / FASTER_WEEKS, share)
    counted = (threads["intent"] == number(INTENTS, "ask")) & crowd.people.is_member[threads["actor"]]
    soon = rng.random(len(weeks)) < np.where(threads["intent"] == number(INTENTS, "ask"), SOON, SOON_OTHER)
    asked = np.flatnonzero(counted)
    soon[asked] = _by_quota(rng, weeks[asked].astype(np.int64), share)
    return soon


def _by_quota(rng: Rng, weeks: Ints, share: Floats) -> Flags:
    """A random choice that takes the given share of each week, to the nearest whole number."""
    order = np.lexsort((rng.random(len(weeks)), weeks))
    counts = np.bincount(weeks, minlength=len(share))
    place = np.arange(len(weeks)) - np.repeat(np.cumsum(counts) - counts, counts)
    chosen = np.zeros(len(weeks), dtype=bool)
    chosen[order] = place < np.repeat(np.round(share * counts), counts)
    return chosen


def _delay_soon(rng: Rng, start: Ints, last: date) -> Ints:
    """Minutes to an answer on the same day before the evening, or early on the next."""
    clock = start % MINUTES
    today = np.minimum(1 + rng.exponential(100, len(start)).astype(np.int64), EVENING - clock)
    next_morning = MINUTES - clock + 7 * 60 + (rng.random(len(start)) * np.maximum(clock - 7 * 60, 1)).astype(np.int64)
    waits = (rng.random(len(start)) < 0.2) & (start // MINUTES < last.toordinal())
    return np.where(waits, np.minimum(next_morning, MINUTES - 1), today)


def _delay_later(rng: Rng, start: Ints) -> Ints:
    """Minutes to an answer one to five days after, at about the same time of day."""
    return rng.integers(1, 6, len(start)) * MINUTES + rng.integers(1, 120, len(start))
