"""Themes of comments: keywords, who is counted, what is withheld, and words suggested without names."""

from collections.abc import Mapping, Sequence

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.redaction import is_nobody
from data.settings import Settings
from data.themes import THEMES
from metrics.survey_family import measure_survey_family
from metrics.themes import match_themes, suggest_words
from tests.waves import find, measured, waves_of

ITEMS = "| item | kind | min | max |\n| voice | likert | 1 | 5 |\n| words | text | | |\n| more | text | | |"


def said(
    texts: Sequence[str | None], codes: Sequence[int] | None = None, more: Sequence[str | None] | None = None
) -> pd.DataFrame:
    return pd.DataFrame(
        {"voice": list(codes or [3] * len(texts)), "words": list(texts), "more": list(more or [None] * len(texts))},
        dtype=object,
    )


def results_of(answers: pd.DataFrame, members: str = "| who |") -> pd.DataFrame:
    with waves_of(items=ITEMS, said={"spring": answers}, members=members) as connection:
        return measured(connection)


@pytest.mark.parametrize(
    ("text", "themes"),
    [
        ("Decisions are made before we are asked.", {"being heard"}),
        ("DECISIONS!", {"being heard"}),
        ("undecided", set()),
        ("Meet in the morning", {"time and meetings"}),
        ("Captions on every call, please", {"calls and events"}),
        ("recall", set()),
        ("Thanks", {"recognition"}),
        ("The same\n five   people talk", {"inclusion", "knowing people"}),
        ("ｃｈａｔ", {"channels and tools"}),  # full-width letters
        ("", set()),
    ],
)
def test_keywords_are_words_or_their_beginnings(text: str, themes: set[str]) -> None:
    found = match_themes(pd.Series([text]), THEMES)
    assert {str(name) for name in found if found[name].iloc[0]} == themes


def test_signs_in_a_keyword_are_signs() -> None:
    found = match_themes(pd.Series(["C++ (and a+b)", "caab"]), {"code": ["c++", "a+b"]})
    assert found["code"].tolist() == [True, False]


def test_shares_are_of_those_who_wrote() -> None:
    """Of 40, 25 wrote: 15 about time, ten about thanks, twelve of the 25 ask for something."""
    texts = ["no time"] * 12 + ["please, no time"] * 3 + ["please thank us"] * 9 + ["thanks"] + [None] * 10 + ["  "] * 5
    results = results_of(said(texts))
    rate = find(results, "comment_rate")
    assert (rate["numerator"], rate["denominator"]) == (25, 40)
    time, thanks = (find(results, "comment_themes", name) for name in ("time and meetings", "recognition"))
    assert (time["numerator"], time["denominator"], time["value"]) == (15, 25, 15 / 25)
    assert thanks["numerator"] == 10
    assert find(results, "comment_prescriptive")["numerator"] == 12
    assert find(results, "comment_themes", "inclusion")["value"] == 0


def test_a_theme_of_fewer_than_ten_is_withheld_and_so_is_what_is_left_over() -> None:
    texts = ["no time"] * 30 + ["thanks"] * 9
    results = results_of(said(texts, [5] * 30 + [1] * 9))
    hidden = find(results, "comment_themes", "recognition")
    assert hidden["status"] == "withheld"
    assert hidden[["value", "numerator", "denominator", "people"]].isna().all()
    tone = find(results, "comment_tone", "time and meetings")
    assert tone["status"] == "withheld"  # 39 wrote: their mean and that of these 30 would give the other nine


def test_those_who_are_in_no_theme_are_a_group_or_nobody() -> None:
    """95 of 100 is as much as five of 100 without a theme."""
    left_over = results_of(said(["no time"] * 95 + ["hello"] * 5))
    assert set(left_over[left_over["metric"] == "comment_themes"]["status"]) == {"withheld", "final"}
    assert find(left_over, "comment_themes", "time and meetings")["status"] == "withheld"
    assert find(left_over, "comment_themes", "no theme")["status"] == "withheld"
    everybody = results_of(said(["no time"] * 100))
    assert find(everybody, "comment_themes", "time and meetings")["value"] == 1


