"""Writing: one role's published file, filled only from what the gate has released to that role.

Signals and comparisons are computed here, from the released numbers, so they cannot say more than these do.
"""

import importlib.metadata
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb

from data.settings import Settings
from metrics.alerts import raise_alerts
from metrics.behaviour import formula_sql
from metrics.catalogue import FAMILIES
from metrics.comparisons import compare_numbers
from metrics.disclosure import count_eligible, count_gate, protect_distributions
from metrics.snapshot import FORMAT, Role
from metrics.standing_counts import let_counts_stand
from metrics.weekly import find_signals

SLOTS = 8


def lay_out_events(connection: duckdb.DuckDBPyConnection) -> None:
    """Temp table `listed_events`, of which every role sees the same: each event with how many came and had registered."""
    connection.execute(_EVENTS)


def write_role(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    role: Role,
    k: int,
    settings: Settings,
    as_of: date,
    dimensions: tuple[str, ...],
) -> None:
    """Write the published file of one role: its released numbers, and what is said about them from those alone.

    Needs what `lay_out_events` and `lay_out_comments` make.
    """
    released = f"released_{role}"
    file = folder / f"{role}.duckdb"
    before = _in_force(folder, role)
    home_catalog = connection.execute("select current_catalog()").fetchone()
    connection.execute(f"attach '{str(file).replace(chr(39), chr(39) * 2)}' as published")
    try:
        connection.execute("use published")
        connection.execute((Path(__file__).parent / "snapshot.sql").read_text(encoding="utf-8"))
        connection.execute(f'use "{home_catalog[0] if home_catalog else "warehouse"}"')
        _fill_numbers(connection, released, dimensions)
        _fill_surveys(connection, released, max(k, settings.thresholds.distributions), before)
        _fill_registers(connection)
        _fill_cards(connection)
        _fill_manifest(connection, folder.name, role, k, settings, as_of, dimensions)
        for reason in (*count_gate(connection, released), *count_eligible(connection, released, "results", k)):
            connection.execute("insert into published.gate values (?, ?)", reason)
        find_signals(connection, settings)
        compare_numbers(connection)
        if role is Role.MANAGER:
            connection.execute("insert into published.comments by name from released_comments order by all")
        if role is not Role.MEMBER:
            raise_alerts(connection, as_of, before, settings.thresholds.of_anything)
    finally:
        connection.execute(f'use "{home_catalog[0] if home_catalog else "warehouse"}"')
        connection.execute("detach published")
    file.chmod(0o600)


def _in_force(folder: Path, role: Role) -> Path | None:
    """The role's file of the snapshot that is in force while a new one is written."""
    pointer = folder.parent / "current"
    return folder.parent / pointer.read_text(encoding="ascii").strip() / f"{role}.duckdb" if pointer.exists() else None


def _fill_numbers(connection: duckdb.DuckDBPyConnection, released: str, dimensions: tuple[str, ...]) -> None:
    connection.execute(
        """insert into published.periods by name
           select grain, period, starts_on, ends_on, label, complete, holiday
           from periods
           union all by name
           select 'wave' as grain, wave as period, opened_on as starts_on,
                  coalesce(closed_on, getvariable('as_of')) as ends_on, wave as label,
                  closed_on is not null and closed_on <= getvariable('as_of') as complete
           from survey_waves
           order by grain, starts_on"""
    )
    connection.execute(
        f"""insert into published.series by name
            select row_number() over (order by metric, grain, dimension, segment, breakdown) - 1 as series, *
            from (select distinct metric, grain, dimension, segment, breakdown from {released})
            order by series"""
    )
    connection.execute(
        f"""insert into published.observations by name
            select series, period, value, numerator, denominator, people, low, high, expected, p, verdict, status
            from {released}
            join published.series using (metric, grain, dimension, segment, breakdown)
            order by series, period"""
    )
    connection.execute("insert into published.nesting by name select * from nesting order by all")
    for dimension in dimensions:
        connection.execute(
            """insert into published.segments
               select ?, segment, row_number() over (order by segment),
                      least(row_number() over (order by segment), ?)
               from (
                   select segment from member_groups where dimension = ?
                   union
                   select segment from respondent_groups where dimension = ?
               )""",
            [dimension, SLOTS, dimension, dimension],
        )


def _fill_surveys(connection: duckdb.DuckDBPyConnection, released: str, k: int, before: Path | None) -> None:
    """Option counts are of the whole community only: under two groups of which one lies in the other they would tell the rest."""
    whole = "(from survey_distributions where dimension = 'all')"
    protect_distributions(connection, whole, "released_distributions", released, k)
    for table, source in (
        ("waves", "survey_waves"),
        ("items", "survey_items"),
        ("distributions", "released_distributions"),
        ("theme_suggestions", "theme_suggestions"),
    ):
        connection.execute(f"insert into published.{table} by name select * from {source} order by all")
    let_counts_stand(connection, released, before, k)


