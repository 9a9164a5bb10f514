"""Qualtrics: three header rows, two in older exports; codes or labels; options together or apart."""

import json
from pathlib import Path

import pytest

from ingest.formats.format import Unsettled
from tests.questionnaires import answers, questions, read_export, save_csv, save_workbook

# name, wording, key, cells of the first and of the second respondent
COLUMNS: list[tuple[str, str, dict[str, str], str, str]] = [
    ("StartDate", "Anfangsdatum", {"ImportId": "startDate", "timeZone": "America/Denver"}, "2026-07-18 08:28:09", "2026-07-18 09:00:00"),
    ("EndDate", "Enddatum", {"ImportId": "endDate", "timeZone": "America/Denver"}, "2026-07-18 08:30:00", "2026-07-18 09:05:00"),
    ("Status", "Antworttyp", {"ImportId": "status"}, "0", "IP Address"),
    ("IPAddress", "IP-Adresse", {"ImportId": "ipAddress"}, "10.0.0.1", ""),
    ("Finished", "Beendet", {"ImportId": "finished"}, "1", "False"),
    ("ResponseId", "Antwort-ID", {"ImportId": "_recordId"}, "R_1", "R_2"),
    ("RecipientEmail", "E-Mail", {"ImportId": "recipientEmail"}, "Ann@Example.org", ""),
    ("ExternalReference", "Referenz", {"ImportId": "externalDataReference"}, "E7", "E8"),
    ("LocationLatitude", "Breitengrad", {"ImportId": "locationLatitude"}, "47.11", ""),
    ("Department", "Department", {"ImportId": "Department"}, "Care", "IT"),
    ("Q1", "How do you join? - Selected Choice", {"ImportId": "QID1"}, "1", "5"),
    ("Q1_5_TEXT", "How do you join? - Other - Text", {"ImportId": "QID1_5_TEXT"}, "", "by boat"),
    ("Q2_1", "Rate us - Food", {"ImportId": "QID2_1"}, "4", "-99"),
    ("Q2_2", "Rate us - Drinks", {"ImportId": "QID2_2"}, "5", "2"),
    ("Q3_1", "<p>Which&nbsp;<b>tools</b>?</p> - E-mail, post", {"ImportId": "QID3", "choiceId": "1"}, "E-mail, post", "0"),
    ("Q3_2", "<p>Which&nbsp;<b>tools</b>?</p> - Chat; phone", {"ImportId": "QID3", "choiceId": "2"}, "Chat; phone", "1"),
    ("Q4_1_1", "When? - Mail - Day", {"ImportId": "QID4_1", "choiceId": "1"}, "1", ""),
    ("Q4_1_2", "When? - Mail - Night", {"ImportId": "QID4_1", "choiceId": "2"}, "1", "1"),
    ("Q4_2_1", "When? - Chat - Day", {"ImportId": "QID4_2", "choiceId": "1"}, "", "1"),
    ("Q5", "Pick some", {"ImportId": "QID5"}, "1,3", "2"),
    ("Q6", "Name some", {"ImportId": "QID6"}, "Tea,Milk, warm", "Tea"),
    ("Q7", "Why, ${e://Field/Name}?", {"ImportId": "QID7_TEXT"}, "because, well", ""),
    ("Q7 - Topics", "Q7 - Topics", {"ImportId": "QID7_TEXT_eae5a8d0e7fd4bd183e983e5Topics"}, "x", ""),
    ("Q8_First Click", "Timing - First Click", {"ImportId": "QID8_FIRST_CLICK"}, "0.5", "0.6"),
    ("SC0", "Score", {"ImportId": "SC_abc"}, "3", "4"),
    ("Q_RecaptchaScore", "Q_RecaptchaScore", {"ImportId": "Q_RecaptchaScore"}, "1", "1"),
]  # fmt: skip


def grid(*more: list[str]) -> list[list[str]]:
    names, wordings, keys, first, second = zip(*COLUMNS, strict=True)
    return [list(names), list(wordings), [json.dumps(key) for key in keys], list(first), list(second), *more]


def changed(row: list[str], **cells: str) -> list[str]:
    names = [column[0] for column in COLUMNS]
    return [cells.get(name, cell) for name, cell in zip(names, row, strict=True)]


def test_the_sample_is_read(samples: Path) -> None:
    read = read_export(samples / "qualtrics" / "sample_3row_header_de.csv")
    assert (read.format.name, read.reading.kind) == ("qualtrics", "survey")
    assert read.rows == [
        {
            "line": 4,
            "respondent_id": "R_2YPOQ602ER1jkf1",
            "submitted_at": "2017-07-18 08:28:48",
            "This is a multiple choice question.": "2",
            "This is a free text question.": "Hello World!",
        }
    ]
    assert read.reading.keys == {
        "This is a multiple choice question.": "QID1",
        "This is a free text question.": "QID2_TEXT",
    }
    assert set(read.reading.personal) == {"IPAddress", "LocationLatitude", "LocationLongitude"}


