"""The question bank: what every question was, so that the next wave finds it again and a trend compares like with like.

Two questions are the same only with the same wording, scale and direction; anything else starts a new
trend line. A nearly equal wording is offered to a person and never joined by itself.

Some tools give a question a key that it keeps for good (Qualtrics QID7, LimeSurvey Q1[SQ001]). People answer the words they
read, so a key never overrules them: another wording under the same key in a later wave is a new trend line, named after the old
one (`proud`, then `proud.2`), until a person says in the items file that only spelling or language changed. The key
decides where there are no other words to go by: within one wave, whose export may come again in another language, and
where one of two exports holds codes instead of wordings. Keys count within an instrument only: every survey has its QID1.
"""

import re
from collections.abc import Mapping, Sequence

import duckdb
from rapidfuzz import fuzz, process

from ingest.items import ITEM_COLUMNS, Item, Proposal, count_points, find_faults, read_items, write_items
from ingest.scales import NUMBERED, Guess, normalise, recognise

__all__ = [
    "ITEM_COLUMNS",
    "Item",
    "Proposal",
    "find_again",
    "find_faults",
    "guess_column",
    "is_same_question",
    "name_items",
    "normalise_wording",
    "propose_items",
    "read_bank",
    "read_items",
    "read_keys",
    "settle",
    "write_items",
]

NEARLY_THE_SAME = 85
CELLS_LOOKED_AT = 200


def normalise_wording(wording: str) -> str:
    """A wording without case, spacing, underscores, markup and punctuation: what two waves must have in common to be one question."""
    words = re.sub(r"<[^>]*>|\{\{[^}]*\}\}", " ", wording)
    return " ".join(re.sub(r"[^\w%+']|_", " ", normalise(words)).split())


def is_same_question(one: Item, other: Item) -> bool:
    """Whether two items measure the same on the same scale. Labels count only where both have them, wordings only where they say
    more than the key that both have."""
    says_only_key = _is_code(one.key, one.wording, other.key) or _is_code(other.key, other.wording, one.key)
    if one.kind != other.kind:
        return False
    if not says_only_key and normalise_wording(one.wording) != normalise_wording(other.wording):
        return False
    if one.kind not in NUMBERED:
        return True
    same_scale = (one.scale_min, one.scale_max, one.reverse) == (other.scale_min, other.scale_max, other.reverse)
    labels = [tuple(normalise(label) for label in item.labels) for item in (one, other)]
    return same_scale and (not all(labels) or labels[0] == labels[1])


def read_bank(connection: duckdb.DuckDBPyConnection, instrument: str) -> list[Item]:
    """The questions asked before, this instrument's first and the newest first.

    `column` and `key` are those of the newest wave of the instrument, empty for questions of other instruments.
    """
    rows = connection.execute(
        """select coalesce(arg_max(wave_items.column_name, waves.opened_on)
                               filter (where waves.instrument = $instrument), '') as asked_as,
                  items.item_id, items.wording, items.kind, items.scale_min, items.scale_max, items.labels,
                  items.favourable, items.neutral, items.reverse, items.construct, items.na_codes, items.outcome,
                  coalesce(arg_max(question_keys.key, waves.opened_on)
                               filter (where waves.instrument = $instrument and question_keys.key is not null), '') as key
           from items
           left join wave_items
             on wave_items.item_id = items.item_id
           left join waves
             on waves.wave = wave_items.wave
           left join question_keys
             on question_keys.wave = wave_items.wave
            and question_keys.item_id = wave_items.item_id
           group by all
           order by asked_as = '', max(waves.opened_on) desc nulls last, items.item_id""",
        {"instrument": instrument},
    ).fetchall()
    return [Item.model_validate(dict(zip((*ITEM_COLUMNS, "key"), row, strict=True))) for row in rows]


