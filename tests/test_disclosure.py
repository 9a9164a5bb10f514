"""The gate: nothing about a small group leaves, and nothing that lets one be computed."""

import duckdb
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.errors import HearthError
from data.store import opened
from metrics.attack import attack
from metrics.disclosure import withhold
from metrics.metric import RESULT_COLUMNS


def results(
    connection: duckdb.DuckDBPyConnection,
    people: dict[str, int],
    *,
    grain: str = "week",
    metric: str = "active_members",
    in_no_group: int = 0,
) -> None:
    """Temp table `results`: one table of segments with as many people as given, half of them active, and the whole."""
    connection.execute("create or replace temp table survey_waves (wave varchar, previous varchar)")
    connection.execute("create or replace temp table survey_items (item_id varchar, wave varchar, construct varchar)")
    connection.execute(
        """create or replace temp table results (
               metric varchar, grain varchar, period varchar, dimension varchar, segment varchar, breakdown varchar,
               value double, numerator double, denominator double, people bigint, low double, high double,
               expected double, p double, verdict varchar, status varchar)"""
    )
    whole = {("all", "all"): sum(people.values()) + in_no_group}
    for (dimension, segment), n in (whole | {("team", name): n for name, n in people.items()}).items():
        connection.execute(
            "insert into results values (?, ?, '2026-01-05', ?, ?, 'all', 0.5, ?, ?, ?, 0.4, 0.6, 0.5, 0.2, 'not tested', 'final')",
            [metric, grain, dimension, segment, n / 2, n, n],
        )


def shown(connection: duckdb.DuckDBPyConnection, table: str = "released") -> set[str]:
    return {
        segment
        for (segment,) in connection.execute(
            f"select segment from {table} where dimension <> 'all' and status <> 'withheld'"
        ).fetchall()
    }


def test_a_small_group_takes_the_next_smallest_with_it() -> None:
    """Finance has 3; the whole less the others would give it away, so Legal (7) goes too: 3 + 7 people, 2 groups."""
    with opened(":memory:") as connection:
        results(connection, {"Care": 40, "Digital": 20, "Legal": 7, "Finance": 3})
        withhold(connection, "results", "released", 5)
        assert shown(connection) == {"Care", "Digital"}
        whole = connection.execute("select people from released where dimension = 'all'").fetchall()
        assert whole == [(70,)], "behaviour of everybody is shown"


def test_two_small_groups_hide_each_other_only_when_they_are_k_together() -> None:
    with opened(":memory:") as connection:
        results(connection, {"Care": 40, "Digital": 20, "Legal": 4, "Finance": 3})
        withhold(connection, "results", "released", 5)
        assert shown(connection) == {"Care", "Digital"}, "4 + 3 people are enough"
        results(connection, {"Care": 40, "Digital": 20, "Legal": 2, "Finance": 2})
        withhold(connection, "results", "released", 5)
        assert shown(connection) == {"Care"}, "2 + 2 are 4, so Digital goes too"


def test_an_empty_group_hides_nobody() -> None:
    with opened(":memory:") as connection:
        results(connection, {"Care": 40, "Digital": 20, "Legal": 3, "Empty": 0})
        withhold(connection, "results", "released", 5)
        assert shown(connection) == {"Care", "Empty"}


def test_a_withheld_row_holds_no_number_at_all() -> None:
    with opened(":memory:") as connection:
        results(connection, {"Care": 40, "Finance": 3})
        withhold(connection, "results", "released", 5)
        row = connection.execute("select * from released where segment = 'Finance'").df().iloc[0]
    numbers = list(RESULT_COLUMNS[6:15])
    assert row[numbers].isna().all()
    assert row["status"] == "withheld"


def test_answers_of_a_tiny_wave_are_withheld_as_a_whole() -> None:
    with opened(":memory:") as connection:
        results(connection, {"Care": 2, "Finance": 2}, grain="wave", metric="favourable")
        withhold(connection, "results", "released", 5)
        assert connection.execute("select count(*) from released where status <> 'withheld'").fetchone() == (0,)


