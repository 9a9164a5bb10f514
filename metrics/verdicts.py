"""Verdicts of quarters: where a number's own past says that a difference is more than its noise."""

import duckdb
import pandas as pd

from metrics.catalogue import CATALOGUE, find_metric
from metrics.metric import Grain, Unit, Verdict
from metrics.signals import QUARTERS_OF_THEIR_OWN, quarter_verdict, verdict_without_weeks


def judge_quarters(connection: duckdb.DuckDBPyConnection) -> None:
    """The verdict of each quarter's behaviour number: against last year where there is one, else the quarter before."""
    connection.execute(
        """update published.observations as noted
           set verdict = 'not tested'
           from published.series, published.periods
           where series.series = noted.series
             and series.grain = 'quarter'
             and periods.grain = 'quarter'
             and periods.period = noted.period
             and periods.complete
             and noted.status = 'final'
             and noted.verdict is null"""
    )
    _write_verdicts(connection, [*_judge_by_weeks(connection), *_judge_without_weeks(connection)])


def _judge_by_weeks(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, int, str, str]]:
    """Verdicts of quarter numbers by the signals of their weekly series in the quarter."""
    rows = connection.execute(
        """select comparisons.series, comparisons.period, comparisons.kind, any_value(comparisons.difference),
                  any_value(series.metric), list(signals.rule), list(signals.direction), list(signals.length)
           from published.comparisons
           join published.observations
             on observations.series = comparisons.series
            and observations.period = comparisons.period
            and observations.status = 'final'
           join published.series
             on series.series = comparisons.series
           join published.periods
             on periods.grain = 'quarter'
            and periods.period = comparisons.period
            and periods.complete
           join published.series as week_series
             on week_series.metric = series.metric
            and week_series.grain = 'week'
            and week_series.dimension = series.dimension
            and week_series.segment = series.segment
            and week_series.breakdown = series.breakdown
           join published.signals
             on signals.series = week_series.series
            and signals.period::date between periods.starts_on and periods.ends_on
           where comparisons.kind in ('previous', 'last year')
           group by comparisons.series, comparisons.period, comparisons.kind
           qualify row_number() over (
                       partition by comparisons.series, comparisons.period
                       order by comparisons.kind
                   ) = 1
           order by comparisons.series, comparisons.period"""
    ).fetchall()
    verdicts = []
    for series, period, kind, difference, metric, rules, directions, lengths in rows:
        card = find_metric(metric)
        if card is None:
            continue
        signals = {"rule": rules, "direction": directions, "length": lengths}
        verdict = quarter_verdict(difference, card.better, signals)
        if verdict is not Verdict.NOT_TESTED:
            verdicts.append((str(verdict), series, period, kind))
    return verdicts


def _judge_without_weeks(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, int, str, str]]:
    """Verdicts of quarter numbers that have no weekly series: beyond the limits of their own twelve quarters before."""
    names = [
        card.name
        for card in CATALOGUE
        if Grain.QUARTER in card.grains and not card.has_usual_range and card.unit is not Unit.DIFFERENCE
    ]
    frame = connection.execute(
        """select observations.series, observations.period, observations.value, series.metric, comparisons.difference,
                  comparisons.kind
           from published.observations
           join published.series using (series)
           left join published.comparisons
             on comparisons.series = observations.series
            and comparisons.period = observations.period
            and comparisons.kind in ('previous', 'last year')
           where series.grain = 'quarter'
             and list_contains(?, series.metric)
             and observations.status = 'final'
             and observations.series in (
                 select series
                 from published.observations
                 where status = 'final'
                 group by all
                 having count(*) > ?
             )
           order by observations.series, observations.period, comparisons.kind""",
        [names, QUARTERS_OF_THEIR_OWN],
    ).df()
    verdicts = []
    for _, rows in frame.drop_duplicates(["series", "period"]).groupby("series"):
        card = find_metric(rows["metric"].iloc[0])
        for place, row in enumerate(rows.to_dict("records")):
            if card is None or not isinstance(row["kind"], str):
                continue
            before = rows["value"].iloc[:place].to_numpy(dtype=float)
            verdict = verdict_without_weeks(row["difference"], card.better, row["value"], before)
            if verdict is not Verdict.NOT_TESTED:
                verdicts.append((str(verdict), row["series"], row["period"], row["kind"]))
    return verdicts


def _write_verdicts(connection: duckdb.DuckDBPyConnection, verdicts: list[tuple[str, int, str, str]]) -> None:
    connection.register("judged", pd.DataFrame(verdicts, columns=["verdict", "series", "period", "kind"]))
    for table, same in (("comparisons", " and noted.kind = judged.kind"), ("observations", "")):
        connection.execute(
            f"""update published.{table} as noted
                set verdict = judged.verdict
                from judged
                where noted.series = judged.series
                  and noted.period = judged.period{same}"""
        )
    connection.unregister("judged")
