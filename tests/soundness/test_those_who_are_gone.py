"""Who had left was still counted: as somebody who stayed away from an event, and as the life of a channel.

And a kind of facts that nobody loads any more, because its last source was ended, took every number that would have been
content with another kind.
"""

from datetime import date

import pytest

from tests.communities import results_of
from tests.facts import cells_of, value, warehouse_of

AS_OF = date(2027, 1, 1)
COVERS = ("2026-01-01", "2026-12-31")


@pytest.mark.parametrize("leavers", [0, 20])
def test_leavers_make_no_lift(leavers: int) -> None:
    """Twenty came and twenty stayed away, both with twenty new pairs of 190; who left in April changes nothing in June."""
    names, gone = [f"m{n:02}" for n in range(40)], [f"g{n:02}" for n in range(leavers)]
    talk = [f"| 2026-05-04 09:00 | {who} | {names[(n + 20) % 40]} |" for n, who in enumerate(names)]
    talk += [f"| 2026-04-06 09:00 | {who} | {names[20 + n % 20]} |" for n, who in enumerate(gone)]
    talk += [f"| 2026-06-08 09:00 | {who} | {names[n // 20 * 20 + (n + 1) % 20]} |" for n, who in enumerate(names)]
    with warehouse_of(
        members="| who | left |\n"
        + "".join(f"| {who} | |\n" for who in names)
        + "".join(f"| {who} | 2026-04-10 |\n" for who in gone),
        interactions="\n".join(["| at | from | to |", *talk]),
        events="| event | on |\n| e1 | 2026-06-01 |",
        attendance="| event | who |\n" + "".join(f"| e1 | {who} |\n" for who in names[:20]),
        covers=COVERS,
    ) as connection:
        cells = cells_of(connection, AS_OF)
    assert value(cells, "event_lift", "2026-04-01", breakdown="e1", column="expected") == pytest.approx(20 / 190)
    assert value(cells, "event_lift", "2026-04-01", breakdown="e1") == pytest.approx(0)


def test_a_channel_does_not_live_by_who_left_it() -> None:
    joined = "".join(f"| club | m{n} | 2026-01-01 | |\n" for n in range(1, 8))
    with warehouse_of(
        members="| who |\n" + "".join(f"| m{n} |\n" for n in range(10)),
        interactions="| at | from | channel |\n| 2026-03-19 09:00 | m0 | club |",
        channels=f"| channel | who | joined | left |\n{joined}| club | m0 | 2026-01-01 | 2026-03-20 |",
        covers=COVERS,
    ) as connection:
        cells = cells_of(connection, AS_OF)
    for grain, period in (("month", "2026-03-01"), ("quarter", "2026-01-01")):
        assert value(cells, "active_channels", period, grain=grain, column="numerator") == 0
        assert value(cells, "active_channels", period, grain=grain, column="denominator") == 1


def test_a_kind_whose_sources_have_ended_is_not_asked_for() -> None:
    months = [f"2026-{month:02}-10" for month in range(1, 13)]
    with warehouse_of(
        members="| who | team |\n" + "".join(f"| m{n} | A |\n" for n in range(6)),
        interactions="| at | from |\n" + "".join(f"| {day} 09:00 | m{n} |\n" for day in months for n in range(6)),
        events="| event | on |\n| e1 | 2026-01-12 |",
        attendance="| event | who |\n| e1 | m0 |",
        covers=COVERS,
    ) as connection:
        connection.execute("update batches set covers_to = date '2026-02-28' where kind = 'attendance'")
        connection.execute("insert into ended_sources values ('canonical', 'attendance', '2026-02-28')")
        results = results_of(connection, AS_OF)
    found = results[
        (results["metric"] == "member_flow") & (results["grain"] == "quarter") & (results["segment"] == "all")
    ]
    later = found[(found["period"] == "2026-07-01") & (found["breakdown"] == "returning")].iloc[0]
    assert (later["value"], later["status"]) == (6, "final")
