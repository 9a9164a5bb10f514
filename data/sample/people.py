"""Who is in the invented community: teams, regions, levels, joining, leaving, and the onboarding programme."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Rng = np.random.Generator

SILO = "Operations"
TEAMS = (SILO, "Digital", "Care", "Finance", "Estates", "People", "Legal", "Strategy")
TEAM_WEIGHTS = (0.26, 0.19, 0.17, 0.14, 0.13, 0.11)
SMALL_TEAMS = {"Legal": 8, "Strategy": 4}  # so small that a page has something to withhold
REGIONS = ("North", "South", "West")
REGION_WEIGHTS = (0.45, 0.35, 0.2)
LEVELS = ("associate", "senior", "lead")
LEVEL_WEIGHTS = (0.6, 0.3, 0.1)
STAFF_SHARE = 0.033
BOTS = 3
JOINS = 0.45  # share of members who join in the time shown
IN_PROGRAMME = 0.5  # share of them who go through onboarding, drawn by lot
PROGRAMME_DAYS = 84
LEAVES, LEAVES_AFTER_PROGRAMME = 0.19, 0.05
QUIET = 0.12  # share who hardly ever say anything
FAR = date(2199, 1, 1).toordinal()


@dataclass(frozen=True)
class People:
    """Parallel arrays, one entry a person; days are ordinals, an absent day is 0 (joined) or a far day (left)."""

    team: Ints
    region: Ints
    level: Ints
    joined: Ints
    left: Ints
    is_staff: Flags
    is_bot: Flags
    in_programme: Flags
    eagerness: Floats

    @property
    def count(self) -> int:
        return len(self.team)

    @property
    def is_member(self) -> Flags:
        return ~self.is_staff & ~self.is_bot

    def is_here(self, person: npt.NDArray[np.integer[Any]], day: npt.NDArray[np.integer[Any]]) -> Flags:
        return np.asarray((self.joined[person] <= day) & (day < self.left[person]))

    def count_here(self, days: Ints) -> Ints:
        """How many members there are on each day."""
        joined, left = np.sort(self.joined[self.is_member]), np.sort(self.left[self.is_member])
        return np.searchsorted(joined, days, side="right") - np.searchsorted(left, days, side="right")

    def ids(self) -> list[str]:
        width = max(4, len(str(self.count)))
        return [f"M{number:0{width}d}" for number in range(1, self.count + 1)]


def invent_people(rng: Rng, members: int, first: date, last: date, *, effects: bool) -> People:
    """`members` people in all, staff and bots among them. Staff, bots and the small teams neither join nor leave."""
    small = sum(SMALL_TEAMS.values()) if members >= 200 else 0
    team = rng.choice(len(TEAM_WEIGHTS), size=members - small, p=TEAM_WEIGHTS)
    for name, size in SMALL_TEAMS.items() if small else ():
        team = np.append(team, np.full(size, TEAMS.index(name)))
    team = rng.permutation(team)
    start, span = first.toordinal(), last.toordinal() - first.toordinal()
    in_large_team = team < len(TEAM_WEIGHTS)
    joins = in_large_team & (rng.random(members) < JOINS)
    joined = np.where(joins, start + rng.integers(0, span - 14, members), 0)
    stays = rng.permutation(np.flatnonzero(in_large_team & ~joins))
    is_bot, is_staff = np.zeros(members, dtype=bool), np.zeros(members, dtype=bool)
    is_bot[stays[:BOTS]] = True
    is_staff[stays[BOTS : BOTS + max(3, round(STAFF_SHARE * members))]] = True
    in_programme = joins & (rng.random(members) < IN_PROGRAMME)
    chance = np.where(in_programme & effects, LEAVES_AFTER_PROGRAMME, LEAVES)
    leaves = in_large_team & ~is_bot & ~is_staff & (rng.random(members) < chance)
    settled = np.maximum(joined, start) + 60  # nobody leaves sooner
    left = np.where(leaves, settled + (rng.random(members) * (last.toordinal() - settled)).astype(np.int64), FAR)
    left = np.where(left >= last.toordinal() - 10, FAR, left)
    eagerness = rng.lognormal(0, 0.9, members) * np.where(rng.random(members) < QUIET, 0.03, 1.0)
    if effects:
        eagerness *= np.where(in_programme, 1.6, np.where(joins, 0.6, 1.0))
    return People(
        team,
        rng.choice(len(REGIONS), size=members, p=REGION_WEIGHTS),
        rng.choice(len(LEVELS), size=members, p=LEVEL_WEIGHTS),
        joined,
        left,
        is_staff,
        is_bot,
        in_programme,
        eagerness,
    )
