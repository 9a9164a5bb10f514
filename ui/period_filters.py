"""The three filters of pages about a period: how long, which one, and compared by what."""

import streamlit as st

from report.models.reading import Period, choose_period, read_periods
from ui.filters import choose
from ui.reading import model, snapshot

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
            name=lambda p: p.label[:1].upper() + p.label[1:],
            label="Which one",
            default=last,
        )
        dimensions = [name for name in snapshot().manifest()["dimensions"].split(";") if name]
        if not dimensions:
            return grain, period, None
        dimension = choose(
            "by", dimensions, code=str, name=lambda d: f"By {d}", label="Compare by", default=dimensions[0]
        )
    return grain, period, dimension
