"""The page Progress: objectives from what is shown, stories with consent only, and what it says where nothing is written down."""

from datetime import date
from pathlib import Path

import duckdb
import pandas as pd
import pytest
import streamlit as st

import pipeline
from metrics.objectives import add_attainment
from metrics.recognition_equity import add_recognition_equity
from metrics.snapshot import Role, Snapshot, current_id, published_folder
from tests.demo import demo_home
from tests.facts import warehouse_of
from tests.test_pages import cells, opened, said, title
from tests.uploads import upload

MEMBERS = "member_id,joined_on,team\n" + "".join(
    f"M{number:02d},2026-01-05,{'Care' if number <= 6 else 'Digital' if number <= 12 else 'Legal'}\n"
    for number in range(1, 15)
)
EVENTS = "event_id,starts_at,title\nE1,2026-08-10 16:00,Tea\n"
ATTENDANCE = "event_id,member_id\nE1,M01\nE1,M02\nE1,M03\nE1,M07\nE1,M13\nE1,M14\n"
OBJECTIVES = """objective_id,title,metric,segment,starts_on,baseline,target,due_on
O1,Half at an event,event_participation,,2026-01-01,0.2,0.5,2026-12-31
O2,Everybody in Care,event_participation,Care,2026-01-01,0.25,0.5,2026-12-31
O3,Legal too,event_participation,Legal,2026-01-01,0.1,0.5,2026-12-31
O4,Fewer than none,no_such_metric,,2026-01-01,0.1,0.5,2026-12-31
O5,Last year,event_participation,,2025-01-01,0.1,0.5,2025-12-31
"""
STORIES = """story_id,told_on,dimension,cycle,evidence,consent,text
S1,2026-08-11,micro,3,claim,yes,We now share *one* rota
S2,2026-08-12,micro,3,claim,no,Nobody may read this
S3,2026-08-13,joint,2,,yes,
"""
SECRET = "Nobody may read this"


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    st.cache_resource.clear()


