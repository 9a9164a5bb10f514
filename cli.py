"""The `hearth` command. Data goes to standard output, progress and warnings to standard error.

Exit code 0: done; 1: refused, with reasons; 2: wrong usage.
"""

import csv
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

import pipeline
from data.errors import HearthError, Refused
from data.settings import read_settings
from data.store import choose_home
from ingest.importer import Details, RefusedRows, Upload
from metrics.catalogue import CATALOGUE, find_metric
from metrics.metric import RESULT_COLUMNS, Grain
from metrics.snapshot import Role, compare_snapshots, list_snapshots, open_snapshot, pin_quarter
from report.terminal import STDERR, print_json, print_problems, print_receipt, print_table

app = typer.Typer(
    name="hearth",
    help="How an internal community is doing: exports in, numbers published, pages read them.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


class Format(StrEnum):
    TABLE = "table"
    CSV = "csv"
    JSON = "json"


class Promise(StrEnum):
    ANONYMOUS = "anonymous"
    CONFIDENTIAL = "confidential"
    NAMED = "named"


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


@app.command()
def demo(
    home: HomeOption = None,
    serve: Annotated[bool, typer.Option("--serve/--no-serve", help="Open the dashboard when it is built.")] = True,
    port: Annotated[int, typer.Option(help="Port of the dashboard.")] = 8501,
) -> None:
    """Build the demo community, publish it and open the dashboard. Refuses a home that holds other data."""
    folder = choose_home(home)
    with refusing(), shown_progress() as progress:
        snapshot = pipeline.build_demo(folder, progress=progress)
    STDERR.print(f"The demo community is published as {snapshot} in {folder}.", markup=False, highlight=False)
    if serve:
        _serve(folder, port)


@app.command()
def serve(
    home: HomeOption = None,
    port: Annotated[int, typer.Option(help="Port of the dashboard, on loopback only.")] = 8501,
) -> None:
    """Open the dashboard on what is published."""
    _serve(choose_home(home), port)


@app.command("import")
def import_files(
    files: Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, help="Files to load, in this order.")],
    kind: Annotated[
        str | None, typer.Option("--as", help="What the files are; else recognised by their columns.")
    ] = None,
    source: Annotated[str | None, typer.Option(help="Which tool the rows come from (default: the format).")] = None,
    covers: Annotated[str | None, typer.Option(help="Days the files cover completely: FROM..TO.")] = None,
    complete: Annotated[bool, typer.Option("--complete", help="The members file is the complete roster.")] = False,
    effective: Annotated[
        str | None, typer.Option("--effective", help="Day from which a members file holds (default today).")
    ] = None,
    event: Annotated[str | None, typer.Option(help="Event that the rows or the wave belong to.")] = None,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Check only; for a survey write the items file it would propose."),
    ] = False,
    keep_good: Annotated[
        bool,
        typer.Option("--keep-good", help="Take the good rows, write the bad ones to a CSV with reasons."),
    ] = False,
    no_publish: Annotated[bool, typer.Option("--no-publish", help="Load without publishing.")] = False,
    wave: Annotated[str | None, typer.Option(help="Label of the survey wave.")] = None,
    instrument: Annotated[str, typer.Option(help="Series of waves that are compared.")] = "survey",
    opened: Annotated[str | None, typer.Option(help="Day the wave opened (ISO date).")] = None,
    closed: Annotated[str | None, typer.Option(help="Day the wave closed; without it the wave is open.")] = None,
    invited: Annotated[
        int | None, typer.Option(help="How many were invited; else the roster on the opening day.")
    ] = None,
    promise: Annotated[Promise, typer.Option(help="What members were told.")] = Promise.ANONYMOUS,
    linked: Annotated[
        bool, typer.Option("--linked", help="Answers are linked over waves, and members were told so.")
    ] = False,
    told: Annotated[str | None, typer.Option(help="The words in which members were told.")] = None,
    items: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="Items file of a survey.")] = None,
    as_of: AsOfOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Load files, all or nothing each, then publish once."""
    folder = choose_home(home)
    with refusing():
        details = _details(
            effective_on=effective, source=source, covers=_days(covers), complete=complete, event_id=event, wave=wave,
            instrument=instrument, opened=opened, closed=closed, invited=invited, promise=promise, linked=linked,
            told=told, items=items,
        )  # fmt: skip
        uploads = [
            Upload(path=file.resolve(), name=file.name, kind=kind, details=details, who="command line")
            for file in files
        ]
        if dry_run:
            receipts = [pipeline.examine(folder, upload).receipt for upload in uploads]
            outcome = pipeline.Outcome(tuple(receipts))
        else:
            try:
                with shown_progress() as progress:
                    outcome = pipeline.take_in(
                        folder,
                        uploads,
                        keep_good=keep_good,
                        as_of=_day(as_of),
                        publishing=not no_publish,
                        progress=progress,
                    )
            except RefusedRows as error:
                if as_json:
                    print_json({"files": [error.receipt.as_json()], "snapshot": None})
                    raise typer.Exit(1) from error
                raise
    if as_json:
        print_json({"files": [receipt.as_json() for receipt in outcome.receipts], "snapshot": outcome.snapshot})
    else:
        for receipt in outcome.receipts:
            print_receipt(receipt)
    if dry_run and any(receipt.problems for receipt in outcome.receipts):
        raise typer.Exit(1)


@app.command()
def wave(
    label: Annotated[str, typer.Argument(help="Label of the wave.")],
    closed: Annotated[str | None, typer.Option(help="Day it closed (ISO date).")] = None,
    invited: Annotated[int | None, typer.Option(help="How many were invited.")] = None,
    home: HomeOption = None,
) -> None:
    """Close a survey wave or correct how many were invited."""
    with refusing(), shown_progress() as progress:
        pipeline.change_wave(choose_home(home), label, closed=_day(closed), invited=invited, progress=progress)


@app.command()
def batches(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """List every upload, newest first."""
    with refusing():
        rows = pipeline.ledger(choose_home(home))
    if as_json:
        print_json(rows)
        return
    print_table(
        ("batch", "kind", "file", "at", "who", "rows", "new", "changed", "rejected", "undone"),
        [
            [
                row.get(name)
                for name in (
                    "batch",
                    "kind",
                    "file",
                    "at",
                    "who",
                    "rows",
                    "new",
                    "changed",
                    "rejected",
                    "undone",
                )
            ]
            for row in rows
        ],
    )


@app.command()
def undo(batch: int, home: HomeOption = None, as_of: AsOfOption = None) -> None:
    """Take an upload back; what it had replaced returns."""
    with refusing(), shown_progress() as progress:
        outcome = pipeline.undo(choose_home(home), batch, as_of=_day(as_of), progress=progress)
    STDERR.print(f"Batch {batch} is undone; published as {outcome.snapshot}.", highlight=False)


@app.command()
def redo(batch: int, home: HomeOption = None, as_of: AsOfOption = None) -> None:
    """Load an undone upload again from its kept copy."""
    with refusing(), shown_progress() as progress:
        outcome = pipeline.redo(choose_home(home), batch, as_of=_day(as_of), progress=progress)
    STDERR.print(f"Batch {batch} is loaded again; published as {outcome.snapshot}.", highlight=False)


@app.command()
def publish(home: HomeOption = None, as_of: AsOfOption = None) -> None:
    """Compute every number and put a new snapshot in force."""
    with refusing(), shown_progress() as progress:
        snapshot = pipeline.publish(choose_home(home), as_of=_day(as_of), progress=progress)
    STDERR.print(f"Published as {snapshot}.", highlight=False)


@app.command()
def show(
    metric: Annotated[str, typer.Argument(help="Name of a metric; `hearth metrics` lists them.")],
    grain: Annotated[Grain | None, typer.Option(help="Only periods of this length.")] = None,
    by: Annotated[str | None, typer.Option(help="A dimension, such as team; else the whole community.")] = None,
    role: Annotated[Role, typer.Option(help="As which role sees it.")] = Role.MANAGER,
    output: Annotated[Format, typer.Option("--format", help="How to print it.")] = Format.TABLE,
    home: HomeOption = None,
) -> None:
    """Print the published numbers of a metric."""
    with refusing():
        if find_metric(metric) is None:
            raise Refused(f"There is no metric {metric}.", fix="`hearth metrics` lists those there are.")
        snapshot = open_snapshot(choose_home(home), role)
        try:
            frame = snapshot.results(metric, grain=grain, dimension=by or "all")
        finally:
            snapshot.close()
    rows: list[dict[Any, Any]] = frame.astype(object).where(frame.notna(), None).to_dict("records")
    for row in rows:
        row["people"] = None if row["people"] is None else int(row["people"])
    if output is Format.JSON:
        print_json(rows)
    elif output is Format.CSV:
        writer = csv.DictWriter(sys.stdout, RESULT_COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows([dict(row) for row in rows])
    else:
        print_table(RESULT_COLUMNS, [[row[name] for name in RESULT_COLUMNS] for row in rows])
    if not rows:
        STDERR.print(
            f"Nothing is published for {metric} here: its data was never loaded, or not cut so.",
            highlight=False,
        )


@app.command("metrics")
def list_metrics(as_json: JsonOption = False) -> None:
    """List the catalogue."""
    if as_json:
        print_json(
            [
                {
                    name: value
                    for name, value in asdict(card).items()
                    if name not in ("numerator", "denominator", "people")
                }
                for card in CATALOGUE
            ]
        )
        return
    print_table(
        ("name", "question", "unit", "needs"),
        [[c.name, c.question, c.unit, ", ".join(c.needs)] for c in CATALOGUE],
    )


@app.command()
def snapshots(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """List the kept snapshots, newest first."""
    with refusing():
        rows = [
            asdict(snapshot) | {"at": snapshot.at.isoformat(), "as_of": snapshot.as_of.isoformat()}
            for snapshot in list_snapshots(choose_home(home))
        ]
    if as_json:
        print_json(rows)
        return
    print_table(
        ("id", "at", "as of", "current", "pinned"),
        [[r["id"], r["at"], r["as_of"], r["current"], ", ".join(r["pinned"])] for r in rows],
    )


@app.command()
def compare(before: str, after: str, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Say which numbers appeared, vanished and changed between two snapshots."""
    with refusing():
        changes = compare_snapshots(choose_home(home), before, after)
    if as_json:
        print_json(changes)
        return
    for what, rows in changes.items():
        typer.echo(f"{what}: {len(rows)}")
    print_table(
        ("metric", "grain", "period", "dimension", "segment", "breakdown", "before", "after"),
        [list(row.values()) for row in changes["changed"]],
    )


