"""Small communities for tests: tables a person can check by hand, put straight into a real warehouse in memory."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import duckdb
import pandas as pd

from data.settings import Settings
from data.store import migrate, opened
from metrics.behaviour import measure_behaviour
from metrics.catalogue import CATALOGUE
from metrics.panel import build_panel, roll_up
from metrics.periods import lay_out_periods
from metrics.roster import choose_dimensions, lay_out_roster


def rows(table: str) -> list[dict[str, str | None]]:
    """The rows of a table drawn with bars: first line the names, an empty cell is None."""
    lines = [line.strip().strip("|") for line in table.strip().splitlines() if "---" not in line]
    names, *cells = ([cell.strip() or None for cell in line.split("|")] for line in lines)
    return [dict(zip([str(name) for name in names], row, strict=True)) for row in cells]


@contextmanager
def warehouse_of(
    *,
    members: str,
    interactions: str = "",
    events: str = "",
    attendance: str = "",
    programmes: str = "",
    channels: str = "",
    activity: str = "",
    covers: tuple[str, str],
    reach: tuple[Path, ...] = (),
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A migrated in-memory warehouse holding the drawn tables, which may write in `reach`. Members may have a column `team`.

    A kind of fact of which nothing is drawn was never uploaded, so it covers nothing.
    """
    with opened(":memory:", reach=reach) as connection:
        migrate(connection)
        kinds = {"interactions": bool(interactions), "attendance": bool(events or attendance)}
        drawn = [kind for kind, is_drawn in kinds.items() if is_drawn] or list(kinds)
        for batch, kind in enumerate(kinds, start=1):
            if kind in drawn:
                put_batch(connection, batch, kind, covers)
        numbers = _people(connection, rows(members), rows(interactions) if interactions else [])
        for line, row in enumerate(rows(attendance) if attendance else [], start=2):
            connection.execute(
                "insert into attendance by name select ? as event_id, ? as person, ? as attended, ? as registered, "
                "? as cancelled, ? as part, 2 as batch, ? as line",
                [row["event"], numbers[str(row["who"])], row.get("came", "yes") == "yes", row.get("registered") == "yes",
                 row.get("cancelled") == "yes", row.get("part"), line],
            )  # fmt: skip
        for line, row in enumerate(rows(events) if events else [], start=2):
            connection.execute(
                "insert into events by name select ? as event_id, ?::timestamp as starts_at, ?::date as day, "
                "? as type, ? as mode, ? as host, 2 as batch, ? as line",
                [row["event"], row["on"], row["on"], row.get("type"), row.get("mode"), numbers.get(str(row.get("host"))),
                 line],
            )  # fmt: skip
        for line, row in enumerate(rows(programmes) if programmes else [], start=2):
            connection.execute(
                "insert into programmes by name select ? as person, ? as programme, ?::date as starts_on, "
                "?::date as ends_on, 3 as batch, ? as line",
                [numbers[str(row["who"])], row["programme"], row["from"], row["to"], line],
            )
        for line, row in enumerate(rows(channels) if channels else [], start=2):
            connection.execute(
                "insert into channels by name select ? as channel, ? as person, ?::date as joined_on, "
                "?::date as left_on, 4 as batch, ? as line",
                [row["channel"], numbers[str(row["who"])], row.get("joined"), row.get("left"), line],
            )
        for line, row in enumerate(rows(activity) if activity else [], start=2):
            connection.execute(
                "insert into activity by name select ?::date as period_start, ?::date as period_end, ? as kind, "
                "?::double as count, 5 as batch, ? as line",
                [row["from"], row["to"], row["kind"], row["count"], line],
            )
        yield connection


def cells_of(connection: duckdb.DuckDBPyConnection, as_of: date, settings: Settings | None = None) -> pd.DataFrame:
    """Every behaviour number as counts, before the gate, from a warehouse of drawn tables."""
    used = settings or Settings()
    dimensions = choose_dimensions(connection, used.dimensions)
    lay_out_periods(connection, used, as_of)
    lay_out_roster(connection, dimensions)
    roll_up(connection)
    build_panel(connection, dimensions)
    measure_behaviour(connection, CATALOGUE, dimensions, used.thresholds.of_any_role)
    return connection.execute("select * from cells order by all").df()


