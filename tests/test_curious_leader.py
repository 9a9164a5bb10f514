"""Whoever reads what a role is shown, and knows the organisation chart, learns of no group that is too small."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from metrics.audit import hold
from metrics.disclosure import withhold
from tests.curious import Reader, gate_of, organisation, results_of
from tests.figures_of_proof import record
from tests.test_released_figures import ITEMS, add_answers, favourable, publish, said
from tests.waves import measured, repeated, waves_of

ROLES = {"manager": 5, "leader": 10}


def release_to_roles(organisations: Sequence[pd.DataFrame]) -> Iterator[tuple[int, pd.DataFrame, pd.DataFrame]]:
    """What each role sees of one question, built from what the role before sees, attacked and mended as a publish does.

    For every role and organisation: k, who answered, and what is released. All go through the gate at once, a wave each.
    """
    results = pd.concat([results_of(people, str(number)) for number, people in enumerate(organisations)])
    with gate_of(results) as connection:
        source = "results"
        for role, k in ROLES.items():
            target = f"released_{role}"
            withhold(connection, source, target, k, "results")

            def settle(table: str, k: int = k) -> None:
                withhold(connection, table, table, k, "results")

            hold(connection, target, k, settle)
            released = connection.execute(f"from {target} order by all").df()
            for wave, cells in released.groupby("period"):
                yield k, organisations[int(str(wave))], cells
            source = target


def attack_many(first: int, count: int, bounded: int) -> dict[str, float]:
    """Organisations by number: groups attacked and recovered, and of those large enough how many are shown.

    Linear programs, which cost the most, are solved for the first `bounded` releases of each role.
    """
    attacked = recovered = eligible = shown = 0
    widths: dict[int, list[list[float]]] = {}
    for k, people, released in release_to_roles([organisation(number) for number in range(first, first + count)]):
        reader = Reader(released, people, k)
        attacked += len(reader.attacked)
        recovered += len({*reader.find_small(), *reader.subtract(), *reader.combine()})
        of_role = widths.setdefault(k, [])
        if len(of_role) < bounded:
            of_role.append(list(reader.bound().values()))
        large = [
            cell["status"] != "withheld"
            for cell, size in zip(reader.cells, reader.people, strict=True)
            if size >= k and cell["dimension"] != "all"
        ]
        eligible += len(large)
        shown += sum(large)
    every = [width for of_role in widths.values() for some in of_role for width in some]
    return {
        "attacked": attacked, "recovered": recovered, "shown_share": round(shown / eligible, 4), "organisations": count,
        "bounded": len(every), "narrowest": round(min(every), 3), "median": round(float(np.median(every)), 3),
        "under_a_quarter": sum(width < 0.25 - 1e-9 for width in every),
    }  # fmt: skip


def test_a_curious_leader_learns_nothing() -> None:
    found = attack_many(0, 40, 8)
    assert found["recovered"] == 0
    assert found["shown_share"] >= 0.85
    assert found["attacked"] > 200
    assert found["under_a_quarter"] <= 0.02 * found["bounded"]


@pytest.mark.prove
def test_a_curious_leader_learns_nothing_of_ten_thousand_groups() -> None:
    found = attack_many(10_000, 1200, 100)
    record("curious leader", **found)
    assert found["attacked"] >= 10_000
    assert found["recovered"] == 0
    assert found["shown_share"] >= 0.85
    assert found["under_a_quarter"] <= 0.01 * found["bounded"]


def guess_newest(shown: list[tuple[float, int]]) -> list[float]:
    """What follows of one newest answer from two figures that are one answer apart."""
    return [
        round(after[0] * after[1] - before[0] * before[1], 6)
        for before, after in pairwise(shown)
        if after[1] - before[1] == 1
    ]


def test_the_attack_on_refreshes_works_on_what_is_not_protected() -> None:
    """Mean and n after each answer, as a live dashboard shows them: every newest answer follows."""
    answers = [1, 0, 0, 1, 1, 0, 1]
    shown = [(sum(answers[:n]) / n, n) for n in range(1, len(answers) + 1)]
    assert guess_newest(shown) == answers[1:]


def replay(home: Path, open_answers: int, late: int) -> tuple[int, int]:
    """Answers that come one by one, published after each: how many there were, and how many of them follow."""
    computable = 0
    for number in range(1, open_answers + 1):
        wave = "| wave | opened | closed | invited |\n| spring | 2026-03-01 | | 40 |"
        drawn = repeated(heard={4: number - number // 3, 2: number // 3}).assign(team="Care")
        with waves_of(items=ITEMS, said={"spring": drawn}, waves=wave) as connection:
            measured(connection)
            withhold(connection, "survey_results", "released", 5)
            computable += len(
                connection.execute(
                    "select distinct metric from released where metric <> 'survey_response' and value is not null"
                ).fetchall()
            )
    with waves_of(items=ITEMS, said=said(15, 30)) as connection:
        publish(connection, home, "0")
        shown = [favourable(home)]
        for number in range(late):
            add_answers(connection, 1)
            publish(connection, home, str(number + 1))
            shown.append(favourable(home))
    return open_answers + late, computable + len(guess_newest(shown))


def count_uncoded(first: int, count: int) -> tuple[int, int]:
    """Groups of one mind, for each role, in organisations where most agree: how many there are, and how many are shown uncoded."""
    drawn = [organisation(n, agreeing=0.9 if n % 2 else 0.08) for n in range(first, first + count)]
    agreeing = uncoded = 0
    for _, people, released in release_to_roles(drawn):
        counts = {
            row["segment"]: (int(row["numerator"]), int(row["people"]))
            for row in results_of(people).to_dict("records")
            if row["dimension"] != "all"
        }
        agreeing += sum(n < 20 and not 1 < yes < n - 1 for yes, n in counts.values())
        uncoded += len(Reader(released, people, 5).find_uncoded(counts))
    return agreeing, uncoded


def test_no_newest_answer_follows_and_no_group_of_one_mind_is_uncoded(home: Path) -> None:
    assert replay(home, 2, 5) == (7, 0)
    agreeing, uncoded = count_uncoded(0, 20)
    assert agreeing > 10
    assert uncoded == 0


@pytest.mark.prove
def test_no_newest_answer_follows_however_many_come(home: Path) -> None:
    refreshes, recovered = replay(home, 25, 40)
    agreeing, uncoded = count_uncoded(20_000, 120)
    record("live refresh, unanimity", refreshes=refreshes, recovered=recovered, agreeing=agreeing, uncoded=uncoded)
    assert recovered == 0
    assert uncoded == 0
