"""Simple survey numbers against ten lines of pandas, on small surveys drawn at random."""

from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.waves import measured, waves_of

ITEMS = "| item | min | max | reverse |\n| a | 1 | 5 | |\n| b | 1 | 5 | yes |\n| c | 1 | 5 | |\n| d | 1 | 5 | |\n| e | 1 | 5 | |"
NAMES = list("abcde")
CELLS = st.one_of(st.integers(1, 5), st.sampled_from(["n/a", None]))


@given(st.lists(st.tuples(*[CELLS] * 5), min_size=1, max_size=12))
def test_camps_blanks_ceilings_and_straight_lines(people: list[tuple[Any, ...]]) -> None:
    said = pd.DataFrame(people, columns=NAMES, dtype=object)
    codes = said.apply(pd.to_numeric, errors="coerce").astype(float)
    here = codes.notna().any(axis=1)  # who gave no code at all did not complete the survey
    turned = codes.assign(b=6 - codes["b"])
    blank = said[NAMES].isna() & here.to_numpy()[:, None]
    expected: dict[tuple[str, str], float] = {}
    for item in NAMES:
        if here.any():
            expected["item_nonresponse", item] = blank[item].sum() / here.sum()
        given_codes = turned[item].dropna()
        if len(given_codes):
            camps = (given_codes >= 4).mean(), (given_codes <= 2).mean()
            expected |= {("divided_opinion", item): min(camps), ("ceiling", item): (given_codes == 5).mean()}
            expected |= {("neutral", item): (given_codes == 3).mean(), ("unfavourable", item): camps[1]}
    whole = codes[codes.notna().all(axis=1)]
    if len(whole):
        expected["straight_lining", "all"] = (whole.nunique(axis=1) == 1).mean()
    with waves_of(items=ITEMS, said={"spring": said}) as connection:
        results = measured(connection, dimensions=())
    names = {name for name, _ in expected} | {"straight_lining", "divided_opinion", "ceiling", "item_nonresponse"}
    found = results[results["metric"].isin(names)].set_index(["metric", "breakdown"])["value"]
    assert found.to_dict() == pytest.approx(expected)
