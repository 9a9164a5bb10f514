"""A team called "all" passed the gate for every role: its rows were taken for those of the whole community.

Two of forty members in such a team were shown as two of two, to members too, and the index of its silos had two values
under one key.
"""

from datetime import date

from metrics.disclosure import withhold
from metrics.snapshot import Role
from tests.communities import results_of
from tests.facts import warehouse_of

SIZES = {"all": 2, "Lab": 19, "Care": 19}


def test_a_team_called_all_is_a_group_like_others() -> None:
    names = [(f"{team}{n}", team) for team, size in SIZES.items() for n in range(size)]
    talk = "".join(f"| 2026-01-06 09:00 | {one} | {names[place - 1][0]} |\n" for place, (one, _) in enumerate(names))
    with warehouse_of(
        members="| who | team |\n" + "".join(f"| {name} | {team} |\n" for name, team in names),
        interactions="| at | from | to |\n" + talk,
        covers=("2026-01-01", "2026-03-31"),
    ) as connection:
        results_of(connection, date(2026, 4, 1))
        withhold(connection, "results", f"released_{Role.MANAGER}", 5)
        rows = connection.execute(
            f"""select segment, status
                from released_{Role.MANAGER}
                where metric = 'active_members' and grain = 'quarter' and dimension = 'team'
                order by all"""
        ).fetchall()
        silos = connection.execute(
            "select segment from results where metric = 'ei_index' and segment = 'all'"
        ).fetchall()
    assert rows == [("#all", "withheld"), ("Care", "withheld"), ("Lab", "final")]
    assert len(silos) == 1
