"""One member list spoilt in more than two hundred ways: each is read right or refused, none is another table."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from bench.messy import HEADER, Messy, clean_rows, spoil
from bench.odd_files import REFUSED, RIGHT, judge, read_with_hearth
from data.store import warehouse

SPOILT = list(spoil())
FAMILIES = sorted({messy.family for messy in SPOILT})
# What is the same table in another dress is to be read, not refused.
ALWAYS_READ = {"encoding": 10, "separator": 29, "quote": 2, "line ends": 11, "above": 24, "header": 11}


def read_all(home: Path, lists: Sequence[Messy]) -> dict[str, str]:
    """How each list came out, by its family and name."""
    outcomes = {}
    file = home / "members.csv"
    with warehouse(home, reach=(file,)) as connection:
        for messy in lists:
            file.write_bytes(messy.content)
            outcomes[f"{messy.family}: {messy.name}"] = judge(
                read_with_hearth(connection, home, file), (HEADER, clean_rows())
            )
    return outcomes


def neither_right_nor_refused(outcomes: Mapping[str, str]) -> dict[str, str]:
    return {name: found for name, found in outcomes.items() if found not in (RIGHT, REFUSED)}


def test_a_spoilt_list_is_read_right_or_refused(home: Path) -> None:
    """Every sixth of them; `make prove` reads all."""
    outcomes = read_all(home, SPOILT[::6])
    assert neither_right_nor_refused(outcomes) == {}
    assert list(outcomes.values()).count(RIGHT) >= len(outcomes) // 3


@pytest.mark.prove
@pytest.mark.parametrize("family", FAMILIES)
def test_every_spoilt_list_is_read_right_or_refused(home: Path, family: str) -> None:
    outcomes = read_all(home, [messy for messy in SPOILT if messy.family == family])
    assert neither_right_nor_refused(outcomes) == {}
    assert list(outcomes.values()).count(RIGHT) >= ALWAYS_READ.get(family, 0)


def test_the_lists_are_really_spoilt() -> None:
    assert len(SPOILT) >= 200
    assert len({messy.content for messy in SPOILT}) > 200
