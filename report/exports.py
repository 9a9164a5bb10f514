"""Exports: tables as CSV that a spreadsheet cannot mistake for formulas."""

import pandas as pd

# A cell that begins so would be run by a spreadsheet (CWE-1236); numbers are left alone.
RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")


def write_csv(table: pd.DataFrame) -> str:
    """A table as CSV text; cells and headings that look like formulas get an apostrophe in front."""
    safe = table.copy()
    for column in safe.columns:
        if not pd.api.types.is_numeric_dtype(safe[column]):
            safe[column] = safe[column].map(_guard, na_action="ignore")
    safe.columns = [_guard(column) for column in safe.columns]
    return safe.to_csv(index=False, lineterminator="\n")


def _guard(cell: object) -> object:
    if not isinstance(cell, str) or not cell.startswith(RISKY):
        return cell
    try:
        float(cell)
    except ValueError:
        return f"'{cell}"
    return cell
