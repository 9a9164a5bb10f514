"""What was shown before and is shown now, together.

A group that grew from three to thirty was what an older whole had left over beside the groups that were as before. One
correction hid behind eleven of another question. A dimension that was away from the settings came back with what had moved
meanwhile. Of a ledger from before fingerprints nothing was held against what is shown now.
"""

import json
from pathlib import Path

import numpy as np
import pytest

from data.settings import Thresholds
from metrics.ledger import FILE as RELEASED
from metrics.shown_answers import FILE
from tests.shown_again import release, scores_of, sizes_of
from tests.whole_waves import Rows, people, spread

SITES = ("team", "site")
DIVISIONS = ("team", "division")


def in_place(rows: Rows, **places: str) -> Rows:
    """In a site, or each team in its division."""
    return [
        row | places | {"division": {"Desk": "South", "Shop": "South"}.get(str(row["team"]), "North")} for row in rows
    ]


# A group that comes out of hiding or goes into it


def test_a_group_that_grows_out_of_hiding_is_not_told_as_it_was(home: Path) -> None:
    """63 as they were less the 30 of Care and the 30 of Lab, who said nothing else since."""
    rows = spread(("Care", 0, 30), ("Lab", 30, 30), ("Hub", 60, 3))
    assert set(sizes_of(release(home, rows))) == {"all", "Lab"}
    assert sizes_of(release(home, rows + spread(("Hub", 63, 27))))["all"] == 63
    others_too = rows + spread(("Hub", 63, 27), ("Care", 100, 12))
    assert sizes_of(release(home, others_too)) == {"all": 102, "Care": 42, "Lab": 30, "Hub": 30}


def test_a_group_that_shrinks_into_hiding_is_not_told(home: Path) -> None:
    """63 as they are less the 30 of Care and the 30 of Lab, as they were shown before."""
    rows = spread(("Care", 0, 30), ("Lab", 30, 30), ("Hub", 60, 30))
    release(home, rows)
    assert sizes_of(release(home, rows[:63])) == {"all": 90, "Care": 30, "Lab": 30, "Hub": 30}


def test_every_role_has_one_threshold(home: Path) -> None:
    """With 10 for all of them the sum over the hidden groups was taken twice, so six were twelve."""
    rows = spread(("Care", 0, 30), ("Lab", 30, 30), ("Hub", 60, 6))
    ten = Thresholds(manager=10)
    assert set(sizes_of(release(home, rows, thresholds=ten))) == {"all", "Lab"}
    assert sizes_of(release(home, rows + spread(("Hub", 66, 27)), thresholds=ten))["all"] == 66


def test_a_whole_that_a_role_was_not_shown_gives_nobody_away_to_it(home: Path) -> None:
    """Eight are too few for leaders; they had kept the wave as it was for good."""
    assert sizes_of(release(home, people(8))) == {"all": 8, "Care": 8}
    grown = spread(("Care", 0, 60), ("Lab", 60, 60), ("Hub", 120, 60))
    assert sizes_of(release(home, grown)) == {"all": 180, "Care": 60, "Lab": 60, "Hub": 60}


def test_a_question_that_three_of_a_group_answered(home: Path) -> None:
    """Hub is 12, and 32 later; of its first answers to the second question there are three."""
    rows = spread(("Care", 0, 30), ("Lab", 30, 30), ("Hub", 60, 12))
    rows = [row | ({"told": None} if place >= 63 else {}) for place, row in enumerate(rows)]
    before = sizes_of(release(home, rows), "told")
    assert set(before) == {"all", "Lab"}
    assert sizes_of(release(home, rows + spread(("Hub", 80, 20))), "told") == before


def test_a_group_that_changed_another_question_is_as_it_was_in_this_one(home: Path) -> None:
    rows = spread(("Care", 0, 30), ("Lab", 30, 30), ("Hub", 60, 3))
    release(home, rows)
    told = [row | ({"told": 1 + int(str(row["told"])) % 5} if place < 12 else {}) for place, row in enumerate(rows)]
    assert sizes_of(release(home, told + spread(("Hub", 63, 27))))["all"] == 63


def test_a_team_that_grows_inside_a_division(home: Path) -> None:
    """44 of North as they were less the 20 of Care and the 21 of Lab."""
    rows = in_place(spread(("Care", 0, 20), ("Lab", 20, 21), ("Hub", 41, 3), ("Desk", 50, 30), ("Shop", 80, 15)))
    assert {"North", "South"} < set(sizes_of(release(home, rows, dimensions=DIVISIONS)))
    grown = rows + in_place(spread(("Hub", 200, 27), ("Shop", 300, 12)))
    assert sizes_of(release(home, grown, dimensions=DIVISIONS))["North"] == 44


@pytest.mark.parametrize("late", [12, 27])
def test_a_small_group_that_stays_small_holds_nothing_up(home: Path, late: int) -> None:
    rows = spread(("Care", 0, 30), ("Lab", 30, 40), ("Hub", 70, 3))
    release(home, rows)
    assert sizes_of(release(home, rows + spread(("Lab", 80, late))))["all"] == 73 + late


