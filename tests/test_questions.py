"""The question bank and the items file."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.errors import BadFile
from ingest.questions import (
    ITEM_COLUMNS,
    Item,
    find_again,
    is_same_question,
    name_items,
    normalise_wording,
    read_items,
    settle,
    write_items,
)
from ingest.scales import Guess

PROUD = Item(column="q1", item_id="proud", wording="I am proud to belong.", kind="likert", scale_min=1, scale_max=5)
LIKERT = Guess("likert", 1, 5)


def read(tmp_path: Path, text: str) -> tuple[list[Item], list[tuple[int | None, str, str]]]:
    file = tmp_path / "items.csv"
    file.write_text(text, encoding="utf-8")
    items, problems = read_items(file)
    return items, [(problem.line, problem.column, problem.what) for problem in problems]


def test_header_is_the_contract() -> None:
    assert ",".join(ITEM_COLUMNS) == (
        "column,item_id,wording,kind,scale_min,scale_max,labels,favourable,neutral,reverse,construct,na_codes,outcome"
    )


def test_row_is_read_as_written(tmp_path: Path) -> None:
    items, problems = read(
        tmp_path,
        "column,item_id,kind,scale_min,scale_max,labels,favourable,neutral,reverse,construct,na_codes,outcome\n"
        "q1,proud,Likert,1,3,No; Partly ;Yes,3,2,yes,voice,99;N/A,no\n",
    )
    assert problems == []
    assert items[0].labels == ("No", "Partly", "Yes")
    assert (items[0].kind, items[0].favourable, items[0].neutral) == ("likert", (3.0,), (2.0,))
    assert (items[0].reverse, items[0].construct_name, items[0].na_codes) == (True, "voice", ("99", "N/A"))


def test_every_fault_names_its_line_and_column(tmp_path: Path) -> None:
    _, problems = read(
        tmp_path,
        "column,item_id,kind,scale_min,scale_max,labels,favourable,reverse\n"
        "q1,a,stars,1,5,,,\n"
        "q2,b,likert,1,five,,,\n"
        "q3,c,likert,5,1,,,\n"
        "q4,d,likert,1,5,No;Yes,,\n"
        "q5,e,likert,1,5,,6,\n"
        "q6,f,nps,1,10,,,\n"
        "q7,g,likert,1,5,,,perhaps\n"
        "q7,h,text,,,,,\n"
        ",i,text,,,,,\n",
    )
    assert problems == [
        (2, "kind", 'There is no kind "stars".'),
        (3, "scale_max", '"five" is no number.'),
        (4, "scale_max", "The scale runs from 5 to 1."),
        (5, "labels", "There are 2 labels for 5 numbers."),
        (6, "favourable", "6 is not on the scale 1 to 5."),
        (7, "scale_max", "An nps question runs from 0 to 10, not from 1 to 10."),
        (8, "reverse", '"perhaps" is neither yes nor no.'),
        (9, "column", '"q7" is there twice.'),
        (10, "column", "The cell is empty."),
    ]


@pytest.mark.parametrize("text", ["", "item_id,wording\na,b\n", "column,colour\nq1,red\n"])
def test_other_tables_are_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(BadFile, match="no items file"):
        read(tmp_path, text)


words = st.text(st.characters(exclude_categories=("C", "Z"), exclude_characters=";"), min_size=1, max_size=12)


@given(
    column=words,
    wording=words,
    labels=st.lists(words, min_size=2, max_size=7, unique_by=lambda label: label.casefold()),
    reverse=st.booleans(),
    construct=st.none() | words,
)
def test_what_is_written_is_read_back(
    tmp_path_factory: pytest.TempPathFactory,
    column: str,
    wording: str,
    labels: list[str],
    reverse: bool,
    construct: str | None,
) -> None:
    item = Item(
        column=column, item_id="a", wording=wording, kind="choice", labels=tuple(labels), reverse=reverse, construct_name=construct
    )  # fmt: skip
    file = tmp_path_factory.mktemp("items") / "items.csv"
    write_items([item], file)
    items, problems = read_items(file)
    assert items == [item] or [problem.column for problem in problems] == ["labels"]


def test_formulas_are_written_as_text(tmp_path: Path) -> None:
    file = tmp_path / "items.csv"
    write_items([Item(column="q1", wording="=cmd()", kind="text")], file)
    assert ",'=cmd()," in file.read_text(encoding="utf-8")
    assert read_items(file)[0][0].wording == "=cmd()"


def test_case_spaces_markup_and_punctuation_do_not_make_another_question() -> None:
    assert normalise_wording(" I am <b>proud</b> to\nbelong! ") == normalise_wording("I am proud to belong.")
    assert normalise_wording("I am proud to belong") != normalise_wording("I am not proud to belong")


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({"wording": "i am proud to belong"}, True),
        ({"construct_name": "belonging"}, True),
        ({"labels": ("a", "b", "c", "d", "e")}, True),
        ({"wording": "I am proud to be here."}, False),
        ({"scale_max": 7.0}, False),
        ({"reverse": True}, False),
        ({"kind": "text"}, False),
    ],
)
def test_question_is_its_wording_scale_and_direction(change: dict[str, object], same: bool) -> None:
    assert is_same_question(PROUD, PROUD.model_copy(update=change)) is same


@pytest.mark.parametrize("column", ["I am proud to belong", "proud", "q1"])
def test_question_is_found_again_by_wording_id_or_column(column: str) -> None:
    found = find_again(column, [PROUD])
    assert found == PROUD.model_copy(update={"column": column})


def test_nearly_the_same_wording_is_not_joined() -> None:
    assert find_again("I am very proud to belong", [PROUD]) is None


def test_id_without_wording_brings_the_known_question_along() -> None:
    bank = [PROUD.model_copy(update={"reverse": True, "na_codes": ("99",)})]
    settled = settle(Item(column="frage_1", item_id="proud"), LIKERT, bank)
    assert settled == bank[0].model_copy(update={"column": "frage_1"})


def test_row_with_a_column_only_is_filled_from_the_answers() -> None:
    settled = settle(Item(column="I feel at home"), LIKERT, [])
    assert (settled.wording, settled.kind, settled.scale_min, settled.scale_max) == ("I feel at home", "likert", 1, 5)


def test_labels_give_the_scale() -> None:
    settled = settle(Item(column="q", kind="likert", labels=("No", "Partly", "Yes")), Guess("text"), [])
    assert (settled.scale_min, settled.scale_max) == (1, 3)


def test_another_wording_under_a_known_id_is_another_question() -> None:
    changed = PROUD.model_copy(update={"wording": "I am proud of our work."})
    named, warnings = name_items([changed], [PROUD])
    assert named[0].item_id == "proud.2"
    assert "new trend line" in warnings[0]
    again, quiet = name_items([changed], [PROUD, named[0]])
    assert (again[0].item_id, quiet) == ("proud.2", [])
