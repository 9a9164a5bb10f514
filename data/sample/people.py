"""Who is in the invented community: teams, regions, levels, joining, leaving, and the onboarding programme."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Rng = np.random.Generator

# Two teams of fixed size are too small to be shown, so that a page has something to withhold.
TEAMS = ("Operations", "Digital", "Care", "Finance", "Estates", "People", "Legal", "Strategy")
TEAM_WEIGHTS = (0.26, 0.19, 0.17, 0.14, 0.13, 0.11)
SMALL_TEAMS = {"Legal": 8, "Strategy": 4}
REGIONS = ("North", "South", "West")
LEVELS = ("associate", "senior", "lead")
STAFF_SHARE = 0.03
BOTS = 3
FIRST_NAMES = [
    "Ada",
    "Amir",
    "Anna",
    "Aylin",
    "Bela",
    "Boris",
    "Carla",
    "Chidi",
    "Clara",
    "Dana",
    "Deniz",
    "Edda",
    "Elif",
    "Emil",
    "Esra",
    "Femi",
    "Finn",
    "Gita",
    "Hana",
    "Hugo",
    "Ines",
    "Ivo",
    "Jana",
    "Jin",
    "Juno",
    "Kaya",
    "Kofi",
    "Lara",
    "Leif",
    "Lina",
    "Luca",
    "Mara",
    "Mei",
    "Mila",
    "Nia",
    "Noor",
    "Olga",
    "Omar",
    "Pia",
    "Quinn",
    "Rana",
    "Remy",
    "Rosa",
    "Sami",
    "Selma",
    "Taro",
    "Tess",
    "Uma",
    "Vera",
    "Wanda",
    "Yara",
    "Zeno",
]
LAST_NAMES = [
    "Abara",
    "Achterberg",
    "Almstad",
    "Baranova",
    "Bellweg",
    "Brunn",
    "Castellan",
    "Dahlquist",
    "Dorfman",
    "Ekholm",
    "Farouk",
    "Fennel",
    "Gallo",
    "Grunwald",
    "Haddad",
    "Hollis",
    "Ibsen",
    "Ivers",
    "Jarosz",
    "Kestrel",
    "Kimura",
    "Lindqvist",
    "Lomax",
    "Maddox",
    "Marek",
    "Moreau",
    "Nakos",
    "Nyberg",
    "Okoro",
    "Oster",
    "Palmgren",
    "Quist",
    "Rask",
    "Rivas",
    "Salter",
    "Sorel",
    "Tamm",
    "Thorne",
    "Ulmer",
    "Varga",
    "Winter",
    "Yilmaz",
    "Zander",
]


@dataclass(frozen=True)
class People:
    """Parallel arrays, one entry a person; days are ordinals, an absent day is 0 (joined) or a far day (left)."""

    team: Ints
    region: Ints
    level: Ints
    joined: Ints
    left: Ints
    is_staff: npt.NDArray[np.bool_]
    is_bot: npt.NDArray[np.bool_]
    in_programme: npt.NDArray[np.bool_]
    eagerness: Floats

    @property
    def count(self) -> int:
        return len(self.team)

    def is_here(self, person: Ints, day: Ints) -> npt.NDArray[np.bool_]:
        return np.asarray((self.joined[person] <= day) & (day < self.left[person]))

    def ids(self) -> list[str]:
        width = len(str(self.count))
        return [f"{'B' if bot else 'M'}{number:0{width}d}" for number, bot in enumerate(self.is_bot, start=1)]


FAR = date(2199, 1, 1).toordinal()


def invent_people(rng: Rng, members: int, first: date, last: date, *, effects: bool) -> People:
    """`members` people in all, staff and bots among them; about a third join in the time shown, a tenth leaves."""
    small = sum(SMALL_TEAMS.values()) if members >= 200 else 0
    team = rng.choice(len(TEAM_WEIGHTS), size=members - small, p=TEAM_WEIGHTS)
    for name, size in SMALL_TEAMS.items() if small else ():
        team = np.concatenate([team, np.full(size, TEAMS.index(name))])
    span = last.toordinal() - first.toordinal()
    is_large = team < len(TEAM_WEIGHTS)
    joins = is_large & (rng.random(members) < 0.4)
    joined = np.where(joins, first.toordinal() + rng.integers(0, span - 20, members), 0)
    is_bot = np.zeros(members, dtype=bool)
    is_staff = np.zeros(members, dtype=bool)
    candidates = rng.permutation(np.flatnonzero(is_large & ~joins))
    is_bot[candidates[:BOTS]] = True
    is_staff[candidates[BOTS : BOTS + max(3, round(STAFF_SHARE * members))]] = True
    in_programme = joins & (rng.random(members) < 0.5)
    leaves = ~is_staff & ~is_bot & is_large & (rng.random(members) < np.where(in_programme & effects, 0.06, 0.16))
    start = np.maximum(joined, first.toordinal())
    left = np.where(leaves, start + 60 + rng.integers(0, span, members), FAR)
    left = np.where(left >= last.toordinal() - 10, FAR, left)
    eagerness = rng.lognormal(0, 0.9, members)
    if effects:
        eagerness = eagerness * np.where(in_programme, 1.8, 1.0) * np.where(joins & ~in_programme, 0.7, 1.0)
    return People(
        team,
        rng.integers(0, len(REGIONS), members),
        rng.choice(len(LEVELS), size=members, p=(0.6, 0.3, 0.1)),
        joined,
        left,
        is_staff,
        is_bot,
        in_programme,
        eagerness,
    )


def invent_names(rng: Rng, count: int) -> list[str]:
    """Invented names; several people may share one, as in life."""
    first, last = rng.integers(0, len(FIRST_NAMES), count), rng.integers(0, len(LAST_NAMES), count)
    return [f"{FIRST_NAMES[a]} {LAST_NAMES[b]}" for a, b in zip(first, last, strict=True)]
