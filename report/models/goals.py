"""Objectives: how far each one came from where it stood, beside how much of its time has passed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from metrics.metric import Unit
from metrics.snapshot import Snapshot
from report.models.page import Table
from report.models.reading import Card, Period, Row
from report.numbers import day, is_missing, percent, write_value
from report.words import number_word, plain_list, sentence, verbatim

STANDINGS = ("reached", "on track", "behind", "withheld", "not measured")
NOT_MOVED = 0.005  # nearer to the start than half a hundredth of the way
BEHIND = {
    "on the way": ("is part of the way", "are part of the way"),
    "still": ("has not moved", "have not moved"),
    "back": ("went back", "went back"),
}
ALONE = {
    "on the way": "is part of the way, but later than planned",
    "still": "stands where it began",
    "back": "is further away than at the start",
}
ON_TRACK = "On track: at least as far along as the time that has passed; nothing here is tested."


@dataclass(frozen=True)
class Goal:
    """One objective in a quarter. `attained` and `expected` are parts of the way and of the time, 1 for all of it; None: not known."""

    title: str
    way: str
    now: str
    standing: str
    attained: float | None
    expected: float | None
    due: date

    @property
    def direction(self) -> str:
        """Where it went since its start: reached, on the way, still, or back; empty where it is not known."""
        if self.attained is None:
            return ""
        if self.attained >= 1:
            return "reached"
        if abs(self.attained) < NOT_MOVED:
            return "still"
        return "on the way" if self.attained > 0 else "back"


def read_goals(snapshot: Snapshot, cards: dict[str, Card], period: Period) -> list[Goal]:
    """Each objective that runs in the quarter, the first due first."""
    rows = snapshot.query(
        """select objectives.*, reached.value as attained, reached.numerator as gained, reached.expected, reached.status
           from objectives
           left join results as reached
             on reached.metric = 'objective_attainment'
            and reached.breakdown = objectives.objective_id
            and reached.period = ?
           where coalesce(objectives.starts_on, ?) <= ?
             and objectives.due_on >= ?
           order by objectives.due_on, objectives.objective_id""",
        [period.period, period.last, period.last, period.first],
    )
    return [_read_goal(row, cards) for row in rows.to_dict("records")]


def say_goals(goals: Sequence[Goal]) -> str:
    """How many objectives are reached, on track and behind; where all are behind, which way they went."""
    if not goals:
        return "No objective runs in this quarter."
    counted = {standing: sum(goal.standing == standing for goal in goals) for standing in STANDINGS}
    if not counted["reached"] and not counted["on track"] and not counted["behind"]:
        return f"None of {number_word(len(goals))} objectives has a number in this quarter."
    alone = next((standing for standing in STANDINGS if counted[standing] == len(goals)), None)
    if alone == "behind":
        return _say_behind(goals)
    if alone:
        return (
            f"The one objective is {alone}."
            if len(goals) == 1
            else f"All {number_word(len(goals))} objectives are {alone}."
        )
    verb = "is" if counted["reached"] == 1 else "are"
    parts = [f"{number_word(counted['reached'])} {verb} reached"] if counted["reached"] else []
    parts += [f"{number_word(counted[kind])} {kind}" for kind in ("on track", "behind") if counted[kind]]
    if not counted["reached"]:
        first = next(kind for kind in ("on track", "behind") if counted[kind])
        parts[0] = f"{number_word(counted[first])} {'is' if counted[first] == 1 else 'are'} {first}"
    objectives = "objective" if len(goals) == 1 else "objectives"
    return sentence(f"of {number_word(len(goals))} {objectives} {plain_list(parts)}")


def support_goals(goals: Sequence[Goal]) -> str:
    """Which one is nearest, what on track means, and how many have no number."""
    if not goals:
        return "Objectives are uploaded as a small CSV: a title, a metric, where it stood, where it should go, and by when."
    hidden = [
        f"{number_word(count)} {kind}"
        for kind in ("withheld", "not measured")
        if (count := sum(goal.standing == kind for goal in goals))
    ]
    late = "None is on track yet." if len(goals) > 1 and all(goal.standing == "behind" for goal in goals) else ""
    said = (late, _say_nearest(goals), ON_TRACK, sentence(plain_list(hidden)) if hidden else "")
    return " ".join(part for part in said if part)


def list_goals(goals: Sequence[Goal]) -> Table:
    """Every objective: from where to where, where it stands, and how far that is."""
    rows = [
        {"Objective": goal.title, "From, to": goal.way, "Now": goal.now, "Standing": _say_standing(goal)}
        for goal in goals
    ]
    return Table("Objectives", "", pd.DataFrame(rows, columns=["Objective", "From, to", "Now", "Standing"]))


def _read_goal(row: Row, cards: dict[str, Card]) -> Goal:
    card = cards.get(str(row["metric"]).partition(":")[0])
    unit = card.unit if card else Unit.MEAN
    whose = "" if is_missing(row["segment"]) else f" ({verbatim(str(row['segment']))})"
    now = None if is_missing(row["gained"]) else float(row["baseline"]) + float(row["gained"])
    standing = _stand(row)
    return Goal(
        title=f"{verbatim(str(row['title']))}{whose}",
        way=f"{write_value(row['baseline'], unit)} to {write_value(row['target'], unit)}",
        now="withheld" if standing == "withheld" else write_value(now, unit),
        standing=standing,
        attained=None if is_missing(row["attained"]) else float(row["attained"]),
        expected=None if is_missing(row["expected"]) else float(row["expected"]),
        due=pd.Timestamp(row["due_on"]).date(),
    )


def _stand(row: Row) -> str:
    if row["status"] == "withheld":
        return "withheld"
    if is_missing(row["attained"]):
        return "not measured"
    if float(row["attained"]) >= 1:
        return "reached"
    if is_missing(row["expected"]):
        return "behind" if float(row["attained"]) < 0 else "on track"
    return "on track" if float(row["attained"]) >= float(row["expected"]) else "behind"


def _say_behind(goals: Sequence[Goal]) -> str:
    """Objectives that are all behind are not all alike: some are part of the way, some have not moved, some went back."""
    if len(goals) == 1:
        return sentence(f"the one objective {ALONE[goals[0].direction]}")
    counted = {way: sum(goal.direction == way for goal in goals) for way in BEHIND}
    parts = [f"{number_word(count)} {BEHIND[way][count != 1]}" for way, count in counted.items() if count]
    return sentence(f"of {number_word(len(goals))} objectives {plain_list(parts)}")


def _say_nearest(goals: Sequence[Goal]) -> str:
    """The objective that is furthest along without being reached, beside the time that has passed; empty where none is on the way."""
    on_the_way = [goal for goal in goals if goal.direction == "on the way"]
    if not on_the_way:
        return ""
    nearest = max(on_the_way, key=lambda goal: goal.attained or 0.0)
    return f"Nearest to its target: “{nearest.title}”, {_say_far(nearest)}."


def _say_standing(goal: Goal) -> str:
    far = _say_far(goal)
    return f"{goal.standing}{f': {far}' if far else ''}; due {day(goal.due)}"


def _say_far(goal: Goal) -> str:
    """63% of the way after 75% of the time; empty for what is reached or not known."""
    where = {"still": "where it began", "back": "further away than at the start"}
    if goal.attained is None or goal.direction == "reached":
        return ""
    far = where.get(goal.direction, f"{percent(goal.attained)} of the way")
    return far if goal.expected is None else f"{far}, after {percent(goal.expected)} of the time"
