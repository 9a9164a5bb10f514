"""Figures that stand because few answers differ.

What counted was how many there were, so one answer changed in as many rows was told. What stood was the newest figure, though another was the one
too near. A division was renewed while one of its teams stood, another dimension while the whole did, and a team beside one
from which somebody had been moved to it.
"""

import json
from pathlib import Path

import pandas as pd
import pytest

import pipeline
from data.backups import list_backups
from data.store import warehouse
from metrics.audit import audit_published
from metrics.ledger import FILE as RELEASED
from metrics.shown_answers import FILE
from metrics.snapshot import Role, open_snapshot
from report.models.surveys import read_surveys
from tests.shown_again import WAVE, release, scores_of, sizes_of
from tests.uploads import shown
from tests.whole_waves import AS_OF, ITEMS, people, score, sizes, spread, take_in, write_wave


def changes(shown: pd.DataFrame) -> set[str]:
    """The groups of which the change of the first question is shown."""
    return set(shown.loc[shown["metric"].eq("wave_change") & shown["breakdown"].eq("score:heard"), "segment"])


def test_one_answer_changed_in_as_many_rows_is_not_told(home: Path) -> None:
    rows = people(40)
    take_in(home, rows)
    before = score(home)
    pipeline.undo(home, 1, as_of=AS_OF)
    take_in(home, [{**rows[0], "heard": 5}, *rows[1:]])
    assert score(home) == before
    assert set(shown(home, "select status from distributions", Role.MANAGER)["status"]) == {"final"}, (
        "of an older snapshot"
    )
    pipeline.undo(home, 2, as_of=AS_OF)
    take_in(home, [{**row, "heard": 5} for row in rows[:15]] + rows[15:])
    assert score(home) == before + sum(25 * (5 - int(str(row["heard"]))) for row in rows[:15])


def test_a_wave_that_comes_again_under_another_name_is_the_same(home: Path) -> None:
    before = scores_of(release(home, people(40)))
    days = WAVE.format("Spring 2026", "03")
    again = release(home, {"Spring 2026": people(41)}, waves=days)
    assert scores_of(again, wave="Spring 2026") == before
    many = release(home, {"Spring 2026": people(55)}, waves=days)
    assert sizes_of(many, wave="Spring 2026")["all"] == 55


def test_a_wave_that_comes_again_with_its_name_and_days_put_right_is_the_same(home: Path) -> None:
    before = scores_of(release(home, people(40)))
    again = release(home, {"April": people(41)}, waves=WAVE.format("April", "04"))
    assert scores_of(again, wave="April") == before


def test_the_nearest_figures_stand_and_not_the_newest(home: Path) -> None:
    """Shown of 40, then of 40 others in their place, then the 40 again with one more."""
    take_in(home, people(40))
    before = score(home)
    take_in(home, people(41, told=5))
    assert sizes(home)["all"] == 41
    take_in(home, people(40) + people(1, 90))
    assert score(home) == before
    counts = shown(home, "select distinct status, n from distributions where item_id = 'heard'", Role.MANAGER)
    assert counts.to_dict("records") == [{"status": "final", "n": 40}], "not the 41 that were shown last"
    assert shown(home, "select completed from waves")["completed"].tolist() == [40]


def test_one_who_answered_all_of_an_index_among_many_who_did_not(home: Path) -> None:
    """Each question has thirteen more answers, and the index one."""
    release(home, people(40))
    more = people(12, 40, told=None) + people(12, 60, heard=None) + people(1, 80)
    shown = release(home, people(40) + more)
    assert sizes_of(shown, "all", "engagement_index")["all"] == 40
    assert sizes_of(shown)["all"] == 40


@pytest.mark.parametrize("dimension", ["division", "site"])
def test_beside_a_group_that_stands_no_other_dimension_is_renewed(home: Path, dimension: str) -> None:
    """Twelve of North come late, two of them to Care: North anew, less Lab anew, less Care as it was, is the two."""
    base = [
        row | {dimension: "South" if row["team"] == "Desk" else "North"}
        for row in spread(("Care", 0, 30), ("Lab", 30, 30), ("Desk", 60, 30))
    ]
    release(home, base, dimensions=("team", dimension))
    late = [row | {dimension: "North"} for row in spread(("Care", 90, 2), ("Lab", 100, 10))]
    found = sizes_of(release(home, base + late, dimensions=("team", dimension)))
    assert found == {"all": 90, "Care": 30, "Lab": 30, "Desk": 30, "North": 60, "South": 30}


