"""Keys of tools: what they find again in the question bank, and what only words may decide."""

import csv
import io
from pathlib import Path

import pytest

from data.settings import Settings
from data.store import warehouse
from ingest import batches
from ingest.importer import Checked, Details, Receipt, RefusedRows, Upload
from ingest.questions import Item, find_again, is_same_question, name_items

PROUD = Item(column="q1", item_id="proud", wording="I am proud", kind="likert", scale_min=1, scale_max=5, key="QID7")


def export(wording: str, key: str = "QID7", *more: tuple[str, str]) -> str:
    """A small export of Qualtrics with three answers to one question."""
    text = io.StringIO()
    csv.writer(text).writerows(
        [
            ["StartDate", "EndDate", "Finished", "ResponseId", "Q7"],
            ["Start Date", "End Date", "Finished", "Response ID", wording],
            ['{"ImportId":"startDate"}', '{"ImportId":"endDate"}', '{"ImportId":"finished"}', '{"ImportId":"_recordId"}', f'{{"ImportId":"{key}"}}'],
            *(["2026-03-02 10:00:00", "2026-03-02 10:05:00", "1", f"R_{at}", at] for at in "245"),
        ]
    )  # fmt: skip
    return text.getvalue()


def sent(home: Path, text: str, items: str | None = None, **said: object) -> Upload:
    file = home / "uploads" / f"{len(list((home / 'uploads').glob('*')))}.csv"
    file.write_text(text, encoding="utf-8")
    if items is not None:
        said["items"] = file.with_suffix(".items")
        file.with_suffix(".items").write_text(items, encoding="utf-8")
    return Upload(file, "export.csv", None, Details.model_validate(said), "tester")


@pytest.fixture
def uploads(home: Path) -> Path:
    (home / "uploads").mkdir()
    return home


def take(home: Path, text: str, items: str | None = None, **said: object) -> Receipt:
    said = {"wave": "spring", "opened": "2026-03-01"} | said
    with warehouse(home, reach=(home,)) as connection:
        return batches.take_in(connection, home, sent(home, text, items, **said), Settings())


def look(home: Path, text: str) -> Checked:
    with warehouse(home, reach=(home,)) as connection:
        return batches.check(connection, home, sent(home, text), Settings())


def ask(home: Path, query: str) -> list[tuple[object, ...]]:
    with warehouse(home) as connection:
        return connection.execute(query).fetchall()


KNOWN = "column,item_id,kind,scale_min,scale_max\nI am proud,proud,likert,1,5\n"


def test_a_key_is_kept_with_the_question_in_its_wave_and_goes_with_it(uploads: Path) -> None:
    receipt = take(uploads, export("I am proud"), KNOWN)
    assert (receipt.format, receipt.rows) == ("qualtrics", 3)
    assert ask(uploads, "select wave, item_id, key from question_keys") == [("spring", "proud", "QID7")]
    with warehouse(uploads) as connection:
        batches.undo(connection, uploads, receipt.batch or 0, Settings())
    assert ask(uploads, "select * from question_keys") == []


def test_other_words_under_a_known_key_follow_the_old_question_and_do_not_continue_it(uploads: Path) -> None:
    take(uploads, export("I am proud"), KNOWN)
    looked = look(uploads, export("I am proud of what we do"))
    proposal = looked.proposed_items[0]
    assert (proposal.item_id, proposal.suggestion, proposal.suggested_wording) == ("proud.2", "proud", "I am proud")
    assert any("in its tool, with other words" in words for words in looked.receipt.warnings)
    with pytest.raises(RefusedRows):
        take(uploads, export("I am proud of what we do"), wave="autumn", opened="2026-09-01")
    changed = "column,item_id,kind,scale_min,scale_max\nI am proud of what we do,proud.2,likert,1,5\n"
    take(uploads, export("I am proud of what we do"), changed, wave="autumn", opened="2026-09-01")
    assert ask(uploads, "select distinct wave, item_id from answers order by wave") == [
        ("autumn", "proud.2"),
        ("spring", "proud"),
    ]


def test_a_person_may_say_that_only_the_spelling_changed(uploads: Path) -> None:
    take(uploads, export("I am prooud"), KNOWN.replace("I am proud", "I am prooud"))
    same = "column,item_id\nI am proud,proud\n"
    take(uploads, export("I am proud"), same, wave="autumn", opened="2026-09-01")
    take(uploads, export("I am proud"), wave="winter", opened="2026-12-01")
    assert ask(uploads, "select distinct item_id from answers") == [("proud",)]


def test_normal_differences_of_a_wording_need_nobody(uploads: Path) -> None:
    take(uploads, export("I am proud"), KNOWN)
    take(uploads, export("<b>I am proud!</b>"), wave="autumn", opened="2026-09-01")
    assert ask(uploads, "select distinct item_id from answers") == [("proud",)]


def test_within_a_wave_the_key_finds_the_question_in_another_language(uploads: Path) -> None:
    take(uploads, export("I am proud"), KNOWN)
    again = take(uploads, export("Ich bin stolz"))
    assert (again.new, again.unchanged) == (0, 3)
    assert ask(uploads, "select item_id, wording from items") == [("proud", "I am proud")]


def test_a_key_of_another_instrument_says_nothing(uploads: Path) -> None:
    take(uploads, export("I am proud"), KNOWN)
    with pytest.raises(RefusedRows):
        take(uploads, export("Where do you sit?"), wave="pulse 1", instrument="pulse")
    with warehouse(uploads, reach=(uploads,)) as connection:
        upload = sent(uploads, export("Where do you sit?"), instrument="pulse")
        proposal = batches.check(connection, uploads, upload, Settings()).proposed_items[0]
    assert (proposal.item_id, proposal.suggestion) == ("where_do_you_sit", None)


def test_a_key_finds_the_question_where_one_side_has_no_words() -> None:
    bare = PROUD.model_copy(update={"wording": "Q7", "key": "Q7", "item_id": "q7"})
    found = find_again("I am proud", [bare], "Q7")
    assert found is not None
    assert (found.item_id, found.wording, found.column) == ("q7", "I am proud", "I am proud")
    assert is_same_question(found, bare)
    assert name_items([found], [bare]) == ([found], [])
    known = PROUD.model_copy(update={"key": "Q7"})
    again = find_again("Q7", [known], "Q7")
    assert again is not None
    assert (again.item_id, again.wording) == ("proud", "I am proud")


def test_of_two_with_one_wording_it_is_the_one_with_the_key() -> None:
    other = PROUD.model_copy(update={"item_id": "proud_at_home", "key": "QID9"})
    found = find_again("I am proud", [PROUD, other], "QID9")
    assert found is not None
    assert found.item_id == "proud_at_home"


def test_a_key_does_not_overrule_words() -> None:
    assert find_again("I am glad", [PROUD], "QID7") is None
    assert not is_same_question(PROUD, PROUD.model_copy(update={"wording": "I am glad"}))
    assert find_again("I am proud", [PROUD], "QID99") == PROUD.model_copy(
        update={"column": "I am proud", "key": "QID99"}
    )