@pytest.fixture(scope="module")
def goals(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Fourteen members of three teams, one event in the third quarter, five objectives and three stories, as of 16 November 2026."""
    home = tmp_path_factory.mktemp("goals")
    (home / "settings.toml").write_text('as_of = 2026-11-16\ndimensions = ["team"]\n', encoding="utf-8")
    texts = {
        "members": MEMBERS,
        "events": EVENTS,
        "attendance": ATTENDANCE,
        "objectives": OBJECTIVES,
        "stories": STORIES,
    }
    covers = {"attendance": {"covers": (date(2026, 1, 1), date(2026, 11, 15))}}
    sent = [upload(home, text, kind, name=f"{kind}.csv", **covers.get(kind, {})) for kind, text in texts.items()]
    for one in sent[:-1]:
        pipeline.take_in(home, [one], publishing=False)
    pipeline.take_in(home, sent[-1:])
    return home


def results(home: Path, role: Role, metric: str) -> pd.DataFrame:
    with_role = Snapshot(published_folder(home) / current_id(home), role)
    try:
        return with_role.results(metric, grain="quarter")
    finally:
        with_role.close()


def test_attainment_is_how_far_a_number_came_from_its_baseline(goals: Path) -> None:
    """Third quarter: 6 of 14 came. From 0.2 to 0.5 that is (6/14 - 0.2) / 0.3; 273 of 364 days have passed by 30 September."""
    found = results(goals, Role.MANAGER, "objective_attainment")
    row = found[(found["period"] == "2026-07-01") & (found["breakdown"] == "O1")].iloc[0]
    assert row["value"] == pytest.approx((6 / 14 - 0.2) / 0.3)
    assert row["expected"] == pytest.approx(272 / 364)
    assert (row["people"], row["status"], row["verdict"]) == (14, "final", "not tested")
    assert set(found["breakdown"]) == {"O1", "O2", "O3"}, "O4 has no number, O5 was over before anything was covered"


def test_attainment_is_withheld_where_its_number_is(goals: Path) -> None:
    """Legal has two members, so it is withheld and one more team with it; for leaders (10) every team is. Whoever knew that
    Legal reached its target would know what both did."""
    for role in Role:
        shown = results(goals, role, "event_participation")
        reached = results(goals, role, "objective_attainment")
        shown, reached = (rows[rows["period"] == "2026-07-01"].set_index("segment") for rows in (shown, reached))
        for team in ("Care", "Legal"):
            assert reached.loc[team, "status"] == shown.loc[team, "status"], (role, team)
            assert pd.isna(reached.loc[team, "value"]) == pd.isna(shown.loc[team, "value"]), (role, team)
        assert reached.loc["Legal", "status"] == "withheld"
        assert reached.loc["Legal", ["numerator", "denominator", "people", "expected"]].isna().all()


def test_a_story_without_consent_is_in_no_file(goals: Path) -> None:
    for file in published_folder(goals).glob("*/*.duckdb"):
        if file.stem != "restricted":  # the managers' lists, which hold no stories at all
            with duckdb.connect(str(file), read_only=True) as connection:
                assert connection.execute("select story_id from stories").fetchall() == [("S1",)]
        assert SECRET.encode() not in file.read_bytes()


def test_the_page_says_where_each_objective_stands(goals: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEARTH_HOME", str(goals))
    app = opened("overview/progress", quarter="2026-Q3")
    assert title(app) == "Of four objectives one is on track."
    assert "Two withheld and one not measured." in said(app), "Care has six members, and hides the two of Legal"
    text = cells(app).replace("\u00a0", " ")
    assert "20% to 50%" in text
    assert "43%" in text
    assert "on track: 76% of the way, after 75% of the time; due 31 Dec 2026" in text
    assert "share \\*one\\* rota" in text, "what people wrote is shown as it is"
    assert SECRET not in text


def test_the_page_of_the_demo_counts_its_objectives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEARTH_HOME", str(demo_home()))
    app = opened("overview/progress", quarter="2026-Q3")
    assert title(app) == "Of seven objectives three are part of the way, one has not moved and three went back."
    assert "None is on track yet. Nearest to its target: “Of the active members" in said(app)
    assert "quarter" in str(app.caption[0].value)
    assert "Mentoring, recognition and learning" in [str(header.value) for header in app.header]


def test_without_a_register_the_page_offers_a_template(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "settings.toml").write_text('as_of = 2026-11-16\ndimensions = ["team"]\n', encoding="utf-8")
    pipeline.take_in(home, [upload(home, MEMBERS, "members", name="members.csv")])
    app = opened("overview/progress")
    assert title(app) == "No objective, action or story was written down yet."
    assert "Upload objectives" in [button.label for button in app.button]


def test_equity_is_over_the_groups_that_are_shown() -> None:
    """Care 8 of 10, Digital 4 of 10, Legal (withheld) would be the highest with 4 of 4: Digital is 0.5 of Care, not 0.4 of Legal.

    Fisher's exact test of Digital against all others: 4 of 10 beside 12 of 14.
    """
    with warehouse_of(members="| who |\n| ann |", covers=("2026-01-01", "2026-03-31")) as connection:
        connection.execute(
            """create temp table released (metric varchar, grain varchar, period varchar, dimension varchar, segment varchar,
                   breakdown varchar, value double, numerator double, denominator double, people bigint, low double,
                   high double, expected double, p double, verdict varchar, status varchar)"""
        )
        for dimension, segment, got, members, status in (
            ("all", "all", 16, 24, "final"), ("team", "Care", 8, 10, "final"), ("team", "Digital", 4, 10, "final"),
            ("team", "Legal", None, None, "withheld"),
        ):  # fmt: skip
            connection.execute(
                """insert into released by name
                   select 'recognition_coverage' as metric, 'quarter' as grain, '2026-01-01' as period, ? as dimension,
                          ? as segment, 'all' as breakdown, ? as value, ? as numerator, ? as denominator, ? as people,
                          ? as status""",
                [dimension, segment, got / members if got and members else None, got, members, members, status],
            )
        add_recognition_equity(connection, "released")
        add_recognition_equity(connection, "released")
        found = connection.execute(
            "select segment, value, p from released where metric = 'recognition_equity' order by segment"
        ).fetchall()
    assert [(segment, value) for segment, value, _ in found] == [("Care", 1.0), ("Digital", 0.5)], (
        "once, though asked twice"
    )
    assert found[1][2] == pytest.approx(2 * 0.0323, rel=0.05), "0.032, the smaller of two"


def test_an_objective_without_a_way_to_go_is_no_number() -> None:
    with warehouse_of(members="| who |\n| ann |", covers=("2026-01-01", "2026-03-31")) as connection:
        connection.execute(
            "create temp table survey_waves (wave varchar, instrument varchar, closed_on date);"
            "create temp table periods as select 'quarter' as grain, '2026-01-01' as period, date '2026-01-01' as starts_on,"
            "    date '2026-03-31' as ends_on, true as complete;"
            "set variable as_of = date '2026-06-30';"
            "create temp table released as select 'learning' as metric, 'quarter' as grain, '2026-01-01' as period,"
            "    'all' as dimension, 'all' as segment, 'all' as breakdown, 0.4::double as value, 2::double as numerator,"
            "    5::double as denominator, 5::bigint as people, null::double as low, null::double as high,"
            "    null::double as expected, null::double as p, null::varchar as verdict, 'final' as status"
        )
        for name, baseline, target in (("same", 0.4, 0.4), ("down", 0.6, 0.2)):
            connection.execute(
                """insert into objectives by name
                   select ? as objective_id, 'a title' as title, 'learning' as metric, ? as baseline, ? as target,
                          date '2026-01-01' as starts_on, date '2026-12-31' as due_on, 1 as batch, 2 as line""",
                [name, baseline, target],
            )
        add_attainment(connection, "released")
        found = connection.execute(
            "select breakdown, value from released where metric = 'objective_attainment'"
        ).fetchall()
    assert found == [("down", pytest.approx(0.5))], "from 0.6 down to 0.2, half of the way"
