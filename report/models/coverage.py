"""Coverage: how far the uploads reach, and which finished weeks they leave out.

Numbers that stop early look like numbers of today, so a page says it before anything else.
"""

from datetime import date

import pandas as pd

from metrics.snapshot import Snapshot
from report.models.page import Note
from report.numbers import day, plural
from report.words import sentence

WATCHED = ("attendance", "interactions")


def find_gaps(snapshot: Snapshot, kinds: tuple[str, ...] = WATCHED) -> tuple[Note, ...]:
    """A note for each kind of facts whose uploads end before a finished week does; none for a source that was ended."""
    as_of = pd.Timestamp(snapshot.manifest()["as_of"]).date()
    ends = snapshot.query(
        """select kind, max(covers_to) as covers_to
           from coverage
           where ended_on is null
           group by all
           order by covers_to, kind"""
    )
    return tuple(
        _say(str(kind), pd.Timestamp(covers_to).date(), as_of, missing)
        for kind, covers_to in zip(ends["kind"], ends["covers_to"], strict=True)
        if kind in kinds and (missing := _finished_weeks_after(snapshot, covers_to))
    )


def _finished_weeks_after(snapshot: Snapshot, last_day: pd.Timestamp) -> list[str]:
    rows = snapshot.query(
        """select label
           from periods
           where grain = 'week'
             and complete
             and ends_on > ?
           order by starts_on""",
        [last_day],
    )
    return [str(label) for label in rows["label"]]


def _say(kind: str, last_day: date, as_of: date, missing: list[str]) -> Note:
    weeks = (
        f"{missing[0]} is not complete"
        if len(missing) == 1
        else f"weeks {missing[0].split()[-1]} to {missing[-1].split()[-1]} are not complete"
    )
    age = plural((as_of - last_day).days, "day")
    return Note(
        sentence(
            f"{kind} {'end' if kind.endswith('s') else 'ends'} on {day(last_day)}, {age} before these numbers were made; {weeks}"
        ),
        kind,
    )