def _fill_registers(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("insert into published.events by name select * from listed_events order by day, event_id")
    connection.execute(
        """insert into published.activity by name
           select period_start, period_end, kind, channel, sum(count) as count
           from activity
           where period_end <= getvariable('as_of')
           group by all
           order by kind, period_start, channel"""
    )
    for table in ("objectives", "actions", "annotations"):
        shared = _shared_columns(connection, table)
        connection.execute(f"insert into published.{table} by name select {shared} from {table} order by all")
    connection.execute(
        """insert into published.stories by name
           select story_id, told_on, dimension, cycle, theme, evidence, text
           from stories
           where consent and text is not null and told_on <= getvariable('as_of')
           order by all"""
    )
    connection.execute(
        """insert into published.coverage by name
           select kind, source, covers_from, covers_to, missing_days, ended_on
           from source_spans
           order by all"""
    )
    connection.execute(
        """insert into published.batches by name
           select batch, kind, file, loaded_at, covers_from, covers_to, rows
           from batches
           where undone_at is null
           order by batch"""
    )


_EVENTS = """
create or replace temp table listed_events as
select events.event_id, events.day, any_value(events.title) as title, any_value(events.type) as type,
       any_value(events.mode) as mode, count(*) filter (listed.attended and memberships.person is not null) as members,
       count(*) filter (listed.attended and memberships.person is null) as guests,
       count(*) filter (listed.registered and not coalesce(listed.cancelled, false)) as registered
from events
left join people_at_events as listed
  on listed.event_id = events.event_id
left join memberships
  on memberships.person = listed.person
 and events.day between memberships.first_day and memberships.last_day
where events.day <= getvariable('as_of')
group by events.event_id, events.day
"""


def _shared_columns(connection: duckdb.DuckDBPyConnection, table: str) -> str:
    rows = connection.execute(
        "select column_name from duckdb_columns() where database_name = 'published' and table_name = ? order by column_index",
        [table],
    ).fetchall()
    return ", ".join(name for (name,) in rows)


def _fill_cards(connection: duckdb.DuckDBPyConnection) -> None:
    rows = [
        [
            card.name, position, family, card.title, card.question, card.formula, card.reading, str(card.unit),
            str(card.better), [str(grain) for grain in card.grains], [str(source) for source in card.needs],
            card.breakdown, card.reference, card.caveats, card.owner, card.reviewed_on, card.look_back, card.horizon,
            formula_sql(card),
        ]
        for position, (family, card) in enumerate(
            ((family, card) for family, cards in FAMILIES.items() for card in cards), start=1
        )
    ]  # fmt: skip
    row = f"({', '.join('?' * len(rows[0]))})"
    connection.execute(
        f"insert into published.cards values {', '.join([row] * len(rows))}", [cell for cells in rows for cell in cells]
    )


def _is_provisional(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether everybody on the roster is known from the export of a tool only, until somebody gives a member list."""
    found = connection.execute(
        """select coalesce(bool_and(coalesce((details -> 'details' ->> 'provisional')::boolean, false)), false)
           from batches
           where kind = 'members'
             and undone_at is null"""
    ).fetchone()
    return bool(found and found[0])


def _fill_manifest(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    role: Role,
    k: int,
    settings: Settings,
    as_of: date,
    dimensions: tuple[str, ...],
) -> None:
    members = connection.execute(
        """select count(*)
           from roster
           where grain = 'week'
             and member_type = 'member'
             and period = (select max(period) from periods where grain = 'week' and complete)"""
    ).fetchone()
    facts = {
        "id": name,
        "format": str(FORMAT),
        "role": str(role),
        "as_of": as_of.isoformat(),
        "published_at": datetime.now(UTC).replace(microsecond=0).isoformat(),
        "community": settings.community,
        "zone": settings.zone,
        "fiscal_month": str(settings.fiscal_month),
        "k": str(k),
        "k_distributions": str(max(k, settings.thresholds.distributions)),
        "dimensions": ";".join(dimensions),
        "members": str(members[0] if members else 0),
        "roster": "provisional" if _is_provisional(connection) else "given",
        "pulse": ";".join(settings.pulse),
        "scorecard": ";".join(settings.scorecard),
        "hearth": importlib.metadata.version("hearth"),
        "duckdb": duckdb.__version__,
    }
    connection.execute(
        "insert into published.manifest select unnest($names::varchar[]), unnest($values::varchar[])",
        {"names": list(facts), "values": list(facts.values())},
    )
