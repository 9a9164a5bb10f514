"""Opening an upload: a canonical file is read here, everything else in a process of its own, and both are staged alike."""

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from data.errors import BadFile, Refused
from data.settings import Settings
from ingest.formats.export import Export
from ingest.formats.format import Unmapped, Unsettled
from ingest.formats.known import recognise_format
from ingest.formats.reading_apart import ReadApart, read_apart
from ingest.formats.wide import has_own_words
from ingest.headers import name_columns
from ingest.importer import Details, Upload
from ingest.importers import IMPORTERS, KINDS, OWN, SURVEY, find_importer, recognise
from ingest.kinds_of_file import NotText
from ingest.profiles import TABLE, WIDE, find_profile
from ingest.reading import Text, open_text, quoted, stage_text, trim_cells

CANONICAL = "canonical"
LOOKED_AT_BYTES = 5_000_000
RESPONDENT = frozenset({"respondent_id", "submitted_at"})

Stage = Callable[[duckdb.DuckDBPyConnection, Sequence[str]], int]


@dataclass(frozen=True)
class Opened:
    """An upload of which it is known what it is. `header` are its columns, `details` what was said about it now or before.

    `stage` makes the temp tables `staged` and `ragged` (see ingest.reading) under other names for the columns, and returns
    the number of rows. `reading` is there for every file that is not canonical.
    """

    name: str
    kind: str
    format: str
    encoding: str
    sha256: str
    header: tuple[str, ...]
    details: Details
    stage: Stage
    notes: tuple[str, ...] = ()
    reading: ReadApart | None = None


@contextmanager
def opened_upload(home: Path, upload: Upload, settings: Settings, dimensions: Sequence[str] = ()) -> Iterator[Opened]:
    """An upload ready to be staged; what was written to read it is gone afterwards. `dimensions` have a name already.

    Raises BadFile for a file that cannot be read, Unmapped and Unsettled where a person must say more, and Refused for a
    kind that does not exist.
    """
    if not upload.path.is_file():
        raise BadFile("There is no such file.", where=upload.name, fix="Check the name.")
    if upload.kind is not None and upload.kind not in (*KINDS, *(own.name for own in OWN)):
        raise Refused(f'There is no kind "{upload.kind}".', where=upload.name, fix=f"Kinds: {', '.join(KINDS)}.")
    wanted = upload.kind or (SURVEY if upload.details.wave is not None else None)
    text, error = _try_text(upload, _list_known(wanted, dimensions))
    kind = _canonical_kind(text, upload, wanted) if text else None
    if text is not None and kind is None and wanted == SURVEY and _is_plain(home, text, upload):
        kind = SURVEY  # a header row and a row a respondent: whatever the columns are called, they are questions
    if text is not None and kind is not None:
        yield _as_canonical(text, kind, upload)
        return
    with _folder_for(home) as folder:
        try:
            read = read_apart(upload.path, upload.name, wanted, upload.details, settings.zone, home, folder)
        except Unsettled:
            raise
        except BadFile as found:
            if error is not None and not isinstance(error, NotText) and not _is_known(upload):
                raise error from found  # what keeps it from being a plain table says more
            if isinstance(found, Unmapped) and text is not None and wanted is not None and not upload.details.columns:
                yield _as_canonical(text, wanted, upload)  # the contract of what it is said to be says what is missing
                return
            raise
        if error is not None and read.format == TABLE and not isinstance(error, NotText):
            raise error  # a table that cannot be read exactly is not read nearly
        yield _as_read(read, upload)


@contextmanager
def _folder_for(home: Path) -> Iterator[Path]:
    """A folder for what the child writes down, gone afterwards."""
    incoming = home / "incoming"
    incoming.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="reading-", dir=incoming))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _is_plain(home: Path, text: Text, upload: Upload) -> bool:
    """Whether the columns of a survey are questions and groups as they stand: of no tool, and nobody says or said otherwise."""
    if upload.details.columns or has_own_words(text.header) or find_profile(home, WIDE, text.header, SURVEY):
        return False
    return not _is_of_a_tool(upload)


