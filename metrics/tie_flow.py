"""Tie flow: which ties are new, which last, which are gone, from one period to the next."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd

from metrics.cells import quote
from metrics.metric import ALL, Better, Grain, Metric, Source, Unit

TIE_FLOW_CARDS = (
    Metric(
        name="tie_flow",
        title="New, kept and lost ties",
        question="Do ties last, and do new ones come?",
        formula="ties between members in the period that were not there in the period before (new), that were (kept), and those of the period before that are not here any more (lost)",
        unit=Unit.TIES,
        better=Better.NEITHER,
        grains=(Grain.MONTH, Grain.QUARTER),
        segment_grains=(Grain.QUARTER,),
        needs=(Source.INTERACTIONS,),
        of_previous=True,
        breakdown="new, kept, lost",
        reading="New and kept are all ties of the period, kept and lost all of the one before. Many kept: people know whom to ask.",
        reference="The Orbit model, new and recurring connections.",
        caveats="A tie is a pair of members with at least one direct interaction in the period, so a pair that talks every second month is lost and new in turn. A group's are the ties that touch it, lost ones by the groups of the period before; in quarters only. People are the members on the roster, of lost ties those of the period before.",
        practices=("strong-relationships", "beyond-sessions"),
    ),
)

_TIES = """
select number, stay, partner_stay
from tied_stays
where number in (select number from periods where grain = ?)
"""

_COUNTS = """
insert into cells by name
with sizes as (
    select number, {segment} as segment, count(*) as people
    from panel
    where list_contains(?, grain)
      and {segment} is not null
    group by all
),
places as (
    select number, segment, unnest(['new', 'kept']) as flow, people
    from sizes
    union all
    select (number + 1)::smallint, segment, 'lost', people
    from sizes
)
select 'tie_flow' as metric, periods.grain, periods.period, {dimension} as dimension, places.segment, places.flow as breakdown,
       coalesce(counted.ties, 0) as value, places.people
from places
join periods using (number)
left join counted
  on counted.number = places.number
 and counted.dimension = {dimension}
 and counted.segment = places.segment
 and counted.flow = places.flow
where periods.ordinal > 1
"""


def count_tie_flow(connection: duckdb.DuckDBPyConnection, columns: Mapping[str, str]) -> None:
    """Add `tie_flow` to `cells`; needs the ties of the panel. Nothing is said of the first period.

    In months only the whole community is counted.
    """
    counted = [*_count_flows(connection, Grain.MONTH, {}), *_count_flows(connection, Grain.QUARTER, columns)]
    connection.register("counted", pd.DataFrame(counted, columns=["number", "dimension", "segment", "flow", "ties"]))
    whole = _COUNTS.format(segment=quote(ALL), dimension=quote(ALL))
    connection.execute(whole, [[str(Grain.MONTH), str(Grain.QUARTER)]])
    for dimension, name in columns.items():
        connection.execute(_COUNTS.format(segment=name, dimension=quote(dimension)), [[str(Grain.QUARTER)]])
    connection.unregister("counted")


def _count_flows(
    connection: duckdb.DuckDBPyConnection, grain: Grain, columns: Mapping[str, str]
) -> Iterator[tuple[int, str, str, str, int]]:
    """Number of the period, dimension, segment, flow and how many ties, from the second period on, where there are any.

    Lost ties touch the groups of the period before.
    """
    segments = "".join(f", coalesce(enum_code({name}), -1) as {name}" for name in columns.values())
    stays = _read(connection, f"select person{segments} from stays order by stay")
    names = connection.execute("select unnest(enum_range(null::segment_name))").fetchall()
    numbers = connection.execute("select number from periods where grain = ? order by number", [str(grain)]).fetchall()
    ties = _read(connection, _TIES, [str(grain)])
    one, other = ties["stay"] - 1, ties["partner_stay"] - 1  # stays are numbered from 1
    pair = stays["person"][one].astype(np.int64) << 32 | stays["person"][other]
    before = np.flatnonzero(ties["number"] == numbers[0][0])
    for (number,) in numbers[1:]:
        now = np.flatnonzero(ties["number"] == number)
        is_kept = np.isin(pair[now], pair[before], assume_unique=True)
        lasts = np.isin(pair[before], pair[now], assume_unique=True)
        for flow, rows in (("new", now[~is_kept]), ("kept", now[is_kept]), ("lost", before[~lasts])):
            yield number, ALL, ALL, flow, len(rows)
            for dimension, column in columns.items():
                a, b = stays[column][one[rows]], stays[column][other[rows]]
                touched = np.concatenate([a, b[b != a]])
                counts = np.bincount(touched[touched >= 0])
                yield from ((number, dimension, names[at][0], flow, int(counts[at])) for at in np.flatnonzero(counts))
        before = now


def _read(
    connection: duckdb.DuckDBPyConnection, sql: str, parameters: Sequence[str] = ()
) -> dict[str, npt.NDArray[Any]]:
    found = connection.execute(sql, list(parameters)).fetchnumpy()
    return {name: np.asarray(column) for name, column in found.items()}
