"""SurveyMonkey: two header rows, options in columns of their own or condensed, words or numbers."""

from pathlib import Path

import pytest

from ingest.formats.format import Unsettled
from tests.questionnaires import answers, questions, read_export, save_csv, save_workbook

OWN = ["Respondent ID", "Collector ID", "Start Date", "End Date", "IP Address", "Email Address", "First Name", "Last Name", "Custom Data 1"]  # fmt: skip
ANN = ["101", "7", "09/14/2026 10:01:10", "09/14/2026 10:05:10", "10.0.0.1", "ann@example.org", "Ann", "Lee", "Care"]
BEN = ["102", "7", "09/02/2026 10:01:10", "09/02/2026 10:05:10", "", "", "", "", "IT"]
TOP = ["How do you join?", "", "Which tools,\nif any?", "", "", "Rate us", "", "Reach you", "", "", "Why?"]
PARTS = ["Response", "Other (please specify)", "Mail", "Chat; phone", "Other (please specify)", "Food", "Drinks", "Name", "Company", "Phone Number", "Open-Ended Response"]  # fmt: skip
WORDS = [
    [*OWN, *TOP],
    [*[""] * len(OWN), *PARTS],
    [*ANN, "Online", "", "Mail", "Chat; phone", "", "Good", "4", "Ann", "Acme", "1", "Fine, thanks"],
    [*BEN, "", "by boat", "", "Chat; phone", "fax", "Poor", "5", "", "", "", ""],
]


def test_the_sample_says_what_is_asked(samples: Path) -> None:
    read = read_export(samples / "surveymonkey" / "header_2rows_dc_election_2022.csv")
    assert read.format.name == "surveymonkey"
    assert questions(read) == [
        "Custom Data 1",
        "Select the Advisory Neighborhood Commission in which you are running:",
        "Which of these have you used? Please select all that apply.",
        "Why are you the right person?",
    ]
    assert read.reading.personal["Contact information [Email]"] == "contact details"
    assert read.reading.personal["IP Address"] == "network addresses"


@pytest.mark.parametrize("save", [save_csv, save_workbook])
def test_parts_become_options_rows_or_texts(tmp_path: Path, save: object) -> None:
    read = read_export(save(tmp_path, WORDS))  # type: ignore[operator]
    assert questions(read) == [
        "Custom Data 1",
        "How do you join?",
        "How do you join? [Other (please specify)]",
        "Which tools, if any?",
        "Which tools, if any? [Other (please specify)]",
        "Rate us [Food]",
        "Rate us [Drinks]",
        "Why?",
    ]
    assert answers(read, "Which tools, if any?") == ["Mail;Chat, phone", "Chat, phone;Other"]
    assert answers(read, "Which tools, if any? [Other (please specify)]") == [None, "fax"]
    assert answers(read, "How do you join?") == ["Online", None]
    assert answers(read, "Rate us [Drinks]") == ["4", "5"]
    assert answers(read, "respondent_id") == ["101", "102"]
    assert answers(read, "submitted_at") == ["2026-09-14 10:05:10", "2026-09-02 10:05:10"]
    assert answers(read, "Custom Data 1") == ["Care", "IT"]
    assert read.reading.personal["Reach you [Company]"] == "contact details"
    assert not any("Acme" in str(cell) for row in read.rows for cell in row.values())


@pytest.mark.parametrize(("first", "second"), [("1", "1"), ("1", "2")])
def test_numbers_instead_of_words(tmp_path: Path, first: str, second: str) -> None:
    rows = [
        ["Respondent ID", "Collector ID", "Which tools?", "", "Rank them", ""],
        ["", "", "Mail", "Chat", "Mail", "Chat"],
        ["101", "7", first, second, "1", "2"],
        ["102", "7", "", second, "2", "1"],
    ]
    read = read_export(save_csv(tmp_path, rows))
    assert answers(read, "Which tools?") == ["Mail;Chat", "Chat"]
    assert answers(read, "Rank them [Mail]") == ["1", "2"]


def test_condensed_columns_with_an_empty_second_row_or_none(tmp_path: Path) -> None:
    rows = [
        ["Respondent ID", "Collector ID", "End Date", "Which tools?", "Why?"],
        ["", "", "", "", ""],
        ["101", "7", "09/02/2026 10:05:10", "Mail, Chat", "Fine, thanks"],
        ["102", "7", "09/02/2026 10:05:10", "Chat", "Well, no"],
        ["103", "7", "09/02/2026 10:05:10", "Mail", ""],
    ]
    for kept in (rows, [rows[0], *rows[2:]]):
        read = read_export(save_csv(tmp_path, kept))
        assert answers(read, "Which tools?") == ["Mail;Chat", "Chat", "Mail"]
        assert answers(read, "Why?") == ["Fine, thanks", "Well, no", None]
        assert answers(read, "submitted_at")[0] == "2026-09-02 10:05:10"


def test_the_old_export_has_an_id_and_questions_only(tmp_path: Path) -> None:
    rows = [
        ["RespondentID", "Have you seen any?", "Which have you seen?", "", "Gender"],
        ["", "Response", "Episode I", "Episode II", "Response"],
        ["3292879998", "Yes", "Episode I", "Episode II", "Male"],
        ["3292879538", "No", "", "", "Female"],
    ]
    read = read_export(save_csv(tmp_path, rows))
    assert read.reading.columns == ("respondent_id", "Have you seen any?", "Which have you seen?", "Gender")
    assert answers(read, "Which have you seen?") == ["Episode I;Episode II", None]


def test_a_grid_in_which_several_could_be_ticked(tmp_path: Path) -> None:
    rows = [
        ["Respondent ID", "Collector ID", "When?", "", "", ""],
        ["", "", "Mail - Day", "Mail - Night", "Chat - Day", "Chat - Night"],
        ["101", "7", "Day", "Night", "", "Night"],
    ]
    read = read_export(save_csv(tmp_path, rows))
    assert (answers(read, "When? [Mail]"), answers(read, "When? [Chat]")) == (["Day;Night"], ["Night"])


def test_disqualified_answers_and_several_collectors_are_said(tmp_path: Path) -> None:
    rows = [
        ["Respondent ID", "Collector ID", "Response Status", "Q"],
        ["", "", "", "Response"],
        ["101", "7", "Completed", "a"],
        ["102", "8", "Completed", "b"],
        ["103", "8", "Disqualified", "c"],
    ]
    read = read_export(save_csv(tmp_path, rows))
    assert (answers(read, "Q"), read.reading.left_out) == (["a", "b"], {"disqualified answers": 1})
    assert "2 collectors" in read.reading.warnings[0]


def test_linked_waves_take_the_address_or_what_a_person_names(tmp_path: Path) -> None:
    said = {"linked": True, "told": "We link."}
    file = save_csv(tmp_path, WORDS)
    assert answers(read_export(file, **said), "respondent_id") == ["ann@example.org", None]
    named = read_export(file, columns={"Custom Data 1": "respondent_id"}, **said)
    assert answers(named, "respondent_id") == ["Care", "IT"]
    with pytest.raises(Unsettled):
        read_export(save_csv(tmp_path, [*WORDS[:2], WORDS[3]]), **said)
