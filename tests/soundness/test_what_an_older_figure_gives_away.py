"""What was shown before and is shown now, together.

A group that grew from three to thirty was what an older whole had left over beside the groups that were as before. One
correction hid behind eleven of another question. A dimension that was away from the settings came back with what had moved
meanwhile. Of a ledger from before fingerprints nothing was held against what is shown now.
"""

import json
from pathlib import Path

import pytest

import pipeline
from metrics.audit import audit_published
from metrics.ledger import FILE as RELEASED
from metrics.shown_answers import FILE
from tests.uploads import shown
from tests.whole_waves import AS_OF, Rows, people, sizes, spread, take_in

BY_TEAM, BY_SITE, BY_BOTH = 'dimensions = ["team"]\n', 'dimensions = ["site"]\n', 'dimensions = ["team", "site"]\n'


def publish_by(home: Path, dimensions: str, rows: Rows | None = None) -> None:
    """Publish by some dimensions, after taking in answers that say more; everybody is in North."""
    if rows:
        (home / "settings.toml").write_text(BY_BOTH)
        take_in(home, [row | {"site": "North"} for row in rows], publishing=False)
    (home / "settings.toml").write_text(dimensions)
    pipeline.publish(home, as_of=AS_OF)


def test_a_group_that_grows_out_of_hiding_is_not_told_as_it_was(home: Path) -> None:
    """63 as they were less the 30 of Care and the 30 of Lab, who said nothing else since."""
    rows = spread(("Care", 0, 30), ("Lab", 30, 30), ("Hub", 60, 3))
    take_in(home, rows)
    assert set(sizes(home)) == {"all", "Lab"}
    take_in(home, rows + spread(("Hub", 63, 27)))
    assert sizes(home)["all"] == 63
    take_in(home, rows + spread(("Hub", 63, 27), ("Care", 100, 12)))
    assert sizes(home) == {"all": 102, "Care": 42, "Lab": 30, "Hub": 30}


def test_a_group_that_shrinks_into_hiding_is_not_told(home: Path) -> None:
    """63 as they are less the 30 of Care and the 30 of Lab, as they were shown before."""
    rows = spread(("Care", 0, 30), ("Lab", 30, 30), ("Hub", 60, 30))
    take_in(home, rows)
    pipeline.undo(home, 1, as_of=AS_OF)
    take_in(home, rows[:63])
    assert sizes(home) == {"all": 90, "Care": 30, "Lab": 30, "Hub": 30}


def said_of(home: Path, item: str) -> float:
    found = shown(
        home, f"select numerator from results where metric = 'item_score' and breakdown = '{item}' and segment = 'all'"
    )
    return float(found["numerator"].item())


@pytest.mark.parametrize("of_told", [1, 0, 11])
def test_one_correction_behind_eleven_of_another_question(home: Path, of_told: int) -> None:
    rows = people(40)
    take_in(home, rows)
    before = said_of(home, "heard"), said_of(home, "told")
    corrected = [
        row | ({"heard": 5} if n < 14 else {}) | ({"told": 1} if n >= 40 - of_told else {})
        for n, row in enumerate(rows)
    ]
    pipeline.undo(home, 1, as_of=AS_OF)
    take_in(home, corrected)
    after = said_of(home, "heard"), said_of(home, "told")
    assert (after == before) is (of_told == 1)
    assert (after[1] == before[1]) is (of_told < 11)


def test_a_dimension_that_was_away_comes_back_without_what_moved_meanwhile(home: Path) -> None:
    """Care anew is one more than was shown."""
    rows = spread(("Care", 0, 30), ("Lab", 30, 30))
    publish_by(home, BY_TEAM, rows)
    publish_by(home, BY_SITE, rows + spread(("Care", 60, 1), ("Lab", 61, 12)))
    assert sizes(home) == {"all": 73, "North": 73}
    publish_by(home, BY_TEAM)
    assert sizes(home) == {"all": 73}
    publish_by(home, BY_TEAM, rows + spread(("Care", 60, 15), ("Lab", 61, 30)))
    assert sizes(home) == {"all": 105, "Care": 45, "Lab": 60}


def test_a_dimension_that_was_away_comes_back_where_nothing_moved(home: Path) -> None:
    rows = spread(("Care", 0, 30), ("Lab", 30, 30))
    publish_by(home, BY_TEAM, rows)
    publish_by(home, BY_SITE, rows + spread(("Care", 60, 10), ("Lab", 70, 12)))
    publish_by(home, BY_TEAM)
    assert sizes(home) == {"all": 82, "Care": 40, "Lab": 42}


def test_a_figure_from_before_fingerprints_is_known_where_it_is_as_it_was(home: Path) -> None:
    """Lab was shown and is hidden beside Hub now, because Care has grown past it: 93 less 60 less 30 is Hub."""
    rows = spread(("Care", 0, 20), ("Lab", 30, 30), ("Hub", 90, 3))
    take_in(home, rows)
    assert set(sizes(home)) == {"all", "Lab"}
    ledger = home / RELEASED
    lines = [json.loads(line) for line in ledger.read_text(encoding="utf-8").splitlines()]
    ledger.write_text("".join(json.dumps({k: v for k, v in line.items() if k != "state"}) + "\n" for line in lines))
    (home / FILE).unlink()
    take_in(home, rows + spread(("Care", 100, 40)))
    assert "Care" not in sizes(home)
    assert audit_published(home)["recovered"] == 0


@pytest.mark.parametrize("late", [12, 27])
def test_a_small_group_that_stays_small_holds_nothing_up(home: Path, late: int) -> None:
    rows = spread(("Care", 0, 30), ("Lab", 30, 40), ("Hub", 70, 3))
    take_in(home, rows)
    take_in(home, rows + spread(("Lab", 80, late)))
    assert sizes(home)["all"] == 73 + late
