"""Mentoring effect: mentees beside comparable members, leavers included, with the variance that holds for many small strata."""

from datetime import date, timedelta
from math import isclose, isnan, sqrt
from pathlib import Path

import numpy as np
import pytest

import pipeline
from metrics.mentoring_effect import find_difference
from metrics.snapshot import Role, Snapshot, current_id, published_folder
from tests.facts import rows, warehouse_of
from tests.registers import keep_register, number, values_of
from tests.uploads import upload

COVERS = ("2025-10-01", "2026-12-31")
START = date(2026, 2, 2)
Q1 = "2026-01-01"


def test_one_stratum_is_the_difference_of_two_shares() -> None:
    """30 of 40 against 30 of 60: 0.25. The error is near that of two independent shares, 0.094."""
    found = find_difference([30], [40], [30], [60])
    assert found.value == pytest.approx(30 / 40 - 30 / 60)
    assert found.error == pytest.approx(sqrt(0.75 * 0.25 / 40 + 0.5 * 0.5 / 60), rel=0.02)
    assert (found.exposed, found.compared) == (40, 60)


def test_strata_are_weighted_by_what_both_sides_have() -> None:
    """Differences 0.5 (10 and 10: weight 5) and 0.1 (10 and 30: weight 7.5); the third has nobody to compare with."""
    found = find_difference([8, 6, 5], [10, 10, 5], [3, 15, 0], [10, 30, 0])
    assert found.value == pytest.approx((0.5 * 5 + 0.1 * 7.5) / (5 + 7.5))
    assert (found.exposed, found.compared) == (20, 40)
    assert isnan(find_difference([1], [1], [0], [0]).value)


def test_the_interval_holds_in_many_small_strata() -> None:
    """40 strata of one mentee and three others, true difference 0.2: 95 % intervals hold it in about 95 % of 2,000 draws."""
    random = np.random.default_rng(7)
    held = 0
    for _ in range(2000):
        base = random.uniform(0.2, 0.6, 40)
        found = find_difference(random.binomial(1, base + 0.2), np.ones(40), random.binomial(3, base), np.full(40, 3))
        held += abs(found.value - 0.2) <= 1.96 * found.error
    assert 0.93 <= held / 2000 <= 0.97


def community(*, mentees: int, others: int, stayed: int, others_stayed: int) -> tuple[str, str, str]:
    """Members who were all active before 2 February 2026, the first of them mentored from then on by `guide`, staff; who
    stayed says something again in the window before 1 August. One mentee leaves in May, so that leavers are there too.
    """
    names = [f"m{place}" for place in range(mentees)] + [f"o{place}" for place in range(others)]
    left = {f"m{mentees - 1}": "2026-05-01"}
    members = "| who | type | left |\n| guide | staff | |\n" + "".join(
        f"| {n} | | {left.get(n, '')} |\n" for n in names
    )
    again = START + timedelta(days=170)
    kept = {f"m{place}" for place in range(stayed)} | {f"o{place}" for place in range(others_stayed)}
    said = [f"| 2026-01-20 09:00 | {name} | guide |" for name in names]
    said += [f"| {again} 09:00 | {name} | guide |" for name in names if name in kept]
    pairs = "| pair_id | mentor | mentee | started_on |\n" + "".join(
        f"| p{place} | guide | m{place} | {START} |\n" for place in range(mentees)
    )
    return members, "| at | from | to |\n" + "\n".join(said), pairs


def test_mentees_are_held_against_members_without_a_mentor() -> None:
    """30 of 40 mentees stay, 24 of 60 others: 35 points more, beyond chance. The leaver is among the ten who did not stay."""
    members, said, pairs = community(mentees=40, others=60, stayed=30, others_stayed=24)
    with warehouse_of(members=members, interactions=said, covers=COVERS) as connection:
        keep_register(connection, "mentoring", pairs)
        values = values_of(connection, date(2026, 12, 31))
        effect = number(values, "mentoring_effect", Q1)
    assert isclose(effect["value"], 30 / 40 - 24 / 60)
    assert effect["low"] < effect["value"] < effect["high"]
    assert (effect["people"], effect["verdict"], effect["status"]) == (40, "improved", "final")


def test_few_mentees_are_not_tested_and_very_few_are_withheld() -> None:
    members, said, pairs = community(mentees=12, others=40, stayed=11, others_stayed=10)
    with warehouse_of(members=members, interactions=said, covers=COVERS) as connection:
        keep_register(connection, "mentoring", pairs)
        shown = number(values_of(connection, date(2026, 12, 31), k=10), "mentoring_effect", Q1)
        hidden = number(values_of(connection, date(2026, 12, 31), k=13), "mentoring_effect", Q1)
    assert (shown["verdict"], shown["people"]) == ("not tested", 12)
    assert isnan(shown["p"])
    assert hidden["status"] == "withheld"
    assert hidden[["value", "people", "low", "high", "p"]].isna().all()


def test_a_cohort_waits_for_its_window() -> None:
    """On 31 July the window of 2 February is not over (181st day: 1 August), on 2 August it is, and the quarter's end is not."""
    members, said, pairs = community(mentees=40, others=60, stayed=30, others_stayed=24)
    with warehouse_of(members=members, interactions=said, covers=COVERS) as connection:
        keep_register(connection, "mentoring", pairs)
        early = values_of(connection, date(2026, 7, 31))
        later = number(values_of(connection, date(2026, 8, 2)), "mentoring_effect", Q1)
    assert "mentoring_effect" not in set(early["metric"])
    assert (later["status"], later["verdict"]) == ("provisional", "not tested")


def test_a_cohort_outside_coverage_is_no_number() -> None:
    """Coverage begins on 20 January: of the 28 days before 2 February fifteen are unknown."""
    members, said, pairs = community(mentees=40, others=60, stayed=30, others_stayed=24)
    with warehouse_of(members=members, interactions=said, covers=("2026-01-20", "2026-12-31")) as connection:
        keep_register(connection, "mentoring", pairs)
        values = values_of(connection, date(2026, 12, 31))
    assert "mentoring_effect" not in set(values["metric"])


def test_its_own_verdict_is_what_is_published(home: Path) -> None:
    """Quarters are judged by their weeks, and what has none is not tested; this number comes with a test of its own."""
    members, said, pairs = community(mentees=40, others=60, stayed=30, others_stayed=24)
    (home / "settings.toml").write_text("as_of = 2026-12-31\n", encoding="utf-8")
    lines = {
        "members": ["member_id,member_type,left_on"]
        + [f"{row['who']},{row['type'] or ''},{row['left'] or ''}" for row in rows(members)],
        "interactions": ["occurred_at,actor_id,target_id"]
        + [f"{row['at']},{row['from']},{row['to']}" for row in rows(said)],
        "mentoring": ["pair_id,mentor_id,mentee_id,started_on"]
        + [",".join(map(str, row.values())) for row in rows(pairs)],
    }
    covers = {"interactions": {"covers": (date(2025, 10, 1), date(2026, 12, 31))}}
    sent = [
        upload(home, "\n".join(text) + "\n", kind, name=f"{kind}.csv", **covers.get(kind, {}))
        for kind, text in lines.items()
    ]
    pipeline.take_in(home, sent)
    published = Snapshot(published_folder(home) / current_id(home), Role.MEMBER)
    found = published.results("mentoring_effect", grain="quarter").iloc[0]
    published.close()
    assert (found["period"], found["verdict"], found["status"]) == (Q1, "improved", "final")
    assert isclose(found["value"], 30 / 40 - 24 / 60)
