"""SurveyMonkey: two header rows, the question over its parts; CSV or XLSX, in columns for each option or condensed.

A blank cell in the first row belongs to the question before it as long as the second row names a part. What the parts are
shows in the cells: options that were ticked, rows of a grid, or the lines of a contact form.
"""

from collections.abc import Sequence

from ingest.formats.export import Cells, Export
from ingest.formats.format import Format, Reading
from ingest.formats.questionnaire import SURVEY, Column, Read, at, split_options, tick_options, write_survey
from ingest.formats.times import MONTH_FIRST, read_moment, settle_order
from ingest.formats.wording import clean_wording, make_safe, name_row
from ingest.importer import Details
from ingest.personal import EMAILS, NAMES, NETWORK, PLACES, says_who

CONTACT = "contact details"
PERSON = {"ipaddress": NETWORK, "emailaddress": EMAILS, "firstname": NAMES, "lastname": NAMES}
BESIDE = ("respondentid", "collectorid", "startdate", "enddate", "datecreated", "datemodified", "responsestatus")
STATUS = "responsestatus"
LEFT_OUT = {"disqualified": "disqualified answers", "screened out": "disqualified answers", "test": "test answers"}
PARTS = ("response", "open-ended response")
COMMENTS = ("other (please specify)", "other", "comment", "comments", "please specify")
TICKED = ("1", "x", "yes", "true")


def _recognise(export: Export) -> bool:
    if export.container not in ("text", "workbook"):
        return False
    if export.container == "text" and not _joined(export.beginning.lstrip("\ufeff\"' \r\n")[:20]).startswith(
        "respondentid"
    ):
        return False
    filled = export.first_rows
    names = [_joined(cell) for cell in filled[0].cells] if filled else []
    if len(names) < 2 or names[0] != "respondentid" or "_" in filled[0].cells[0]:
        return False
    return "collectorid" in names or _has_parts(filled)


def _joined(text: str) -> str:
    return "".join(text.casefold().split())


def _has_parts(rows: Sequence[Cells]) -> bool:
    """Whether the second row names parts of questions: nobody's id, and something beside it."""
    filled = [row for row in rows if row.cells]
    return len(filled) > 1 and not filled[1].cells[0].strip()


def _read(export: Export, kind: str, details: Details, zone: str) -> Reading:
    header, *body = [row for row in export.rows if row.cells]
    parts = [clean_wording(cell) for cell in body.pop(0).cells] if _has_parts(export.rows) else []
    names = [clean_wording(cell) for cell in header.cells]
    width = max(len(names), len(parts))
    names, parts = (row + [""] * (width - len(row)) for row in (names, parts))
    own = _find_own(names, parts)
    rows, left_out = _leave_out(body, own)
    columns: list[Column] = [
        Column(names[place], at(place), holds=PERSON[name]) for name, place in own.items() if name in PERSON
    ]
    for group in _group(names, parts, set(own.values())):
        columns += _read_group(names[group[0]], [(parts[place], at(place)) for place in group], rows)
    ended = own.get("enddate", own.get("datemodified"))
    times = [] if ended is None else [at(ended)(row) for row in rows]
    order = settle_order(times, details, export.name, usual=MONTH_FIRST)
    reading = write_survey(
        export.name,
        details,
        width,
        columns,
        rows,
        at(0),
        None if ended is None else lambda row: read_moment(at(ended)(row), order, details.zone),
        at(own["emailaddress"]) if "emailaddress" in own else None,
    )
    reading.left_out.update(left_out)
    collectors = {at(own["collectorid"])(row) for row in rows} - {""} if "collectorid" in own else set()
    if len(collectors) > 1:
        reading.warnings.append(
            f"The answers came in by {len(collectors)} collectors. If each was a wave of its own, export them one by one."
        )
    return reading


def _find_own(names: Sequence[str], parts: Sequence[str]) -> dict[str, int]:
    """Where the tool's own columns are: before the first part of a question."""
    first = next((place for place, part in enumerate(parts) if part), len(names))
    found: dict[str, int] = {}
    for place, name in enumerate(names[:first]):
        if (joined := _joined(name)) in (*BESIDE, *PERSON):
            found.setdefault(joined, place)
    return found


def _leave_out(body: Sequence[Cells], own: dict[str, int]) -> tuple[list[Cells], dict[str, int]]:
    """The answers that count, and how many of which kind do not."""
    if STATUS not in own:
        return list(body), {}
    rows: list[Cells] = []
    left_out: dict[str, int] = {}
    for row in body:
        word = LEFT_OUT.get(at(own[STATUS])(row).casefold())
        if word is None:
            rows.append(row)
        else:
            left_out[word] = left_out.get(word, 0) + 1
    return rows, left_out


