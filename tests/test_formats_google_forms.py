"""Google Forms, by both roads: the form's own ZIP and its linked sheet."""

from datetime import datetime
from pathlib import Path

import pytest

from ingest.formats.export import Export
from ingest.formats.format import Unsettled
from ingest.formats.google_forms import FORMAT
from ingest.importer import Details
from tests.questionnaires import answers, questions, read_export, save_csv, save_workbook, save_zip

TOOLS = "Which tools do you use?"
FORM = [
    ["Timestamp", "Email Address", TOOLS, "How happy are you? [At work]", "How happy are you? [At home]", "Anything else?"],
    ["2026/05/28 7:01:33 PM GMT+2", "Xena@Example.com", "Mail (in, out);Chat", "5 - It's extremely important", "4", "Fine; thanks"],
    ["2026/05/28 7:01:33 PM GMT+2", "yusuf@example.com", "Chat", "3", "", ""],
    ["2026/01/03 7:05:00 AM EST", "zoe@example.com", "Mail (in, out)", "1", "2", "No, not really"],
]  # fmt: skip


def test_samples_are_read(samples: Path) -> None:
    zipped = read_export(samples / "google_forms" / "responses_zip_csv_en.csv")
    assert zipped.format.name == "google_forms"
    importance, efforts, events = questions(zipped)
    assert importance.startswith("How important is it for your employer")
    assert answers(zipped, importance) == ["4", "2", "5 - It's extremely important"]
    assert answers(zipped, efforts)[0] == (
        "Waste management (food, trash, technical waste, recycling, compost, etc);Community service / outreach"
    )
    assert answers(zipped, events) == ["5+", "2-3", None]
    assert answers(zipped, "submitted_at")[0] == "2022-06-22 11:07:29-04:00"
    sheet = read_export(samples / "google_forms" / "responses_sheet_csv_en.csv")
    assert questions(sheet) == ["Anything we should know?"]
    assert sheet.reading.personal == {
        "Email Address": "e-mail addresses",
        "Your full name": "names",
        "Phone": "phone numbers",
    }
    assert answers(sheet, "submitted_at")[0] == "2026-05-28 19:01:33+02:00"


def test_the_form_says_the_zone_and_joins_options_by_semicolons(tmp_path: Path) -> None:
    read = read_export(save_zip(tmp_path, FORM))
    assert (read.format.name, read.reading.kind) == ("google_forms", "survey")
    assert questions(read) == [TOOLS, "How happy are you? [At work]", "How happy are you? [At home]", "Anything else?"]
    assert answers(read, TOOLS) == ["Mail (in, out);Chat", "Chat", "Mail (in, out)"]
    assert answers(read, "Anything else?") == ["Fine; thanks", None, "No, not really"]
    assert answers(read, "submitted_at") == [
        "2026-05-28 19:01:33+02:00",
        "2026-05-28 19:01:33+02:00",
        "2026-01-03 07:05:00-05:00",
    ]
    assert len(set(answers(read, "respondent_id"))) == 3
    assert not any("example" in str(cell) for row in read.rows for cell in row.values())


def test_an_answer_stays_the_same_answer_when_a_cell_of_the_sheet_was_mended(tmp_path: Path) -> None:
    before = read_export(save_zip(tmp_path, FORM))
    mended = [
        FORM[0],
        [*FORM[1][:3], "4", *FORM[1][4:]],
        *FORM[2:],
        ["2026/05/29 8:00:00 AM GMT+2", "", "", "", "", ""],
    ]
    after = read_export(save_zip(tmp_path, mended))
    assert answers(after, "respondent_id")[:3] == answers(before, "respondent_id")


def test_answers_of_the_same_second_without_an_address_are_two(tmp_path: Path) -> None:
    rows = [["Zeitstempel", "Frage"], ["28.05.2026 19:01:33", "ja"], ["28.05.2026 19:01:33", "ja"]]
    assert len(set(answers(read_export(save_csv(tmp_path, rows)), "respondent_id"))) == 2


