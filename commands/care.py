"""Looking after a home: back it up, restore it, say what is held on a person, and erase them."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

import pipeline
from commands.console import HomeOption, JsonOption, refusing
from data.errors import Refused
from data.store import choose_home
from ingest.about import About
from ingest.recovery import Recovered
from report.terminal import STDERR, print_json, print_table

app = typer.Typer()


@app.command()
def backup(
    folder: Annotated[Path, typer.Argument(help="Where backups go: outside the home, best on another disk.")],
    home: HomeOption = None,
) -> None:
    """Write a verified backup; 7 daily and 4 weekly ones are kept, none older than 30 days."""
    with refusing():
        made = pipeline.back_up(choose_home(home), folder.expanduser().resolve())
    _say(f"Backed up and verified in {made.folder}. It holds what the home holds, the secret salt too: guard it alike.")


@app.command()
def restore(
    folder: Annotated[
        Path | None, typer.Argument(help="The folder of backups, or one backup; without it, the kept copies alone.")
    ] = None,
    home: HomeOption = None,
) -> None:
    """Put the newest whole backup back, then load again what was saved after it. The warehouse of now is put aside first."""
    with refusing():
        restored = pipeline.restore(choose_home(home), folder.expanduser().resolve() if folder else None)
    made = f"the backup of {restored.backup.at:%Y-%m-%d %H:%M} UTC" if restored.backup else "the kept copies"
    _say(f"Restored from {made}.")
    _say_recovered(restored.recovered)
    if restored.snapshot:
        _say(f"Published as {restored.snapshot}.")
    if restored.recovered.lost:
        raise typer.Exit(1)


@app.command()
def about(
    member: Annotated[str, typer.Argument(help="A member_id, another id, or an e-mail address.")],
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print everything that is held on a member, with the file each row came from."""
    with refusing():
        held = pipeline.about(choose_home(home), member)
    if as_json:
        print_json(held.as_json())
    else:
        _print_about(held)


@app.command()
def erase(
    member: Annotated[str | None, typer.Argument(help="A member_id, another id, or an e-mail address.")] = None,
    respondent: Annotated[
        str | None, typer.Option(help="A respondent of surveys: the id of the survey file, or the key.")
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Erase a person for good: from the warehouse, kept copies, receipts, handed-back files and snapshots."""
    with refusing():
        if (member is None) == (respondent is None):
            raise Refused("Who is to be erased?", fix="Write a member, or --respondent KEY, and not both.")
        if sys.stdin.isatty():
            typer.confirm(f"Erase {member or respondent} for good? Nothing brings them back", abort=True, err=True)
        erased = pipeline.erase(choose_home(home), member=member, respondent=respondent)
    if as_json:
        print_json(asdict(erased))
        return
    _say("Erased; no later import, redo or restore brings them back.")
    for table, rows in erased.rows.items():
        _say(f"  {rows} rows of {table}")
    for batch in erased.kept:
        _say(f"  the kept copy of batch {batch} was written anew")
    for file in erased.files:
        _say(f"  {file} was written anew")
    for file in erased.left:
        _say(f"  {file} still names them: it is yours to edit", style="yellow")
    _say("Backups from before still hold them until their 30 days are over.")


def _say(words: str, style: str | None = None) -> None:
    STDERR.print(words, style=style, markup=False, highlight=False)


def _say_recovered(recovered: Recovered) -> None:
    for batches, words in (
        (recovered.replayed, "loaded again from kept copies"),
        (recovered.turned, "undone or redone again"),
    ):
        if batches:
            _say(f"{words.capitalize()}: batch {', '.join(map(str, batches))}.")
    for lost in recovered.lost:
        _say(lost.words, style="yellow")


def _print_about(held: About) -> None:
    typer.echo(f"ids: {', '.join(held.ids)}")
    typer.echo(f"names: {', '.join(held.names) or 'none'}")
    typer.echo(f"e-mail: {', '.join(held.emails) or 'none'}")
    for table, rows in held.tables.items():
        typer.echo(f"\n{table}: {len(rows)} rows")
        print_table(tuple(rows[0]), [list(row.values()) for row in rows])
    for kept in held.kept:
        typer.echo(
            f"\nkept copy of batch {kept['batch']} ({kept['file']}, {kept['kind']}): named {kept['times']} times"
        )
    for file in held.files:
        typer.echo(f"\nhanded-back rows: {file}")
