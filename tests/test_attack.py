"""The curious reader has teeth: usual rules are broken, and nothing of what the gate releases is."""

from collections.abc import Callable
from itertools import product

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from data.errors import HearthError
from metrics.attack import SCALES, attack
from metrics.audit import hold
from metrics.disclosure import withhold
from metrics.metric import RESULT_COLUMNS
from metrics.row_space import determined
from tests.curious import Reader, gate_of, organisation, results_of
from tests.facts import rows

K = 5

Rule = Callable[[dict[str, int]], set[str]]


def release(connection: duckdb.DuckDBPyConnection, k: int = K) -> pd.DataFrame:
    withhold(connection, "results", "released", k)
    hold(connection, "released", k, lambda table: withhold(connection, table, table, k, "results"))
    return connection.execute("from released order by all").df()


def test_forty_organisations_give_nothing_away_and_show_most_groups() -> None:
    """Trust's table, one dimension at a time: 40 organisations of 40 to 300 people, k = 5."""
    recovered = eligible = shown = 0
    for number in range(40):
        people = organisation(number)
        results = results_of(people)
        with gate_of(results) as connection:
            released = release(connection)
            assert attack(connection, "released", K).recovered.empty
        recovered += len(Reader(released, people, K).combine())
        large = set(results[(results["people"] >= K) & (results["dimension"] != "all")]["segment"])
        eligible += len(large)
        shown += len(large & set(released[released["status"] != "withheld"]["segment"]))
        assert released[released["status"] != "withheld"]["people"].min() >= K
    assert recovered == 0
    assert shown / eligible >= 0.85


def threshold_only(groups: dict[str, int]) -> set[str]:
    return {name for name, people in groups.items() if people < K}


def next_smallest(groups: dict[str, int]) -> set[str]:
    """Hidden until two groups are, however few people those are together."""
    hidden = threshold_only(groups)
    if len(hidden) == 1:
        hidden |= set(sorted((name for name in groups if name not in hidden), key=lambda name: groups[name])[:1])
    return hidden


@pytest.mark.parametrize("rule", [threshold_only, next_smallest])
def test_usual_rules_are_broken(rule: Rule) -> None:
    broken = 0
    for number in range(40):
        results = results_of(organisation(number))
        hidden: set[str] = set()
        for _, table in results[results["dimension"] != "all"].groupby("dimension"):
            hidden |= rule(dict(zip(table["segment"], table["people"], strict=True)))
        is_hidden = results["segment"].isin(hidden)
        numbers = ["value", "numerator", "denominator", "people"]
        results[numbers] = results[numbers].mask(is_hidden)
        with gate_of(results.assign(status=results["status"].mask(is_hidden, "withheld"))) as connection:
            broken += not attack(connection, "results", K).recovered.empty
    assert broken > 0


# Sums over periods


WEEKS = """
| grain | period     | starts_on  | ends_on    | people |
| month | 2026-06-01 | 2026-06-01 | 2026-06-30 | 9      |
| month | 2026-07-01 | 2026-07-01 | 2026-07-31 | 8      |
| month | 2026-08-01 | 2026-08-01 | 2026-08-31 | 3      |
| quarter | 2026-06-01 | 2026-06-01 | 2026-08-31 | 12   |
"""


def test_a_quarter_gives_its_withheld_month_away() -> None:
    periods = pd.DataFrame(rows(WEEKS))
    both = pd.concat([periods.assign(segment=segment) for segment in ("Care", "Law")])
    frame = both.assign(
        metric="show_up", dimension="team", breakdown="all", value=1.0, numerator=5.0, denominator=5.0,
        people=both["people"].astype(int) + (both["segment"] == "Law"),
    )  # fmt: skip
    frame = frame.assign(status=["withheld" if people < K else "final" for people in frame["people"]])
    with gate_of(frame.reindex(columns=list(RESULT_COLUMNS))) as connection:
        connection.register("drawn", periods)
        connection.execute(
            "create or replace temp table periods as select grain, period, starts_on::date as starts_on, ends_on::date as ends_on from drawn"
        )
        found = attack(connection, "results", K, additive=("show_up",)).recovered
    assert sorted(zip(found["segment"], found["period"], found["how"], strict=True)) == [
        ("Care", "2026-08-01", "sum"),
        ("Law", "2026-08-01", "sum"),
    ]
    assert set(found["through"]) == {"2026-07-01"}, "July is the smallest number that takes part"


