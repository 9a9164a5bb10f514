"""Those of a division who are in none of its teams: of 44 in North, 20 and 21 in its two teams, three are in none, and the
division less its teams is their number. Only those in no team of the whole community were counted.
"""

from collections.abc import Sequence
from pathlib import Path

import duckdb
import pandas as pd
import pytest

import pipeline
from ingest.importer import Details, Upload
from metrics.attack import attack
from metrics.audit import audit_published
from metrics.disclosure import withhold
from metrics.metric import RESULT_COLUMNS
from metrics.snapshot import Role
from tests.curious import gate_of
from tests.shown_again import release, sizes_of
from tests.uploads import shown
from tests.whole_waves import AS_OF, ITEMS, Rows, people, spread

K = 5
TEAMS = {"North": ("Care", "Lab"), "South": ("Desk", "Hub"), "West": ("Shop",)}
Sizes = dict[str, int]


def community(**sizes: int) -> pd.DataFrame:
    """A number of so many people of each team; `north`, `south` and `west` are in the division and in no team."""
    divisions = {
        division: sum(sizes.get(team, 0) for team in teams) + sizes.get(division.lower(), 0)
        for division, teams in TEAMS.items()
    }
    cells = [("all", "all", sum(divisions.values())), *(("division", name, n) for name, n in divisions.items())]
    cells += [("team", team, sizes[team]) for teams in TEAMS.values() for team in teams if team in sizes]
    frame = pd.DataFrame(cells, columns=["dimension", "segment", "people"]).query("people > 0")
    return frame.assign(
        metric="active_members", grain="week", period="2026-06-01", breakdown="all", value=0.5, status="final",
        numerator=frame["people"] / 2, denominator=frame["people"].astype(float),
    ).reindex(columns=list(RESULT_COLUMNS))  # fmt: skip


def lay_out_nests(connection: duckdb.DuckDBPyConnection) -> None:
    for division, teams in TEAMS.items():
        for team in teams:
            connection.execute("insert into nesting values ('', 'team', ?, 'division', ?)", [team, division])


def teams_shown(results: pd.DataFrame, k: int = K) -> set[str]:
    with gate_of(results) as connection:
        lay_out_nests(connection)
        withhold(connection, "results", "released", k, "results", "nesting")
        rows = connection.execute(
            "select segment from released where dimension = 'team' and status = 'final'"
        ).fetchall()
        divisions = connection.execute(
            "select count(*) from released where dimension = 'division' and status = 'final'"
        ).fetchone()
        nested = {("division", division): [("team", team) for team in teams] for division, teams in TEAMS.items()}
        assert attack(connection, "released", k, nested=[([""], nested)]).recovered.empty
    assert divisions == (results["dimension"].eq("division").sum(),)
    return {team for (team,) in rows}


@pytest.mark.parametrize(
    ("in_none", "expected"),
    [
        ({}, {"Care", "Lab", "Desk", "Hub"}),
        ({"north": 3}, {"Lab", "Desk", "Hub"}),
        ({"north": 4, "south": 4}, {"Lab", "Hub"}),
        ({"north": 3, "south": 9}, {"Lab", "Desk", "Hub"}),
        ({"north": 5, "south": 9}, {"Care", "Lab", "Desk", "Hub"}),
    ],
)
def test_the_smallest_team_of_the_division_goes_with_them(in_none: Sizes, expected: set[str]) -> None:
    assert teams_shown(community(Care=20, Lab=21, Desk=30, Hub=31, **in_none)) == expected


def test_the_only_team_of_a_division_goes_with_them() -> None:
    assert teams_shown(community(Care=20, Lab=21, Desk=30, Hub=31, Shop=12, west=2)) == {"Care", "Lab", "Desk", "Hub"}


def test_a_hidden_team_that_is_too_small_beside_them_takes_another() -> None:
    """Two of Care, hidden with the 6 of Desk, and two in no team are 4."""
    assert teams_shown(community(Care=2, Lab=21, Desk=6, Hub=31, Shop=12, north=2, south=20)) == {"Hub", "Shop"}


def test_the_curious_reader_subtracts_the_teams_of_a_division() -> None:
    nested = {("division", division): [("team", team) for team in teams] for division, teams in TEAMS.items()}
    with gate_of(community(Care=20, Lab=21, Desk=30, Hub=31, north=3, south=9)) as connection:
        found = attack(connection, "results", K, nested=[([""], nested)]).recovered
    assert found[["dimension", "segment", "how"]].to_dict("records") == [
        {"dimension": "team", "segment": "", "how": "difference"}
    ]


