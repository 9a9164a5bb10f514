"""Waves: what every page about surveys reads of a wave, and the words for what its questions measure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import pandas as pd

from metrics.snapshot import Snapshot
from report.models.page import Colour
from report.models.reading import Period, Row
from report.numbers import is_missing

LABEL = 18

COLOURS: dict[str, Colour] = {"improved": "blue", "declined": "orange"}
CONSTRUCTS = {
    "engagement": "engagement",
    "sense_of_community": "sense of community",
    "safety": "safety",
    "voice": "voice",
    "wellbeing": "wellbeing",
    "purpose": "purpose and goals",
    "recognition": "feeling valued",
    "growth": "growth",
    "participation": "knowing how to take part",
    "event_feedback": "events",
    "other": "other matters",
}


@dataclass(frozen=True)
class Wave:
    """One wave as a page needs it."""

    label: str
    instrument: str
    opened: date
    closed: date | None
    completed: int
    previous: str | None
    stands: bool = False  # figures shown before stay, though a few answers came or changed since

    @property
    def period(self) -> Period:
        return Period("wave", self.label, self.label, self.opened, self.closed or self.opened, self.closed is not None)


def read_waves(snapshot: Snapshot) -> list[Wave]:
    """Every wave, oldest first."""
    return [
        Wave(
            str(row["wave"]),
            str(row["instrument"]),
            pd.Timestamp(row["opened_on"]).date(),
            None if is_missing(row["closed_on"]) else pd.Timestamp(row["closed_on"]).date(),
            int(row["completed"]),
            row["previous"] if isinstance(row["previous"], str) else None,
            bool(row.get("stands", False)),
        )
        for row in snapshot.query("select * from waves order by position").to_dict("records")
    ]


def read_number(snapshot: Snapshot, metric: str, wave: str, breakdown: str = "all") -> Row | None:
    """The whole community's row of a survey number, or None."""
    rows = snapshot.results(metric, grain="wave", dimension="all", breakdown=breakdown)
    found = rows[rows["period"] == wave]
    return found.iloc[0].to_dict() if len(found) else None


def read_changes(snapshot: Snapshot, wave: str) -> pd.DataFrame:
    """The whole community's changes: measure, name, value (points), low, high, people, verdict."""
    rows = snapshot.results("wave_change", grain="wave", dimension="all")
    rows = rows[(rows["period"] == wave) & rows["value"].notna()]
    parts = rows["breakdown"].str.split(":", n=1, expand=True).reindex(columns=[0, 1])
    return rows.assign(measure=parts[0], name=parts[1])


def shorten(item: str) -> str:
    """A question's or a construct's id as a row's label."""
    return item.replace("_", " ").replace("-", " ").capitalize()[:LABEL]


def label_rows(items: Iterable[str]) -> dict[str, str]:
    """The labels of rows that stand together: where two would read the same, the later ones carry a number."""
    labels: dict[str, str] = {}
    for item in items:
        label, turn = shorten(item), 1
        while label in labels.values():
            turn += 1
            label = f"{shorten(item)[: LABEL - 3]} {turn}"
        labels[item] = label
    return labels
