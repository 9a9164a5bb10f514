"""Viva Glint: scores and comments stay, people, topics and flags go."""

from pathlib import Path

from tests.questionnaires import answers, questions, read_export, save_csv

PROUD = "I am proud, to say the least"
HEADER = [
    "First Name", "Last Name", "Email", "Status", "Personnel", "Manager ID", "Survey Cycle Completion Date",
    "Survey Cycle Sent Date", "Region", PROUD, f"{PROUD}_COMMENT", f"{PROUD}_COMMENT_TOPICS", f"{PROUD}_SENSITIVE_COMMENT_FLAG",
]  # fmt: skip
PAT = ["Pat", "Lee", "pat@example.org", "ACTIVE", "E1", "E9", "04-03-2026 09:15", "01-03-2026 08:00", "North", "5", "Good people", "culture", "FALSE"]  # fmt: skip
LOU = ["Lou", "Kim", "lou@example.org", "ACTIVE", "E2", "E9", "", "01-03-2026 08:00", "South", "", "", "", ""]


def test_the_sample_is_read(samples: Path) -> None:
    read = read_export(samples / "glint" / "glint_export_shape.csv")
    recommend = "I would recommend this company as a great place to work."
    assert read.format.name == "glint"
    assert read.rows == [
        {
            "line": 2,
            "respondent_id": "E1",
            "submitted_at": "2026-03-14 09:15:00",
            recommend: "5",
            f"{recommend} [Comment]": "Good people",
        }
    ]


def test_days_come_first_and_the_employee_is_the_column_before_the_manager(tmp_path: Path) -> None:
    read = read_export(save_csv(tmp_path, [HEADER, PAT, LOU]))
    assert questions(read) == ["Region", PROUD, f"{PROUD} [Comment]"]
    assert answers(read, "respondent_id") == ["E1", "E2"]
    assert answers(read, "submitted_at") == ["2026-03-04 09:15:00", None]
    assert set(read.reading.personal) == {"First Name", "Last Name", "Email", "Personnel", "Manager ID"}


def test_linked_waves_keep_the_employee(tmp_path: Path) -> None:
    read = read_export(save_csv(tmp_path, [HEADER, PAT]), linked=True, told="We link.")
    assert answers(read, "respondent_id") == ["E1"]
