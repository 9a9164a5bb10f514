"""Page models on the demo community: the sentences claim what the published verdicts say, and nothing that is withheld shows."""

import json
import re
from contextlib import closing
from typing import Any

import pytest

from data.settings import Settings
from metrics.snapshot import Role, Snapshot, open_snapshot
from report.models.connections import read_connections
from report.models.conversations import read_conversations
from report.models.events import read_events
from report.models.glossary import read_glossary
from report.models.journeys import read_journeys
from report.models.page import Page, Panel
from report.models.pulse import read_pulse
from report.models.reading import choose_period, list_groups, read_cards, read_periods
from report.models.scorecard import read_revisions, read_scorecard
from report.models.surveys import read_surveys, read_waves
from report.models.upload import list_uploads
from report.models.voices import read_comments, read_voices
from report.numbers import NBSP
from report.words import number_word
from tests.demo import demo_home

SMALL = {"Legal", "Strategy"}
COUNTS = ["value", "numerator", "denominator", "people"]


@pytest.fixture(scope="module")
def pages(demo: Snapshot) -> dict[str, Page]:
    """Every page as it opens, by team where a page has groups."""
    found = {
        "pulse": read_pulse(demo),
        "scorecard": read_scorecard(demo),
        "events": read_events(demo, "quarter", None, "team"),
        "conversations": read_conversations(demo, "quarter", None, "team"),
        "connections": read_connections(demo, None, "team"),
        "journeys": read_journeys(demo, None, "team"),
        "surveys": read_surveys(demo, read_waves(demo)[-1].label, "team"),
        "voices": read_voices(demo, read_waves(demo)[-1].label, 1),
    }
    return {name: page for name, page in found.items() if page is not None}


def panel(page: Page, key: str) -> Panel:
    return next(found for found in page.panels if found.key == key)


# Surveys


def test_surveys_name_voice(demo: Snapshot) -> None:
    surveys = read_surveys(demo, "2026 spring", "team")
    assert surveys.answer == "Answers on voice are less favourable than in 2025 autumn."
    (tile,) = [tile for tile in surveys.tiles if tile.label == "Voice is heard"]
    assert tile.colour == "orange"
    assert tile.chip.endswith("declined")
    assert surveys.support.endswith(f"Of −7{NBSP}points on voice, −7 are real and 0 come from who answered, by team.")


def test_the_counts_of_verdicts_add_up_to_the_questions(demo: Snapshot) -> None:
    moves = panel(read_surveys(demo, "2026 spring", "team"), "moves")
    assert moves.chart is not None
    counts = [int(part.split()[0]) for part in moves.chart.alt.split(": ")[1].rstrip(".").split(", ")]
    support = read_surveys(demo, "2026 spring", "team").support
    assert support.startswith(f"Of {number_word(sum(counts))} questions {number_word(counts[1])} declined")


def test_the_first_wave_is_compared_with_nothing(demo: Snapshot) -> None:
    surveys = read_surveys(demo, "2025 autumn", "team")
    assert surveys.answer == "2025 autumn is the first wave; the next one will show what moves."
    assert [found.key for found in surveys.panels if found.key == "moves"] == []
    assert {tile.chip for tile in surveys.tiles} == {"complete count", "first wave"}
    assert {tile.colour for tile in surveys.tiles} == {"gray"}


def test_the_real_part_is_the_only_one_with_a_colour(demo: Snapshot) -> None:
    split = panel(read_surveys(demo, "2026 spring", "team"), "split")
    assert split.question == "How much of the change on voice is real?"
    assert split.reading == f"−7 of −7{NBSP}points are real (beyond chance); 0 from who answered."
    assert split.chart is not None
    assert split.chart.alt.endswith(
        "All of the change −7; Real: teams changed −7 declined; Mix: other teams answered 0."
    )
    colours = split.chart.figure.data[0].marker.color
    assert colours[0] == colours[2] != colours[1]


def test_waves_that_are_not_linked_have_no_panel_of_the_same_people(demo: Snapshot) -> None:
    keys = [found.key for found in read_surveys(demo, "2026 spring", "team").panels]
    assert keys == [
        "matrix",
        "moves",
        "split",
        "survey_response_by_team",
        "weighted",
        "drivers",
        "reliability",
        "answers",
    ]


def test_the_mix_is_said_with_chance_beside_it(demo: Snapshot) -> None:
    by_team = panel(read_surveys(demo, "2026 spring", "team"), "survey_response_by_team")
    assert by_team.reading.startswith("The mix differs by 3%, no more than chance would. From 62% in Operations")


