"""The doctor: whether a home is kept and served as it should be."""

import os
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from commands.console import HomeOption, JsonOption
from data.inspection import Finding, inspect
from data.store import choose_home
from report.terminal import STDERR, print_json

app = typer.Typer()


@app.command()
def doctor(
    home: HomeOption = None,
    production: Annotated[
        bool,
        typer.Option("--production", help="Ask also for sign-in, backups, retention and a home outside checkouts."),
    ] = False,
    backups: Annotated[Path | None, typer.Option(envvar="HEARTH_BACKUPS", help="Where `hearth backup` writes.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Look whether the home is kept as it should be. Exit code 1 where something is wrong."""
    found = inspect(choose_home(home), os.environ, production=production, backups=backups)
    if as_json:
        print_json([asdict(finding) for finding in found])
    else:
        for finding in found:
            _say(finding)
    if not all(finding.is_good for finding in found):
        raise typer.Exit(1)


def _say(finding: Finding) -> None:
    mark, style = ("good", None) if finding.is_good else ("wrong", "red")
    STDERR.print(f"{mark:<6} {finding.name}: {finding.words}", style=style, markup=False, highlight=False)
