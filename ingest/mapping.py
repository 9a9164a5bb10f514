"""Mapping: which column of a stranger's file is which column of a contract, suggested with a confidence, never one twice.

Nothing is taken on a suggestion alone: a person confirms it, and what was confirmed is kept as a profile.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from ingest.importer import Importer
from ingest.importers import IMPORTERS
from ingest.layout import BLANKS

EXACT, SPELLING, OTHER_NAME = 1.0, 0.97, 0.85
ALIKE = 72
TRUST_IN_LIKENESS = 0.8

# What other people call our columns, most telling first. A name may stand for several; each column is taken once.
OTHER_NAMES: dict[str, tuple[str, ...]] = {
    "member_id": (
        "employee id", "employee number", "staff id", "staff number", "person id", "user id", "participant id", "upn",
        "user principal name", "email", "e mail", "email address", "e mail address", "mail", "login", "username", "user",
        "participant", "attendee", "member", "name", "full name",
    ),
    "name": ("full name", "display name", "employee name", "member name"),
    "email": ("email", "e mail", "email address", "e mail address", "mail", "work email"),
    "joined_on": ("start date", "hire date", "date joined", "joined", "member since", "joining date", "joined at"),
    "left_on": ("end date", "leaving date", "left", "date left", "last day"),
    "member_type": ("type", "role"),
    "event_id": ("event", "event name", "meeting id", "session id", "session", "meeting", "event title"),
    "starts_at": ("start", "start time", "starts", "event date", "meeting date", "date", "begin", "datetime", "date time"),
    "ends_at": ("end", "end time", "ends", "finish"),
    "title": ("event title", "event name", "subject", "meeting title", "session title"),
    "attended": ("present", "attendance", "checked in", "came", "attended event", "status"),
    "registered": ("signed up", "rsvp", "registration"),
    "minutes": ("duration", "duration minutes", "duration min", "time in meeting", "time in session minutes"),
    "part": ("role", "event role"),
    "occurred_at": ("timestamp", "sent at", "created at", "posted at", "datetime", "date time", "time", "date", "created"),
    "actor_id": ("from", "sender", "author", "from user", "user id", "member id", "user", "posted by", "email"),
    "target_id": ("to", "recipient", "reply to", "to user", "mentioned"),
    "channel": ("channel name", "room", "space", "group", "stream", "community"),
    "kind": ("type", "action", "activity type", "event type"),
    "thread_id": ("thread", "conversation", "conversation id", "topic id"),
    "interaction_id": ("message id", "post id", "id"),
    "programme": ("program", "course", "cohort name"),
    "starts_on": ("start date", "start", "from"),
    "ends_on": ("end date", "end", "to"),
    "period_start": ("from", "start", "start date", "week", "month", "date"),
    "period_end": ("to", "end", "end date", "date"),
    "count": ("value", "total", "number", "amount"),
}  # fmt: skip


@dataclass(frozen=True)
class Suggested:
    """A column of the file, the column of the contract it seems to be (empty: none), how sure (0 to 1), and why."""

    column: str
    target: str
    confidence: float
    why: str


def suggest_columns(header: Sequence[str], importer: Importer) -> list[Suggested]:
    """A suggestion for each column of a header, in its order.

    Columns that the contract requires choose first, then the surest pairs are taken first; so no target is there twice.
    """
    pairs = sorted(
        (
            (target in importer.required, confidence, -place, target, why)
            for place, column in enumerate(header)
            for target, confidence, why in _rate(column, importer)
        ),
        reverse=True,
    )
    taken: dict[int, Suggested] = {}
    targets: set[str] = set()
    for _, confidence, place, target, why in pairs:
        if -place not in taken and target not in targets:
            taken[-place] = Suggested(header[-place], target, confidence, why)
            targets.add(target)
    return [taken.get(place, Suggested(column, "", 0.0, "nothing like it")) for place, column in enumerate(header)]


def guess_kind(header: Sequence[str]) -> str | None:
    """The kind that explains most of a header and finds all it requires in it; None where none does."""
    best: tuple[float, str] = (0.0, "")
    for importer in IMPORTERS:
        found = {one.target: one.confidence for one in suggest_columns(header, importer) if one.target}
        if set(importer.required) <= set(found):
            best = max(best, (sum(found.values()), importer.name))
    return best[1] or None


def shape_of(column: str) -> str:
    """A column's name without case, hyphens, underscores and brackets."""
    words = column.strip(BLANKS).lower()
    for mark in "-_()[]./:":
        words = words.replace(mark, " ")
    return " ".join(words.split())


def _rate(column: str, importer: Importer) -> list[tuple[str, float, str]]:
    """Every target that a column could be, with the confidence and the reason."""
    shape = shape_of(column)
    found = []
    for target in importer.columns:
        others = OTHER_NAMES.get(target, ())
        if column == target:
            found.append((target, EXACT, "the same name"))
        elif shape == shape_of(target):
            found.append((target, SPELLING, "the same but for spelling"))
        elif shape in others:
            found.append((target, OTHER_NAME - others.index(shape) / 100, "a usual name for it"))
        else:
            match = process.extractOne(
                shape, (shape_of(target), *others[:4]), scorer=fuzz.token_sort_ratio, score_cutoff=ALIKE
            )
            if match:
                found.append((target, round(match[1] / 100 * TRUST_IN_LIKENESS, 2), f'like "{match[0]}"'))
    return found
