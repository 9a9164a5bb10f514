"""Exports of survey tools on their whole way: opened, read apart, questions proposed, taken in, taken in again."""

from pathlib import Path
from typing import Any

import pytest

from data.settings import Settings
from ingest import batches
from ingest.formats.format import Unsettled
from ingest.importer import Checked, Details, Receipt, Upload
from tests.questionnaires import Rows, save_csv, save_workbook, save_zip
from tests.surveys import Desk, desk

HEADER = ["Timestamp", "team", "Which tools?", "I am proud"]
ANN = ["2026/03/02 7:01:33 PM CET", "Care", "Mail (in, out);Chat", "4"]
BEN = ["2026/03/02 7:05:00 PM CET", "IT", "Chat", "2"]
ITEMS = "column,item_id,kind,scale_min,scale_max\nI am proud,proud,likert,1,5\nWhich tools?,tools,multi,,\n"


def sent(here: Desk, file: Path, items: str | None = None, **said: Any) -> Upload:
    if items is not None:
        said["items"] = file.with_name("items.csv")
        said["items"].write_text(items, encoding="utf-8")
    return Upload(file, file.name, said.pop("kind", None), Details(**said), "tester")


def take(here: Desk, file: Path, items: str | None = None, **said: Any) -> Receipt:
    upload = sent(here, file, items, **{"wave": "spring", "opened": "2026-03-01"} | said)
    return batches.take_in(here.connection, here.home, upload, here.settings)


def look(here: Desk, file: Path, **said: Any) -> Checked:
    return batches.check(here.connection, here.home, sent(here, file, **said), here.settings)


def test_an_archive_becomes_a_wave_and_a_longer_one_adds_to_it(home: Path) -> None:
    with desk(home) as here:
        uploads = home / "uploads"
        first = take(here, save_zip(uploads, [HEADER, ANN]), ITEMS)
        assert (first.format, first.rows, first.new) == ("google_forms", 1, 1)
        assert here.ask("select choice from answers where item_id = 'tools' order by choice") == [
            ("Chat",),
            ("Mail (in, out)",),
        ]
        assert here.ask("select dimension, segment from respondent_segments") == [("team", "Care")]
        assert here.ask("select submitted_at::varchar from respondents") == [("2026-03-02 18:01:33",)]
        again = take(here, save_zip(uploads, [HEADER, ANN, BEN]))
        assert (again.new, again.changed, again.unchanged) == (1, 0, 1)
        assert here.scores("proud") == [25, 75]


def test_a_dry_run_proposes_the_questions_and_they_can_be_passed_back(home: Path) -> None:
    with desk(home) as here:
        file = save_zip(home / "uploads", [HEADER, ANN, BEN, [ANN[0], "Care", "Chat", "5"]])
        looked = look(here, file)
        assert [(item.column, item.kind) for item in looked.proposed_items] == [
            ("Which tools?", "multi"),
            ("I am proud", "likert"),
        ]
        items = looked.receipt.items_file
        assert items is not None
        assert take(here, file, items.read_text(encoding="utf-8")).new == 3


def test_a_workbook_of_no_known_tool_is_a_survey_where_somebody_says_so(home: Path) -> None:
    rows: Rows = [["Response ID", "Submitted", "Squad", "I am proud"], ["a", "2026-03-02", "Care", 4], ["b", "2026-03-03", "IT", 2]]  # fmt: skip
    with desk(home) as here:
        file = save_workbook(home / "uploads", rows)
        receipt = take(
            here,
            file,
            "column,item_id,kind,scale_min,scale_max\nI am proud,proud,likert,1,5\n",
            columns={"Squad": "team"},
        )
        assert (receipt.format, receipt.kind, receipt.new) == ("wide", "survey", 2)
        assert here.ask("select segment from respondent_segments order by segment") == [("Care",), ("IT",)]
        assert here.ask("select submitted_at::varchar from respondents order by submitted_at") == [
            ("2026-03-02 00:00:00",),
            ("2026-03-03 00:00:00",),
        ]
        again = take(here, save_csv(home / "uploads", rows), wave="autumn", opened="2026-09-01")
        assert (again.format, again.new) == ("wide", 2)
        assert "Read as the last one of its kind was (wide, version 1)." in again.warnings
        assert here.ask("select count(*) from respondent_segments where wave = 'autumn'") == [(2,)]


def test_a_plain_survey_file_is_canonical_as_before(home: Path) -> None:
    with desk(home) as here:
        file = save_csv(home / "uploads", [["respondent_id", "I am proud"], ["a", "4"]])
        receipt = take(here, file, "column,item_id,kind,scale_min,scale_max\nI am proud,proud,likert,1,5\n")
        assert receipt.format == "canonical"


def test_what_has_to_be_known_first_is_asked_and_can_be_said(home: Path) -> None:
    rows = [["Timestamp", "I am proud"], ["9/1/2026 10:01:10", "4"]]
    items = "column,item_id,kind,scale_min,scale_max\nI am proud,proud,likert,1,5\n"
    with desk(home, Settings(zone="Europe/Berlin")) as here:
        file = save_csv(home / "uploads", rows)
        with pytest.raises(Unsettled):
            take(here, file, items)
        take(here, file, items, date_order="month-first", opened="2026-09-01")
        assert here.ask("select submitted_at::varchar from respondents") == [("2026-09-01 08:01:10",)]
        with pytest.raises(Unsettled):
            take(here, file, items, linked=True, told="We link.", wave="autumn")


def test_waves_are_linked_by_the_address_which_is_kept_as_a_key_only(home: Path) -> None:
    said = {"linked": True, "told": "We link your answers.", "promise": "confidential"}
    with desk(home) as here:
        for wave, address in (("spring", "Ann@example.org"), ("autumn", "ann@Example.org")):
            rows = [["ID", "Start time", "Completion time", "Email", "Name", "I am proud"], [wave, "2026-03-02 10:00:00", "2026-03-02 10:05:00", address, "Ann Lee", "4"]]  # fmt: skip
            items = (
                "column,item_id,kind,scale_min,scale_max\nI am proud,proud,likert,1,5\n" if wave == "spring" else None
            )
            take(here, save_csv(home / "uploads", rows), items, wave=wave, **said)
        keys = here.ask("select distinct key from respondents")
        assert len(keys) == 1
        assert b"ann@" not in here.kept().lower()
