"""Folding: what the warehouse holds is what the batches not undone give, loaded in their order.

Rows are known by their keys and no key depends on another, so a batch is taken back by removing its keys and
loading the kept copies of the others again for these keys only. The roster and survey waves, where a row says what the
file before it meant, are loaded again as a whole. Both leave what loading the remaining batches from nothing would.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from data.settings import Settings
from ingest import ledger, waves
from ingest.importer import Counts, Part, Place
from ingest.importers import EVENTS, MEMBERS, OWN, SURVEY, WAVE, find_importer
from ingest.keeping import read_kept
from ingest.ledger import Batch
from ingest.loading import delete_part, lay_out, load_part, number_people
from ingest.matching import link_people
from ingest.members import load_members
from ingest.questions import Item
from ingest.tombstones import leave_out_erased, leave_out_respondents

TAKEN = "taken_back"


@dataclass(frozen=True)
class Loaded:
    """What loading a batch did, how many of its rows name somebody off the roster, and the days it covers."""

    counts: Counts
    unmatched: int = 0
    covers: tuple[date | None, date | None] = (None, None)


def load_batch(connection: duckdb.DuckDBPyConnection, home: Path, batch: Batch, settings: Settings) -> Loaded:
    """Load the kept copy of a batch on top of what is there. The caller holds the transaction."""
    return load_rows(connection, _kept(connection, home, batch), batch, settings)


def load_rows(connection: duckdb.DuckDBPyConnection, kept: str, batch: Batch, settings: Settings) -> Loaded:
    """Load the typed rows `kept` (a table, view or file) as a batch. The caller holds the transaction."""
    if batch.kind == SURVEY:
        items = [Item.model_validate(item) for item in batch.items]
        return Loaded(waves.load_survey(connection, kept, batch.batch, batch.details, items))
    importer = find_importer(batch.kind)
    number_people(connection, importer, batch.columns, kept)
    if importer is MEMBERS:
        return Loaded(_load_roster(connection, kept, batch))
    main, *others = lay_out(connection, importer, kept, batch.columns, _place(batch, settings))
    for part in others:
        load_part(connection, part, batch.batch)
    counts = load_part(connection, main, batch.batch)
    link_people(connection)
    unmatched = _count_unmatched(connection, main) if importer not in OWN else 0
    covers: tuple[date | None, date | None] = (None, None)
    if importer.covered:
        covers = batch.details.covers or connection.execute(importer.covered).fetchone() or covers
    return Loaded(counts, unmatched, covers)


def take_back(connection: duckdb.DuckDBPyConnection, home: Path, batch: Batch, settings: Settings) -> None:
    """Bring everything a batch touched to what the batches not undone now give. The caller holds the transaction."""
    if batch.kind in (SURVEY, WAVE):
        replay_wave(connection, home, batch.wave or "", settings)
    elif batch.kind == MEMBERS.name:
        _replay_roster(connection, home)
    else:
        _refold(connection, home, batch, settings)


def put_in_place(connection: duckdb.DuckDBPyConnection, home: Path, batch: Batch, settings: Settings) -> None:
    """Load a batch whose row is in the ledger and whose rows are not. The caller holds the transaction."""
    later = ledger.read_batches(connection, "batch > ? and undone_at is null", [batch.batch])
    if later or batch.kind == WAVE:
        take_back(connection, home, batch, settings)
    else:
        load_batch(connection, home, batch, settings)


def replay_wave(connection: duckdb.DuckDBPyConnection, home: Path, wave: str, settings: Settings) -> None:
    """Load a survey wave again from the batches that remain of it; without any it is gone."""
    waves.remove_wave(connection, wave)
    for batch in ledger.read_batches(connection, "wave = ? and undone_at is null", [wave]):
        if batch.kind == SURVEY:
            load_batch(connection, home, batch, settings)
        else:
            waves.change_details(connection, batch.details)


def count_lost_events(connection: duckdb.DuckDBPyConnection) -> int:
    """How many attendances are of events that no batch describes any more."""
    found = connection.execute("select count(*) from attendance anti join events using (event_id)").fetchone()
    return int(found[0]) if found else 0


def _load_roster(connection: duckdb.DuckDBPyConnection, kept: str, batch: Batch) -> Counts:
    counts = load_members(
        connection, kept, batch.columns, batch.batch, batch.effective_on, complete=batch.details.complete
    )
    link_people(connection)
    return counts


def _replay_roster(connection: duckdb.DuckDBPyConnection, home: Path) -> None:
    connection.execute("delete from segments")
    connection.execute("delete from members")
    for batch in ledger.read_batches(connection, "kind = 'members' and undone_at is null", []):
        kept = _kept(connection, home, batch)
        number_people(connection, MEMBERS, batch.columns, kept)
        _load_roster(connection, kept, batch)
    link_people(connection)


def _refold(connection: duckdb.DuckDBPyConnection, home: Path, batch: Batch, settings: Settings) -> None:
    """Remove the keys of a batch from each table it feeds, and load them again from the others that feed it."""
    kept = _kept(connection, home, batch)
    importer = find_importer(batch.kind)
    number_people(connection, importer, batch.columns, kept)
    kinds = EVENTS if batch.kind in EVENTS else (batch.kind,)
    remaining = ledger.read_batches(connection, "undone_at is null and list_contains(?, kind)", [list(kinds)])
    for part in lay_out(connection, importer, kept, batch.columns, _place(batch, settings)):
        delete_part(connection, part, TAKEN)
        for other in remaining:
            copy = _kept(connection, home, other)
            number_people(connection, find_importer(other.kind), other.columns, copy)
            laid_out = lay_out(connection, find_importer(other.kind), copy, other.columns, _place(other, settings))
            for again in (again for again in laid_out if again.table == part.table):
                load_part(connection, again, other.batch, TAKEN)
    link_people(connection)


def _kept(connection: duckdb.DuckDBPyConnection, home: Path, batch: Batch) -> str:
    """SQL: the kept rows of a batch, without those of people who were erased since (an old copy may come back)."""
    kept = read_kept(home, batch.batch, batch.kept_sha256)
    if batch.kind == SURVEY:
        return leave_out_respondents(connection, home, kept, f"allowed_{batch.batch}")
    return leave_out_erased(connection, home, find_importer(batch.kind), batch.columns, kept, f"allowed_{batch.batch}")[
        0
    ]


def _place(batch: Batch, settings: Settings) -> Place:
    return Place(zone=settings.zone, source=batch.source)


def _count_unmatched(connection: duckdb.DuckDBPyConnection, part: Part) -> int:
    """Rows of `loaded` that name somebody who is not on the roster."""
    if not (part.persons or part.several):
        return 0
    connection.execute(
        """create or replace temp table strangers as
           select person from people anti join members using (person) anti join aliases using (person)"""
    )
    unknown = " or ".join(
        [
            *(f"{person} in (select person from strangers)" for person in part.persons),
            *(f"list_has_any({people}, (select list(person) from strangers))" for people in part.several),
        ]
    )
    found = connection.execute(f"select count(*) from loaded where {unknown}").fetchone()
    return int(found[0]) if found else 0
