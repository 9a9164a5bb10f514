"""Which figures stand because few answers differ, and which do not.

What counted was how many there were, so a wrong file that somebody undid kept its figures beside the right one of nearly
the same size, and one answer changed in as many rows was told. What stood was the newest figure, though another was the one
too near. A division was renewed while one of its teams stood, and another dimension while the whole did.
"""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

import pipeline
from data.backups import list_backups
from data.store import warehouse
from ingest.importer import Details, Upload
from metrics.shown_answers import FILE
from metrics.snapshot import Role, open_snapshot
from report.models.surveys import read_surveys
from tests.uploads import shown

AS_OF = date(2026, 6, 30)
QUESTIONS = ("heard", "told")
ITEMS = "column,item_id,kind,scale_min,scale_max,construct\nheard,heard,likert,1,5,engagement\ntold,told,likert,1,5,engagement\n"

Rows = list[dict[str, object]]


def people(count: int, first: int = 0, **said: object) -> Rows:
    """So many respondents, who give the 25 pairs of codes in turn."""
    return [{"team": "Care", "heard": 1 + n % 5, "told": 1 + n // 5 % 5} | said for n in range(first, first + count)]


def take_in(home: Path, rows: Rows, *, wave: str = "spring", month: int = 3, publishing: bool = True) -> None:
    """Take in a whole wave without ids, as most tools export it."""
    if not (home / "settings.toml").exists():
        (home / "settings.toml").write_text('dimensions = ["team"]\n')
    file, items = home.parent / f"{wave}.csv", home.parent / "items.csv"
    pd.DataFrame(rows).astype(dict.fromkeys(QUESTIONS, "Int64")).to_csv(file, index=False)
    items.write_text(ITEMS)
    days = {"opened": f"2026-0{month}-01", "closed": f"2026-0{month}-15"}
    details = Details(wave=wave, invited=400, items=items, **days)  # type: ignore[arg-type]  # read as a form gives them
    pipeline.take_in(home, [Upload(file, file.name, "survey", details, "me")], as_of=AS_OF, publishing=publishing)


def sizes(home: Path, item: str = "heard", metric: str = "item_score", wave: str = "spring") -> dict[str, int]:
    found = shown(
        home,
        f"select segment, people from results where metric = '{metric}' and breakdown = '{item}' and period = '{wave}' and status = 'final'",
        Role.MANAGER,
    )
    return dict(zip(found["segment"], found["people"].astype(int), strict=True))


def score(home: Path, segment: str = "all") -> float:
    found = shown(
        home,
        f"select numerator from results where metric = 'item_score' and breakdown = 'heard' and segment = '{segment}' and status = 'final'",
        Role.MANAGER,
    )
    return float(found["numerator"].iloc[0])


def test_a_wrong_file_goes_when_the_right_one_comes(home: Path) -> None:
    """40 rows of another year, undone; the right file has 41."""
    take_in(home, people(40, told=5))
    pipeline.undo(home, 1, as_of=AS_OF)
    take_in(home, people(41))
    assert sizes(home) == {"all": 41, "Care": 41}


def test_one_answer_changed_in_as_many_rows_is_not_told(home: Path) -> None:
    rows = people(40)
    take_in(home, rows)
    before = score(home)
    pipeline.undo(home, 1, as_of=AS_OF)
    take_in(home, [{**rows[0], "heard": 5}, *rows[1:]])
    assert score(home) == before
    pipeline.undo(home, 2, as_of=AS_OF)
    take_in(home, [{**row, "heard": 5} for row in rows[:15]] + rows[15:])
    assert score(home) == before + sum(25 * (5 - int(str(row["heard"]))) for row in rows[:15])


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


def test_the_nearest_figures_stand_and_not_the_newest(home: Path) -> None:
    """Shown of 40, then of 40 others in their place, then the 40 again with one more."""
    take_in(home, people(40))
    before = score(home)
    take_in(home, people(41, told=5))
    assert sizes(home)["all"] == 41
    take_in(home, people(40) + people(1, 90))
    assert score(home) == before
    counts = shown(home, "select distinct status, n from distributions where item_id = 'heard'", Role.MANAGER)
    assert counts["status"].tolist() == ["withheld"], "those shown last are of others"
    assert shown(home, "select completed from waves")["completed"].tolist() == [40]


def test_one_who_answered_all_of_an_index_among_many_who_did_not(home: Path) -> None:
    """Each question has thirteen more answers, and the index one."""
    take_in(home, people(40))
    more = people(12, 40, told=None) + people(12, 60, heard=None) + people(1, 80)
    take_in(home, people(40) + more)
    assert sizes(home, "all", "engagement_index")["all"] == 40
    assert sizes(home)["all"] == 40


def two_of_a_dozen(home: Path, dimension: str) -> dict[str, int]:
    """Twelve come late, two of them to Care; what the manager sees then by another dimension in which all twelve are in North."""
    (home / "settings.toml").write_text(f'dimensions = ["team", "{dimension}"]\n')
    base = [
        *people(30, team="Care", **{dimension: "North"}),
        *people(30, 30, team="Lab", **{dimension: "North"}),
        *people(30, 60, team="Desk", **{dimension: "South"}),
    ]
    take_in(home, base)
    late = people(2, 90, team="Care", **{dimension: "North"}) + people(10, 100, team="Lab", **{dimension: "North"})
    take_in(home, base + late)
    return sizes(home)


@pytest.mark.parametrize("dimension", ["division", "site"])
def test_beside_a_group_that_stands_no_other_dimension_is_renewed(home: Path, dimension: str) -> None:
    """North anew, less Lab anew, less Care as it was: the two of Care."""
    found = two_of_a_dozen(home, dimension)
    assert found == {"all": 90, "Care": 30, "Lab": 40, "Desk": 30, "North": 60, "South": 30}


def test_few_who_come_to_a_group_that_is_not_shown(home: Path) -> None:
    """Of the two of Hub nothing is shown; with the ten of Lab the whole would tell what three more of Hub said."""
    base = people(30, team="Care") + people(30, 30, team="Lab") + people(2, 60, team="Hub")
    take_in(home, base)
    assert "Hub" not in sizes(home)
    take_in(home, base + people(10, 70, team="Lab") + people(1, 90, team="Hub"))
    assert sizes(home)["all"] == 62
    take_in(home, base[:60] + people(10, 70, team="Lab"))
    assert sizes(home)["all"] == 62, "nor what the two said who are gone"


def test_a_question_that_was_not_shown_with_the_figures_that_stand_is_withheld(home: Path) -> None:
    rows = [{**row, "told": None} for row in people(40)]
    take_in(home, rows)
    take_in(home, rows + people(3, 50))
    assert sizes(home) == {"all": 40, "Care": 40}
    assert sizes(home, "told") == {}


def test_a_later_wave_is_not_held_against_answers_that_are_not_shown(home: Path) -> None:
    """June less its change since spring would be spring with the late one."""
    change = "select segment, status from results where metric = 'wave_change' and breakdown = 'score:heard' and segment = 'all'"
    take_in(home, people(40))
    take_in(home, people(41))
    take_in(home, people(60), wave="june", month=6)
    assert shown(home, change, Role.MANAGER)["status"].tolist() == ["withheld"]
    pipeline.undo(home, 2, as_of=AS_OF)
    assert shown(home, change, Role.MANAGER)["status"].tolist() == ["final"]


def test_a_dimension_that_is_shown_from_now_on_holds_nothing_up(home: Path) -> None:
    """One small site would count as new people."""
    both, one = 'dimensions = ["team", "site"]\n', 'dimensions = ["team"]\n'
    (home / "settings.toml").write_text(both)
    take_in(home, people(38, site="North") + people(3, 38, site="South"), publishing=False)
    for dimensions in (one, both):
        (home / "settings.toml").write_text(dimensions)
        pipeline.publish(home, as_of=AS_OF)
    assert sizes(home) == {"all": 41, "Care": 41}
    take_in(home, people(60, site="North") + people(15, 60, site="South"))
    assert sizes(home) == {"all": 75, "Care": 75, "North": 60, "South": 15}


def test_a_note_says_which_wave_stands_and_what_to_do(home: Path) -> None:
    said = "select what, what_to_try from alerts where kind = 'standing'"
    take_in(home, people(40))
    assert shown(home, said, Role.LEADER).empty
    take_in(home, people(41))
    for role in (Role.MANAGER, Role.LEADER):
        (row,) = shown(home, said, role).to_dict("records")
        assert row["what"] == "spring: its figures stay as they were shown, though a few answers came or changed since."
        assert "10" in row["what_to_try"]
    for role in Role:
        snapshot = open_snapshot(home, role)
        try:
            assert "as shown before" in read_surveys(snapshot, "spring", "team").kicker
        finally:
            snapshot.close()


def test_what_is_remembered_of_answers_goes_with_an_erasure_and_comes_with_a_backup(home: Path, tmp_path: Path) -> None:
    """Without it figures are told apart by how many they are about."""
    take_in(home, people(40))
    assert (home / FILE).stat().st_mode & 0o077 == 0
    pipeline.back_up(home, tmp_path / "backups")
    (backup,) = list_backups(tmp_path / "backups")
    take_in(home, people(60))
    lines = len((home / FILE).read_text(encoding="utf-8").splitlines())
    pipeline.restore(home, backup.folder, as_of=AS_OF)
    assert len((home / FILE).read_text(encoding="utf-8").splitlines()) == lines == 2
    with warehouse(home) as connection:
        (key,) = connection.execute("select key from respondents order by key limit 1").fetchone() or ("",)
    pipeline.erase(home, respondent=key)
    assert len((home / FILE).read_text(encoding="utf-8").splitlines()) <= 1
    assert sizes(home)["all"] == 60, "59 are one fewer than were shown"
