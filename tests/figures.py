"""Frames of a few rows for charts, and figures as the page gets them."""

import json
from datetime import date, timedelta
from typing import Any

import pandas as pd

from report.charts import Chart, difference_matrix

NAN = float("nan")


def drawn(chart: Chart) -> dict[str, Any]:
    """The figure as JSON, without Plotly's own template, which the page replaces by its own."""
    figure: dict[str, Any] = json.loads(chart.figure.to_json())
    figure["layout"].pop("template", None)
    return figure


def weeks(values: list[float | None], **columns: Any) -> pd.DataFrame:
    """Weeks from Monday 7 September 2026 with a usual range of 20 to 40 %."""
    monday = date(2026, 9, 7)
    return pd.DataFrame(
        {
            "starts_on": [monday + timedelta(weeks=place) for place in range(len(values))],
            "value": [NAN if value is None else value for value in values],
            "is_out": False,
            "is_open": False,
            "mean": 0.30,
            "lower": 0.20,
            "upper": 0.40,
            "verdict": "",
            "direction": "",
            "people": 412,
            "status": "shown",
        }
        | columns
    )


def totals(*days: tuple[int, float]) -> pd.DataFrame:
    """Daily totals of November 2026 by day of the month."""
    return pd.DataFrame(
        [
            {"name": "active", "period_start": date(2026, 11, day), "period_end": date(2026, 11, day), "value": value}
            for day, value in days
        ]
    )


def matrix() -> Chart:
    """Two questions by the whole and two groups; Legal's answers are withheld."""
    #            whole   Care   Legal
    #   voice      60      72    ///
    #   safety     55      56    ///
    rows = [
        ("voice", "all", 0.60, 0.0, False, "shown"),
        ("voice", "Care", 0.72, 0.12, True, "shown"),
        ("voice", "Legal", NAN, NAN, False, "withheld"),
        ("safety", "all", 0.55, 0.0, False, "shown"),
        ("safety", "Care", 0.56, 0.01, False, "shown"),
        ("safety", "Legal", NAN, NAN, False, "withheld"),
    ]
    frame = pd.DataFrame(rows, columns=["row", "column", "value", "difference", "is_beyond", "status"])
    return difference_matrix(
        frame, rows=["voice", "safety"], columns=["all", "Care", "Legal"], heads=["Whole · 120", "Care · 64", "Legal"]
    )
