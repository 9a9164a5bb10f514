"""What the invented community holds: a weekly call, workshops, socials, trainings, a yearly gathering, and who comes."""

from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from data.sample.calendar import DIP, HOLIDAYS, LAST_DAY, LAST_WEEK
from data.sample.people import People, Rng

# What is held: id letter, title, type, mode, weekday, hour, every how many weeks, first week, share that comes.
SERIES = (
    ("C", "Community call", "meeting", "virtual", 1, 12, 1, 0, 0.19),
    ("W", "Workshop", "workshop", "hybrid", 3, 15, 2, 0, 0.10),
    ("S", "Coffee and catch-up", "social", "in_person", 3, 9, 2, 1, 0.10),
    ("T", "Training", "training", "virtual", 2, 14, 6, 3, 0.09),
    ("N", "Meet another team", "networking", "virtual", 0, 16, 8, 5, 0.08),
)
TOPICS = ("onboarding", "tools", "wellbeing", "ideas", "ways of working", "celebrating work")
GATHERING = ("G", "Annual gathering", "celebration", "in_person", 2, 10, 0.24)
FALL_OF_LAST_WEEK = 0.5


def hold_events(first: date, weeks: int) -> list[dict[str, object]]:
    """Every event with its time and the share of members it draws."""
    events = []
    for week in range(weeks):
        monday = first + timedelta(days=7 * week)
        for letter, title, kind, mode, weekday, hour, every, start, draw in SERIES:
            if week % every == start % every:
                events.append(_event(letter, title, kind, mode, monday + timedelta(days=weekday), hour, draw, week))
        if monday.month == 10 and 7 < monday.day <= 14:
            letter, title, kind, mode, weekday, hour, draw = GATHERING
            events.append(_event(letter, title, kind, mode, monday + timedelta(days=weekday), hour, draw, week))
    return [event for event in events if str(event["day"]) <= str(LAST_DAY)]


def draw_lists(
    rng: Rng, people: People, events: list[dict[str, object]], *, effects: bool
) -> list[tuple[int, npt.NDArray[np.int64], npt.NDArray[np.bool_], npt.NDArray[np.bool_], npt.NDArray[np.bool_]]]:
    """For each event: its place, the people on its list, and whether each came, had registered, had cancelled."""
    liking = rng.beta(1.6, 2.4, people.count) / (1.6 / 4.0)
    lists = []
    for place, event in enumerate(events):
        day = event["day"]
        assert isinstance(day, date)
        draw = float(str(event["draw"])) * (DIP if _is_holiday(day) else 1.0)
        if effects and LAST_WEEK <= day < LAST_WEEK + timedelta(days=7):
            draw *= FALL_OF_LAST_WEEK
        here = people.is_here(np.arange(people.count), np.full(people.count, day.toordinal())) & ~people.is_bot
        came = here & (rng.random(people.count) < np.minimum(draw * liking, 0.97))
        missed = here & ~came & (rng.random(people.count) < draw * 0.45)
        listed = np.flatnonzero(came | missed)
        registered = missed[listed] | (rng.random(len(listed)) < 0.85)
        cancelled = missed[listed] & (rng.random(len(listed)) < 0.25)
        lists.append((place, listed, came[listed], registered, cancelled))
    return lists


def _event(
    letter: str, title: str, kind: str, mode: str, day: date, hour: int, draw: float, week: int
) -> dict[str, object]:
    return {
        "event_id": f"{letter}{day:%y%m%d}",
        "day": day,
        "hour": hour,
        "title": title,
        "type": kind,
        "mode": mode,
        "topic": TOPICS[week % len(TOPICS)],
        "draw": draw,
    }


def _is_holiday(day: date) -> bool:
    return any(first <= day <= last for first, last, _ in HOLIDAYS)