@app.command()
def pin(quarter: str, home: HomeOption = None) -> None:
    """Keep the snapshot in force for good as what was shown for a quarter, such as 2026-Q3."""
    with refusing():
        name = pin_quarter(choose_home(home), quarter)
    STDERR.print(f"{quarter} is pinned to {name}.", highlight=False)


@app.command()
def settings(home: HomeOption = None) -> None:
    """Print the settings in force; they are changed in `settings.toml` of the home."""
    with refusing():
        print_json(read_settings(choose_home(home)).model_dump(mode="json"))


def main() -> None:
    app()


def _serve(home: Path, port: int) -> None:
    command = [
        sys.executable, "-m", "streamlit", "run", str(Path(__file__).parent / "app.py"), "--server.port", str(port),
        "--server.headless", "true",
    ]  # fmt: skip
    STDERR.print(f"Hearth is at http://localhost:{port} (this machine only). Stop it with Ctrl+C.", highlight=False)
    try:
        subprocess.run(command, cwd=Path(__file__).parent, env=os.environ | {"HEARTH_HOME": str(home)}, check=False)
    except KeyboardInterrupt:
        STDERR.print("Stopped.")


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Refused(f'"{text}" is no date.', fix="Write it like 2026-11-16.") from error


def _days(text: str | None) -> tuple[date, date] | None:
    if text is None:
        return None
    first, separator, last = text.partition("..")
    days = (_day(first), _day(last))
    if not separator or days[0] is None or days[1] is None or days[0] > days[1]:
        raise Refused(f'"{text}" is no range of days.', fix="Write it like 2026-10-01..2026-10-31.")
    return days[0], days[1]


def _details(**given: Any) -> Details:
    try:
        return Details.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        name = "--" + ".".join(str(part) for part in first["loc"])
        raise Refused(f"{name} cannot be used: {first['msg']}.", fix="See `hearth import --help`.") from error


if __name__ == "__main__":
    main()
