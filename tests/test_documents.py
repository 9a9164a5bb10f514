"""What the documents tell people to type works: their files are written, their commands are run, in order."""

import re
import shlex
from pathlib import Path

import pytest
from typer.main import get_command
from typer.testing import CliRunner

import cli
from ingest.importers import IMPORTERS

PROJECT = Path(__file__).parent.parent
DOCS = PROJECT / "docs"
BLOCK = re.compile(r"^```(?P<language>\w+)(?: (?P<title>\S+))?\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
NOT_RUN = ("demo", "serve")  # they open a dashboard; the browser tests do


def follow(page: Path, folder: Path) -> dict[str, str]:
    """Do in `folder` what a page says; returns what each `hearth` command printed on standard output."""
    said = {}
    for block in BLOCK.finditer(page.read_text(encoding="utf-8")):
        if block["title"]:
            (folder / block["title"]).write_text(block["text"], encoding="utf-8")
    for block in BLOCK.finditer(page.read_text(encoding="utf-8")):
        for line in block["text"].splitlines() if block["language"] == "sh" else ():
            program, *arguments = shlex.split(line, comments=True) or [""]
            if program == "hearth" and arguments[0] not in NOT_RUN:
                done = CliRunner().invoke(cli.app, arguments, catch_exceptions=False)
                assert done.exit_code == 0, f"{line}\n{done.output}"
                said[line] = done.stdout
    return said


def test_the_first_week_gives_the_numbers_it_promises(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    said = follow(DOCS / "tutorial" / "first-week.md", tmp_path)
    assert f"{8 / 12:.6g}" in said["hearth show event_participation --grain month"]
    assert f"{10 / 12:.6g}" in said["hearth show survey_response"]
    assert re.search(rf"\b{100 * (6 - 2) // 10}\b", said["hearth show nps"])


def test_every_file_of_the_how_to_can_be_loaded(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    page = DOCS / "how-to" / "load-your-files.md"
    follow(page, tmp_path)
    shown = {block["title"] for block in BLOCK.finditer(page.read_text(encoding="utf-8")) if block["title"]}
    assert shown == {f"{importer.name}.csv" for importer in IMPORTERS}


def test_the_readme_names_only_commands_and_options_that_there_are() -> None:
    commands = vars(get_command(cli.app))["commands"]
    lines = [
        shlex.split(line, comments=True)
        for block in BLOCK.finditer((PROJECT / "README.md").read_text(encoding="utf-8"))
        if block["language"] == "sh"
        for line in block["text"].splitlines()
    ]
    named = [
        (line[1], {word for word in line if word.startswith("--")}) for line in lines if line[0] == ".venv/bin/hearth"
    ]
    assert named
    for command, options in named:
        assert options <= {name for parameter in commands[command].params for name in parameter.opts}
