"""Publishing: from the warehouse to a snapshot, through the gate, once for every reader.

The same facts, settings, ledger and as-of day give the same numbers. The work is done in temporary
tables beside the warehouse, which is only read; each role's file is written whole and put in force in
one step at the very end.
"""

import json
import secrets
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb

from data.settings import Settings
from metrics.behaviour import measure_behaviour
from metrics.catalogue import CATALOGUE
from metrics.disclosure import protect
from metrics.metric import Source
from metrics.panel import build_panel, choose_dimensions, lay_out_roster, roll_up
from metrics.periods import judge_coverage, lay_out_periods
from metrics.snapshot import FORMAT, Role, checksum, discard_old, published_folder, put_in_force, replace_text
from metrics.surveys import measure_surveys
from metrics.wave_change import measure_wave_changes
from metrics.writing import write_role

Progress = Callable[[str, float], None]

COVERED_SOURCES = (Source.ATTENDANCE, Source.INTERACTIONS, Source.ACTIVITY)

_RESULTS = """
create or replace temp table results as
with judged as (
    select cells.*,
           case
               when cells.metric in (select metric from card_needs) then coalesce(metric_status.status, 'no data')
               when periods.complete then 'final'
               else 'provisional'
           end as covered,
           coalesce(cells.value, cells.numerator / nullif(cells.denominator, 0)) as quotient
    from cells
    join periods using (grain, period)
    left join metric_status using (metric, grain, period)
)
select metric, grain, period, dimension, segment, breakdown,
       case when covered <> 'no data' then quotient end as value,
       case when covered <> 'no data' then numerator end as numerator,
       case when covered <> 'no data' then denominator end as denominator,
       case when covered <> 'no data' then people end as people,
       null::double as low,
       null::double as high,
       null::double as expected,
       null::double as p,
       null::varchar as verdict,
       case when covered = 'no data' or quotient is null then 'no data' else covered end as status
from judged
where dimension = 'all'
   or (covered <> 'no data' and quotient is not null)
union all by name
select * from survey_results
"""


def publish(
    connection: duckdb.DuckDBPyConnection,
    home: Path,
    settings: Settings,
    as_of: date,
    progress: Progress | None = None,
) -> str:
    """Compute every number as of the end of a day and put a new snapshot in force; returns its id.

    The connection is to the warehouse and may write into `home/published`. Facts after `as_of` are not read.
    """
    say = progress or (lambda stage, share: None)
    say("Reading who is in the community", 0.05)
    dimensions = choose_dimensions(connection, settings.dimensions)
    lay_out_periods(connection, settings, as_of)
    lay_out_roster(connection, dimensions)
    say("Counting interactions", 0.15)
    roll_up(connection)
    say("Laying facts over members and periods", 0.35)
    build_panel(connection, dimensions)
    say("Computing metrics", 0.55)
    measure_behaviour(connection, CATALOGUE, dimensions)
    measure_surveys(connection, dimensions)
    measure_wave_changes(connection)
    _judge(connection, as_of)
    say("Withholding small groups", 0.7)
    folder = _new_folder(home)
    released = "results"
    for role, k in _thresholds(settings):
        protect(connection, released, f"released_{role}", k)
        released = f"released_{role}"
    for role, k in _thresholds(settings):
        say(f"Writing what the {role} sees", 0.75 + 0.07 * list(Role).index(role))
        write_role(connection, folder, role, k, settings, as_of, dimensions)
    say("Putting the snapshot in force", 0.98)
    _write_manifest(connection, folder, settings, as_of)
    put_in_force(home, folder.name)
    discard_old(home)
    return folder.name


def _thresholds(settings: Settings) -> tuple[tuple[Role, int], ...]:
    """Roles from the widest view to the narrowest; each is built from the one before."""
    k = settings.thresholds
    return (
        (Role.MANAGER, k.manager),
        (Role.LEADER, max(k.leader, k.manager)),
        (Role.MEMBER, max(k.member, k.leader)),
    )


def _judge(connection: duckdb.DuckDBPyConnection, as_of: date) -> None:
    connection.execute(
        "create or replace temp table card_needs (metric varchar, kind varchar, look_back integer, horizon integer, warm_up integer)"
    )
    needs = [
        (card.name, str(source), card.look_back, card.horizon, card.warm_up)
        for card in CATALOGUE
        for source in card.needs
        if source in COVERED_SOURCES
    ]
    connection.executemany("insert into card_needs values (?, ?, ?, ?, ?)", needs)
    judge_coverage(connection, as_of)
    connection.execute(_RESULTS)


def _new_folder(home: Path) -> Path:
    name = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"
    folder = published_folder(home) / name
    folder.mkdir(parents=True, mode=0o700)
    return folder


def _write_manifest(connection: duckdb.DuckDBPyConnection, folder: Path, settings: Settings, as_of: date) -> None:
    batches = connection.execute("select batch, sha256 from batches where undone_at is null order by batch").fetchall()
    facts = {
        "id": folder.name,
        "format": FORMAT,
        "as_of": as_of.isoformat(),
        "published_at": datetime.now(UTC).replace(microsecond=0).isoformat(),
        "settings": settings.model_dump(mode="json"),
        "batches": [{"batch": batch, "sha256": sha256} for batch, sha256 in batches],
        "files": {file.name: checksum(file) for file in sorted(folder.glob("*.duckdb"))},
    }
    replace_text(folder / "manifest.json", json.dumps(facts, indent=2))
