"""The demo community: the committed files are what the generator writes, and they show what their README promises.

Everything here is plain arithmetic on the CSV files, by pandas, so that it can serve as an oracle for the metrics.
"""

import re
import tomllib
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from data.sample.community import generate
from data.sample.talk import FROM_UNKNOWN, UNKNOWN
from ingest.importers import IMPORTERS

SAMPLE = Path(__file__).parents[1] / "data" / "sample"
FIRST, LAST = date(2023, 11, 20), date(2026, 11, 15)
YEARS = [(str(FIRST + timedelta(days=364 * year)), str(FIRST + timedelta(days=364 * (year + 1)))) for year in range(3)]
POSTS = ["post", "reply", "message"]
WAVES = ["survey-2025-autumn.csv", "survey-2026-spring.csv", "survey-2026-autumn.csv"]
DIMENSIONS = {"team", "region", "level"}
HEARD = "My voice is heard in decisions"
FAVOURABLE = ["4", "5", "Agree", "Strongly agree"]


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A community without effects."""
    folder = tmp_path_factory.mktemp("plain")
    generate(folder, effects=False)
    return folder


@cache
def read(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(folder / name, dtype=str, keep_default_na=False)


@cache
def talk(folder: Path) -> pd.DataFrame:
    """All interactions, with the member type, team and day of the actor."""
    parts = [read(folder, file.name) for file in sorted(folder.glob("interactions-*.csv"))]
    people = read(folder, "members.csv").set_index("member_id")
    rows = pd.concat(parts, ignore_index=True)
    rows["at"] = pd.to_datetime(rows["occurred_at"])
    rows["day"] = rows["occurred_at"].str[:10]
    rows["actor_type"] = rows["actor_id"].map(people["member_type"])
    rows["actor_team"] = rows["actor_id"].map(people["team"])
    rows["target_team"] = rows["target_id"].map(people["team"])
    rows["target_type"] = rows["target_id"].map(people["member_type"])
    return rows


def in_year(rows: pd.DataFrame, year: int) -> pd.DataFrame:
    begins, ends = YEARS[year]
    return rows[(rows["day"] >= begins) & (rows["day"] < ends)]


def week_of(days: pd.Series) -> pd.Series:
    moments = pd.to_datetime(days)
    return (moments - pd.to_timedelta(moments.dt.day_of_week, unit="D")).dt.strftime("%Y-%m-%d")


def participation(folder: Path) -> pd.Series:
    """Members at one event or more in each week, of the members there in it."""
    people = read(folder, "members.csv").query("member_type == 'member'")
    days = read(folder, "events.csv").set_index("event_id")["starts_at"].str[:10]
    came = read(folder, "attendance.csv").query("attended == 'yes'")
    came = came[came["member_id"].isin(people["member_id"])]
    weekly = came.groupby(week_of(came["event_id"].map(days)))["member_id"].nunique()
    mondays = pd.date_range(FIRST, LAST, freq="7D")
    roster = {
        f"{monday:%Y-%m-%d}": (people["joined_on"] <= f"{monday + timedelta(days=6):%Y-%m-%d}")
        & ((people["left_on"] == "") | (people["left_on"] > f"{monday:%Y-%m-%d}"))
        for monday in mondays
    }
    return weekly.reindex(list(roster), fill_value=0) / pd.Series({week: here.sum() for week, here in roster.items()})


def answered_within_day(folder: Path) -> pd.DataFrame:
    """Members' questions of each week: how many, and the share that somebody else, no bot, answered within 24 hours."""
    rows = talk(folder)
    asked = rows[(rows["intent"] == "ask") & (rows["actor_type"] == "member")].set_index("thread_id")
    replies = rows[(rows["kind"] == "reply") & (rows["actor_type"] != "bot")]
    first = replies.groupby("thread_id")["at"].min()
    waited = first.reindex(asked.index) - asked["at"]
    return (waited <= pd.Timedelta(days=1)).groupby(week_of(asked["day"])).agg(["size", "mean"])


def favourable(folder: Path, wave: str, question: str, team: str | None = None) -> tuple[float, int]:
    """Share of favourable answers among those that answer, and how many those are."""
    rows = read(folder, wave)
    cells = rows.loc[rows["team"] == team, question] if team else rows[question]
    answered = cells[~cells.isin(["", "N/A"])]
    return answered.isin(FAVOURABLE).mean(), len(answered)


