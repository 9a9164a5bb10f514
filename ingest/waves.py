"""Waves: kept survey rows become waves, questions, respondents and answers, and are taken away again.

What a wave holds depends only on its batches that are not undone, in their order, so that a wave
can always be loaded again from kept copies. The question bank follows the ledger in the same way.
"""

from collections.abc import Sequence
from datetime import date

import duckdb

from data.errors import Refused
from ingest import ledger
from ingest.importer import Counts, Details
from ingest.questions import Item, normalise_wording

NO_ID = "row-"
_TABLES = ("answers", "respondent_segments", "respondents", "wave_items", "question_keys", "waves")


def load_survey(
    connection: duckdb.DuckDBPyConnection, kept: str, batch: int, details: Details, items: Sequence[Item]
) -> Counts:
    """Put the kept rows of a survey file (`kept`: a table, or read_parquet of one) into its wave.

    With respondent ids each respondent's answers to the questions in the file are replaced, blanks clear, and questions not in the
    file stay. Without ids the whole wave is replaced. The caller holds the transaction.
    Raises Refused where more people answered than were invited.
    """
    wave = details.wave or ""
    connection.execute(f"create or replace temp table incoming as select * from {kept}")
    _make_states(connection, wave, "states_before")
    without_ids = _count(
        connection,
        """select (select count_if(starts_with(key, ?)) from incoming)
                + (select count_if(starts_with(key, ?)) from respondents where wave = ?)""",
        [NO_ID, NO_ID, wave],
    )
    if without_ids:
        for table in _TABLES[:-1]:
            connection.execute(f"delete from {table} where wave = ?", [wave])
    _write_wave(connection, details)
    _write_questions(connection, wave, items)
    _write_respondents(connection, wave, batch)
    _write_answers(connection, wave, items)
    refuse_more_than_invited(connection, wave)
    _make_states(connection, wave, "states_after")
    return _count_anonymous(connection) if without_ids else _count_known(connection)


def remove_wave(connection: duckdb.DuckDBPyConnection, wave: str) -> None:
    """Take everything of a wave away; the bank keeps what other batches of the ledger say. The caller holds the transaction."""
    for table in _TABLES:
        connection.execute(f"delete from {table} where wave = ?", [wave])
    _fold_bank(connection)


def change_details(connection: duckdb.DuckDBPyConnection, details: Details) -> None:
    """Set the closing day or the number of invited of a wave, where given. Raises Refused for what its answers contradict."""
    before = _read_closing_day(connection, details.wave or "")
    connection.execute(
        """update waves
           set closed_on = coalesce(?, closed_on), invited = coalesce(?, invited)
           where wave = ?""",
        [details.closed, details.invited, details.wave],
    )
    _move_answers_without_a_time(connection, details.wave or "", before)
    _refuse_closed_before_opened(connection, details.wave or "")
    refuse_more_than_invited(connection, details.wave or "")


def refuse_more_than_invited(connection: duckdb.DuckDBPyConnection, wave: str) -> None:
    """Raises Refused where a wave has more completed answers than invited people: its rates would pass 100 %."""
    row = connection.execute(
        """select waves.invited, count(distinct respondents.respondent)
           from waves
           join respondents
             on respondents.wave = waves.wave
           join answers
             on answers.wave = respondents.wave
            and answers.respondent = respondents.respondent
           where waves.wave = ?
             and respondents.submitted_at is not null
             and answers.score is not null
           group by all""",
        [wave],
    ).fetchone()
    if row is not None and row[0] is not None and row[1] > row[0]:
        raise Refused(
            f"{row[1]} people answered and {row[0]} were invited.",
            where=f"wave {wave}",
            fix="Correct --invited, or take the rows out that do not belong here.",
        )


