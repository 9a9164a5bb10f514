"""Ties, silos and bridges on graphs that a person can draw. One quarter: January to March 2026."""

from datetime import date
from itertools import combinations, permutations
from math import comb, isnan

import numpy as np
import pandas as pd
import pytest

from metrics.graph import Graph, Groups
from metrics.mixing import _by_moments, _permute, expected_index, expected_of_group, measure_mixing, mix_of
from metrics.network import measure_network, rank_bridges
from tests.facts import cells_of, value, warehouse_of

QUARTER = "2026-01-01"
AS_OF = date(2026, 4, 1)
COVERS = ("2026-01-01", "2026-03-31")


def drawn(ties: str, *, teams: str, staff: str = "") -> Graph:
    """A graph of people a, b, c …: ties like "ab bc", their teams in order, and which of them are staff."""
    names = sorted(set(teams))
    ends = [sorted(ord(end) - ord("a") for end in tie) for tie in ties.split()]
    return Graph(
        QUARTER,
        np.arange(len(teams)),
        np.array([chr(ord("a") + place) not in staff for place in range(len(teams))]),
        {"team": Groups(tuple(names), np.array([names.index(team) for team in teams]))},
        np.array([a for a, _ in ends], dtype=np.int64),
        np.array([b for _, b in ends], dtype=np.int64),
        np.zeros(len(ends), dtype=bool),
    )


def measured(graph: Graph) -> pd.DataFrame:
    return pd.DataFrame([*measure_network(graph), *measure_mixing(graph, 10)])


TALK = """
| at               | from | to  |
| 2026-01-06 09:00 | ann  | bob |
| 2026-01-07 09:00 | bob  | ann |
| 2026-02-03 09:00 | ann  | cyd |
| 2026-02-04 09:00 | ann  | cyd |
| 2026-03-03 09:00 | dan  | eve |
| 2026-03-03 10:00 | eve  | fay |
| 2026-03-03 11:00 | ann  | ann |
| 2026-03-04 09:00 | sam  | ann |
| 2026-03-04 10:00 | fay  | sam |
"""
PEOPLE = """
| who | team | type  |
| ann | A    |       |
| bob | A    |       |
| cyd | B    |       |
| dan | B    |       |
| eve | B    |       |
| fay | C    |       |
| gus | C    |       |
| sam | A    | staff |
"""


def test_density_isolates_reciprocity_and_the_largest_part() -> None:
    """Ties: ann-bob (both ways), ann-cyd, dan-eve, eve-fay. Gus has none; Sam is staff. Parts: {ann bob cyd}, {dan eve fay}, {gus}."""
    with warehouse_of(members=PEOPLE, interactions=TALK, covers=COVERS) as connection:
        cells = cells_of(connection, AS_OF)
    assert value(cells, "network_density", QUARTER) == 4 / (7 * 6 / 2)
    assert value(cells, "isolates", QUARTER) == 1 / 7
    assert value(cells, "reciprocity", QUARTER) == 1 / 4
    assert value(cells, "giant_component", QUARTER) == 3 / 7
    assert value(cells, "network_density", QUARTER, segment="B") == 1 / 3, "dan-eve of three pairs"
    assert value(cells, "reciprocity", QUARTER, segment="B") == 0, "ann-cyd, dan-eve, eve-fay"
    assert value(cells, "isolates", QUARTER, segment="C") == 1 / 2
    assert value(cells, "network_density", QUARTER, segment="C") == 0


def test_the_community_falls_apart_without_its_bridges_or_its_staff() -> None:
    """With Sam, who talks with Ann and Fay, seven of eight hang together; without, two threes; without the three bridges, nobody."""
    with warehouse_of(members=PEOPLE, interactions=TALK, covers=COVERS) as connection:
        cells = cells_of(connection, AS_OF)
    assert value(cells, "fragility", QUARTER, breakdown="as is") == 7 / 8
    assert value(cells, "fragility", QUARTER, breakdown="without staff") == 3 / 7
    # Other teams: ann B; cyd A; eve C; fay A (Sam) and B. First fay; then ann, eve before cyd by their number of ties.
    assert value(cells, "fragility", QUARTER, breakdown="without top three") == 0, "of the five left nobody has a tie"