def inside_share(folder: Path, team: str) -> float:
    """Of what members of a team say to members, the share that stays in the team."""
    rows = talk(folder).query("actor_type == 'member' and target_type == 'member' and actor_team == @team")
    return (rows["target_team"] == team).mean()


def staff_share(rows: pd.DataFrame) -> float:
    people = rows[rows["actor_type"] != "bot"]
    return (people["actor_type"] == "staff").mean()


def newcomers(folder: Path) -> pd.DataFrame:
    """Members who joined at least 90 days before the end and stayed as long, and what they had done by then."""
    people = read(folder, "members.csv").query("member_type == 'member' and joined_on != ''").set_index("member_id")
    joined, left = pd.to_datetime(people["joined_on"]), pd.to_datetime(people["left_on"])
    rows = talk(folder)
    age = (rows["at"].dt.normalize() - rows["actor_id"].map(joined)).dt.days
    posts = rows[rows["kind"].isin(POSTS)].assign(age=age)
    direct = rows[(rows["target_id"] != "") & (rows["actor_type"] == "member") & (rows["target_type"] == "member")]
    both = pd.concat([direct, direct.rename(columns={"actor_id": "target_id", "target_id": "actor_id"})])
    both = both.assign(age=(both["at"].dt.normalize() - both["actor_id"].map(joined)).dt.days)
    early = both[(both["age"] >= 0) & (both["age"] < 90)]
    in_programme = people.index.isin(read(folder, "programmes.csv")["member_id"])
    return pd.DataFrame(
        {
            "in_programme": in_programme,
            "first_post": posts.groupby("actor_id")["age"].min().reindex(people.index),
            "partners": early.groupby("actor_id")["target_id"].nunique().reindex(people.index, fill_value=0),
            "left": left.notna(),
            "stayed": (left.isna() | ((left - joined).dt.days >= 90))
            & (joined <= pd.Timestamp(LAST) - pd.Timedelta(days=90)),
        }
    )


# The files


def test_the_committed_files_are_what_the_generator_writes(tmp_path: Path) -> None:
    """numpy does not promise the same draws in every version, so bytes are compared under the locked one only."""
    lock = (SAMPLE.parents[1] / "requirements.lock.txt").read_text(encoding="utf-8")
    locked = re.search(r"^numpy==(\S+)", lock, flags=re.MULTILINE)
    if locked is None or locked[1] != np.__version__:
        pytest.skip(f"numpy {np.__version__} is not the locked one: its draws may differ")
    generate(tmp_path)
    committed = {file.name for file in SAMPLE.iterdir() if file.suffix in {".csv", ".toml"}}
    assert committed == {file.name for file in tmp_path.iterdir()}
    differing = [name for name in sorted(committed) if (SAMPLE / name).read_bytes() != (tmp_path / name).read_bytes()]
    assert differing == [], "run `python -m data.sample data/sample` and commit"


def test_another_seed_gives_another_community(tmp_path: Path) -> None:
    generate(tmp_path / "a", members=60, years=1, seed=1)
    generate(tmp_path / "b", members=60, years=1, seed=1)
    generate(tmp_path / "c", members=60, years=1, seed=2)
    a, b, c = ((tmp_path / name / "interactions-2026.csv").read_bytes() for name in "abc")
    assert a == b != c


def test_files_have_canonical_columns_only() -> None:
    rows = {importer.name: set(importer.row.model_fields) for importer in IMPORTERS if importer.row is not None}
    manifest = tomllib.loads((SAMPLE / "manifest.toml").read_text(encoding="utf-8"))
    kinds = {entry["file"]: entry["kind"] for entry in manifest["files"] if entry["kind"] != "survey"} | {
        "items.csv": "items"
    }
    strange = {
        name: set(read(SAMPLE, name).columns) - rows[kind] - (DIMENSIONS if kind == "members" else set())
        for name, kind in kinds.items()
        if kind in rows
    }
    assert {name: columns for name, columns in strange.items() if columns} == {}


def test_every_question_column_is_described() -> None:
    described = set(read(SAMPLE, "items.csv")["column"])
    for wave in WAVES:
        assert set(read(SAMPLE, wave).columns) - {"respondent_id", "submitted_at", "team", "region"} == described