# Nested groups


def test_a_division_gives_its_withheld_team_away() -> None:
    table = pd.DataFrame(
        rows("""
        | dimension | segment | people | status   |
        | all       | all     | 60     | final    |
        | division  | North   | 23     | final    |
        | division  | South   | 37     | final    |
        | team      | a       | 20     | final    |
        | team      | b       | 3      | withheld |
        | team      | c       | 30     | final    |
        | team      | d       | 7      | withheld |
    """)
    )
    frame = table.assign(
        metric="active_members",
        grain="week",
        period="2026-06-01",
        breakdown="all",
        value=0.5,
        people=table["people"].astype(int),
    ).reindex(columns=list(RESULT_COLUMNS))
    nested = {
        ("division", "North"): [("team", "a"), ("team", "b")],
        ("division", "South"): [("team", "c"), ("team", "d")],
    }
    with gate_of(frame) as connection:
        assert attack(connection, "results", K).recovered.empty, "by the teams alone b and d hide each other"
        found = attack(connection, "results", K, nested=[([""], nested)]).recovered
    assert list(found["segment"]) == ["b"], "d is large enough to be known"


def test_those_in_no_group_are_a_group_without_a_name() -> None:
    """Nothing is withheld, and the whole less the teams is three people. Of twelve nothing is known, nor of a Gini."""
    whole = nested_frame({("all", "all"): 63, ("team", "a"): 30, ("team", "b"): 30})
    with gate_of(whole) as connection:
        found = attack(connection, "results", K).recovered
        assert found[["dimension", "segment", "how"]].to_numpy().tolist() == [["team", "", "difference"]]
        connection.execute("create temp table released as from results")
        hold(connection, "released", K, lambda table: None)
        shown = connection.execute("select segment from released where status = 'final'").fetchall()
        assert shown == [("all",)], "the table is given up"
    for frame in (
        whole.assign(people=[72, 30, 30]),
        whole.assign(people=[59, 30, 30]),
        whole.assign(metric="contribution_gini"),
    ):
        with gate_of(frame) as connection:
            assert attack(connection, "results", K).recovered.empty


def test_those_in_no_group_are_counted_in_answers_of_a_wave() -> None:
    """The people of a construct are those of its least answered question, of which teams may have different ones."""
    drawn = nested_frame({("all", "all"): 63, ("team", "a"): 30, ("team", "b"): 30})
    wave = drawn.assign(metric="favourable", grain="wave", period="spring", breakdown="voice", numerator=np.nan)
    for people, answers, found in (([60, 30, 30], [63.0, 30.0, 30.0], 1), ([63, 30, 30], [60.0, 30.0, 30.0], 0)):
        with gate_of(wave.assign(people=people, denominator=answers)) as connection:
            assert len(attack(connection, "results", K).recovered) == found


def nested_frame(sizes: dict[tuple[str, str], int]) -> pd.DataFrame:
    """A week of groups with so many people each, before the gate."""
    rows = [
        {"dimension": dimension, "segment": segment, "people": people} for (dimension, segment), people in sizes.items()
    ]
    frame = pd.DataFrame(rows).assign(
        metric="active_members", grain="week", period="2026-06-01", breakdown="all", value=0.5, status="final"
    )
    people = frame["people"].astype(float)
    return frame.assign(numerator=people / 2, denominator=people).reindex(columns=list(RESULT_COLUMNS))


@given(st.lists(st.lists(st.integers(0, 12), min_size=1, max_size=4).filter(any), min_size=1, max_size=4))
def test_any_divisions_and_teams_can_be_published(divisions: list[list[int]]) -> None:
    """However small: tables are given up until nothing follows, and nothing is refused. A lone team is the whole itself."""
    teams = {(f"D{d}", f"D{d} t{t}"): people for d, sizes in enumerate(divisions) for t, people in enumerate(sizes)}
    sizes = {("all", "all"): sum(teams.values())}
    sizes |= {("division", f"D{d}"): sum(of) for d, of in enumerate(divisions)}
    sizes |= {("team", team): people for (_, team), people in teams.items()}
    with gate_of(nested_frame({cell: people for cell, people in sizes.items() if people})) as connection:
        for (division, team), people in teams.items():
            if people:
                connection.execute("insert into nesting values ('', 'team', ?, 'division', ?)", [team, division])
        released = release(connection)
        nested = {
            ("division", f"D{d}"): [("team", f"D{d} t{t}") for t, people in enumerate(of) if people]
            for d, of in enumerate(divisions)
        }
        assert attack(connection, "released", K, nested=[([""], nested)]).recovered.empty
    shown = released[released["status"] == "final"]
    assert (shown.loc[shown["dimension"] != "all", "people"] >= K).all()


