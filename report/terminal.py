"""What the command line prints: data on standard output, words about it on standard error."""

import json
import sys
from typing import Any

import typer
from rich.console import Console
from rich.table import Table

from ingest.importer import Receipt, RefusedRows

STDERR = Console(stderr=True)


def print_json(document: object) -> None:
    """One JSON document on standard output."""
    typer.echo(json.dumps(document, indent=2, default=str))


def print_table(columns: tuple[str, ...], rows: list[list[Any]]) -> None:
    """Rows under their headings, as wide as they are when nobody looks at a terminal."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in columns:
        table.add_column(column, no_wrap=True)
    for row in rows:
        table.add_row(
            *("" if cell is None else f"{cell:.6g}" if isinstance(cell, float) else str(cell) for cell in row)
        )
    Console(width=None if sys.stdout.isatty() else 400, highlight=False, markup=False).print(table)


def print_receipt(receipt: Receipt) -> None:
    """What became of one file: counts on standard output, everything to act on beside it."""
    typer.echo(
        f"{receipt.file}: {receipt.kind}, {receipt.rows} rows: {receipt.new} new, {receipt.changed} changed, "
        f"{receipt.unchanged} unchanged, {receipt.rejected} rejected."
    )
    if receipt.left_out:
        left_out = ", ".join(f"{count:,} {what}" for what, count in receipt.left_out.items())
        STDERR.print(f"  Left out: {left_out}.", markup=False, highlight=False)
    for warning in receipt.warnings:
        STDERR.print(f"  {warning}", style="yellow", markup=False, highlight=False)
    if receipt.unmatched:
        STDERR.print(
            f"  {receipt.unmatched} rows name people who are not on the roster; they count in no number.",
            style="yellow",
            markup=False,
            highlight=False,
        )
    for problem in receipt.problems:
        STDERR.print(
            f"  line {problem.line}, {problem.column}: {problem.what} {problem.fix}",
            markup=False,
            highlight=False,
        )
    if receipt.items_file:
        STDERR.print(
            f"  The items file it would need is proposed in {receipt.items_file}; mend it and pass it with --items.",
            markup=False,
            highlight=False,
        )
    if receipt.bad_rows:
        STDERR.print(
            f"  The rows that were left out are in {receipt.bad_rows}, each with its reason.",
            markup=False,
            highlight=False,
        )


def print_problems(error: RefusedRows) -> None:
    """Why a file was refused, problem by problem."""
    STDERR.print(str(error), style="red", markup=False, highlight=False)
    for problem in error.receipt.problems:
        place = f"line {problem.line}, " if problem.line else ""
        STDERR.print(f"  {place}{problem.column}: {problem.what} {problem.fix}", markup=False, highlight=False)
