"""Wrong number: mentoring "works" because people began it in a quiet moment, or because those who left are not counted.

Other systems compare before with after (zero becomes one for anybody who was quiet), or divide by those who are found again.
"""

from datetime import date, timedelta
from math import isclose

from tests.facts import warehouse_of
from tests.registers import keep_register, number, values_of

COVERS = ("2025-10-01", "2026-12-31")
START = date(2026, 2, 2)


def test_regression_to_the_mean_is_no_effect() -> None:
    """Everybody was quiet in the four weeks before; half of the mentees and half of the others say something later.

    Before and after: mentees went from 0 to 0.5. Beside comparable members: no difference at all.
    """
    names = [f"m{place}" for place in range(40)] + [f"o{place}" for place in range(40)]
    later = START + timedelta(days=165)
    said = [f"| {later} 09:00 | {name} | guide |" for name in names[::2]]
    before, after = 0 / 40, 20 / 40
    with warehouse_of(
        members="| who | type |\n| guide | staff |\n" + "".join(f"| {name} | |\n" for name in names),
        interactions="| at | from | to |\n" + "\n".join(said),
        covers=COVERS,
    ) as connection:
        keep_register(
            connection,
            "mentoring",
            "| pair_id | mentor | mentee | started_on |\n"
            + "".join(f"| p{place} | guide | m{place} | {START} |\n" for place in range(40)),
        )
        effect = number(values_of(connection, date(2026, 12, 31)), "mentoring_effect", "2026-01-01")
    assert after - before == 0.5, "the naive formula"
    assert effect["value"] == 0
    assert effect["verdict"] == "no detectable change"


def test_who_left_stays_in_the_count() -> None:
    """Of 40 mentees 20 leave in spring and 15 of the rest are active; of 40 others 20 are. 15 of 20 found again looks like
    75 %; of all who began it is 15 of 40, which is less than the 20 of 40 without a mentor.
    """
    mentees, others = [f"m{place}" for place in range(40)], [f"o{place}" for place in range(40)]
    later = START + timedelta(days=165)
    members = "| who | type | left |\n| guide | staff | |\n" + "".join(
        f"| {name} | | {'2026-04-15' if place >= 20 and name in mentees else ''} |\n"
        for side in (mentees, others)
        for place, name in enumerate(side)
    )
    said = [f"| 2026-01-20 09:00 | {name} | guide |" for name in (*mentees, *others)]
    said += [f"| {later} 09:00 | {name} | guide |" for name in (*mentees[:15], *others[:20])]
    with warehouse_of(
        members=members, interactions="| at | from | to |\n" + "\n".join(said), covers=COVERS
    ) as connection:
        keep_register(
            connection,
            "mentoring",
            "| pair_id | mentor | mentee | started_on |\n"
            + "".join(f"| p{place} | guide | {name} | {START} |\n" for place, name in enumerate(mentees)),
        )
        effect = number(values_of(connection, date(2026, 12, 31)), "mentoring_effect", "2026-01-01")
    naive = 15 / 20 - 20 / 40
    assert naive > 0
    assert isclose(effect["value"], 15 / 40 - 20 / 40)
