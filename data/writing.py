"""Writing files so that they are whole: flushed before they have their name, and their name flushed too."""

import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path


def flush(path: Path) -> None:
    """Put a file, or the names in a folder, on disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def replace_file(file: Path, write: Callable[[Path], None]) -> None:
    """Let `write` fill a new file beside `file`, then put it in its place in one step, readable by its owner only.

    After an error or a power cut the old file is there as it was.
    """
    fresh = file.with_name(f".new-{file.name}")
    try:
        write(fresh)
        fresh.chmod(0o600)
        flush(fresh)
        fresh.replace(file)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
    flush(file.parent)


def replace_text(file: Path, text: str) -> None:
    """Write a small file so that a reader sees the old text or the new one, also after a power cut."""

    def write(fresh: Path) -> None:
        fresh.write_text(text, encoding="utf-8")

    replace_file(file, write)


def append_lines(file: Path, lines: Sequence[str]) -> None:
    """Add lines to a file. It is written anew, so that a full disk or a power cut leaves no half line."""
    if lines:
        before = file.read_text(encoding="utf-8") if file.exists() else ""
        whole = f"{before}\n" if before and not before.endswith("\n") else before
        replace_text(file, whole + "".join(f"{line}\n" for line in lines))


def copy_file(source: Path, target: Path) -> None:
    """A copy of a file that is whole or not there."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)

    def write(fresh: Path) -> None:
        shutil.copyfile(source, fresh)

    replace_file(target, write)


def merge_lines(file: Path, other: Path) -> None:
    """Add the lines that another file of the kind knows and this one does not, such as that of a backup put into an empty home.

    They go before the file's own, which stay the last that was said. On disk when this returns.
    """
    own = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    known = set(own)
    more = (
        [line for line in other.read_text(encoding="utf-8").splitlines() if line not in known] if other.exists() else []
    )
    if more:
        replace_text(file, "".join(f"{line}\n" for line in [*more, *own]))
