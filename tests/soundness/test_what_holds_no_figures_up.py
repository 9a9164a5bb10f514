"""What holds no figures up: other people's answers, and the same answers counted otherwise.

What counted was how many there were, so a wrong file that somebody undid kept its figures beside the right one of nearly
the same size, and an index of other questions was taken for other answers.
"""

from pathlib import Path

import pytest

import pipeline
from ingest.importer import Details, Upload
from tests.shown_again import ITEMS as ITEMS_OF
from tests.shown_again import WAVE, release, scores_of, sizes_of
from tests.whole_waves import AS_OF, ITEMS, people, score, sizes, spread, take_in


def test_a_wrong_file_goes_when_the_right_one_comes(home: Path) -> None:
    """40 rows of another year, undone; the right file has 41."""
    take_in(home, people(40, told=5))
    pipeline.undo(home, 1, as_of=AS_OF)
    take_in(home, people(41))
    assert sizes(home) == {"all": 41, "Care": 41}


def test_a_wrong_file_with_another_small_team_holds_nothing_up(home: Path) -> None:
    """Seven of Hub, all of them others than the eight of the right file."""
    release(home, [{**row, "told": 5} for row in spread(("Care", 0, 30), ("Lab", 30, 30), ("Hub", 60, 7))])
    right = [{**row, "told": 4} for row in spread(("Care", 0, 31), ("Lab", 31, 30), ("Hub", 61, 8))]
    assert sizes_of(release(home, right))["all"] == 69


def test_a_wrong_file_with_other_blanks_and_small_teams_holds_nothing_up(home: Path) -> None:
    """One who gave no team, and a team of three, are others in the right file; they are hidden with a team, and it changed."""
    wrong = spread(("Care", 0, 30), ("Lab", 30, 30), (None, 60, 1), ("Hub", 61, 3))
    release(home, [{**row, "told": 5} for row in wrong])
    right = spread(("Care", 0, 31), ("Lab", 31, 30), (None, 70, 2), ("Hub", 72, 4))
    assert sizes_of(release(home, right))["all"] == 67


def test_another_wave_is_not_taken_for_one_that_is_gone(home: Path) -> None:
    release(home, people(40, told=5))
    found = release(home, {"autumn": people(41)}, waves=WAVE.format("autumn", "03"))
    assert sizes_of(found, wave="autumn")["all"] == 41


def test_the_next_pulse_is_not_taken_for_one_that_is_gone(home: Path) -> None:
    """With few questions many say the same in June as in May."""
    release(home, {"may": people(40)}, waves=WAVE.format("may", "05"))
    june = release(home, {"june": people(33) + people(8, 33, told=5)}, waves=WAVE.format("june", "06"))
    assert sizes_of(june, wave="june")["all"] == 41


def test_the_same_answers_scored_otherwise_are_shown_anew(home: Path) -> None:
    """The scale was upside down: nobody said anything else, so nothing is told of anybody."""
    take_in(home, people(41))
    first = score(home)
    pipeline.undo(home, 1, as_of=AS_OF)
    file, items = home.parent / "spring.csv", home.parent / "items.csv"
    items.write_text(ITEMS.replace("construct\n", "construct,reverse\n").replace("engagement\n", "engagement,yes\n"))
    details = Details(wave="spring", invited=400, items=items, opened="2026-03-01", closed="2026-03-15")  # type: ignore[arg-type]
    pipeline.take_in(home, [Upload(file, file.name, "survey", details, "me")], as_of=AS_OF)
    assert score(home) == 41 * 100 - first


def test_an_index_made_of_other_questions_is_no_other_answer(home: Path) -> None:
    """Forty answered the two, of whom two left the third out: it belongs to the index from now on."""
    rows = [row | {"third": None if number < 2 else 1 + number % 5} for number, row in enumerate(people(40))]
    bank = ITEMS_OF + "| third | 1 | 5 | {} |"
    before = release(home, rows, items=bank.format("other"))
    assert sizes_of(before, "all", "engagement_index")["all"] == 40
    after = release(home, rows, items=bank.format("engagement"))
    assert sizes_of(after, "all", "engagement_index")["all"] == 38


@pytest.mark.parametrize("late", [1, 12])
def test_a_column_that_came_later_changes_nobody_s_answer(home: Path, late: int) -> None:
    """Forty said one thing, and the export that has one more question has late ones too."""
    rows = people(40)
    before = release(home, [{name: cell for name, cell in row.items() if name != "told"} for row in rows])
    after = release(home, rows + people(late, 50))
    assert sizes_of(after)["all"] == (40 if late == 1 else 52)
    assert (scores_of(after) == scores_of(before)) is (late == 1)


def test_a_dimension_that_is_shown_from_now_on_holds_nothing_up(home: Path) -> None:
    """One small site would count as new people."""
    said = people(38, site="North") + people(3, 38, site="South")
    release(home, said)
    assert sizes_of(release(home, said, dimensions=("team", "site"))) == {"all": 41, "Care": 41}
    many = people(60, site="North") + people(15, 60, site="South")
    found = sizes_of(release(home, many, dimensions=("team", "site")))
    assert found == {"all": 75, "Care": 75, "North": 60, "South": 15}
