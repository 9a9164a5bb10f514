"""Totals of Slack's analytics and of Microsoft 365: each number once, over days that are said and never guessed."""

import csv
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest

from ingest.formats.format import Identity, Unsettled
from tests.chats import told
from tests.exports import read_export

FEBRUARY = (date(2026, 2, 1), date(2026, 2, 28))
SLACK_MEMBERS = "Name,What I Do,User ID,Username,Account type,Claimed Date (UTC),Deactivated date (UTC),Days active,Messages posted,Messages posted in channels,Reactions added\n"
YAMMER = "Report Refresh Date,User Principal Name,Display Name,User State,State Change Date,Last Activity Date,Posted Count,Read Count,Liked Count,Assigned Products,Report Period\n"
TEAMS = "Report Refresh Date,User Principal Name,Last Activity Date,Is Deleted,Deleted Date,Assigned Products,Team Chat Message Count,Private Chat Message Count,Call Count,Meeting Count,Has Other Action,Report Period\n"
HEX = "0123456789ABCDEF0123456789ABCDE"


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8-sig")
    return path


def slack_members(path: Path) -> Path:
    return write(
        path,
        SLACK_MEMBERS
        + 'Ada Example,,U1,ada,Member,"Jan 6, 2024",,21,"1,130",88,45\n'
        + 'Bo Example,,U2,bo,Single-Channel Guest,,"Feb 9, 2026",0,0,0,0\n'
        + "Robo,,U3,robo,Bot,,,9,900,900,0\n",
    )


def test_slack_members_over_the_days_that_a_person_said(tmp_path: Path) -> None:
    read = read_export(slack_members(tmp_path / "members.csv"), covers=FEBRUARY)
    assert read.format.name == "slack_analytics"
    assert told(read, "period_start", "period_end", "kind", "count", "member_id") == [
        ("2026-02-01", "2026-02-28", "active", "1", "U1"),
        ("2026-02-01", "2026-02-28", "posting", "1", "U1"),
        ("2026-02-01", "2026-02-28", "members", "1", "U1"),
        ("2026-02-01", "2026-02-28", "messages", "88", "U1"),
        ("2026-02-01", "2026-02-28", "reactions", "45", "U1"),
        ("2026-02-01", "2026-02-28", "active", "0", "U2"),
        ("2026-02-01", "2026-02-28", "posting", "0", "U2"),
        ("2026-02-01", "2026-02-28", "members", "0", "U2"),
        ("2026-02-01", "2026-02-28", "messages", "0", "U2"),
        ("2026-02-01", "2026-02-28", "reactions", "0", "U2"),
    ]
    assert read.reading.left_out == {"bots": 1}
    assert read.reading.people == [
        Identity("U1", "Ada Example", None, "ada"), Identity("U2", "Bo Example", None, "bo", "guest"),
    ]  # fmt: skip
    everything = read_export(tmp_path / "members.csv", covers=FEBRUARY, direct=True)
    assert told(everything, "kind", "count")[3] == ("messages", "1130")


@pytest.mark.parametrize(
    "name",
    [
        "Acme Member Analytics Feb 1, 2026 - Feb 28, 2026.csv",
        "acme_members_2026-02-01_2026-02-28.csv",
        "analytics 20260201-20260228.csv",
        "Slack_Feb_1_2026-Feb_28_2026.csv",
    ],
)
def test_the_days_of_slack_members_from_the_files_name(tmp_path: Path, name: str) -> None:
    assert read_export(slack_members(tmp_path / name)).reading.covers == FEBRUARY


@pytest.mark.parametrize(
    "name",
    [
        "members.csv",
        "members 2026-02-28.csv",
        "members 2026-02-28 2026-02-01.csv",
        "a 2026-02-01 2026-02-02 2026-02-03.csv",
    ],
)
def test_days_that_nothing_says_are_asked_for(tmp_path: Path, name: str) -> None:
    with pytest.raises(Unsettled) as asked:
        read_export(slack_members(tmp_path / name))
    assert [(one.detail, one.option) for one in asked.value.questions] == [("covers", "--covers FIRST..LAST")]


def test_the_roster_of_slack_members_and_of_the_admins_list(tmp_path: Path) -> None:
    read = read_export(slack_members(tmp_path / "members.csv"), "members")
    assert told(read, "member_id", "name", "joined_on", "left_on", "member_type") == [
        ("U1", "Ada Example", "2024-01-06", None, "member"),
        ("U2", "Bo Example", None, "2026-02-09", "member"),
        ("U3", "Robo", None, None, "bot"),
    ]
    listed = write(
        tmp_path / "list.csv",
        "username,email,status,billing-active,has-2fa,has-sso,userid,fullname,displayname,expiration-timestamp\n"
        "ada,ada@example.org,Admin,1,1,0,U1,Ada Example,ada,\nold,,Deactivated,0,0,0,U4,Old,old,\nrobo,,Bot,0,0,0,U3,Robo,robo,\n",
    )
    roster = read_export(listed)
    assert told(roster, "member_id", "email", "member_type") == [
        ("U1", "ada@example.org", "member"),
        ("U3", None, "bot"),
    ]
    assert roster.reading.left_out == {"deactivated accounts, whose last day the export does not say": 1}


