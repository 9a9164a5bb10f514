"""Reports of events on their way into a home: who came is found on the roster, once, and counts in published numbers."""

import json
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from cli import app
from data.errors import HearthError
from ingest.formats.known import EVENTS
from tests.exports import read_export

HEADER = "Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest\n"
ABOVE = (
    "Meeting ID,Topic,Start Time,End Time,User Email,Duration (Minutes),Participants,\n"
    "973 0329 0176,Garden club,10/25/2026 06:00:00 PM,10/25/2026 07:00:00 PM,p0@example.org,60,{},\n\n"
)


def run(*words: str) -> str:
    done = CliRunner().invoke(app, list(words))
    assert done.exit_code == 0, done.output
    return done.stdout


def meeting(people: int) -> str:
    rows = [
        f"Person {n},P{n}@Example.org,10/25/2026 06:00:00 PM,10/25/2026 06:3{n}:00 PM,3{n},No\n" for n in range(people)
    ]
    return ABOVE.format(people) + HEADER + "".join(rows)


@pytest.fixture
def roster(tmp_path: Path) -> Path:
    """Eight members, known by their addresses."""
    file = tmp_path / "members.csv"
    file.write_text("member_id,email\n" + "".join(f"M{n},p{n}@example.org\n" for n in range(8)), encoding="utf-8")
    return file


def test_a_longer_report_of_a_meeting_replaces_the_shorter_one(roster: Path, tmp_path: Path) -> None:
    """Five people and then seven are seven attendances of one event, by members that the roster knows by address."""
    home = tmp_path / "home"
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    first.write_text(meeting(5), encoding="utf-8")
    second.write_text(meeting(7), encoding="utf-8")
    run("import", str(roster), "--home", str(home), "--no-publish")
    run("import", str(first), "--home", str(home), "--no-publish")
    receipt = json.loads(run("import", str(second), "--home", str(home), "--as-of", "2026-11-01", "--json"))["files"][0]
    assert (receipt["format"], receipt["kind"]) == ("zoom", "attendance")
    assert (receipt["rows"], receipt["new"], receipt["unchanged"], receipt["unmatched"]) == (7, 2, 5, 0)
    shown = json.loads(run("show", "event_participation", "--grain", "week", "--home", str(home), "--format", "json"))
    week = next(row for row in shown if row["period"] == "2026-10-19")
    assert (week["numerator"], week["denominator"]) == (7, 8)


def test_a_report_can_be_of_an_event_that_is_known_already(roster: Path, tmp_path: Path) -> None:
    home, events, users = tmp_path / "home", tmp_path / "events.csv", tmp_path / "users.csv"
    events.write_text("event_id,starts_at,title\nE7,2026-10-25 18:00,Garden club\n", encoding="utf-8")
    users.write_text(
        "Name (Original Name),User Email,Total Duration (Minutes),Guest\nAnn,p1@example.org,45,No\n", encoding="utf-8"
    )
    refused = CliRunner().invoke(app, ["import", str(users), "--home", str(home), "--no-publish"])
    assert refused.exit_code == 1
    assert "which event" in refused.output
    run("import", str(roster), str(events), "--home", str(home), "--no-publish")
    receipt = json.loads(run("import", str(users), "--event", "E7", "--home", str(home), "--no-publish", "--json"))[
        "files"
    ][0]
    assert (receipt["new"], receipt["problems"]) == (1, [])


def test_a_roster_made_of_a_report_does_not_make_rosters_of_the_next(tmp_path: Path) -> None:
    """The same file is first a roster because somebody said so, then attendance because it is a report."""
    home, file = tmp_path / "home", tmp_path / "meeting.csv"
    file.write_text(meeting(5), encoding="utf-8")
    kinds = [
        json.loads(run("import", str(file), *said, "--home", str(home), "--no-publish", "--json"))["files"][0]["kind"]
        for said in (["--as", "members"], [])
    ]
    assert kinds == ["members", "attendance"]


