"""Exports are read in a child with little memory and time: what it found arrives whole, what it met arrives as itself."""

import resource
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import pytest

from data.errors import BadFile
from ingest.formats.format import Identity, Unmapped, Unsettled
from ingest.formats.reading_apart import CHILD, Allowance, ReadApart, read_apart
from ingest.formats.reading_child import write_rows
from ingest.importer import Details
from tests.chats import say, slack

PLAIN = Details()


def test_a_table_of_no_known_tool_says_what_its_columns_seem_to_be(tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("Employee ID,Full name,Shoe size\nM001,Alex,43\n", encoding="utf-8")
    with pytest.raises(Unmapped) as found:
        read_apart(file, "people.csv", "members", PLAIN, "UTC", tmp_path, tmp_path)
    assert [(one.column, one.target) for one in found.value.suggested] == [
        ("Employee ID", "member_id"), ("Full name", "name"), ("Shoe size", ""),
    ]  # fmt: skip
    assert found.value.examples == (("M001", "Alex", "43"),)


def test_a_document_of_no_known_tool_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_text("[1, 2]", encoding="utf-8")
    with pytest.raises(BadFile, match="no export that Hearth knows"):
        read_apart(file, "a.json", None, PLAIN, "UTC", tmp_path, tmp_path)


def test_rows_are_written_as_text_with_their_line(tmp_path: Path) -> None:
    """Half a character and NUL, which JSON can spell, are in no table."""
    rows = [(2, ("a", None)), (3, ("b\0c", "\ud83d!")), (9, ("", "ß"))]
    assert write_rows(tmp_path / "rows.parquet", ("first", "second"), rows) == 3
    found = duckdb.sql(f"from '{tmp_path / 'rows.parquet'}'")
    assert [(name, str(kind)) for name, kind in zip(found.columns, found.types, strict=True)] == [
        ("line", "BIGINT"), ("first", "VARCHAR"), ("second", "VARCHAR"),
    ]  # fmt: skip
    assert found.fetchall() == [(2, "a", None), (3, "bc", "!"), (9, "", "ß")]


def test_no_rows_are_a_table_too(tmp_path: Path) -> None:
    assert write_rows(tmp_path / "rows.parquet", ("first",), iter(())) == 0
    assert duckdb.sql(f"select count(*) from '{tmp_path / 'rows.parquet'}'").fetchall() == [(0,)]


def apart(path: Path, folder: Path, kind: str | None = None, details: Details = PLAIN, **limits: int) -> ReadApart:
    return read_apart(path, path.name, kind, details, "UTC", folder, folder, Allowance(**limits))


def test_a_reading_arrives_whole(tmp_path: Path) -> None:
    message = say("U0A1", "1772442000.000100", "Hello?", reactions=[{"name": "wave", "count": 2, "users": ["U0B2"]}])
    read = apart(slack(tmp_path / "export.zip", {"general/2026-03-02.json": [message]}), tmp_path)
    assert (read.format, read.title, read.kind, read.count, read.encoding) == (
        "slack",
        "a Slack export",
        "interactions",
        2,
        "archive",
    )
    assert read.people == (
        Identity("U0A1", "Ada Example", "ada@example.org", "ada"),
        Identity("U0B2", "Bo Example", "bo@example.org", "bo"),
    )
    assert read.covers == (date(2026, 3, 2), date(2026, 3, 2))
    assert read.left_out == {"reactions whose giver the export does not name": 1}
    assert len(read.warnings) == 1
    rows = duckdb.sql(f"select line, kind, intent, topic from '{read.rows}' order by line").fetchall()
    assert rows == [(1, "post", "ask", None), (2, "reaction", None, None)]
    assert read.rows.stat().st_mode & 0o077 == 0, "what people wrote is the owner's only"


def test_a_question_arrives_as_itself(tmp_path: Path) -> None:
    file = tmp_path / "channels.csv"
    file.write_text("Name,Messages posted,Members who posted,Reactions added\ngeneral,1,1,1\n", encoding="utf-8")
    with pytest.raises(Unsettled) as asked:
        apart(file, tmp_path)
    assert [(one.detail, one.option) for one in asked.value.questions] == [("covers", "--covers FIRST..LAST")]
    assert not (tmp_path / "rows.parquet").exists()


def test_a_kind_that_a_format_does_not_give(tmp_path: Path) -> None:
    file = slack(tmp_path / "export.zip", {"general/2026-03-02.json": [say("U0A1", "1.000001")]})
    with pytest.raises(
        BadFile, match="a Slack export, which gives interactions or members or channels, not attendance"
    ):
        apart(file, tmp_path, "attendance")


def bomb(folder: Path) -> Path:
    return slack(folder / "bomb.zip", {"general/2026-03-02.json": bytes(64 << 20)})  # type: ignore[dict-item]


def nested_archive(folder: Path) -> Path:
    return slack(folder / "nested.zip", {"general/2026-03-02.json": "[" * 200_000})  # type: ignore[dict-item]


def nested_document(folder: Path) -> Path:
    file = folder / "nested.json"
    file.write_text('{"guild": 1, "channel": {"id": 1}, "messages": ' + "[" * 5_000_000, encoding="utf-8")
    return file


def broken_halfway(folder: Path) -> Path:
    good = [say("U0A1", f"{second}.000001") for second in range(50_000)]
    return slack(folder / "halfway.zip", {"general/2026-03-02.json": good, "general/2026-03-03.json": "[{"})  # type: ignore[dict-item]


def huge_cell(folder: Path) -> Path:
    file = folder / "huge.csv"
    with file.open("w", encoding="utf-8") as handle:
        handle.write('AuthorID,Author,Date,Content,Attachments,Reactions\n"1","ada","2026-03-02T09:15:00+00:00","')
        for _ in range(100):
            handle.write("a" * (1 << 20))
        handle.write('","",""\n')
    return file


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (bomb, "unpacks to more than 200 times its size"),
        (nested_archive, "is no JSON"),
        (nested_document, "no whole JSON"),
        (broken_halfway, "2026-03-03"),
    ],
)
def test_files_made_to_hurt_are_refused_in_words(tmp_path: Path, make: Callable[[Path], Path], words: str) -> None:
    with pytest.raises(BadFile, match=words):
        apart(make(tmp_path), tmp_path)
    assert sorted(file.name for file in tmp_path.iterdir() if file.name != "refused.json") == [make(tmp_path).name]


