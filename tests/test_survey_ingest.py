"""Survey files, from cells to waves, questions, respondents and answers."""

import hashlib
import hmac
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from data.errors import Refused
from data.salt import read_salt
from data.settings import Settings, Thresholds
from ingest import batches
from ingest.importer import RefusedRows
from ingest.questions import read_items, write_items
from tests.surveys import Desk, desk

ITEMS = """\
column,item_id,wording,kind,scale_min,scale_max,labels,favourable,neutral,reverse,construct,na_codes,outcome
proud,proud,I am proud to belong,likert,1,5,Strongly disagree;Disagree;Neutral;Agree;Strongly agree,,,,engagement,99,
alone,alone,I often feel left alone,likert,1,5,,,,yes,,,
recommend,recommend,Would you recommend us?,nps,,,,,,,,,yes
mode,mode,How do you take part?,choice,,,In person;Online,,,,,,
topics,topics,What are you interested in?,multi,,,,,,,,,
why,why,Why?,text,,,,,,,,-,
"""

WAVE = """\
respondent_id,submitted_at,team,proud,alone,recommend,mode,topics,why
r1,2026-03-02 10:00,North,4,2,9,Online,data;cloud,Good people
r2,2026-03-03T10:00:00+02:00,South,Strongly agree,1,10,in person,data,-
r3,,South,99,,,,,
"""


def test_each_cell_becomes_what_it_says(home: Path) -> None:
    with desk(home) as here:
        receipt = here.take(WAVE, ITEMS, closed="2026-03-31", invited=10)
        assert (receipt.rows, receipt.new, receipt.problems) == (3, 3, ())
        answers = here.ask(
            """select line, item_id, code, score, choice, text, not_applicable
               from answers
               join respondents using (wave, respondent)
               order by line, item_id, choice"""
        )
        assert answers == [
            (2, "alone", 2.0, 100 - (2 - 1) / (5 - 1) * 100, None, None, False),
            (2, "mode", None, None, "Online", None, False),
            (2, "proud", 4.0, (4 - 1) / (5 - 1) * 100, None, None, False),
            (2, "recommend", 9.0, 9 / 10 * 100, None, None, False),
            (2, "topics", None, None, "cloud", None, False),
            (2, "topics", None, None, "data", None, False),
            (2, "why", None, None, None, "Good people", False),
            (3, "alone", 1.0, 100 - 0, None, None, False),
            (3, "mode", None, None, "In person", None, False),
            (3, "proud", 5.0, 100.0, None, None, False),
            (3, "recommend", 10.0, 100.0, None, None, False),
            (3, "topics", None, None, "data", None, False),
            (3, "why", None, None, None, None, True),
            (4, "proud", None, None, None, None, True),
        ]
        times = here.ask("select line, submitted_at::varchar from respondents order by line")
        assert times == [(2, "2026-03-02 10:00:00"), (3, "2026-03-03 08:00:00"), (4, None)]
        groups = here.ask(
            "select line, dimension, segment from respondent_segments join respondents using (wave, respondent) order by line"
        )
        assert groups == [(2, "team", "North"), (3, "team", "South"), (4, "team", "South")]
        assert here.ask("select column_name from wave_items order by position") == [
            (name,) for name in ("proud", "alone", "recommend", "mode", "topics", "why")
        ]


def test_time_without_offset_is_in_the_zone_of_the_community(home: Path) -> None:
    with desk(home, Settings(zone="Europe/Berlin", dimensions=("team",))) as here:
        here.take(WAVE, ITEMS, opened=None)
        assert here.ask("select submitted_at::varchar from respondents where line = 2") == [("2026-03-02 09:00:00",)]
        assert here.ask("select opened_on::varchar from waves") == [("2026-03-02",)]


def test_bad_cells_are_quoted_with_line_and_column_and_nothing_is_stored(home: Path) -> None:
    with desk(home) as here:
        found = here.refuse(
            "respondent_id,submitted_at,proud,alone\n"
            "r1,2026-03-02,7,2\n"
            "r2,2.3.2026,Agreed,2\n"
            ",2026-03-02,4,2\n"
            "r1,2026-03-02,4,soon\n"
            "r5,2026-03-02,4,2\n",
            ITEMS,
        )
        assert sorted(
            (line, column, what.removesuffix(" in the form year-month-day.")) for line, column, what in found
        ) == [
            (2, "proud", '"7" is outside the scale 1 to 5.'),
            (3, "proud", '"Agreed" is not an answer of this scale.'),
            (3, "submitted_at", '"2.3.2026" is no time'),
            (4, "respondent_id", "The cell is empty, and other rows have an id."),
            (5, "alone", '"soon" is not an answer of this scale.'),
            (5, "respondent_id", '"r1" is there twice; first on line 2.'),
        ]
        assert here.ask("select count(*) from respondents") == [(0,)]


