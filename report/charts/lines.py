"""Lines over time: a weekly series with its usual range, and totals with their gaps."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from metrics.metric import Unit
from report.charts.figure import Chart, layout_of, make_chart, tick_format
from report.numbers import day, plural, write_value
from report.tokens import CONCERN, IMPROVE, INK, MUTED, SEGMENT

HEIGHT = 280
COLOURS = {"improved": IMPROVE, "declined": CONCERN}


@dataclass(frozen=True)
class Mark:
    """Something worth knowing on a day: drawn as a letter, explained under the chart."""

    letter: str
    on: date
    words: str


def xmr(frame: pd.DataFrame, *, unit: Unit, marks: Sequence[Mark] = ()) -> Chart:
    """A process-behaviour chart. `frame` has one row a week in order: starts_on, value (nan = gap), is_out (left out
    of the limits), is_open (unfinished), mean, lower, upper (nan before limits are drawn), verdict (of a signal, else
    empty), people, status. Grey line and dots, band and dashed mean, ▲ ▼ with the value at signals, × left out, ○ unfinished.
    """
    rows = frame.assign(starts_on=pd.to_datetime(frame["starts_on"]))
    used = rows["value"].where(~rows["is_out"] & ~rows["is_open"])
    data = [_band(rows), _mean(rows), _line(rows, used, unit)]
    data += [_points(rows[rows["is_out"] & rows["value"].notna()], "x-thin", "left out", unit)]
    data += [_points(rows[rows["is_open"] & rows["value"].notna()], "circle-open", "so far", unit)]
    data += _signals(rows, unit)
    drawn = rows[rows["mean"].notna()]
    ticks = [] if drawn.empty else [drawn[bound].iloc[-1] for bound in ("lower", "mean", "upper")]
    layout = layout_of(
        HEIGHT,
        margin={"t": 26 if marks else 12, "r": 4},
        yaxis={
            "side": "right",
            "tickvals": ticks,
            "ticktext": [write_value(tick, unit) for tick in ticks],
            "range": _range(rows),
        },
        xaxis=_months(rows),
        shapes=[_dotted(mark) for mark in marks],
        annotations=[_letter(mark) for mark in marks],
    )
    return make_chart([trace for trace in data if trace], layout, _say(rows, unit))


def gaps(frame: pd.DataFrame, *, unit: Unit, names: Sequence[str]) -> Chart:
    """Totals over time, one line a name: `frame` has period_start, period_end, name, value. Missing periods break the line."""
    data: list[dict[str, Any]] = []
    said = []
    for place, name in enumerate(names):
        rows = frame[frame["name"] == name].sort_values("period_start")
        if rows.empty:
            continue
        start = pd.to_datetime(rows["period_start"]).reset_index(drop=True)
        end = pd.to_datetime(rows["period_end"]).reset_index(drop=True)
        values = rows["value"].reset_index(drop=True)
        x: list[Any] = []
        y: list[float | None] = []
        for position, (when, value) in enumerate(zip(start, values, strict=True)):
            if position and (when - end[position - 1]).days > 1:
                x.append(end[position - 1])
                y.append(None)
            x.append(when)
            y.append(value)
        data.append(
            {
                "type": "scattergl" if len(x) > 5_000 else "scatter",
                "mode": "lines",
                "x": x,
                "y": y,
                "connectgaps": False,
                "line": {"color": INK if place == 0 else SEGMENT[place % len(SEGMENT)], "width": 1.5},
                "hovertemplate": f"{name}<br><b>%{{y:{tick_format(unit)}}}</b><br>%{{x|%-d %b %Y}}<extra></extra>",
            }
        )
        said.append(f"{name}: {len(rows)} totals from {day(start.iloc[0].date())} to {day(end.iloc[-1].date())}")
    layout = layout_of(
        HEIGHT, yaxis={"side": "right", "rangemode": "tozero", "nticks": 4}, xaxis={"tickformat": "%b\n%Y", "nticks": 8}
    )
    return make_chart(data, layout, "Totals over time. " + "; ".join(said) + ". Missing days are gaps in the lines.")


def _band(rows: pd.DataFrame) -> dict[str, Any]:
    drawn = rows[rows["mean"].notna()]
    if drawn.empty:
        return {}
    x = [*drawn["starts_on"], *reversed(list(drawn["starts_on"]))]
    return {
        "type": "scatter",
        "mode": "lines",
        "x": x,
        "y": [*drawn["upper"], *reversed(list(drawn["lower"]))],
        "fill": "toself",
        "fillcolor": MUTED + "26",
        "line": {"width": 0},
        "hoverinfo": "skip",
    }


def _mean(rows: pd.DataFrame) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "x": list(rows["starts_on"]),
        "y": _optional(rows["mean"]),
        "line": {"color": MUTED, "width": 1, "dash": "dash"},
        "hoverinfo": "skip",
    }


def _line(rows: pd.DataFrame, used: pd.Series, unit: Unit) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "x": list(rows["starts_on"]),
        "y": _optional(used),
        "customdata": _people(rows),
        "connectgaps": False,
        "line": {"color": MUTED, "width": 1.5},
        "marker": {"color": MUTED, "size": 5},
        "hovertemplate": _hover(unit),
    }


def _points(rows: pd.DataFrame, symbol: str, words: str, unit: Unit) -> dict[str, Any]:
    if rows.empty:
        return {}
    return {
        "type": "scatter",
        "mode": "markers",
        "x": list(rows["starts_on"]),
        "y": list(rows["value"]),
        "customdata": _people(rows),
        "marker": {"symbol": symbol, "size": 8, "color": MUTED, "line": {"color": MUTED, "width": 1.5}},
        "hovertemplate": _hover(unit, words),
    }


def _signals(rows: pd.DataFrame, unit: Unit) -> list[dict[str, Any]]:
    """Signals as triangles; only the newest of a streak carries its value, so that labels do not collide."""
    traces = []
    for verdict, colour in COLOURS.items():
        found = rows[(rows["verdict"] == verdict) & ~rows["is_open"] & ~rows["is_out"]]
        if found.empty:
            continue
        is_high = found["value"] >= found["mean"]
        traces.append(
            {
                "type": "scatter",
                "mode": "markers+text",
                "x": list(found["starts_on"]),
                "y": list(found["value"]),
                "customdata": _people(found),
                "text": ["" for _ in range(len(found) - 1)] + [write_value(found["value"].iloc[-1], unit)],
                "textposition": ["top center" if high else "bottom center" for high in is_high],
                "textfont": {"color": colour, "size": 13, "weight": 600},
                "cliponaxis": False,
                "marker": {
                    "symbol": ["triangle-up" if high else "triangle-down" for high in is_high],
                    "size": 11,
                    "color": colour,
                },
                "hovertemplate": _hover(unit, "signal"),
            }
        )
    return traces


def _hover(unit: Unit, words: str = "") -> str:
    state = f" · {words}" if words else ""
    return f"week of %{{x|%-d %b %Y}}<br><b>%{{y:{tick_format(unit)}}}</b><br>%{{customdata}}{state}<extra></extra>"


def _people(rows: pd.DataFrame) -> list[str]:
    return ["" if pd.isna(people) else f"n\u00a0{int(people):,}" for people in rows["people"]]


def _optional(values: pd.Series) -> list[float | None]:
    return [None if pd.isna(value) else float(value) for value in values]


def _range(rows: pd.DataFrame) -> list[float]:
    numbers = pd.concat([rows["value"], rows["lower"], rows["upper"]]).dropna()
    if numbers.empty:
        return [0, 1]
    low, high = float(numbers.min()), float(numbers.max())
    pad = 0.16 * ((high - low) or abs(high) or 1)
    return [low - pad, high + pad]


def _months(rows: pd.DataFrame) -> dict[str, Any]:
    first, last = rows["starts_on"].min(), rows["starts_on"].max()
    starts = pd.date_range(first.normalize().replace(day=1), last, freq="MS")
    starts = starts[starts >= first][:: max(1, len(starts) // 6)]
    text = [
        f"{when:%b}<br>{when:%Y}" if place == 0 or when.month <= 2 else f"{when:%b}"
        for place, when in enumerate(starts)
    ]
    return {
        "tickvals": list(starts),
        "ticktext": text,
        "range": [first - pd.Timedelta(days=4), last + pd.Timedelta(days=8)],
    }


def _dotted(mark: Mark) -> dict[str, Any]:
    return {
        "type": "line",
        "x0": mark.on,
        "x1": mark.on,
        "y0": 0,
        "y1": 0.97,
        "yref": "paper",
        "line": {"color": MUTED, "width": 1, "dash": "dot"},
    }


def _letter(mark: Mark) -> dict[str, Any]:
    return {
        "x": mark.on,
        "y": 1,
        "yref": "paper",
        "yanchor": "bottom",
        "text": f"<b>{mark.letter}</b>",
        "showarrow": False,
        "font": {"size": 12, "color": INK},
    }


def _say(rows: pd.DataFrame, unit: Unit) -> str:
    closed = rows[rows["value"].notna() & ~rows["is_open"]]
    if closed.empty:
        return "Weekly values with their usual range; there is no finished week yet."
    newest = closed.iloc[-1]
    words = f"{plural(len(closed), 'weekly value')} to the week of {day(newest['starts_on'].date())}: {write_value(newest['value'], unit)}"
    if pd.notna(newest["mean"]):
        words += f", usual range {write_value(newest['lower'], unit)} to {write_value(newest['upper'], unit)}"
    state = {"improved": "a signal for the better", "declined": "a signal for the worse"}.get(
        str(newest["verdict"]), "no signal"
    )
    out, hidden = int(closed["is_out"].sum()), int((rows["status"] == "withheld").sum())
    return f"{words}; {state}. {plural(out, 'week is', 'weeks are')} left out of the range, {hidden} withheld."
