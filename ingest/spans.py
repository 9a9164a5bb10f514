"""Spans: rows whose last day lies before their first."""

from collections.abc import Callable, Sequence

import duckdb

Check = Callable[[duckdb.DuckDBPyConnection, Sequence[str]], None]


def check_order(first: str, last: str) -> Check:
    """A check for `Importer.check`: a problem at every row of `canonical` whose day `last` is before its day `first`."""

    def find_problems(connection: duckdb.DuckDBPyConnection, columns: Sequence[str]) -> None:
        if last not in columns:
            return
        connection.execute(
            f"""insert into bad_lines
                select line, '{last}', '"' || {last} || '" is before {first}, which is ' || {first} || '.', 'Check both days.'
                from canonical
                where {last} < {first}"""
        )

    return find_problems
