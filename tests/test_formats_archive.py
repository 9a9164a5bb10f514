"""Archives made to hurt are refused by their figures; no name in one ever becomes a path."""

import gzip
import io
import stat
import struct
import tarfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.errors import BadFile
from ingest.formats.archive import SLACK, Limits, open_archive
from tests.chats import pack_tar, pack_zip

ZEROS = bytes(4 << 20)


def test_entries_are_read_and_nothing_is_written(tmp_path: Path) -> None:
    """Names that would climb out of a folder are names, and stay in the archive."""
    names = ["../../escape.json", "/etc/cron.d/x", "C:\\x", "a/../../b.json", "plain.json"]
    inside = tmp_path / "inside"
    inside.mkdir()
    archive = open_archive(pack_zip(inside / "a.zip", dict.fromkeys(names, "[]")), "a.zip")
    assert list(archive.names) == names
    assert [archive.read(name) for name in names] == [b"[]"] * len(names)
    packed = open_archive(pack_tar(inside / "a.tar.gz", dict.fromkeys(names, "[]")), "a.tar.gz")
    assert [data for _, data in packed.read_many(iter(names))] == [b"[]"] * len(names)
    assert sorted(file.name for file in tmp_path.rglob("*") if file.is_file()) == ["a.tar.gz", "a.zip"]


def test_nested_archives_are_no_entries(tmp_path: Path) -> None:
    held = {"a.json": "[]", "b.zip": b"PK", "c.tar.gz": b"x", "d.7z": b"x", "E.ZIP": b"PK"}
    assert open_archive(pack_zip(tmp_path / "a.zip", held), "a.zip").names == ("a.json",)


def test_an_entry_that_is_packed_too_well(tmp_path: Path) -> None:
    archive = open_archive(pack_zip(tmp_path / "bomb.zip", {"zeros.json": ZEROS}), "bomb.zip")
    with pytest.raises(BadFile, match="more than 200 times its size"):
        archive.read("zeros.json")
    with pytest.raises(BadFile, match="unpacks to more than"):
        open_archive(pack_tar(tmp_path / "bomb.tar.gz", {"zeros.json": ZEROS}), "bomb.tar.gz")


def test_a_gz_that_is_packed_too_well(tmp_path: Path) -> None:
    file = tmp_path / "zeros.csv.gz"
    file.write_bytes(gzip.compress(b"a,b,c\n" * (8 << 20)))
    archive = open_archive(file, "zeros.csv.gz")
    assert archive.names == ("zeros.csv",)
    with pytest.raises(BadFile, match="more than 200 times its size"):
        archive.read("zeros.csv")


def test_bytes_are_counted_over_entries_and_an_entry_read_twice_counts_once(tmp_path: Path) -> None:
    entries = {f"{number}.json": bytes(range(256)) * 40 for number in range(4)}
    archive = open_archive(pack_zip(tmp_path / "a.zip", entries), "a.zip")
    limits = Limits(bytes=3 * 256 * 40)
    for _ in range(2):
        for number in range(3):
            assert len(archive.read(f"{number}.json", limits)) == 256 * 40
    with pytest.raises(BadFile, match="unpacks to more than"):
        archive.read("3.json", limits)
    with pytest.raises(BadFile, match="unpacks to"):
        archive.check(limits)


def test_too_many_entries(tmp_path: Path) -> None:
    archive = open_archive(pack_zip(tmp_path / "a.zip", {f"{n}.json": "" for n in range(30)}), "a.zip")
    with pytest.raises(BadFile, match="30 files; 20 are the most"):
        archive.check(Limits(entries=20))
    archive.check(SLACK)


def test_an_entry_that_says_it_is_smaller_than_it_is(tmp_path: Path) -> None:
    file = pack_zip(tmp_path / "a.zip", {"a.json": b"x" * 5_000})
    data = bytearray(file.read_bytes())
    directory = data.rindex(b"PK\x01\x02")
    for at in (22, directory + 24):
        data[at : at + 4] = struct.pack("<I", 100)
    file.write_bytes(data)
    with pytest.raises(BadFile, match="damaged"):
        open_archive(file, "a.zip").read("a.json")