def _write_wave(connection: duckdb.DuckDBPyConnection, details: Details) -> None:
    """The row of the wave. What is not said stays; thresholds only rise; what members were promised stays as it was first told."""
    k_scores, k_distributions = connection.execute(
        "select max(k_scores), max(k_distributions) from incoming"
    ).fetchone() or (0, 0)
    before = _read_closing_day(connection, details.wave or "")
    connection.execute(
        """insert into waves by name
           select $wave as wave, $instrument as instrument,
                  coalesce($opened, (select min(submitted_on) from incoming), $closed) as opened_on,
                  $closed as closed_on, $invited as invited, $event_id as event_id, $promise as promise,
                  $linked as linked, $told as told, $k_scores as k_scores, $k_distributions as k_distributions
           on conflict (wave) do update
           set opened_on = coalesce($opened, waves.opened_on),
               closed_on = coalesce($closed, waves.closed_on),
               invited = coalesce($invited, waves.invited),
               event_id = coalesce($event_id, waves.event_id),
               told = coalesce($told, waves.told),
               k_scores = greatest(waves.k_scores, $k_scores),
               k_distributions = greatest(waves.k_distributions, $k_distributions)""",
        {
            "wave": details.wave, "instrument": details.instrument, "opened": details.opened, "closed": details.closed,
            "invited": details.invited, "event_id": details.event_id, "promise": details.promise, "linked": details.linked,
            "told": details.told, "k_scores": k_scores, "k_distributions": k_distributions,
        },
    )  # fmt: skip
    _move_answers_without_a_time(connection, details.wave or "", before)
    _refuse_closed_before_opened(connection, details.wave or "")


def _read_closing_day(connection: duckdb.DuckDBPyConnection, wave: str) -> date | None:
    row = connection.execute("select closed_on from waves where wave = ?", [wave]).fetchone()
    return row[0] if row else None


def _move_answers_without_a_time(connection: duckdb.DuckDBPyConnection, wave: str, before: date | None) -> None:
    """Answers of files that say no times stand at the closing day, and move with it."""
    connection.execute(
        """update respondents
           set submitted_at = (select closed_on::timestamp from waves where wave = $wave)
           where wave = $wave
             and submitted_at = $before::timestamp
             and batch not in (select batch from batches where list_contains(columns, 'submitted_at'))""",
        {"wave": wave, "before": before},
    )


def _refuse_closed_before_opened(connection: duckdb.DuckDBPyConnection, wave: str) -> None:
    row = connection.execute(
        "select opened_on, closed_on from waves where wave = ? and closed_on < opened_on", [wave]
    ).fetchone()
    if row is not None:
        raise Refused(
            f"The wave would close on {row[1]}, before it opened on {row[0]}.",
            where=f"wave {wave}",
            fix="Mend the days.",
        )


def _write_questions(connection: duckdb.DuckDBPyConnection, wave: str, items: Sequence[Item]) -> None:
    for position, item in enumerate(items, start=1):
        connection.execute(
            "insert or replace into wave_items values (?, ?, ?, ?)", [wave, item.item_id, item.column, position]
        )
        if item.key:
            connection.execute("insert or replace into question_keys values (?, ?, ?)", [wave, item.item_id, item.key])
    _fold_bank(connection)


def _fold_bank(connection: duckdb.DuckDBPyConnection) -> None:
    """The question bank as the survey batches not undone describe it: of each question the newest description."""
    newest: dict[str, tuple[str, Item]] = {}
    for batch in ledger.read_batches(connection, "kind = 'survey' and undone_at is null", []):
        for stored in batch.items:
            item = Item.model_validate(stored)
            instrument = newest[item.item_id][0] if item.item_id in newest else batch.details.instrument
            newest[item.item_id] = (instrument, item)
    connection.execute("delete from items")
    for instrument, item in newest.values():
        connection.execute(
            """insert into items by name
               select ? as item_id, ? as instrument, ? as wording, ? as normalised, ? as kind, ? as scale_min,
                      ? as scale_max, ?::varchar[] as labels, ?::double[] as favourable, ?::double[] as neutral,
                      ? as reverse, ? as construct, ?::varchar[] as na_codes, ? as outcome""",
            [
                item.item_id, instrument, item.wording, normalise_wording(item.wording), item.kind, item.scale_min,
                item.scale_max, list(item.labels), list(item.favourable), list(item.neutral), item.reverse,
                item.construct_name, list(item.na_codes), item.outcome,
            ],
        )  # fmt: skip


