"""Charts: one function for each shape, never for a metric. A figure holds marks and numbers; words belong to the page."""

from report.charts.answers import likert
from report.charts.differences import differences
from report.charts.figure import Chart
from report.charts.lines import gaps
from report.charts.matrices import difference_matrix, share_matrix
from report.charts.rows import bars, dumbbell, index_against_expected
from report.charts.xmr import Mark, xmr

__all__ = [
    "Chart",
    "Mark",
    "bars",
    "difference_matrix",
    "differences",
    "dumbbell",
    "gaps",
    "index_against_expected",
    "likert",
    "share_matrix",
    "xmr",
]
