"""Lines over time: totals with their gaps. A weekly series with its usual range is in xmr.py."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from metrics.metric import Unit
from report.charts.figure import Chart, layout_of, make_chart, scale_grid, tick_format, write_name
from report.numbers import day, plural, write_value
from report.tokens import INK, SEGMENT

HEIGHT = 280
DAY = pd.Timedelta(days=1)


def gaps(frame: pd.DataFrame, *, unit: Unit, names: Sequence[str]) -> Chart:
    """Totals over time, one line a name, in the order of `names`. Missing periods break the line.

    `frame`: one row a name and period: name, period_start, period_end (last day, dates), value.
    """
    data, said = [], []
    for place, name in enumerate(names):
        rows = frame[frame["name"] == name].sort_values("period_start", kind="stable").reset_index(drop=True)
        if rows.empty:
            continue
        start, end = pd.to_datetime(rows["period_start"]), pd.to_datetime(rows["period_end"])
        is_after_gap = (start - end.shift()) > DAY
        breaks = pd.DataFrame({"x": end.shift()[is_after_gap], "y": None}, index=start.index[is_after_gap] - 0.5)
        line = pd.concat([pd.DataFrame({"x": start, "y": rows["value"].astype(object)}), breaks]).sort_index()
        data.append(_line(line, write_name(name), INK if place == 0 else SEGMENT[place % len(SEGMENT)], unit))
        said.append(
            f"{name}: {plural(len(rows), 'total')} from {day(start.iloc[0].date())} to {day(end.iloc[-1].date())}, "
            f"the newest {write_value(rows['value'].iloc[-1], unit)}"
        )
    layout = layout_of(
        HEIGHT,
        margin={"t": 12},
        yaxis={"side": "right", "rangemode": "tozero", "nticks": 4, "tickformat": tick_format(unit)} | scale_grid(),
        xaxis={"tickformat": "%b\n%Y", "nticks": 8},
    )
    alt = f"Totals over time. {'; '.join(said)}. Missing days are gaps in the lines."
    return make_chart(data, layout, alt)


def _line(line: pd.DataFrame, name: str, colour: str, unit: Unit) -> dict[str, Any]:
    return {
        "type": "scattergl" if len(line) > 5_000 else "scatter",
        "mode": "lines",
        "x": list(line["x"]),
        "y": list(line["y"]),
        "connectgaps": False,
        "line": {"color": colour, "width": 1.5},
        "meta": name,
        "hovertemplate": f"%{{meta}}<br><b>%{{y:{tick_format(unit)}}}</b><br>%{{x|%-d %b %Y}}<extra></extra>",
    }
