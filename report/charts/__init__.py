"""Charts: one function for each shape, never for a metric. A figure holds marks and numbers; words belong to the page."""

from report.charts.figure import Chart
from report.charts.lines import Mark, gaps, xmr
from report.charts.matrices import difference_matrix, share_matrix
from report.charts.rows import bars, dumbbell, likert

__all__ = ["Chart", "Mark", "bars", "difference_matrix", "dumbbell", "gaps", "likert", "share_matrix", "xmr"]
