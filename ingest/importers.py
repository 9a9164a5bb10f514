"""Every canonical file that Hearth takes, in the order in which a new community would upload them."""

from collections.abc import Sequence

from ingest import activity, attendance, channels, events, interactions, members, programmes, registers
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
    registers.BENCHMARKS,
)

SURVEY = "survey"
WAVE = "wave"
KINDS: tuple[str, ...] = (*(importer.name for importer in IMPORTERS), SURVEY)


def find_importer(kind: str) -> Importer | None:
    """The importer of a kind, or None."""
    return next((importer for importer in IMPORTERS if importer.name == kind), None)


def recognise(columns: Sequence[str]) -> str | None:
    """The kind whose contract fits a header best: all its required columns there, most of the header explained.

    A file with a respondent_id or submitted_at that fits no contract is a survey. None where nothing fits.
    """
    names = set(columns)
    fits = [
        (len(names & set(importer.columns)) / len(names), importer.name)
        for importer in IMPORTERS
        if set(importer.required) <= names and (importer.is_open or names <= set(importer.columns))
    ]
    if fits:
        return max(fits)[1]
    return SURVEY if names & {"respondent_id", "submitted_at"} else None
