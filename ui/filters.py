"""Filters: quiet buttons named by their present value, each bound to the URL, so that a link shows the same page."""

from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

import streamlit as st

from report.words import verbatim

Choice = TypeVar("Choice", bound=Hashable)


def choose(
    key: str,
    choices: Sequence[Choice],
    *,
    code: Callable[[Choice], str],
    name: Callable[[Choice], str],
    label: str,
    default: Choice,
) -> Choice:
    """One of several, kept in the URL under `key`; a value that nobody offers falls back to the default.

    Streamlit tells options apart by the words shown, in the browser and in the URL, so words that are
    shown twice get their code behind them.
    """
    counted = Counter(map(name, choices))
    words = {
        choice: name(choice) if counted[name(choice)] == 1 else f"{name(choice)} ({code(choice)})" for choice in choices
    }
    by_words = {said: choice for choice, said in words.items()}
    chosen = st.session_state.get(key) or st.query_params.get(key)
    with st.popover(verbatim(str(chosen) if chosen in by_words else words[default]), key=f"filter-{key}"):
        picked = st.selectbox(
            label, list(by_words), index=list(by_words).index(words[default]), key=key, bind="query-params"
        )
    return by_words.get(str(picked), default)