def counts(
    cells: pd.DataFrame,
    metric: str,
    period: str,
    *,
    grain: str = "week",
    segment: str = "all",
    breakdown: str = "all",
) -> tuple[float, float]:
    """Numerator and denominator of one cell; (nan, nan) where there is none."""
    found = _find(cells, metric=metric, period=period, grain=grain, segment=segment, breakdown=breakdown)
    if found.empty:
        return float("nan"), float("nan")
    return float(found["numerator"].iloc[0]), float(found["denominator"].iloc[0])


def value(
    cells: pd.DataFrame,
    metric: str,
    period: str,
    *,
    grain: str = "quarter",
    dimension: str | None = None,
    segment: str = "all",
    breakdown: str = "all",
    column: str = "value",
) -> float:
    """One column of one cell, nan where there is none or it is empty; of a quotient, value is worked out."""
    found = _find(cells, metric=metric, period=period, grain=grain, segment=segment, breakdown=breakdown)
    found = found[found["dimension"] == dimension] if dimension else found
    assert len(found) <= 1, found
    if found.empty:
        return float("nan")
    row = found.iloc[0]
    is_open = pd.notna(row["is_open"]) and bool(row["is_open"])
    if column == "value" and pd.isna(row["value"]) and not is_open:
        return float(row["numerator"] / row["denominator"])
    return float(row[column])


def put_batch(connection: duckdb.DuckDBPyConnection, batch: int, kind: str, covers: tuple[object, object]) -> None:
    """An upload of drawn rows that covers these days."""
    connection.execute(
        """insert into batches by name
           select ? as batch, ? as kind, 'canonical' as format, 'drawn.csv' as file, '' as sha256, '' as fingerprint,
                  'test' as who, timestamp '2026-01-01' as loaded_at, date '2026-01-01' as effective_on,
                  'canonical' as source, ?::date as covers_from, ?::date as covers_to, '{}' as details,
                  []::varchar[] as columns, 0 as rows, 0 as new, 0 as changed, 0 as unchanged, 0 as rejected,
                  0 as unmatched""",
        [batch, kind, *covers],
    )


def _find(cells: pd.DataFrame, **key: str) -> pd.DataFrame:
    for name, wanted in key.items():
        cells = cells[cells[name] == wanted]
    return cells


def _people(
    connection: duckdb.DuckDBPyConnection,
    members: list[dict[str, str | None]],
    said: list[dict[str, str | None]],
) -> dict[str, int]:
    names = [str(row["who"]) for row in members]
    named = [str(row[key]) for row in said for key in ("from", "to") if row.get(key)]
    numbers = {name: number for number, name in enumerate(dict.fromkeys([*names, *named]))}
    for name, number in numbers.items():
        connection.execute("insert into people values (?, ?)", [number, name])
    for line, row in enumerate(members, start=2):
        valid_from = row.get("valid_from") or "0001-01-01"
        connection.execute(
            """insert into members by name
               select ? as person, ?::date as valid_from, ?::date as joined_on, ?::date as left_on,
                      ? as member_type, ? as opted_out, ? as no_lists, ? as name, ? as timezone, 0 as batch, ? as line""",
            [numbers[str(row["who"])], valid_from, row.get("joined"), row.get("left"), row.get("type") or "member",
             row.get("opted_out") == "yes", row.get("no_lists") == "yes", row["who"], row.get("zone"), line],
        )  # fmt: skip
        if row.get("team"):
            connection.execute(
                "insert into segments values (?, ?::date, 'team', ?)",
                [numbers[str(row["who"])], valid_from, row["team"]],
            )
    for line, row in enumerate(said, start=2):
        connection.execute(
            """insert into interactions by name
               select ?::timestamp as occurred_at, ?::timestamp::date as day, 0 as hour, ? as actor, ? as target,
                      ?::interaction_kind as kind, ? as thread_id, ? as interaction_id, 1 as nth, ?::intent as intent,
                      ? as channel, ? as topic, 1 as batch, ? as line""",
            [row["at"], row["at"], numbers[str(row["from"])], numbers.get(str(row.get("to"))), row.get("kind") or "message",
             row.get("thread"), row.get("id"), row.get("intent"), row.get("channel"), row.get("topic"),
             line],
        )  # fmt: skip
    return numbers
