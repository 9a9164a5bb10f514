"""Known answers of reference data, computed anew: each agrees as far as it was printed, and the page says what was found."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from docs.generate import REFERENCE, describe_verification, verify_all
from docs.verification import Row, write_rows
from metrics.catalogue import find_metric


@pytest.fixture(scope="module")
def found(reference: Path) -> dict[str, Sequence[Row]]:
    return verify_all(reference)


@pytest.fixture(scope="module")
def rows(found: dict[str, Sequence[Row]]) -> list[Row]:
    return [row for of_family in found.values() for row in of_family]


@pytest.fixture(scope="module")
def behaviour(found: dict[str, Sequence[Row]]) -> Sequence[Row]:
    return found["Behaviour"]


def test_every_known_number_is_found_again(rows: list[Row]) -> None:
    off = [row for row in rows if not row.agrees]
    assert not off, "\n".join(f"{row.metric} of {row.data}, {row.formula}: {row.ours} {row.known}" for row in off)
    assert len(rows) >= 90


def test_most_went_through_files_gate_and_snapshot(rows: list[Row]) -> None:
    assert sum(row.how == "by show" for row in rows) > len(rows) / 2


def test_only_metrics_of_the_catalogue_are_verified(rows: list[Row]) -> None:
    unknown = {row.metric for row in rows if find_metric(row.metric) is None}
    assert unknown <= {"benchmark of peers", "degree", "active days", "limits"}


def test_the_page_is_up_to_date(found: dict[str, Sequence[Row]]) -> None:
    assert (REFERENCE / "verification.md").read_text(encoding="utf-8") == describe_verification(found), (
        "run `make docs`"
    )


@pytest.mark.parametrize(
    ("dataset", "by", "figures"),
    [
        ("email-eu-core", "by show", 4),
        ("email-eu-core", "by function", 3),
        ("krackhardt advice", "by show", 3),
        ("krackhardt reports", "by function", 3),
        ("southern-women", "by function", 5),
        ("cdnow", "by function", 8),
        ("collegemsg", "by show", 14),
        ("nhsr-slack-analytics", "by show", 2),
        ("nhsr-slack-analytics", "by function", 4),
        ("vivainsights-sample", "by show", 10),
    ],
)
def test_no_data_set_of_behaviour_is_missing(behaviour: Sequence[Row], dataset: str, by: str, figures: int) -> None:
    assert sum(row.data == dataset and row.how == by for row in behaviour) == figures


def test_a_row_agrees_to_half_of_its_last_digit() -> None:
    near = Row("nps", "wave", "p - d", "typed", "all", "by show", 40.04, 40.0, 1)
    far = Row("nps", "wave", "p - d", "typed", "all", "by show", 40.06, 40.0, 1)
    assert (near.agrees, far.agrees) == (True, False)
    assert write_rows([near]).splitlines()[-1].endswith("| by show | 40.04 | 40.0 | published | 0.04 |")
