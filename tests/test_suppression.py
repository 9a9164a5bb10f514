"""Tables of counts: no hidden cell can be worked out, whatever the shape of the table."""

from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from data.errors import HearthError
from metrics.disclosure import protect
from tests.facts import rows


def drawn(table: str) -> pd.DataFrame:
    frame = pd.DataFrame(rows(table))
    return frame.assign(count=frame["count"].astype(float))


def crossed(counts: np.ndarray, *names: str) -> pd.DataFrame:
    """A tidy table with all its margins from an array with one axis a dimension."""
    for axis in range(counts.ndim):
        counts = np.concatenate([counts, counts.sum(axis=axis, keepdims=True)], axis=axis)
    labels = [
        [*(f"{name}{place}" for place in range(size - 1)), "Total"]
        for name, size in zip(names, counts.shape, strict=True)
    ]
    frame = pd.DataFrame(list(product(*labels)), columns=list(names))
    return frame.assign(count=counts.astype(float).ravel())


def attack(published: pd.DataFrame, names: list[str], true: pd.Series) -> dict[int, tuple[float, float]]:
    """What a reader who knows only the shown cells, and that counts are not negative, can say of each hidden one.

    Unknown are the innermost cells; everything else is a sum of them. Nothing of the code under test is used.
    """
    inner = published[~published[names].eq("Total").any(axis=1)]
    sums = np.array(
        [
            [all(row[name] in ("Total", cell[name]) for name in names) for cell in inner.to_dict("records")]
            for row in published.to_dict("records")
        ],
        dtype=float,
    )
    shown = (published["status"] == "shown").to_numpy()
    found = {}
    for row in np.flatnonzero(~shown):
        ends = []
        for sign in (1, -1):
            answer = linprog(
                sign * sums[row], A_eq=sums[shown] if shown.any() else None, b_eq=true[shown] if shown.any() else None
            )
            assert answer.status in (0, 3)
            ends.append(sign * answer.fun if answer.status == 0 else np.inf)
        found[int(row)] = (ends[0], ends[1])
    return found


def test_the_next_group_hides_with_a_small_one() -> None:
    table = drawn("""
        | team  | count |
        | Care  | 40    |
        | Law   | 3     |
        | Sales | 9     |
        | Total | 52    |
    """)
    released = protect(table, 5)
    assert list(released["status"]) == ["shown", "primary", "secondary", "shown"]
    assert released["count"].isna().tolist() == [False, True, True, False]
    assert list(table.columns) == ["team", "count"], "the table given is left alone"


def test_what_is_hidden_together_is_never_a_small_group_itself() -> None:
    """2 + 2 hide each other, but 4 together are a small group too: the 6 goes with them."""
    table = drawn("""
        | team  | count |
        | a     | 2     |
        | b     | 2     |
        | c     | 6     |
        | d     | 30    |
        | Total | 40    |
    """)
    assert list(protect(table, 5)["status"]) == ["primary", "primary", "secondary", "shown", "shown"]


def test_waves_are_tables_of_their_own() -> None:
    table = drawn("""
        | wave | team  | count |
        | 1    | a     | 3     |
        | 1    | b     | 9     |
        | 1    | c     | 8     |
        | 1    | Total | 20    |
        | 2    | a     | 7     |
        | 2    | b     | 9     |
        | 2    | c     | 8     |
        | 2    | Total | 24    |
    """)
    assert list(protect(table, 5)["status"]) == ["primary", "shown", "secondary", "shown"] + ["shown"] * 4


def test_a_total_under_k_is_hidden_with_all_its_parts() -> None:
    table = drawn("""
        | team  | count |
        | a     | 3     |
        | b     | 0     |
        | Total | 3     |
    """)
    assert list(protect(table, 5)["status"]) == ["primary", "shown", "primary"]


def test_cells_already_marked_are_taken_as_they_are() -> None:
    table = drawn("""
        | team  | count |
        | a     | 30    |
        | b     | 20    |
        | c     | 50    |
        | Total | 100   |
    """)
    by_row = protect(table, 3, unsafe=[True, False, False, False])
    by_label = protect(table, 3, unsafe={("a",)})
    by_column = protect(table.assign(named=[True, False, False, False]), 3, unsafe="named", dimensions=["team"])
    for released in (by_row, by_label, by_column):
        assert list(released["status"]) == ["primary", "secondary", "shown", "shown"]


