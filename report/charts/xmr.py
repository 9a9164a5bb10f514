"""A weekly series with its usual range: the process-behaviour chart, in which only a signal has colour."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from metrics.metric import Unit
from report.charts.figure import Chart, layout_of, make_chart
from report.numbers import day, plural, span, write_value
from report.tokens import CONCERN, IMPROVE, INK, MUTED, PAPER

HEIGHT = 280
PLOT = 220  # pixels between the top and the months, about
TICK_ROOM = 16  # pixels that one tick label takes
LABEL_ROOM = pd.Timedelta(weeks=5)  # what a label covers on a phone
LETTER_ROOM = pd.Timedelta(weeks=2)
FLAT = 1e-9
COLOURS = {"improved": IMPROVE, "declined": CONCERN}
# A halo in the colour of the paper, so that a number stays readable over a line.
HALO = ", ".join([f"0 0 3px {PAPER}"] * 4)


@dataclass(frozen=True)
class Mark:
    """Something worth knowing on a day: drawn as a letter, explained under the chart."""

    letter: str
    on: date
    words: str


def xmr(frame: pd.DataFrame, *, unit: Unit, marks: Sequence[Mark] = ()) -> Chart:
    """A process-behaviour chart: grey line and dots, band and dashed mean, ▲ ▼ with the value at signals, × left out, ○ unfinished.

    `frame` has one row a week in order: starts_on (Monday), value (nan = gap), is_out (left out of the limits),
    is_open (unfinished), mean, lower, upper (nan before limits are drawn), verdict (improved or declined at a signal,
    else empty), direction (up or down at a signal), people, status.
    """
    rows = frame.assign(starts_on=pd.to_datetime(frame["starts_on"]))
    used = rows["value"].where(~rows["is_out"] & ~rows["is_open"])
    data = [_band(rows), _mean(rows), _line(rows, used, unit)]
    data += [_points(rows[rows["is_out"] & rows["value"].notna()], "x-thin", "left out", unit)]
    data += [_points(rows[rows["is_open"] & rows["value"].notna()], "circle", "so far", unit)]
    data += _signals(rows, used, unit)
    ends = _range(rows)
    layout = layout_of(
        HEIGHT,
        margin={"t": 26 if marks else 12, "l": 8, "r": 4},
        yaxis={"side": "right", "range": ends} | _ticks(rows, ends[1] - ends[0], unit),
        xaxis=_months(rows),
        shapes=[_dotted(mark) for mark in marks],
        annotations=_letters(marks),
    )
    return make_chart([trace for trace in data if trace], layout, _say(rows, unit))


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
        "connectgaps": False,
        "cliponaxis": False,
        "line": {"color": MUTED, "width": 1.5},
        "marker": {"color": MUTED, "size": 5},
    } | _hover(rows, unit)


def _points(rows: pd.DataFrame, symbol: str, words: str, unit: Unit) -> dict[str, Any]:
    if rows.empty:
        return {}
    return {
        "type": "scatter",
        "mode": "markers",
        "x": list(rows["starts_on"]),
        "y": list(rows["value"]),
        "cliponaxis": False,
        "marker": {"symbol": symbol, "size": 8, "color": PAPER, "line": {"color": MUTED, "width": 1.5}},
    } | _hover(rows, unit, words)


def _signals(rows: pd.DataFrame, used: pd.Series, unit: Unit) -> list[dict[str, Any]]:
    """Signals as triangles; the newest of each streak carries its value, unless a newer label stands in its place."""
    is_signal = rows["verdict"].isin(list(COLOURS)) & used.notna()
    labelled = _choose_labels(rows[used.notna()])
    traces = []
    for verdict, colour in COLOURS.items():
        found = rows[is_signal & (rows["verdict"] == verdict)]
        if found.empty:
            continue
        is_up = found["direction"] == "up"
        traces.append(
            {
                "type": "scatter",
                "mode": "markers+text",
                "x": list(found["starts_on"]),
                "y": list(found["value"]),
                "text": [
                    write_value(row["value"], unit) if row["starts_on"] in labelled else ""
                    for row in found.to_dict("records")
                ],
                "textposition": [_side(used, place, is_up=up) for place, up in is_up.items()],
                "textfont": {"color": colour, "size": 13, "weight": 600, "shadow": HALO},
                "cliponaxis": False,
                "marker": {
                    "symbol": ["triangle-up" if up else "triangle-down" for up in is_up],
                    "size": 13,
                    "color": colour,
                },
            }
            | _hover(found, unit, "signal")
        )
    return traces


def _choose_labels(finished: pd.DataFrame) -> set[pd.Timestamp]:
    """The weeks whose value is written: the last of each streak, the newest first, as far as there is room."""
    last_of_streak = (finished["verdict"] != finished["verdict"].shift(-1)) & finished["verdict"].isin(list(COLOURS))
    chosen: list[pd.Timestamp] = []
    for week in reversed(list(finished.loc[last_of_streak, "starts_on"])):
        if not chosen or chosen[-1] - week >= LABEL_ROOM:
            chosen.append(week)
    return set(chosen)


def _side(used: pd.Series, place: Any, *, is_up: bool) -> str:
    """The side of a point where the line does not come from; between a rise and a fall, the side the signal points to."""
    around = pd.Series([used.shift(1).loc[place], used.shift(-1).loc[place]]).dropna()
    is_lowest, is_highest = (around > used.loc[place]).all(), (around < used.loc[place]).all()
    is_above = is_up if is_lowest == is_highest else is_highest
    return "top center" if is_above else "bottom center"


def _hover(rows: pd.DataFrame, unit: Unit, words: str = "") -> dict[str, Any]:
    """Three lines: which week, the value as the page writes it, n and state."""
    state = f" · {words}" if words else ""
    return {
        "hovertext": [write_value(value, unit) for value in rows["value"]],
        "customdata": ["" if pd.isna(people) else f"n\u00a0{int(people):,}" for people in rows["people"]],
        "hovertemplate": f"week of %{{x|%-d %b %Y}}<br><b>%{{hovertext}}</b><br>%{{customdata}}{state}<extra></extra>",
    }


def _optional(values: pd.Series) -> list[float | None]:
    return [None if pd.isna(value) else float(value) for value in values]


def _range(rows: pd.DataFrame) -> list[float]:
    numbers = pd.concat([rows["value"], rows["lower"], rows["upper"]]).dropna()
    if numbers.empty:
        return [0, 1]
    low, high = float(numbers.min()), float(numbers.max())
    height = high - low
    # Limits of a series that never moves differ from it by what a float cannot hold.
    is_flat = height <= FLAT * max(abs(high), 1.0)
    pad = 0.16 * ((abs(high) or 1.0) if is_flat else height)
    return [low - pad, high + pad]


def _ticks(rows: pd.DataFrame, height: float, unit: Unit) -> dict[str, Any]:
    """Lower, mean and upper of the newest limits; where they would be written over each other, the range at its mean."""
    drawn = rows[rows["mean"].notna()]
    if drawn.empty:
        return {"tickvals": [], "ticktext": []}
    lower, mean, upper = (float(drawn[bound].iloc[-1]) for bound in ("lower", "mean", "upper"))
    room = height * TICK_ROOM / PLOT
    if upper - lower < room:
        return {"tickvals": [mean], "ticktext": [span(lower, upper, unit)]}
    ticks = [lower, mean, upper] if min(upper - mean, mean - lower) >= room else [lower, upper]
    return {"tickvals": ticks, "ticktext": [write_value(tick, unit) for tick in ticks]}


def _months(rows: pd.DataFrame) -> dict[str, Any]:
    """At most eight months; the year stands under the first and wherever it changes."""
    first, last = rows["starts_on"].min(), rows["starts_on"].max()
    starts = pd.date_range(first.normalize().replace(day=1), last, freq="MS")
    starts = starts[starts >= first + pd.Timedelta(days=10)][:: max(1, len(starts) // 6)]
    years = [None, *(when.year for when in starts)]
    return {
        "tickvals": list(starts),
        "ticktext": [
            f"{when:%b}<br>{when:%Y}" if when.year != before else f"{when:%b}"
            for when, before in zip(starts, years, strict=False)
        ],
        "range": [first - pd.Timedelta(days=4), last + pd.Timedelta(days=14)],
    }


def _dotted(mark: Mark) -> dict[str, Any]:
    return {
        "type": "line",
        "x0": mark.on,
        "x1": mark.on,
        "y0": 0,
        "y1": 0.97,
        "yref": "paper",
        "layer": "below",
        "line": {"color": MUTED, "width": 1, "dash": "dot"},
    }


def _letters(marks: Sequence[Mark]) -> list[dict[str, Any]]:
    """A letter over each line; letters that would stand on each other share one place."""
    written: list[tuple[date, str]] = []
    for mark in marks:
        if written and mark.on - written[-1][0] < LETTER_ROOM:
            written[-1] = (written[-1][0], f"{written[-1][1]}\u2009{mark.letter}")
        else:
            written.append((mark.on, mark.letter))
    return [
        {
            "x": on,
            "y": 1,
            "yref": "paper",
            "yanchor": "bottom",
            "text": f"<b>{letters}</b>",
            "showarrow": False,
            "font": {"size": 12, "color": INK},
        }
        for on, letters in written
    ]


def _say(rows: pd.DataFrame, unit: Unit) -> str:
    closed = rows[rows["value"].notna() & ~rows["is_open"]]
    if closed.empty:
        return "Weekly values with their usual range; there is no finished week yet."
    newest = closed.iloc[-1]
    words = f"{plural(len(closed), 'weekly value')} to the week of {day(newest['starts_on'].date())}: {write_value(newest['value'], unit)}"
    if pd.notna(newest["mean"]):
        words += f", usual range {span(newest['lower'], newest['upper'], unit)}"
    state = {"improved": "a signal for the better", "declined": "a signal for the worse"}.get(
        str(newest["verdict"]), "no signal"
    )
    out, hidden = int(closed["is_out"].sum()), int((rows["status"] == "withheld").sum())
    return f"{words}; {state}. {plural(out, 'week is', 'weeks are')} left out of the range, {hidden} withheld."