def test_drivers_say_how_surely_they_come_first_and_that_they_are_no_cause(demo: Snapshot) -> None:
    drivers = panel(read_surveys(demo, "2026 spring", "team"), "drivers")
    assert drivers.question == "What goes together with recommending us?"
    assert "among the first three in 100% of samples" in drivers.reading
    assert "Going together is not a cause." in drivers.caption


def test_scales_that_do_not_hold_together_are_named(demo: Snapshot) -> None:
    reliability = panel(read_surveys(demo, "2026 spring", "team"), "reliability")
    assert reliability.reading == "Read the questions on Voice and Safety one by one: they do not measure one thing."


# Voices


def test_voices_say_what_is_written_about_and_that_it_is_not_how_common_it_is(demo: Snapshot) -> None:
    voices = read_voices(demo, "2026 spring", 1)
    assert voices.kicker.endswith("45 of 325 wrote something (14%)")
    assert (
        voices.answer == "Comments are most often about “being heard”, then “knowing people” and “time and meetings”."
    )
    assert "is not how common it is" in voices.support
    assert panel(voices, "themes").reading == "Being heard: 13 of 45 who wrote."
    assert panel(voices, "tone").reading == "Those who wrote are as content as the others: 65 and 64. Not tested."


def test_voices_name_withheld_themes_without_a_number(demo: Snapshot) -> None:
    themes = panel(read_voices(demo, "2026 spring", 1), "themes")
    assert themes.caption.endswith("Withheld, fewer than ten: inclusion and recognition.")
    hidden = themes.numbers[themes.numbers["status"] == "withheld"]
    assert hidden[["value", "numerator", "denominator", "people"]].isna().all(axis=None)


@pytest.mark.parametrize("role", list(Role))
def test_a_sentence_of_a_member_is_among_the_comments_of_managers_and_nowhere_else(role: Role) -> None:
    with closing(open_snapshot(demo_home(), role)) as snapshot:
        tables = snapshot.query("select table_name from duckdb_tables()")["table_name"]
        holding = {
            table
            for table in tables
            if "Tell us what became of our ideas" in snapshot.table(str(table)).astype(str).to_csv(index=False)
        }
        told = read_comments(snapshot, "2026 spring")
    assert holding == ({"comments"} if role is Role.MANAGER else set())
    assert len(told) == (role is Role.MANAGER)


def test_what_the_matrix_names_and_counts_is_everything_beyond_chance(demo: Snapshot) -> None:
    """Before, three groups were named and "the rest is within chance" said of eleven cells that were not."""
    matrix = panel(read_surveys(demo, "2026 spring", "team"), "matrix")
    assert matrix.chart is not None
    coloured = sum(step not in (None, 2) for line in matrix.chart.figure.data[0].z for step in line)
    named, _, rest = matrix.reading.rpartition(". ")
    listed = sum(len(part.split(" on ")[1].replace(" and ", ", ").split(", ")) for part in named.split("; "))
    more = 0 if rest == "The rest is within chance." else int(rest.split(NBSP)[0])
    assert listed + more == coloured


# Withheld


def test_a_team_of_four_has_no_number_anywhere(demo: Snapshot) -> None:
    """Strategy has four members, fewer than five; and nowhere is it the only one hidden, or the total would give it away."""
    rows = demo.query("select * from results where segment = 'Strategy'")
    assert len(rows)
    assert set(rows["status"]) <= {"withheld", "no data"}
    assert rows[[*COUNTS, "low", "high", "expected", "p"]].isna().all(axis=None)
    alone = demo.query(
        """select metric, grain, period, breakdown
           from results
           where dimension = 'team'
           group by all
           having count_if(segment = 'Strategy' and status = 'withheld') = 1
              and count_if(status = 'withheld') < 2"""
    )
    assert alone.empty


@pytest.mark.parametrize("name", ["pulse", "scorecard", "events", "conversations", "surveys", "voices"])
def test_withheld_teams_have_no_number_on_any_page(pages: dict[str, Page], name: str) -> None:
    """Neither in the tables under Numbers nor in what a chart draws, writes or shows under the pointer."""
    page = pages[name]
    for found in page.panels:
        if "segment" in found.numbers:
            rows = found.numbers[found.numbers["segment"].isin(SMALL)]
            banded = rows[rows["status"] == "banded"]
            assert (banded["people"] >= 5).all(), found.key
            assert banded[["value", "numerator"]].isna().all(axis=None), found.key
            hidden = rows.drop(index=banded.index)
            assert set(hidden["status"]) <= {"withheld", "no data"}, found.key
            assert hidden[COUNTS].isna().all(axis=None), found.key
        if found.chart is not None:
            assert not [text for text in read_texts(found) if is_number_of_small(text) and not is_band(text)], found.key
    said = [page.answer, page.support, *(finding.text for finding in page.findings)]
    assert not [text for text in said if any(small in text for small in SMALL)]