# Waves, released again and again

NORTH = [("Care", 20), ("Lab", 21), (None, 3)]
SOUTH = [("Desk", 30), ("Hub", 31), (None, 9)]
DIVISIONS = ("team", "division")


def answers(north: Sequence[tuple[str | None, int]] = NORTH, south: Sequence[tuple[str | None, int]] = SOUTH) -> Rows:
    return [
        row | {"division": division}
        for division, teams in (("North", north), ("South", south))
        for team, count in teams
        for row in people(count, team=team)
    ]


def test_a_small_team_of_one_division_takes_the_next_of_it_along_and_no_other(home: Path) -> None:
    """All teams of the community had been given up."""
    said = answers([("A1", 40), ("A2", 35), ("A3", 3)], [("B1", 50), ("B2", 30), ("B3", 25)])
    found = set(sizes_of(release(home, said, dimensions=DIVISIONS)))
    assert found == {"all", "North", "South", "A1", "B1", "B2"}


def test_where_somebody_is_in_another_wave_says_nothing_of_this_one(home: Path) -> None:
    """In June one of Care is in South: so Care is no part of North in June, and in spring it is."""
    spring = sizes_of(release(home, answers(), dimensions=DIVISIONS))
    assert "Care" not in spring
    june = answers()
    june[0] |= {"division": "South"}
    waves = "| wave | opened | closed |\n| spring | 2026-03-01 | 2026-03-15 |\n| june | 2026-06-01 | 2026-06-15 |"
    both = release(home, {"spring": answers(), "june": june}, dimensions=DIVISIONS, waves=waves)
    assert sizes_of(both) == spring


def test_a_division_that_comes_after_its_teams_were_shown(home: Path) -> None:
    """By team alone twelve are in none, so all teams are shown; North less Care and Lab, as they were shown, is three."""
    by_team = sizes_of(release(home, answers()))
    assert set(by_team) == {"all", "Care", "Lab", "Desk", "Hub"}
    assert "North" not in sizes_of(release(home, answers(), dimensions=DIVISIONS))


# From files to what a role is shown

MEMBERS = {"Care": "North", "Lab": "North", "Desk": "South", "Hub": "South"}


def publish_wave(home: Path, *, roster: bool) -> None:
    (home / "settings.toml").write_text('dimensions = ["team", "division"]\n')
    file, items = home.parent / "wave.csv", home.parent / "items.csv"
    items.write_text(ITEMS)
    rows = spread(("Care", 0, 20), ("Lab", 20, 21), (None, 41, 3), ("Desk", 50, 30), ("Hub", 80, 31), (None, 111, 9))
    for place, row in enumerate(rows):
        row["division"] = "North" if place < 44 else "South"
    pd.DataFrame(rows).to_csv(file, index=False)
    details = Details(wave="spring", invited=200, items=items, opened="2026-03-01", closed="2026-03-15")  # type: ignore[arg-type]  # read as a form gives them
    uploads = [Upload(file, file.name, "survey", details, "me")]
    if roster:
        members = home.parent / "members.csv"
        named = [(f"m{n}", team, MEMBERS[team]) for n, team in enumerate([*MEMBERS] * 3)]
        pd.DataFrame(named, columns=["member_id", "team", "division"]).to_csv(members, index=False)
        uploads.insert(0, Upload(members, members.name, "members", Details(effective_on="2026-01-01"), "me"))  # type: ignore[arg-type]  # as above
    pipeline.take_in(home, uploads, as_of=AS_OF)


@pytest.mark.parametrize("roster", [True, False])
def test_a_published_wave_says_nothing_of_the_three(home: Path, roster: bool) -> None:
    """Which teams a division has is known from the roster, or from where respondents say that they are."""
    publish_wave(home, roster=roster)
    scores = (
        "select segment, people from results where metric = 'item_score' and breakdown = 'heard' and status = 'final'"
    )
    for role in Role:
        found = shown(home, scores, role)
        sizes = dict(zip(found["segment"], found["people"], strict=True))
        assert {"all", "North", "South"} <= sizes.keys()
        assert 44 - sizes.get("Care", 0) - sizes.get("Lab", 0) >= 20
    assert audit_published(home)["recovered"] == 0
