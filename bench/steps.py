"""One step of the bench, in a process of its own: `python -m bench.steps STEP FOLDER ...` prints what it took as JSON.

Seconds are counted from the stored file to the commit, and to the end of the process's work on the file. Of an
import the hash of the file and the kept copy are counted apart, because a raw load has neither.
"""

import hashlib
import json
import os
import resource
import sys
import time
from collections.abc import Callable
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb

import pipeline
from ingest.importer import Details, Receipt, Upload
from ingest.manifest import take_from_manifest
from metrics.snapshot import Role, open_snapshot


class Clock:
    """Wall and processor seconds between marks."""

    def __init__(self) -> None:
        self.marks: list[tuple[str, float, float]] = []
        self.mark("start")

    def mark(self, name: str) -> None:
        self.marks.append((name, time.perf_counter(), time.process_time()))

    def between(self, first: str, last: str) -> dict[str, float]:
        """Seconds from one mark to another; a name stands for the first mark that starts with it."""
        start, end = self._find(first), self._find(last)
        return {"wall": end[1] - start[1], "cpu": end[2] - start[2]}

    def during(self, name: str) -> dict[str, float]:
        """Seconds in all stages whose name starts so, each until the next mark."""
        stages = [(mark, after) for mark, after in pairwise(self.marks) if mark[0].startswith(name)]
        return {
            "wall": sum(after[1] - mark[1] for mark, after in stages),
            "cpu": sum(after[2] - mark[2] for mark, after in stages),
        }

    def _find(self, name: str) -> tuple[str, float, float]:
        return next(mark for mark in self.marks if mark[0].startswith(name))


def load_raw(folder: Path, file: str) -> dict[str, Any]:
    """What every import is measured against: DuckDB's own reader into a table of a new database file."""
    target = folder / "raw.duckdb"
    target.unlink(missing_ok=True)
    clock = Clock()
    connection = duckdb.connect(str(target))
    connection.execute("create table raw as select * from read_csv(?, header = true)", [file])
    clock.mark("committed")
    connection.close()
    clock.mark("closed")
    return {"to commit": clock.between("start", "committed"), "in all": clock.between("start", "closed")}


def import_file(home: Path, file: str) -> dict[str, Any]:
    """A file taken in by the pipeline, its bad rows handed back; nothing is published."""
    clock = Clock()
    upload = Upload(Path(file), Path(file).name, None, Details(), "bench")
    outcome = pipeline.take_in(
        home, [upload], keep_good=True, publishing=False, progress=lambda stage, _: clock.mark(stage)
    )
    clock.mark("closed")
    receipt: Receipt = outcome.receipts[0]
    counts = {name: getattr(receipt, name) for name in ("rows", "new", "changed", "unchanged", "rejected")}
    if all(not name.startswith("Stored") for name, _, _ in clock.marks):
        return {"in all": clock.between("start", "closed"), **counts}
    hashing = _hash(Path(file))
    keeping = clock.between("Keeping", "Storing")
    whole = clock.between("Reading", "Stored")
    return {
        "hash": hashing,
        "kept copy": keeping,
        "to commit": {unit: whole[unit] - keeping[unit] - hashing[unit] for unit in whole},
        "in all": clock.between("start", "closed"),
        **counts,
    }


def fill(home: Path, sample: str) -> dict[str, Any]:
    """Every file of a generated community taken in, answers and registers too; nothing is published."""
    folder = Path(sample)
    settings = (folder / "settings.toml").read_text(encoding="utf-8")
    home.mkdir(parents=True)
    # Without a list of dimensions, numbers are cut by all that the roster has.
    kept = [line for line in settings.splitlines() if not line.startswith("dimensions")]
    (home / "settings.toml").write_text("\n".join(kept), encoding="utf-8")
    clock = Clock()
    pipeline.take_in(home, take_from_manifest(folder, "bench"), publishing=False)
    clock.mark("closed")
    return {"in all": clock.between("start", "closed")}


def publish(home: Path, memory: str = "") -> dict[str, Any]:
    """Everything published; `memory` is DuckDB's limit in MB."""
    if memory:
        os.environ["HEARTH_MEMORY_MB"] = memory
    clock = Clock()
    pipeline.publish(home, progress=lambda stage, _: clock.mark(stage))
    clock.mark("published")
    with closing(open_snapshot(home, Role.MANAGER)) as snapshot:
        counts = snapshot.query(
            """select count(distinct metric) as metrics, count(*) as observations,
                      (select count(distinct dimension) from segments) as dimensions
               from observations
               join series using (series)"""
        )
    return {
        "in all": clock.between("start", "published"),
        "attack": clock.during("Attacking"),
        **{key: int(counts[key].iloc[0]) for key in counts},
    }


def _hash(file: Path) -> dict[str, float]:
    clock = Clock()
    with file.open("rb") as handle:
        hashlib.file_digest(handle, "sha256")
    clock.mark("hashed")
    return clock.between("start", "hashed")


STEPS: dict[str, Callable[..., dict[str, Any]]] = {
    "raw": load_raw,
    "import": import_file,
    "fill": fill,
    "publish": publish,
}

if __name__ == "__main__":
    name, place, *rest = sys.argv[1:]
    took = STEPS[name](Path(place), *rest)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(took | {"memory": memory}))
