"""Reading an export in a process of its own, so that a file made to hurt takes down a child and not the dashboard.

The child gets little memory and little time, no environment but what Python needs, and nowhere to print. It answers
through files in a folder; what it raised arrives here as itself.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from data.errors import BadFile, HearthError, Refused
from ingest.formats.format import Identity, Question, Unmapped, Unsettled
from ingest.importer import Details
from ingest.mapping import Suggested

CHILD = "ingest.formats.reading_child"
PROJECT = Path(__file__).parents[2]
ROWS_FILE, READING_FILE, REFUSED_FILE = "rows.parquet", "reading.json", "refused.json"
# What Python needs to start and to find its packages; nothing else of the environment is a parser's business.
NEEDED = ("PATH", "HOME", "SYSTEMROOT", "LD_LIBRARY_PATH", "PYTHONTZPATH", "TEMP", "TMP", "TMPDIR", "LANG", "LC_ALL")
# Pools that reserve gigabytes of addresses for speed would eat the limit before the first row.
SMALL_POOLS = {
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "MALLOC_ARENA_MAX": "2",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}


@dataclass(frozen=True)
class Allowance:
    """The most that reading one export may take. Memory is that of the whole child, Python and its packages included."""

    memory_bytes: int = 2 * 1024**3
    cpu_seconds: int = 900
    wall_seconds: int = 1800


USUAL_ALLOWANCE = Allowance()


@dataclass(frozen=True)
class ReadApart:
    """An export that was read: `rows` is a parquet file with `line` BIGINT and each of `columns` as VARCHAR.

    `header` is that of a table of no known tool, `details` are those asked for with what `profile` added to them.
    The rest is that of format.Reading, complete. `encoding` is that of a text or document, else the kind of container.
    """

    format: str
    title: str
    kind: str
    columns: tuple[str, ...]
    rows: Path
    count: int
    people: tuple[Identity, ...]
    covers: tuple[date, date] | None
    left_out: Mapping[str, int]
    warnings: tuple[str, ...]
    keys: Mapping[str, str]
    personal: Mapping[str, str]
    ragged: tuple[tuple[int, int], ...]
    encoding: str
    is_one_event: bool
    header: tuple[str, ...]
    details: Details
    profile: str | None


def read_apart(
    path: Path,
    name: str,
    kind: str | None,
    details: Details,
    zone: str,
    home: Path,
    folder: Path,
    allowance: Allowance = USUAL_ALLOWANCE,
) -> ReadApart:
    """Recognise and read an export in a child process, with what the profiles of `home` know about its like.

    `folder` exists and is the caller's to remove: `rows.parquet` and `reading.json` are written into it. Without a
    `kind` the format's usual one is read. Raises what the format raised (BadFile, Unsettled, Refused), Unmapped for a
    table of no known tool whose columns nobody named, and BadFile
    where the child met a limit or failed. Where Python has no module `resource` (Windows), only the time limit holds.
    """
    request = {
        "path": str(path),
        "name": name,
        "kind": kind,
        "details": details.model_dump(mode="json"),
        "zone": zone,
        "home": str(home),
        "folder": str(folder),
        "allowance": asdict(allowance),
    }
    for file in (ROWS_FILE, READING_FILE, REFUSED_FILE):
        (folder / file).unlink(missing_ok=True)
    try:
        done = subprocess.run(
            [sys.executable, "-m", CHILD],
            input=json.dumps(request).encode(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=PROJECT,
            env=_small_environment(),
            timeout=allowance.wall_seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise _too_long(name, allowance.wall_seconds) from error
    if (folder / REFUSED_FILE).exists():
        raise _as_raised(json.loads((folder / REFUSED_FILE).read_text(encoding="utf-8")), name, allowance)
    if done.returncode != 0 or not (folder / READING_FILE).exists():
        raise _ended(done.returncode, name, allowance)
    return _as_read(json.loads((folder / READING_FILE).read_text(encoding="utf-8")), name, folder / ROWS_FILE)


def _small_environment() -> dict[str, str]:
    kept = {variable: os.environ[variable] for variable in NEEDED if variable in os.environ}
    return kept | SMALL_POOLS | {"PYTHONPATH": str(PROJECT), "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1"}


def _as_read(said: dict[str, Any], name: str, rows: Path) -> ReadApart:
    """The reading as the child wrote it down."""
    if said["format"] is None and said["header"]:
        raise Unmapped(name, said["kind"], [Suggested(**one) for one in said["suggested"]], said["examples"])
    if said["format"] is None:
        raise BadFile(
            "This is no export that Hearth knows.",
            where=name,
            fix="Look whether it is the file you mean; a CSV or XLSX table can be taken in whatever its columns are called.",
        )
    return ReadApart(
        format=said["format"],
        title=said["title"],
        kind=said["kind"],
        columns=tuple(said["columns"]),
        rows=rows,
        count=said["count"],
        people=tuple(Identity(**person) for person in said["people"]),
        covers=(date.fromisoformat(said["covers"][0]), date.fromisoformat(said["covers"][1]))
        if said["covers"]
        else None,
        left_out=said["left_out"],
        warnings=tuple(said["warnings"]),
        keys=said["keys"],
        personal=said["personal"],
        ragged=tuple((line, cells) for line, cells in said["ragged"]),
        header=tuple(said["header"]),
        details=Details.model_validate(said["details"]),
        profile=said["profile"],
        encoding=said["encoding"],
        is_one_event=said["is_one_event"],
    )


def _as_raised(said: dict[str, Any], name: str, allowance: Allowance) -> HearthError:
    """The error that the child met, as it was raised there."""
    match said["error"]:
        case "Memory":
            return _too_large(name, allowance.memory_bytes)
        case "Unsettled":
            return Unsettled(
                said["where"],
                [
                    Question(
                        question["detail"],
                        question["words"],
                        question["option"],
                        tuple((value, shown) for value, shown in question["choices"]),
                        tuple(question["examples"]),
                    )
                    for question in said["questions"]
                ],
            )
        case "Refused":
            return Refused(said["what"], where=said["where"], fix=said["fix"])
        case _:
            return BadFile(said["what"], where=said["where"], fix=said["fix"])


def _ended(code: int, name: str, allowance: Allowance) -> BadFile:
    """What a child that said nothing died of: a signal has a negative code."""
    if code == -getattr(signal, "SIGXCPU", 0) and code != 0:
        return _too_long(name, allowance.cpu_seconds)
    if code < 0:
        return _too_large(name, allowance.memory_bytes)
    return BadFile(
        "The file could not be read: the reader stopped without a word.",
        where=name,
        fix="Look whether it is the export you mean, and export it again.",
    )


def _too_large(name: str, limit: int) -> BadFile:
    return BadFile(
        f"Reading the file needs more than {limit >> 20:,} MB of memory.",
        where=name,
        fix="Look whether it is the export you mean; if so, export fewer days or channels at a time.",
    )


def _too_long(name: str, seconds: int) -> BadFile:
    return BadFile(
        f"Reading the file takes longer than {seconds:,} seconds.",
        where=name,
        fix="Look whether it is the export you mean; if so, export fewer days or channels at a time.",
    )