def test_a_wave_that_stands_loses_no_group(home: Path) -> None:
    """One more row of Care: what was shown is shown, neither less nor more."""
    rows = spread(("Care", 0, 30), ("Lab", 30, 30), ("Desk", 60, 30), ("Hub", 90, 2))
    before = sizes_of(release(home, rows))
    assert len(before) == 3, "the whole and two of the three that are large enough"
    assert sizes_of(release(home, rows + spread(("Care", 95, 1)))) == before


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # one moved from Care to Desk: Desk anew, less Desk as it was
        ([("Care", 0, 30), ("Lab", 30, 30), ("Desk", 60, 30)], [("Care", 1, 29), ("Lab", 30, 30), ("Desk", 60, 30), ("Desk", 0, 1)]),
        # and ten from Lab: the whole stays, so Care anew is the whole less Lab and Desk anew
        ([("Care", 0, 30), ("Lab", 30, 30), ("Desk", 60, 30)], [("Care", 1, 29), ("Lab", 40, 20), ("Desk", 60, 30), ("Desk", 0, 1), ("Desk", 30, 10)]),
        # eleven moved from Care to Lab and one came to Care: Care and Lab together, beside ten who came to Desk
        ([("Care", 0, 30), ("Lab", 30, 30), ("Desk", 60, 30)], [("Care", 11, 19), ("Care", 90, 1), ("Lab", 30, 30), ("Lab", 0, 11), ("Desk", 60, 40)]),
        # Care goes by another name, and one came to it
        ([("Care", 0, 30), ("Lab", 30, 30)], [("Care team", 0, 30), ("Care team", 90, 1), ("Lab", 30, 30), ("Lab", 60, 10)]),
    ],
)  # fmt: skip
def test_who_moved_or_came_under_another_name_is_not_told(
    home: Path, before: list[tuple[str, int, int]], after: list[tuple[str, int, int]]
) -> None:
    was = scores_of(release(home, spread(*before)))
    now = scores_of(release(home, spread(*after)))
    assert now["all"] == was["all"]
    assert now.items() <= was.items()


def test_a_column_under_another_name_has_the_same_groups(home: Path) -> None:
    was = scores_of(release(home, spread(("Care", 0, 30), ("Lab", 30, 30))))["all"]
    renamed = [{"site": row.pop("team"), **row} for row in spread(("Care", 0, 31), ("Lab", 31, 40))]
    assert scores_of(release(home, renamed, dimensions=("team", "site")))["all"] == was


def test_a_wave_that_stands_still_does_after_an_erasure_from_another(home: Path) -> None:
    """What the figures that stand are made of is said nowhere any more but in the fingerprints."""
    rows = people(40)
    take_in(home, rows)
    before = score(home)
    take_in(home, people(40, told=5), wave="june", month=6)
    pipeline.undo(home, 1, as_of=AS_OF)
    take_in(home, [{**rows[0], "heard": 5}, *rows[1:]])
    with warehouse(home) as connection:
        (key,) = connection.execute("select min(key) from respondents where wave = 'june'").fetchone() or ("",)
    pipeline.erase(home, respondent=key)
    assert score(home) == before
    assert {json.loads(line)["wave"] for line in (home / FILE).read_text(encoding="utf-8").splitlines()} == {"spring"}


def test_an_undone_wave_is_remembered_after_an_erasure_from_another(home: Path) -> None:
    """Fingerprints of the other waves went with theirs, and nothing wrote them again."""
    rows = people(40)
    take_in(home, rows)
    before = score(home)
    take_in(home, people(40, told=5), wave="june", month=6)
    pipeline.undo(home, 1, as_of=AS_OF)
    with warehouse(home) as connection:
        (key,) = connection.execute("select min(key) from respondents where wave = 'june'").fetchone() or ("",)
    pipeline.erase(home, respondent=key)
    take_in(home, [{**rows[0], "heard": 5}, *rows[1:]])
    assert score(home) == before


def test_who_is_hidden_beside_a_small_group_does_not_change_so_that_it_follows(home: Path) -> None:
    """Care is hidden beside Hub; forty come to Care, and Lab, the smaller one then, was shown before with what it says now."""
    rows = spread(("Care", 0, 20), ("Lab", 30, 30), ("Hub", 90, 3))
    take_in(home, rows)
    assert set(sizes(home)) == {"all", "Lab"}
    take_in(home, rows + spread(("Care", 100, 40)))
    assert sizes(home)["all"] == 93
    assert "Care" not in sizes(home), "93 less Care anew and Lab as it was is Hub"
    assert audit_published(home)["recovered"] == 0


def test_after_the_erasure_of_somebody_else_answers_are_still_compared(home: Path) -> None:
    """Fingerprints of the other waves went with theirs, and nothing wrote them again."""
    take_in(home, people(40))
    take_in(home, people(40, told=5), wave="june", month=6)
    before = score(home)
    with warehouse(home) as connection:
        (key,) = connection.execute("select min(key) from respondents where wave = 'june'").fetchone() or ("",)
    pipeline.erase(home, respondent=key)
    pipeline.undo(home, 1, as_of=AS_OF)
    rows = people(40)
    take_in(home, [{**rows[0], "heard": 5}, *rows[1:]])
    assert score(home) == before


