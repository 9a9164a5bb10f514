"""No survey format takes a file for its own that is another's, ours, or nobody's."""

import shlex
from pathlib import Path

import pytest
from typer.main import get_command

import cli
from data.errors import BadFile
from ingest.formats.export import Export
from ingest.formats.known import FORMATS, SURVEYS, recognise_format
from tests.questionnaires import as_csv

SAMPLE = Path(__file__).parent.parent / "data" / "sample"
PAGES = Path(__file__).parent.parent / "docs" / "how-to" / "exports"
TOOLS = {known.name for known in SURVEYS}


def takers(file: Path) -> list[str]:
    """Every survey format that takes a file for its own."""
    export = Export(file, file.name)
    return [known.name for known in SURVEYS if known.recognise(export)]


def test_every_sample_is_taken_by_its_own_format_only(samples: Path) -> None:
    found = {file: takers(file) for file in samples.glob("*/*") if file.is_file()}
    assert {file.parent.name for file, names in found.items() if names} == TOOLS - {"long"}
    assert all(names == [file.parent.name] * (file.parent.name in TOOLS) for file, names in found.items())
    assert all(recognise_format(Export(file, file.name)) is not None for file in found if file.parent.name in TOOLS)


@pytest.mark.parametrize("file", sorted(SAMPLE.glob("*.csv")), ids=lambda file: file.name)
def test_files_of_ours_are_nobodys(file: Path) -> None:
    assert takers(file) == []


def test_reference_data_are_nobodys(reference: Path) -> None:
    broken = ("implicit-gz.csv",)  # a GZIP of no archive
    files = [file for file in sorted(reference.rglob("*.csv")) if file.stat().st_size and file.name not in broken]
    assert {file.name: found for file in files if (found := takers(file))} == {}


@pytest.mark.parametrize(
    "header",
    [
        "respondent_id,submitted_at,team,I am proud",
        "Respondent ID,Submitted at,Team,I am proud",
        "respondentid,I am proud",
        "id,start,end,email,name,What for?",
        "ID,Start time,Title",
        "id,submitdate,Question",
        "Timestamp",
        "Time,Timestamp,Question",
        "#,Name,Start Date (UTC)",
        "StartDate,EndDate,Question",
        "Question,Answer,Count",
        "Item,Answer",
        "First Name,Last Name,Email,Status,Employee ID",
    ],
)
def test_what_looks_like_an_export_is_none(tmp_path: Path, header: str) -> None:
    file = tmp_path / "answers.csv"
    cells = ["1"] * (header.count(",") + 1)
    file.write_text(f"{header}\n{','.join(cells)}\n", encoding="utf-8")
    assert takers(file) == []


def test_a_column_of_something_else_than_times_is_no_timestamp(tmp_path: Path) -> None:
    file = tmp_path / "answers.csv"
    file.write_text(as_csv([["Timestamp", "Name"], ["soon", "Ann"]]), encoding="utf-8")
    assert takers(file) == []


@pytest.mark.parametrize(
    "content", ["", "\n\n", "\ufeff", "{}", "[]", "a", '"', '{"ImportId"', "ImportId\n", "#\n", "id"]
)
def test_odd_files_are_nobodys_and_no_failure(tmp_path: Path, content: str) -> None:
    file = tmp_path / "answers.csv"
    file.write_text(content, encoding="utf-8")
    if content:
        assert takers(file) == []
    else:
        with pytest.raises(BadFile, match="empty"):
            takers(file)


def test_every_format_has_a_name_of_its_own() -> None:
    names = [known.name for known in SURVEYS]
    assert len(set(names)) == len(names)
    assert set(SURVEYS) <= set(FORMATS)


def test_every_survey_tool_has_a_page_whose_commands_there_are() -> None:
    options = {name for one in vars(get_command(cli.app))["commands"]["import"].params for name in one.opts}
    for name in (TOOLS - {"long"}) | {"surveys", "any_survey"}:
        text = (PAGES / f"{name}.md").read_text(encoding="utf-8").replace("\\\n", " ")
        lines = [shlex.split(line) for line in text.splitlines() if line.startswith("hearth import ")]
        assert lines, name
        for line in lines:
            assert {word for word in line if word.startswith("--")} <= options, name
        assert name in ("surveys", "any_survey") or f"({name}.md)" in (PAGES / "README.md").read_text(encoding="utf-8")