def test_slack_channels_give_what_can_be_added_up(tmp_path: Path) -> None:
    file = write(
        tmp_path / "channels.csv",
        "Name,Full Members,Guests,Messages posted,Members who posted,Members who viewed,Reactions added,Members who reacted\n"
        "general,120,3,340,45,101,220,60\nhelp,80,0,12,9,40,3,2\n",
    )
    read = read_export(file, covers=FEBRUARY)
    assert told(read, "kind", "count", "channel", "member_id") == [
        ("messages", "340", "general", None), ("reactions", "220", "general", None),
        ("messages", "12", "help", None), ("reactions", "3", "help", None),
    ]  # fmt: skip
    assert "same people" in read.reading.warnings[0]


def test_slacks_overview_day_by_day(tmp_path: Path) -> None:
    header = "Date,Total enabled membership,Daily active members,Daily members posting messages,Weekly active members,Messages posted\n"
    file = write(tmp_path / "o.csv", header + "2026-02-01,12,7,3,11,21\n2026-02-03,12,8,,11,22\n")
    read = read_export(file)
    assert told(read, "period_start", "period_end", "kind", "count") == [
        ("2026-02-01", "2026-02-01", "active", "7"),
        ("2026-02-01", "2026-02-01", "posting", "3"),
        ("2026-02-01", "2026-02-01", "members", "12"),
        ("2026-02-01", "2026-02-01", "messages", "21"),
        ("2026-02-03", "2026-02-03", "active", "8"),
        ("2026-02-03", "2026-02-03", "members", "12"),
        ("2026-02-03", "2026-02-03", "messages", "22"),
    ]
    assert read.reading.covers == (date(2026, 2, 1), date(2026, 2, 3))
    assert read.reading.left_out == {"counts of seven days of which the export lacks one": 2}
    either = write(tmp_path / "either.csv", header + "01/02/2026,12,7,3,11,21\n03/02/2026,12,8,1,11,22\n")
    with pytest.raises(Unsettled) as asked:
        read_export(either)
    assert [one.detail for one in asked.value.questions] == ["date_order"]
    assert read_export(either, date_order="month-first").rows[0]["period_start"] == "2026-01-02"


def test_counts_of_seven_days_are_rows_of_those_days_where_none_is_missing(tmp_path: Path) -> None:
    header = "Date,Daily active members,Weekly active members,Weekly members posting messages\n"
    days = [day for day in range(1, 18) if day != 9]
    file = write(tmp_path / "o.csv", header + "".join(f"2026-02-{day:02},1,{100 + day},{200 + day}\n" for day in days))
    weeks = [row for row in told(read_export(file), "period_start", "period_end", "kind", "count") if row[0] != row[1]]
    assert weeks == [
        ("2026-02-01", "2026-02-07", "active", "107"),
        ("2026-02-01", "2026-02-07", "posting", "207"),
        ("2026-02-02", "2026-02-08", "active", "108"),
        ("2026-02-02", "2026-02-08", "posting", "208"),
        ("2026-02-10", "2026-02-16", "active", "116"),
        ("2026-02-10", "2026-02-16", "posting", "216"),
        ("2026-02-11", "2026-02-17", "active", "117"),
        ("2026-02-11", "2026-02-17", "posting", "217"),
    ]


def test_the_overview_of_a_real_community(reference: Path) -> None:
    """1,354 days, and no row reaches over one of the 279 that are missing between them."""
    file = reference / "nhsr-slack-analytics" / "slack_analytics_overview.csv"
    read = read_export(file)
    with file.open(encoding="utf-8-sig") as handle:
        days = list(csv.DictReader(handle))
    assert (len(days), len(days[0])) == (1354, 27)
    daily = [row for row in read.rows if row["period_start"] == row["period_end"]]
    assert Counter(row["kind"] for row in daily) == dict.fromkeys(("active", "posting", "members", "messages"), 1354)
    assert read.reading.covers == (date(2019, 11, 5), date(2024, 4, 24))
    columns = {"active": "Daily active members", "messages": "Messages posted", "members": "Enabled full members"}
    for kind, column in columns.items():
        total = sum(int(str(row["count"])) for row in daily if row["kind"] == kind)
        assert total == sum(int(day[column]) for day in days)
    covered = {
        date.fromisoformat(str(row["period_start"])) + timedelta(days=one)
        for row in read.rows
        for one in range(
            (date.fromisoformat(str(row["period_end"])) - date.fromisoformat(str(row["period_start"]))).days + 1
        )
    }
    assert (max(covered) - min(covered)).days + 1 - len(covered) == 279


