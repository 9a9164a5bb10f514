"""A group in which more people answered than the roster holds was a census on every question that somebody skipped.

Forty say that they are in a team of thirty, and thirty of them answer the last question: all of it, it seemed, so one more
favourable answer of thirty in the next wave was an improvement without any margin.
"""

import pandas as pd

from tests.waves import TWO_WAVES, find, measured, waves_of

ITEMS = "| item | min | max |\n| first | 1 | 5 |\n| last | 1 | 5 |"


def side(favourable: int) -> pd.DataFrame:
    last = [4] * favourable + [2] * (30 - favourable) + [None] * 10
    return pd.DataFrame({"first": [4] * 20 + [2] * 20, "last": last, "team": "red"}, dtype=object)


def test_a_question_that_thirty_of_forty_answered_is_no_census_of_thirty() -> None:
    members = "| who | team |\n" + "".join(f"| m{n} | red |\n" for n in range(30))
    with waves_of(
        items=ITEMS, waves=TWO_WAVES, said={"spring": side(15), "autumn": side(16)}, members=members
    ) as connection:
        change = find(measured(connection), "wave_change", "favourable:last", wave="autumn", segment="red")
    assert change["high"] - change["low"] > 40
    assert change["p"] > 0.5
    assert change["verdict"] == "no detectable change"


def test_an_index_with_a_question_of_eleven_points_is_the_same_in_linked_waves() -> None:
    """Pride rises by 25, the recommendation stays: the index rises by half of it, for all and in the same people."""
    items = "| item | kind | min | max | construct |\n| pride | likert | 1 | 5 | engagement |\n| recommend | nps | 0 | 10 | engagement |"
    waves = "| wave | opened | closed | linked |\n| spring | 2026-03-01 | 2026-03-15 | yes |\n| autumn | 2026-09-01 | 2026-09-15 | yes |"
    before = pd.DataFrame(
        {"pride": [3] * 40, "recommend": [n % 11 for n in range(40)], "key": [f"p{n}" for n in range(40)]}
    )
    said = {"spring": before, "autumn": before.assign(pride=4)}
    with waves_of(items=items, waves=waves, said=said) as connection:
        results = measured(connection, dimensions=())
    for metric in ("wave_change", "panel_change"):
        assert find(results, metric, "index:engagement_index", wave="autumn")["value"] == 12.5
