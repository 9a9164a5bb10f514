"""Profiles: what a person confirmed about an export, so that the next one of its kind needs no questions.

A profile belongs to a tool's format, or to the header of a table that no tool is known for. Each change is a new version
at the end of `profiles.jsonl`; the newest counts, the others stay.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from data.writing import append_lines
from ingest.importer import Details
from ingest.importers import SURVEY
from ingest.mapping import shape_of

# What holds for every export of a kind; days, labels and events belong to one file.
REMEMBERED = ("columns", "date_order", "zone", "event_type", "source", "dimensions", "direct")
# Shown as the answer of last time, and never taken without being shown: what members were told is said anew for each wave.
PROPOSED = ("promise", "instrument", "told", "linked")


@dataclass(frozen=True)
class Profile:
    """What was confirmed: the kind of the rows and those details that hold for every such file."""

    format: str
    header: tuple[str, ...]
    kind: str
    version: int
    details: dict[str, Any]
    saved_at: str

    @property
    def title(self) -> str:
        return f"{self.format}, version {self.version}"


def find_profile(home: Path, name: str, header: Sequence[str], kind: str | None = None) -> Profile | None:
    """The newest profile of a format; of a table without one, that of the same columns. `kind` chooses between several."""
    wanted = _signature(name, header)
    found = [
        profile
        for profile in _read_all(home)
        if _signature(profile.format, profile.header) == wanted and kind in (None, profile.kind)
    ]
    return found[-1] if found else None


def save_profile(home: Path, name: str, header: Sequence[str], kind: str, details: Details) -> Profile | None:
    """Remember what was said about a file. None where nothing new was said."""
    said = {
        field: value
        for field, value in details.model_dump(mode="json").items()
        if (field in REMEMBERED or (field in PROPOSED and kind == SURVEY)) and value not in (None, [], {}, False)
    }
    known = find_profile(home, name, header, kind)
    if (not said and known is None) or (known is not None and known.details == said):
        return None
    version = known.version + 1 if known else 1
    profile = Profile(name, tuple(header), kind, version, said, datetime.now(UTC).isoformat(timespec="seconds"))
    file = home / "profiles.jsonl"
    append_lines(file, [json.dumps(asdict(profile))])
    return profile


def apply_profile(profile: Profile, details: Details) -> Details:
    """The details with what the profile knows where nobody said anything for this file."""
    said = details.model_dump()
    missing = {
        name: value
        for name, value in profile.details.items()
        if name in REMEMBERED and said[name] in (None, (), {}, False)
    }
    return Details.model_validate(said | missing)


def _read_all(home: Path) -> list[Profile]:
    file = home / "profiles.jsonl"
    if not file.exists():
        return []
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line]
    return [Profile(**(line | {"header": tuple(line["header"])})) for line in lines]


def _signature(name: str, header: Sequence[str]) -> tuple[str, ...]:
    """What two files of one profile have in common: the tool, or for a table of no known tool its columns."""
    return (name, *sorted(shape_of(column) for column in header)) if name in (TABLE, WIDE) else (name,)


TABLE = "table"
WIDE = "wide"
