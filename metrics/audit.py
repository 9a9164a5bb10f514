"""The audit: what every role can see is attacked, before it is published and whenever somebody asks.

Publishing gives up the smallest table taking part in a leak, and looks again, until nothing follows from what is left; a
snapshot of which something still follows is refused.
"""

from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from data.errors import HearthError
from data.store import opened
from metrics.attack import SCALES, THROUGH, Findings, attack
from metrics.catalogue import CATALOGUE
from metrics.ledger import read_released, stack
from metrics.metric import RESULT_COLUMNS
from metrics.nesting import read_nests
from metrics.row_space import KEY, WITHHELD, listed
from metrics.snapshot import Role, Snapshot, list_snapshots, open_snapshot, published_folder

ADDITIVE = tuple(card.name for card in CATALOGUE if card.additive)
ROUNDS = 100

# Numbers that the gate makes from those of another of them.
TIES = frozenset({"ei_index", "group_ties"})


def hold(
    connection: duckdb.DuckDBPyConnection,
    released: str,
    k: int,
    settle: Callable[[str], None],
    remembered: str | None = None,
) -> int:
    """Withhold tables of `released` until an attack finds nothing; returns how many were given up.

    `settle` puts the rest of a table of results right after something has gone, as the gate does. Every way of the attack
    stays within one metric, so only those that changed since they held are attacked again. Raises HearthError where
    the last attack still finds something.
    """
    nested = read_nests(connection)
    given_up = 0
    looked_at = f"(from {released})"
    for _ in range(ROUNDS):
        found = attack(connection, looked_at, k, additive=ADDITIVE, nested=nested, remembered=remembered).recovered
        if found.empty:
            return given_up
        gone = _give_up(connection, released, found)
        if not gone:
            break
        given_up += gone
        changed = _settle_beside(connection, released, set(found["metric"]), settle)
        looked_at = f"(from {released} where metric in ({listed(changed)}))"
    raise HearthError(
        f"{len(found)} withheld numbers could be worked out from what would be published, such as one of {found['metric'].iloc[0]}.",
        where="the audit of what a role sees",
        fix="Nothing was published. Raise the threshold, or take a dimension out of the settings.",
    )


def _settle_beside(
    connection: duckdb.DuckDBPyConnection, released: str, metrics: Collection[str], settle: Callable[[str], None]
) -> set[str]:
    """Settle these metrics and those that are withheld with them; returns all that may have changed."""
    beside = {
        name
        for (name,) in connection.execute(
            f"""select distinct metric
                from {released}
                where metric in ({listed(metrics)})
                   or (grain = 'wave' and exists (from {released} where grain = 'wave' and metric in ({listed(metrics)})))
                   or (metric in ({listed(TIES)}) and {any(name in TIES for name in metrics)})"""
        ).fetchall()
    }
    connection.execute(f"create or replace temp table unsettled as from {released} where metric in ({listed(beside)})")
    before = _count_withheld(connection, "unsettled")
    settle("unsettled")
    after = _count_withheld(connection, "unsettled")
    connection.execute(f"delete from {released} where metric in ({listed(beside)})")
    connection.execute(f"insert into {released} by name from unsettled")
    connection.execute("drop table unsettled")
    return {*metrics, *(name for name in after if after[name] != before.get(name)), *(beside & TIES)}


def _count_withheld(connection: duckdb.DuckDBPyConnection, table: str) -> dict[str, int]:
    return dict(
        connection.execute(f"select metric, count(*) from {table} where status = 'withheld' group by all").fetchall()
    )


def audit_published(home: Path) -> dict[str, Any]:
    """Attack what each role can see in the snapshot in force, together with kept snapshots and the ledger.

    The contract of `hearth audit --json`: attacked, recovered, shown_share (of the numbers of groups with at least
    k people, those shown), intervals (count, narrowest and median width of withheld survey means, as shares of the
    scale) and the same for each role under `roles`.
    """
    parts = {str(role): _attack_role(home, role) for role in Role}
    return _describe(list(parts.values())) | {"roles": {role: _describe([part]) for role, part in parts.items()}}


