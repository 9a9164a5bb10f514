"""Discourse: the archive of one member's posts, which does not say whose it is, and the list of users."""

import gzip
from datetime import date
from pathlib import Path

import pytest

from ingest.formats.format import Identity, Unsettled
from tests.chats import pack_zip, told
from tests.exports import read_export

OLD = "topic_title,category,sub_category,is_pm,post,like_count,reply_count,url,created_at\n"
POSTS = (
    'Lunch,Social,Food,No,"Who comes?",2,1,https://forum.example.org/t/lunch/11,2026-03-02 09:00:00 UTC\n'
    'Lunch,Social,-,No,"Thanks, all of you",0,0,https://forum.example.org/t/lunch/11/4,2026-03-03 09:00:00 UTC\n'
    'Secret,-,-,Yes,"psst",1,0,https://forum.example.org/t/secret/12/1,2026-03-04 09:00:00 UTC\n'
)
NEW = "topic_title,categories,is_pm,post_raw,post_cooked,like_count,reply_count,url,created_at\n"
USER_HEADER = "id,name,username,email,title,created_at,last_seen_at,last_posted_at,last_emailed_at,trust_level,approved,suspended_at,suspended_till,blocked,active,admin,moderator,ip_address,staged,secondary_emails,topics_entered,posts_read_count,time_read,topic_count,post_count,likes_given,likes_received,location,website,views,group_names\n"


def user(key: int, name: str, created: str, seen: str, posts: int, staged: str = "false") -> str:
    return f"{key},{name.title()},{name},{name}@example.org,,{created},{seen},,,2,true,,,,true,false,false,,{staged},,9,40,99,3,{posts},5,6,,,1,a;b\n"


def test_posts_of_one_member(tmp_path: Path) -> None:
    file = tmp_path / "archive.csv"
    file.write_text(OLD + POSTS)
    read = read_export(file, member="ada")
    assert told(read, "occurred_at", "actor_id", "channel", "kind", "thread_id", "interaction_id", "intent") == [
        ("2026-03-02 09:00:00Z", "ada", "Social / Food", "post", "11/1", "11/1", "ask"),
        ("2026-03-03 09:00:00Z", "ada", "Social", "reply", "11/1", "11/4", "thank"),
    ]
    assert read.reading.left_out == {"likes whose giver the export does not name": 2, "direct messages": 1}
    assert read.reading.people == [Identity("ada", login="ada")]
    assert read.reading.covers == (date(2026, 3, 2), date(2026, 3, 4))
    assert told(read_export(file, member="ada", direct=True), "kind", "channel")[2] == ("message", "direct messages")


def test_the_member_is_asked_for_unless_the_archive_is_named_as_discourse_names_it(tmp_path: Path) -> None:
    nameless = tmp_path / "archive.csv"
    nameless.write_text(OLD + POSTS)
    with pytest.raises(Unsettled) as asked:
        read_export(nameless)
    assert [question.detail for question in asked.value.questions] == ["member"]
    for name in ("user_archive-ada.b-260305-101500.csv", "ada.b-260305-101500 (1).csv"):
        named = tmp_path / name
        named.write_text(OLD + POSTS)
        assert {row["actor_id"] for row in read_export(named).rows} == {"ada.b"}


def test_newer_archives_packed_as_zip_or_gz(tmp_path: Path) -> None:
    newer = NEW + 'Lunch,Social|Food,Nein,"Who comes?","<p>Who comes?</p>",0,0,/t/lunch/11/2,2026-03-02 09:00:00 UTC\n'
    packed = pack_zip(
        tmp_path / "e.zip", {"user_archive.csv": newer, "preferences.json": "{}", "badges.csv": "id\n1\n"}
    )
    thin = tmp_path / "e.csv.gz"
    thin.write_bytes(gzip.compress(newer.encode()))
    for file in (packed, thin):
        assert told(read_export(file, member="ada"), "channel", "kind", "intent") == [("Social / Food", "reply", "ask")]


def test_a_word_that_is_no_known_no_counts_as_private(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text(OLD + POSTS.replace(",No,", ",Nope,"))
    assert read_export(file, member="ada").rows == []


def test_the_list_of_users_is_a_roster(tmp_path: Path) -> None:
    file = tmp_path / "users.csv"
    day = "2024-05-06 07:08:09 UTC"
    file.write_text(
        USER_HEADER
        + user(-1, "system", day, day, 0)
        + user(5, "ada", day, day, 7)
        + user(6, "mail", day, day, 0, "true")
    )
    read = read_export(file)
    assert read.reading.kind == "members"
    assert told(read, "member_id", "name", "email", "joined_on", "member_type") == [
        ("system", "System", "system@example.org", "2024-05-06", "bot"),
        ("ada", "Ada", "ada@example.org", "2024-05-06", "member"),
    ]
    assert read.reading.left_out == {"addresses that only ever wrote e-mails": 1}


def test_lifetime_totals_belong_to_no_week(tmp_path: Path) -> None:
    file = tmp_path / "users.csv"
    file.write_text(
        USER_HEADER
        + user(5, "ada", "2024-05-06 07:08:09 UTC", "2026-03-02 10:00:00 UTC", 7)
        + user(6, "bo", "2025-01-01 00:00:00 UTC", "", 0)
    )
    read = read_export(file, "activity")
    assert told(read, "period_start", "period_end", "kind", "count", "member_id") == [
        ("2024-05-06", "2026-03-02", "messages", "7", "ada"),
        ("2024-05-06", "2026-03-02", "reactions", "5", "ada"),
        ("2024-05-06", "2026-03-02", "views", "40", "ada"),
        ("2025-01-01", "2026-03-02", "messages", "0", "bo"),
        ("2025-01-01", "2026-03-02", "reactions", "5", "bo"),
        ("2025-01-01", "2026-03-02", "views", "40", "bo"),
    ]
    assert read.reading.warnings
