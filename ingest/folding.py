"""Folding: what the warehouse holds is what the batches not undone give, loaded in their order.

Loading a batch and taking one back use the same steps on the same kept copies, so both leave the state
that loading the remaining batches from nothing would leave.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from data.settings import Settings
from ingest import ledger, survey
from ingest.attendance import EVENT_COLUMNS
from ingest.events import IMPORTER as EVENTS
from ingest.importer import Counts, Importer
from ingest.importers import SURVEY, WAVE, find_importer
from ingest.keeping import read_kept
from ingest.ledger import Batch
from ingest.loading import delete_keys, keep_keys, merge_rows, number_people, split_by_key, type_rows
from ingest.members import IMPORTER as MEMBERS
from ingest.members import load_members
from ingest.questions import Item


@dataclass(frozen=True)
class Loaded:
    """What loading a batch did, and the days it covers."""

    counts: Counts
    unmatched: int = 0
    covers: tuple[date | None, date | None] = (None, None)


def load_batch(connection: duckdb.DuckDBPyConnection, home: Path, batch: Batch, settings: Settings) -> Loaded:
    """Load the kept copy of a batch on top of what is there. The caller holds the transaction."""
    if batch.kind == SURVEY:
        read_kept(connection, home, batch.batch, "kept")
        return Loaded(_load_wave(connection, batch))
    importer = _importer_of(batch)
    columns = read_kept(connection, home, batch.batch, "kept")
    number_people(connection, importer, columns, "kept")
    if importer is MEMBERS:
        return Loaded(_load_members(connection, batch, columns, settings))
    _load_events_on_the_way(connection, batch, importer, columns, settings)
    given = type_rows(connection, importer, columns, "kept", settings.zone, "typed")
    unmatched = _count_unmatched(connection, importer, given)
    covers = _covered_days(connection, importer, batch)
    counts = Counts()
    for part, key in split_by_key(connection, importer, "typed", given):
        counts += merge_rows(connection, importer, part, given, batch.batch, key)
    return Loaded(counts, unmatched, covers)


def take_back(connection: duckdb.DuckDBPyConnection, home: Path, batch: Batch, settings: Settings) -> None:
    """Bring everything a batch touched to what the batches not undone now give. The caller holds the transaction."""
    if batch.kind in (SURVEY, WAVE):
        replay_wave(connection, home, batch.wave or "", settings)
    elif batch.kind == MEMBERS.name:
        _replay_members(connection, home, settings)
    else:
        importer = _importer_of(batch)
        columns = read_kept(connection, home, batch.batch, "kept")
        _refold(connection, home, importer, columns, (batch.kind,), settings)
        if importer.name == "attendance" and set(EVENT_COLUMNS) & set(columns):
            _refold(connection, home, EVENTS, columns, ("events", "attendance"), settings)
        elif importer is EVENTS:
            _refold(connection, home, EVENTS, columns, ("events", "attendance"), settings)


def replay_wave(connection: duckdb.DuckDBPyConnection, home: Path, wave: str, settings: Settings) -> None:
    """Load a survey wave again from the batches that remain of it; without any it is gone."""
    survey.remove_wave(connection, wave)
    for batch in ledger.read_batches(connection, "wave = ? and undone_at is null", [wave]):
        if batch.kind == SURVEY:
            read_kept(connection, home, batch.batch, "kept")
            _load_wave(connection, batch)
        else:
            survey.change_details(connection, batch.details)


def _importer_of(batch: Batch) -> Importer:
    importer = find_importer(batch.kind)
    if importer is None:
        raise LookupError(f"batch {batch.batch} is of the unknown kind {batch.kind}")
    return importer


def _load_wave(connection: duckdb.DuckDBPyConnection, batch: Batch) -> Counts:
    items = [Item.model_validate(item) for item in batch.items]
    return survey.load_survey(connection, "kept", batch.batch, batch.details, items)


def _load_members(
    connection: duckdb.DuckDBPyConnection, batch: Batch, columns: tuple[str, ...], settings: Settings
) -> Counts:
    dimensions = tuple(column for column in columns if column not in MEMBERS.columns)
    given = type_rows(connection, MEMBERS, columns, "kept", settings.zone, "typed")
    for dimension in dimensions:
        quoted = '"' + dimension.replace('"', '""') + '"'
        connection.execute(f"alter table typed add column {quoted} varchar")
        connection.execute(f"update typed set {quoted} = kept.{quoted} from kept where kept.line = typed.line")
    connection.execute(
        "delete from typed where line not in (select max(line) from typed group by person" + (", valid_from)" if "valid_from" in given else ")")
    )
    return load_members(
        connection, "typed", batch.batch, given, dimensions, batch.effective_on, complete=batch.details.complete
    )


def _replay_members(connection: duckdb.DuckDBPyConnection, home: Path, settings: Settings) -> None:
    connection.execute("delete from segments")
    connection.execute("delete from members")
    for batch in ledger.read_batches(connection, "kind = 'members' and undone_at is null", []):
        columns = read_kept(connection, home, batch.batch, "kept")
        number_people(connection, MEMBERS, columns, "kept")
        _load_members(connection, batch, columns, settings)


def _refold(
    connection: duckdb.DuckDBPyConnection,
    home: Path,
    importer: Importer,
    columns: tuple[str, ...],
    kinds: tuple[str, ...],
    settings: Settings,
) -> None:
    """Remove the keys of the rows in `kept` from the importer's table and load them from the other batches."""
    own = tuple(column for column in columns if column in importer.columns)
    given = type_rows(connection, importer, own, "kept", settings.zone, "affected")
    parts = split_by_key(connection, importer, "affected", given)
    for part, key in parts:
        delete_keys(connection, importer, part, key)
    keys = {key: part for part, key in parts}
    remaining = ledger.read_batches(connection, "undone_at is null and list_contains(?, kind)", [list(kinds)])
    for batch in remaining:
        held = read_kept(connection, home, batch.batch, "other")
        usable = tuple(column for column in held if column in importer.columns)
        if not set(importer.required) <= set(usable):
            continue
        number_people(connection, importer, usable, "other")
        present = type_rows(connection, importer, usable, "other", settings.zone, "typed")
        for part, key in split_by_key(connection, importer, "typed", present):
            if key in keys:
                keep_keys(connection, part, keys[key], key)
                merge_rows(connection, importer, part, present, batch.batch, key)