def test_good_rows_can_be_kept_alone(home: Path) -> None:
    with desk(home) as here:
        receipt = here.take("respondent_id,proud\nr1,7\nr2,4\n", ITEMS, keep_good=True)
        assert (receipt.new, receipt.rejected) == (1, 1)
        assert here.scores("proud") == [75]


def test_column_that_nothing_explains_is_refused_by_name(home: Path) -> None:
    with desk(home) as here, pytest.raises(RefusedRows) as refused:
        here.take("respondent_id,proud,I trust our leads\nr1,4,5\n", ITEMS)
    problem = refused.value.problems[0]
    assert (problem.line, problem.column) == (1, "I trust our leads")
    assert "--dry-run" in problem.fix
    assert "--items" in problem.fix


def test_proposed_items_can_be_passed_back(home: Path) -> None:
    text = (
        "respondent_id,submitted_at,team,Name,I feel at home here,We meet often enough,Would you recommend us?,How do you join?,Why?\n"
        "r1,2026-03-02,North,Ann,Agree,2,9,Online,Because we laugh\n"
        "r2,2026-03-02,North,Ben,Disagree,5,10,In person,N/A\n"
        "r3,2026-03-02,South,Cy,Neutral,3,0,Online,It is near\n"
        "r4,2026-03-02,South,Di,Strongly agree,3,8,In person,\n"
    )
    with desk(home) as here:
        looked = here.look(text)
        assert (looked.problems, looked.receipt.batch) == ((), None)
        kinds = [(item.column, item.kind, item.scale_max) for item in looked.proposed_items]
        assert kinds == [
            ("I feel at home here", "likert", 5.0),
            ("We meet often enough", "likert", 5.0),
            ("Would you recommend us?", "nps", 10.0),
            ("How do you join?", "choice", None),
            ("Why?", "text", None),
        ]
        file = home / "items.csv"
        write_items(looked.proposed_items, file)
        assert read_items(file)[1] == []
        receipt = here.take(text, file.read_text(encoding="utf-8"))
        assert receipt.warnings == ('The column "Name" holds names and was left out.',)
        assert here.scores("i_feel_at_home_here") == [25, 50, 75, 100]


def test_next_wave_needs_no_items_file(home: Path) -> None:
    with desk(home) as here:
        here.take(WAVE, ITEMS)
        here.take("respondent_id,I am proud to belong!,alone\nr1,2,2\n", wave="autumn", opened="2026-09-01")
        assert here.ask("select item_id, column_name from wave_items where wave = 'autumn' order by position") == [
            ("proud", "I am proud to belong!"),
            ("alone", "alone"),
        ]
        assert here.scores("alone", "autumn") == [75]


def test_nearly_known_question_is_offered_and_stays_new(home: Path) -> None:
    with desk(home) as here:
        here.take(WAVE, ITEMS)
        looked = here.look("respondent_id,I am proud to belong here\nr1,4\n")
        assert looked.proposed_items[0].suggestion == "proud"
        assert looked.proposed_items[0].item_id == "i_am_proud_to_belong_here"
        assert any('nearly "I am proud to belong" (proud)' in words for words in looked.receipt.warnings)


def test_changed_wording_under_an_old_id_starts_a_new_line(home: Path) -> None:
    with desk(home) as here:
        here.take("respondent_id,proud\nr1,4\n", ITEMS)
        changed = "column,item_id,wording,kind,scale_min,scale_max\nproud,proud,I am proud of our work,likert,1,5\n"
        receipt = here.take("respondent_id,proud\nr1,2\n", changed, wave="autumn", opened="2026-09-01")
        assert here.scores("proud", "autumn") == []
        assert here.scores("proud.2", "autumn") == [25]
        assert "new trend line" in receipt.warnings[-1]


def test_row_without_time_is_not_submitted_and_a_file_without_times_is(home: Path) -> None:
    with desk(home) as here:
        here.take("respondent_id,submitted_at,proud\nr1,,4\n", ITEMS)
        here.take("respondent_id,proud\nr1,4\n", ITEMS, wave="autumn", opened="2026-09-01", closed="2026-09-30")
        assert here.ask("select wave, submitted_at::date::varchar from respondents order by wave") == [
            ("autumn", "2026-09-30"),
            ("spring", None),
        ]


