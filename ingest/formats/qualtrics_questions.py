"""Qualtrics' questions: from its columns, several of which may be one question, to the columns of a survey.

Columns of one question share the beginning of their key (QID5, QID5_1, QID5_1_TEXT); those with a `choiceId` are options of
one multiple choice. Their wordings are the question, then " - ", then the row or option.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from ingest.formats.export import Cells
from ingest.formats.questionnaire import Column, Read, split_options, tick_options
from ingest.formats.wording import join_options, name_row

MARK = " - "
QUESTION = re.compile(r"((?:\d+_)?QID\d+(?:#\d+)?)(?:_.*)?")
# What Qualtrics adds to a question or a survey: timings, browsers, orders, files, topics, scores and marks of its own.
ADDED = re.compile(
    r".*_(?:FIRST_CLICK|LAST_CLICK|PAGE_SUBMIT|CLICK_COUNT|BROWSER|VERSION|OS|OPERATING_SYSTEM|RESOLUTION|DO|DO_\d+|FILE_\w+)"
    r"|(?:\d+_)?QID\w*_[0-9a-f]{16,}.*|.* - (?:parent )?topics|.* - sentiment.*|SC_\w+|SC\d+|Q_\w+",
    re.IGNORECASE,
)
CHOSEN = re.compile(
    r" - (?:Selected Choice|Ausgewählte (?:Option|Auswahl|Antwort)|Gewählte (?:Option|Auswahl)|Choix sélectionné|Opción seleccionada|Scelta selezionata)(?: - |$)",
    re.IGNORECASE,
)
CODES = re.compile(r"-?\d+(?:,-?\d+)*")
JOINED, THOUSAND = re.compile(r",(?!\s)."), re.compile(r"\d,\d")
UNSEEN = ("-99", "0")
TEXT = "_TEXT"


class Head(NamedTuple):
    """A column's header: its name, its wording, its key and the option of it that the column is."""

    name: str
    wording: str
    key: str = ""
    choice: str = ""

    @property
    def question(self) -> str:
        """What the keys of all columns of a question begin with; empty for what is no question, or has no key."""
        found = QUESTION.fullmatch(self.key)
        return found[1] if found else ""


def read_questions(columns: Sequence[tuple[Read, Head]], rows: Sequence[Cells]) -> list[Column]:
    """The columns of the survey that the columns of the export become, in their order.

    Columns that are neither a question nor Qualtrics' own are embedded data: they keep their names and may be groups.
    """
    kept = [
        (read, head)
        for read, head in columns
        if (head.name or head.wording) and not any(ADDED.fullmatch(name) for name in _names(head))
    ]
    groups: dict[str, list[tuple[Read, Head]]] = {}
    for place, (read, head) in enumerate(kept):
        groups.setdefault(head.question or _shared_name(head, [other for _, other in kept]) or f"#{place}", []).append(
            (read, head)
        )
    return [column for name, group in groups.items() for column in _read_question(name, group, rows)]


def _names(head: Head) -> tuple[str, ...]:
    """What a column may be known by; a question's own name says nothing where it has a key."""
    return (head.key,) if head.question else (head.key, head.name, head.name.replace(" ", "_"))


def _shared_name(head: Head, others: Sequence[Head]) -> str:
    """The name that columns of one question share where the export has no keys: Q1 of Q1_1, Q1_2."""
    found = re.fullmatch(r"(.+)_\d+", head.name)
    if head.key or not found or head.wording == head.name:
        return ""
    start = head.wording.partition(MARK)[0]
    beside = [other for other in others if re.fullmatch(re.escape(found[1]) + r"_\d+", other.name)]
    return found[1] if len(beside) > 1 and all(other.wording.partition(MARK)[0] == start for other in beside) else ""


