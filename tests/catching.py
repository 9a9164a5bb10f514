"""Ways of catching a weakened rule: each takes a module of the gate, the audit, the attack or what stands, and says whether
somebody learns what they must not."""

from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType

import duckdb
import pandas as pd
import pytest

import metrics.attack
import metrics.audit
import metrics.disclosure
import metrics.ledger
import metrics.standing
import metrics.survey_counts
from data.errors import HearthError
from metrics.metric import RESULT_COLUMNS
from tests.curious import Reader, gate_of, organisation, results_of
from tests.shown_again import release, scores_of
from tests.test_curious_leader import guess_newest
from tests.test_released_figures import ITEMS, add_answers, favourable, said
from tests.waves import measured, repeated, waves_of
from tests.whole_waves import Rows, people, spread

K = 5
ORGANISATIONS = 40


def by_gate(gate: ModuleType) -> bool:
    """Forty organisations through a weakened gate without the audit: does the curious reader learn anything?"""
    people = [organisation(number) for number in range(ORGANISATIONS)]
    results = pd.concat([results_of(one, str(number)) for number, one in enumerate(people)])
    with gate_of(results) as connection:
        gate.withhold(connection, "results", "released", K)
        released = connection.execute("from released order by all").df()
    for wave, cells in released.groupby("period"):
        reader = Reader(cells, people[int(str(wave))], K)
        if reader.find_small() or reader.subtract() or reader.combine():
            return True
    return False


def by_gate_of_one_mind(unanimity: ModuleType) -> bool:
    """The same for groups in which most agree, with a weakened coding in the gate."""
    people = [organisation(number, agreeing=0.92) for number in range(ORGANISATIONS)]
    results = pd.concat([results_of(one, str(number)) for number, one in enumerate(people)])
    with gate_of(results) as connection, pytest.MonkeyPatch.context() as patch:
        patch.setattr(metrics.disclosure, "code_unanimity", unanimity.code_unanimity)
        metrics.disclosure.withhold(connection, "results", "released", K)
        released = connection.execute("from released order by all").df()
    for wave, cells in released.groupby("period"):
        counts = {
            row["segment"]: (int(row["numerator"]), int(row["people"]))
            for row in results[results["period"] == wave].to_dict("records")
            if row["dimension"] != "all"
        }
        if Reader(cells, people[int(str(wave))], K).find_uncoded(counts):
            return True
    return False


def by_blanks(gate: ModuleType) -> bool:
    """Whether a withheld row still holds any number."""
    drawn = pd.concat([results_of(organisation(number), str(number)) for number in range(10)])
    results = drawn.assign(low=0.4, high=0.6, p=0.5, verdict="not tested")
    with gate_of(results) as connection:
        gate.withhold(connection, "results", "released", K)
        rest = connection.execute("from released where status = 'withheld'").df()
    return bool(rest[list(RESULT_COLUMNS[6:-1])].notna().any(axis=None))


def by_whole(gate: ModuleType) -> bool:
    """Three who answered are too few for the whole community too."""
    people = organisation(2).head(3)
    with gate_of(results_of(people)) as connection:
        gate.withhold(connection, "results", "released", K)
        return bool(Reader(connection.execute("from released").df(), people, K).find_small())


def drawn_results(cells: list[tuple[str, str, str, str, str, str, int]]) -> pd.DataFrame:
    """Rows of a result from metric, grain, period, dimension, segment, breakdown and people; half of the people count."""
    frame = pd.DataFrame(cells, columns=["metric", "grain", "period", "dimension", "segment", "breakdown", "people"])
    numbers = frame.assign(
        value=0.5, numerator=frame["people"] / 2, denominator=frame["people"].astype(float), status="final"
    )
    return numbers.reindex(columns=list(RESULT_COLUMNS))


def released_by(gate: ModuleType, results: pd.DataFrame) -> pd.DataFrame:
    with gate_of(results) as connection:
        connection.execute("insert into survey_waves values ('autumn', 'spring')")
        gate.withhold(connection, "results", "released", K)
        return connection.execute("from released order by all").df()