def test_a_cell_of_a_hundred_megabytes(tmp_path: Path) -> None:
    with pytest.raises(BadFile) as refused:
        apart(huge_cell(tmp_path), tmp_path)
    assert "aaaa" not in str(refused.value)


def busy(folder: Path) -> Path:
    """An honest export that takes some seconds to read."""
    messages = [say("U0A1", f"{second}.000001") for second in range(3_000)]
    return slack(folder / "busy.zip", {f"general/2026-03-{day:02}.json": messages for day in range(1, 29)})


def test_memory_is_limited(tmp_path: Path) -> None:
    """An honest size for an archive, but too much for the memory allowed: the child fails, the parent says why."""
    numbers = ",".join(map(str, range(10_000_000, 13_000_000)))
    file = slack(tmp_path / "wide.zip", {"general/2026-03-02.json": f"[{numbers}]"})  # type: ignore[dict-item]
    with pytest.raises(BadFile, match="needs more than 550 MB of memory"):
        apart(file, tmp_path, memory_bytes=550 << 20)


def test_time_is_limited(tmp_path: Path) -> None:
    file = busy(tmp_path)
    with pytest.raises(BadFile, match="longer than 1 seconds") as slow:
        apart(file, tmp_path, cpu_seconds=1)
    assert "fewer days" in slow.value.fix
    with pytest.raises(BadFile, match="longer than 1 seconds"):
        apart(file, tmp_path, wall_seconds=1)


def test_the_child_says_nothing_and_sees_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Neither its output nor its words about a failure of its own hold the content, and secrets of the parent stay there."""
    monkeypatch.setenv("HEARTH_SECRET", "xylophone")
    broken = slack(
        tmp_path / "odd.zip",
        {"general/2026-03-02.json": [{"ts": "1.1", "user": "U1", "text": "xylophone", "reactions": 7}]},
    )
    with pytest.raises(BadFile, match=r"could not be read \(TypeError in ingest/formats/") as failed:
        apart(broken, tmp_path)
    assert "xylophone" not in str(failed.value)
    assert "xylophone" not in (tmp_path / "refused.json").read_text()
    assert capfd.readouterr() == ("", "")


def test_a_child_without_a_request_fails_and_writes_nothing(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-m", CHILD], input=b"", capture_output=True, check=False)
    assert done.returncode != 0
    assert done.stdout == b""


def test_this_process_keeps_its_own_limits(tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_AS)
    apart(slack(tmp_path / "export.zip", {"general/2026-03-02.json": [say("U0A1", "1.000001")]}), tmp_path)
    assert resource.getrlimit(resource.RLIMIT_AS) == before


def test_memory_does_not_grow_with_the_number_of_days(tmp_path: Path) -> None:
    """Two hundred million characters, day by day, in what ten days need."""
    messages = ",".join(
        f'{{"type":"message","user":"U1","ts":"1.{number:06}","text":"{"word " * 2_000}"}}' for number in range(500)
    )
    file = tmp_path / "days.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("users.json", "[]")
        archive.writestr("channels.json", '[{"id": "C1", "name": "general"}]')
        for day in range(40):
            archive.writestr(f"general/{date.fromordinal(738_000 + day)}.json", f"[{messages}]")
    assert apart(file, tmp_path, memory_bytes=600 << 20).count == 40 * 500