def _read_question(name: str, group: Sequence[tuple[Read, Head]], rows: Sequence[Cells]) -> list[Column]:
    question, rests = _split_wordings([head for _, head in group])
    if not name.startswith("#") and not any(head.key for _, head in group):
        return _read_named(question, [(read, rest) for (read, _), rest in zip(group, rests, strict=True)], rows)
    columns: list[Column] = []
    done: set[str] = set()
    for (read, head), rest in zip(group, rests, strict=True):
        if not head.choice:
            row = rest.removesuffix(f"{MARK}Text") if head.key.endswith(TEXT) else rest
            column = Column(name_row(question, row), read, head.key if head.question else "")
            is_choice = bool(head.question) and head.key == name
            columns.append(_split_joined(column, rows) if is_choice and not head.key.endswith(TEXT) else column)
        elif head.key not in done:
            done.add(head.key)
            options = [
                (one, other)
                for (one, beside), other in zip(group, rests, strict=True)
                if beside.choice and beside.key == head.key
            ]
            columns.append(_tick(question, head.key, head.key == name, options))
    return columns


def _split_wordings(heads: Sequence[Head]) -> tuple[str, list[str]]:
    """The wording that the columns of a question share, and what each has beside it: its row, its option, or nothing."""
    wordings = [head.wording for head in heads]
    marked = next((found for wording in wordings if (found := CHOSEN.search(wording))), None)
    if marked:
        question = marked.string[: marked.start()]
    elif len(wordings) == 1:
        if not heads[0].choice:
            return wordings[0], [""]
        question = wordings[0].rpartition(MARK)[0]
    else:
        parts = _shared([wording.split(MARK) for wording in wordings])
        shortest = min(len(wording.split(MARK)) for wording in wordings)
        is_whole = any(
            wording == MARK.join(parts) and not head.choice for wording, head in zip(wordings, heads, strict=True)
        )
        question = MARK.join(parts if is_whole else parts[: max(shortest - 1, 0)])
    rests = [CHOSEN.sub(MARK, wording).removesuffix(MARK) for wording in wordings]
    return question, [
        "" if rest == question else rest.removeprefix(f"{question}{MARK}") if question else rest for rest in rests
    ]


def _shared(wordings: Sequence[list[str]]) -> list[str]:
    """The parts with which all wordings begin."""
    same = [len(set(parts)) == 1 for parts in zip(*wordings, strict=False)]
    return wordings[0][: same.index(False)] if False in same else wordings[0][: len(same)]


def _read_named(question: str, group: Sequence[tuple[Read, str]], rows: Sequence[Cells]) -> list[Column]:
    """Columns without keys: options where a cell is its option or 1, else the rows of a grid."""
    filled = [({cell for row in rows if (cell := read(row))} - set(UNSEEN), rest) for read, rest in group]
    if any(cells for cells, _ in filled) and all(cells <= {"1", rest} for cells, rest in filled):
        return [_tick(question, "", True, group)]
    return [Column(name_row(question, rest), read) for read, rest in group]


def _tick(question: str, key: str, is_whole: bool, group: Sequence[tuple[Read, str]]) -> Column:
    """A multiple choice, or a row of a grid of them, of which the wordings name the row before the option."""
    options = [(rest, read) for read, rest in group]
    wording = question
    if not is_whole:
        lines = [rest.rpartition(MARK) for rest, _ in options]
        wording = name_row(question, lines[0][0])
        options = [(option or line, read) for (line, _, option), (_, read) in zip(lines, options, strict=True)]
    return tick_options(wording, [(option, _seen(read, option)) for option, read in options], key)


def _seen(read: Read, option: str) -> Read:
    """A cell that says more than that the option was shown."""
    return lambda row: "" if (cell := read(row)) in UNSEEN and cell != option else cell


def _split_joined(column: Column, rows: Sequence[Cells]) -> Column:
    """A multiple choice in one column: codes or labels joined by a comma without a space; between digits it is a thousand."""
    cells = [cell for row in rows if (cell := column.read(row))]
    if any("," in cell for cell in cells) and all(CODES.fullmatch(cell) for cell in cells):
        return Column(column.wording, lambda row: join_options(column.read(row).split(",")), column.key)
    is_certain = any(JOINED.search(cell) for cell in cells) and not any(THOUSAND.search(cell) for cell in cells)
    return split_options(column, rows, ",", is_certain=is_certain)
