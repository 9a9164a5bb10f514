"""Wrong waves that a second file can make without a word."""

from pathlib import Path

from tests.surveys import desk

ITEMS = "column,item_id,kind,scale_min,scale_max\nproud,proud,likert,1,5\n"


def test_a_second_export_without_ids_does_not_double_the_wave(home: Path) -> None:
    """The longer export of the same survey was added to the shorter one: 2 + 3 respondents for three people."""
    with desk(home) as here:
        here.take("proud\n4\n5\n", ITEMS)
        here.take("proud\n4\n5\n3\n", ITEMS)
        assert here.scores("proud") == [50, 75, 100]


def test_rows_without_ids_make_way_for_rows_with_ids(home: Path) -> None:
    """The first export had no ids; the second one with ids stood beside it, everybody twice."""
    with desk(home) as here:
        first = here.take("proud\n4\n5\n", ITEMS)
        second = here.take("respondent_id,proud\nr1,4\nr2,2\n", ITEMS)
        assert here.scores("proud") == [25, 75]
        here.undo(second)
        assert here.scores("proud") == [75, 100]
        here.redo(second)
        here.undo(first)
        assert here.scores("proud") == [25, 75]


def test_undoing_an_older_file_leaves_the_newer_answer(home: Path) -> None:
    """Undo of the first file removed the respondent whom the second had corrected."""
    with desk(home) as here:
        first = here.take("respondent_id,proud\nr1,1\nr2,5\n", ITEMS)
        here.take("respondent_id,proud\nr1,3\n", ITEMS)
        here.undo(first)
        assert here.scores("proud") == [50]


def test_undoing_a_wave_leaves_the_questions_of_another(home: Path) -> None:
    """The bank forgot a question with the wave that asked it last, although an earlier wave had asked it too."""
    with desk(home) as here:
        here.take("respondent_id,proud\nr1,1\n", ITEMS)
        autumn = here.take("respondent_id,proud\nr1,1\n", ITEMS, wave="autumn", opened="2026-09-01")
        here.undo(autumn)
        assert here.ask("select item_id, instrument from items") == [("proud", "survey")]


def test_a_respondent_of_two_waves_has_nothing_in_common_in_them(home: Path) -> None:
    """Numbers given in the order of the file were the same in both waves of an unlinked survey and joined them again."""
    people = [f"r{number}" for number in range(40)]
    text = "respondent_id,proud\n" + "".join(f"{name},3\n" for name in people)
    with desk(home) as here:
        here.take(text, ITEMS)
        here.take(text, ITEMS, wave="autumn", opened="2026-09-01")
        together = here.ask(
            """select count_if(one.respondent = other.respondent), count(*)
               from respondents as one
               join respondents as other
                 on other.line = one.line
                and other.wave = 'autumn'
               where one.wave = 'spring'"""
        )
        same, everybody = together[0]
        assert everybody == 40
        assert same < 20
