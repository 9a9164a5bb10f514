"""Drawing people out of the invented community: who speaks, and to whom they turn."""

from datetime import date

import numpy as np
import numpy.typing as npt

from data.sample.people import SILO, TEAMS, Floats, Ints, People, Rng

INSIDE, INSIDE_OF_SILO = 0.36, 0.92  # how much of the talk stays in the own team
REACHES_IN = 0.12  # how much of the others' talk across teams may reach the silo
STAFF_VOICE_FIRST_YEAR, STAFF_VOICE = 0.62, 0.10
HANDING_OVER = 126  # days of the second year in which members take over
CONTACTS, TO_CONTACTS = 12, 0.65  # people everybody knows, and how much of the talk goes to them
ALL, NOT_SILO, STAFF = len(TEAMS), len(TEAMS) + 1, len(TEAMS) + 2


class Crowd:
    """Draws people by eagerness, among those who are there on the day.

    People lie in one line, the silo first, then the other teams, then staff, so that each pool one draws from (a team,
    all members, all but the silo, staff) is one stretch of it, and any number of draws is one sorted search.
    """

    def __init__(self, rng: Rng, people: People, first: date, *, effects: bool) -> None:
        self.rng, self.people, self.effects = rng, people, effects
        self.second_year = first.toordinal() + 364
        order = np.lexsort((people.team, people.is_staff))
        self.line = order[~people.is_bot[order]]
        self.edges = np.append(0.0, np.cumsum(people.eagerness[self.line]))
        team = np.where(people.is_staff[self.line], STAFF, people.team[self.line])
        stretches = [self._stretch(team == number) for number in range(len(TEAMS))]
        stretches += [
            self._stretch(team < STAFF),
            self._stretch((team > 0) & (team < STAFF)),
            self._stretch(team == STAFF),
        ]
        self.low, self.high = np.array(stretches).T
        self.contacts = self._introduce(first)

    def speak(self, days: Ints) -> Ints:
        """Who speaks on each day: mostly staff in the first year, mostly members after. -1 where nobody was found."""
        return self.draw(np.where(self.rng.random(len(days)) < self.staff_voice(days), STAFF, ALL), days)

    def staff_voice(self, days: Ints) -> Floats:
        """The share of staff among those who speak."""
        if not self.effects:
            return np.full(len(days), STAFF_VOICE)
        handed_over = np.clip((days - self.second_year) / HANDING_OVER, 0, 1)
        return STAFF_VOICE_FIRST_YEAR + handed_over * (STAFF_VOICE - STAFF_VOICE_FIRST_YEAR)

    def turn_to(self, speakers: Ints, days: Ints) -> Ints:
        """To whom each speaker turns: often somebody known, else anybody near. Never themselves (-1 where it would be)."""
        column = self.rng.integers(0, CONTACTS, len(days))
        known = self.contacts[speakers, column]
        there = (known >= 0) & self.people.is_here(known, days) & (self.rng.random(len(days)) < TO_CONTACTS)
        strangers = np.flatnonzero(~there)
        found = known.copy()
        found[strangers] = self.draw(self._near(speakers[strangers]), days[strangers])
        return np.where(found == speakers, -1, found)

    def answer(self, starters: Ints, days: Ints) -> Ints:
        """Who answers each starter: staff by their share of the voice, else somebody near; somebody is always found."""
        found = self.turn_to(starters, days)
        staff = np.flatnonzero(self.rng.random(len(days)) < self.staff_voice(days))
        found[staff] = self.draw(np.full(len(staff), STAFF), days[staff])
        for pool in (ALL, ALL, STAFF):
            missing = np.flatnonzero((found < 0) | (found == starters))
            found[missing] = self.draw(np.full(len(missing), pool), days[missing])
        return np.where(found == starters, -1, found)

    def draw(self, pools: Ints, days: Ints) -> Ints:
        """One person of each pool who is there on the day; -1 where a few tries found nobody."""
        found = np.full(len(days), -1)
        places = np.arange(len(days))
        for _ in range(8):
            pool = pools[places]
            spots = self.low[pool] + self.rng.random(len(places)) * (self.high - self.low)[pool]
            drawn = self.line[np.minimum(np.searchsorted(self.edges, spots, side="right"), len(self.line)) - 1]
            here = self.people.is_here(drawn, days[places])
            found[places[here]] = drawn[here]
            places = places[~here]
            if not len(places):
                break
        return found

    def _near(self, speakers: Ints) -> Ints:
        """The pool each speaker turns to: the own team, or the others. The silo is closed from both sides."""
        team, chance = self.people.team[speakers], self.rng.random(len(speakers))
        in_silo = (team == TEAMS.index(SILO)) & self.effects
        across = np.where(~in_silo & self.effects & (self.rng.random(len(speakers)) > REACHES_IN), NOT_SILO, ALL)
        return np.where(chance < np.where(in_silo, INSIDE_OF_SILO, INSIDE), team, across)

    def _introduce(self, first: date) -> Ints:
        """The people everybody knows from the start: people x CONTACTS, -1 where there is nobody."""
        speakers = np.repeat(np.arange(self.people.count), CONTACTS)
        days = np.maximum(self.people.joined[speakers], first.toordinal())
        return self.draw(self._near(speakers), days).reshape(-1, CONTACTS)

    def _stretch(self, chosen: npt.NDArray[np.bool_]) -> tuple[float, float]:
        """Where a pool lies on the line; an empty one stands for everybody."""
        places = np.flatnonzero(chosen)
        if not len(places):
            return 0.0, float(self.edges[-1])
        return float(self.edges[places[0]]), float(self.edges[places[-1] + 1])
