"""Any long survey: one row an answer, with the respondent, the question and the answer; turned into one row a respondent.

Several answers of a respondent to one question are options of a multiple choice. Columns that are the same in all rows of
a respondent say something about them and are kept.
"""

from collections.abc import Sequence

from ingest.formats.export import Cells, Export
from ingest.formats.format import Format, Reading
from ingest.formats.questionnaire import RESPONDENT, SURVEY, Column, Read, at, write_survey
from ingest.formats.times import DAY_FIRST, read_moment, settle_order
from ingest.formats.wide import MEMBERS, RESPONDENTS, TIMES, find_place, hold_times, read_grid
from ingest.formats.wording import clean_wording, join_options
from ingest.importer import Details
from ingest.personal import EMAILS, says_who

WHO = tuple(word for word in RESPONDENTS if word not in ("id", "#", "no", "no.", "nr", "nr.", "case")) + MEMBERS
QUESTIONS = ("question", "question text", "question_text", "question title", "item", "item text", "statement")
ANSWERS = (
    "answer",
    "answer text",
    "answer_text",
    "answer value",
    "response",
    "response text",
    "response value",
    "value",
)
KEYS = ("question id", "question_id", "questionid", "question key", "question code", "item id", "item_id")


def _recognise(export: Export) -> bool:
    """By its header: who, which question, which answer, and respondents that come back."""
    if export.container not in ("text", "workbook"):
        return False
    start = export.beginning[:2_000].casefold() if export.container == "text" else "question item statement"
    if not any(word in start for word in ("question", "item", "statement")):
        return False
    filled = export.first_rows[:200]
    places = _find_places([clean_wording(cell) for cell in filled[0].cells]) if filled else None
    if places is None:
        return False
    who, question, _ = places
    pairs = [(at(who)(row), at(question)(row)) for row in filled[1:]]
    return len(pairs) < 2 or len({one for one, _ in pairs}) < len(pairs)


def _find_places(names: Sequence[str]) -> tuple[int, int, int] | None:
    every = range(len(names))
    who, question, answer = (find_place(names, every, words, lambda place: True) for words in (WHO, QUESTIONS, ANSWERS))
    if who is None or question is None or answer is None:
        return None
    return who, question, answer


def _read(export: Export, kind: str, details: Details, zone: str) -> Reading:
    header, body = read_grid(export)
    names = [clean_wording(cell) for cell in header.cells]
    places = _find_places(names)
    if places is None:
        raise ValueError("a long survey is recognised by its columns")
    who, question, answer = places
    key = find_place(names, range(len(names)), KEYS, lambda place: True)
    submitted = find_place(names, range(len(names)), TIMES, lambda place: hold_times(place, body))
    answers: dict[str, dict[str, list[str]]] = {}
    firsts: dict[str, Cells] = {}
    questions: dict[str, str] = {}
    for row in body:
        person, asked = at(who)(row), clean_wording(at(question)(row))
        firsts.setdefault(person, row)
        questions.setdefault(asked, "" if key is None else at(key)(row))
        given = answers.setdefault(person, {}).setdefault(asked, [])
        if (cell := at(answer)(row)) and cell not in given:
            given.append(cell)
    people = list(firsts.values())
    beside = [place for place, name in enumerate(names) if place not in (*places, key, submitted) and name]
    constant = [place for place in beside if all(at(place)(row) == at(place)(firsts[at(who)(row)]) for row in body)]
    columns = [Column(names[place], at(place)) for place in constant]
    columns += [Column(asked, _answer(answers, who, asked), stable) for asked, stable in questions.items() if asked]
    order = DAY_FIRST if submitted is None else settle_order((at(submitted)(row) for row in body), details, export.name)
    link = find_place(names, range(len(names)), (*MEMBERS, RESPONDENT, *_addresses(names)), lambda place: True)
    reading = write_survey(
        export.name,
        details,
        len(names),
        columns,
        people,
        at(who),
        None if submitted is None else lambda row: read_moment(at(submitted)(row), order, details.zone),
        None if link is None else at(link),
    )
    reading.warnings += [
        f'The column "{names[place]}" says different things in the rows of one respondent and was left out.'
        for place in beside
        if place not in constant
    ]
    return reading


def _answer(answers: dict[str, dict[str, list[str]]], who: int, asked: str) -> Read:
    def read(row: Cells) -> str:
        given = answers[at(who)(row)].get(asked, [])
        return join_options(given) if len(given) > 1 else "".join(given)

    return read


def _addresses(names: Sequence[str]) -> list[str]:
    return [name.casefold() for name in names if says_who(name) == EMAILS]


FORMAT = Format(
    name="long",
    title="A survey with one row an answer",
    kinds=(SURVEY,),
    recognise=_recognise,
    read=_read,
)