def _describe(parts: list[tuple[Findings, int, int]]) -> dict[str, Any]:
    cells = sum(number for _, _, number in parts)
    widths = stack([findings.intervals for findings, _, _ in parts])["width"].astype(float)
    return {
        "attacked": sum(findings.attacked for findings, _, _ in parts),
        "recovered": sum(len(findings.recovered) for findings, _, _ in parts),
        "shown_share": sum(shown for _, shown, _ in parts) / cells if cells else 1.0,
        "intervals": {
            "withheld": len(widths),
            "narrowest": float(widths.min()) if len(widths) else None,
            "median": float(widths.median()) if len(widths) else None,
        },
    }


def _attack_role(home: Path, role: Role) -> tuple[Findings, int, int]:
    snapshot = open_snapshot(home, role)
    try:
        results = snapshot.query(f"select {', '.join(RESULT_COLUMNS)} from results")
        periods = snapshot.query("select grain, period, starts_on, ends_on from periods")
        nesting = snapshot.query("from nesting")
        nesting = nesting if "wave" in nesting else nesting.assign(wave="")  # of a snapshot from before
        k = int(snapshot.manifest()["k"])
        counted = snapshot.query("select reason, cells from gate")
        gate = dict(zip(counted["reason"], counted["cells"], strict=True))
    finally:
        snapshot.close()
    earlier = read_released(home, role)
    kept = [_read_kept(home, one.id, role) for one in list_snapshots(home) if not one.current]
    with opened(":memory:") as connection:
        for name, frame in (("results", results), ("periods", periods), ("nesting", nesting)):
            _store(connection, name, frame)
        _store(connection, "remembered", stack([earlier, *kept])[list(RESULT_COLUMNS)].drop_duplicates(list(KEY)))
        findings = attack(
            connection,
            "results",
            k,
            additive=ADDITIVE,
            nested=read_nests(connection),
            remembered="remembered",
        )
    return (
        findings,
        int(gate.get("eligible numbers of groups, shown", 0)),
        int(gate.get("eligible numbers of groups", 0)),
    )


def _read_kept(home: Path, name: str, role: Role) -> pd.DataFrame:
    """Survey figures of a kept snapshot. One without this role's file shows the role nothing."""
    folder = published_folder(home) / name
    if not (folder / f"{role}.duckdb").exists():
        return pd.DataFrame(columns=RESULT_COLUMNS)
    snapshot = Snapshot(folder, role)
    try:
        return snapshot.query(
            f"select {', '.join(RESULT_COLUMNS)} from results where grain = 'wave' and status in ('final', 'banded')"
        )
    finally:
        snapshot.close()


def _store(connection: duckdb.DuckDBPyConnection, name: str, frame: pd.DataFrame) -> None:
    connection.register("incoming_frame", frame.astype(object).where(frame.notna(), None) if frame.empty else frame)
    connection.execute(f"create or replace temp table {name} as from incoming_frame")
    connection.unregister("incoming_frame")


def _give_up(connection: duckdb.DuckDBPyConnection, released: str, found: pd.DataFrame) -> int:
    """Withhold the tables through which something was found: for a survey question all its measures; returns how many went."""
    through = found.reindex(columns=[*KEY, *THROUGH]).astype(object)
    tables = through.assign(
        dimension=through["dimension"].where(through["through_dimension"].isna(), through["through_dimension"]),
        grain=through["grain"].where(through["through_grain"].isna(), through["through_grain"]),
        period=through["period"].where(through["through"].isna(), through["through"]),
    )[["metric", "grain", "period", "dimension", "breakdown"]].drop_duplicates()
    connection.register("given_up", tables)
    asked = listed(SCALES)
    rows = connection.execute(
        f"""update {released} as shown
            set {WITHHELD}
            from given_up
            where given_up.grain = shown.grain
              and given_up.period = shown.period
              and given_up.dimension = shown.dimension
              and given_up.breakdown = shown.breakdown
              and (given_up.metric = shown.metric or (given_up.metric in ({asked}) and shown.metric in ({asked})))
              and shown.segment <> 'all'
              and shown.status not in ('withheld', 'no data')"""
    ).fetchone()
    connection.unregister("given_up")
    return len(tables) if rows and rows[0] else 0