def test_silo_index_and_its_expected_value() -> None:
    """Ties across: ann-cyd, eve-fay; inside: ann-bob, dan-eve. Groups of 2, 3, 2 among 7."""
    with warehouse_of(members=PEOPLE, interactions=TALK, covers=COVERS) as connection:
        cells = cells_of(connection, AS_OF)
    assert value(cells, "ei_index", QUARTER, dimension="team") == (2 - 2) / 4
    assert value(cells, "ei_index", QUARTER, dimension="team", column="expected") == pytest.approx(
        1 - 2 * (2 * 1 + 3 * 2 + 2 * 1) / (7 * 6)
    )
    assert value(cells, "ei_index", QUARTER, segment="B") == (2 - 1) / 3
    assert value(cells, "ei_index", QUARTER, segment="B", column="people") == 3
    assert value(cells, "ei_index", QUARTER, segment="B", column="expected") == pytest.approx(
        (14 - 9 + 1) / (14 - 3 - 1)
    )


def test_ties_from_group_to_group_are_shares_of_the_group_they_start_from() -> None:
    with warehouse_of(members=PEOPLE, interactions=TALK, covers=COVERS) as connection:
        cells = cells_of(connection, AS_OF)
    rows = {"A > A": 1 / 2, "A > B": 1 / 2, "A > C": 0, "B > A": 1 / 3, "B > B": 1 / 3, "B > C": 1 / 3, "C > B": 1}
    for breakdown, share in rows.items():
        assert value(cells, "group_ties", QUARTER, breakdown=breakdown) == share, breakdown


def test_ties_are_new_kept_or_lost() -> None:
    """January: ann-bob. February: ann-cyd. March: dan-eve, eve-fay."""
    with warehouse_of(members=PEOPLE, interactions=TALK, covers=COVERS) as connection:
        cells = cells_of(connection, AS_OF)
    flows = {
        period: [value(cells, "tie_flow", period, grain="month", breakdown=flow) for flow in ("new", "kept", "lost")]
        for period in ("2026-02-01", "2026-03-01")
    }
    assert flows == {"2026-02-01": [1, 0, 1], "2026-03-01": [2, 0, 1]}
    assert isnan(value(cells, "tie_flow", "2026-01-01", grain="month", breakdown="new")), "there is no month before"


def test_expected_values_of_the_catalogue() -> None:
    assert expected_index([25] * 4) == pytest.approx(1 - 8 * 25 * 24 / (100 * 99))
    assert round(expected_index([25] * 4), 3) == 0.515
    assert round(expected_index([90, 10]), 3) == -0.636
    five = drawn("ab ac ad ae bc bd", teams="xxxxx")
    assert measured(five).query("metric == 'network_density'")["numerator"].iloc[0] / comb(5, 2) == 0.60


@pytest.mark.parametrize("ties", ["ab cd", "ab bc", "ab ac ad be cf"])
def test_expected_values_are_the_means_over_all_ways_to_deal_the_groups_out(ties: str) -> None:
    """The whole's by counting every permutation; a group's as the ratio of the means of its two counts."""
    teams = "xxxyyz"
    ends = [(ord(tie[0]) - 97, ord(tie[1]) - 97) for tie in ties.split()]
    across, inside, outward = 0, 0, 0
    for dealt in set(permutations(teams)):
        for a, b in ends:
            across += dealt[a] != dealt[b]
            inside += dealt[a] == dealt[b] == "x"
            outward += (dealt[a] == "x") != (dealt[b] == "x")
    ways = len(set(permutations(teams)))
    assert expected_index([3, 2, 1]) == pytest.approx(2 * across / ways / len(ends) - 1)
    assert expected_of_group(3, 6) == pytest.approx((outward - inside) / (outward + inside))