@pytest.mark.parametrize("save", [save_csv, save_workbook])
def test_columns_are_put_together_by_their_keys(tmp_path: Path, save: object) -> None:
    read = read_export(save(tmp_path, grid()))  # type: ignore[operator]
    assert read.reading.keys == {
        "How do you join?": "QID1",
        "How do you join? [Other]": "QID1_5_TEXT",
        "Rate us [Food]": "QID2_1",
        "Rate us [Drinks]": "QID2_2",
        "Which tools?": "QID3",
        "When? [Mail]": "QID4_1",
        "When? [Chat]": "QID4_2",
        "Pick some": "QID5",
        "Name some": "QID6",
        "Why, …?": "QID7_TEXT",
    }
    assert questions(read) == ["Department", *read.reading.keys]
    assert answers(read, "Which tools?") == ["E-mail, post;Chat, phone", "Chat, phone"]
    assert answers(read, "When? [Mail]") == ["Day;Night", "Night"]
    assert answers(read, "When? [Chat]") == [None, "Day"]
    assert answers(read, "Pick some") == ["1;3", "2"]
    assert answers(read, "Name some") == ["Tea;Milk, warm", "Tea"]
    assert answers(read, "Rate us [Food]") == ["4", "-99"]
    assert answers(read, "Why, …?") == ["because, well", None]
    assert answers(read, "Department") == ["Care", "IT"]
    assert set(read.reading.personal) == {"IPAddress", "RecipientEmail", "ExternalReference", "LocationLatitude"}


def test_the_zone_is_in_the_file_and_an_unfinished_answer_has_no_time(tmp_path: Path) -> None:
    assert answers(read_export(save_csv(tmp_path, grid())), "submitted_at") == ["2026-07-18 08:30:00-06:00", None]
    in_utc = [[cell.replace("America/Denver", "Z") for cell in row] for row in grid()]
    assert answers(read_export(save_csv(tmp_path, in_utc)), "submitted_at") == ["2026-07-18 08:30:00Z", None]


def test_previews_tests_spam_and_screened_out_are_counted(tmp_path: Path) -> None:
    first = grid()[3]
    statuses = ("1", "Survey Preview", "Umfragevorschau", "2", "8", "Imported")
    more = [changed(first, ResponseId=f"R_{status}", Status=status) for status in statuses]
    read = read_export(save_csv(tmp_path, grid(*more)))
    assert read.reading.left_out == {"previews": 3, "test answers": 1, "answers taken for spam": 1}
    assert answers(read, "respondent_id") == ["R_1", "R_2", "R_Imported"]
    flagged = [[*row, cell] for row, cell in zip(grid(), ("Q_TerminateFlag", "Q_TerminateFlag", '{"ImportId": "Q_TerminateFlag"}', "Screened", ""), strict=True)]  # fmt: skip
    assert read_export(save_csv(tmp_path, flagged)).reading.left_out == {"disqualified answers": 1}


def test_linked_waves_take_the_address_then_the_reference_of_the_panel(tmp_path: Path) -> None:
    said = {"linked": True, "told": "We link."}
    assert answers(read_export(save_csv(tmp_path, grid()), **said), "respondent_id") == ["ann@example.org", None]
    without = [changed(row, RecipientEmail="") if at > 2 else row for at, row in enumerate(grid())]
    assert answers(read_export(save_csv(tmp_path, without), **said), "respondent_id") == ["E7", "E8"]
    nobody = [changed(row, RecipientEmail="", ExternalReference="") if at > 2 else row for at, row in enumerate(grid())]
    with pytest.raises(Unsettled):
        read_export(save_csv(tmp_path, nobody), **said)


def test_the_older_export_has_two_rows_and_an_empty_last_column(tmp_path: Path) -> None:
    own = ["ResponseID", "ResponseSet", "Name", "ExternalDataReference", "EmailAddress", "IPAddress", "Status", "StartDate", "EndDate", "Finished"]  # fmt: skip
    rows = [
        [*(f"V{at}" for at in range(1, 11)), "Q1", "Q2_1", "Q2_2", "Q3_1", "Q3_2", ""],
        [*own, "I am proud", "Tools - Mail", "Tools - Chat", "Rate - Food", "Rate - Drinks", ""],
        ["R_1", "Default", "Ann", "", "a@example.org", "10.0.0.1", "0", "2015-03-01 10:00:00", "2015-03-01 10:10:00", "1", "4", "1", "", "5", "2", ""],
        ["R_2", "Default", "", "", "", "", "1", "2015-03-01 10:00:00", "2015-03-01 10:10:00", "1", "4", "1", "", "5", "2", ""],
    ]  # fmt: skip
    read = read_export(save_csv(tmp_path, rows, "utf-8-sig"))
    assert (read.format.name, questions(read)) == ("qualtrics", ["I am proud", "Tools", "Rate [Food]", "Rate [Drinks]"])
    assert (answers(read, "Tools"), read.reading.left_out) == (["Mail"], {"previews": 1})
    assert set(read.reading.personal) == {"Name", "EmailAddress", "IPAddress"}


def test_a_comma_in_a_number_joins_nothing(tmp_path: Path) -> None:
    sized = [changed(row, Q6=size) for row, size in zip(grid()[3:], ("1,000 to 5,000", "under 1,000"), strict=True)]
    read = read_export(save_csv(tmp_path, [*grid()[:3], *sized]))
    assert answers(read, "Name some") == ["1,000 to 5,000", "under 1,000"]


def test_a_file_whose_third_or_second_row_was_taken_out(tmp_path: Path) -> None:
    two = [row for at, row in enumerate(grid()) if at != 2]
    read = read_export(save_csv(tmp_path, two))
    assert answers(read, "Rate us [Drinks]") == ["5", "2"]
    assert answers(read, "respondent_id") == ["R_1", "R_2"]
    one = [row for at, row in enumerate(grid()) if at not in (1, 2)]
    assert answers(read_export(save_csv(tmp_path, one)), "Q2_1") == ["4", "-99"]


def test_tabs_and_two_bytes_a_letter_are_read_as_well(tmp_path: Path) -> None:
    read = read_export(save_csv(tmp_path, grid(), "utf-16", separator="\t"))
    assert answers(read, "Which tools?") == ["E-mail, post;Chat, phone", "Chat, phone"]
