"""Edges: rows of a file that are no rows of its table, found once it is staged.

Repeated headers are left out and named. Totals, notes under the table, second headers and rows that a stray quotation
mark has run together become `odd_rows`: taken for data they would be wrong numbers that look right.
"""

import re
from collections.abc import Sequence

import duckdb

from data.errors import BadFile
from ingest.layout import BLANKS, is_worded, shape, shorten

EDGE_ROWS = 5
MOST_LINES_OF_A_ROW = 30
MOST_GAPS = 3
MOST_NAMED = 5
_TOTAL = re.compile(
    r"(grand |sub[- ]?|running )?(totals?|sum|average|mean|count)\b.{0,40}|(gesamt\w*|insgesamt|summe|mittelwert|durchschnitt)\b.{0,40}"
    r"|(total(es|e|i)?|totaux|totaal|moyenne|suma|razem|итого|всего|合計|总计|總計|合计)\b.{0,40}",
    re.IGNORECASE,
)


def leave_out_repeats(
    connection: duckdb.DuckDBPyConnection, columns: Sequence[str], header: Sequence[str], known: frozenset[str]
) -> None:
    """Take rows out of `staged` that repeat the header, as files joined one under the other have them.

    A header with a number in it, or a single cell that nobody knows, is more likely a row of a file without a header.
    """
    if not is_worded(header) or (len(header) == 1 and shape(header[0]) not in known):
        return
    same = " and ".join(f"{_quoted(column)} = ?" for column in columns)
    cells = [cell.strip(BLANKS) for cell in header]
    lines = [
        line for (line,) in connection.execute(f"select line from staged where {same} order by line", cells).fetchall()
    ]
    if lines:
        connection.execute("insert into not_rows select unnest(?::bigint[])", [lines])
        _note(connection, lines, "the header again")


def find_second_headers(
    connection: duckdb.DuckDBPyConnection, columns: Sequence[str], known: frozenset[str], header_lines: int
) -> None:
    """Mark rows directly under the header that name a column of the contract again, in other words or units."""
    first = connection.execute(
        f"select line, {_all(columns)} from staged where line <= ? order by line limit 3", [header_lines + EDGE_ROWS]
    ).fetchall()
    for line, *cells in first:
        again = [
            column
            for column, cell in zip(columns, cells, strict=True)
            if cell is not None and shape(column) in known and shape(cell) == shape(column)
        ]
        if not again:
            return
        _mark(
            connection,
            line,
            f'"{again[0]}" stands under "{again[0]}": this looks like a second header.',
            "Take the row out.",
        )


def refuse_second_table(
    connection: duckdb.DuckDBPyConnection, columns: Sequence[str], known: frozenset[str], gaps: Sequence[int], name: str
) -> None:
    """Raises BadFile where a header of another table stands among the rows. `gaps` are the lines that follow blank lines."""
    names = [word for word in known if word]
    counted = " + ".join(
        f"coalesce(lower({_quoted(column)}) in (select unnest($names)), false)::integer" for column in columns
    )
    found = connection.execute(
        f"select min(line) from staged where {counted} >= 2 and lower({_quoted(columns[0])}) in (select unnest($names))",
        {"names": names},
    ).fetchone()
    line = found[0] if found else None
    if line is None and len(gaps) <= MOST_GAPS:
        line = next((gap for gap in gaps if _turns_into_words(connection, columns, gap)), None)
    if line is not None:
        raise BadFile(
            "Another table seems to begin here.",
            where=f"{name}, line {line}",
            fix="Put each table into a file of its own.",
        )


def find_swallowed_rows(
    connection: duckdb.DuckDBPyConnection, columns: Sequence[str], separator: str, header_lines: int, lines: int
) -> None:
    """Mark rows with line breaks inside quotation marks whose every line could be a row: a quotation mark is missing.

    Each line then has as many separators as the header, and begins with an id of the same make.
    """
    counted = connection.execute("select count(*) from staged").fetchone()
    if len(columns) < 3 or not counted or counted[0] + header_lines >= lines:
        return
    joined = ", ".join(f"coalesce({_quoted(column)}, '')" for column in columns)
    connection.execute(
        f"""insert into odd_rows
            select line, 'Each line of this row could be a row of its own: a quotation mark is opened and never closed.',
                   'Close it, or write a quotation mark inside a cell twice: "".'
            from (
                select line, string_split(replace(replace(concat_ws($mark, {joined}), chr(13) || chr(10), chr(10)),
                                                  chr(13), chr(10)), chr(10)) as parts
                from staged
            )
            where len(parts) > 1
              and list_bool_and(list_transform(parts, lambda part:
                  len(string_split(part, $mark)) = {len(columns)}
                  and {_make_of("string_split(part, $mark)[1]")} = {_make_of("string_split(parts[1], $mark)[1]")}))""",
        {"mark": separator},
    )


