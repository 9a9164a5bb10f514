"""Archives: entries read one by one inside limits, never extracted, so that no name in them ever becomes a path here.

The limits are those of an honest export of a large community; what is beyond them is refused by its figure. What an
archive says of its sizes decides only what is refused early: bytes are counted while they are read.
"""

import gzip
import io
import lzma
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from data.errors import BadFile

CHUNK_BYTES = 1 << 20
LONGEST_LINE = 1 << 27
NESTED = (".zip", ".gz", ".tgz", ".tar", ".7z", ".rar", ".bz2", ".xz")
ENCRYPTED = 0x1
LOCAL_HEADER_BYTES = 30
DAMAGED = (
    zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, gzip.BadGzipFile, EOFError, OSError,
    NotImplementedError, ValueError,
)  # fmt: skip


@dataclass(frozen=True)
class Limits:
    """The most that an archive may hold: entries, bytes when read, and how many times smaller than that an entry is packed."""

    entries: int = 20_000
    bytes: int = 500 * 1024**2
    ratio: int = 200


USUAL = Limits()
SLACK = Limits(entries=500_000, bytes=5 * 1024**3)


class Archive:
    """The files in a ZIP, a tar.gz or a gz. `names` are those of regular entries in the archive's order; a shared top folder stays."""

    def __init__(self, path: Path, name: str, sizes: dict[str, int]) -> None:
        self.path = path
        self.name = name
        self.names = tuple(sizes)
        self._sizes = sizes
        self._counts: dict[str, int] = {}
        self._total = 0

    def check(self, limits: Limits = USUAL) -> None:
        """Raises BadFile for an archive that says of itself that it is beyond the limits."""
        self.check_entries(limits)
        total = sum(self._sizes.values())
        if total > limits.bytes:
            raise self._refuse(f"The archive unpacks to {total >> 20:,} MB; {limits.bytes >> 20:,} MB are the most.")

    def check_entries(self, limits: Limits) -> None:
        """Raises BadFile for more entries than the limits, whatever their size: some are only pictures beside the data."""
        if len(self._sizes) > limits.entries:
            raise self._refuse(f"The archive holds {len(self._sizes):,} files; {limits.entries:,} are the most.")

    def read(self, entry: str, limits: Limits = USUAL) -> bytes:
        """The bytes of one entry, counted while they are read. Raises BadFile beyond the limits or where it is damaged."""
        return b"".join(self._chunks(entry, limits))

    def read_lines(self, entry: str, limits: Limits = USUAL) -> Iterator[bytes]:
        """The lines of one entry without holding more than one of them; the same limits and errors as `read`."""
        rest: list[bytes] = []
        length = 0
        for chunk in self._chunks(entry, limits):
            *whole, last = chunk.split(b"\n")
            for line in whole:
                yield b"".join((*rest, line))
                rest, length = [], 0
            rest.append(last)
            length += len(last)
            if length > LONGEST_LINE:
                raise self._refuse(f"A line of the file {entry} is longer than {LONGEST_LINE >> 20:,} MB.")
        if length:
            yield b"".join(rest)

    def read_many(self, entries: Iterator[str], limits: Limits = USUAL) -> Iterator[tuple[str, bytes]]:
        """Each of the entries with its bytes."""
        for entry in entries:
            yield entry, self.read(entry, limits)

    def _chunks(self, entry: str, limits: Limits) -> Iterator[bytes]:
        """The bytes of an entry, some at a time. An entry that is read twice counts once."""
        before = self._total - self._counts.get(entry, 0)
        count = 0
        try:
            with self._open(entry, limits) as handle:
                while chunk := handle.read(CHUNK_BYTES):
                    count += len(chunk)
                    if before + count > limits.bytes:
                        raise self._refuse(f"The archive unpacks to more than {limits.bytes >> 20:,} MB.")
                    yield chunk
        except DAMAGED as error:
            raise self._refuse(f"The file {entry} in the archive is damaged.") from error
        self._total += count - self._counts.get(entry, 0)
        self._counts[entry] = count

    def _open(self, entry: str, limits: Limits) -> IO[bytes]:
        raise NotImplementedError

    def _refuse(self, what: str) -> BadFile:
        return BadFile(what, where=self.name, fix="Look whether it is the export you mean, and export it again.")