# Intervals and earlier figures


def test_two_withheld_teams_of_one_mind_are_known() -> None:
    """The whole less the shown team leaves 8 answers, all favourable: whoever is withheld, they said yes."""
    table = pd.DataFrame(
        rows("""
        | dimension | segment | numerator | people | status   |
        | all       | all     | 18        | 28     | final    |
        | team      | a       | 10        | 20     | final    |
        | team      | b       | 3         | 3      | withheld |
        | team      | c       | 5         | 5      | withheld |
    """)
    )
    frame = table.assign(
        metric="favourable", grain="wave", period="spring", breakdown="q1", value=0.5,
        numerator=table["numerator"].astype(float), denominator=table["people"].astype(float), people=table["people"].astype(int),
    ).reindex(columns=list(RESULT_COLUMNS))  # fmt: skip
    with gate_of(frame) as connection:
        found = attack(connection, "results", K)
    assert sorted(found.recovered["segment"]) == ["b", "c"]
    assert set(found.recovered["how"]) == {"interval"}


@given(st.integers(2, 4), st.integers(2, 30), st.data())
def test_intervals_are_those_of_a_linear_program(groups: int, people: int, data: st.DataObject) -> None:
    """Of `groups` withheld groups with `people` answers, the widest interval of one's mean; the program has the size of the group fixed at one."""
    people = max(people, groups + 1)
    favourable = data.draw(st.integers(0, people))
    ends = []
    for sign in (1, -1):
        sizes = [1.0] + [(people - 1) / (groups - 1)] * (groups - 1)
        program = linprog(
            [sign] + [0] * (groups - 1), A_eq=[[1] * groups], b_eq=[favourable], bounds=[(0, n) for n in sizes]
        )
        ends.append(sign * program.fun)
    frame = pd.DataFrame(
        {
            "dimension": ["all", "team"] + ["team"] * groups,
            "segment": ["all", "shown", *(f"t{number}" for number in range(groups))],
            "numerator": [favourable + 4.0, 4.0] + [np.nan] * groups,
            "denominator": [people + 9.0, 9.0] + [np.nan] * groups,
            "people": pd.array([people + 9, 9] + [None] * groups, dtype="Int64"),
            "status": ["final", "final"] + ["withheld"] * groups,
        }
    ).assign(metric="favourable", grain="wave", period="spring", breakdown="q1", value=0.5)
    with gate_of(frame.reindex(columns=list(RESULT_COLUMNS))) as connection:
        widths = attack(connection, "results", 2).intervals["width"].astype(float)
    assert len(widths) == groups
    assert np.allclose(widths, ends[1] - ends[0])
    assert set(SCALES) >= {"favourable", "item_score", "nps"}


def test_a_figure_shown_before_with_one_person_fewer_gives_that_person_away() -> None:
    results = results_of(organisation(1))
    with gate_of(results) as connection:
        connection.execute(
            "create temp table remembered as select * replace (case when dimension = 'all' then people - 1 else people end as people) from results"
        )
        found = attack(connection, "results", K, remembered="remembered").recovered
    assert list(found["segment"]) == ["all"]


def test_what_cannot_be_held_back_is_refused() -> None:
    results = results_of(organisation(1)).query("dimension in ['all', 'team']")
    with gate_of(results) as connection:
        connection.execute(
            "create temp table remembered as select * replace (people + 1 as people) from results where dimension = 'all'"
        )
        connection.execute("create temp table released as from results")
        with pytest.raises(HearthError, match="could be worked out"):
            hold(connection, "released", K, lambda table: None, "remembered")


@given(st.lists(st.lists(st.sampled_from([-1, 0, 1]), min_size=4, max_size=4), min_size=1, max_size=5))
def test_determined_unknowns_are_those_in_the_row_space(lines: list[list[int]]) -> None:
    matrix = np.array(lines, dtype=float)
    rank = np.linalg.matrix_rank(matrix)
    for unknown, found in product(range(4), [determined(matrix)]):
        assert found[unknown] == (np.linalg.matrix_rank(np.vstack([matrix, np.eye(4)[unknown]])) == rank)