def test_with_ids_blank_clears_and_absent_leaves(home: Path) -> None:
    with desk(home) as here:
        here.take("respondent_id,team,proud,alone\nr1,North,4,2\nr2,South,4,2\n", ITEMS)
        receipt = here.take("respondent_id,proud\nr1,\nr3,5\n", ITEMS)
        assert (receipt.new, receipt.changed, receipt.unchanged) == (1, 1, 0)
        assert here.scores("proud") == [75, 100]
        assert here.scores("alone") == [75, 75]
        assert here.ask("select segment from respondent_segments order by segment") == [("North",), ("South",)]
        again = here.take("respondent_id,team,proud\nr1,,\nr3,,5\n", ITEMS)
        assert (again.new, again.changed, again.unchanged) == (0, 1, 1)
        assert here.ask("select segment from respondent_segments") == [("South",)]


def test_without_ids_the_wave_is_replaced(home: Path) -> None:
    with desk(home) as here:
        here.take("proud,alone\n4,2\n5,1\n", ITEMS)
        receipt = here.take("proud,alone\n4,2\n2,2\n1,1\n", ITEMS)
        assert (receipt.new, receipt.changed, receipt.unchanged) == (2, 0, 1)
        assert here.scores("proud") == [0, 25, 75]


def test_keys_are_hmacs_and_differ_from_wave_to_wave_unless_linked(home: Path) -> None:
    text = "respondent_id,proud\nr1,4\n"
    with desk(home) as here:
        here.take(text, ITEMS)
        here.take(text, ITEMS, wave="autumn", opened="2026-09-01")
        for wave in ("p1", "p2"):
            here.take(text, ITEMS, wave=wave, instrument="pulse", linked=True, told="We link your answers over waves.")
        keys = dict(here.ask("select wave, key from respondents"))
        salt = bytes.fromhex(read_salt(home))
        assert keys["spring"] == hmac.new(salt, b"wave spring\x1fr1", hashlib.sha256).hexdigest()
        assert keys["spring"] != keys["autumn"]
        assert keys["p1"] == keys["p2"] == hmac.new(salt, b"instrument pulse\x1fr1", hashlib.sha256).hexdigest()


@pytest.mark.parametrize(
    ("text", "details", "words"),
    [
        ("respondent_id,proud\nr1,4\n", {"linked": True}, "words in which members were told"),
        ("proud\n4\n", {"linked": True, "told": "We link."}, "need a respondent_id"),
        ("respondent_id,proud\nr1,4\nr2,5\n", {"invited": 1}, "2 people answered and 1 were invited"),
        ("proud\n4\n", {"closed": "2026-02-01"}, "before it opened"),
        ("proud\n4\n", {"opened": None}, "Nothing says when the wave opened"),
    ],
)
def test_wave_that_cannot_be_is_refused(home: Path, text: str, details: dict[str, object], words: str) -> None:
    with desk(home) as here:
        assert any(words in what for _, _, what in here.refuse(text, ITEMS, **details))
        with pytest.raises(Refused):
            here.take(text, ITEMS, keep_good=True, **details)
        assert here.ask("select count(*) from waves") == [(0,)]


def test_a_row_there_twice_is_no_reason_to_doubt_the_invited(home: Path) -> None:
    with desk(home) as here:
        found = here.refuse("respondent_id,proud\nr1,4\nr2,5\nr2,5\n", ITEMS, invited=2)
        assert [(line, column) for line, column, _ in found] == [(4, "respondent_id")]


def test_promise_of_a_wave_cannot_be_changed_afterwards(home: Path) -> None:
    with desk(home) as here:
        here.take("respondent_id,proud\nr1,4\n", ITEMS)
        found = here.refuse("respondent_id,proud\nr2,4\n", ITEMS, promise="named")
        assert found == [(None, "promise", "The wave spring is anonymous, not named.")]


def test_fewer_invited_than_answered_is_refused_afterwards_too(home: Path) -> None:
    with desk(home) as here:
        here.take("respondent_id,proud\nr1,4\nr2,5\n", ITEMS)
        with pytest.raises(Refused, match="2 people answered and 1 were invited"):
            batches.change_wave(here.connection, home, "spring", None, 1, "tester", here.settings)


@pytest.mark.parametrize(
    "header", ["Name", "First name", "E-Mail", "email_address", "IP address", "City", "Home address"]
)
def test_who_somebody_is_gets_no_further(home: Path, header: str) -> None:
    with desk(home) as here:
        receipt = here.take(f"respondent_id,proud,{header}\nr1,4,secret-7\n", ITEMS)
        assert f'"{header}"' in receipt.warnings[0]
        assert b"secret-7" not in _everything_kept(here)


