"""A row of shares with one hole gave the hole away, and digits of a harmless number gave sizes away.

Where a group's ties go is a row that adds up to 1. With the share towards a small team left out, 1 less the rest is
that share. And the expected E-I of the whole is 1 - 2 sum n(n - 1) / (N(N - 1)): with all its digits the sizes of two
withheld teams follow from it.
"""

from datetime import date

import duckdb
import pandas as pd
import pytest

from data.store import opened
from metrics.disclosure import withhold
from metrics.metric import RESULT_COLUMNS
from metrics.mixing import expected_index
from tests.facts import cells_of, warehouse_of

# Teams of 12, 11, 6 and 3: D is below five and takes C, the next smallest, with it.
SIZES = {"A": 12, "B": 11, "C": 6, "D": 3}


def release() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Raw cells of a community with two small teams, and what the gate lets out to managers."""
    people = [(f"{team.lower()}{n:02}", team) for team, size in SIZES.items() for n in range(size)]
    names = [name for name, _ in people]
    talk = "| at | from | to |\n" + "".join(
        f"| 2026-02-03 09:00 | {name} | {names[(place + step) % len(names)]} |\n"
        for place, name in enumerate(names)
        for step in (1, 5, 13)
    )
    with warehouse_of(
        members="| who | team |\n" + "".join(f"| {name} | {team} |\n" for name, team in people),
        interactions=talk,
        covers=("2026-01-01", "2026-03-31"),
    ) as connection:
        cells = cells_of(connection, date(2026, 4, 1))
    return cells, through_the_gate(cells)


def through_the_gate(cells: pd.DataFrame) -> pd.DataFrame:
    wanted = cells[cells["metric"].isin(["ei_index", "group_ties"])]
    with opened(":memory:") as connection:
        connection.register("wanted", wanted.astype(object).where(wanted.notna(), None))
        columns = dict.fromkeys((*RESULT_COLUMNS[:6], "verdict", "status"), "varchar")
        typed = ", ".join(f"cast({name} as {columns.get(name, 'double')}) as {name}" for name in RESULT_COLUMNS)
        connection.execute(
            f"""create table results as
                select {typed}
                from (select * replace (coalesce(value, numerator / denominator) as value), null as verdict, 'final' as status from wanted)"""
        )
        connection.execute("create table survey_waves (wave varchar, previous varchar)")
        connection.execute("create table survey_items (item_id varchar, wave varchar, construct varchar)")
        withhold(connection, "results", "released", 5)
        return as_frame(connection)


def as_frame(connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    return connection.execute("from released").df()


def test_rows_are_shares_of_the_groups_that_are_shown() -> None:
    cells, shown = release()
    ties = shown[(shown["metric"] == "group_ties") & shown["value"].notna()]
    assert set(ties["breakdown"]) == {f"{one} > {other}" for one in "AB" for other in "AB"}
    naive = cells[(cells["metric"] == "group_ties") & cells["breakdown"].isin(["A > A", "A > B"])]
    hole = 1 - (naive["numerator"] / naive["denominator"]).sum()
    assert 0 < hole < 1, "the naive row gives the share that goes to the withheld teams"
    for row in "AB":
        assert ties.loc[ties["breakdown"].str.startswith(f"{row} >"), "value"].sum() == 1
    hidden = shown[(shown["metric"] == "group_ties") & shown["breakdown"].str.contains("C|D")]
    assert set(hidden["status"]) == {"withheld"}
    assert hidden[["value", "numerator", "denominator", "people"]].isna().all(axis=None)


def sizes_that_fit(expected: float, digits: int, people: int, known: list[int]) -> set[tuple[int, int]]:
    """Pairs of sizes of two withheld teams that agree with the expected value."""
    rest = people - sum(known)
    fits = set()
    for one in range(1, rest // 2 + 1):
        sizes = [*known, one, rest - one]
        if round(1 - 2 * sum(n * (n - 1) for n in sizes) / (people * (people - 1)), digits) == round(expected, digits):
            fits.add((one, rest - one))
    return fits


def test_the_expected_value_does_not_give_sizes_away() -> None:
    cells, shown = release()
    raw, out = (
        float(frame.loc[(frame["metric"] == "ei_index") & (frame["segment"] == "all"), "expected"].iloc[0])
        for frame in (cells, shown)
    )
    known = [SIZES["A"], SIZES["B"]]
    assert sizes_that_fit(raw, 9, sum(SIZES.values()), known) == {(3, 6)}, "all digits: solved"
    assert sizes_that_fit(out, 9, sum(SIZES.values()), known) == set()
    alike = expected_index([*known, 4.5, 4.5])
    assert out == pytest.approx(alike), "the same for teams of 4 and 5, or of 2 and 7"


def test_a_whole_is_shown_though_a_group_is_not() -> None:
    _, shown = release()
    index = shown[shown["metric"] == "ei_index"].set_index("segment")
    assert list(index["status"].loc[["all", "A", "B", "C", "D"]]) == ["final", "final", "final", "withheld", "withheld"]
