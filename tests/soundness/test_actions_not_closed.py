"""Actions of which none was closed were published as "no data" instead of 0.

DuckDB's count_if gives NULL where every condition is NULL, and an action that was never closed has no closing
day to compare: three actions due and none closed read as nothing known, the worst quarter as an empty tile.
"""

from datetime import date

import duckdb

from data.settings import Settings
from data.store import migrate, opened
from metrics.actions import count_actions
from metrics.cells import lay_out_cells
from metrics.periods import lay_out_periods


def counted(connection: duckdb.DuckDBPyConnection, closed: list[str | None]) -> tuple[float, float]:
    migrate(connection)
    for place, day in enumerate(closed):
        connection.execute(
            """insert into actions by name
               select ? as action_id, 'x' as title, date '2026-10-01' as opened_on, date '2026-11-10' as due_on,
                      ?::date as closed_on, 1 as batch, ? as line""",
            [f"A{place}", day, place],
        )
    lay_out_periods(connection, Settings(), date(2026, 11, 16))
    connection.execute("create or replace temp table days as select date '2026-11-10' as day")
    connection.execute(
        """create or replace temp table periods as
           select 'month' as grain, '2026-11-01' as period, date '2026-11-01' as starts_on, date '2026-11-30' as ends_on"""
    )
    lay_out_cells(connection)
    count_actions(connection)
    row = connection.execute("select numerator, denominator from cells").fetchone()
    assert row is not None
    return row


def test_none_closed_of_three_due_is_zero_of_three() -> None:
    with opened(":memory:") as connection:
        assert counted(connection, [None, None, None]) == (0, 3)


def test_an_action_closed_on_its_due_day_is_in_time() -> None:
    with opened(":memory:") as connection:
        assert counted(connection, ["2026-11-10", "2026-11-11", None]) == (1, 3)


def test_the_naive_count_is_the_trap() -> None:
    with opened(":memory:") as connection:
        naive = connection.execute(
            "select count_if(x <= 1) from (select unnest([null, null])::integer as x)"
        ).fetchone()
    assert naive != (0,)