class _Zip(Archive):
    def __init__(self, path: Path, name: str) -> None:
        self._zip = zipfile.ZipFile(path)
        entries = [info for info in self._zip.infolist() if not info.filename.endswith("/")]
        super().__init__(path, name, {info.filename: info.file_size for info in entries})
        self.check_entries(SLACK)
        if len(self.names) < len(entries) or _overlap(entries, self._zip.start_dir):
            raise self._refuse("Files in the archive lie over each other.")
        if any(stat.S_ISLNK(info.external_attr >> 16) for info in entries):
            raise self._refuse("The archive holds links instead of files.")
        if any(info.flag_bits & ENCRYPTED for info in entries):
            raise BadFile("The archive is locked with a password.", where=name, fix="Unlock it, or export it without.")

    def _open(self, entry: str, limits: Limits) -> IO[bytes]:
        info = self._zip.getinfo(entry)
        if info.file_size > limits.ratio * max(info.compress_size, 1) and info.file_size > CHUNK_BYTES:
            raise self._refuse(f"The file {entry} unpacks to more than {limits.ratio} times its size.")
        return self._zip.open(info)


class _Tar(Archive):
    def __init__(self, path: Path, name: str) -> None:
        self._tar = tarfile.open(path, "r:gz")  # noqa: SIM115 - read from until the archive is done with
        self._members: dict[str, tarfile.TarInfo] = {}
        self.name = name
        largest = min(USUAL.bytes, max(USUAL.ratio * path.stat().st_size, CHUNK_BYTES))
        total = 0
        for member in self._tar:
            if not (member.isfile() or member.isdir()):
                raise self._refuse("The archive holds links instead of files.")
            if member.isfile():
                if member.name in self._members:
                    raise self._refuse("Files in the archive lie over each other.")
                self._members[member.name] = member
                total += member.size
            if len(self._members) > USUAL.entries:
                raise self._refuse(f"The archive holds more than {USUAL.entries:,} files.")
            if total > largest:
                raise self._refuse(f"The archive unpacks to more than {largest >> 20:,} MB.")
        super().__init__(path, name, {member.name: member.size for member in self._members.values()})

    def _open(self, entry: str, limits: Limits) -> IO[bytes]:
        handle = self._tar.extractfile(self._members[entry])
        if handle is None:
            raise self._refuse(f"The file {entry} in the archive is damaged.")
        return handle


class _Gzip(Archive):
    """One packed file, which is named like the archive without its .gz; what it says of itself is not believed."""

    def __init__(self, path: Path, name: str) -> None:
        with gzip.open(path) as handle:
            handle.read(1)
        super().__init__(path, name, {Path(name).name.removesuffix(".gz"): 0})
        self._largest = max(USUAL.ratio * path.stat().st_size, CHUNK_BYTES)

    def _open(self, entry: str, limits: Limits) -> IO[bytes]:
        return io.BufferedReader(gzip.open(self.path))  # a GzipFile is no IO[bytes] to the type checker

    def _chunks(self, entry: str, limits: Limits) -> Iterator[bytes]:
        count = 0
        for chunk in super()._chunks(entry, limits):
            count += len(chunk)
            if count > self._largest:
                raise self._refuse(f"The file {entry} unpacks to more than {limits.ratio} times its size.")
            yield chunk


def open_archive(path: Path, name: str) -> Archive:
    """The entries of a ZIP, tar.gz or gz. Raises BadFile for one that is damaged or made to mislead; nested archives are no entries."""
    try:
        archive = _open(path, name)
    except DAMAGED as error:
        raise BadFile("The archive is damaged.", where=name, fix="Export it again.") from error
    archive.names = tuple(entry for entry in archive.names if not entry.lower().endswith(NESTED))
    return archive


def _open(path: Path, name: str) -> Archive:
    if zipfile.is_zipfile(path):
        return _Zip(path, name)
    try:
        return _Tar(path, name)
    except tarfile.ReadError:
        return _Gzip(path, name)


def _overlap(entries: Sequence[zipfile.ZipInfo], end: int) -> bool:
    """Whether an entry's bytes reach into the next one's or into the directory at the end."""
    spans = sorted(
        (info.header_offset, LOCAL_HEADER_BYTES + len(info.orig_filename) + info.compress_size) for info in entries
    )
    starts = [start for start, _ in spans[1:]] + [end]
    return any(start + length > following for (start, length), following in zip(spans, starts, strict=True))
