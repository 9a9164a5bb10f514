"""Those in no group have no row, so the gate did not count them: of 30 and 30 and three who left their team blank all teams
were shown, and the whole less the teams was the mean of three people. The audit looked only where something was withheld.
"""

from datetime import date
from pathlib import Path

import duckdb
import pandas as pd
import pytest

import pipeline
from ingest.importer import Details, Upload
from metrics.attack import attack
from metrics.audit import audit_published
from metrics.disclosure import withhold
from metrics.snapshot import Role
from tests.communities import results_of
from tests.facts import warehouse_of
from tests.uploads import shown
from tests.waves import measured, repeated, waves_of

K = 5
ITEMS = """
| item  | min | max | construct |
| heard | 1   | 5   | voice     |
| asked | 1   | 5   | voice     |
"""


def answers(*, asked: int = 99, **teams: int) -> pd.DataFrame:
    """So many people of each team, `blank` being none; the first `asked` of each answer the second question too."""
    parts = []
    for team, people in teams.items():
        part = repeated(heard={4: people // 2, 2: people - people // 2})
        second = part["heard"].where(part.index < asked)
        parts.append(part.assign(asked=second, team=None if team == "blank" else team))
    return pd.concat(parts, ignore_index=True)


def teams_shown(
    connection: duckdb.DuckDBPyConnection, metric: str, breakdown: str, table: str = "released"
) -> set[str]:
    rows = connection.execute(
        f"""select segment
            from {table}
            where metric = ? and breakdown = ? and status in ('final', 'provisional')
              and (grain = 'wave' or (grain = 'quarter' and period = '2026-01-01'))""",
        [metric, breakdown],
    ).fetchall()
    return {segment for (segment,) in rows}


@pytest.mark.parametrize("metric", ["favourable", "item_score", "neutral"])
@pytest.mark.parametrize(
    ("blank", "expected"),
    [(0, {"all", "Care", "Lab"}), (3, {"all", "Lab"}), (4, {"all", "Lab"}), (5, {"all", "Care", "Lab"}), (12, {"all", "Care", "Lab"})],
)  # fmt: skip
def test_three_who_left_the_team_blank_take_the_next_smallest_team_with_them(
    metric: str, blank: int, expected: set[str]
) -> None:
    """Hidden beside 3 are the 30 of Care: two groups and 33 people."""
    with waves_of(items=ITEMS, said={"spring": answers(Care=30, Lab=31, blank=blank)}) as connection:
        measured(connection)
        withhold(connection, "survey_results", "released", K)
        assert teams_shown(connection, metric, "heard") == expected


def test_a_small_team_and_the_blank_hide_each_other_where_they_are_k_together() -> None:
    for law, blank, expected in ((3, 2, {"all", "Care", "Lab"}), (2, 2, {"all", "Lab"})):
        said = {"spring": answers(Care=30, Lab=31, Law=law, blank=blank)}
        with waves_of(items=ITEMS, said=said) as connection:
            measured(connection)
            withhold(connection, "survey_results", "released", K)
            assert teams_shown(connection, "item_score", "heard") == expected


def test_roles_are_built_from_each_other() -> None:
    """7 are enough for managers and too few for leaders; 3 for neither, and the leader loses no second team."""
    for blank, manager, leader in ((7, {"all", "Care", "Lab"}, {"all", "Lab"}), (3, {"all", "Lab"}, {"all", "Lab"})):
        with waves_of(items=ITEMS, said={"spring": answers(Care=30, Lab=31, blank=blank)}) as connection:
            measured(connection)
            withhold(connection, "survey_results", "manager", K, "survey_results")
            withhold(connection, "manager", "leader", 10, "survey_results")
            assert teams_shown(connection, "item_score", "heard", "manager") == manager
            assert teams_shown(connection, "item_score", "heard", "leader") == leader


def test_a_construct_answered_in_part_hides_no_team() -> None:
    """Of a construct, `people` are those of its least answered question: 61 of the whole and 28 + 31 of the teams."""
    said = answers(Care=30, Lab=31)
    said.loc[said["team"].eq("Care").to_numpy().nonzero()[0][:2], "asked"] = None
    said.loc[said["team"].eq("Lab").to_numpy().nonzero()[0][:2], "heard"] = None
    with waves_of(items=ITEMS, said={"spring": said}) as connection:
        measured(connection)
        people = connection.execute(
            """select sum(case when segment = 'all' then people else -people end)
               from survey_results
               where metric = 'item_score' and breakdown = 'voice'"""
        ).fetchone()
        withhold(connection, "survey_results", "released", K)
        assert people == (59 - 28 - 29,)
        assert teams_shown(connection, "item_score", "voice") == {"all", "Care", "Lab"}
        assert teams_shown(connection, "favourable", "voice") == {"all", "Care", "Lab"}


def test_a_band_hides_nobody_beside_the_blank() -> None:
    """Care is of one mind, so its share is a band with its 18 people: the next team goes, and the band stays."""
    said = answers(Care=18, Lab=31, Law=40, blank=3)
    said.loc[said["team"] == "Care", "heard"] = 4
    with waves_of(items=ITEMS, said={"spring": said}) as connection:
        measured(connection)
        withhold(connection, "survey_results", "released", K)
        rows = connection.execute(
            "select segment, status from released where metric = 'favourable' and breakdown = 'heard' order by all"
        ).fetchall()
        assert rows == [("Care", "banded"), ("Lab", "withheld"), ("Law", "final"), ("all", "final")]
        assert attack(connection, "released", K).recovered.empty


def test_a_question_that_two_of_the_blank_answered() -> None:
    """Twelve are blank, so the first question hides no team; two of them answered the second."""
    said = pd.concat([answers(Care=30, Lab=31), answers(asked=2, blank=12)], ignore_index=True)
    with waves_of(items=ITEMS, said={"spring": said}) as connection:
        measured(connection)
        withhold(connection, "survey_results", "released", K)
        assert teams_shown(connection, "item_score", "heard") == {"all", "Care", "Lab"}
        assert teams_shown(connection, "item_score", "asked") == {"all", "Lab"}


def talk_and_events(teamless: int, connection_of: dict[str, int]) -> dict[str, str]:
    """Everybody writes to the next one, and comes to the one event."""
    people = [(f"{team.lower()}{n}", team) for team, size in connection_of.items() for n in range(size)]
    people += [(f"nobody{n}", "") for n in range(teamless)]
    talk = "".join(
        f"| 2026-01-06 09:00 | {name} | {people[place - 1][0]} |\n" for place, (name, _) in enumerate(people)
    )
    return {
        "members": "| who | team |\n" + "".join(f"| {name} | {team} |\n" for name, team in people),
        "interactions": "| at | from | to |\n" + talk,
        "events": "| event | on |\n| call | 2026-01-08 |\n",
        "attendance": "| event | who |\n" + "".join(f"| call | {name} |\n" for name, _ in people),
    }


@pytest.mark.parametrize(
    ("teamless", "expected"), [(0, {"all", "Care", "Lab"}), (2, {"all", "Lab"}), (6, {"all", "Care", "Lab"})]
)
def test_members_without_a_team_take_the_next_smallest_team_with_them(teamless: int, expected: set[str]) -> None:
    drawn = talk_and_events(teamless, {"Care": 20, "Lab": 21})
    with warehouse_of(**drawn, covers=("2025-09-01", "2026-03-31")) as connection:
        results_of(connection, date(2026, 4, 1))
        withhold(connection, "results", "released", K)
        for metric in ("event_participation", "member_to_member", "active_members", "first_timers", "isolates"):
            assert teams_shown(connection, metric, "all") == expected, metric
        assert teams_shown(connection, "member_flow", "new") == expected
        assert attack(connection, "released", K).recovered.empty


@pytest.mark.parametrize(
    ("teamless", "expected"), [(0, {"all", "Care", "Lab"}), (2, {"all", "Lab"}), (6, {"all", "Care", "Lab"}), (11, {"all", "Care", "Lab"})]
)  # fmt: skip
def test_all_ties_less_those_between_teams_are_not_those_of_the_few(teamless: int, expected: set[str]) -> None:
    """Two in no team have three ties, as everybody writes to the next one; eleven have twelve."""
    drawn = talk_and_events(teamless, {"Care": 20, "Lab": 21})
    with warehouse_of(**drawn, covers=("2025-09-01", "2026-03-31")) as connection:
        results_of(connection, date(2026, 4, 1))
        withhold(connection, "results", "released", K)
        assert teams_shown(connection, "ei_index", "all") == expected
        whole, of_teams = (
            connection.execute(
                "select denominator from released where metric = ? and segment = 'all' and grain = 'quarter' and period = '2026-01-01'",
                [metric],
            ).fetchone()
            for metric in ("reciprocity", "ei_index")
        )
        assert attack(connection, "released", K).recovered.empty
    assert whole is not None
    assert of_teams is not None
    assert whole[0] - of_teams[0] == (12 if teamless == 11 else 0)


def test_numbers_that_are_no_sums_keep_their_teams() -> None:
    """The Gini of everybody less those of the teams is nobody's."""
    drawn = talk_and_events(2, {"Care": 20, "Lab": 21})
    with warehouse_of(**drawn, covers=("2025-09-01", "2026-03-31")) as connection:
        results_of(connection, date(2026, 4, 1))
        withhold(connection, "results", "released", K)
        for metric in ("contribution_gini", "interactions_per_active_member", "network_density"):
            assert teams_shown(connection, metric, "all") == {"all", "Care", "Lab"}, metric


def test_the_curious_reader_looks_where_nothing_is_withheld() -> None:
    with waves_of(items=ITEMS, said={"spring": answers(Care=30, Lab=31, blank=3)}) as connection:
        measured(connection)
        found = attack(connection, "survey_results", K).recovered
    assert set(zip(found["metric"], found["breakdown"], found["segment"], strict=True)) >= {
        ("item_score", "heard", ""),
        ("favourable", "voice", ""),
    }
    assert set(found["how"]) == {"difference"}


# From a file to what a role is shown

AS_OF = date(2026, 6, 30)


def publish_wave(home: Path, *, blank: int, first: int = 0) -> None:
    (home / "settings.toml").write_text('dimensions = ["team"]\n')
    file, items = home.parent / "wave.csv", home.parent / "items.csv"
    teams = ["Care"] * 30 + ["Lab"] * 31 + [None] * blank
    rows = [[f"r{first + n}", "2026-03-02", team, 2 + n % 4] for n, team in enumerate(teams)]
    pd.DataFrame(rows, columns=["respondent_id", "submitted_at", "team", "heard"]).to_csv(file, index=False)
    items.write_text("column,item_id,kind,scale_min,scale_max\nheard,heard,likert,1,5\n")
    details = Details(wave="spring", invited=200, items=items, opened="2026-03-01", closed="2026-03-15")  # type: ignore[arg-type]  # read as a form gives them
    pipeline.take_in(home, [Upload(file, file.name, "survey", details, "me")], as_of=AS_OF)


def test_a_published_wave_says_nothing_of_the_three(home: Path) -> None:
    publish_wave(home, blank=3)
    scores = "select segment, people from results where metric = 'item_score' and status = 'final'"
    for role in Role:
        found = shown(home, scores, role)
        assert dict(zip(found["segment"], found["people"], strict=True)) == {"all": 64, "Lab": 31}
    assert audit_published(home)["recovered"] == 0


@pytest.mark.parametrize("blank", [0, 12])
def test_a_published_wave_shows_its_teams_where_nobody_can_be_told(home: Path, blank: int) -> None:
    publish_wave(home, blank=blank)
    found = shown(home, "select segment from results where metric = 'item_score' and status = 'final'")
    assert set(found["segment"]) == {"all", "Care", "Lab"}
    assert audit_published(home)["recovered"] == 0


def test_what_an_older_gate_let_out_is_found_and_given_up(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With neither rule both teams are shown and the audit says so; with the attack alone, or both, no team is shown any more:
    who remembers one of them would know the three from the other.
    """
    teams = "select segment from results where metric = 'item_score' and status = 'final'"
    monkeypatch.setattr("metrics.disclosure._NOT_SUMS", "metric")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("metrics.publish.hold", lambda *_: 0)
        publish_wave(home, blank=3)
    assert set(shown(home, teams)["segment"]) == {"all", "Care", "Lab"}
    assert audit_published(home)["recovered"] > 0
    pipeline.publish(home, as_of=AS_OF)
    assert set(shown(home, teams)["segment"]) == {"all"}
    assert audit_published(home)["recovered"] == 0
    monkeypatch.setattr("metrics.disclosure._NOT_SUMS", "''")
    pipeline.publish(home, as_of=AS_OF)
    assert set(shown(home, teams)["segment"]) == {"all"}
    assert audit_published(home)["recovered"] == 0


def test_a_number_of_invited_that_was_told_by_hand_hides_no_rate() -> None:
    """64 were invited, as somebody typed, and the roster knew 61: three are no group that somebody could be told of."""
    teams = {"Care": 21, "Lab": 20, "Desk": 20}
    names = [team for team, people in teams.items() for _ in range(people)]
    members = "| who | team |\n" + "".join(f"| m{n} | {team} |\n" for n, team in enumerate(names))
    wave = "| wave | opened | closed | invited |\n| spring | 2026-03-01 | 2026-03-15 | 64 |"
    with waves_of(
        items=ITEMS, said={"spring": answers(Care=12, Lab=12, Desk=12)}, waves=wave, members=members
    ) as connection:
        measured(connection)
        withhold(connection, "survey_results", "released", K, "survey_results")
        found = connection.execute(
            "select count(*) from released where metric = 'survey_response' and status = 'final'"
        ).fetchone()
    assert found == (4,)