def test_a_ledger_from_before_fingerprints_is_compared_by_size(home: Path) -> None:
    before = scores_of(release(home, people(40)))
    ledger = home / RELEASED
    lines = [json.loads(line) for line in ledger.read_text(encoding="utf-8").splitlines()]
    ledger.write_text("".join(json.dumps({k: v for k, v in line.items() if k != "state"}) + "\n" for line in lines))
    (home / FILE).unlink()
    assert scores_of(release(home, people(41))) == before
    assert sizes_of(release(home, people(55)))["all"] == 55


@pytest.mark.parametrize("undoing", [False, True])
def test_few_who_came_to_a_question_of_choices_or_of_words(home: Path, undoing: bool) -> None:
    """Twelve come late, of whom one says what they use and one writes."""
    bank = ITEMS.replace(",construct", ",construct,labels").replace("engagement\n", "engagement,\n")
    bank += "use,use,choice,,,,Chat;Mail\nwhy,why,text,,,,\n"
    rows = [{**row, "use": ("Chat", "Mail")[n % 2], "why": f"more time for it {n}"} for n, row in enumerate(people(40))]
    take_in(home, rows, items=bank)
    counts = "select option, count, n from distributions where item_id = 'use' order by position"
    said = (
        "select breakdown, value, people from results where metric = 'comment_tone' and status = 'final' order by all"
    )
    before = shown(home, counts), shown(home, said, Role.MANAGER)
    assert before[0]["n"].tolist() == [40, 40]
    if undoing:
        pipeline.undo(home, 1, as_of=AS_OF)
    late = people(12, 50)
    late[0] |= {"use": "Mail"}
    late[1] |= {"why": "more time for me"}
    take_in(home, rows + late, items=bank)
    assert sizes(home)["all"] == 52
    pd.testing.assert_frame_equal(shown(home, counts), before[0])
    pd.testing.assert_frame_equal(shown(home, said, Role.MANAGER), before[1])
    others = [{**row, "told": 5, "use": "Mail", "why": f"less noise {n}"} for n, row in enumerate(people(41))]
    take_in(home, others, items=bank)
    assert shown(home, counts)["count"].tolist() == [0, 41], "of other people nothing follows"
    assert shown(home, said, Role.MANAGER)["people"].tolist() != before[1]["people"].tolist()


def test_few_who_come_to_a_group_that_is_not_shown(home: Path) -> None:
    """Of the two of Hub nothing is shown; with the ten of Lab the whole would tell what three more of Hub said."""
    base = people(30, team="Care") + people(30, 30, team="Lab") + people(2, 60, team="Hub")
    assert "Hub" not in sizes_of(release(home, base))
    assert sizes_of(release(home, base + people(10, 70, team="Lab") + people(1, 90, team="Hub")))["all"] == 62
    gone = release(home, base[:60] + people(10, 70, team="Lab"))
    assert sizes_of(gone)["all"] == 62, "nor what the two said who are gone"


def test_a_question_that_was_not_shown_with_the_figures_that_stand_is_withheld(home: Path) -> None:
    rows = [{**row, "told": None} for row in people(40)]
    release(home, rows)
    shown = release(home, rows + people(3, 50))
    assert sizes_of(shown) == {"all": 40, "Care": 40}
    assert sizes_of(shown, "told") == {}


def test_a_later_wave_is_not_held_against_answers_that_are_not_shown(home: Path) -> None:
    """June less its change since spring would be spring with the late one."""
    waves = WAVE.format("spring", "03") + "| june | 2026-06-01 | 2026-06-15 |"
    release(home, people(40))
    assert "all" not in changes(release(home, {"spring": people(41), "june": people(60)}, waves=waves))
    assert "all" in changes(release(home, {"spring": people(40), "june": people(60)}, waves=waves))


def test_a_note_says_which_wave_stands_and_what_to_do(home: Path) -> None:
    said = "select what, what_to_try from alerts where kind = 'standing'"
    take_in(home, people(40))
    assert shown(home, said, Role.LEADER).empty
    take_in(home, people(41))
    for role in (Role.MANAGER, Role.LEADER):
        (row,) = shown(home, said, role).to_dict("records")
        assert row["what"] == "spring: its figures stay as they were shown, though a few answers differ since."
        assert "10" in row["what_to_try"]
    for role in Role:
        snapshot = open_snapshot(home, role)
        try:
            assert "as shown before" in read_surveys(snapshot, "spring", "team").kicker
        finally:
            snapshot.close()


def test_a_preview_promises_no_figure_that_will_stand(home: Path) -> None:
    """What a page says before an upload is what it says after it: the copy knew nothing of what was shown."""
    (home / "settings.toml").write_text('dimensions = ["team"]\nas_of = 2026-06-30\n')
    take_in(home, people(40))
    upload = write_wave(home, people(41))
    promised = pipeline.preview(home, [upload])
    done = pipeline.take_in(home, [upload]).changed
    assert promised == done
    assert "item_score" not in {row["metric"] for rows in done.values() for row in rows}


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
    assert not (home / FILE).exists() or len((home / FILE).read_text(encoding="utf-8").splitlines()) == 0
    assert sizes(home)["all"] == 60, "59 are one fewer than were shown"