def test_two_questions_of_a_person_are_one_writer() -> None:
    results = results_of(said(["time"] * 12, more=["time"] * 12))
    assert find(results, "comment_themes", "time and meetings")["numerator"] == 12
    assert find(results, "comment_rate")["numerator"] == 12


def test_how_those_who_wrote_answered() -> None:
    texts = ["time"] * 20 + ["thanks"] * 20 + [None] * 20
    results = results_of(said(texts, [1] * 20 + [4] * 20 + [5] * 20))
    tones = {
        name: find(results, "comment_tone", name)["value"]
        for name in ("wrote", "silent", "time and meetings", "recognition")
    }
    assert tones == {"wrote": (0 + 75) / 2, "silent": 100, "time and meetings": 0, "recognition": 75}


def test_nine_writers_are_not_shown() -> None:
    results = results_of(said(["time"] * 9 + [None] * 40))
    assert set(results[results["metric"] == "comment_themes"]["status"]) <= {"withheld"}
    assert find(results, "comment_tone", "wrote")["status"] == "withheld"
    assert find(results, "comment_tone", "silent")["status"] == "withheld"


def test_a_wave_without_a_text_question_has_no_comments() -> None:
    with waves_of(
        items="| item | min | max |\n| voice | 1 | 5 |", said={"spring": said([None] * 20)[["voice"]]}
    ) as connection:
        assert "comment_rate" not in set(measured(connection)["metric"])


def test_a_community_writes_its_own_themes() -> None:
    own: Mapping[str, tuple[str, ...]] = {"cake": ("cake*",)}
    with waves_of(items=ITEMS, said={"spring": said(["more cakes"] * 10 + ["time"] * 10)}) as connection:
        measured(connection)
        measure_survey_family(connection, (), Settings(themes=dict(own)))
        results = connection.execute("from survey_results").df()
        words = connection.execute("select word, writers from theme_suggestions").fetchall()
    assert find(results, "comment_themes", "cake")["numerator"] == 10
    assert "time and meetings" not in set(results["breakdown"])
    assert words == [("time", 10)]


def test_words_are_suggested_from_ten_writers_without_names_and_stop_words() -> None:
    texts = ["The parking of Anneke is about the parking"] * 10 + ["bicycle"] * 9
    assert suggest_words(texts, 10, ["time"], {"anneke"}.__contains__) == [("parking", 10)]
    assert ("anneke", 10) in suggest_words(texts, 10, [], is_nobody)


def test_names_of_the_roster_are_no_suggestion() -> None:
    with waves_of(items=ITEMS, said={"spring": said(["Anneke organises parking"] * 12)}) as connection:
        connection.execute(
            """insert into members by name
               select 1 as person, date '2020-01-01' as valid_from, 'Anneke de Wit' as name, 'member' as member_type,
                      false as opted_out, false as no_lists, 1 as batch, 2 as line"""
        )
        measured(connection)
        words = {word for (word,) in connection.execute("select word from theme_suggestions").fetchall()}
    assert words == {"organises", "parking"}


texts = st.lists(st.sampled_from(["time", "thanks", "time and thanks", "nothing", None]), min_size=1, max_size=60)


@given(texts)
def test_it_agrees_with_pandas(written: list[str | None]) -> None:
    results = results_of(said(written))
    frame = pd.Series(written, dtype=object)
    wrote = frame.dropna()
    rate = find(results, "comment_rate")
    assert rate["value"] == len(wrote) / len(frame)
    for theme, word in (("time and meetings", "time"), ("recognition", "thanks")):
        count = int(wrote.str.contains(word).sum()) if len(wrote) else 0
        rows = results[(results["metric"] == "comment_themes") & (results["breakdown"] == theme)]
        if len(wrote) >= 10 and not 0 < count < 10:
            assert rows["value"].iloc[0] == count / len(wrote)
        elif len(rows):
            assert rows["status"].iloc[0] == "withheld"
