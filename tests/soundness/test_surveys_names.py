"""Numbers that took another one's place because the two were called alike.

A question called like its construct gave two numbers under one key; a construct and an index of one name took each other's
pools; a tile took the change of the first question whose name began like its own.
"""

import pandas as pd

from ingest.questions import Item, name_items
from report.models.waves import LABEL, label_rows
from tests.waves import find, measured, repeated, waves_of


def test_a_question_called_like_a_construct_goes_by_another_name() -> None:
    items = [
        Item(column="voice", kind="likert", scale_min=1, scale_max=5, construct="voice"),
        Item(column="heard", kind="likert", scale_min=1, scale_max=5, construct="voice"),
    ]
    named, warnings = name_items(items, [])
    assert [item.item_id for item in named] == ["voice.2", "heard"]
    assert "called like a construct" in warnings[0]


def test_the_pool_of_an_index_is_not_that_of_the_construct_of_its_name() -> None:
    """Of red 10 answered enough for the construct and 9 for the index: under ten the index pools them, the construct does not."""
    red = repeated(calm={5: 13}, time={5: 13}).astype("Int64").assign(team="red")
    red.loc[:2, "time"] = None
    red.loc[3, "calm"] = None
    others = [
        repeated(calm={code: n}, time={code: n}).assign(team=team)
        for team, n, code in (("blue", 14, 1), ("green", 60, 3))
    ]
    said = pd.concat([red, *others], ignore_index=True).astype(object)
    members = "".join(
        f"| {team}{n} | {team} |\n" for team, size in (("red", 20), ("blue", 60), ("green", 80)) for n in range(size)
    )
    found = []
    for construct in ("wellbeing", "calmness"):
        items = f"| item | min | max | construct |\n| calm | 1 | 5 | {construct} |\n| time | 1 | 5 | {construct} |"
        with waves_of(items=items, said={"spring": said}, members="| who | team |\n" + members) as connection:
            found.append(find(measured(connection), "weighted_item_score", construct)["value"])
    assert found[0] == found[1]


def test_rows_that_would_read_alike_carry_a_number() -> None:
    labels = label_rows(["psychological_safety_mistakes", "psychological_safety_risks", "heard"])
    assert len(set(labels.values())) == 3
    assert max(map(len, labels.values())) <= LABEL
