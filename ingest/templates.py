"""Templates: a file of each kind to fill in, made from its contract, so that it is always right."""

import csv
import io
from collections.abc import Mapping, Sequence

from ingest.importer import Importer
from ingest.importers import SURVEY, find_importer

RESPONDENT = {
    "respondent_id": "R001",
    "submitted_at": "2026-11-12 09:30",
    "team": "Digital",
    "I feel that I belong here": "4",
    "What should we do next?": "More evening meetings",
}


def make_template(kind: str) -> str:
    """A CSV with every column of a kind and one example row. Raises Refused for a kind that does not exist."""
    if kind == SURVEY:
        return _write(tuple(RESPONDENT), RESPONDENT)
    importer = find_importer(kind)
    further = [column for column in importer.example if column not in importer.columns]
    return _write([*importer.columns, *further], importer.example)


def explain_columns(importer: Importer) -> list[tuple[str, bool, str]]:
    """Name, whether it is required, and meaning of each column of a contract."""
    return [(name, info.is_required(), info.description or "") for name, info in importer.row.model_fields.items()]


def _write(columns: Sequence[str], row: Mapping[str, str]) -> str:
    lines = io.StringIO()
    writer = csv.DictWriter(lines, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerow(row)
    return lines.getvalue()
