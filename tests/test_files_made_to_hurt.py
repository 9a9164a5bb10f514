"""Files made to hurt, and odd ones, measured for docs/reference/trust.md; what becomes of each is tested where its reader is."""

import resource
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.messy import HEADER, clean_rows, spoil
from bench.odd_files import (
    SILENT,
    judge,
    read_with_duckdb,
    read_with_hearth,
    read_with_pandas,
)
from data.errors import BadFile
from data.store import warehouse
from tests.figures_of_proof import record
from tests.test_formats_reading_apart import apart, bomb, broken_halfway, huge_cell, nested_archive, nested_document


def outside(folder: Path) -> Path:
    """Names that lead out of the folder."""
    file = folder / "outside.zip"
    with zipfile.ZipFile(file, "w") as archive:
        for name in ("../../etc/passwd.json", "/root/general/2026-03-02.json", "general/../../2026-03-02.json"):
            archive.writestr(name, "[]")
    return file


def ragged(folder: Path) -> Path:
    file = folder / "ragged.csv"
    lines = [
        "AuthorID,Author,Date,Content,Attachments,Reactions",
        *(",".join(["x"] * (at % 5_000)) for at in range(2_000)),
    ]
    file.write_text("\n".join(lines), encoding="utf-8")
    return file


def many_entries(folder: Path) -> Path:
    file = folder / "many.zip"
    with zipfile.ZipFile(file, "w") as archive:
        for at in range(30_000):
            archive.writestr(f"odd/{at}.txt", "")
    return file


MADE: tuple[Callable[[Path], Path], ...] = (
    bomb, nested_archive, nested_document, broken_halfway, outside, huge_cell, ragged, many_entries,
)  # fmt: skip


@pytest.mark.prove
def test_files_made_to_hurt_are_refused_within_limits(tmp_path: Path) -> None:
    refused, slowest, before = 0, 0.0, set(tmp_path.parent.iterdir())
    for make in MADE:
        folder = tmp_path / make.__name__
        folder.mkdir()
        file = make(folder)
        began = time.monotonic()
        try:
            apart(file, folder)  # anything but a reading or a refusal ends the proof
        except BadFile:
            refused += 1
        slowest = max(slowest, time.monotonic() - began)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    record(
        "ZIP bombs, traversal, huge/ragged files",
        files=len(MADE), refused=refused, crashes=0, peak_mb=peak, seconds=round(slowest, 1),
    )  # fmt: skip
    assert refused >= len(MADE) - 1, "a ragged list may be read, and its odd rows are handed back"
    assert slowest < 60
    assert set(tmp_path.parent.iterdir()) == before, "nothing was written beside the folder"


@pytest.mark.prove
def test_no_spoilt_file_is_silently_read_as_another() -> None:
    counts: dict[str, Counter[str]] = {name: Counter() for name in ("Hearth", "pandas", "DuckDB")}
    expected = (HEADER, clean_rows())
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        home = folder / "home"
        home.mkdir()
        files = []
        for number, messy in enumerate(spoil()):
            file = folder / f"{number}.csv"
            file.write_bytes(messy.content)
            files.append(file)
        with warehouse(home, reach=(folder,)) as connection:
            for file in files:
                counts["Hearth"][judge(read_with_hearth(connection, home, file), expected)] += 1
        for file in files:
            counts["pandas"][judge(read_with_pandas(file), expected)] += 1
            counts["DuckDB"][judge(read_with_duckdb(file), expected)] += 1
    record(
        "bad CSV", files=len(files), silent=counts["Hearth"][SILENT],
        silent_pandas=round(100 * counts["pandas"][SILENT] / len(files)), silent_duckdb=round(100 * counts["DuckDB"][SILENT] / len(files)),
    )  # fmt: skip
    assert counts["Hearth"][SILENT] == 0
