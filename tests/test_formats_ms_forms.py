"""Microsoft Forms: the workbook, the same saved as CSV, other languages, quizzes."""

from datetime import datetime
from pathlib import Path

import pytest

from ingest.formats.format import Unsettled
from tests.questionnaires import answers, questions, read_export, save_csv, save_workbook

START, END = datetime(2026, 9, 14, 10, 0), datetime(2026, 9, 14, 10, 5, 30)
OWN = ["ID", "Start time", "Completion time", "Email", "Name"]


def test_samples_are_read(samples: Path) -> None:
    quiz = read_export(samples / "ms_forms" / "quiz_columns.csv")
    assert (quiz.format.name, questions(quiz)) == ("ms_forms", ["Who led Israel out of Egypt?"])
    assert quiz.reading.personal == {"STUDENTS FULL NAME": "names"}
    assert answers(quiz, "submitted_at") == ["2026-07-27 19:17:10"]
    file = samples / "ms_forms" / "responses_xlsx_as_csv.csv"
    with pytest.raises(Unsettled):
        read_export(file)
    read = read_export(file, date_order="month-first")
    assert answers(read, "submitted_at") == ["2020-07-02 11:01:24", "2020-07-02 11:03:02"]
    assert answers(read, "What type of resource is this?") == ["AGOL;Cartography", "AGOL"]
    assert questions(read)[-1].endswith("Take a guess!) 1 - Extremely simple 5 - Very difficult")
    assert set(read.reading.personal) == {"Email", "Name"}


def test_the_workbook_has_real_times_and_says_several_options_by_a_semicolon_at_the_end(tmp_path: Path) -> None:
    rows = [
        [*OWN, "Which\u00a0tools?\n", "Where?", "Why?", "How happy?"],
        [1, START, END, "anonymous", "", "Mail;Chat;", "Here;", "Because; well;", 4],
        [2, START, END, "anonymous", "", "Tea; coffee;Chat;", "Here;There;", "No", 5],
        [3, START, END, "anonymous", "", "Chat;", "", "", 5],
    ]
    read = read_export(save_workbook(tmp_path, rows))
    assert questions(read) == ["Which tools?", "Where?", "Why?", "How happy?"]
    assert answers(read, "Which tools?") == ["Mail;Chat", "Tea, coffee;Chat", "Chat"]
    assert answers(read, "Why?") == ["Because; well;", "No", None]
    assert answers(read, "How happy?") == ["4", "5", "5"]
    assert answers(read, "respondent_id") == ["1", "2", "3"]
    assert answers(read, "submitted_at")[0] == "2026-09-14 10:05:30"
    assert read.reading.personal == {}


@pytest.mark.parametrize(
    "own",
    [
        ["Id", "Startzeit", "Fertigstellungszeit", "E-Mail", "Name"],
        ["ID", "Heure de début", "Heure de fin", "Adresse de messagerie", "Nom"],
        ["ID", "Hora de inicio", "Hora de finalización", "Correo electrónico", "Nombre"],
        ["ID", "Words of", "another language", "Email", "Name"],
        ["ID", "Start time", "Completion time", "Email", "Name", "Last modified time"],
    ],
)
def test_other_languages_and_newer_columns(tmp_path: Path, own: list[str]) -> None:
    row = [1, START, END, "ann@example.org", "Ann Lee", "", 4]
    rows = [[*own, "How happy?"], [*row[: len(own)], 4]]
    read = read_export(save_workbook(tmp_path, rows))
    assert (read.format.name, questions(read), answers(read, "How happy?")) == ("ms_forms", ["How happy?"], ["4"])
    assert sorted(read.reading.personal.values()) == ["e-mail addresses", "names"]


def test_what_a_quiz_adds_is_left_out_in_any_language(tmp_path: Path) -> None:
    rows = [
        [*OWN, "Gesamtpunktzahl", "Quizfeedback", "Frage", "Punkte - Frage", "Feedback - Frage", "Feedback - general"],
        [1, START, END, "anonymous", "", 4, "", "ja", 1, "", "nice"],
    ]
    assert questions(read_export(save_workbook(tmp_path, rows))) == ["Frage", "Feedback - general"]


def test_questions_of_one_wording_are_told_apart(tmp_path: Path) -> None:
    rows = [[*OWN, "Why?", "Why?", "why"], [1, START, END, "anonymous", "", "a", "b", "c"]]
    read = read_export(save_workbook(tmp_path, rows))
    assert questions(read) == ["Why?", "Why? (2)", "why (3)"]


def test_a_ranking_is_named_as_one(tmp_path: Path) -> None:
    rows = [
        [*OWN, "Rank", "Tick"],
        [1, START, END, "anonymous", "", "Tea;Milk;Water;", "Tea;Milk;"],
        [2, START, END, "anonymous", "", "Water;Tea;Milk;", "Tea;"],
    ]
    warnings = read_export(save_workbook(tmp_path, rows)).reading.warnings
    assert len(warnings) == 1
    assert '"Rank"' in warnings[0]


def test_linked_waves_take_the_address(tmp_path: Path) -> None:
    rows = [[*OWN, "Q"], [1, START, END, "Ann@Example.org", "Ann", 4], [2, START, END, "anonymous", "", 5]]
    read = read_export(save_workbook(tmp_path, rows), linked=True, told="We link.")
    assert answers(read, "respondent_id") == ["ann@example.org", None]
    with pytest.raises(Unsettled):
        read_export(save_workbook(tmp_path, [rows[0], rows[2]]), linked=True, told="We link.")


def test_excel_in_germany_saves_with_semicolons_and_another_encoding(tmp_path: Path) -> None:
    rows = [["ID", "Startzeit", "Fertigstellungszeit", "E-Mail", "Name", "Gefällt's?"], ["1", "14.09.2026 10:00", "14.09.2026 10:05", "anonymous", "", "ja;"]]  # fmt: skip
    read = read_export(save_csv(tmp_path, rows, "cp1252", separator=";"))
    assert (answers(read, "Gefällt's?"), answers(read, "submitted_at")) == (["ja"], ["2026-09-14 10:05:00"])