def by_lone_group(gate: ModuleType) -> bool:
    """A group that the role above does not see is the only one withheld, so the others give it away."""
    teams = [("all", "all", 60), ("team", "a", 20), ("team", "b", 7), ("team", "c", 33)]
    results = drawn_results(
        [("active_members", "week", "2026-06-01", dimension, name, "all", n) for dimension, name, n in teams]
    )
    with gate_of(results) as connection:
        connection.execute(
            """create temp table above as
               select * replace (
                   case when segment = 'b' then 'withheld' else status end as status,
                   case when segment <> 'b' then people end as people,
                   case when segment <> 'b' then numerator end as numerator
               )
               from results"""
        )
        gate.withhold(connection, "above", "released", K, "results")
        hidden = connection.execute("select count(*) from released where status = 'withheld'").fetchone()
    return hidden == (1,)


def with_three_in_no_group() -> pd.DataFrame:
    """A survey number of 63 people, of two teams of 30: three left the team blank."""
    groups = [("all", "all", 63), ("team", "a", 30), ("team", "b", 30)]
    return drawn_results(
        [("favourable", "wave", "spring", dimension, name, "q1", people) for dimension, name, people in groups]
    )


def by_no_group(gate: ModuleType) -> bool:
    """All groups are shown, so the whole less these is the number of the three."""
    return bool((released_by(gate, with_three_in_no_group())["status"] == "final").all())


def with_three_in_no_team() -> pd.DataFrame:
    """A division of 44 with teams of 20 and 21; of the whole eight are in no team."""
    groups = [("all", "all", 75), ("division", "North", 44), ("division", "South", 31)]
    groups += [("team", "a", 20), ("team", "b", 21), ("team", "c", 26)]
    return drawn_results(
        [("active_members", "week", "2026-06-01", dimension, name, "all", people) for dimension, name, people in groups]
    )


NO_TEAM = {("division", "North"): [("team", "a"), ("team", "b")], ("division", "South"): [("team", "c")]}


def by_no_team(gate: ModuleType) -> bool:
    """Both teams are shown, so the division less these is the number of the three."""
    with gate_of(with_three_in_no_team()) as connection:
        nest(connection, NO_TEAM)
        gate.withhold(connection, "results", "released", K, "results", "nesting")
        hidden = connection.execute("select count(*) from released where status = 'withheld'").fetchone()
    return hidden == (0,)


def by_rest_of_no_team(audit: ModuleType) -> bool:
    """The same where the gate has let it out."""
    with gate_of(with_three_in_no_team()) as connection:
        nest(connection, NO_TEAM)
        connection.execute("create temp table released as from results")
        return (
            _slips_through(connection, audit)
            and not metrics.attack.attack(connection, "released", K, nested=[([""], NO_TEAM)]).recovered.empty
        )


def nest(connection: duckdb.DuckDBPyConnection, nested: Mapping[tuple[str, str], list[tuple[str, str]]]) -> None:
    for whole, parts in nested.items():
        for part in parts:
            connection.execute("insert into nesting values ('', ?, ?, ?, ?)", [*part, *whole])


def by_change(gate: ModuleType) -> bool:
    """The change of a withheld number."""
    teams = [("a", 40), ("b", 3), ("c", 30), ("d", 12)]
    results = drawn_results(
        [("favourable", "wave", "autumn", "all", "all", "q1", 85)]
        + [("favourable", "wave", "autumn", "team", name, "q1", n) for name, n in teams]
        + [("wave_change", "wave", "autumn", "team", name, "favourable:q1", max(n, 7)) for name, n in teams]
    )
    shown = released_by(gate, results).pivot_table(index="segment", columns="metric", values="status", aggfunc="first")
    return bool(((shown["favourable"] == "withheld") & (shown["wave_change"] == "final")).any())


def by_sum_of_parts(gate: ModuleType) -> bool:
    """Some parts of a flow are shown and one is not: the flow adds up."""
    flows = [("stayed", 40), ("joined", 9), ("left", 2), ("back", 8)]
    results = drawn_results(
        [("member_flow", "quarter", "2026-Q3", "team", team, part, n) for team in "abc" for part, n in flows]
    )
    results.loc[(results["segment"] != "a") & (results["breakdown"] == "left"), "people"] = 11
    statuses = released_by(gate, results).groupby("segment")["status"].agg(set)
    return any(len(found) > 1 for found in statuses)


