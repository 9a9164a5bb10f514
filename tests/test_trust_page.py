"""docs/reference/trust.md has every row of the table of faults, each measured and none missed."""

import json
from pathlib import Path

import pytest

from docs.trust import HOLDS, MISSED, NOT_MEASURED, PAGE, ROWS, describe_trust, judge, read_figures

FAULTS = [row.fault for row in ROWS]


@pytest.mark.parametrize("fault", FAULTS)
def test_every_row_is_measured_and_holds(fault: str) -> None:
    lines = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith(f"| {fault} |")]
    assert len(lines) == 1, f"`make prove` writes the row of {fault}"
    figure, verdict = [cell.strip() for cell in lines[0].strip("|").split("|")][-2:]
    assert verdict == HOLDS, f"{fault}: {figure}"
    assert NOT_MEASURED not in figure


def test_the_page_says_which_commit_and_when() -> None:
    line = next(line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("Commit "))
    commit, day = line.removeprefix("Commit ").split(", ")[:2]
    assert len(commit) >= 7
    assert day.startswith("20")


def test_a_row_without_figures_or_beside_its_target_is_missed(tmp_path: Path) -> None:
    notes = tmp_path / "notes.jsonl"
    lines = [
        {"name": "bit rot", "damaged": 281, "refused": 280, "unharmed": 1, "silent_wrong": 0},
        {"name": "erasure request", "hits": 1, "strings": 9},
    ]
    notes.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    found = read_figures(notes)
    verdicts = {row.fault: judge(row, found.get(row.fault))[1] for row in ROWS}
    assert [fault for fault, verdict in verdicts.items() if verdict == HOLDS] == ["bit rot"]
    page = describe_trust(found, "abc1234", "2026-11-24", "2 cores")
    assert f"1 hits of 9 strings of the person in all files | {MISSED} |" in page
    assert page.count(f"| {NOT_MEASURED} | {MISSED} |") == len(ROWS) - 2


def test_the_table_is_the_one_of_the_promise() -> None:
    """Nineteen faults; whoever takes one out has to say so here."""
    assert len(FAULTS) == len(set(FAULTS)) == 19
