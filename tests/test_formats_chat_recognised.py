"""A file is known by what is in it: each sample by its own format, none by another's, and no canonical file by any."""

import json
from pathlib import Path

import pytest

from ingest.formats.export import Export
from ingest.formats.known import CHAT
from ingest.importers import IMPORTERS
from tests.chats import pack_tar, pack_zip, say, slack, write_lines

PROJECT = Path(__file__).parent.parent
OURS = {"discord", "m365", "mattermost", "slack_analytics", "viva_engage"}


def takers(file: Path) -> list[str]:
    """The chat formats that would take a file."""
    export = Export(file, file.name)
    return [known.name for known in CHAT if known.recognise(export)]


def test_every_sample_is_taken_by_its_own_format_only(reference: Path) -> None:
    samples = reference.parent / "samples"
    files = [file for file in samples.rglob("*") if file.is_file()]
    assert {file.parent.name for file in files} >= OURS
    for file in files:
        assert takers(file) == ([file.parent.name] if file.parent.name in OURS else []), file.name


def test_the_reference_exports_are_taken(reference: Path) -> None:
    assert takers(reference / "slack-export-archive" / "testarchive.zip") == ["slack"]
    assert takers(reference / "nhsr-slack-analytics" / "slack_analytics_overview.csv") == ["slack_analytics"]


def test_no_other_reference_file_is_taken(reference: Path) -> None:
    ours = ("slack-export-archive", "nhsr-slack-analytics")
    files = [
        file
        for file in reference.rglob("*")
        if file.suffix in (".csv", ".json", ".txt", ".log", ".zip")
        and not set(file.parts) & set(ours)
        and file.stat().st_size
    ]
    assert len(files) > 100
    assert {file.name: found for file in files if (found := takers(file))} == {}


def test_no_canonical_file_is_taken(tmp_path: Path) -> None:
    files = sorted((PROJECT / "data" / "sample").glob("*.csv"))
    assert files
    for importer in IMPORTERS:
        template = tmp_path / f"{importer.name}.csv"
        template.write_text(",".join(importer.columns) + "\n", encoding="utf-8")
        files.append(template)
    assert {file.name: found for file in files if (found := takers(file))} == {}


def test_the_name_of_a_file_says_nothing(tmp_path: Path) -> None:
    for name in (
        "Acme Slack export Jan 1 2026 - Jan 31 2026.zip",
        "messages.csv",
        "zulip-export.tar.gz",
        "bulk_export.jsonl",
    ):
        file = tmp_path / name
        file.write_text("team,region\nDigital,North\n", encoding="utf-8")
        assert takers(file) == []
    real = slack(tmp_path / "holiday-pictures.bin", {"general/2026-03-02.json": [say("U0A1", "1.000001")]})
    assert takers(real) == ["slack"]


@pytest.mark.parametrize(
    "entries",
    [
        {},
        {"users.json": "[]"},
        {"photos/2026-03-02.json": "[]"},
        {"deep/er/users.json": "[]", "deep/er/channels.json": "[]"},
        {"Messages.csv": "id,body\n1,Hello\n"},
        {"import.jsonl": '{"type": "post"}\n'},
        {"one.jsonl": '{"type": "version", "version": 1}\n', "two.jsonl": '{"type": "version", "version": 1}\n'},
        {"realm.json": "{}"},
        {"messages-000001.json": "{}"},
        {"survey.csv": "topic_title,is_pm\n"},
    ],
)
def test_archives_that_only_look_alike(tmp_path: Path, entries: dict[str, str]) -> None:
    assert takers(pack_zip(tmp_path / "a.zip", entries)) == []
    if entries:
        assert takers(pack_tar(tmp_path / "a.tar.gz", entries)) == []


@pytest.mark.parametrize(
    "document",
    [
        [], {}, {"messages": []}, {"guild": {}, "channel": {}}, {"type": "version", "version": "2.0"},
        {"ok": True, "messages": [{"type": "message", "user": "U1", "ts": "1.1"}]}, {"type": "FeatureCollection"},
    ],
)  # fmt: skip
def test_documents_that_only_look_alike(tmp_path: Path, document: object) -> None:
    file = tmp_path / "a.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    assert takers(file) == []


def test_columns_in_another_order_and_beside_others(tmp_path: Path) -> None:
    """Newer exports have more columns; a person may have moved them."""
    file = tmp_path / "a.csv"
    for header, name in (
        ("Messages posted,Days active,Account type,Username,User ID,Name,Searches", "slack_analytics"),
        ("Reactions added,Members who posted,Messages posted,Created,Name", "slack_analytics"),
        ("Report Period,Post Messages,Team Chat Message Count,User Principal Name,Report Refresh Date", "m365"),
        ("created_at,body,sender_id,replied_to_id,thread_id,id,message_type", "viva_engage"),
        ("created_at,url,reply_count,like_count,post_raw,is_pm,categories,topic_title", "discourse"),
    ):
        file.write_text(f"{header}\n{',' * header.count(',')}\n", encoding="utf-16")
        assert takers(file) == [name]


def test_lines_without_a_version_are_nobodys(tmp_path: Path) -> None:
    assert takers(write_lines(tmp_path / "a.jsonl", [{"type": "post", "post": {}}])) == []
    assert takers(write_lines(tmp_path / "b.jsonl", [{"type": "version", "version": 1}, {"type": "post"}])) == [
        "mattermost"
    ]


def test_every_chat_tool_has_a_page() -> None:
    folder = PROJECT / "docs" / "how-to" / "exports"
    index = (folder / "README.md").read_text(encoding="utf-8")
    for known in CHAT:
        assert (folder / f"{known.name}.md").is_file()
        assert f"({known.name}.md)" in index