def read_texts(found: Panel) -> list[str]:
    assert found.chart is not None
    figure: dict[str, Any] = json.loads(found.chart.figure.to_json())
    figure["layout"].pop("template", None)
    texts: list[str] = [found.chart.alt, *(note["text"] for note in figure["layout"].get("annotations", ()))]
    for axis in ("xaxis", "yaxis"):
        texts += [str(tick) for tick in figure["layout"][axis].get("ticktext", ())]
    for trace in figure["data"]:
        texts += [str(text) for text in trace.get("customdata") or ()]
    return texts


def is_band(text: str) -> bool:
    """Whether a text is a band of a group of one mind, as in "I belong<br><b>≥ 80%</b><br>Legal · 6", or the head over bands."""
    return re.fullmatch(rf"(.*<b>[≥≤]{NBSP}\d+%</b><br>)?Legal · \d+", text) is not None


def is_number_of_small(text: str) -> bool:
    """Whether a text gives one of the small teams a number, as in "Legal · 6", "Legal n 8" or "Legal 25%"."""
    plain = text.replace("font-size:12px", "").replace(NBSP, " ")
    return any(part.strip().startswith(tuple(SMALL)) and any(c.isdigit() for c in part) for part in plain.split(";"))


def test_a_small_number_would_be_noticed() -> None:
    assert is_number_of_small(f"Care 25%; Legal{NBSP}·{NBSP}6")
    assert is_number_of_small(f"Legal<span style='font-size:12px'>  n{NBSP}8</span>")
    assert not is_number_of_small("Legal<span style='font-size:12px'></span>")


def test_withheld_groups_are_named_with_the_reason(demo: Snapshot) -> None:
    by_team = panel(read_surveys(demo, "2026 spring", "team"), "survey_response_by_team")
    assert by_team.caption.endswith(
        "Withheld: fewer than 5 people, or it would reveal a small group. These are Legal and Strategy."
    )
    assert f"2{NBSP}groups withheld" in by_team.reading
    assert by_team.reading.endswith("Not tested.")


def test_groups_that_are_never_shown_are_not_offered(demo: Snapshot) -> None:
    names = [group.name for group in list_groups(demo)]
    assert names[0] == "Whole community"
    assert "Strategy" not in names
    assert {"Care", "Operations", "North"} <= set(names)


# Scorecard, events, conversations


def test_the_scorecard_claims_only_published_verdicts(demo: Snapshot) -> None:
    scorecard = read_scorecard(demo)
    period = choose_period(read_periods(demo, "quarter"), None)
    assert period is not None
    assert len(scorecard.tiles) == len(Settings().scorecard) == 8
    coloured = {tile.key for tile in scorecard.tiles if tile.colour != "gray"}
    published = demo.query(
        """select metric, breakdown, comparisons.verdict
           from comparisons
           join series using (series)
           where dimension = 'all'
             and kind in ('last year', 'previous')
             and verdict in ('improved', 'declined')
             and period in (?, '2026 spring')""",
        [period.period],
    )
    names = {
        metric if breakdown == "all" else f"{metric}:{breakdown}"
        for metric, breakdown in zip(published["metric"], published["breakdown"], strict=True)
    }
    assert coloured <= names
    assert {finding.key for finding in scorecard.findings} <= coloured


def test_a_quarter_that_is_not_over_claims_nothing(demo: Snapshot) -> None:
    last = read_periods(demo, "quarter")[-1]
    assert not last.is_complete
    assert read_scorecard(demo, last.period).answer == (f"{last.label} is not over yet; these are its numbers so far.")


def test_nothing_was_revised_between_a_snapshot_and_itself(demo: Snapshot) -> None:
    quarter = choose_period(read_periods(demo, "quarter"), None)
    assert quarter is not None
    table = read_revisions(demo, demo, quarter.period)
    assert table.note == "Nothing differs from what was pinned."
    assert table.rows.empty


