"""LimeSurvey: codes, full texts, or both; ticks; times that were never recorded."""

from pathlib import Path

import pytest

from ingest.formats.format import Unsettled
from tests.questionnaires import answers, questions, read_export, save_csv, save_workbook

CODES = ["id", "submitdate", "lastpage", "startlanguage", "seed", "token", "startdate", "datestamp", "ipaddr", "refurl"]
TEXTS = ["Response ID", "Date submitted", "Last page", "Start language", "Seed", "Access code", "Date started", "Date last action", "IP address", "Referrer URL"]  # fmt: skip
ANN = ["1", "2026-09-14 10:05:00", "3", "en", "9", "t1", "2026-09-14 10:00:00", "2026-09-14 10:05:00", "10.0.0.1", ""]
BEN = ["2", "", "3", "en", "9", "t2", "2026-09-14 10:00:00", "2026-09-14 10:05:00", "", ""]
ASKED = [
    ("Q1", "How are you, {TOKEN:FIRSTNAME}?", "good", "bad"),
    ("Q2[SQ001]", "Which tools? [Mail]", "Y", ""),
    ("Q2[SQ002]", "Which tools? [Chat; phone]", "Y", "Y"),
    ("Q2[other]", "Which tools? [Other]", "fax", ""),
    ("Q3[A]", "Rate us [Food]", "A1", "A5"),
    ("Q3[B]", "Rate us [Drinks]", "A2", ""),
    ("Q4[SQ001]", "Do you? [Sing]", "Y", "N"),
    ("Q4[SQ002]", "Do you? [Dance]", "N", "U"),
    ("Q5[comment]", "Where? [Comment]", "here", ""),
    ("Q1Time", "Question time: Q1", "1.5", "2.5"),
    ("interviewtime", "Total time", "12", "13"),
]
QUESTIONS = ["How are you, …?", "Which tools?", "Which tools? [Other]", "Rate us [Food]", "Rate us [Drinks]", "Do you? [Sing]", "Do you? [Dance]", "Where? [Comment]"]  # fmt: skip


def rows(header: list[str], **style: str) -> list[list[str]]:
    ann, ben = [cells[2] for cells in ASKED], [cells[3] for cells in ASKED]
    return [header, [*ANN, *ann], [*BEN, *ben]]


def save(folder: Path, table: list[list[str]], separator: str = ",") -> Path:
    """As CsvWriter does: a byte order mark, every cell quoted, a blank line at the end."""
    file = save_csv(folder, table, "utf-8-sig", separator=separator, quotes_all=True)
    file.write_bytes(file.read_bytes() + b"\r\n")
    return file


def test_the_sample_is_read(samples: Path) -> None:
    read = read_export(samples / "limesurvey" / "results-survey_codes.csv")
    assert (read.format.name, questions(read)) == (
        "limesurvey",
        ["VP", "PKZ[SQ001]", "PKZ[SQ002]", "PKZ[SQ003]", "FAS", "FAS[other]"],
    )
    assert answers(read, "FAS") == ["SQ001", None]
    assert answers(read, "submitted_at") == ["2022-03-04 10:15:22", None]
    assert read.reading.keys["PKZ[SQ002]"] == "PKZ[SQ002]"


@pytest.mark.parametrize("separator", [",", ";"])
def test_codes(tmp_path: Path, separator: str) -> None:
    read = read_export(save(tmp_path, rows([*CODES, *(code for code, *_ in ASKED)]), separator))
    assert questions(read) == ["Q1", "Q2", "Q2[other]", "Q3[A]", "Q3[B]", "Q4[SQ001]", "Q4[SQ002]", "Q5[comment]"]
    assert read.reading.keys == {column: column for column in questions(read)}
    assert answers(read, "Q2") == ["SQ001;SQ002;Other", "SQ002"]
    assert answers(read, "Q4[SQ001]") == ["Y", "N"]
    assert answers(read, "Q3[A]") == ["A1", "A5"]
    assert read.reading.personal == {"token": "ids of people", "ipaddr": "network addresses"}


@pytest.mark.parametrize("mark", [". ", ": ", " - "])
def test_codes_and_texts(tmp_path: Path, mark: str) -> None:
    own = [f"{code}{mark}{text}" for code, text in zip(CODES, TEXTS, strict=True)]
    read = read_export(save(tmp_path, rows([*own, *(f"{code}{mark}{text}" for code, text, *_ in ASKED)])))
    assert questions(read) == QUESTIONS
    assert answers(read, "Which tools?") == ["Mail;Chat, phone;Other", "Chat, phone"]
    assert read.reading.keys["Rate us [Food]"] == "Q3[A]"
    assert read.reading.keys["Which tools?"] == "Q2"


@pytest.mark.parametrize("keep", [save, lambda folder, table: save_workbook(folder, table)])
def test_full_texts(tmp_path: Path, keep: object) -> None:
    read = read_export(keep(tmp_path, rows([*TEXTS, *(text for _, text, *_ in ASKED)])))  # type: ignore[operator]
    assert questions(read) == QUESTIONS
    assert read.reading.keys == {}
    assert answers(read, "submitted_at") == ["2026-09-14 10:05:00", None]


def test_ticks_in_full_answers_are_yes_and_no(tmp_path: Path) -> None:
    table = [
        [*CODES[:4], "Q2[a]", "Q2[b]"],
        [*ANN[:4], "Yes", "No"],
        [*BEN[:4], "Yes", "Yes"],
        [*BEN[:4], "N/A", "N/A"],
    ]
    assert answers(read_export(save(tmp_path, table)), "Q2") == ["a", "a;b", None]


def test_a_survey_without_times_counts_as_sent_when_the_wave_closed(tmp_path: Path) -> None:
    hidden = ["1", "1980-01-01 00:00:00", "3", "en"]
    file = save(tmp_path, [[*CODES[:4], "Q1"], [*hidden, "4"], [*BEN[:4], "5"]])
    said = {"wave": "autumn", "opened": "2026-09-01"}
    assert answers(read_export(file, **said), "submitted_at") == ["2026-09-01 00:00:00Z", None]
    assert answers(read_export(file, closed="2026-09-30", **said), "submitted_at") == ["2026-09-30 00:00:00Z", None]
    with pytest.raises(Unsettled) as asked:
        read_export(file, wave="autumn")
    assert asked.value.questions[0].detail == "closed"


def test_linked_waves_take_the_address_or_with_a_warning_the_code(tmp_path: Path) -> None:
    said = {"linked": True, "told": "We link."}
    read = read_export(save(tmp_path, rows([*CODES, *(code for code, *_ in ASKED)])), **said)
    assert answers(read, "respondent_id") == ["t1", "t2"]
    assert "access code" in read.reading.warnings[0]
    table = [[*CODES[:4], "email", "Q1"], [*ANN[:4], "Ann@Example.org", "4"]]
    named = read_export(save(tmp_path, table), **said)
    assert (answers(named, "respondent_id"), named.reading.warnings) == (["ann@example.org"], [])
    with pytest.raises(Unsettled):
        read_export(save(tmp_path, [[*CODES[:4], "Q1"], [*ANN[:4], "4"]]), **said)
