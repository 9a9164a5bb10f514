"""Rollups that metrics read beside the panel, counted by hand. Week of Monday 26 January 2026, which reaches into February."""

from datetime import date, datetime

import ibis

from metrics import rollups
from tests.facts import cells_of, warehouse_of

TALK = """
| at               | from | to  | kind     | channel | topic | thread |
| 2026-01-28 09:10 | ann  | bob | message  | help    | pay   |        |
| 2026-01-28 09:50 | ann  | bob | message  | help    |       |        |
| 2026-01-30 10:00 | ann  |     | reaction | help    | rota  |        |
| 2026-02-01 09:00 | ann  | bob | message  |         | pay   |        |
| 2026-02-02 08:00 | bob  | ann | post     | general |       |        |
| 2026-02-02 09:00 | zoe  | ann | post     | general |       |        |
"""
WEDNESDAY, FRIDAY, SUNDAY, MONDAY = 1 << 2, 1 << 4, 1 << 6, 1 << 0


def rolled(name: str) -> list[tuple[object, ...]]:
    """The rows of a rollup, with people by name and in order. Zoe is on no roster."""
    with warehouse_of(
        members="| who |\n| ann |\n| bob |\n", interactions=TALK, covers=("2026-01-26", "2026-02-08")
    ) as connection:
        cells_of(connection, date(2026, 2, 9))
        threads = ibis.to_sql(rollups.threads(), dialect="duckdb")  # with their ids, which a publish drops
        connection.execute(f"create or replace temp table threads as {threads}")
        sql = ibis.to_sql(getattr(rollups, name)(), dialect="duckdb")
        connection.execute("update interactions set hour = hour(occurred_at)")
        columns = [row[0] for row in connection.execute(f"describe {sql}").fetchall()]
        shown = ", ".join(
            f"(select name from members where members.person = rolled.{c})" if c in ("person", "actor", "target") else c
            for c in columns
        )
        found = connection.execute(f"select {shown} from ({sql}) as rolled order by all").fetchall()
    return [tuple(value.date() if isinstance(value, datetime) else value for value in row) for row in found]


def test_channels_by_atom_with_their_days() -> None:
    """An atom ends with the month: 1 February is a Sunday of the same week and an atom of its own."""
    assert rolled("member_channels") == [
        ("ann", "help", date(2026, 1, 26), 3, WEDNESDAY | FRIDAY),
        ("bob", "general", date(2026, 2, 2), 1, MONDAY),
    ]


def test_a_topic_falls_back_to_the_channel_and_reactions_write_nothing() -> None:
    assert rolled("member_topics") == [
        ("ann", "help", date(2026, 1, 26), 1),
        ("ann", "pay", date(2026, 1, 26), 1),
        ("ann", "pay", date(2026, 2, 1), 1),
        ("bob", "general", date(2026, 2, 2), 1),
    ]


def test_pairs_keep_their_days() -> None:
    assert rolled("pair_atoms") == [
        ("ann", "bob", date(2026, 1, 26), 2, WEDNESDAY),
        ("ann", "bob", date(2026, 2, 1), 1, SUNDAY),
        ("bob", "ann", date(2026, 2, 2), 1, MONDAY),
    ]


def test_first_days_by_kind() -> None:
    assert rolled("first_seen") == [
        ("ann", "message", date(2026, 1, 28)),
        ("ann", "reaction", date(2026, 1, 30)),
        ("bob", "post", date(2026, 2, 2)),
    ]


def test_hours_by_weekday() -> None:
    assert rolled("member_hours") == [
        ("ann", date(2026, 1, 1), 2, 9, 2),
        ("ann", date(2026, 1, 1), 4, 10, 1),
        ("ann", date(2026, 2, 1), 6, 9, 1),
        ("bob", date(2026, 2, 1), 0, 8, 1),
    ]
