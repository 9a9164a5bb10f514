"""Typeform: choices in one column or one an option, tokens in titles, answers that were not sent."""

from pathlib import Path

import pytest

from ingest.formats.format import Unsettled
from tests.questionnaires import answers, questions, read_export, save_csv, save_workbook

SENT = ["2026-09-14 06:24:12", "2026-09-14 06:27:59", "938f4331f1"]
ENDS = ["Start Date (UTC)", "Submit Date (UTC)", "Network ID"]


def test_the_sample_is_read(samples: Path) -> None:
    read = read_export(samples / "typeform" / "responses_2023.csv")
    assert (read.format.name, questions(read)) == (
        "typeform",
        ["Employment Type", "Employment Type [Other]", "Date of Joining"],
    )
    assert read.rows[0]["submitted_at"] == "2023-01-23 06:27:59Z"
    assert read.reading.personal == {"Name of the Onboarding Member": "names", "Network ID": "network addresses"}


def test_options_with_a_column_each_become_one_question(tmp_path: Path) -> None:
    rows = [
        ["#", "Hi {{field:01ABC-9}}, how are you?", "Apples", "Pears", "Plums", "Other", "Team", "Why?", "Why?", *ENDS],
        ["a1", "good", "Apples", "", "Plums", "nuts", "Care", "x", "y", *SENT],
        ["a2", "bad", "Apples", "", "", "", "IT", "x", "y", *SENT],
    ]
    read = read_export(save_csv(tmp_path, rows))
    fruit = "One or more of: Apples, Pears, Plums"
    assert questions(read) == ["Hi …, how are you?", fruit, f"{fruit} [Other]", "Team", "Why?", "Why? (2)"]
    assert answers(read, fruit) == ["Apples;Plums;Other", "Apples"]
    assert answers(read, f"{fruit} [Other]") == ["nuts", None]
    assert answers(read, "respondent_id") == ["a1", "a2"]


@pytest.mark.parametrize("save", [save_csv, save_workbook])
def test_choices_in_one_column(tmp_path: Path, save: object) -> None:
    cells = [" / Mail / Chat", " / Chat", " / Mail / Community service / outreach", "/ Mail"]
    rows = [["#", "Tools", *ENDS], *([f"a{at}", cell, *SENT] for at, cell in enumerate(cells))]
    read = read_export(save(tmp_path, rows))  # type: ignore[operator]
    assert answers(read, "Tools") == ["Mail;Chat", "Chat", "Mail;Community service;outreach", "Mail"]
    whole = [*rows, ["a9", " / Community service / outreach", *SENT]]
    assert answers(read_export(save(tmp_path, whole)), "Tools")[0] == "Mail;Chat"  # type: ignore[operator]


def test_choices_joined_without_a_sign_at_the_beginning_are_known_by_what_was_chosen_alone(tmp_path: Path) -> None:
    cells = ["Mail / Community service / outreach", "Community service / outreach", "Mail", "and / or"]
    rows = [["#", "Tools", "Why?", *ENDS], *([f"a{at}", cell, "and / or" * at, *SENT] for at, cell in enumerate(cells))]
    read = read_export(save_csv(tmp_path, rows))
    assert answers(read, "Tools")[:3] == ["Mail;Community service / outreach", "Community service / outreach", "Mail"]
    assert answers(read, "Why?")[1] == "and / or"


def test_partial_answers_have_no_time_and_disqualified_ones_are_left_out(tmp_path: Path) -> None:
    header = ["#", "Q", "Response Type", "Start Date (UTC)", "Stage Date (UTC)", "Submit Date (UTC)", "Network ID", "Tags", "Ending"]  # fmt: skip
    kinds = ("completed", "partial", "started", "disqualified")
    rows = [[kind, "4", kind, SENT[0], SENT[1], SENT[1], "n", "", ""] for kind in kinds]
    read = read_export(save_csv(tmp_path, [header, *rows]))
    assert [(row["respondent_id"], row["submitted_at"]) for row in read.rows] == [
        ("completed", "2026-09-14 06:27:59Z"),
        ("partial", None),
        ("started", None),
    ]
    assert read.reading.left_out == {"disqualified answers": 1}


def test_linked_waves_need_a_question_for_the_address(tmp_path: Path) -> None:
    rows = [["#", "Your e-mail address", "Q", *ENDS], ["a1", "Ann@Example.org", "4", *SENT]]
    read = read_export(save_csv(tmp_path, rows), linked=True, told="We link.")
    assert (answers(read, "respondent_id"), questions(read)) == (["ann@example.org"], ["Q"])
    with pytest.raises(Unsettled):
        read_export(save_csv(tmp_path, [["#", "Q", *ENDS], ["a1", "4", *SENT]]), linked=True, told="We link.")
