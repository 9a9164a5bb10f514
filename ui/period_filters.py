"""The three filters of pages about a period: how long, which one, and compared by what."""

import streamlit as st

from report.models.reading import Period, choose_period, read_dimensions, read_periods
from ui.filters import choose
from ui.reading import model

GRAINS = ("week", "month", "quarter")


def choose_view() -> tuple[str, Period | None, str | None]:
    """Grain, period and dimension, each in the URL."""
    with st.container(horizontal=True, gap="small"):
        grain = choose("grain", GRAINS, code=str, name=str.capitalize, label="How long", default="quarter")
        periods = model(read_periods, grain)[::-1]
        last = choose_period(periods[::-1], None)
        if last is None:
            return grain, None, None
        period = choose(
            f"{grain}_of",
            periods,
            code=lambda p: p.period,
            name=name_period,
            label="Which one",
            default=last,
        )
        dimensions = model(read_dimensions)
        if not dimensions:
            return grain, period, None
        dimension = choose(
            "by", dimensions, code=str, name=lambda d: f"By {d}", label="Compare by", default=dimensions[0]
        )
    return grain, period, dimension


def choose_quarter() -> tuple[Period | None, str | None]:
    """Quarter and dimension, each in the URL, for pages whose numbers come once a quarter."""
    quarters = model(read_periods, "quarter")[::-1]
    last = choose_period(quarters[::-1], None)
    dimensions = model(read_dimensions)
    with st.container(horizontal=True, gap="small"):
        period = (
            choose(
                "quarter_of", quarters, code=lambda p: p.period, name=name_period, label="Which quarter", default=last
            )
            if last
            else None
        )
        dimension = (
            choose("by", dimensions, code=str, name=lambda d: f"By {d}", label="Compare by", default=dimensions[0])
            if dimensions
            else None
        )
    return period, dimension


def name_period(period: Period) -> str:
    """A period by a name that no other has: Week 46, 2026 (the year its ISO week belongs to), May 2026, 2026-Q3."""
    words = period.label[:1].upper() + period.label[1:]
    return f"{words}, {period.first.isocalendar().year}" if period.grain == "week" else words
