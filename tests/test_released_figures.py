"""The ledger of released survey figures: what was shown stands while fewer than k people's answers have changed."""

import json
from pathlib import Path

import duckdb
import pytest

from metrics.disclosure import withhold
from metrics.ledger import FILE, read_released, remember_released
from metrics.standing import let_stand
from tests.waves import measured, repeated, waves_of

ITEMS = """
| item  | min | max | construct |
| heard | 1   | 5   | voice     |
"""


def said(favourable: int, people: int) -> dict[str, object]:
    return {"spring": repeated(heard={4: favourable, 2: people - favourable}).assign(team="Care")}


def publish(connection: duckdb.DuckDBPyConnection, home: Path, snapshot: str) -> int:
    """The survey half of a publish, for one role; returns how many figures stand."""
    measured(connection)
    standing = let_stand(connection, home, "survey_results", {"manager": 5}, 5)
    withhold(connection, "survey_results", "released_manager", 5)
    remember_released(connection, home, "released_manager", "manager", snapshot)
    return standing


def favourable(home: Path) -> tuple[float, int]:
    shown = read_released(home, "manager").query(
        "metric == 'favourable' and segment == 'Care' and breakdown == 'heard'"
    )
    (row,) = shown.to_dict("records")
    return row["value"], row["people"]


def add_answers(connection: duckdb.DuckDBPyConnection, people: int) -> None:
    """A later upload with so many more respondents of Care, all unfavourable."""
    connection.execute(
        "insert into batches select * replace (batch + 1 as batch) from batches order by batch desc limit 1"
    )
    known = connection.execute("select max(respondent) from respondents").fetchone()
    first = (known[0] if known else 0) + 1
    for number in range(first, first + people):
        connection.execute(
            "insert into respondents values ('spring', ?, ?, '2026-03-02', (select max(batch) from batches), ?)",
            [number, str(number), number + 2],
        )
        connection.execute("insert into respondent_segments values ('spring', ?, 'team', 'Care')", [number])
        connection.execute(
            "insert into answers by name select 'spring' as wave, ? as respondent, 'heard' as item_id, 2.0 as code, 25.0 as score, false as not_applicable",
            [number],
        )


def test_a_figure_is_written_once_and_kept(home: Path) -> None:
    with waves_of(items=ITEMS, said=said(15, 30)) as connection:
        assert publish(connection, home, "first") == 0
        before = (home / FILE).read_text(encoding="utf-8")
        publish(connection, home, "second")
        assert (home / FILE).read_text(encoding="utf-8") == before, "nothing new was shown"
    assert favourable(home) == (0.5, 30)
    line = json.loads(before.splitlines()[0])
    assert {"role", "snapshot", "at", "state", "metric", "segment", "value"} <= set(line)
    assert line["snapshot"] == "first"


@pytest.mark.parametrize(("more", "shown"), [(1, (0.5, 30)), (4, (0.5, 30)), (5, (15 / 35, 35)), (10, (15 / 40, 40))])
def test_the_newest_answers_are_not_told_apart(home: Path, more: int, shown: tuple[float, int]) -> None:
    """30 and then 31 answers are that one person's answer; five more together are a group."""
    with waves_of(items=ITEMS, said=said(15, 30)) as connection:
        publish(connection, home, "first")
        add_answers(connection, more)
        standing = publish(connection, home, "second")
    assert (standing > 0) == (more < 5)
    assert favourable(home) == pytest.approx(shown)


def test_answers_that_come_one_by_one_are_never_one_apart(home: Path) -> None:
    """Figures go on only when five people have come since those that were shown."""
    with waves_of(items=ITEMS, said=said(15, 30)) as connection:
        publish(connection, home, "0")
        sizes = []
        for number in range(6):
            add_answers(connection, 1)
            publish(connection, home, str(number + 1))
            sizes.append(favourable(home)[1])
    assert sizes == [30, 30, 30, 30, 35, 35]