def find_odd_edges(
    connection: duckdb.DuckDBPyConnection, columns: Sequence[str], lines: int, gaps: Sequence[int]
) -> None:
    """Mark totals and notes that stand under the table."""
    last = connection.execute(
        f"""select line, {_all(columns)}
            from staged
            where line > ?
              and line not in (select line from ragged)
            order by line desc
            limit {EDGE_ROWS}""",
        [lines - EDGE_ROWS * MOST_LINES_OF_A_ROW],
    ).fetchall()
    for line, *cells in last:
        filled = [cell for cell in cells if cell is not None]
        stands_alone = len(filled) == 1 and cells[0] is not None and len(columns) > 1
        if _TOTAL.fullmatch(filled[0]):
            _mark(connection, line, f'"{shorten(filled[0])}" looks like a total, not like a row.', "Take the row out.")
        elif stands_alone and (line in gaps[-1:] or _is_sentence(connection, columns[0], filled[0], line)):
            _mark(connection, line, f'"{shorten(filled[0])}" looks like a note under the table.', "Take the row out.")
        else:
            return


def refuse_apostrophes(connection: duckdb.DuckDBPyConnection, columns: Sequence[str], name: str) -> None:
    """Raises BadFile where a file without quotation marks has cells in apostrophes: whether they part cells cannot be known."""
    for column in columns:
        cell = _quoted(column)
        found = connection.execute(
            f"""select line, {cell}
                from staged
                where starts_with({cell}, '''') and ends_with({cell}, '''') and length({cell}) > 2
                order by line
                limit 1"""
        ).fetchone()
        if found is not None:
            raise BadFile(
                f"{shorten(found[1])} stands in apostrophes, which may be meant as quotation marks.",
                where=f"{name}, line {found[0]}, column {column}",
                fix='Save the file with quotation marks ("), or take the apostrophes off.',
            )


def _turns_into_words(connection: duckdb.DuckDBPyConnection, columns: Sequence[str], gap: int) -> bool:
    """Whether the row on line `gap` has no digit at all, after rows whose first cells all have one."""
    found = connection.execute(
        f"""select count(*) filter (line < $gap) > 1
                   and bool_and(regexp_matches({_quoted(columns[0])}, '\\d')) filter (line < $gap)
                   and not bool_or(regexp_matches(concat_ws(' ', {_all(columns)}), '\\d')) filter (line = $gap)
                   and count(*) filter (line = $gap and {_quoted(columns[-1])} is not null) = 1
            from staged""",
        {"gap": gap},
    ).fetchone()
    return bool(found and found[0])


def _is_sentence(connection: duckdb.DuckDBPyConnection, column: str, cell: str, line: int) -> bool:
    """Whether a cell has several words, or ends in a colon, in a column where no cell above it does."""
    if not re.search(r"\s|:$|: ", cell):
        return False
    found = connection.execute(
        f"select 1 from staged where line < ? and regexp_matches({_quoted(column)}, '\\s|:$') limit 1",
        [line - EDGE_ROWS],
    ).fetchone()
    return found is None


def _mark(connection: duckdb.DuckDBPyConnection, line: int, what: str, fix: str) -> None:
    connection.execute("insert into odd_rows values (?, ?, ?)", [line, what, fix])


def _note(connection: duckdb.DuckDBPyConnection, lines: Sequence[int], what: str) -> None:
    shown = ", ".join(str(line) for line in lines[:MOST_NAMED])
    more = f" and {len(lines) - MOST_NAMED} more" if len(lines) > MOST_NAMED else ""
    words = (
        f"Lines {shown}{more} hold {what} and were left out."
        if len(lines) > 1
        else f"Line {shown} holds {what} and was left out."
    )
    connection.execute("insert into left_out values (?)", [words])


def _make_of(cell: str) -> str:
    """SQL: what an id is made of, letters and digits told apart only."""
    return f"regexp_replace(regexp_replace({cell}, '[A-Za-z]+', 'A', 'g'), '[0-9]+', '9', 'g')"


def _all(columns: Sequence[str]) -> str:
    return ", ".join(_quoted(column) for column in columns)


def _quoted(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'
