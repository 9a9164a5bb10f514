"""Mending: a torn log opens by itself, a damaged file is refused and never gives wrong numbers."""

import os
import random
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

import pipeline
from data.errors import Damaged
from data.mending import forget_aside, set_aside
from data.store import opened, summarise, warehouse
from ingest.keeping import list_kept
from tests.figures_of_proof import record
from tests.uploads import ask, take_in

PROJECT = Path(__file__).parent.parent
EVENTS = "event_id,starts_at,title\n"
CRASHING = """
import os, sys
from pathlib import Path
from data.store import warehouse
from ingest import batches
from ingest.importer import Details, Upload
from tests.uploads import TODAY

home, file = Path(sys.argv[1]), Path(sys.argv[2])
with warehouse(home, reach=(file,)) as connection:
    for number in range(2, 8):
        rows = "".join(f"E{number}x{place},2026-03-01,Event {place}\\n" for place in range(20))
        file.write_text("event_id,starts_at,title\\n" + rows)
        batches.take_in(connection, home, Upload(file, "next.csv", None, Details(), "test"), TODAY)
    os._exit(0)
"""


@pytest.fixture(scope="module")
def crashed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose process ended without closing the warehouse: six of its eight batches are in the log only."""
    home = tmp_path_factory.mktemp("crashed")
    for number in range(2):
        take_in(home, EVENTS + "".join(f"E{number}x{place},2026-03-01,Event {place}\n" for place in range(20)))
    subprocess.run(
        [sys.executable, "-c", CRASHING, str(home), str(home.parent / "next.csv")],
        cwd=PROJECT, env=os.environ | {"PYTHONPATH": str(PROJECT)}, check=True,
    )  # fmt: skip
    assert (home / "warehouse.duckdb.wal").stat().st_size > 5_000
    return home


def tear(log: bytes, rng: random.Random) -> tuple[str, bytes]:
    """What a power cut may leave of a log: cut short, a bit flipped, a page of zeros or of something else."""
    place = rng.randrange(len(log))
    kind = rng.choice(("cut", "flip", "zeros", "garbage", "tail"))
    if kind == "cut":
        return kind, log[:place]
    if kind == "flip":
        return kind, log[:place] + bytes([log[place] ^ (1 << rng.randrange(8))]) + log[place + 1 :]
    if kind == "tail":
        return kind, log[:place] + rng.randbytes(len(log) - place)
    page = bytes(4096) if kind == "zeros" else rng.randbytes(4096)
    return kind, log[:place] + page[: len(log) - place] + log[place + 4096 :]


@dataclass
class Tears:
    """What torn logs came to."""

    tried: int = 0
    not_started: int = 0
    lost: int = 0
    mended: int = 0
    seconds: list[float] = field(default_factory=list)


def open_torn(crashed: Path, tmp_path: Path, times: int, seed: int) -> Tears:
    rng, tears = random.Random(seed), Tears()
    log = (crashed / "warehouse.duckdb.wal").read_bytes()
    for _ in range(times):
        home = tmp_path / "torn"
        shutil.copytree(crashed, home)
        (home / "warehouse.duckdb.wal").write_bytes(tear(log, rng)[1])
        started = time.perf_counter()
        try:
            pipeline.recover(home)
        except Damaged:
            tears.not_started += 1
        else:
            rows = ask(home, "select batch, count(*) from events group by batch order by batch")
            tears.lost += rows != [(batch, 20) for batch in range(1, 9)]
            tears.mended += (home / "aside").exists()
        tears.seconds.append(time.perf_counter() - started)
        tears.tried += 1
        shutil.rmtree(home)
    return tears


def test_a_torn_log_opens_by_itself_and_nothing_acknowledged_is_lost(crashed: Path, tmp_path: Path) -> None:
    tears = open_torn(crashed, tmp_path, 10, seed=1)
    assert (tears.not_started, tears.lost) == (0, 0)
    assert tears.mended > 0


@pytest.mark.prove
def test_logs_torn_at_three_hundred_places(crashed: Path, tmp_path: Path) -> None:
    tears = open_torn(crashed, tmp_path, 300, seed=2)
    record(
        "torn WAL", tried=tears.tried, not_started=tears.not_started, lost=tears.lost, mended=tears.mended,
        p95_ms=round(sorted(tears.seconds)[int(len(tears.seconds) * 0.95)] * 1000),
    )  # fmt: skip
    assert (tears.not_started, tears.lost) == (0, 0)


def test_the_log_is_copied_aside_before_it_is_cut(crashed: Path, tmp_path: Path) -> None:
    home = tmp_path / "torn"
    shutil.copytree(crashed, home)
    log = home / "warehouse.duckdb.wal"
    torn = log.read_bytes()
    torn = torn[:3000] + bytes(200) + torn[3200:]
    log.write_bytes(torn)
    with pytest.raises(duckdb.Error, match="Corrupt WAL file"):
        duckdb.connect(str(home / "warehouse.duckdb"))
    with opened(home / "warehouse.duckdb") as connection:
        (rows,) = connection.execute("select count(*) from events").fetchone() or (0,)
    assert 40 <= rows < 160
    (copy,) = (home / "aside").iterdir()
    assert copy.read_bytes() == torn
    assert copy.stat().st_mode & 0o077 == 0


def test_what_was_put_aside_is_removed_after_a_month(tmp_path: Path) -> None:
    (tmp_path / "warehouse.duckdb.wal").write_bytes(b"torn")
    copy = set_aside(tmp_path / "warehouse.duckdb.wal")
    forget_aside(tmp_path)
    assert copy.exists()
    forget_aside(tmp_path, older_than=timedelta(0))
    assert not copy.exists()


def test_a_warehouse_that_cannot_be_mended_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "warehouse.duckdb").write_bytes(b"not a database, but long enough to be read as one" * 100)
    with pytest.raises(Damaged, match="hearth restore"), warehouse(tmp_path):
        pass


def rot(content: bytes, rng: random.Random) -> bytes:
    """A file with a flipped bit, some bytes of something else, a page of zeros, or its end missing."""
    kind = rng.choice(("flip", "flip", "garbage", "zeros", "cut"))
    place = rng.randrange(16_384) if rng.random() < 0.3 else rng.randrange(len(content))
    if kind == "cut":
        return content[:place]
    if kind == "flip":
        return content[:place] + bytes([content[place] ^ (1 << rng.randrange(8))]) + content[place + 1 :]
    block = bytes(4096) if kind == "zeros" else rng.randbytes(64)
    return (content[:place] + block + content[place + len(block) :])[: len(content)]


def open_rotten(crashed: Path, tmp_path: Path, times: int, seed: int) -> tuple[int, int, int]:
    """How many damaged files were refused, gave the right content all the same, and gave another."""
    home = tmp_path / "rotten"
    shutil.copytree(crashed, home)
    pipeline.recover(home)
    with warehouse(home) as connection:
        right = summarise(connection)
    rng, file = random.Random(seed), home / "warehouse.duckdb"
    whole = file.read_bytes()
    refused = same = wrong = 0
    for _ in range(times):
        for left in home.glob("warehouse.duckdb*"):
            left.unlink()
        file.write_bytes(rot(whole, rng))
        try:
            pipeline.recover(home)
            with warehouse(home) as connection:
                found = summarise(connection)
        except Damaged:
            refused += 1
        else:
            same += found == right
            wrong += found != right
    return refused, same, wrong


def test_a_file_with_bit_rot_is_refused_and_never_wrong(crashed: Path, tmp_path: Path) -> None:
    refused, _, wrong = open_rotten(crashed, tmp_path, 20, seed=3)
    assert wrong == 0
    assert refused > 10


@pytest.mark.prove
def test_three_hundred_rotten_files(crashed: Path, tmp_path: Path) -> None:
    refused, same, wrong = open_rotten(crashed, tmp_path, 300, seed=4)
    record("bit rot", damaged=refused + same + wrong, refused=refused, unharmed=same, silent_wrong=wrong)
    assert wrong == 0


def test_what_a_killed_process_had_spilled_to_disk_is_removed(tmp_path: Path) -> None:
    spill = tmp_path / "warehouse.duckdb.tmp"
    spill.mkdir()
    (spill / "duckdb_temp_storage-0.tmp").write_bytes(b"names of people")
    with warehouse(tmp_path):
        pass
    assert not spill.exists()


def test_a_warehouse_has_its_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "settings.toml").write_text(
        "[limits]\nmemory_mb = 512\nspill_mb = 100\nthreads = 1\n", encoding="utf-8"
    )
    asked = (
        "select current_setting('memory_limit'), current_setting('max_temp_directory_size'), current_setting('threads')"
    )
    with warehouse(tmp_path) as connection:
        assert connection.execute(asked).fetchone() == ("512.0 MiB", "100.0 MiB", 1)
    monkeypatch.setenv("HEARTH_MEMORY_MB", "300")
    with warehouse(tmp_path) as connection:
        (memory, *_) = connection.execute(asked).fetchone() or ("",)
    assert memory == "300.0 MiB"


def test_without_settings_a_connection_takes_no_more_than_a_share_of_the_machine(tmp_path: Path) -> None:
    with warehouse(tmp_path) as connection:
        (memory,) = connection.execute("select current_setting('memory_limit')").fetchone() or ("",)
    number, unit = re.fullmatch(r"([\d.]+) (\w+)", memory).groups()  # type: ignore[union-attr]
    used = float(number) * {"MiB": 1, "GiB": 1024}[unit]
    physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**2
    assert 256 <= used <= max(256, min(16 * 1024, 0.6 * physical)) + 1
    assert list(list_kept(tmp_path)) == []
