"""States: first run, nothing to show, and what went wrong. Each says what to do next."""

from collections.abc import Callable

import streamlit as st

import pipeline
from data.errors import Damaged, HearthError, NothingPublished
from ingest.importers import KINDS
from ingest.templates import make_template
from metrics.snapshot import list_snapshots
from ui.layout import page
from ui.menu import page_file
from ui.progress import with_progress
from ui.reading import home

STEPS = (
    ("members", "1. Members", "A list with one row a person: member_id, and team or region if you have it."),
    ("attendance", "2. Where they show up", "Attendance of events, from your calendar or sign-in list."),
    ("survey", "3. What they say", "A survey export: one row a respondent."),
)


def guarded(show: Callable[[], None]) -> None:
    """Show a page, or the state that explains why it cannot be shown."""
    try:
        show()
    except NothingPublished:
        show_first_run()
    except Damaged as error:
        show_broken(error)
    except HearthError as error:
        with page():
            st.caption("Hearth")
            st.title(error.what, anchor=False)
            st.markdown(error.fix)


def show_first_run() -> None:
    """No data yet: the first upload, templates, and the demo community."""
    with page():
        st.caption("Nothing uploaded yet")
        st.title("Hearth has no data yet. One file is enough to see the first chart.", anchor=False)
        st.markdown(
            "Start with who is in the community; everything else can follow in any order. It takes about five minutes."
        )
        for place, (kind, title, text) in enumerate(STEPS):
            with st.container(border=True):
                st.markdown(f"**{title}**  \n{text}")
                with st.container(horizontal=True):
                    if st.button("Go to Upload", key=f"upload-{kind}", type="primary" if place == 0 else "secondary"):
                        st.switch_page(page_file("data/upload"))
                    _offer_template(kind, "Get a template")
        with st.expander("Templates of every kind of file"):
            offer_templates()
        st.markdown("Only looking? Open the **demo community**: 600 invented people, three years.")
        if st.button("Open the demo community"):
            made = with_progress(lambda say: pipeline.build_demo(home(), progress=say), "Building the demo community")
            if made is not None:
                st.rerun()


def show_broken(error: Damaged) -> None:
    """The newest numbers cannot be read: an older snapshot, or publish again. Nothing uploaded is lost."""
    with page():
        st.caption("Something went wrong")
        st.title("The newest numbers could not be read, so these pages are empty for now.", anchor=False)
        st.markdown(f"{error.what} Nothing that was uploaded is lost.")
        older = [kept for kept in list_snapshots(home()) if not kept.current]
        with st.container(horizontal=True):
            if st.button("Publish again", type="primary"):
                made = with_progress(lambda say: pipeline.publish(home(), progress=say), "Publishing")
                if made is not None:
                    st.session_state.pop("snapshot", None)
                    st.rerun()
            if older and st.button(f"Show {older[0].at:%-d %B}"):
                st.session_state["snapshot"] = older[0].id
                st.rerun()


def show_missing(what: str, kind: str) -> None:
    """A page whose facts were never loaded: which file fills it."""
    st.info(what, icon=":material/upload_file:")
    with st.container(horizontal=True):
        if st.button("Go to Upload", key=f"missing-{kind}"):
            st.switch_page(page_file("data/upload"))
        _offer_template(kind, "Get a template", key="missing")


def offer_templates() -> None:
    """A CSV template of each kind of file."""
    with st.container(horizontal=True):
        for kind in KINDS:
            _offer_template(kind, kind, key="all")


def _offer_template(kind: str, label: str, key: str = "step") -> None:
    st.download_button(
        label,
        data=make_template(kind),
        file_name=f"{kind}-template.csv",
        mime="text/csv",
        on_click="ignore",
        type="tertiary",
        key=f"template-{key}-{kind}",
    )