def read_keys(connection: duckdb.DuckDBPyConnection, wave: str | None) -> dict[str, str]:
    """The question that each key of a tool is in a wave that was taken in before."""
    return dict(
        connection.execute(
            "select key, min(item_id) from question_keys where wave = ? group by key having count(*) = 1",
            [wave],
        ).fetchall()
    )


def find_again(column: str, bank: Sequence[Item], key: str = "", in_wave: str | None = None) -> Item | None:
    """The question that a column is: by its wording, else by its id or its column in the newest wave, else by its tool's key.

    Of several with the wording it is the one with the key. `in_wave` is the question that the key already is in this wave. In
    another wave a key tells only where one side has no wording but the key.
    """
    plain = normalise_wording(column)
    for fits in (
        lambda item: normalise_wording(item.wording) == plain and key != "" and item.key == key,
        lambda item: normalise_wording(item.wording) == plain,
        lambda item: item.item_id == column,
        lambda item: item.column == column,
        lambda item: item.item_id == in_wave,
        lambda item: _is_code(item.key, column, key),
    ):
        found = next((item for item in bank if fits(item)), None)
        if found is not None:
            return found.model_copy(update={"column": column, "key": key})
    bare = next((item for item in bank if _is_code(item.key, item.wording, key)), None)
    return bare.model_copy(update={"column": column, "wording": column, "key": key}) if bare else None


def _is_code(key: str, wording: str, other: str) -> bool:
    """Whether a wording is no more than the key that two questions have in common."""
    return key != "" and key == other and normalise_wording(wording) == normalise_wording(key)


def propose_items(
    connection: duckdb.DuckDBPyConnection,
    staged: str,
    bank: Sequence[Item],
    columns: Sequence[str] | None = None,
    keys: Mapping[str, str] | None = None,
) -> list[Item]:
    """What each question column seems to be, in the order of the file: known questions as they were, others as their
    answers look (a `Proposal`, which names the question of the bank that has its key, or nearly its wording)."""
    keys = keys or {}
    if columns is None:
        described = connection.execute(f"describe {staged}").fetchall()
        columns = [name for name, *_ in described if name not in ("line", "respondent_id", "submitted_at")]
    cells = {column: _count_cells(connection, staged, column) for column in columns}
    shown = {column: frozenset(normalise(cell) for cell in cells[column]) for column in columns}
    taken = [item for column in columns if (item := find_again(column, bank, keys.get(column, ""))) is not None]
    proposed: list[Item] = []
    for column in columns:
        known = next((item for item in taken if item.column == column), None)
        if known is not None:
            proposed.append(known)
            continue
        beside = [shown[other] for other in columns if other != column]
        guess = recognise(cells[column], column, beside)
        proposed.append(_propose(column, guess, bank, keys.get(column, "")))
    return name_items(proposed, bank)[0]


def name_items(items: Sequence[Item], bank: Sequence[Item]) -> tuple[list[Item], list[str]]:
    """Items with their ids, and warnings. A question that is not what the bank has under its id gets the next free id: a new trend line."""
    known = {item.item_id: item for item in bank}
    constructs = {item.construct_name for item in (*items, *bank) if item.construct_name}
    named: dict[str, Item] = {}
    warnings: list[str] = []
    for item in items:
        wanted = item.item_id or _slug(item.column)
        name, turn = wanted, 1
        while name in named or name in constructs or (name in known and not is_same_question(known[name], item)):
            turn += 1
            name = f"{wanted}.{turn}"
        elsewhere = next((other for other in bank if is_same_question(other, item)), None)
        if wanted in constructs:
            warnings.append(
                f'The question "{wanted}" is called like a construct, which has numbers of its own, so it is kept as "{name}".'
            )
        elif wanted in known and name not in known:
            warnings.append(
                f'The question "{wanted}" has another wording or scale than before, so it starts a new trend line as "{name}".'
            )
        elif name not in known and elsewhere is not None:
            warnings.append(
                f'The question "{name}" was asked before as "{elsewhere.item_id}"; with that item_id the trend would go on.'
            )
        named[name] = item.model_copy(update={"item_id": name})
    return list(named.values()), warnings