def test_entries_that_share_bytes(tmp_path: Path) -> None:
    """Many names for one packed entry, and an entry whose bytes reach into the next: both unpack far more than they hold."""
    file = pack_zip(tmp_path / "a.zip", {"a.json": b"x" * 5_000, "b.json": b"y" * 5_000})
    whole = file.read_bytes()
    first, second = whole.index(b"PK\x01\x02"), whole.rindex(b"PK\x01\x02")
    same = bytearray(whole)
    same[second + 42 : second + 46] = same[first + 42 : first + 46]
    reaching = bytearray(whole)
    (packed,) = struct.unpack("<I", reaching[first + 20 : first + 24])
    reaching[first + 20 : first + 24] = struct.pack("<I", packed + 10)
    for name, data in (("same.zip", same), ("reaching.zip", reaching)):
        made = tmp_path / name
        made.write_bytes(data)
        with pytest.raises(BadFile, match="lie over each other"):
            open_archive(made, name)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_stands_twice(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.json", "1")
        archive.writestr("a.json", "2")
    with pytest.raises(BadFile, match="lie over each other"):
        open_archive(tmp_path / "a.zip", "a.zip")
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz") as packed:
        for text in (b"1", b"2"):
            info = tarfile.TarInfo("a.json")
            info.size = 1
            packed.addfile(info, io.BytesIO(text))
    with pytest.raises(BadFile, match="lie over each other"):
        open_archive(tmp_path / "a.tar.gz", "a.tar.gz")


def test_links_and_devices(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        link = zipfile.ZipInfo("users.json")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(BadFile, match="links"):
        open_archive(tmp_path / "a.zip", "a.zip")
    for sort in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE):
        with tarfile.open(tmp_path / "a.tar.gz", "w:gz") as packed:
            info = tarfile.TarInfo("realm.json")
            info.type, info.linkname = sort, "/etc/passwd"
            packed.addfile(info)
        with pytest.raises(BadFile, match="links"):
            open_archive(tmp_path / "a.tar.gz", "a.tar.gz")


def test_a_password(tmp_path: Path) -> None:
    file = pack_zip(tmp_path / "a.zip", {"a.json": "[]"})
    data = bytearray(file.read_bytes())
    for at in (6, data.index(b"PK\x01\x02") + 8):
        data[at] |= 1
    file.write_bytes(data)
    with pytest.raises(BadFile, match="password"):
        open_archive(file, "a.zip")


def test_damaged_archives(tmp_path: Path) -> None:
    whole = pack_zip(tmp_path / "a.zip", {"a.json": bytes(range(256)) * 100}).read_bytes()
    cut = tmp_path / "cut.zip"
    cut.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(BadFile, match="damaged"):
        open_archive(cut, "cut.zip")
    tar = pack_tar(tmp_path / "a.tar.gz", {"a.json": bytes(range(256)) * 100}).read_bytes()
    cut.write_bytes(tar[: len(tar) // 2])
    with pytest.raises(BadFile, match="damaged"):
        open_archive(cut, "cut.tar.gz")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("archives")


@given(lines=st.lists(st.binary(max_size=60), max_size=8), ends=st.booleans())
def test_lines_are_those_of_the_bytes(folder: Path, lines: list[bytes], ends: bool) -> None:
    whole = [line.replace(b"\n", b"") for line in lines]
    data = b"\n".join(whole) + (b"\n" if ends else b"")
    expected = data.split(b"\n")
    expected = expected[:-1] if expected[-1] == b"" else expected
    archive = open_archive(pack_zip(folder / "lines.zip", {"a.jsonl": data}), "lines.zip")
    assert list(archive.read_lines("a.jsonl")) == expected


@given(at=st.integers(0, 400), value=st.integers(0, 255))
def test_a_byte_changed_anywhere_gives_the_entry_or_a_refusal(folder: Path, at: int, value: int) -> None:
    whole = bytearray(pack_zip(folder / "whole.zip", {"a.json": "[1, 2, 3]", "b.json": "[4, 5, 6]"}).read_bytes())
    whole[at % len(whole)] = value
    changed = folder / "changed.zip"
    changed.write_bytes(whole)
    try:
        opened = open_archive(changed, "changed.zip")
        held = {opened.read(name) for name in opened.names}
    except BadFile:
        return
    assert held <= {b"[1, 2, 3]", b"[4, 5, 6]", b""}