def _write_respondents(connection: duckdb.DuckDBPyConnection, wave: str, batch: int) -> None:
    """Respondents keep their number; new ones are numbered in the order of their keys, which says nothing about the file."""
    connection.execute(
        """create or replace temp table numbered as
           select incoming.*,
                  coalesce(
                      respondents.respondent,
                      (select coalesce(max(respondent), 0) from respondents where wave = $wave)
                      + row_number() over (partition by respondents.respondent is null order by incoming.key)
                  )::integer as respondent,
                  coalesce(
                      incoming.submitted_at,
                      case
                          when incoming.says_when then null
                          else coalesce(
                              respondents.submitted_at,
                              (select coalesce(closed_on, opened_on)::timestamp from waves where wave = $wave)
                          )
                      end
                  ) as submitted
           from incoming
           left join respondents
             on respondents.wave = $wave
            and respondents.key = incoming.key""",
        {"wave": wave},
    )
    connection.execute(
        """insert or replace into respondents by name
           select ? as wave, respondent, key, submitted as submitted_at, ? as batch, line
           from numbered""",
        [wave, batch],
    )
    connection.execute(
        """insert or replace into respondent_segments
           select ?, respondent, placed.key, placed.value
           from (select respondent, unnest(map_entries(segments)) as placed from numbered)
           where placed.value is not null""",
        [wave],
    )
    connection.execute(
        """delete from respondent_segments
           using (select respondent, unnest(map_entries(segments)) as placed from numbered) as told
           where respondent_segments.wave = ?
             and respondent_segments.respondent = told.respondent
             and respondent_segments.dimension = told.placed.key
             and told.placed.value is null""",
        [wave],
    )


def _write_answers(connection: duckdb.DuckDBPyConnection, wave: str, items: Sequence[Item]) -> None:
    connection.execute(
        """delete from answers
           using numbered
           where answers.wave = ?
             and answers.respondent = numbered.respondent
             and list_contains(?::varchar[], answers.item_id)""",
        [wave, [item.item_id for item in items]],
    )
    connection.execute(
        """insert into answers by name
           select ? as wave, respondent, unnest(answers, recursive := true)
           from numbered""",
        [wave],
    )


def _make_states(connection: duckdb.DuckDBPyConnection, wave: str, table: str) -> None:
    """One number per respondent that differs where anything the respondent said differs; the order of answers does not matter."""
    connection.execute(
        f"""create or replace temp table {table} as
            select respondents.key,
                   hash(respondents.submitted_at)::hugeint
                   + coalesce(any_value(placed.state), 0) + coalesce(any_value(said.state), 0) as state
            from respondents
            left join (
                select respondent, sum(hash(dimension, segment)::hugeint) as state
                from respondent_segments
                where wave = $wave
                group by all
            ) as placed
              on placed.respondent = respondents.respondent
            left join (
                select respondent, sum(hash(item_id, code, choice, text, not_applicable)::hugeint) as state
                from answers
                where wave = $wave
                group by all
            ) as said
              on said.respondent = respondents.respondent
            where respondents.wave = $wave
            group by respondents.key, respondents.submitted_at""",
        {"wave": wave},
    )


def _count_known(connection: duckdb.DuckDBPyConnection) -> Counts:
    row = connection.execute(
        """select count_if(before.key is null),
                  count_if(coalesce(before.state <> now.state, false)),
                  count_if(coalesce(before.state = now.state, false))
           from states_after as now
           semi join incoming
             on incoming.key = now.key
           left join states_before as before
             on before.key = now.key"""
    ).fetchone()
    return Counts(*row) if row else Counts()


def _count_anonymous(connection: duckdb.DuckDBPyConnection) -> Counts:
    """Without ids a row is unchanged when one with the same content was there; nobody can say which row was changed."""
    row = connection.execute(
        """select coalesce(sum(now.rows), 0), coalesce(sum(least(now.rows, coalesce(before.rows, 0))), 0)
           from (select state, count(*) as rows from states_after group by all) as now
           left join (select state, count(*) as rows from states_before group by all) as before
             on before.state = now.state"""
    ).fetchone()
    rows, same = row or (0, 0)
    return Counts(new=int(rows - same), unchanged=int(same))


def _count(connection: duckdb.DuckDBPyConnection, query: str, parameters: list[str]) -> int:
    row = connection.execute(query, parameters).fetchone()
    return int(row[0]) if row and row[0] else 0
