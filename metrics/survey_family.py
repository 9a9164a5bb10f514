"""The survey family: every card about what members say, and the one pass that computes them all."""

from collections.abc import Sequence

import duckdb

from data.redaction import IsName, is_nobody
from data.settings import Settings
from metrics.composition import COMPOSITION_CARDS, measure_change_splits
from metrics.divided_opinion import DIVIDED_CARDS, measure_divided_opinion
from metrics.drivers import DRIVER_CARDS, measure_drivers
from metrics.indices import INDEX_CARDS
from metrics.linked import LINKED_CARDS, measure_panel_changes
from metrics.metric import Metric
from metrics.reliability import RELIABILITY_CARDS, measure_reliability
from metrics.representativeness import REPRESENTATIVENESS_CARDS, measure_representativeness
from metrics.survey_frames import read_answers
from metrics.surveys import SURVEY_CARDS, measure_surveys
from metrics.themes import THEME_CARDS, measure_themes
from metrics.wave_change import WAVE_CHANGE_CARDS, measure_wave_changes
from metrics.weighting import WEIGHTING_CARDS, measure_weighted

SURVEY_FAMILY: tuple[Metric, ...] = (
    *SURVEY_CARDS[:1],
    *REPRESENTATIVENESS_CARDS,
    *SURVEY_CARDS[1:],
    *WEIGHTING_CARDS,
    *INDEX_CARDS,
    *WAVE_CHANGE_CARDS,
    *COMPOSITION_CARDS,
    *LINKED_CARDS,
    *DRIVER_CARDS,
    *DIVIDED_CARDS,
    *THEME_CARDS,
    *RELIABILITY_CARDS,
)


def measure_survey_family(
    connection: duckdb.DuckDBPyConnection,
    dimensions: Sequence[str],
    settings: Settings,
    is_erased: IsName = is_nobody,
) -> None:
    """Temp table `survey_results`: every survey number of every wave, with the columns of a result, before the gate.

    Needs the temp table `versions` of the panel and the variable `as_of`. Numbers over all groups take those together
    that any role does not see, by the largest threshold.
    """
    thresholds = settings.thresholds
    k = thresholds.of_any_role
    measure_surveys(connection, dimensions)
    answers = read_answers(connection)
    measure_wave_changes(connection)
    measure_representativeness(connection, dimensions, k)
    measure_weighted(connection, answers, dimensions, k)
    if dimensions:
        measure_change_splits(connection, dimensions[0], k)
    measure_panel_changes(connection, k)
    measure_drivers(connection, answers, dimensions)
    measure_divided_opinion(connection)
    measure_themes(connection, answers, settings.themes, max(k, thresholds.distributions), is_erased)
    measure_reliability(connection, answers)
