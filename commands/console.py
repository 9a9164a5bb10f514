"""What every command of `hearth` shares: its options, how a refusal is said, and how long work shows that it goes on."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from data.errors import HearthError, Refused
from ingest.importer import RefusedRows
from report.terminal import STDERR, print_problems


class Format(StrEnum):
    TABLE = "table"
    CSV = "csv"
    JSON = "json"


HomeOption = Annotated[Path | None, typer.Option("--home", help="The data folder; else HEARTH_HOME, else data/local.")]
JsonOption = Annotated[
    bool, typer.Option("--json", help="Print one JSON document and nothing else on standard output.")
]
AsOfOption = Annotated[str | None, typer.Option("--as-of", help="Publish as of the end of this day (ISO date).")]


@contextmanager
def refusing() -> Iterator[None]:
    """Turn an error that a person can act on into its words and exit code 1."""
    try:
        yield
    except RefusedRows as error:
        print_problems(error)
        raise typer.Exit(1) from error
    except HearthError as error:
        STDERR.print(str(error), style="red", markup=False, highlight=False)
        raise typer.Exit(1) from error


@contextmanager
def shown_progress() -> Iterator[Callable[[str, float], None]]:
    """A progress bar on standard error, with the stage in words."""
    with Progress(
        TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), console=STDERR, transient=True
    ) as bar:
        task = bar.add_task("Starting", total=1.0)
        yield lambda stage, done: bar.update(task, description=stage, completed=done)


def read_day(text: str | None) -> date | None:
    """The day of an option; None where it was not given. Raises Refused for one that is none."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Refused(f'"{text}" is no date.', fix="Write it like 2026-11-16.") from error


def read_days(text: str | None) -> tuple[date, date] | None:
    """The first and last day of an option written FROM..TO. Raises Refused for one that is none."""
    if text is None:
        return None
    first, separator, last = text.partition("..")
    days = (read_day(first), read_day(last))
    if not separator or days[0] is None or days[1] is None or days[0] > days[1]:
        raise Refused(f'"{text}" is no range of days.', fix="Write it like 2026-10-01..2026-10-31.")
    return days[0], days[1]