def test_addresses_are_found_by_content_too(home: Path) -> None:
    described = ITEMS + "contact,contact,How can we reach you?,text,,,,,,,,,\n"
    with desk(home) as here:
        receipt = here.take("respondent_id,proud,contact\nann@example.org,4,ann@example.org\nr2,4,\n", described)
        assert receipt.warnings[0] == 'The column "contact" holds e-mail addresses and was left out.'
        assert b"ann@example" not in _everything_kept(here)


def test_group_named_like_a_place_is_kept_where_a_person_confirmed_it(home: Path) -> None:
    with desk(home) as here:
        here.take("respondent_id,proud,city\nr1,4,Leeds\n", ITEMS, dimensions=("city",))
        assert here.ask("select dimension, segment from respondent_segments") == [("city", "Leeds")]


def test_thresholds_of_a_wave_only_rise(home: Path) -> None:
    with desk(home, Settings(thresholds=Thresholds(manager=8, distributions=20))) as here:
        here.take("respondent_id,proud\nr1,4\n", ITEMS)
    with desk(home, Settings(thresholds=Thresholds(manager=12, distributions=10))) as here:
        here.take("respondent_id,proud\nr2,4\n", ITEMS)
        assert here.ask("select k_scores, k_distributions from waves") == [(12, 20)]


def test_undo_takes_a_wave_and_its_questions_away_and_redo_brings_them_back(home: Path) -> None:
    with desk(home) as here:
        receipt = here.take(WAVE, ITEMS, closed="2026-03-31", invited=10)
        before = here.state()
        here.undo(receipt)
        assert all(rows == [] for rows in here.state().values())
        here.redo(receipt)
        assert here.state() == before


rows = st.lists(
    st.tuples(
        st.sampled_from(["r1", "r2", "r3"]),
        st.sampled_from(["", "1", "Agree", "N/A"]),
        st.sampled_from([None, "", "2", "5"]),
        st.sampled_from([None, "", "North", "South"]),
    ),
    min_size=1,
    max_size=3,
    unique_by=lambda row: row[0],
)
files = st.lists(st.tuples(rows, st.booleans(), st.booleans(), st.booleans()), min_size=1, max_size=4)


def _draw(rows: list[tuple[str | None, ...]], has_ids: bool, has_alone: bool, has_team: bool) -> str:
    chosen = [at for at, wanted in enumerate((has_ids, True, has_alone, has_team)) if wanted]
    names = ("respondent_id", "proud", "alone", "team")
    lines = [[row[at] or "" for at in chosen] for row in rows]
    return "\n".join(",".join(line) for line in [[names[at] for at in chosen], *lines]) + "\n"


@given(files=files, undone=st.sets(st.integers(0, 3)), redone=st.sets(st.integers(0, 3)))
@hypothesis_settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])
def test_a_wave_is_what_its_remaining_files_give(
    tmp_path_factory: pytest.TempPathFactory,
    files: list[tuple[list[tuple[str | None, ...]], bool, bool, bool]],
    undone: set[int],
    redone: set[int],
) -> None:
    """Whatever was undone and redone: the same answers as from nothing. Batch numbers differ, as the ledgers do."""
    texts = [_draw(*file) for file in files]
    texts = [text + "\n" * at for at, text in enumerate(texts)]  # the same file twice would change nothing
    first, second = (tmp_path_factory.mktemp(name) for name in ("undone", "fresh"))
    with desk(first) as here:
        receipts = [here.take(text, ITEMS) for text in texts if _has_rows(text)]
        for at in sorted(undone):
            if at < len(receipts):
                here.undo(receipts[at])
        for at in sorted(undone & redone):
            if at < len(receipts):
                here.redo(receipts[at])
        left = _without_batches(here.state())
    with desk(second) as here:
        (second / "salt").write_text(read_salt(first), encoding="ascii")
        for at, text in enumerate([text for text in texts if _has_rows(text)]):
            if at not in undone - redone:
                here.take(text, ITEMS)
        assert _without_batches(here.state()) == left


def _has_rows(text: str) -> bool:
    return any(line.strip(",") for line in text.splitlines()[1:])


def _without_batches(state: dict[str, list[tuple[object, ...]]]) -> dict[str, list[tuple[object, ...]]]:
    return state | {"respondents": [(*row[:4], row[5]) for row in state["respondents"]]}


def _everything_kept(here: Desk) -> bytes:
    """All bytes of a home but the upload itself, kept copies in plain text."""
    copies = [here.ask(f"from read_parquet('{file}')") for file in sorted((here.home / "kept").glob("*.parquet"))]
    files = [file.read_bytes() for file in here.home.rglob("*") if file.is_file() and file.parent.name != "uploads"]
    return b"".join([*files, repr(copies).encode()])