def by_cohort(gate: ModuleType) -> bool:
    """Three newcomers are too few, though the number is the whole community's."""
    results = drawn_results([("newcomers_with_tie", "quarter", "2026-Q3", "all", "all", "all", 3)])
    return bool((released_by(gate, results)["status"] == "final").any())


def by_options(gate: ModuleType) -> bool:
    """What each group chose: the whole less the groups shown leaves fewer than k."""
    teams = {"all": 60, "a": 28, "b": 1, "c": 2, "d": 29}
    with gate_of(results_of(organisation(1)).iloc[:0]) as connection:
        rows = [
            {"wave": "spring", "item_id": "q1", "dimension": "all" if name == "all" else "team", "segment": name, "option": "yes", "position": 1,
             "count": n, "n": n}
            for name, n in teams.items()
        ]  # fmt: skip
        connection.register("drawn", pd.DataFrame(rows))
        connection.execute("create temp table options as from drawn")
        gate.protect_distributions(connection, "options", "released_options", "results", K)
        shown = connection.execute(
            "select coalesce(sum(n) filter (segment <> 'all'), 0), max(n) filter (segment = 'all') from released_options"
        ).fetchone()
    return shown is not None and 0 < shown[1] - shown[0] < K


def by_periods(audit: ModuleType) -> bool:
    """A quarter with one withheld month: does the audit leave it to be subtracted?"""
    weeks = [("month", "2026-06-01", "2026-06-30", 9), ("month", "2026-07-01", "2026-07-31", 8), ("month", "2026-08-01", "2026-08-31", 3),
             ("quarter", "2026-06-01", "2026-08-31", 20)]  # fmt: skip
    rows = [
        {"metric": "show_up", "grain": grain, "period": first, "dimension": "team", "segment": team, "breakdown": "all",
         "value": 1.0, "numerator": float(people + extra), "denominator": float(people + extra), "people": people + extra, "status": "final"}
        for grain, first, _, people in weeks
        for team, extra in (("Care", 0), ("Law", 1))
    ]  # fmt: skip
    frame = pd.DataFrame(rows).reindex(columns=list(RESULT_COLUMNS))
    with gate_of(frame) as connection:
        connection.register("drawn", pd.DataFrame(weeks, columns=["grain", "period", "ends_on", "people"]))
        connection.execute(
            "create or replace temp table periods as select grain, period, period::date as starts_on, ends_on::date as ends_on from drawn"
        )
        metrics.disclosure.withhold(connection, "results", "released", K)
        return (
            _slips_through(connection, audit)
            and not metrics.attack.attack(connection, "released", K, additive=("show_up",)).recovered.empty
        )


def by_nesting(audit: ModuleType) -> bool:
    """Two withheld teams of two divisions that are shown."""
    sizes = {
        ("all", "all"): 60,
        ("division", "North"): 23,
        ("division", "South"): 37,
        ("team", "a"): 20,
        ("team", "b"): 3,
        ("team", "c"): 30,
        ("team", "d"): 7,
    }
    rows = [
        {"metric": "active_members", "grain": "week", "period": "2026-06-01", "dimension": dimension, "segment": segment, "breakdown": "all",
         "value": 0.5, "numerator": people / 2, "denominator": float(people), "people": people, "status": "final"}
        for (dimension, segment), people in sizes.items()
    ]  # fmt: skip
    nested = {
        ("division", "North"): [("team", "a"), ("team", "b")],
        ("division", "South"): [("team", "c"), ("team", "d")],
    }
    with gate_of(pd.DataFrame(rows).reindex(columns=list(RESULT_COLUMNS))) as connection:
        nest(connection, nested)
        metrics.disclosure.withhold(connection, "results", "released", K)
        return (
            _slips_through(connection, audit)
            and not metrics.attack.attack(connection, "released", K, nested=[([""], nested)]).recovered.empty
        )


