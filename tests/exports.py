"""Reading an export as the importer does, without a warehouse: for tests of single formats."""

from pathlib import Path
from typing import NamedTuple

from ingest.formats.export import Export
from ingest.formats.format import Format, Reading
from ingest.formats.known import recognise_format
from ingest.importer import Details


class Read(NamedTuple):
    """What a format made of a file: its rows as dicts, with `line`, and everything it said beside them."""

    format: Format
    reading: Reading
    rows: list[dict[str, str | int | None]]


def read_export(path: Path, kind: str | None = None, zone: str = "UTC", **said: object) -> Read:
    """Recognise and read a file. `said` are fields of Details."""
    export = Export(path, path.name)
    found = recognise_format(export)
    if found is None:
        raise LookupError(f"{path.name} is no export that is known")
    reading = found.read(export, kind or found.kinds[0], Details.model_validate(said), zone)
    rows = [{"line": line} | dict(zip(reading.columns, cells, strict=True)) for line, cells in reading.rows]
    return Read(found, reading, rows)
