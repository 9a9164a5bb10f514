"""What the invented community writes down about its own value: mentoring, recognitions, stories, collaborations.

Drawn by lot from numbers of its own, so that nothing else of the community changes with it and nothing is built in.
"""

from collections.abc import Sequence
from datetime import date

import numpy as np
import pyarrow as pa

from data.sample.calendar import LAST_DAY
from data.sample.people import FAR, Ints, People, Rng

STREAM = 7
DAYS = 546  # the registers go back eighteen months
PAIR_DAYS = 182
DIMENSIONS = ("individual", "micro", "joint", "cross_network")
TOPICS = ("rota", "data", "learning", "access", "spaces", "welcome")
# Dimension, theme, evidence, text of the stories whose tellers agreed that they are shown.
TOLD = (
    ("individual", "learning", "claim", "I asked in help how to read the new report; now I show it to my own team each month."),
    ("individual", "welcome", "witnessed", "In my second week three people from other teams knew my name. I stayed because of that."),
    ("individual", "access", "claim", "I had given up on the booking form. Somebody answered in ten minutes with a way round."),
    ("micro", "rota", "witnessed", "Two of us met at the gathering and now share one rota for two sites."),
    ("micro", "data", "measured", "We compared our spreadsheets and found that half of the work was the same. It takes a day less now."),
    ("micro", "spaces", "claim", "After the walk we agreed to lend each other rooms on Fridays."),
    ("joint", "learning", "measured", "Four teams wrote one induction instead of four; newcomers finish it in two days, not five."),
    ("joint", "access", "witnessed", "The help channel became a page of answers that everybody may change."),
    ("cross_network", "data", "claim", "The network of the neighbouring region sent us their template, and we sent back our checks."),
)  # fmt: skip


class Registers:
    """The four registers of one community. The same people and seed give the same rows."""

    def __init__(self, people: People, seed: int) -> None:
        self.people = people
        self.rng: Rng = np.random.Generator(np.random.PCG64([seed, STREAM]))
        self.ids = people.ids()
        self.until = LAST_DAY.toordinal()
        self.since = self.until - DAYS
        # Who was there all the time can mentor, thank and work together on any day.
        self.settled = np.flatnonzero(people.is_member & (people.joined < self.since) & (people.left == FAR))

    def list_pairs(self) -> pa.Table:
        """The mentoring file: every third newcomer, drawn by lot, two to five weeks after joining, for half a year."""
        people, rows = self.people, []
        new = np.flatnonzero(people.is_member & (people.joined > self.since) & (people.joined < self.until - 40))
        for number, mentee in enumerate(self._some(new, len(new) // 3), 1):
            start = int(people.joined[mentee]) + int(self.rng.integers(14, 36))
            end = min(start + PAIR_DAYS, int(people.left[mentee]))
            start, last = min(start, end), min(end, self.until)
            met = max(start, last - int(self.rng.integers(0, 60)))
            rows.append(
                (f"P{number:03d}", self._one(self.settled), self.ids[mentee], _day(start), _day(end) if end <= self.until else None,
                 _day(met), 1 + (met - start) // 21, "yes" if end <= self.until and self.rng.random() < 0.6 else None)
            )  # fmt: skip
        return _table("pair_id mentor_id mentee_id started_on ended_on last_met_on meetings goal_met", rows)

    def list_recognitions(self) -> pa.Table:
        """The recognitions file: about twenty a month, some of whole groups."""
        rows: set[tuple[str | None, ...]] = set()
        for day in self._days(360 if len(self.settled) > 100 else len(self.settled)):
            giver, kind = self._one(self.settled), "group" if self.rng.random() < 0.15 else "individual"
            achieved = _day(day - int(self.rng.integers(0, 21)))
            for receiver in self._some(self.settled, 4 if kind == "group" else 1):
                if self.ids[receiver] != giver:
                    rows.add((_day(day), self.ids[receiver], giver, kind, achieved))
        return _table("recognised_on receiver_id giver_id kind achieved_on", sorted(rows, key=str))

    def list_stories(self) -> pa.Table:
        """The stories file: those that may be shown, and as many again of which only the codes are kept."""
        rows = []
        days = self._days(6 * len(TOLD))
        for number, day in enumerate(days, 1):
            dimension, theme, evidence, text = TOLD[number % len(TOLD)]
            is_shown = number > len(days) - len(TOLD)
            rows.append(
                (f"S{number:03d}", _day(day), dimension, int(self.rng.integers(1, 6)), theme,
                 "yes" if self.rng.random() < 0.7 else "no", evidence, "yes" if is_shown else "no", text if is_shown else None)
            )  # fmt: skip
        return _table("story_id told_on dimension cycle theme prompted evidence consent text", rows)

    def list_collaborations(self) -> pa.Table:
        """The collaborations file: mostly twos and threes, of which one in four becomes a joint project."""
        rows = []
        for number, day in enumerate(self._days(48), 1):
            kind = DIMENSIONS[1:][int(self.rng.choice(3, p=(0.7, 0.2, 0.1)))]
            size = int(self.rng.integers(2, 4)) if kind == "micro" else int(self.rng.integers(4, 8))
            members = ";".join(self.ids[person] for person in self._some(self.settled, size))
            topic = TOPICS[int(self.rng.integers(len(TOPICS)))]
            grown = day + int(self.rng.integers(40, 150)) if kind == "micro" and self.rng.random() < 0.25 else FAR
            ended = day + int(self.rng.integers(60, 200))
            status = "running" if ended > self.until else "delivered" if self.rng.random() < 0.7 else "dropped"
            rows.append(
                (f"C{number:03d}", f"{topic.capitalize()} together", kind, members, topic, _day(day),
                 _day(ended) if ended <= self.until else None, _day(grown) if grown < min(ended, self.until) else None, status)
            )  # fmt: skip
        return _table(
            "collaboration_id title kind member_ids topic started_on ended_on became_joint_on status",
            rows if len(self.settled) else [],
        )

    def _days(self, count: int) -> list[int]:
        return sorted(int(day) for day in self.rng.integers(self.since, self.until, count))

    def _some(self, pool: Ints, count: int) -> list[int]:
        return [int(person) for person in self.rng.choice(pool, min(count, len(pool)), replace=False)]

    def _one(self, pool: Ints) -> str | None:
        return self.ids[int(self.rng.choice(pool))] if len(pool) else None


def _day(ordinal: int) -> str:
    return date.fromordinal(ordinal).isoformat()


def _table(columns: str, rows: Sequence[tuple[object, ...]]) -> pa.Table:
    names = columns.split()
    return pa.table({name: [row[place] for row in rows] for place, name in enumerate(names)})
