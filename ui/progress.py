"""Progress: long work shown as it goes, and its refusal in words instead of an error."""

from collections.abc import Callable
from typing import TypeVar

import streamlit as st

from data.errors import HearthError

Made = TypeVar("Made")
Progress = Callable[[str, float], None]


def with_progress(work: Callable[[Progress], Made], start: str) -> Made | None:
    """Do the work under a bar that names its stages; None, with the reason on the page, where it is refused."""
    bar = st.progress(0.0, start)

    def say(stage: str, share: float) -> None:
        bar.progress(min(share, 1.0), stage)

    try:
        made = work(say)
    except HearthError as error:
        bar.empty()
        st.error(str(error))
        return None
    bar.empty()
    return made
