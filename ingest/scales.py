"""Scales: what the cell of a closed question means as a number, whether it was written as 4, as "4 - Agree" or as "Agree".

Every distinct cell of a column is read once, so a person's words for a mistake cost nothing on a large file.
Codes stay as they were answered; only the score is turned round for a reversed question.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from rapidfuzz import fuzz, process

Kind = Literal["likert", "nps", "choice", "multi", "text"]
NUMBERED: tuple[Kind, ...] = ("likert", "nps")

NOT_APPLICABLE = (
    "n/a", "na", "n.a.", "not applicable", "does not apply", "don't know", "dont know", "do not know",
    "prefer not to say", "prefer not to answer",
)  # fmt: skip
NOT_APPLICABLE_NUMBERS = (-99, -9, -1, 77, 88, 98, 99, 999)

MOST_OPTIONS = 20
LONGEST_OPTION = 80


@dataclass(frozen=True)
class LabelSet:
    """A scale with known labels, from least to most; the first spelling of a point is the one proposed."""

    points: tuple[tuple[str, ...], ...]

    def place(self, label: str) -> int | None:
        """Which point a normalised label is, from 0; None where it is none."""
        return next((at for at, spellings in enumerate(self.points) if label in spellings), None)


def _points(drawn: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(point.strip().split("|")) for point in drawn.split(";"))


_NEUTRAL = "neither agree nor disagree|neutral|neither|undecided"
_NEITHER = "neither satisfied nor dissatisfied|neutral|neither"
_SETS = (
    # agreement
    f"strongly disagree; disagree; {_NEUTRAL}; agree; strongly agree",
    "strongly disagree; disagree; agree; strongly agree",
    f"strongly disagree; disagree; somewhat disagree|slightly disagree; {_NEUTRAL}; somewhat agree|slightly agree; agree; strongly agree",
    "strongly disagree; disagree; slightly disagree|somewhat disagree; slightly agree|somewhat agree; agree; strongly agree",
    f"strongly disagree; somewhat disagree|tend to disagree; {_NEUTRAL}; somewhat agree|tend to agree; strongly agree",
    f"disagree; {_NEUTRAL}; agree",
    # satisfaction
    f"very dissatisfied; dissatisfied; {_NEITHER}; satisfied; very satisfied",
    "very dissatisfied; dissatisfied; satisfied; very satisfied",
    f"very dissatisfied; somewhat dissatisfied; {_NEITHER}; somewhat satisfied; very satisfied",
    f"very dissatisfied; dissatisfied; somewhat dissatisfied; {_NEITHER}; somewhat satisfied; satisfied; very satisfied",
    f"dissatisfied; {_NEITHER}; satisfied",
    # frequency
    "never; rarely|seldom|hardly ever; sometimes|occasionally; often|frequently; always|very often",
    "never; rarely|seldom|hardly ever; sometimes|occasionally; often|frequently",
    "never; almost never|very rarely; rarely|seldom; sometimes|occasionally; often|frequently; almost always|very often; always",
    "never; very rarely; rarely; occasionally|sometimes; frequently|often; very frequently|very often",
    "never; sometimes|occasionally; often|always|frequently",
    # likelihood
    "very unlikely; unlikely; neither likely nor unlikely|neutral|unsure|neither; likely; very likely",
    "very unlikely; unlikely; likely; very likely",
    "not at all likely; slightly likely; moderately likely|somewhat likely; very likely; extremely likely|completely likely",
    # importance
    "not at all important|not important; slightly important; moderately important|important; very important; extremely important",
    # quality
    "very poor; poor; fair|average|acceptable; good; very good|excellent",
    "poor; fair; good; very good; excellent",
    "poor; fair|average; good",
    # extent
    "not at all; a little|slightly|to a small extent; somewhat|moderately|to some extent; a lot|very much|to a great extent; completely|extremely|to a very great extent",
    "not at all; a little|slightly|to a small extent; somewhat|moderately|to some extent; a lot|very much|to a great extent",
    "no; partly|somewhat|to some extent; yes",
)  # fmt: skip
LABEL_SETS: tuple[LabelSet, ...] = tuple(LabelSet(_points(drawn)) for drawn in _SETS)


@dataclass(frozen=True)
class Scale:
    """How the cells of one question are read. `labels` run from `low` to `high`, or are the options of a choice."""

    kind: Kind
    low: float | None = None
    high: float | None = None
    labels: tuple[str, ...] = ()
    na_codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reading:
    """What one cell says: a code, a choice, "not applicable", or what is wrong with it and how to mend it."""

    code: float | None = None
    choice: str | None = None
    not_applicable: bool = False
    what: str | None = None
    fix: str | None = None


@dataclass(frozen=True)
class Guess:
    """What the answers of a column look like; a person confirms it."""

    kind: Kind
    scale_min: float | None = None
    scale_max: float | None = None
    labels: tuple[str, ...] = ()
    reverse: bool = False
    na_codes: tuple[str, ...] = ()


def normalise(text: str) -> str:
    """Text without what does not change its meaning: case, spaces, typographic apostrophes and dashes."""
    plain = unicodedata.normalize("NFKC", text).translate({0x2018: "'", 0x2019: "'", 0x2013: "-", 0x2014: "-"})
    return " ".join(plain.casefold().split())


def score(code: float, low: float, high: float, *, reverse: bool = False) -> float:
    """The answer on 0 (least) to 100 (most), turned round for a reversed question. (x - min) / (max - min) x 100: catalogue S3."""
    return (high - code if reverse else code - low) / (high - low) * 100


def split_number(cell: str) -> tuple[float, str] | None:
    """A number and the label after it: "4", "4 - Agree", "4: agree", "4 (agree)". None where no number leads, as in "1-2 times"."""
    found = re.fullmatch(
        r"([+-]?\d{1,9}(?:\.\d{1,9})?)(?:\s*(?:[-–—:.)=]\s*|(?=\())(\D.*))?", cell.strip(), re.ASCII | re.DOTALL
    )
    if found is None:
        return None
    label = found.group(2) or ""
    return float(found.group(1)), label.strip().removeprefix("(").removesuffix(")") if label.startswith(
        "("
    ) else label.strip()


def read_cell(cell: str, scale: Scale) -> Reading:
    """What a cell that is not empty says on a scale. An option of a multiple choice is a cell of its own."""
    if scale.kind not in NUMBERED:
        return _read_option(cell, scale)
    plain = normalise(cell)
    by_label = {normalise(label): at for at, label in enumerate(scale.labels)}
    low, high = scale.low or 0.0, 10.0 if scale.high is None else scale.high
    if _is_listed(plain, scale.na_codes):
        return Reading(not_applicable=True)
    if plain in by_label:
        return Reading(code=low + by_label[plain])
    if plain in NOT_APPLICABLE:
        return Reading(not_applicable=True)
    number = split_number(cell)
    if number is None:
        return Reading(
            what=f'"{_short(cell)}" is not an answer of this scale.', fix=_answers(plain, by_label, scale, low, high)
        )
    code, label = number
    if not low <= code <= high:
        return Reading(
            what=f'"{_short(cell)}" is outside the scale {low:g} to {high:g}.',
            fix=f"Write a number from {low:g} to {high:g}; if {code:g} means that the question did not apply, name it in na_codes.",
        )
    if (scale.kind == "nps" or scale.labels) and code % 1:
        return Reading(
            what=f'"{_short(cell)}" lies between two answers.', fix=f"Write a whole number from {low:g} to {high:g}."
        )
    said = by_label.get(normalise(label))
    if said is not None and low + said != code:
        return Reading(
            what=f'"{_short(cell)}" contradicts itself: here {scale.labels[said]} is {low + said:g}.',
            fix="Write the number or the label, or mend the order of the labels in the items file.",
        )
    return Reading(code=code)


def recognise(cells: Mapping[str, int], wording: str, beside: Iterable[frozenset[str]] = ()) -> Guess:
    """What kind of question a column holds. `cells` counts its distinct cells (the most frequent are enough), `beside` are the cells of the other columns, which show which labels the questionnaire uses."""
    na_codes = tuple(cell for cell in cells if normalise(cell) in NOT_APPLICABLE)
    answers = {cell: count for cell, count in cells.items() if cell not in na_codes}
    numbers = {cell: found for cell in answers if (found := split_number(cell)) is not None}
    if answers and len(numbers) == len(answers):
        numbered = _recognise_numbers(numbers, wording, na_codes)
        if numbered is not None:
            return numbered
    by_plain = {normalise(cell): cell for cell in answers}
    known = _choose_set(frozenset(by_plain), tuple(beside)) if answers else None
    if known is not None:
        labels = tuple(
            next((by_plain[s] for s in point if s in by_plain), point[0].capitalize()) for point in known.points
        )
        return Guess("likert", 1.0, float(len(labels)), labels, na_codes=na_codes)
    kind = _recognise_words(cells)
    return Guess(kind, na_codes=na_codes if kind == "text" else ())


def find_order(labels: Iterable[str]) -> int:
    """1 where labels run from least to most of a known scale, -1 where they run from most to least, 0 where the scale is unknown."""
    plain = [normalise(label) for label in labels]
    for known in LABEL_SETS:
        places = [place for label in plain if (place := known.place(label)) is not None]
        if len(places) == len(plain) > 1 and len(set(places)) == len(places):
            return 1 if places == sorted(places) else -1 if places == sorted(places, reverse=True) else 0
    return 0


def _read_option(cell: str, scale: Scale) -> Reading:
    plain = normalise(cell)
    options = {normalise(label): label for label in scale.labels}
    if _is_listed(plain, scale.na_codes):
        return Reading(not_applicable=True)
    if not options or plain in options:
        return Reading(choice=options.get(plain, cell.strip()))
    return Reading(what=f'"{_short(cell)}" is not one of the answers.', fix=_did_you_mean(plain, options, scale.labels))


def _is_listed(plain: str, codes: tuple[str, ...]) -> bool:
    number = split_number(plain)
    for code in codes:
        listed = split_number(code)
        if normalise(code) == plain or (
            number is not None and listed is not None and number[0] == listed[0] and not listed[1]
        ):
            return True
    return False


def _answers(plain: str, by_label: Mapping[str, int], scale: Scale, low: float, high: float) -> str:
    if scale.labels:
        hint = _did_you_mean(plain, {known: scale.labels[at] for known, at in by_label.items()}, scale.labels)
        return f"{hint.removesuffix('.')}, or a number from {low:g} to {high:g}."
    return f"Write a number from {low:g} to {high:g}, or N/A."


def _did_you_mean(plain: str, spelled: Mapping[str, str], labels: tuple[str, ...]) -> str:
    nearest = process.extractOne(plain, list(spelled), scorer=fuzz.ratio, score_cutoff=60)
    hint = f"Did you mean {spelled[nearest[0]]}? " if nearest else ""
    shown = ", ".join(labels[:12]) + (" …" if len(labels) > 12 else "")
    return f"{hint}Write one of {shown}."


def _recognise_numbers(
    numbers: Mapping[str, tuple[float, str]], wording: str, na_codes: tuple[str, ...]
) -> Guess | None:
    codes = {code for code, _ in numbers.values()}
    apart = {code for code in codes if code in NOT_APPLICABLE_NUMBERS}
    answered = codes - apart
    if not answered or any(code % 1 or not 0 <= code <= 10 for code in answered):
        return None
    na_codes += tuple(f"{code:g}" for code in sorted(apart))
    highest = max(answered)
    asks_nps = re.search(r"\brecommend|\bhow likely", normalise(wording)) is not None
    if min(answered) == 0 or highest > 7:
        if min(answered) == 0 and highest <= 4 and not asks_nps:
            return Guess("likert", 0.0, 4.0, na_codes=na_codes)
        if asks_nps:
            return Guess("nps", 0.0, 10.0, na_codes=na_codes)
        return Guess("likert", 0.0 if min(answered) == 0 else 1.0, 10.0, na_codes=na_codes)
    high = 7.0 if highest > 6 else 6.0 if highest > 5 else 5.0
    spelled = {int(code): label for code, label in numbers.values() if label}
    placed = [spelled[code] for code in sorted(spelled)]
    complete = set(spelled) == set(range(1, len(spelled) + 1)) and len(spelled) >= highest > 1
    labels = tuple(placed) if complete else ()
    high = float(len(labels)) if labels else high
    return Guess("likert", 1.0, high, labels, reverse=find_order(placed) < 0, na_codes=na_codes)


def _choose_set(plain: frozenset[str], beside: tuple[frozenset[str], ...]) -> LabelSet | None:
    """The known labels that explain a column. One point never answered is no reason for a shorter scale when other columns show it."""

    def rank(known: LabelSet) -> tuple[bool, bool, int, int]:
        covered = [
            cells for cells in (plain, *beside) if cells and all(known.place(cell) is not None for cell in cells)
        ]
        pooled = {known.place(cell) for cells in covered for cell in cells}
        unseen = len(known.points) - len({known.place(cell) for cell in plain})
        return len(pooled) < len(known.points), unseen > 1, -len(covered), unseen

    fitting = [
        known
        for known in LABEL_SETS
        if all(known.place(cell) is not None for cell in plain)
        and len({known.place(cell) for cell in plain}) == len(plain)
    ]
    return min(fitting, key=rank, default=None)


def _recognise_words(cells: Mapping[str, int]) -> Kind:
    if not cells:
        return "text"
    pieces: dict[str, int] = {}
    for cell, count in cells.items():
        for piece in {piece.strip() for piece in cell.split(";")} - {""}:
            pieces[piece] = pieces.get(piece, 0) + count
    short = all(len(piece) <= LONGEST_OPTION for piece in pieces)
    repeated = sum(pieces.values()) >= 1.5 * len(pieces)
    if short and repeated and len(pieces) <= 2 * MOST_OPTIONS and any(";" in cell for cell in cells):
        return "multi"
    is_choice = len(cells) <= MOST_OPTIONS and sum(cells.values()) >= 2 * len(cells)
    return "choice" if is_choice and all(len(cell) <= LONGEST_OPTION for cell in cells) else "text"


def _short(cell: str) -> str:
    return cell if len(cell) <= 60 else f"{cell[:57]}…"