def test_cells_that_cannot_be_read_are_named_and_nothing_is_stored(tmp_path: Path) -> None:
    home, file = tmp_path / "home", tmp_path / "meeting.csv"
    file.write_text(meeting(5).replace("06:32:00 PM", "soon"), encoding="utf-8")
    refused = CliRunner().invoke(app, ["import", str(file), "--home", str(home), "--no-publish", "--json"])
    assert refused.exit_code == 1
    problem = json.loads(refused.stdout)["files"][0]["problems"][0]
    assert (problem["line"], problem["column"]) == (7, "minutes")
    assert "soon" in problem["what"]


def test_a_report_that_breaks_off_is_refused_in_the_words_of_its_tool(tmp_path: Path) -> None:
    """Not as a table with two headers, which it is as well."""
    file = tmp_path / "webinar.csv"
    file.write_text(
        "Attendee Report,,,\nTopic,Webinar ID,Actual Start Time,Unique Viewers\nSpring show,912,03/22/2025 07:00:00 PM,2\n"
        "Host Details,,,\nAttended,User Name (Original Name),Email,Time in Session (minutes)\nYes,Ann,ann@example.org,60\n",
        encoding="utf-8",
    )
    refused = CliRunner().invoke(app, ["import", str(file), "--home", str(tmp_path / "home"), "--no-publish"])
    assert refused.exit_code == 1
    assert "breaks off before its attendees" in " ".join(refused.output.split())


def test_nine_people_of_three_published_reports_are_five_at_all_three(reference: Path, tmp_path: Path) -> None:
    """Rosters made of the reports know everybody once, although two principal names change between the days."""
    home = tmp_path / "home"
    reports = [str(reference / "teams-attendance" / f"IDL-{day}-11-22.csv") for day in (14, 15, 16)]
    run("import", *reports, "--as", "members", "--effective", "2022-11-14", "--home", str(home), "--no-publish")
    run("import", *reports, "--home", str(home), "--as-of", "2022-11-27")
    shown = json.loads(run("show", "attendance_per_event", "--grain", "week", "--home", str(home), "--format", "json"))
    week = next(row for row in shown if row["period"] == "2022-11-14")
    assert (week["numerator"], week["denominator"]) == (7 + 8 + 8, 3)
    with duckdb.connect(str(next(home.glob("*.duckdb"))), read_only=True) as warehouse:
        found = warehouse.sql(
            "select person, count(*) as times from attendance where attended group by person"
        ).fetchall()
    assert len(found) == 9
    assert sum(times == 3 for _, times in found) == 5


TOOLS = sorted({known.name for known in EVENTS})
JUNK = ["", "\n", "\t", ",", '"', ";", "\0", "31.31.2026 10:00", "12/13/14", "(Guest)", "1. ", "2. ", "a@b", "9" * 20]
damage = st.lists(
    st.tuples(st.floats(0, 1), st.sampled_from([0, 1, 20, 200]), st.sampled_from(JUNK)), min_size=1, max_size=5
)


@given(st.data(), damage, st.sampled_from(["utf-8", "utf-16", "utf-16-le"]), st.sampled_from([None, "members"]))
def test_a_damaged_export_is_read_or_refused_in_words(
    samples: Path,
    tmp_path_factory: pytest.TempPathFactory,
    data: st.DataObject,
    damage: list[tuple[float, int, str]],
    encoding: str,
    kind: str | None,
) -> None:
    """Whatever is cut out of a sample or put into it: rows come out, or a sentence, or it is nobody's export any more."""
    files = sorted(file for tool in TOOLS for file in samples.glob(f"{tool}/*.csv"))
    whole = data.draw(st.sampled_from(files)).read_bytes()
    text = whole.decode("utf-16" if whole.startswith(b"\xff\xfe") else "utf-8-sig")
    for place, length, junk in damage:
        start = round(place * len(text))
        text = text[:start] + junk + text[start + length :]
    file = tmp_path_factory.mktemp("damaged") / "export.csv"
    file.write_bytes(text.encode(encoding) or b"-")
    try:
        found = read_export(file, kind, event_id="E7", day="2026-10-05", date_order="month-first")
    except (HearthError, LookupError):
        return
    assert found.format.name in TOOLS
    assert all(row["member_id"] for row in found.rows)