def _is_of_a_tool(upload: Upload) -> bool:
    """Whether a text is, or may be, the export of a tool; a large one is looked at by the child only."""
    if upload.path.stat().st_size > LOOKED_AT_BYTES:
        return True
    return _is_known(upload)


def _is_known(upload: Upload) -> bool:
    return recognise_format(Export(upload.path, upload.name)) is not None


def _list_known(kind: str | None, dimensions: Sequence[str]) -> list[str]:
    """Names that the header of a canonical file of this kind may have, by which it is told from notes above it."""
    if kind == SURVEY:
        return [*RESPONDENT, *dimensions]
    kinds = [importer for importer in (*IMPORTERS, *OWN) if kind in (None, importer.name)]
    return [*(column for importer in kinds for column in importer.columns), *dimensions]


def _try_text(upload: Upload, known: Sequence[str]) -> tuple[Text | None, BadFile | None]:
    """The file as canonical text, if it is one."""
    try:
        return open_text(upload.path, upload.name, known), None
    except BadFile as error:
        return None, error


def _canonical_kind(text: Text, upload: Upload, wanted: str | None) -> str | None:
    """The kind of a file whose header is that of a contract; None for every other file."""
    every = sorted({column for importer in IMPORTERS for column in importer.columns})
    try:
        names = set(name_columns(text.header, every, upload.name))
    except BadFile:
        return None
    if upload.details.columns:
        return None
    if wanted == SURVEY or (wanted is None and recognise(list(names)) == SURVEY):
        return SURVEY if names & RESPONDENT else None
    if wanted is None:
        return recognise(list(names))
    given = {"event_id"} if wanted == "attendance" and upload.details.event_id else set()
    return wanted if set(find_importer(wanted).required) <= names | given else None


def _as_canonical(text: Text, kind: str, upload: Upload) -> Opened:
    return Opened(
        upload.name,
        kind,
        CANONICAL,
        text.encoding,
        text.sha256,
        text.header,
        upload.details,
        lambda connection, columns: stage_text(connection, text, columns),
        text.notes,
    )


def _as_read(read: ReadApart, upload: Upload) -> Opened:
    covers = read.details.covers or read.covers
    with upload.path.open("rb") as handle:
        sha256 = hashlib.file_digest(handle, "sha256").hexdigest()
    return Opened(
        upload.name,
        read.kind,
        read.format,
        read.encoding,
        sha256,
        read.columns,
        read.details.model_copy(update={"covers": covers}),
        lambda connection, columns: _stage_rows(connection, read, columns, upload.name),
        reading=read,
    )


def _stage_rows(connection: duckdb.DuckDBPyConnection, read: ReadApart, columns: Sequence[str], name: str) -> int:
    """Temp tables `staged` and `ragged` from what the child wrote down."""
    cells = ", ".join(
        f"nullif({quoted(own)}, '') as {quoted(column)}" for own, column in zip(read.columns, columns, strict=True)
    )
    connection.execute(
        f"create or replace temp table read_cells as select line, {cells} from read_parquet(?)", [str(read.rows)]
    )
    connection.execute("create or replace temp table ragged (line bigint, cells integer)")
    connection.execute("create or replace temp table odd_rows (line bigint, what varchar, fix varchar)")
    connection.execute("create or replace temp table left_out (note varchar)")
    if read.ragged:
        connection.executemany("insert into ragged values (?, ?)", [list(one) for one in read.ragged])
    trim_cells(connection, columns)
    if read.count == 0:
        raise BadFile("The export holds no rows that count.", where=name, fix=_explain_nothing(read))
    return read.count


def _explain_nothing(read: ReadApart) -> str:
    left_out = ", ".join(f"{count:,} {what}" for what, count in read.left_out.items())
    return f"Left out: {left_out}." if left_out else "Look whether it is the export you mean, and export it again."