def test_who_was_hidden_beside_a_small_group_stays_hidden_and_the_others_shown(home: Path) -> None:
    """Care has grown past Lab, which was shown: all three vanished, as either would have told of those without a team."""
    rows = spread(("Care", 0, 30), ("Lab", 30, 40), ("Desk", 80, 60), (None, 150, 3))
    assert sizes_of(release(home, rows)) == {"all": 133, "Lab": 40, "Desk": 60}
    assert sizes_of(release(home, rows + spread(("Care", 200, 20)))) == {"all": 153, "Lab": 40, "Desk": 60}


def test_beside_a_small_group_who_was_shown_before_stays_shown(home: Path) -> None:
    """Care is hidden beside Hub; forty come to Care, and Lab, the smaller one then, was shown before with what it says now."""
    rows = spread(("Care", 0, 20), ("Lab", 30, 30), ("Hub", 90, 3))
    assert set(sizes_of(release(home, rows))) == {"all", "Lab"}
    assert sizes_of(release(home, rows + spread(("Care", 100, 40)))) == {"all": 93, "Lab": 30}, (
        "93 less Care anew and Lab is Hub"
    )


# Corrections


@pytest.mark.parametrize("of_told", [1, 0, 11])
def test_one_correction_behind_eleven_of_another_question(home: Path, of_told: int) -> None:
    """Eleven of each are shown, and eleven of one of them: nobody is one of few then."""
    rows = people(40)
    before = release(home, rows)
    corrected = [
        row | ({"heard": 5} if place < 14 else {}) | ({"told": 1} if place >= 40 - of_told else {})
        for place, row in enumerate(rows)
    ]
    after = release(home, corrected)
    assert (scores_of(after) == scores_of(before)) is (of_told == 1)
    assert (scores_of(after, "told") == scores_of(before, "told")) is (of_told < 11)


def test_one_correction_behind_late_ones_who_left_the_question_out(home: Path) -> None:
    rows = people(40)
    before = scores_of(release(home, rows), "told")
    late = people(11, 50, told=None)
    assert scores_of(release(home, [rows[0] | {"told": 5}, *rows[1:], *late]), "told") == before


def test_one_correction_behind_two_columns_that_were_swapped(home: Path) -> None:
    """Ten questions; two of them changed places in forty lines, and one person said something else to a third."""
    items = [f"q{number}" for number in range(10)]
    bank = "| item | min | max |\n" + "".join(f"| {item} | 1 | 5 |\n" for item in items)
    drawn = np.random.default_rng(7).integers(1, 6, (120, 10))
    said = [{"team": "Care"} | dict(zip(items, map(int, row), strict=True)) for row in drawn]
    before = release(home, said, items=bank)
    swapped = [row | ({"q0": row["q1"], "q1": row["q0"]} if place < 40 else {}) for place, row in enumerate(said)]
    one_more = [*swapped[:100], swapped[100] | {"q2": 1 + int(str(said[100]["q2"])) % 5}, *swapped[101:]]
    assert scores_of(release(home, one_more, items=bank), "q2") == scores_of(before, "q2")
    assert scores_of(release(home, swapped, items=bank), "q0") != scores_of(before, "q0")


# Dimensions that come and go


def test_a_dimension_that_was_away_comes_back_without_what_moved_meanwhile(home: Path) -> None:
    """Care anew is one more than was shown."""
    rows = in_place(spread(("Care", 0, 30), ("Lab", 30, 30)), site="North")
    release(home, rows)
    more = rows + in_place(spread(("Care", 60, 1), ("Lab", 61, 12)), site="North")
    assert sizes_of(release(home, more, dimensions=("site",))) == {"all": 73, "North": 73}
    assert sizes_of(release(home, more)) == {"all": 73}
    many = rows + in_place(spread(("Care", 60, 15), ("Lab", 61, 30)), site="North")
    assert sizes_of(release(home, many)) == {"all": 105, "Care": 45, "Lab": 60}


def test_a_dimension_that_was_away_comes_back_where_nothing_small_moved(home: Path) -> None:
    rows = in_place(spread(("Care", 0, 30), ("Lab", 30, 30)), site="North")
    release(home, rows)
    more = rows + in_place(spread(("Care", 60, 10), ("Lab", 70, 12)), site="North")
    release(home, more, dimensions=("site",))
    assert sizes_of(release(home, more)) == {"all": 82, "Care": 40, "Lab": 42}


# What an older version wrote


def test_a_figure_from_before_fingerprints_is_known_where_it_is_as_it_was(home: Path) -> None:
    """Lab was shown, and Care has grown past it: 93 less 60 less 30 is Hub."""
    rows = spread(("Care", 0, 20), ("Lab", 30, 30), ("Hub", 90, 3))
    assert set(sizes_of(release(home, rows))) == {"all", "Lab"}
    ledger = home / RELEASED
    lines = [json.loads(line) for line in ledger.read_text(encoding="utf-8").splitlines()]
    ledger.write_text("".join(json.dumps({k: v for k, v in line.items() if k != "state"}) + "\n" for line in lines))
    (home / FILE).unlink()
    assert sizes_of(release(home, rows + spread(("Care", 100, 40)))) == {"all": 93, "Lab": 30}