def test_microsoft_365_users_over_the_reports_own_period(tmp_path: Path) -> None:
    file = write(
        tmp_path / "yammer.csv",
        YAMMER
        + "2026-03-02,ada@example.org,Ada Example,Active,2024-01-05,2026-02-27,4,120,9,E3,7\n"
        + "2026-03-02,bo@example.org,Bo Example,Active,2024-01-05,2026-02-01,0,0,0,E3,7\n"
        + "2026-03-02,cy@example.org,Cy Example,Suspended,2024-01-05,,,,,E3,7\n",
    )
    read = read_export(file)
    assert read.format.name == "m365"
    assert read.reading.covers == (date(2026, 2, 24), date(2026, 3, 2))
    by_person = {row["member_id"]: {} for row in read.rows}
    for row in read.rows:
        by_person[row["member_id"]][row["kind"]] = row["count"]
    assert by_person == {
        "ada@example.org": {
            "active": "1",
            "posting": "1",
            "members": "1",
            "messages": "4",
            "reactions": "9",
            "views": "120",
        },
        "bo@example.org": {
            "active": "0",
            "posting": "0",
            "members": "1",
            "messages": "0",
            "reactions": "0",
            "views": "0",
        },
        "cy@example.org": {
            "active": "0",
            "posting": "0",
            "members": "0",
            "messages": "0",
            "reactions": "0",
            "views": "0",
        },
    }
    assert read.reading.people[0] == Identity("ada@example.org", "Ada Example", "ada@example.org", "ada@example.org")


def test_concealed_names_are_added_up_and_said(tmp_path: Path) -> None:
    file = write(
        tmp_path / "teams.csv",
        TEAMS
        + f"2026-03-02,{HEX}0,2026-03-01,False,,E3,10,100,0,0,No,30\n"
        + f"2026-03-02,{HEX}1,2026-02-20,False,,E3,0,5,0,0,No,30\n"
        + f"2026-03-02,{HEX}2,,True,2026-02-21,E3,1,0,0,0,No,30\n",
    )
    read = read_export(file)
    assert told(read, "kind", "count", "member_id") == [
        ("active", "2", None), ("posting", "2", None), ("members", "2", None), ("messages", "11", None),
    ]  # fmt: skip
    assert "conceals" in read.reading.warnings[0]
    assert read.reading.people == []
    assert told(read_export(file, direct=True), "kind", "count")[3] == ("messages", "116")


def test_communities_and_days_of_microsoft_365(tmp_path: Path) -> None:
    header = "Report Refresh Date,Group Display Name,Is Deleted,Owner Principal Name,Last Activity Date,Group Type,Office 365 Connected,Member Count,Posted Count,Read Count,Liked Count,Report Period\n"
    shown = write(
        tmp_path / "g.csv", header + "2026-03-02,Everybody,False,a@example.org,2026-03-01,public,Yes,40,3,90,5,30\n"
    )
    read = read_export(shown)
    assert told(read, "kind", "count", "channel") == [
        ("messages", "3", "Everybody"), ("reactions", "5", "Everybody"), ("views", "90", "Everybody"),
    ]  # fmt: skip
    hidden = write(tmp_path / "h.csv", header + f"2026-03-02,{HEX}0,False,x,2026-03-01,public,Yes,40,3,90,5,30\n")
    assert {row["channel"] for row in read_export(hidden).rows} == {None}
    daily = write(
        tmp_path / "d.csv",
        "Report Refresh Date,Liked,Posted,Read,Report Date,Report Period\n2026-03-02,5,3,90,2026-03-01,7\n2026-03-02,,,,2026-02-28,7\n",
    )
    assert told(read_export(daily), "period_start", "kind", "count") == [
        ("2026-03-01", "messages", "3"), ("2026-03-01", "reactions", "5"), ("2026-03-01", "views", "90"),
    ]  # fmt: skip


@pytest.mark.parametrize("text", [YAMMER, TEAMS])
def test_a_report_without_rows_asks_nothing(tmp_path: Path, text: str) -> None:
    assert read_export(write(tmp_path / "empty.csv", text)).rows == []


def test_a_period_that_the_report_leaves_empty_is_asked_for(tmp_path: Path) -> None:
    file = write(tmp_path / "y.csv", YAMMER + "2026-03-02,ada@example.org,Ada,Active,,2026-02-27,4,120,9,E3,\n")
    with pytest.raises(Unsettled):
        read_export(file)
    assert read_export(file, covers=FEBRUARY).reading.covers == FEBRUARY
