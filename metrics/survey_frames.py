"""Survey answers as frames for what SQL cannot say, and rows of a result from frames."""

from collections.abc import Sequence

import duckdb
import numpy as np
import pandas as pd

from metrics.metric import RESULT_COLUMNS, Better
from metrics.statistics import discover, judge

EMPTY_RESULTS = """
create or replace temp table survey_results (
    metric varchar, grain varchar, period varchar, dimension varchar, segment varchar, breakdown varchar,
    value double, numerator double, denominator double, people bigint, low double, high double, expected double,
    p double, verdict varchar, status varchar
)
"""


def read_answers(connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """One row per scored answer of a closed wave: wave, respondent, item_id, construct, kind, code, score, class.

    Only respondents who submitted. Needs the tables of `count_surveys`.
    """
    return connection.execute(
        """select wave, respondent, item_id, construct, kind, code, score, class
           from survey_scored
           join survey_groups using (wave, respondent)
           where dimension = 'all'
           order by wave, respondent, item_id"""
    ).df()


def read_places(connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """One row per respondent and dimension in which they placed themselves: wave, respondent, dimension, segment."""
    return connection.execute(
        """select wave, respondent, dimension, segment
           from survey_groups
           where dimension <> 'all'
           order by all"""
    ).df()


def read_invited(connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """How many of each segment were on the roster on the day a wave opened: wave, dimension, segment, invited."""
    return connection.execute("select wave, dimension, segment, invited from survey_invited order by all").df()


def lay_out_scores(answers: pd.DataFrame, items: Sequence[str]) -> pd.DataFrame:
    """The scores of one wave as respondents x items, nan where somebody did not answer.

    In an order of the answers themselves, so that sums have the same last digit in whatever order the file was.
    """
    wide = answers.pivot(index="respondent", columns="item_id", values="score").reindex(columns=list(items))
    return wide.astype(float).sort_values(list(items), kind="stable")


def add_results(connection: duckdb.DuckDBPyConnection, rows: pd.DataFrame) -> None:
    """Add rows to `survey_results`; columns of a result that a frame lacks are empty. Grain is wave, status final unless said."""
    if rows.empty:
        return
    filled = rows.assign(
        **{name: value for name, value in (("grain", "wave"), ("status", "final")) if name not in rows}
    )
    connection.register("results_frame", filled.reindex(columns=list(RESULT_COLUMNS)))
    connection.execute("insert into survey_results select * from results_frame")
    connection.unregister("results_frame")


def judge_together(changes: pd.DataFrame) -> pd.DataFrame:
    """Changes that a page shows beside each other (`value`, and `p`, nan where it was not tested), with their verdicts."""
    found = discover(changes["p"])
    verdicts = [
        str(judge(value, is_beyond_chance=bool(beyond), is_tested=not np.isnan(p), better=Better.HIGHER))
        for value, p, beyond in zip(changes["value"], changes["p"], found, strict=True)
    ]
    return changes.assign(verdict=verdicts)
