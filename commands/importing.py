"""Importing: files of every kind into the warehouse, and the people in them whom the roster does not know."""

from dataclasses import asdict
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError

import pipeline
from commands.console import AsOfOption, HomeOption, JsonOption, read_day, read_days, refusing, shown_progress
from data.errors import HearthError, Refused, say_invalid
from data.store import choose_home
from ingest.formats.format import Unsettled
from ingest.importer import Details, Problem, Receipt, RefusedRows, Upload
from report.terminal import print_json, print_receipt, print_table

app = typer.Typer()


class DateOrder(StrEnum):
    DAY_FIRST = "day-first"
    MONTH_FIRST = "month-first"


class Promise(StrEnum):
    ANONYMOUS = "anonymous"
    CONFIDENTIAL = "confidential"
    NAMED = "named"


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
    columns: Annotated[
        list[str] | None,
        typer.Option("--column", help='What a column of a table is: "E-mail=member_id"; "Notes=" leaves it out.'),
    ] = None,
    date_order: Annotated[DateOrder | None, typer.Option(help="Which comes first in dates such as 01/02/2026.")] = None,
    day: Annotated[str | None, typer.Option(help="Day of the event, where the file does not say it.")] = None,
    zone: Annotated[str | None, typer.Option(help="Zone of times without one (default: the community's).")] = None,
    event_type: Annotated[str | None, typer.Option(help="Type of the events of the files.")] = None,
    member: Annotated[str | None, typer.Option(help="Whose file it is, where it holds one person's.")] = None,
    direct: Annotated[bool, typer.Option("--direct", help="Take direct and private messages too.")] = False,
    provisional: Annotated[
        bool, typer.Option("--provisional", help="The roster is made from an export: say so on every page.")
    ] = False,
    as_of: AsOfOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Load files, all or nothing each, then publish once."""
    folder = choose_home(home)
    with refusing():
        details = _details(
            effective_on=effective, source=source, covers=read_days(covers), complete=complete, event_id=event, wave=wave,
            instrument=instrument, opened=opened, closed=closed, invited=invited, promise=promise, linked=linked,
            told=told, items=items, columns=_columns(columns or []), date_order=date_order, day=day, zone=zone,
            event_type=event_type, member=member, direct=direct, provisional=provisional,
        )  # fmt: skip
        uploads = [
            Upload(path=file.resolve(), name=file.name, kind=kind, details=details, who=pipeline.SHELL)
            for file in files
        ]
        try:
            outcome = _look_or_take(
                folder, uploads, dry_run=dry_run, keep_good=keep_good, as_of=read_day(as_of), publishing=not no_publish
            )
        except HearthError as error:
            if as_json:
                _refuse_as_json(error)
            raise
    if as_json:
        print_json({"files": [receipt.as_json() for receipt in outcome.receipts], "snapshot": outcome.snapshot})
    else:
        for receipt in outcome.receipts:
            print_receipt(receipt)
    if dry_run and any(receipt.problems for receipt in outcome.receipts):
        raise typer.Exit(1)


@app.command()
def unmatched(
    accept: Annotated[
        bool, typer.Option("--accept", help="Accept every full name that exactly one member has.")
    ] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the people whom uploads name and the roster does not know, with who they may be."""
    folder = choose_home(home)
    with refusing():
        if accept:
            with shown_progress() as progress:
                pipeline.accept_certain(folder, who=pipeline.SHELL, progress=progress)
        waiting = pipeline.list_waiting(folder)
    if as_json:
        print_json([asdict(one) for one in waiting])
        return
    print_table(
        ("source", "id", "name", "rows", "may be"),
        [
            [
                one.source,
                one.id,
                one.name,
                one.rows,
                "; ".join(f"{s.name} ({s.member_id}): {s.why}" for s in one.suggestions),
            ]
            for one in waiting
        ],
    )


@app.command("match")
def match_person(
    id_: Annotated[str, typer.Argument(metavar="ID", help="The id that a tool uses.")],
    member: Annotated[str, typer.Argument(help="The member_id it is; empty text: it is nobody's.")],
    home: HomeOption = None,
) -> None:
    """Say which member an id is. The decision is remembered, and is a batch that can be undone."""
    with refusing(), shown_progress() as progress:
        pipeline.decide(choose_home(home), {id_: member or None}, who=pipeline.SHELL, progress=progress)


def _look_or_take(
    home: Path, uploads: list[Upload], *, dry_run: bool, keep_good: bool, as_of: date | None, publishing: bool
) -> pipeline.Outcome:
    if dry_run:
        return pipeline.Outcome(tuple(pipeline.examine(home, upload).receipt for upload in uploads))
    with shown_progress() as progress:
        return pipeline.take_in(
            home, uploads, keep_good=keep_good, as_of=as_of, publishing=publishing, progress=progress
        )


def _refuse_as_json(error: HearthError) -> None:
    """The contract's document for files that were refused: as a receipt where one was begun, else with what is to be said or mended."""
    if isinstance(error, RefusedRows):
        print_json({"files": [error.receipt.as_json()], "snapshot": None})
        return
    asked = error.questions if isinstance(error, Unsettled) else ()
    problems = [Problem(None, question.detail, question.words, question.option) for question in asked]
    problems = problems or [Problem(None, "", error.what, error.fix)]
    receipt = Receipt(error.where, "", "", "", "", None, problems=tuple(problems))
    print_json({"files": [receipt.as_json()], "snapshot": None})


def _columns(said: list[str]) -> dict[str, str]:
    """The mapping that was said column by column. The name in the file may hold an equals sign, ours never does."""
    pairs = [one.rpartition("=") for one in said]
    if any(not mark for _, mark, _ in pairs):
        raise typer.BadParameter('Say a column as "name in the file=name in Hearth".', param_hint="--column")
    return {name: target for name, _, target in pairs}


def _details(**given: Any) -> Details:
    try:
        return Details.model_validate(given)
    except ValidationError as error:
        raise Refused(say_invalid(error, prefix="--"), fix="See `hearth import --help`.") from error
