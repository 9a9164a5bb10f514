"""`python -m bench.odd_files`: which share of odd files is silently read as another table, beside pandas and DuckDB.

The other two get every chance: all cells as text, nothing taken for missing, blanks around cells do not count.
Files of the csv-spectrum corpus take part where HEARTH_REFERENCE_DATA names the reference data.
"""

import json
import os
import tempfile
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import duckdb
import pandas as pd

from bench.messy import HEADER, clean_rows, spoil
from data.errors import HearthError
from data.settings import Settings
from data.store import opened, warehouse
from ingest.headers import name_columns
from ingest.importer import Details, Upload
from ingest.reading import open_text, stage_text
from ingest.staging import stage_upload

Table = tuple[tuple[str, ...], list[tuple[str, ...]]]

RIGHT = "read right"
REFUSED = "refused"
SAID = "different, and says so"
SILENT = "silently different"
OUTCOMES = (RIGHT, REFUSED, SAID, SILENT)


def read_with_hearth(connection: duckdb.DuckDBPyConnection, home: Path, file: Path) -> tuple[Table | None, bool]:
    """The rows that an import of a member list would store, None where it is refused, and whether it warns."""
    details = Details(dimensions=("team",))
    try:
        staged = stage_upload(connection, home, Upload(file, file.name, "members", details, "bench"), SETTINGS)
    except HearthError:
        return None, False
    if staged.receipt.problems:
        return None, False
    shown = ", ".join(f'"{column}"::varchar' for column in staged.kept_columns)
    rows = connection.execute(f"select {shown} from canonical order by line").fetchall()
    return (tuple(staged.kept_columns), _as_text(rows)), bool(staged.receipt.warnings)


def read_any_with_hearth(file: Path) -> tuple[Table | None, bool]:
    """The cells of any table, as the reader under all imports gives them."""
    try:
        with opened(":memory:", reach=(file,)) as connection:
            text = open_text(file, file.name)
            columns = name_columns(text.header, (), file.name)
            stage_text(connection, text, columns)
            if connection.execute("select 1 from ragged union all select 1 from odd_rows limit 1").fetchone():
                return None, False
            rows = connection.execute("select * exclude (line) from staged order by line").fetchall()
    except HearthError:
        return None, False
    return (tuple(columns), _as_text(rows)), not text.encoding.startswith("utf")


def read_with_pandas(file: Path) -> tuple[Table | None, bool]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            frame = pd.read_csv(file, dtype=str, keep_default_na=False)
    except (ValueError, OSError):  # its parser's errors and those of decoding are ValueErrors
        return None, False
    return (tuple(map(str, frame.columns)), _as_text(frame.itertuples(index=False))), False


def read_with_duckdb(file: Path) -> tuple[Table | None, bool]:
    try:
        with duckdb.connect() as connection:
            result = connection.execute("select * from read_csv(?, all_varchar = true)", [str(file)])
            columns = tuple(column[0] for column in result.description or ())
            return (columns, _as_text(result.fetchall())), False
    except duckdb.Error:
        return None, False


def judge(found: tuple[Table | None, bool], expected: Table) -> str:
    """What became of a file: rows are compared cell by cell, columns by name in any order."""
    table, is_warned = found
    if table is None:
        return REFUSED
    return RIGHT if _settled(table) == _settled(expected) else SAID if is_warned else SILENT


def main() -> None:
    print("Odd files: what readers make of them")
    _print_head()
    with tempfile.TemporaryDirectory() as folder:
        _print_messy(Path(folder))
    if reference := os.environ.get("HEARTH_REFERENCE_DATA"):
        _print_spectrum(Path(reference) / "csv-corpora" / "csv-spectrum")


SETTINGS = Settings(as_of=date(2026, 11, 16), dimensions=("team",))


def _print_messy(folder: Path) -> None:
    expected = (HEADER, clean_rows())
    files = []
    for number, messy in enumerate(spoil()):
        file = folder / f"{number}.csv"
        file.write_bytes(messy.content)
        files.append(file)
    home = folder / "home"
    home.mkdir()
    with warehouse(home, reach=(folder,)) as connection:
        hearth = Counter(judge(read_with_hearth(connection, home, file), expected) for file in files)
    _print_counts(f"{len(files)} spoilt member lists", "Hearth", hearth)
    for name, read in (("pandas", read_with_pandas), ("DuckDB", read_with_duckdb)):
        _print_counts("", name, Counter(judge(read(file), expected) for file in files))


def _print_spectrum(folder: Path) -> None:
    files = sorted((folder / "csvs").glob("*.csv"))
    readers: tuple[tuple[str, Callable[[Path], tuple[Table | None, bool]]], ...] = (
        ("Hearth", read_any_with_hearth),
        ("pandas", read_with_pandas),
        ("DuckDB", read_with_duckdb),
    )
    for name, read in readers:
        counts: Counter[str] = Counter()
        for file in files:
            said = json.loads((folder / "json" / f"{file.stem}.json").read_text(encoding="utf-8"))
            rows = said if isinstance(said, list) else [said]
            if file.stem == "location_coordinates":  # the corpus gives another number in its JSON than in its CSV
                rows[0]["Contact Phone Number"] = "2095257564"
            counts[judge(read(file), (tuple(rows[0]), _as_text(row.values() for row in rows)))] += 1
        _print_counts(f"{len(files)} of csv-spectrum" if name == "Hearth" else "", name, counts)


def _print_head() -> None:
    print(f"{'':26}{'':9}" + "".join(f"{outcome:>25}" for outcome in OUTCOMES))


def _print_counts(what: str, name: str, counts: Counter[str]) -> None:
    total = counts.total()
    cells = "".join(f"{counts[outcome]:>16} ({counts[outcome] / total:6.1%})" for outcome in OUTCOMES)
    print(f"{what:26}{name:9}{cells}")


def _as_text(rows: object) -> list[tuple[str, ...]]:
    return [tuple("" if cell is None else str(cell).strip() for cell in row) for row in rows]  # type: ignore[attr-defined]


def _settled(table: Table) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    header, rows = table
    names = ["_".join(str(cell).strip().strip("\ufeff").lower().split()) for cell in header]
    order: Sequence[int] = sorted(range(len(names)), key=lambda place: names[place])
    return tuple(names[place] for place in order), sorted(tuple(row[place] for place in order) for row in rows)


if __name__ == "__main__":
    main()