def _group(names: Sequence[str], parts: Sequence[str], own: set[int]) -> list[list[int]]:
    """Places of the columns of each question."""
    groups: list[list[int]] = []
    for place, name in enumerate(names):
        if place in own:
            continue
        continues = not name and bool(parts[place]) and bool(groups) and groups[-1][-1] == place - 1
        if continues:
            groups[-1].append(place)
        elif name:
            groups.append([place])
    return groups


def _read_group(question: str, group: Sequence[tuple[str, Read]], rows: Sequence[Cells]) -> list[Column]:
    """The columns that a question becomes: one, or one a row of a grid."""
    if len([part for part, _ in group if says_who(part) not in (None, PLACES)]) > 1:
        return [Column(name_row(question, part), read, holds=CONTACT) for part, read in group]
    if len(group) == 1:
        part, read = group[0]
        column = Column(question, read)
        if part.casefold() in PARTS:
            return [column]
        return [split_options(column, rows, ", ")] if not part else _read_parts(question, group, rows)
    first, *others = group
    if first[0].casefold() != "response":
        return _read_parts(question, group, rows)
    ticked = [(part, read) for part, read in others if part.casefold() not in COMMENTS]
    if ticked and _are_ticks([_cells(read, rows) for _, read in ticked], [part for part, _ in ticked], len(rows)):
        options = tick_options(question, ticked).read
        comments = [(part, read) for part, read in others if part.casefold() in COMMENTS]
        asked = Column(
            question, lambda row: ";".join(cell for cell in (make_safe(first[1](row)), options(row)) if cell)
        )
    else:
        asked, comments = Column(question, first[1]), others
    return [asked, *(Column(name_row(question, part), read) for part, read in comments)]


def _read_parts(question: str, group: Sequence[tuple[str, Read]], rows: Sequence[Cells]) -> list[Column]:
    options = [(part, read) for part, read in group if not _is_comment(part, read, rows)]
    comments = [(part, read) for part, read in group if _is_comment(part, read, rows)]
    if options and _are_ticks([_cells(read, rows) for _, read in options], [part for part, _ in options], len(rows)):
        ticked = options + [("Other", read) for _, read in comments]
        columns = [tick_options(question, ticked)]
    elif grid := _find_grid(options, rows):
        columns = [tick_options(name_row(question, line), ticks) for line, ticks in grid.items()]
    else:
        columns = [Column(name_row(question, part), read) for part, read in options]
    return columns + [Column(name_row(question, part), read) for part, read in comments]


def _cells(read: Read, rows: Sequence[Cells]) -> list[str]:
    return [cell for row in rows if (cell := read(row))]


def _is_comment(part: str, read: Read, rows: Sequence[Cells]) -> bool:
    """Whether a part is a line to write in: called so, and not just ticked."""
    return part.casefold() in COMMENTS and any(clean_wording(cell) != part for cell in _cells(read, rows))


def _are_ticks(cells: Sequence[Sequence[str]], parts: Sequence[str], rows: int) -> bool:
    """Whether the parts are options: a cell is the option's own words, or in numerical exports 1 or the option's number.

    Ranks that all respondents gave alike look the same; then every part has a cell in every row.
    """
    filled = [
        (place, part, set(found)) for place, (part, found) in enumerate(zip(parts, cells, strict=True), 1) if found
    ]
    if all(found == {part} or {clean_wording(cell) for cell in found} == {part} for _, part, found in filled):
        return True
    by_number = all(found == {str(place)} for place, _, found in filled)
    if all(len(found) == 1 and next(iter(found)).casefold() in TICKED for _, _, found in filled):
        return True
    return by_number and not all(len(found) == rows for found in cells)


def _find_grid(options: Sequence[tuple[str, Read]], rows: Sequence[Cells]) -> dict[str, list[tuple[str, Read]]]:
    """The rows of a grid in which several could be ticked: parts such as "Row - Option", each cell the option's words."""
    grid: dict[str, list[tuple[str, Read]]] = {}
    for part, read in options:
        line, mark, option = part.rpartition(" - ")
        if not mark or any(clean_wording(cell) != option for cell in _cells(read, rows)):
            return {}
        grid.setdefault(line, []).append((option, read))
    return grid


FORMAT = Format(name="surveymonkey", title="SurveyMonkey: answers", kinds=(SURVEY,), recognise=_recognise, read=_read)
