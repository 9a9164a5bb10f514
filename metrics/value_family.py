"""The value family: every card about value, mentoring, recognition, learning, evaluation and objectives, and the passes
that compute them."""

from collections.abc import Sequence

import duckdb

from data.settings import Thresholds
from metrics.action_loop import LOOP_CARDS, time_actions
from metrics.collaborations import COLLABORATION_CARDS, count_collaborations
from metrics.evaluation import EVALUATION_CARDS, count_evaluation
from metrics.hand_kept import lay_out_registers
from metrics.learning import LEARNING_CARDS, count_learning
from metrics.mentoring import MENTORING_CARDS, count_mentoring
from metrics.mentoring_effect import EFFECT_CARDS, measure_mentoring_effect
from metrics.metric import Metric
from metrics.objectives import OBJECTIVE_CARDS, add_attainment
from metrics.recognition import RECOGNITION_CARDS, count_recognition
from metrics.recognition_equity import EQUITY_CARDS, add_recognition_equity
from metrics.stories import STORY_CARDS, count_stories

VALUE_FAMILY: tuple[Metric, ...] = (
    *STORY_CARDS,
    *COLLABORATION_CARDS,
    *MENTORING_CARDS,
    *EFFECT_CARDS,
    *RECOGNITION_CARDS,
    *EQUITY_CARDS,
    *LEARNING_CARDS,
    *EVALUATION_CARDS,
    *OBJECTIVE_CARDS,
    *LOOP_CARDS,
)


def measure_value_family(
    connection: duckdb.DuckDBPyConnection, dimensions: Sequence[str], thresholds: Thresholds
) -> None:
    """Add every number of the family to the temp tables `cells` and `register_results`, before the gate.

    Needs the panel. What is made from shown numbers only comes later, by `add_shown_values`.
    """
    columns = {dimension: f"s{position}" for position, dimension in enumerate(dimensions)}
    k = thresholds.of_any_role
    lay_out_registers(connection)
    count_stories(connection)
    count_collaborations(connection, columns)
    count_mentoring(connection, columns)
    measure_mentoring_effect(connection, next(iter(columns.values()), None), k)
    count_recognition(connection, columns)
    count_learning(connection, columns)
    count_evaluation(connection, columns)
    time_actions(connection)


def add_shown_values(connection: duckdb.DuckDBPyConnection, released: str) -> None:
    """Put into a role's release what is made from its shown numbers: recognition beside the highest group, and objectives."""
    add_recognition_equity(connection, released)
    add_attainment(connection, released)
