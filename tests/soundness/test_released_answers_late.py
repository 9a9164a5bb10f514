"""What answers that come late would tell of the few who gave them.

A whole wave uploaded again with one more row counted as answered anew by everybody, so nothing stood, and the sums before
and after gave the newest answer. Option counts, the number who completed and the change to the next wave were made of
today's answers beside scores that stood. The whole was renewed while one of its teams stood, and the rest was one person.
A question first shown later lifted its whole group, and publishing the same again was refused for good. Only the last figure
counted as known, and only the number of all who answered: an upload undone and loaded again with one more row, or twelve more
people of whom one answered a question, gave that one answer away.
"""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

import pipeline
from ingest.importer import Details, Upload
from metrics.audit import audit_published
from metrics.snapshot import Role
from tests.uploads import shown

AS_OF = date(2026, 6, 30)
ITEMS = "column,item_id,kind,scale_min,scale_max\nheard,heard,likert,1,5\ntold,told,likert,1,5\n"
COLUMNS = ["respondent_id", "submitted_at", "team", "heard", "told"]
Rows = list[list[object]]


def people(count: int, team: str, first: int, *, telling: int = 0) -> Rows:
    return [[f"r{first + n}", "2026-03-02", team, 2 + n % 4, 2 + n % 4 if n < telling else None] for n in range(count)]


def late(name: str, team: str = "Care", told: int | None = None) -> Rows:
    return [[name, "2026-03-14", team, 1, told]]


BASE = people(40, "Care", 0) + people(30, "Lab", 100)


def take_in(
    home: Path, rows: Rows, *, ids: bool = True, wave: str = "spring", month: int = 3, publishing: bool = True
) -> None:
    (home / "settings.toml").write_text('dimensions = ["team"]\n')
    file, items = home.parent / "wave.csv", home.parent / "items.csv"
    table = pd.DataFrame(rows, columns=COLUMNS).astype({"told": "Int64"})
    (table if ids else table.drop(columns="respondent_id")).to_csv(file, index=False)
    items.write_text(ITEMS)
    days = {"opened": f"2026-0{month}-01", "closed": f"2026-0{month}-15"}
    details = Details(wave=wave, invited=200, items=items, **days)  # type: ignore[arg-type]  # read as a form gives them
    pipeline.take_in(home, [Upload(file, file.name, "survey", details, "me")], as_of=AS_OF, publishing=publishing)


def scores(home: Path, role: Role = Role.LEADER) -> dict[str, tuple[float, int]]:
    found = shown(
        home,
        "select segment, numerator, people from results where metric = 'item_score' and period = 'spring' and breakdown = 'heard' and status = 'final'",
        role,
    )
    return {row.segment: (row.numerator, row.people) for row in found.itertuples()}


@pytest.mark.parametrize("ids", [True, False])
def test_the_whole_file_again_with_one_more_row_is_one_new_answer(home: Path, ids: bool) -> None:
    take_in(home, BASE, ids=ids)
    before = scores(home)
    take_in(home, BASE + late("r999"), ids=ids)
    assert scores(home) == before


def test_what_is_made_of_a_wave_stands_with_its_scores(home: Path) -> None:
    counts = "select dimension, option, count, n from distributions where item_id = 'heard' order by position"
    change = (
        "select segment, value from results where metric = 'wave_change' and breakdown = 'score:heard' order by all"
    )
    take_in(home, BASE, publishing=False)
    take_in(home, BASE, wave="june", month=6)
    before, asked, changed = scores(home), shown(home, counts), shown(home, change)
    take_in(home, BASE + late("r999"))
    assert before["all"][1] == 70
    assert scores(home) == before
    pd.testing.assert_frame_equal(shown(home, counts), asked)
    assert shown(home, "select completed from waves where wave = 'spring'")["completed"].tolist() == [70]
    assert changed["value"].tolist() == [0.0, 0.0, 0.0]
    pd.testing.assert_frame_equal(shown(home, change), changed)
    # A division less one of its two teams is the other team, so option counts are of the whole alone.
    assert set(asked["dimension"]) == {"all"}


def test_the_whole_stands_as_long_as_one_of_its_groups_does(home: Path) -> None:
    take_in(home, BASE)
    take_in(home, people(10, "Care", 500) + late("r999", "Lab"))
    found = scores(home)
    assert {team: people for team, (_, people) in found.items()} == {"all": 70, "Care": 40, "Lab": 30}
    take_in(home, people(9, "Lab", 600))
    found = scores(home)
    assert {team: people for team, (_, people) in found.items()} == {"all": 90, "Care": 50, "Lab": 40}


def test_a_question_first_shown_later_does_not_renew_its_group(home: Path) -> None:
    take_in(home, people(60, "Care", 0, telling=4))
    take_in(home, late("r901", told=1) + late("r902", told=1))
    before = scores(home, Role.MANAGER)
    pipeline.publish(home, as_of=AS_OF)
    assert scores(home, Role.MANAGER) == before
    assert audit_published(home)["recovered"] == 0


def test_an_upload_that_was_undone_and_comes_again_with_one_more_row(home: Path) -> None:
    """Each of the 41 of Care is of a newer batch than what was shown of 40."""
    take_in(home, BASE)
    before = scores(home)
    pipeline.undo(home, 1, as_of=AS_OF)
    take_in(home, BASE + late("r999"))
    assert scores(home) == before
    take_in(home, people(10, "Care", 500))
    assert scores(home)["Care"][1] == 51


def test_any_figure_that_was_ever_shown_is_known(home: Path) -> None:
    """40, then 50, then 41: the one beside the first 40, whatever was shown in between."""
    take_in(home, people(40, "Care", 0))
    take_in(home, people(10, "Care", 500))
    assert scores(home)["Care"][1] == 50
    pipeline.undo(home, 2, as_of=AS_OF)
    assert scores(home)["Care"][1] == 40
    pipeline.undo(home, 1, as_of=AS_OF)
    take_in(home, people(41, "Care", 600))
    assert scores(home)["Care"][1] == 40


def test_one_of_twelve_late_ones_who_answers_a_question(home: Path) -> None:
    """Ten of them are a group for every role, and one is not."""
    take_in(home, people(40, "Care", 0, telling=30))
    told = "select people from results where metric = 'item_score' and breakdown = 'told' and segment = 'Care'"
    assert shown(home, told)["people"].tolist() == [30]
    take_in(home, people(12, "Care", 500, telling=1))
    assert shown(home, told)["people"].tolist() == [30]
    take_in(home, people(9, "Care", 600, telling=9))
    assert shown(home, told)["people"].tolist() == [40]
