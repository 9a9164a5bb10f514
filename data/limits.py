"""Limits: how much memory, disk and how many threads a connection may use, and what to say when there is no more.

The environment wins over `settings.toml`: HEARTH_MEMORY_MB, HEARTH_SPILL_MB and HEARTH_THREADS.
"""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from data.errors import NoRoom
from data.settings import Limits

MEGABYTE = 1024 * 1024
SHARE_OF_MEMORY = 0.6
MOST_MEMORY_MB = (
    1536  # more makes a publish of ten million interactions no faster, and 2.5 GB are the most it may take in all
)
LEAST_MEMORY_MB = 256
ROOM_FOR_AN_UPLOAD = 3  # its text while it is read, its kept copy, and its rows in the warehouse
_CONTAINER_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")
_FULL = ("no space left on device", '"errno":"28"', "disk quota exceeded", '"errno":"122"')


def settings_of(limits: Limits, folder: Path) -> dict[str, str]:
    """The DuckDB settings that hold a connection to its limits; `folder` is where it spills to."""
    memory = _asked("HEARTH_MEMORY_MB") or limits.memory_mb or _share_of_memory()
    spill = _asked("HEARTH_SPILL_MB")
    if spill is None:
        spill = limits.spill_mb
    if spill is None:
        spill = shutil.disk_usage(folder).free // (2 * MEGABYTE)
    return {"memory_limit": f"{memory}MiB", "max_temp_directory_size": f"{spill}MiB", **threads_of(limits)}


def threads_of(limits: Limits) -> dict[str, str]:
    """The DuckDB setting of how many cores a connection uses, which one without a file has too."""
    threads = _asked("HEARTH_THREADS") or limits.threads
    return {"threads": str(threads)} if threads else {}


def require_room(folder: Path, upload: Path) -> None:
    """Raises NoRoom where the disk has less than three times an upload left: before anything was written."""
    size, free = upload.stat().st_size, shutil.disk_usage(folder).free
    if free < ROOM_FOR_AN_UPLOAD * size:
        raise NoRoom(
            f"The disk has {free / MEGABYTE:,.1f} MB left, and taking in {upload.name} needs "
            f"{ROOM_FOR_AN_UPLOAD * size / MEGABYTE:,.1f} MB: three times its size.",
            where=str(folder),
            fix="Free some space and try again; nothing was changed.",
        )


def is_full(error: BaseException) -> bool:
    """Whether an error says that there is no room left."""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return True
    return isinstance(error, duckdb.Error) and any(sign in str(error).lower() for sign in _FULL)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether a query needed more memory, with all that it may spill to disk, than it was allowed."""
    return isinstance(error, (duckdb.OutOfMemoryException, MemoryError))


@contextmanager
def saying_where_it_is_full(doing: str, folder: Path) -> Iterator[None]:
    """Turn a full disk into words that name what was being done. Everything else passes."""
    try:
        yield
    except (duckdb.Error, OSError) as error:
        if not is_full(error):
            raise
        raise no_room(doing, str(folder)) from error


def no_room(doing: str, where: str) -> NoRoom:
    """The error of a full disk; nothing is lost by it."""
    return NoRoom(
        f"The disk is full: {doing}.",
        where=where,
        fix="Free some space and try again; what was saved before is safe.",
    )


def _asked(name: str) -> int | None:
    text = os.environ.get(name, "")
    return int(text) if text.isdecimal() else None


def _share_of_memory() -> int:
    """60 % of the memory of this machine or container in MB, within sensible bounds."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for name in _CONTAINER_LIMITS:
        file = Path(name)
        text = file.read_text(encoding="ascii").strip() if file.exists() else ""
        memory = min(memory, int(text)) if text.isdecimal() else memory
    return max(LEAST_MEMORY_MB, min(MOST_MEMORY_MB, int(memory * SHARE_OF_MEMORY) // MEGABYTE))
