"""Exports: tables as CSV and XLSX that a spreadsheet cannot mistake for formulas."""

import io

import numpy as np
import pandas as pd
import xlsxwriter

from ingest.guarding import FORMULA_STARTS, guard
from report.numbers import write_band

RISKY = FORMULA_STARTS
LONGEST_XLSX_CELL = 32_767


def name_bands(table: pd.DataFrame) -> pd.DataFrame:
    """The table with a column `band` ("≥ 90%") where some of its numbers are bands, so that an empty value is explained."""
    if "status" not in table or "low" not in table or not (table["status"] == "banded").any():
        return table
    bands = [
        write_band(float(row["low"]), float(row["high"])) if row["status"] == "banded" else None
        for row in table.to_dict("records")
    ]
    return table.assign(band=pd.Series(bands, index=table.index, dtype=object))


def write_csv(table: pd.DataFrame) -> str:
    """A table as CSV text; cells and headings that look like formulas get an apostrophe in front."""
    safe = _guarded(table)
    return safe.to_csv(index=False, lineterminator="\n")


def write_xlsx(table: pd.DataFrame, sheet: str = "Numbers") -> bytes:
    """A table as an Excel workbook of one sheet. Texts are texts, guarded as in CSV, since a sheet is often saved as CSV.

    What is missing is an empty cell; a text longer than a cell of Excel can hold is cut there.
    """
    safe = _guarded(table)
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as workbook:
        page = workbook.add_worksheet(sheet)
        for place, column in enumerate(safe.columns):
            page.write_string(0, place, str(column))
            for line, cell in enumerate(safe[column], start=1):
                if pd.isna(cell):
                    continue
                if isinstance(cell, bool):
                    page.write_boolean(line, place, cell)
                elif isinstance(cell, (int, float, np.number)):
                    page.write_number(line, place, float(cell))
                else:
                    page.write_string(line, place, str(cell)[:LONGEST_XLSX_CELL])
    return content.getvalue()


def _guarded(table: pd.DataFrame) -> pd.DataFrame:
    safe = table.copy()
    for column in safe.columns:
        if not pd.api.types.is_numeric_dtype(safe[column]):
            safe[column] = safe[column].map(_guard, na_action="ignore")
    safe.columns = [_guard(column) for column in safe.columns]
    return safe


def _guard(cell: object) -> object:
    return guard(cell) if isinstance(cell, str) else cell