@pytest.mark.parametrize("minimal", [False, True])
def test_the_table_of_tau_argus_needs_two_more_cells(reference: Path, minimal: bool) -> None:
    file = pd.read_csv(reference / "sdc-small-tables" / "act_size_tauargus.csv", dtype={"ACTIVITY": "str"})
    unsafe = file["tauargus_status"].isin(["A", "B"])
    released = protect(file[["ACTIVITY", "SIZE", "VAL"]], 3, unsafe=unsafe, minimal=minimal)
    assert (released["status"] == "primary").tolist() == unsafe.tolist()
    assert (released["status"] == "secondary").sum() == 2
    ends = attack(released, ["ACTIVITY", "SIZE"], file["VAL"])
    assert all(high - low >= 30 for low, high in ends.values())


@pytest.mark.parametrize("minimal", [False, True])
@pytest.mark.parametrize("with_margins", [False, True])
def test_the_table_of_easy_sdc_table_hides_no_more_than_fifteen(
    reference: Path, minimal: bool, with_margins: bool
) -> None:
    file = pd.read_csv(reference / "sdc-small-tables" / "z2w_easysdctable.csv")
    regions, reasons = file["region"].unique(), file["reason"].unique()
    counts = file.pivot(index="region", columns="reason", values="count").loc[regions, reasons]
    whole = crossed(counts.to_numpy(), "region", "reason")
    named = {f"region{place}": region for place, region in enumerate(regions)}
    named |= {f"reason{place}": reason for place, reason in enumerate(reasons)}
    whole = whole.replace({"region": named, "reason": named})
    marked = file[file["status_gauss"] == "u"]
    unsafe = set(zip(marked["region"], marked["reason"], strict=True))
    table = whole if with_margins else whole[~whole[["region", "reason"]].eq("Total").any(axis=1)]
    released = protect(table, 4, unsafe=unsafe, minimal=minimal)
    assert (released["status"] == "primary").sum() == 8
    if minimal:
        assert (released["status"] != "shown").sum() <= 15
    seen = whole.merge(released[["region", "reason", "status"]], on=["region", "reason"], how="left").fillna(
        {"status": "shown"}
    )
    ends = attack(seen, ["region", "reason"], seen["count"])
    assert min(high - low for low, high in ends.values()) >= 3


@given(
    st.integers(1, 3).flatmap(lambda dimensions: st.tuples(*[st.integers(1, 4 if dimensions < 3 else 3)] * dimensions)),
    st.data(),
    st.sampled_from([3, 5, 10]),
    st.booleans(),
)
def test_no_hidden_cell_of_any_table_is_determined(
    shape: tuple[int, ...], data: st.DataObject, k: int, minimal: bool
) -> None:
    """The share that stays shown is not asked for here; that some table is protected by hiding all is right."""
    size = int(np.prod(shape))
    counts = np.array(data.draw(st.lists(st.integers(0, 25), min_size=size, max_size=size))).reshape(shape)
    names = ["a", "b", "c"][: len(shape)]
    table = crossed(counts, *names)
    released = protect(table, k, minimal=minimal)
    small = (table["count"] > 0) & (table["count"] < k)
    assert (released["status"] == "primary").tolist() == small.tolist()
    for row, (low, high) in attack(released, names, table["count"]).items():
        assert high - low > 0.5, table.loc[row].to_dict()
        assert released["status"][row] != "primary" or high >= k, "a small cell could be a large one"


def test_a_table_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(HearthError, match="no column of counts"):
        protect(pd.DataFrame({"team": ["a", "Total"]}), 5)
    with pytest.raises(HearthError, match="same cell"):
        protect(pd.DataFrame({"team": ["a", "a", "Total"], "count": [1, 2, 3]}), 5)
    with pytest.raises(HearthError, match="not all there"):
        protect(pd.DataFrame({"team": ["a", "Total"], "count": [1, None]}), 5)
