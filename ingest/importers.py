"""Every canonical file that Hearth takes, in the order in which a new community would upload them."""

from collections.abc import Sequence

from data.errors import Refused
from ingest import (
    activity,
    attendance,
    channels,
    collaborations,
    directory,
    events,
    interactions,
    matching,
    members,
    mentoring,
    programmes,
    recognitions,
    registers,
    stories,
)
from ingest.importer import Importer

IMPORTERS: tuple[Importer, ...] = (
    members.IMPORTER,
    programmes.IMPORTER,
    channels.IMPORTER,
    events.IMPORTER,
    attendance.IMPORTER,
    interactions.IMPORTER,
    activity.IMPORTER,
    registers.OBJECTIVES,
    registers.ACTIONS,
    registers.ANNOTATIONS,
    mentoring.IMPORTER,
    recognitions.IMPORTER,
    stories.IMPORTER,
    collaborations.IMPORTER,
    registers.BENCHMARKS,
)

# What Hearth writes for itself, beside an export or at a person's decision: kept and undone like every other batch.
IDENTITIES, MATCHES = directory.IMPORTER, matching.IMPORTER
OWN: tuple[Importer, ...] = (IDENTITIES, MATCHES)

MEMBERS = members.IMPORTER
SURVEY = "survey"
WAVE = "wave"
EVENTS = (events.IMPORTER.name, attendance.IMPORTER.name)  # the kinds that describe events
KINDS: tuple[str, ...] = (*(importer.name for importer in IMPORTERS), SURVEY)


def find_importer(kind: str) -> Importer:
    """The importer of a kind other than survey. Raises Refused for a kind that does not exist."""
    for importer in (*IMPORTERS, *OWN):
        if importer.name == kind:
            return importer
    raise Refused(f'There is no kind "{kind}".', fix=f"Kinds: {', '.join(KINDS)}.")


def recognise(columns: Sequence[str]) -> str | None:
    """The kind whose contract a header fits best: all required columns there, the most of them, the most explained.

    A file with a respondent_id or submitted_at that fits no contract is a survey. None where nothing fits.
    """
    names = set(columns)
    fits = [
        (names <= set(importer.columns), len(importer.required), len(names & set(importer.columns)), importer.name)
        for importer in IMPORTERS
        if set(importer.required) <= names
    ]
    if fits:
        return max(fits)[-1]
    return SURVEY if names & {"respondent_id", "submitted_at"} else None
