"""Wrong number: a median of the waits that are over is too short, because the long ones are not over yet."""

from datetime import date, timedelta
from statistics import median

from tests.facts import warehouse_of
from tests.registers import keep_register, number, values_of


def test_actions_without_an_effect_make_the_median_longer() -> None:
    """Nine actions of 5 January: effects seen after 10, 20, 30, 40 and 100 days, none yet of four. The fifth of nine: 100 days."""
    opened = date(2026, 1, 5)
    seen = [10, 20, 30, 40, 100]
    drawn = "| action_id | opened_on | effect_seen_on |\n" + "".join(
        f"| a{place} | {opened} | {opened + timedelta(days=seen[place]) if place < len(seen) else ''} |\n"
        for place in range(9)
    )
    with warehouse_of(members="| who |\n| ann |", covers=("2025-10-01", "2026-12-31")) as connection:
        keep_register(connection, "actions", drawn)
        values = values_of(connection, date(2026, 12, 31))
    assert median(seen) == 30, "the naive formula"
    assert number(values, "action_loop", "2026-01-01", breakdown="action to effect")["value"] == 100


def test_the_last_meeting_says_nothing_of_earlier_months() -> None:
    """One pair met in every month, the newest on 20 June. Read backwards, the register would say that they never met in May."""
    with warehouse_of(members="| who |\n| ann |\n| bob |", covers=("2025-10-01", "2026-06-25")) as connection:
        keep_register(
            connection,
            "mentoring",
            "| pair_id | mentor | mentee | started_on | last_met_on |\n| p1 | ann | bob | 2026-01-05 | 2026-06-20 |",
        )
        values = values_of(connection, date(2026, 6, 25))
    meetings = values[values["metric"] == "mentoring_meetings"]
    assert list(meetings["period"]) == ["2026-06-01", "2026-04-01"], "the month and the quarter of the as-of day alone"
    assert list(meetings["numerator"] / meetings["denominator"]) == [1, 1]
