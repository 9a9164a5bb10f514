"""Odd CSV files that other projects collected: each is loaded as it is meant, or refused by name; never another table.

What a file means is said by an independent strict reading: the corpus' own JSON, or Python's csv under the separator,
encoding and number of notes above the header that a person found by looking at the file, listed below.
"""

import csv
import io
import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from data.errors import BadFile
from data.store import opened
from ingest.headers import name_columns
from ingest.layout import BLANKS
from ingest.reading import open_text, read_notes, stage_text

FOLDERS = ("csv-spectrum/csvs", "frictionless", "duckdb")
SECONDS = 20

# What is not a comma. Files that are not named here are read with a comma.
SEPARATORS = {
    ";": "accent big big_escape conflict_timestamp country-2 decimal_separators delimiter error header_2 ignore_errors"
    " issue-1009-semicolon issue-1100 issue-1105-timezone issue-1138 issue-1232 mixed_decimal multi_column"
    " rejects_sniffer semicolon_delim semicolon_escape semicolon_quote small_file table-delimiter table-with-accents vix",
    "|": "bad_date_2 customer.4 double_trouble flights greek_utf8 issue2628_中文 lineitem-carriage mixed_decimal_delimiter"
    " multi_column_integer multi_column_integer_rn multi_column_string multi_column_string_mix"
    " multi_column_string_mix_r_n multi_column_string_r multi_column_string_r_n multi_column_string_rn new_line_string"
    " new_line_string_rn new_line_string_rn_exc part-2 pipe_delim pipe_delim_quote quote_escape table ubn4 venue_pipe 中 文",
    "\t": "[avalon]_daily-avg big_header bug_7578 tab ubn1",
}
ENCODINGS = {
    "utf-16": "invalid_utf8 only_utf16 utf16",
    "cp932": "shift_jis",
    "latin-1": "all_latin1",
    "cp1252": "banklist case_2 invalid_utf_cast invalid_utf_list latin1 table-with-accents",
}
NOTES_ABOVE = {
    1: "country-2 matrix-with-comment dirty_line line_with_spaces skip_row skip-rows-before-headers",
    2: "comment_skip multiple_skip_row",
}
IN_APOSTROPHES = "csv_error"
# A blank between the closing quotation mark and the comma, which Python's csv does not take.
READ_BY_EYE: dict[str, tuple[list[str], list[tuple[str | None, ...]]]] = {
    "14512.csv": (["ingredients", "item_tax_data"], [("onions", ",")])
}


@dataclass(frozen=True)
class Loaded:
    """What the reader made of a file: its table, the rows it names as bad, and what it says about the rest."""

    header: list[str]
    rows: list[tuple[str | None, ...]]
    bad_lines: list[int]
    notes: tuple[str, ...]
    encoding: str


@contextmanager
def limited() -> Iterator[None]:
    """A reading that takes longer is a hang, and fails."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise TimeoutError(f"more than {SECONDS} seconds")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def load(file: Path) -> Loaded:
    with limited(), opened(":memory:", reach=(file,)) as connection:
        text = open_text(file, file.name)
        columns = name_columns(text.header, (), file.name)
        stage_text(connection, text, columns)
        rows = connection.execute("select * exclude (line) from staged order by line").fetchall()
        bad = connection.execute("select line from ragged union select line from odd_rows order by line").fetchall()
        notes = (*text.notes, *read_notes(connection))
        return Loaded(columns, rows, [line for (line,) in bad], notes, text.encoding)


def said_of(stem: str, table: dict[str, str]) -> str | None:
    return next((value for value, stems in table.items() if stem in stems.split()), None)


def read_strictly(file: Path) -> tuple[list[str], list[tuple[str | None, ...]]]:
    """The table of a file by Python's csv, cells trimmed as files of Hearth are, blank rows left out."""
    stem = file.name.removesuffix(".csv")
    text = file.read_bytes().decode(said_of(stem, ENCODINGS) or "utf-8-sig")
    reader = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=said_of(stem, SEPARATORS) or ",",
        quotechar="'" if stem in IN_APOSTROPHES.split() else '"',
        skipinitialspace=True,
        strict=True,
    )
    trimmed = [tuple(cell.strip(BLANKS) or None for cell in row) for row in reader]
    skipped = next((notes for notes, stems in NOTES_ABOVE.items() if stem in stems.split()), 0)
    header, *rows = [row for row in trimmed if any(row)][skipped:]
    named = [place for place, cell in enumerate(header) if cell is not None]
    nameless = {place for place in range(max(map(len, trimmed))) if place not in named}
    assert not any(row[place] for row in rows for place in nameless if place < len(row)), file.name
    return [header[place] or "" for place in named], [tuple(row[place] for place in named) for row in rows]


def corpus(reference: Path) -> list[Path]:
    folder = reference / "csv-corpora"
    return [file for name in FOLDERS for file in sorted((folder / name).iterdir()) if file.suffix == ".csv"]


def test_every_file_is_loaded_as_it_is_meant_or_refused_by_name(reference: Path) -> None:
    loaded, refused, different, unnamed = 0, 0, [], []
    for file in corpus(reference):
        try:
            found = load(file)
        except BadFile as error:
            refused += 1
            if not (error.where.startswith(file.name) and error.what.endswith(".") and error.fix.endswith(".")):
                unnamed.append(file.name)
            continue
        if found.bad_lines:  # an import of it is refused, and names these lines
            refused += 1
            continue
        loaded += 1
        if (found.header, found.rows) != (READ_BY_EYE.get(file.name) or read_strictly(file)):
            different.append(file.name)
    assert different == []
    assert unnamed == []
    assert loaded + refused == 729
    assert loaded >= 360  # to refuse all would be no art


def test_csv_spectrum_is_equal_to_its_json(reference: Path) -> None:
    folder = reference / "csv-corpora" / "csv-spectrum"
    files = sorted((folder / "csvs").glob("*.csv"))
    assert len(files) == 12
    for file in files:
        said = json.loads((folder / "json" / f"{file.stem}.json").read_text(encoding="utf-8"))
        expected = said if isinstance(said, list) else [said]
        if file.stem == "location_coordinates":  # the corpus gives another number in its JSON than in its CSV
            expected[0]["Contact Phone Number"] = "2095257564"
        found = load(file)
        assert found.bad_lines == []
        table = [dict(zip(found.header, [cell or "" for cell in row], strict=True)) for row in found.rows]
        assert table == expected, file.name
