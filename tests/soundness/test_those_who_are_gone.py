"""Who had left was still counted: as somebody who stayed away from an event, and as the life of a channel.

And one who answered after having left was a member who answers, a partner who was staff when they met was a member met, and a
group that everybody left had lost no ties. And a kind of facts that nobody loads any more, because its last source was ended, took every number that would have been
content with another kind.
"""

from datetime import date

import pytest

from tests.communities import results_of
from tests.facts import cells_of, counts, value, warehouse_of

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


@pytest.mark.parametrize(("day", "before", "after"), [("left", (1, 1), (0, 1)), ("joined", (0, 1), (1, 1))])
def test_who_had_left_or_not_joined_yet_is_no_member_who_answers(
    day: str, before: tuple[int, int], after: tuple[int, int]
) -> None:
    """Those who had not joined counted and leavers did not, so in a community in which nothing changes but people the share fell
    from year to year, and its usual range cried out in every fourteenth week."""
    talk = """
    | at               | from | kind  | thread | id |
    | 2026-01-05 09:00 | ann  | post  | t1     | 01 |
    | 2026-01-05 10:00 | gus  | reply | t1     | 02 |
    | 2026-01-13 09:00 | ann  | post  | t2     | 03 |
    | 2026-01-13 10:00 | gus  | reply | t2     | 04 |
    """
    members = f"| who | {day} |\n| ann | |\n| gus | 2026-01-10 |"
    with warehouse_of(members=members, interactions=talk, covers=COVERS) as connection:
        cells = cells_of(connection, AS_OF)
    assert counts(cells, "member_answered", "2026-01-05") == before
    assert counts(cells, "member_answered", "2026-01-12") == after


def test_a_partner_is_a_member_when_they_meet() -> None:
    """Sam was staff in spring, when ann joined, and a member from July on; in July they met again, after ann's ninety days."""
    members = """
    | who | valid_from | joined     | type   |
    | ann |            | 2026-04-06 | member |
    | bob |            | 2026-05-04 | member |
    | old |            |            | member |
    | sam |            |            | staff  |
    | sam | 2026-07-01 |            | member |
    """
    talk = """
    | at               | from | to  |
    | 2026-04-07 09:00 | ann  | sam |
    | 2026-07-20 09:00 | sam  | ann |
    | 2026-05-05 09:00 | bob  | sam |
    | 2026-07-21 09:00 | bob  | sam |
    | 2026-05-05 09:00 | bob  | old |
    """
    with warehouse_of(members=members, interactions=talk, covers=COVERS) as connection:
        cells_of(connection, AS_OF)
        partners = dict(
            connection.execute(
                "select distinct members.name, partners from early_partners join members using (person)"
            ).fetchall()
        )
    assert partners == {"ann": 0, "bob": 2}, "bob met sam again on his 78th day"


def test_a_group_that_everybody_left_has_lost_its_ties() -> None:
    with warehouse_of(
        members="| who | left | team |\n| ann | 2026-03-20 | A |\n| bob | | B |\n| cyd | | B |",
        interactions="| at | from | to |\n| 2026-02-02 09:00 | ann | bob |\n| 2026-05-04 09:00 | bob | cyd |",
        covers=COVERS,
    ) as connection:
        cells = cells_of(connection, AS_OF)
    lost = {team: value(cells, "tie_flow", "2026-04-01", segment=team, breakdown="lost") for team in ("A", "B")}
    assert lost == {"A": 1, "B": 1}
    assert value(cells, "tie_flow", "2026-04-01", segment="A", breakdown="lost", column="people") == 1
    assert value(cells, "tie_flow", "2026-04-01", breakdown="lost", column="people") == 3, "those who could lose a tie"
