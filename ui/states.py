"""States: first run, nothing to show, and what went wrong. Each says what to do next."""

from collections.abc import Callable

import streamlit as st

import pipeline
from data.errors import Damaged, HearthError, NothingPublished
from ingest.importers import KINDS
from ingest.templates import make_template
from metrics.snapshot import list_snapshots
from ui.layout import NARROW, page
from ui.menu import page_file
from ui.progress import with_progress
from ui.reading import home, older_snapshot, show_newest, show_older

STEPS = (
    (
        "members",
        "Upload the member list",
        "1. Members",
        "One row a person: member_id, and team or region if you have it.",
    ),
    (
        "attendance",
        "Upload attendance",
        "2. Where they show up",
        "Who came to which event, from a calendar or a sign-in list.",
    ),
    ("survey", "Upload a survey", "3. What they say", "A survey export: one row a respondent."),
)


def guarded(show: Callable[[], None]) -> None:
    """Show a page, or the state that explains why it cannot be shown."""
    try:
        _say_older()
        show()
    except NothingPublished:
        show_first_run()
    except Damaged as error:
        show_broken(error)
    except HearthError as error:
        show_refused(error)


def show_failure(error: Exception) -> bool:
    """What a visitor sees of an error that nobody foresaw; the server's log has the rest. True: nothing more is shown."""
    with page(NARROW):
        st.caption("Something went wrong")
        st.title("This page could not be shown.", anchor=False)
        st.markdown(
            "This is a mistake in Hearth and not in your data; nothing was changed. Load the page again; "
            f"if it comes back, tell whoever runs Hearth: {type(error).__name__}, and what you had clicked."
        )
    return True


def show_refused(error: HearthError) -> None:
    """An error that says itself what to do."""
    with page(NARROW):
        st.caption("This cannot be shown now")
        st.title(error.what, anchor=False)
        st.markdown(error.fix)


def _say_older() -> None:
    """Above the pages of an older snapshot that the visitor chose: which one it is, and the way back."""
    chosen = older_snapshot()
    if chosen is None:
        return
    with page(), st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.warning(f"These are the numbers as they were published on {chosen.at:%-d %B %Y}.", width="stretch")
        if st.button("Show the newest"):
            show_newest()
            st.rerun()


def show_first_run() -> None:
    """No data yet: the first upload, templates, and the demo community."""
    with page(NARROW):
        st.caption("Nothing uploaded yet")
        st.title("Hearth has no data yet. One file is enough to see the first chart.", anchor=False)
        st.markdown(
            "Start with who is in the community; everything else can follow in any order. It takes about five minutes."
        )
        for place, (kind, label, title, text) in enumerate(STEPS):
            with st.container(border=True):
                st.markdown(f"**{title}**  \n{text}")
                with st.container(horizontal=True):
                    if st.button(label, key=f"upload-{kind}", type="primary" if place == 0 else "secondary"):
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
    older = [kept for kept in list_snapshots(home()) if not kept.current]
    with page(NARROW):
        st.caption("Something went wrong")
        st.title("The newest numbers could not be read, so these pages are empty for now.", anchor=False)
        with st.container(border=True):
            st.markdown(f"**What happened**  \n{error.what}")
            choice = f"Show the numbers of {older[0].at:%-d %B}, or publish again" if older else "Publish again"
            st.markdown(f"**What you can do**  \n{choice}. Nothing that was uploaded is lost.")
            with st.container(horizontal=True):
                is_publishing = st.button("Publish again", type="primary")
                if older and st.button(f"Show {older[0].at:%-d %B}"):
                    show_older(older[0].id)
                    st.rerun()
            if is_publishing:
                made = with_progress(lambda say: pipeline.publish(home(), progress=say), "Publishing")
                if made is not None:
                    show_newest()
                    st.rerun()


def show_missing(what: str, kind: str) -> None:
    """A page whose facts were never loaded: which file fills it."""
    st.info(what, icon=":material/upload_file:")
    with st.container(horizontal=True):
        if st.button(f"Upload {kind}", key=f"missing-{kind}", type="primary"):
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