def test_the_sheet_joins_options_by_commas_which_options_hold_too(tmp_path: Path) -> None:
    rows = [
        ["Timestamp", TOOLS, "Do you feel heard?", "Why?"],
        ["9/14/2026 10:01:10", "Waste management (food, trash), Community service", "Yes, always", "Nice people, good food"],
        ["9/14/2026 10:02:10", "Travel, by train", "Yes, sometimes", "Nice people"],
        ["9/14/2026 10:03:10", "Community service", "No", "Too loud, too long, too late"],
        ["9/14/2026 10:04:10", "Travel, by train, Community service", "No", ""],
        ["9/14/2026 10:05:10", "Waste management (food, trash), Travel, by train", "Yes, always", ""],
    ]  # fmt: skip
    read = read_export(save_csv(tmp_path, rows))
    assert answers(read, TOOLS) == [
        "Waste management (food, trash);Community service",
        "Travel, by train",
        "Community service",
        "Travel, by train;Community service",
        "Waste management (food, trash);Travel, by train",
    ]
    assert answers(read, "Do you feel heard?") == ["Yes, always", "Yes, sometimes", "No", "No", "Yes, always"]
    assert answers(read, "Why?")[2] == "Too loud, too long, too late"
    assert answers(read, "submitted_at")[0] == "2026-09-14 10:01:10"


@pytest.mark.parametrize(
    ("header", "time", "shown"),
    [
        ("Horodateur", "14/09/2026 10:01:10", "2026-09-14 10:01:10"),
        ("Zeitstempel", "14.09.2026 10:01:10", "2026-09-14 10:01:10"),
        ("Marca temporal", "2026/09/14 7:01:10 p. m. CEST", "2026-09-14 19:01:10+02:00"),
        ("Informazioni cronologiche", "14/09/2026 10.01.10", "2026-09-14 10:01:10"),
        ("Timestamp", "2026/09/14 7:01:10 PM GMT+5:30", "2026-09-14 19:01:10+05:30"),
        ("タイムスタンプ", "2026/09/14 10:01:10", "2026-09-14 10:01:10"),
    ],
)
def test_the_column_of_times_has_a_name_in_every_language(tmp_path: Path, header: str, time: str, shown: str) -> None:
    read = read_export(save_csv(tmp_path, [[header, "Q"], [time, "4"]], "utf-8-sig"))
    assert (read.format.name, answers(read, "submitted_at")) == ("google_forms", [shown])


def test_day_and_month_are_asked_where_they_could_be_either(tmp_path: Path) -> None:
    file = save_csv(tmp_path, [["Timestamp", "Q"], ["9/1/2023 10:01:10", "4"]])
    with pytest.raises(Unsettled) as asked:
        read_export(file)
    assert (asked.value.questions[0].detail, asked.value.questions[0].examples) == (
        "date_order",
        ("9/1/2023 10:01:10",),
    )
    assert answers(read_export(file, date_order="month-first"), "submitted_at") == ["2023-09-01 10:01:10"]


def test_a_zone_that_could_be_several_is_asked(tmp_path: Path) -> None:
    file = save_zip(tmp_path, [["Timestamp", "Q"], ["2026/05/28 7:01:33 PM IST", "4"]])
    with pytest.raises(Unsettled) as asked:
        read_export(file)
    assert asked.value.questions[0].detail == "zone"
    said = FORMAT.read(Export(file, file.name), "survey", Details(zone="Asia/Kolkata"), "UTC")
    assert [cells[1] for _, cells in said.rows] == ["2026-05-28 19:01:33+05:30"]


def test_the_sheet_as_a_workbook(tmp_path: Path) -> None:
    rows = [["Timestamp", "Q"], [datetime(2026, 9, 1, 10, 1, 10), 4], [datetime(2026, 9, 2, 8, 0), 5]]
    read = read_export(save_workbook(tmp_path, rows))
    assert (answers(read, "submitted_at"), answers(read, "Q")) == (
        ["2026-09-01 10:01:10", "2026-09-02 08:00:00"],
        ["4", "5"],
    )


def test_linked_waves_need_the_address(tmp_path: Path) -> None:
    linked = {"linked": True, "told": "We link answers."}
    assert answers(read_export(save_zip(tmp_path, FORM), **linked), "respondent_id")[0] == "xena@example.com"
    with pytest.raises(Unsettled) as asked:
        read_export(save_csv(tmp_path, [["Timestamp", "Q"], ["2026/05/28 7:01:33 PM CET", "4"]]), **linked)
    assert asked.value.questions[0].detail == "columns"
    named = read_export(
        save_csv(tmp_path, [["Timestamp", "Member", "Q"], ["2026/05/28 7:01:33 PM CET", "M7", "4"]]),
        columns={"Member": "respondent_id"},
        **linked,
    )
    assert (answers(named, "respondent_id"), questions(named)) == (["M7"], ["Q"])


def test_a_column_is_what_a_person_says(tmp_path: Path) -> None:
    rows = [["Timestamp", "Your team", "Name", "Q"], ["2026/05/28 7:01:33 PM CET", "Care", "Ann", "4"]]
    read = read_export(save_csv(tmp_path, rows), columns={"Your team": "team", "Q": ""})
    assert questions(read) == ["team"]
    assert read.reading.personal == {"Name": "names"}
