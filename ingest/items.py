"""The items file: what the question columns of a survey are, one row a question, as a person confirms it."""

import csv
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TextIO

from pydantic import BaseModel, ConfigDict, Field

from data.errors import BadFile
from ingest.cells import FALSE_WORDS, TRUE_WORDS
from ingest.importer import Problem
from ingest.layout import BLANKS
from ingest.scales import NUMBERED, Kind, Scale, normalise, split_number

KINDS: tuple[Kind, ...] = ("likert", "nps", "choice", "multi", "text")


class Item(BaseModel):
    """One question column of a survey: a row of the items file. What is left empty is found from the bank or the answers."""

    # pydantic has a method of its own called construct, so the field goes by another name in Python only.
    model_config = ConfigDict(frozen=True, extra="forbid", serialize_by_alias=True, validate_by_name=True)

    column: str = Field(description="Column of the survey file, as its header writes it.")
    item_id: str = Field(default="", description="Name of the question over all waves; made from the column if empty.")
    wording: str = Field(default="", description="The question as it was put; the column if empty.")
    kind: Kind | None = Field(
        default=None, description="likert, nps (0 to 10), choice, multi (several with ;) or text."
    )
    scale_min: float | None = Field(default=None, description="Lowest number of the scale.")
    scale_max: float | None = Field(default=None, description="Highest number of the scale.")
    labels: tuple[str, ...] = Field(default=(), description="Answers from lowest to highest, or the options, with ;")
    favourable: tuple[float, ...] = Field(
        default=(), description="Favourable numbers as answered; if empty, by the score."
    )
    neutral: tuple[float, ...] = Field(default=(), description="Neutral numbers as answered; if empty, by the score.")
    reverse: bool = Field(default=False, description="yes where a high number is unfavourable.")
    construct_name: str | None = Field(
        default=None,
        alias="construct",
        description="What the question measures together with others, such as voice.",
    )
    na_codes: tuple[str, ...] = Field(default=(), description="Answers that mean not applicable, such as 99.")
    outcome: bool = Field(default=False, description="yes for what the other questions are to explain.")
    key: str = Field(default="", description="What the tool calls the question for good; no column of the items file.")

    @property
    def scale(self) -> Scale:
        return Scale(self.kind or "text", self.scale_min, self.scale_max, self.labels, self.na_codes)


class Proposal(Item):
    """A proposed row of the items file, with the question of the bank that it may be; a person decides.

    `has_its_key` says that the tool calls both the same, so that the new wording follows the old one.
    """

    suggestion: str | None = None
    suggested_wording: str | None = None
    has_its_key: bool = False

    @property
    def hint(self) -> str:
        """What a person decides about the question that this one may be."""
        same = f"write the item_id {self.suggestion} and leave the wording empty; else"
        if self.has_its_key:
            return (
                f'The question "{self.wording}" is "{self.suggested_wording}" ({self.suggestion}) in its tool, with other words. '
                f"If only spelling or language changed, {same} its trend begins anew."
            )
        return (
            f'The question "{self.wording}" is nearly "{self.suggested_wording}" ({self.suggestion}). '
            f"If it is the same, {same} it is a new question."
        )

    def as_item(self) -> Item:
        return Item.model_validate({name: getattr(self, name) for name in Item.model_fields})


ITEM_COLUMNS: tuple[str, ...] = tuple(info.alias or name for name, info in Item.model_fields.items() if name != "key")
_LISTS = ("labels", "favourable", "neutral", "na_codes")
_NUMBERS = ("scale_min", "scale_max", "favourable", "neutral")
_FLAGS = ("reverse", "outcome")


def find_faults(item: Item) -> list[tuple[str, str, str]]:
    """What in an item contradicts itself: the column of the items file, what, and how to mend it."""
    low, high = item.scale_min, item.scale_max
    found: list[tuple[str, str, str]] = []
    plain = [normalise(label) for label in item.labels]
    if len(set(plain)) < len(plain):
        found.append(("labels", "Two labels are the same.", "Write each answer once."))
    if item.kind not in NUMBERED:
        return found
    if low is None or high is None:
        return [
            *found,
            (
                "scale_min",
                f'The scale of "{item.column}" is not known.',
                "Write scale_min and scale_max, or the labels.",
            ),
        ]
    if low >= high:
        return [
            *found,
            (
                "scale_max",
                f"The scale runs from {low:g} to {high:g}.",
                "scale_max is the higher number; say reverse = yes for a reversed question.",
            ),
        ]
    if item.kind == "nps" and (low, high) != (0, 10):
        found.append(
            (
                "scale_max",
                f"An nps question runs from 0 to 10, not from {low:g} to {high:g}.",
                "Leave the scale empty, or make it a likert question.",
            )
        )
    if item.labels and len(item.labels) != count_points(item):
        found.append(
            (
                "labels",
                f"There are {len(item.labels)} labels for {count_points(item):g} numbers.",
                "Write one label for each number, from the lowest, or none.",
            )
        )
    for name in ("favourable", "neutral"):
        outside = [code for code in getattr(item, name) if not low <= code <= high]
        if outside:
            found.append(
                (
                    name,
                    f"{outside[0]:g} is not on the scale {low:g} to {high:g}.",
                    "Write numbers as they are answered.",
                )
            )
    if set(item.favourable) & set(item.neutral):
        found.append(("neutral", "An answer is both favourable and neutral.", "Take it out of one of them."))
    return found


