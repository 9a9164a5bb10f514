"""Handing back: the rows that were left out, as a CSV that can be mended and uploaded again."""

import csv
from pathlib import Path

import duckdb
import pandas as pd

from ingest.checking import word_rows
from ingest.guarding import guard
from ingest.importer import Receipt
from ingest.importers import SURVEY, find_importer
from ingest.reading import quoted

CHUNK_ROWS = 10_000


def hand_back(connection: duckdb.DuckDBPyConnection, home: Path, receipt: Receipt, columns: tuple[str, ...]) -> Path:
    """Write the bad rows of `staged` with a column `reason`; returns the file, readable by its owner only.

    A cell that a spreadsheet would take for a formula gets an apostrophe in front, which reading takes off again. Rows of a
    survey without ids have their line in the upload instead: they cannot come back alone, the whole file is to be mended.
    """
    folder = home / "rejected"
    folder.mkdir(mode=0o700, exist_ok=True)
    file = folder / f"{Path(receipt.file).stem}-{receipt.sha256[:8]}.csv"
    _stage_reasons(connection, receipt, columns)
    given = [column for column in columns if column != "reason"]
    cells = [f"staged.{quoted(column)}" for column in given]
    if receipt.kind == SURVEY and "respondent_id" not in given:
        given, cells = [f"line in {receipt.file}", *given], ["staged.line::varchar", *cells]
    rows = connection.execute(
        f"""select {", ".join(cells)}, reasons.reason
            from staged
            join reasons using (line)
            order by line"""
    )
    file.touch(mode=0o600)
    with file.open("w", encoding="utf-8-sig", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow([*(guard(column) for column in given), "reason"])
        while chunk := rows.fetchmany(CHUNK_ROWS):
            writer.writerows([[guard(cell or "") for cell in row] for row in chunk])
    return file


def _stage_reasons(connection: duckdb.DuckDBPyConnection, receipt: Receipt, columns: tuple[str, ...]) -> None:
    """Temp table `reasons` (line, reason)."""
    if receipt.kind == SURVEY:
        connection.execute(
            """create or replace temp table reasons as
               select line, string_agg(reason, ' ') as reason
               from bad_lines
               group by line"""
        )
        return
    reasons: dict[int, list[str]] = {}
    for problem in word_rows(connection, find_importer(receipt.kind), columns):
        place = f"{problem.column}: " if problem.column else ""
        reasons.setdefault(problem.line or 0, []).append(f"{place}{problem.what} {problem.fix}")
    said = pd.DataFrame({"line": list(reasons), "reason": [" ".join(words) for words in reasons.values()]})
    connection.register("said", said)
    connection.execute(
        "create or replace temp table reasons as select line::bigint as line, reason::varchar as reason from said"
    )
    connection.unregister("said")