def test_sizes() -> None:
    people = read(SAMPLE, "members.csv")
    assert len(people) == 600
    assert people["member_id"].is_unique
    assert people["member_type"].value_counts().to_dict() == {"member": 577, "staff": 20, "bot": 3}
    teams = people[people["member_type"] == "member"]["team"].value_counts()
    assert (len(teams), teams["Legal"], teams["Strategy"]) == (8, 8, 4)
    assert 45_000 <= len(talk(SAMPLE)) <= 60_000
    assert max(file.stat().st_size for file in SAMPLE.glob("*.csv")) < 1_200_000
    for wave in WAVES[:2]:
        assert 0.65 <= response(wave) <= 0.75


def response(wave: str) -> float:
    opened = {"survey-2025-autumn.csv": "2025-09-15", "survey-2026-spring.csv": "2026-03-09"}[wave]
    people = read(SAMPLE, "members.csv").query("member_type == 'member'")
    invited = (people["joined_on"] <= opened) & ((people["left_on"] == "") | (people["left_on"] > opened))
    return len(read(SAMPLE, wave)) / invited.sum()


def test_ids_are_known_but_for_a_handful() -> None:
    known = set(read(SAMPLE, "members.csv")["member_id"])
    rows = talk(SAMPLE)
    strange = rows[~rows["actor_id"].isin(known)]
    assert len(strange) == FROM_UNKNOWN
    assert set(strange["actor_id"]) == set(UNKNOWN)
    assert set(rows["target_id"]) - {""} <= known
    assert rows["interaction_id"].is_unique
    assert set(read(SAMPLE, "attendance.csv")["member_id"]) <= known
    assert set(read(SAMPLE, "attendance.csv")["event_id"]) == set(read(SAMPLE, "events.csv")["event_id"])
    assert set(read(SAMPLE, "events.csv")["host_id"]) <= known
    assert set(read(SAMPLE, "programmes.csv")["member_id"]) <= known


def test_nobody_acts_before_joining_or_after_leaving() -> None:
    people = read(SAMPLE, "members.csv").set_index("member_id")
    rows = talk(SAMPLE).query("actor_type == actor_type")
    joined, left = rows["actor_id"].map(people["joined_on"]), rows["actor_id"].map(people["left_on"])
    assert (rows["day"] >= joined).all()
    assert ((left == "") | (rows["day"] < left)).all()
    assert (rows["day"].min(), rows["day"].max()) == (str(FIRST), str(LAST))


def test_three_rows_are_bad() -> None:
    good = read(SAMPLE, "survey-2026-autumn.csv")
    bad = read(SAMPLE, "survey-2026-autumn-with-three-bad-rows.csv")
    differs = good != bad
    cells = [(column, bad.loc[row, column]) for row, column in differs.stack()[lambda flag: flag].index]
    assert cells == [
        ("I feel that I belong here", "7"),
        ("submitted_at", "2026-09-31 10:00"),
        (HEARD, "often"),
    ]


# The effects


def test_holidays_are_quiet(plain: Path) -> None:
    def dip(folder: Path) -> float:
        days = talk(folder)["day"]
        return float(days.between("2026-08-03", "2026-08-23").sum() / days.between("2026-07-06", "2026-07-26").sum())

    assert 0.45 < dip(SAMPLE) < 0.65
    assert 0.85 < dip(plain) < 1.15
    held = read(SAMPLE, "events.csv")["starts_at"].str[:10]
    assert not held.between("2025-12-20", "2026-01-03").any()


def test_onboarding_works(plain: Path) -> None:
    with_it, without = (newcomers(SAMPLE).query(f"in_programme == {flag}") for flag in (True, False))
    assert len(with_it) > 80
    assert with_it["first_post"].median() <= 5
    assert without["first_post"].fillna(999).median() >= 30
    enough = [(group.loc[group["stayed"], "partners"] >= 3).mean() for group in (with_it, without)]
    assert enough[0] > 0.85
    assert enough[1] < 0.60
    assert with_it["left"].mean() < 0.08 < 0.12 < without["left"].mean()
    everybody = newcomers(plain)
    by_lot = (
        everybody[everybody["stayed"]]
        .groupby("in_programme")["partners"]
        .apply(lambda partners: (partners >= 3).mean())
    )
    assert abs(by_lot[True] - by_lot[False]) < 0.15