def read_items(path: Path) -> tuple[list[Item], list[Problem]]:
    """The rows of an items file and its problems, each with line and column. Raises BadFile for a file that is no such table."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            lines = list(_read_lines(handle))
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadFile("The items file is no CSV in UTF-8.", where=path.name, fix="Save it as CSV UTF-8.") from error
    header = [name.strip().lower().replace(" ", "_") for name in lines[0][1]] if lines else []
    unknown = [name for name in header if name not in ITEM_COLUMNS]
    if "column" not in header or unknown or len(set(header)) < len(header):
        why = (
            f'"{unknown[0]}" is no column of an items file'
            if unknown
            else "it needs a header with column, each name once"
        )
        raise BadFile(
            f"This is no items file: {why}.", where=path.name, fix=f"Its columns are {', '.join(ITEM_COLUMNS)}."
        )
    items: list[Item] = []
    problems: list[Problem] = []
    seen: dict[str, set[str]] = {"column": set(), "item_id": set()}
    for line, row in lines[1:]:
        cells = {name: _unguarded(cell) for name, cell in zip(header, row, strict=False) if cell.strip(BLANKS)}
        if not cells:
            continue
        values, found = _read_row(cells)
        for name, earlier in seen.items():
            if cells.get(name, "") in earlier:
                found.append((name, f'"{cells[name]}" is there twice.', "Keep one of the rows."))
            earlier |= {cells[name]} if cells.get(name) else set()
        if not found:
            items.append(Item.model_validate(values))
            found = find_faults(items[-1]) if _is_whole(items[-1]) else []
        problems += [Problem(line, name, what, fix) for name, what, fix in found]
    return items, problems


def write_items(items: Sequence[Item], path: Path) -> None:
    """An items file, to be looked at and passed back; lists within a cell with ; between them."""
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(ITEM_COLUMNS)
        for item in items:
            cells = item.model_dump()
            writer.writerow([_cell(cells[name]) for name in ITEM_COLUMNS])


def _is_whole(item: Item) -> bool:
    return item.kind is not None and (
        item.kind not in NUMBERED or (item.scale_min is not None and item.scale_max is not None)
    )


def count_points(item: Item) -> float:
    return (item.scale_max or 0.0) - (item.scale_min or 0.0) + 1


def _read_lines(handle: TextIO) -> Iterator[tuple[int, list[str]]]:
    before = 0
    reader = csv.reader(handle)
    for row in reader:
        if any(cell.strip() for cell in row):
            yield before + 1, row
        before = reader.line_num


def _read_row(cells: dict[str, str]) -> tuple[dict[str, Any], list[tuple[str, str, str]]]:
    values: dict[str, Any] = {}
    faults: list[tuple[str, str, str]] = []
    if "column" not in cells:
        faults.append(("column", "The cell is empty.", "Name the column of the survey file."))
    for name, cell in cells.items():
        parts = [part.strip() for part in cell.split(";") if part.strip()] if name in _LISTS else [cell]
        numbers = [split_number(part) for part in parts] if name in _NUMBERS else []
        bad = [part for part, number in zip(parts, numbers, strict=False) if number is None or number[1]]
        if bad:
            faults.append((name, f'"{bad[0]}" is no number.', "Write numbers, several with ; between them."))
        elif name in _FLAGS and cell.lower() not in TRUE_WORDS + FALSE_WORDS:
            faults.append((name, f'"{cell}" is neither yes nor no.', "Write yes or no."))
        elif name == "kind" and cell.lower() not in KINDS:
            faults.append((name, f'There is no kind "{cell}".', f"Write one of {', '.join(KINDS)}."))
        else:
            read = [number[0] for number in numbers if number] if name in _NUMBERS else parts
            values[name] = read if name in _LISTS else read[0]
            if name in _FLAGS or name == "kind":
                values[name] = cell.lower() in TRUE_WORDS if name in _FLAGS else cell.lower()
    return values, faults


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return _cell(";".join(part if isinstance(part, str) else f"{part:g}" for part in value))
    return f"{value:g}" if isinstance(value, float) else _guarded(value)


_FORMULA = r"[=+\-@\t\r]"


def _guarded(text: str) -> str:
    """Text that a spreadsheet does not take for a formula."""
    return f"'{text}" if re.match(rf"'*{_FORMULA}", text) else text


def _unguarded(text: str) -> str:
    return (text[1:] if re.match(rf"'+{_FORMULA}", text) else text).strip(BLANKS)
