"""Survey exports for tests: written as rows, saved as the tool would, read by the format that recognises them."""

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from zipfile import ZipFile

import xlsxwriter

from tests.exports import Read, read_export

Rows = Sequence[Sequence[object]]


def as_csv(rows: Rows, *, separator: str = ",", ends: str = "\r\n", quotes_all: bool = False) -> str:
    """Rows as the text of a CSV file."""
    text = io.StringIO(newline="")
    quoting = csv.QUOTE_ALL if quotes_all else csv.QUOTE_MINIMAL
    csv.writer(text, delimiter=separator, lineterminator=ends, quoting=quoting).writerows(rows)
    return text.getvalue()


def save_csv(folder: Path, rows: Rows, encoding: str = "utf-8", **style: object) -> Path:
    file = folder / "answers.csv"
    file.write_bytes(as_csv(rows, **style).encode(encoding))  # type: ignore[arg-type]
    return file


def save_zip(folder: Path, rows: Rows, name: str = "Pulse.csv") -> Path:
    file = folder / "answers.csv.zip"
    with ZipFile(file, "w") as archive:
        archive.writestr(name, as_csv(rows, quotes_all=True))
    return file


def save_workbook(folder: Path, rows: Rows) -> Path:
    """A workbook; times are real times of Excel, numbers are numbers, empty texts are no cells."""
    file = folder / "answers.xlsx"
    with xlsxwriter.Workbook(file, {"default_date_format": "m/d/yy h:mm:ss"}) as book:
        sheet = book.add_worksheet("Sheet1")
        for line, row in enumerate(rows):
            for place, cell in enumerate(row):
                if isinstance(cell, datetime):
                    sheet.write_datetime(line, place, cell)
                elif cell != "":
                    sheet.write(line, place, cell)
    return file


def answers(read: Read, column: str) -> list[str | int | None]:
    """The cells of one column, in the order of the file."""
    return [row[column] for row in read.rows]


def questions(read: Read) -> list[str]:
    """The columns that are neither the respondent nor the time."""
    return [column for column in read.reading.columns if column not in ("respondent_id", "submitted_at")]


__all__ = ["answers", "as_csv", "questions", "read_export", "save_csv", "save_workbook", "save_zip"]
