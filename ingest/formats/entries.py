"""Entries of an archive as what is in them: JSON, lists of objects, lines, tables."""

import json
from collections.abc import Iterator
from typing import Any

from data.errors import BadFile
from ingest.formats.archive import USUAL, Archive, Limits
from ingest.formats.export import Cells, find_encoding, read_rows

LONGEST_HEADER = 1 << 16


def read_json(archive: Archive, entry: str, limits: Limits = USUAL) -> Any:
    """The value of a JSON entry. Raises BadFile where it is none."""
    data = archive.read(entry, limits)
    try:
        return json.loads(data.decode(find_encoding(data), errors="replace").lstrip("\ufeff"))
    except (json.JSONDecodeError, RecursionError) as error:
        raise BadFile(f"The file {entry} is no JSON.", where=archive.name, fix="Export it again.") from error


def read_list(archive: Archive, entry: str, limits: Limits = USUAL) -> list[dict[str, Any]]:
    """The objects of a JSON list. Raises BadFile where the entry is none."""
    value = read_json(archive, entry, limits)
    if not isinstance(value, list):
        raise BadFile(f"The file {entry} holds no list.", where=archive.name, fix="Export it again.")
    return [one for one in value if isinstance(one, dict)]


def read_json_lines(archive: Archive, entry: str, limits: Limits = USUAL) -> Iterator[tuple[int, Any]]:
    """The value of each line of an entry, with its number. Raises BadFile naming the line that is no JSON."""
    for number, line in enumerate(archive.read_lines(entry, limits), 1):
        text = line.decode("utf-8", errors="replace").strip("\ufeff \t\r\n")
        if not text:
            continue
        try:
            yield number, json.loads(text)
        except (json.JSONDecodeError, RecursionError) as error:
            raise BadFile(
                "This line is no JSON.", where=f"{archive.name}, {entry}, line {number}", fix="Export it again."
            ) from error


def read_header(archive: Archive, entry: str, limits: Limits = USUAL) -> tuple[str, ...]:
    """The names of the columns of a table in lower case, for a look that reads little of it; none where it is empty."""
    start = next(archive.read_lines(entry, limits), b"")[:LONGEST_HEADER]
    text = start.decode(find_encoding(start, is_cut=True), errors="replace").lstrip("\ufeff").replace("\0", "")
    first = next(read_rows(text, archive.name), None) if text.strip() else None
    return tuple(cell.strip().lower() for cell in first.cells) if first else ()


def read_table(archive: Archive, entry: str, limits: Limits = USUAL) -> Iterator[Cells]:
    """The rows of an entry with separated cells, its header first."""
    data = archive.read(entry, limits)
    text = data.decode(find_encoding(data), errors="replace").lstrip("\ufeff").replace("\0", "")
    return read_rows(text, f"{archive.name}, {entry}")