def _load_events_on_the_way(
    connection: duckdb.DuckDBPyConnection, batch: Batch, importer: Importer, columns: tuple[str, ...], settings: Settings
) -> None:
    if importer.name != "attendance" or "starts_at" not in columns:
        return
    own = tuple(column for column in columns if column in EVENTS.columns)
    connection.execute("create or replace temp table described as select * from kept where starts_at is not null")
    given = type_rows(connection, EVENTS, own, "described", settings.zone, "typed")
    merge_rows(connection, EVENTS, "typed", given, batch.batch, EVENTS.key)


def _count_unmatched(connection: duckdb.DuckDBPyConnection, importer: Importer, given: tuple[str, ...]) -> int:
    persons = [importer.renamed.get(column, column) for column in importer.people]
    person = next((column for column in persons if column in given), None)
    if person is None:
        return 0
    row = connection.execute(
        f"select count(*) from typed where {person} is not null and {person} not in (select person from members)"
    ).fetchone()
    return int(row[0]) if row else 0


def _covered_days(
    connection: duckdb.DuckDBPyConnection, importer: Importer, batch: Batch
) -> tuple[date | None, date | None]:
    """The days said to be covered, else from the first to the last local day of the rows."""
    if not importer.covers:
        return None, None
    if batch.details.covers:
        return batch.details.covers
    span = {
        "attendance": "select min(events.day), max(events.day) from typed join events using (event_id)",
        "interactions": "select min(day), max(day) from typed",
        "activity": "select min(period_start), max(period_end) from typed",
    }[importer.name]
    return connection.execute(span).fetchone() or (None, None)
