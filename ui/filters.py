"""Filters: quiet buttons named by their present value, each bound to the URL, so that a link shows the same page."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import streamlit as st

Choice = TypeVar("Choice")


def choose(
    key: str,
    choices: Sequence[Choice],
    *,
    code: Callable[[Choice], str],
    name: Callable[[Choice], str],
    label: str,
    default: Choice,
) -> Choice:
    """One of several, kept in the URL under `key`; a value that nobody offers falls back to the default."""
    by_code = {code(choice): choice for choice in choices}
    chosen = st.session_state.get(key) or st.query_params.get(key)
    shown = by_code.get(str(chosen), default)
    with st.popover(name(shown), key=f"filter-{key}"):
        picked = st.selectbox(
            label,
            list(by_code),
            index=list(by_code).index(code(default)),
            format_func=lambda value: name(by_code[value]),
            key=key,
            bind="query-params",
        )
    return by_code.get(str(picked), default)