def test_a_segment_that_does_not_say_its_people_is_refused() -> None:
    with opened(":memory:") as connection:
        results(connection, {"Care": 40})
        connection.execute("update results set people = null where segment = 'Care'")
        with pytest.raises(HearthError, match="active_members does not say how many people"):
            withhold(connection, "results", "released", 5)


@given(st.lists(st.integers(0, 30), min_size=1, max_size=8))
def test_what_is_hidden_is_never_one_group_or_fewer_than_k_people(sizes: list[int]) -> None:
    """Unless everything is hidden, in every table and for both roles, and the leader never sees what the manager does not."""
    groups = {f"g{number}": size for number, size in enumerate(sizes)}
    with opened(":memory:") as connection:
        results(connection, groups)
        withhold(connection, "results", "manager", 5)
        withhold(connection, "manager", "leader", 10)
        for table, k in (("manager", 5), ("leader", 10)):
            visible = shown(connection, table)
            hidden = {name: n for name, n in groups.items() if name not in visible and n > 0}
            assert all(n >= k or n == 0 for name, n in groups.items() if name in visible)
            left = {name: n for name, n in groups.items() if name in visible and n > 0}
            assert not hidden or not left or (len(hidden) >= 2 and sum(hidden.values()) >= k)
        assert shown(connection, "leader") <= shown(connection, "manager")


@given(st.lists(st.integers(0, 30), min_size=1, max_size=8), st.integers(0, 15), st.booleans())
def test_the_whole_less_the_groups_shown_is_nobody_or_k_people(
    sizes: list[int], in_no_group: int, is_asked: bool
) -> None:
    """Whoever those are: of a withheld group, or of none. Where some are of none, they are the second group hidden."""
    groups = {f"g{number}": size for number, size in enumerate(sizes)}
    grain, metric = ("wave", "favourable") if is_asked else ("week", "active_members")
    with opened(":memory:") as connection:
        results(connection, groups, grain=grain, metric=metric, in_no_group=in_no_group)
        withhold(connection, "results", "manager", 5, "results")
        withhold(connection, "manager", "leader", 10, "results")
        for table, k in (("manager", 5), ("leader", 10)):
            visible = {name: groups[name] for name in shown(connection, table) if groups[name]}
            left = sum(groups.values()) + in_no_group - sum(visible.values())
            hidden = [name for name, n in groups.items() if n and name not in visible]
            assert not visible or left == 0 or left >= k
            assert not visible or len(hidden) != 1 or in_no_group
            assert "difference" not in set(attack(connection, table, k).recovered["how"])
        assert shown(connection, "leader") <= shown(connection, "manager")


def test_a_change_is_withheld_where_either_of_its_waves_is() -> None:
    with opened(":memory:") as connection:
        results(connection, {"Care": 40, "Digital": 30, "Legal": 20})
        connection.execute("insert into survey_waves values ('autumn', 'spring'), ('spring', null)")
        for segment in ("Care", "Digital"):
            for metric, period, status in (
                ("favourable", "autumn", "final"),
                ("favourable", "spring", "withheld" if segment == "Digital" else "final"),
            ):
                connection.execute(
                    "insert into results values (?, 'wave', ?, 'team', ?, 'voice', 0.5, 5, 10, 10, 0, 1, null, null, null, ?)",
                    [metric, period, segment, status],
                )
            connection.execute(
                "insert into results values ('wave_change', 'wave', 'autumn', 'team', ?, 'favourable:voice', -6, null, null, "
                "10, -9, -3, null, 0.01, 'declined', 'final')",
                [segment],
            )
        withhold(connection, "results", "released", 5)
        changes = connection.execute(
            "select segment, status, value from released where metric = 'wave_change' order by segment"
        ).df()
    assert list(changes["status"]) == ["withheld", "withheld"], "Digital's spring was hidden, and Care's with it"
    assert changes["value"].isna().all()
    assert pd.isna(changes["value"].iloc[0])
