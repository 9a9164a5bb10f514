"""Counted where it should not be: an event without a time as one at midnight, a workshop twice, a writer on a topic of nobody else.

And who gave answers after the day of publishing was read for a day before, once the wave was closed.
"""

from datetime import date

import pandas as pd
import pytest

from tests.facts import cells_of, counts, value, warehouse_of
from tests.registers import values_of
from tests.waves import drawn, find, measured, repeated, waves_of

AS_OF = date(2027, 1, 1)
COVERS = ("2026-01-01", "2026-12-31")
Q1 = "2026-01-01"


def test_a_day_without_a_time_is_no_midnight() -> None:
    with warehouse_of(
        members="| who |\n| ann |\n| bob |",
        events="| event | on |\n| e1 | 2026-01-20 |\n| e2 | 2026-01-21 10:00 |\n| e3 | 2026-04-21 |",
        attendance="| event | who |\n| e1 | ann |",
        covers=COVERS,
    ) as connection:
        cells = cells_of(connection, AS_OF)
    assert counts(cells, "schedule_inclusion", Q1, grain="quarter") == (2, 2)
    assert pd.isna(counts(cells, "schedule_inclusion", "2026-04-01", grain="quarter")[0]), "no hour is known"


def test_a_workshop_by_two_ids_is_one_of_its_length() -> None:
    """Ann came by telephone for 40 and by laptop for 60 minutes."""
    with warehouse_of(
        members="| who |\n| ann |\n| ann2 |\n| bob |",
        events="| event | on | type |\n| w1 | 2026-01-20 | workshop |",
        attendance="| event | who |\n| w1 | ann |\n| w1 | ann2 |",
        covers=COVERS,
    ) as connection:
        connection.execute("update attendance set minutes = 20 * (2 + person)")
        connection.execute("delete from members where person = 1")
        connection.execute("insert into aliases by name select 1 as person, 0 as member")
        cells = values_of(connection, AS_OF)
    assert counts(cells, "learning_hours", Q1, grain="quarter") == (1, 2)


def test_people_of_the_radar_write_on_topics_that_two_teams_share() -> None:
    """Six of A and B on rota; three of C on pay alone."""
    writers = [f"{team}{n}" for team in "abc" for n in range(3)]
    talk = "".join(f"| 2026-02-03 09:00 | {who} | {'pay' if who[0] == 'c' else 'rota'} |\n" for who in writers)
    with warehouse_of(
        members="| who | team |\n" + "".join(f"| {who} | {who[0].upper()} |\n" for who in writers),
        interactions="| at | from | topic |\n" + talk,
        covers=COVERS,
    ) as connection:
        cells = cells_of(connection, AS_OF)
    assert value(cells, "duplication_radar", Q1, column="people") == 6
    assert value(cells, "duplication_radar", Q1) == 1


ITEMS = "| item | min | max |\n| heard | 1 | 5 |\n| told | 1 | 5 |"


@pytest.mark.parametrize(("as_of", "answered"), [(date(2026, 3, 20), 2), (date(2026, 3, 21), 3), (date(2026, 4, 1), 4)])
def test_answers_after_the_day_of_publishing_are_not_read(as_of: date, answered: int) -> None:
    """The wave closed on the 15th; two in time, one on the 21st, one on the 25th."""
    said = drawn(
        """
        | heard | submitted           |
        | 4     | 2026-03-02 10:00:00 |
        | 4     | 2026-03-14 10:00:00 |
        | 4     | 2026-03-21 10:00:00 |
        | 4     | 2026-03-25 10:00:00 |
        """
    )
    with waves_of(items=ITEMS, said={"spring": said}) as connection:
        results = measured(connection, as_of=as_of)
    assert find(results, "item_score", "heard")["people"] == answered


def test_a_question_that_nobody_answered_was_left_blank_by_all() -> None:
    said = repeated(heard={4: 20})
    with waves_of(items=ITEMS, said={"spring": said.assign(told=None)}) as connection:
        row = find(measured(connection), "item_nonresponse", "told")
    assert (row["value"], row["numerator"], row["denominator"]) == (1, 20, 20)


def test_a_silent_third_of_one_dimension_leaves_no_weighted_score() -> None:
    """Beside it another dimension would do, and the formula says all of them: the score would change its meaning unseen."""
    teams = ("red", "green", "blue")
    people = [(f"p{n}", teams[n % 3]) for n in range(60)]
    said = pd.DataFrame({"heard": [4] * 30, "team": ["red", "green"] * 15})
    with waves_of(
        items=ITEMS,
        said={"spring": said},
        members="| who | team |\n" + "".join(f"| {who} | {team} |\n" for who, team in people),
    ) as connection:
        connection.execute(
            "insert into segments select person, valid_from, 'site', case when person % 2 = 0 then 'north' else 'south' end from members"
        )
        connection.execute(
            "insert into respondent_segments by name select wave, respondent, 'site' as dimension, case when respondent // 2 % 2 = 0 then 'north' else 'south' end as segment from respondents"
        )
        assert "weighted_item_score" in set(measured(connection, dimensions=("site",))["metric"])
        assert "weighted_item_score" not in set(measured(connection, dimensions=("site", "team"))["metric"])
