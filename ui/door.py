"""The door: what somebody sees who is not let in, and how whoever is in goes out again."""

import streamlit as st

from data.access import Decision
from ui.access import THIS_MACHINE, is_signed_in
from ui.layout import NARROW, page


def show_door(found: Decision) -> None:
    """Sign in, or why it was not enough. Nothing of the community is on this page, not even its name."""
    with page(NARROW):
        st.caption("Hearth")
        if not found.why:
            st.title("Sign in to see how your community is doing.", anchor=False)
            _offer_sign_in("Sign in")
            return
        st.title("You are not let in.", anchor=False)
        st.markdown(f"{found.why} If you think that this is wrong, ask whoever looks after Hearth.")
        if is_signed_in():
            _offer_sign_in("Sign in again")
            _offer_sign_out()


def show_visitor(found: Decision) -> None:
    """Under the menu: as whom the visitor is here. Without sign-in there is nobody to name."""
    if found.who == THIS_MACHINE:
        return
    with st.sidebar:
        st.text(f"{found.who} ({found.role})")
        _offer_sign_out()


def _offer_sign_in(label: str) -> None:
    if st.button(label, type="primary"):
        st.login()


def _offer_sign_out() -> None:
    if st.button("Sign out"):
        st.logout()