def test_operations_is_a_silo(plain: Path) -> None:
    inside = {
        team: inside_share(SAMPLE, team) for team in ("Operations", "Digital", "Care", "Finance", "Estates", "People")
    }
    silo = inside.pop("Operations")
    assert silo > 0.85
    assert max(inside.values()) < 0.60
    assert inside_share(plain, "Operations") < 0.62


def test_one_answer_falls(plain: Path) -> None:
    before, after, later = (favourable(SAMPLE, wave, HEARD)[0] for wave in WAVES)
    assert -0.14 <= after - before <= -0.10
    assert abs(later - after) < 0.04
    for team in ("Operations", "Digital", "Care", "Finance", "Estates"):
        (first, n), (second, m) = (favourable(SAMPLE, wave, HEARD, team) for wave in WAVES[:2])
        assert min(n, m) >= 30
        assert second - first < -0.04
    assert abs(favourable(plain, WAVES[1], HEARD)[0] - favourable(plain, WAVES[0], HEARD)[0]) < 0.05
    questions = read(SAMPLE, "items.csv").query("kind == 'likert' and reverse == 'no'")["column"]
    others = [favourable(SAMPLE, WAVES[1], q)[0] - favourable(SAMPLE, WAVES[0], q)[0] for q in questions if q != HEARD]
    assert max(map(abs, others)) < 0.04


def test_staff_carry_the_first_year(plain: Path) -> None:
    posts = talk(SAMPLE)[talk(SAMPLE)["kind"].isin(POSTS)]
    answers = talk(SAMPLE)[talk(SAMPLE)["intent"] == "answer"]
    assert staff_share(in_year(posts, 0)) > 0.5
    assert staff_share(in_year(answers, 0)) > 0.5
    assert staff_share(in_year(posts, 2)) < 0.12
    assert staff_share(in_year(answers, 2)) < 0.15
    everything = talk(plain)[talk(plain)["kind"].isin(POSTS)]
    assert abs(staff_share(in_year(everything, 0)) - staff_share(in_year(everything, 2))) < 0.03


def test_answers_come_sooner_at_the_end(plain: Path) -> None:
    weeks = answered_within_day(SAMPLE)
    end = weeks.loc["2026-09-14":]
    assert len(end) == 9
    assert (np.diff(end["mean"]) > 0).all()
    assert end["mean"].iloc[-1] > 0.88
    usual = weeks.loc["2025-09-15":"2026-09-07", "mean"]
    assert 0.60 < usual.median() < 0.75
    flat = answered_within_day(plain)
    assert abs(flat.loc["2026-09-14":, "mean"].mean() - flat.loc[:"2026-09-07", "mean"].mean()) < 0.04


def test_few_come_in_the_last_week(plain: Path) -> None:
    """XmR by hand: the mean of 52 weeks with events and without holidays, less 2.66 times the mean moving range."""

    def usual(folder: Path) -> pd.Series:
        weekly = participation(folder)
        return weekly[[not touches_holiday(week) for week in weekly.index]]

    weekly = usual(SAMPLE)
    before = weekly.iloc[-53:-1]
    lower = before.mean() - 2.66 * before.diff().abs().mean()
    assert weekly.index[-1] == "2026-11-09"
    assert weekly.iloc[-1] < lower
    assert 0.25 < before.quantile(0.1) < before.quantile(0.9) < 0.38
    assert usual(plain).iloc[-1] > 0.25


def touches_holiday(week: str) -> bool:
    settings = tomllib.loads((SAMPLE / "settings.toml").read_text(encoding="utf-8"))
    monday = date.fromisoformat(week)
    return any(
        holiday["first"] <= monday + timedelta(days=6) and holiday["last"] >= monday for holiday in settings["holidays"]
    )


# Any size


@pytest.mark.parametrize(("members", "interactions"), [(30, 500), (3_000, 100_000)])
def test_any_size(tmp_path: Path, members: int, interactions: int) -> None:
    generate(tmp_path, members=members, years=2, interactions=interactions)
    rows = talk(tmp_path)
    assert len(read(tmp_path, "members.csv")) == members
    assert 0.85 * interactions <= len(rows) <= 1.15 * interactions
    assert set(rows["actor_id"]) <= set(read(tmp_path, "members.csv")["member_id"]) | set(UNKNOWN)
