"""The `hearth` command. Data goes to standard output, progress and warnings to standard error.

Exit code 0: done; 1: refused, with reasons; 2: wrong usage.
"""

import csv
import sys
from dataclasses import asdict
from typing import Annotated, Any

import typer

import pipeline
from commands import care, doctor, importing, serving, trust, trust_settings
from commands.console import AsOfOption, Format, HomeOption, JsonOption, read_day, refusing, shown_progress
from commands.serving import serve_home
from data.audit import Act, record
from data.errors import Refused
from data.store import choose_home
from ingest.guarding import guard
from metrics.catalogue import CATALOGUE, find_metric
from metrics.metric import RESULT_COLUMNS, Grain
from metrics.snapshot import Role, compare_snapshots, list_snapshots, open_snapshot, pin_quarter
from report.terminal import STDERR, print_json, print_table

app = typer.Typer(
    name="hearth",
    help="How an internal community is doing: exports in, numbers published, pages read them.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


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
        with refusing():
            serve_home(folder, port)


@app.command()
def wave(
    label: Annotated[str, typer.Argument(help="Label of the wave.")],
    closed: Annotated[str | None, typer.Option(help="Day it closed (ISO date).")] = None,
    invited: Annotated[int | None, typer.Option(help="How many were invited.")] = None,
    home: HomeOption = None,
) -> None:
    """Close a survey wave or correct how many were invited."""
    with refusing(), shown_progress() as progress:
        pipeline.change_wave(choose_home(home), label, closed=read_day(closed), invited=invited, progress=progress)


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
        outcome = pipeline.undo(choose_home(home), batch, as_of=read_day(as_of), progress=progress)
    STDERR.print(f"Batch {batch} is undone; published as {outcome.snapshot}.", highlight=False)


@app.command()
def redo(batch: int, home: HomeOption = None, as_of: AsOfOption = None) -> None:
    """Load an undone upload again from its kept copy."""
    with refusing(), shown_progress() as progress:
        outcome = pipeline.redo(choose_home(home), batch, as_of=read_day(as_of), progress=progress)
    STDERR.print(f"Batch {batch} is loaded again; published as {outcome.snapshot}.", highlight=False)


@app.command()
def publish(home: HomeOption = None, as_of: AsOfOption = None) -> None:
    """Compute every number and put a new snapshot in force."""
    with refusing(), shown_progress() as progress:
        snapshot = pipeline.publish(choose_home(home), as_of=read_day(as_of), progress=progress)
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
            frame = snapshot.results(metric, grain=grain, dimension=by, segment=None if by else "all")
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
        writer.writerows(
            [{name: guard(cell) if isinstance(cell, str) else cell for name, cell in row.items()} for row in rows]
        )
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
        record(choose_home(home), pipeline.SHELL, Act.PIN, quarter=quarter, snapshot=name)
    STDERR.print(f"{quarter} is pinned to {name}.", highlight=False)


app.add_typer(importing.app)
app.add_typer(care.app)
app.add_typer(serving.app)
app.add_typer(doctor.app)
app.add_typer(trust_settings.app)
app.add_typer(trust_settings.access, name="access")
app.add_typer(trust.app)


def main() -> None:
    app()


if __name__ == "__main__":
    main()
