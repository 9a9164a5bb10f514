"""People who vanished raised the retention rate.

vivainsights `identify_retention` divides by those who are found in the later period: whoever left the company is in
neither number, so a community that drives people away looks loyal.
"""

from datetime import date

from tests.facts import cells_of, counts, warehouse_of

COVERS = ("2026-01-01", "2026-06-30")


def test_leavers_stay_in_the_denominator() -> None:
    """Ten were active in the first quarter; six left, of the four who stayed three are active again."""
    members = "| who | left |\n" + "".join(f"| m{n} | {'2026-03-20' if n >= 4 else ''} |\n" for n in range(10))
    talk = "| at | from |\n" + "".join(f"| 2026-02-03 09:00 | m{n} |\n" for n in range(10))
    talk += "".join(f"| 2026-05-05 09:00 | m{n} |\n" for n in range(3))
    with warehouse_of(members=members, interactions=talk, covers=COVERS) as connection:
        cells = cells_of(connection, date(2026, 7, 1))
    kept, active_before = counts(cells, "quarter_retention", "2026-04-01", grain="quarter")
    found_later = 4
    assert kept / found_later == 3 / 4, "the naive rate"
    assert kept / active_before == 3 / 10


def test_the_published_difference_of_two_groups() -> None:
    """Viva Engage: 760 of 800 and 180 of 200 kept is +5.0 points; here with a fortieth of the people, 19 of 20 and 9 of 10."""
    members = "| who | team |\n" + "".join(f"| m{n:02} | {'engaged' if n < 20 else 'other'} |\n" for n in range(30))
    talk = "| at | from |\n" + "".join(f"| 2026-02-03 09:00 | m{n:02} |\n" for n in range(30))
    talk += "".join(f"| 2026-05-05 09:00 | m{n:02} |\n" for n in range(30) if n not in (0, 29))
    with warehouse_of(members=members, interactions=talk, covers=COVERS) as connection:
        cells = cells_of(connection, date(2026, 7, 1))
    engaged, other = (
        counts(cells, "quarter_retention", "2026-04-01", grain="quarter", segment=team) for team in ("engaged", "other")
    )
    assert (engaged, other) == ((19, 20), (9, 10))
    assert round(100 * (engaged[0] / engaged[1] - other[0] / other[1]), 1) == 5.0