@pytest.mark.parametrize("grain", ["week", "month", "quarter"])
def test_answers_of_a_period_are_its_published_counts(demo: Snapshot, grain: str) -> None:
    period = choose_period(read_periods(demo, grain), None)
    assert period is not None
    for metric, page in (
        ("event_participation", read_events(demo, grain, None, "team")),
        ("posting_members", read_conversations(demo, grain, None, "team")),
    ):
        rows = demo.results(metric, grain=grain, dimension="all", breakdown="all")
        row = rows[rows["period"] == period.period].iloc[0]
        assert page is not None
        assert f"{row['numerator']:,.0f} of {row['denominator']:,.0f}{NBSP}members" in page.answer
        assert period.label in page.kicker


def test_every_tile_says_what_its_number_is_of(pages: dict[str, Page]) -> None:
    for name, page in pages.items():
        for tile in page.tiles:
            assert tile.chip, (name, tile.key)
            assert all(tile.caption), (name, tile.key)
            assert "nan" not in " ".join((tile.value, tile.chip, tile.glyph, tile.glyph_alt, *tile.caption)).lower()


def test_every_panel_has_its_numbers_and_its_method(pages: dict[str, Page]) -> None:
    for page in pages.values():
        keys = [found.key for found in page.panels]
        assert len(keys) == len(set(keys))
        for found in page.panels:
            assert len(found.numbers)
            assert found.question.endswith("?")
            assert found.method.formula
            assert found.method.caveats
            assert found.chart is not None or found.notice
            assert "nan" not in f" {found.reading} {found.caption} ".lower().split()


def test_the_glossary_has_every_published_card(demo: Snapshot) -> None:
    names = {card.name for cards in read_glossary().values() for card in cards}
    assert set(read_cards(demo)) <= names


def test_the_list_of_uploads_is_counted_and_says_what_counts() -> None:
    ledger = [
        {
            "batch": 7,
            "kind": "members",
            "file": "members.csv",
            "at": "2026-11-16T07:02:00",
            "rows": 1204,
            "new": 1000,
            "changed": 204,
            "undone": True,
        }
    ]
    (row,) = list_uploads(ledger).to_dict("records")
    assert row["Upload"] == "7 · members · members.csv"
    assert row["Rows"] == "1,204: 1,000 new, 204 changed"
    assert row["Taken in"] == "16 Nov 2026, 07:02"
    assert row["State"] == "undone"


# Connections and Journeys


def test_connections_name_the_silo_and_hide_the_small_teams(pages: dict[str, Page]) -> None:
    matrix = panel(pages["connections"], "group_ties")
    assert matrix.reading.endswith("to 83% of those of Operations stay inside. Not tested.")
    assert "Legal and Strategy" in matrix.caption
    silos = panel(pages["connections"], "ei_index")
    assert "Operations" in silos.reading
    assert "declined" not in silos.reading, "an index is no verdict"
    withheld = silos.numbers[silos.numbers["segment"].isin(SMALL)]
    assert withheld[["value", "people", "expected", "p"]].isna().all(axis=None)


def test_connections_say_how_many_hang_together(demo: Snapshot, pages: dict[str, Page]) -> None:
    row = demo.results("giant_component", grain="quarter", dimension="all").set_index("period").loc["2026-07-01"]
    assert f"{row['numerator']:.0f} of {row['denominator']:.0f}" in pages["connections"].support
    assert pages["connections"].answer == "All six groups shown keep to themselves more than chance."


def test_journeys_say_what_was_not_reached_in_ninety_days(demo: Snapshot, pages: dict[str, Page]) -> None:
    for quarter in read_periods(demo, "quarter"):
        page = read_journeys(demo, quarter.period, None)
        assert page
        first = panel(page, "time_to_first")
        open_ones = demo.query(
            """select count(*) as n
               from results
               where metric = 'time_to_first'
                 and grain = 'quarter'
                 and dimension = 'all'
                 and period = ?
                 and value is null
                 and status in ('final', 'provisional')""",
            [quarter.period],
        )["n"].iloc[0]
        assert first.reading.count("more than 90 days") == open_ones


def test_events_and_conversations_hold_the_numbers_without_a_chart(pages: dict[str, Page]) -> None:
    talk = pages["conversations"].tables[0].rows.set_index("What")["Number"]
    assert talk["Half of the posts had their first reply within"].endswith("hours")
    events = pages["events"].tables[0].rows.set_index("What")["Number"]
    assert int(events["Events held"]) == sum(int(n) for what, n in events.items() if str(what).startswith("Of these"))