def _names(given: Item, known: Item, wording: str) -> bool:
    """Whether a row of the items file means a question of the bank: by its id alone, by its wording, or by its column alone."""
    if normalise_wording(known.wording) == normalise_wording(wording):
        return given.item_id in ("", known.item_id)
    if given.wording:
        return False
    return known.item_id == given.item_id if given.item_id else known.column == given.column


def settle(given: Item, guess: Guess, bank: Sequence[Item]) -> Item:
    """An item with what its row left empty: from the bank where it names a known question, else from the answers.

    An item_id without a wording, or the wording of a known question, brings its scale and the rest along.
    """
    said = {name: getattr(given, name) for name in given.model_fields_set}
    wording = given.wording or given.column
    known = next((item for item in bank if _names(given, item, wording)), None)
    kind = given.kind or ("likert" if given.scale_max is not None and (known or guess).kind not in NUMBERED else None)
    if known is None or kind not in (None, known.kind):
        fits = kind in (None, guess.kind) or (kind == "likert" and guess.kind == "nps")
        known = Item(
            column=given.column, wording=wording, **(vars(guess) | {"reverse": False} if fits else {"kind": kind})
        )
    said |= {"kind": kind or known.kind}
    if given.labels and given.scale_max is None and said["kind"] == "likert" and len(given.labels) != len(known.labels):
        first = given.scale_min if given.scale_min is not None else 1.0
        said |= {"scale_min": first, "scale_max": first + len(given.labels) - 1}
    settled = known.model_copy(update=said | {"column": given.column, "wording": given.wording or known.wording})
    if settled.kind == "nps":
        settled = settled.model_copy(
            update={"scale_min": settled.scale_min or 0.0, "scale_max": settled.scale_max or 10.0}
        )
    if (
        not given.labels
        and settled.kind in NUMBERED
        and settled.labels
        and len(settled.labels) != count_points(settled)
    ):
        settled = settled.model_copy(update={"labels": ()})
    return settled


def _count_cells(connection: duckdb.DuckDBPyConnection, staged: str, column: str) -> dict[str, int]:
    """The most frequent cells of a column with their counts."""
    quoted = '"' + column.replace('"', '""') + '"'
    return dict(
        connection.execute(
            f"""select {quoted}, count(*)
                from {staged}
                where {quoted} is not null
                group by all
                order by count(*) desc, {quoted}
                limit {CELLS_LOOKED_AT}"""
        ).fetchall()
    )


def guess_column(connection: duckdb.DuckDBPyConnection, staged: str, column: str) -> Guess:
    """What the answers of one column look like."""
    return recognise(_count_cells(connection, staged, column), column)


def _propose(column: str, guess: Guess, bank: Sequence[Item], key: str) -> Proposal:
    wordings = {at: normalise_wording(item.wording) for at, item in enumerate(bank)}
    before = next((item for item in bank if key and item.key == key), None)
    nearest = process.extractOne(
        normalise_wording(column), wordings, scorer=fuzz.token_sort_ratio, score_cutoff=NEARLY_THE_SAME
    )
    like = before or (bank[nearest[2]] if nearest else None)
    return Proposal(
        column=column, wording=column, item_id=before.item_id if before else "", key=key, has_its_key=before is not None,
        suggestion=like.item_id if like else None, suggested_wording=like.wording if like else None, **vars(guess),
    )  # fmt: skip


def _slug(column: str) -> str:
    """A short id made of the first words of a column."""
    words = re.sub(r"[^\w]+", " ", normalise(column)).split()
    slug = ""
    for word in words:
        if slug and len(slug) + len(word) > 40:
            break
        slug = f"{slug}_{word}" if slug else word[:40]
    return slug or "question"