def test_p_is_small_for_a_silo_and_the_two_ways_to_it_agree() -> None:
    silo = drawn(
        " ".join(a + b for group in ("abcdef", "ghijkl") for a, b in combinations(group, 2)) + " ag",
        teams="x" * 6 + "y" * 6,
    )
    mixed = drawn("ab cd ef gh ij kl ag bh ci dj ek fl", teams="xy" * 6)
    for graph, is_silo in ((silo, True), (mixed, False)):
        mix = mix_of(graph, graph.groups["team"])
        fair = np.array([expected_of_group(size, graph.size) for size in mix.sizes])
        drawn_p, drawn_groups = _permute(graph, "team", mix, fair)
        exact_p, exact_groups = _by_moments(graph, "team", mix, fair)
        assert (drawn_p < 0.01) is is_silo
        assert (exact_p < 0.01) is is_silo
        if not is_silo:
            assert drawn_p == pytest.approx(exact_p, abs=0.25), "a dozen ties give few different values"
            assert drawn_groups == pytest.approx(exact_groups, abs=0.25)


def test_the_variance_over_permutations_is_exact() -> None:
    """Every way to deal three groups out to seven people, counted one by one."""
    graph = drawn("ab ac ad be cf fg", teams="xxxyyyz")
    mix = mix_of(graph, graph.groups["team"])
    fair = np.array([expected_of_group(size, graph.size) for size in mix.sizes])
    whole, groups = _by_moments(graph, "team", mix, fair)
    counts, distances = [], []
    for dealt in permutations(mix.labels):
        labels = np.array(dealt)
        same = labels[mix.a] == labels[mix.b]
        inside = np.bincount(labels[mix.a][same], minlength=3)
        ends = np.bincount(labels, weights=mix.degrees, minlength=3)
        counts.append(inside.sum())
        distances.append((ends - 3 * inside) - fair * (ends - inside))
    from scipy import stats

    z = (mix.inside.sum() - np.mean(counts)) / np.std(counts)
    assert whole == pytest.approx(2 * stats.norm.sf(abs(z)))
    own_ends = np.bincount(mix.labels, weights=mix.degrees, minlength=3)
    own = (own_ends - 3 * mix.inside) - fair * (own_ends - mix.inside)
    spread = np.std(distances, axis=0)
    assert np.mean(distances, axis=0) == pytest.approx(np.zeros(3), abs=1e-9)
    for place in (0, 1):
        assert groups[place] == pytest.approx(2 * stats.norm.sf(abs(own[place]) / spread[place]))


def test_renaming_people_changes_neither_p_nor_fragility() -> None:
    ties, teams = "ab bc cd de ea af bg ch di ej fg hi", "xxxyyyzzzw"
    graph = drawn(ties, teams=teams, staff="j")
    shuffled = np.random.default_rng(5).permutation(len(teams))
    renamed = "".join(teams[int(np.flatnonzero(shuffled == place)[0])] for place in range(len(teams)))
    names = {chr(97 + old): chr(97 + int(new)) for old, new in enumerate(shuffled)}
    other = drawn("".join(names.get(letter, letter) for letter in ties), teams=renamed, staff=names["j"])
    keys = ["metric", "dimension", "segment", "breakdown"]
    one, two = (measured(which).sort_values(keys, ignore_index=True) for which in (graph, other))
    pd.testing.assert_frame_equal(one, two)


def test_bridges_are_ranked_by_the_number_of_other_teams() -> None:
    graph = drawn("ab ac ad be bf", teams="xyzwyy")
    teams, ties = graph.other_teams
    assert list(teams[:2]) == [3, 1]
    assert list(ties[:2]) == [3, 1], "b: a is of another team, e and f of the own"
    assert rank_bridges(graph)[0] == 0