def by_interval(audit: ModuleType) -> bool:
    """Two withheld teams that all said yes: what is left of the whole says so."""
    sizes = {("all", "all"): (18, 28), ("team", "a"): (10, 20), ("team", "b"): (3, 3), ("team", "c"): (5, 5)}
    rows = [
        {"metric": "favourable", "grain": "wave", "period": "spring", "dimension": dimension, "segment": segment, "breakdown": "q1",
         "value": yes / n, "numerator": float(yes), "denominator": float(n), "people": n, "status": "withheld" if n < 6 else "final"}
        for (dimension, segment), (yes, n) in sizes.items()
    ]  # fmt: skip
    frame = pd.DataFrame(rows).reindex(columns=list(RESULT_COLUMNS))
    frame.loc[frame["status"] == "withheld", ["value", "numerator", "denominator", "people"]] = None
    with gate_of(frame) as connection:
        connection.execute("create temp table released as from results")
        return (
            _slips_through(connection, audit) and not metrics.attack.attack(connection, "released", K).recovered.empty
        )


def by_rest_of_no_group(audit: ModuleType) -> bool:
    """The same where the gate has let it out."""
    with gate_of(with_three_in_no_group()) as connection:
        connection.execute("create temp table released as from results")
        return (
            _slips_through(connection, audit) and not metrics.attack.attack(connection, "released", K).recovered.empty
        )


def by_history(audit: ModuleType) -> bool:
    """A figure that was shown of one person fewer."""
    results = results_of(organisation(1)).query("dimension in ['all', 'team']")
    with gate_of(results) as connection:
        connection.execute(
            "create temp table remembered as select * replace (people - 1 as people) from results where dimension = 'all'"
        )
        connection.execute("create temp table released as from results")
        return _slips_through(connection, audit, "remembered")


def _slips_through(connection: duckdb.DuckDBPyConnection, audit: ModuleType, remembered: str | None = None) -> bool:
    """Whether the audit lets what is released pass."""
    try:
        audit.hold(
            connection,
            "released",
            K,
            lambda table: metrics.disclosure.withhold(connection, table, table, K, "results"),
            remembered,
        )
    except HearthError:
        return False
    return True


def by_attack(attacking: Callable[[ModuleType], bool]) -> Callable[[ModuleType], bool]:
    """The same with a weakened attack inside the project's own audit."""

    def caught(attack: ModuleType) -> bool:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(metrics.audit, "attack", attack.attack)
            return attacking(metrics.audit)

    return caught


def by_refresh(standing: ModuleType) -> bool:
    """Late answers one by one, published after each with a weakened rule: does a newest answer follow?"""
    shown = []
    with TemporaryDirectory() as folder, waves_of(items=ITEMS, said=said(15, 30)) as connection:
        home = Path(folder)
        for number in range(4):
            if number:
                add_answers(connection, 1)
            measured(connection)
            standing.let_stand(connection, home, "survey_results", {"manager": K}, K)
            metrics.disclosure.withhold(connection, "survey_results", "released_manager", K)
            metrics.ledger.remember_released(connection, home, "released_manager", "manager", str(number))
            shown.append(favourable(home))
    return bool(guess_newest(shown))


def by_growth(changed: ModuleType) -> bool:
    """A group of three that is thirty now, beside others that are as they were: is the wave shown anew?"""
    rows = spread(("Care", 0, 30), ("Lab", 30, 30), ("Hub", 60, 3))
    return _shows_anew(changed, rows, rows + spread(("Hub", 63, 27)))


def by_correction(changed: ModuleType) -> bool:
    """One answer to the second question beside eleven to the first."""
    rows = people(40)
    return _shows_anew(
        changed, rows, [*(row | {"heard": 5} for row in rows[:14]), *rows[14:39], rows[39] | {"told": 1}]
    )


def _shows_anew(changed: ModuleType, before: Rows, after: Rows) -> bool:
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(metrics.standing, "find_changes", changed.find_changes)
        first, then = release(Path(folder), before), release(Path(folder), after)
    return any(scores_of(first, item)["all"] != scores_of(then, item)["all"] for item in ("heard", "told"))


def by_open_wave(counting: ModuleType) -> bool:
    """An open wave: is anything but its response rate shown?"""
    wave = "| wave | opened | closed | invited |\n| spring | 2026-03-01 | | 40 |"
    drawn = {"spring": repeated(heard={4: 9, 2: 8}).assign(team="Care")}
    with waves_of(items=ITEMS, said=drawn, waves=wave) as connection, pytest.MonkeyPatch.context() as patch:
        patch.setattr(metrics.survey_counts, "_SCORED", counting._SCORED)
        found = measured(connection)
    return bool(((found["metric"] != "survey_response") & found["value"].notna()).any())
