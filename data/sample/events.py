"""What the invented community holds and who comes: a weekly call, workshops, socials, trainings, a yearly gathering."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import numpy as np
import pyarrow as pa

from data.sample.calendar import DIP, LAST_WEEK, list_holidays
from data.sample.people import Flags, Floats, Ints, People, Rng

FALL_OF_LAST_WEEK = 0.45
NO_SHOWS = 0.65  # people on the list who do not come, for each that is likely to
MOOD = 0.10  # how much one event draws more or less than the next
PARTS = ("host", "speaker", "guest", "staff")


@dataclass(frozen=True)
class Series:
    """Events of one kind: on which weekday and hour, every how many weeks from which, what share comes, and their titles."""

    kind: str
    mode: str
    weekday: int
    hour: int
    minutes: int
    every: int
    start: int
    draw: float
    titles: tuple[tuple[str, str], ...]
    programme: str | None = None


@dataclass(frozen=True)
class Event:
    """One event that is held."""

    event_id: str
    starts_at: datetime
    series: Series
    title: str
    topic: str


CALLS = Series("meeting", "virtual", 1, 12, 60, 1, 0, 0.20, (
    ("Community call: what the survey told us", "listening"),
    ("Community call: meet the new faces", "welcome"),
    ("Community call: three teams show their work", "work in progress"),
    ("Community call: ask the leads anything", "decisions"),
    ("Community call: tools we could drop", "tools"),
    ("Community call: what we learned from a project that failed", "learning"),
    ("Community call: how we decide", "decisions"),
    ("Community call: small wins of the month", "recognition"),
))  # fmt: skip
WORKSHOPS = Series("workshop", "hybrid", 3, 15, 90, 2, 0, 0.11, (
    ("Workshop: writing so that people answer", "writing"),
    ("Workshop: mapping a process together", "process"),
    ("Workshop: feedback that helps", "learning"),
    ("Workshop: from spreadsheet to chart", "data"),
    ("Workshop: meetings people like", "process"),
    ("Ideas clinic: bring a half-baked idea", "ideas"),
))  # fmt: skip
SOCIALS = Series("social", "in_person", 3, 16, 60, 2, 1, 0.11, (
    ("Coffee with another floor", "meeting people"),
    ("Lunch walk along the canal", "wellbeing"),
    ("Board games after work", "meeting people"),
    ("Breakfast for the early shift", "meeting people"),
    ("Repair café: bring a bicycle", "wellbeing"),
))  # fmt: skip
TRAININGS = Series("training", "virtual", 2, 14, 120, 4, 2, 0.04, (
    ("Training: hosting your first event", "learning"),
    ("Training: documents everybody can read", "access"),
    ("Training: being a mentor", "learning"),
    ("Training: facts and figures for beginners", "data"),
))  # fmt: skip
INTRODUCTIONS = Series("networking", "virtual", 0, 16, 45, 4, 0, 0.035, (
    ("Lunch roulette", "meeting people"),
    ("Meet another team: Care and Finance", "meeting people"),
    ("Meet another team: Digital and Estates", "meeting people"),
    ("Meet another team: Operations opens its doors", "meeting people"),
))  # fmt: skip
WELCOMES = Series("other", "hybrid", 0, 10, 45, 4, 3, 0.03, (("Welcome hour for newcomers", "welcome"),), "Onboarding")
FOLLOW_UPS = Series("follow_up", "virtual", 2, 11, 45, 12, 6, 0.04, (("What became of your ideas", "ideas"),))
GATHERING = Series(
    "celebration", "in_person", 3, 10, 360, 0, 0, 0.30, (("Annual gathering: a day for all of us", "recognition"),)
)
PLAN = (CALLS, WORKSHOPS, SOCIALS, TRAININGS, INTRODUCTIONS, WELCOMES, FOLLOW_UPS)


def find_gathering(year: int) -> date:
    """The day of the annual gathering: the second Thursday of June."""
    return date(year, 6, 8) + timedelta(days=(3 - date(year, 6, 8).weekday()) % 7)


def hold_events(first: date, weeks: int) -> list[Event]:
    """Every event in order of time. In the winter break nothing is held."""
    held: list[tuple[datetime, Series, tuple[str, str]]] = []
    for week in range(weeks):
        monday = first + timedelta(days=7 * week)
        for series in PLAN:
            if week % series.every == series.start:
                title = series.titles[week // series.every % len(series.titles)]
                held.append((_at(monday + timedelta(days=series.weekday), series.hour), series, title))
        gathering = find_gathering(monday.year)
        if monday <= gathering < monday + timedelta(days=7):
            held.append((_at(gathering, GATHERING.hour), GATHERING, GATHERING.titles[0]))
    held = [one for one in held if _break_of(one[0].date(), first) != "winter break"]
    held.sort(key=lambda one: one[0])
    return [Event(f"E{place:03d}", starts, series, *title) for place, (starts, series, title) in enumerate(held, 1)]


def list_events(events: list[Event], people: People, hosts: Ints) -> pa.Table:
    """The events file."""
    ids = people.ids()
    return pa.table(
        {
            "event_id": [event.event_id for event in events],
            "starts_at": [f"{event.starts_at:%Y-%m-%d %H:%M}" for event in events],
            "title": [event.title for event in events],
            "ends_at": [
                f"{event.starts_at + timedelta(minutes=event.series.minutes):%Y-%m-%d %H:%M}" for event in events
            ],
            "type": [event.series.kind for event in events],
            "mode": [event.series.mode for event in events],
            "topic": [event.topic for event in events],
            "host_id": [ids[host] for host in hosts],
            "programme": [event.series.programme for event in events],
        }
    )


def choose_hosts(rng: Rng, people: People, events: list[Event], first: date, *, effects: bool) -> Ints:
    """Who hosts each event: staff in the first year, mostly members after."""
    hosts = np.zeros(len(events), dtype=np.int64)
    staff = np.flatnonzero(people.is_staff)
    for place, event in enumerate(events):
        day = event.starts_at.toordinal()
        here = people.is_here(np.arange(people.count), np.full(people.count, day - 90)) & people.is_member
        by_staff = rng.random() < (0.95 if effects and day < first.toordinal() + 364 else 0.3)
        hosts[place] = rng.choice(staff if by_staff or not here.any() else np.flatnonzero(here & (people.level > 0)))
    return hosts


def draw_attendance(
    rng: Rng, people: People, events: list[Event], hosts: Ints, first: date, *, effects: bool
) -> pa.Table:
    """The attendance file: one row for each person on the list of an event."""
    liking = rng.gamma(0.9, 1 / 0.9, people.count)
    if effects:
        liking *= np.where(people.in_programme, 1.3, 1.0)
    person, event_of, came, registered, cancelled = [], [], [], [], []
    for place, event in enumerate(events):
        day = event.starts_at.date()
        here = people.is_here(np.arange(people.count), np.full(people.count, day.toordinal())) & ~people.is_bot
        chance = _pull(people, event, liking, day) * rng.lognormal(0, MOOD) * _mood_of(day, first, effects=effects)
        comes = here & (rng.random(people.count) < np.minimum(chance, 0.97))
        comes[hosts[place]] = True
        stays_away = here & ~comes & (rng.random(people.count) < chance * NO_SHOWS)
        listed = np.flatnonzero(comes | stays_away)
        person.append(listed)
        event_of.append(np.full(len(listed), place))
        came.append(comes[listed])
        registered.append(stays_away[listed] | (rng.random(len(listed)) < 0.85))
        cancelled.append(stays_away[listed] & (rng.random(len(listed)) < 0.3))
    who, which, attended = np.concatenate(person), np.concatenate(event_of), np.concatenate(came)
    return pa.table(
        {
            "event_id": pa.array([event.event_id for event in events]).take(pa.array(which)),
            "member_id": pa.array(people.ids()).take(pa.array(who)),
            "attended": _say(attended),
            "registered": _say(np.concatenate(registered)),
            "cancelled": _say(np.concatenate(cancelled)),
            "part": _parts(rng, people, who, attended, hosts[which] == who),
            "minutes": _minutes(rng, events, which, attended),
        }
    )


def _pull(people: People, event: Event, liking: Floats, day: date) -> Floats:
    """How likely each person is to come; the welcome hour is for newcomers."""
    pull = event.series.draw * liking
    if event.series is not WELCOMES:
        return pull
    fresh = (people.joined > day.toordinal() - 60) & (people.joined > 0)
    return np.where(fresh, np.where(people.in_programme, 0.8, 0.1), event.series.draw * 0.4)


def _mood_of(day: date, first: date, *, effects: bool) -> float:
    """How much of the usual an event draws on a day: less in a holiday, and less in the very last week."""
    if not effects:
        return 1.0
    return (DIP if _break_of(day, first) else 1.0) * (FALL_OF_LAST_WEEK if day >= LAST_WEEK else 1.0)


def _parts(rng: Rng, people: People, who: Ints, attended: Flags, hosts: Flags) -> pa.DictionaryArray:
    """What part each person had; most had none."""
    speaks = rng.random(len(who)) < 0.015
    part = np.select([~attended, hosts, speaks, people.is_staff[who]], [-1, 0, 1, 3], -1).astype(np.int32)
    return pa.DictionaryArray.from_arrays(pa.array(part, mask=part < 0), pa.array(PARTS))


def _minutes(rng: Rng, events: list[Event], which: Ints, attended: Flags) -> pa.Array:
    """How long each person stayed, where a call says it."""
    length = np.array([event.series.minutes for event in events])[which]
    remote = np.array([event.series.mode == "virtual" for event in events])[which]
    stayed = np.maximum(5, np.round(length * np.minimum(1, rng.beta(6, 1, len(which)) * 1.05))).astype(np.int64)
    return pa.array(stayed, mask=~(attended & remote))


def _say(flags: Flags) -> pa.Array:
    return pa.array(["no", "yes"]).take(pa.array(flags.astype(np.int8)))


def _break_of(day: date, first: date) -> str | None:
    return next((label for begins, ends, label in list_holidays(first) if begins <= day <= ends), None)


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour))
