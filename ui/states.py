"""States: first run, nothing to show, and what went wrong. Each says what to do next."""

from collections.abc import Callable

import streamlit as st

import pipeline
from data.errors import Damaged, HearthError, NothingPublished
from ingest.importers import KINDS
from ingest.templates import make_template
from metrics.snapshot import list_snapshots
from report.words import verbatim
from ui.access import may_open, private_home, require_page, who
from ui.layout import NARROW, page
from ui.menu import link_to, page_file
from ui.progress import with_progress
from ui.reading import has_snapshot, home, older_snapshot, show_newest, show_older, snapshot

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
        require_page(show.__code__.co_filename)
        _say_older()
        _say_provisional()
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
        st.title(verbatim(error.what), anchor=False)
        st.markdown(verbatim(error.fix))


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


def _say_provisional() -> None:
    """Above every page: that the roster is only what an export shows, and where to give a better one."""
    if not has_snapshot() or snapshot().manifest().get("roster") != "provisional":
        return
    with page(), st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.warning(
            "The member list is provisional: it was made from an export, so people whom that tool does not know are missing.",
            width="stretch",
        )
        link_to("data/upload", "Upload the member list")


def show_first_run() -> None:
    """No data yet: the first upload, templates, and the demo community."""
    if not may_open("data/upload"):
        _show_nothing_yet()
        return
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
            made = with_progress(
                lambda say: pipeline.build_demo(private_home(), progress=say), "Building the demo community"
            )
            if made is not None:
                st.rerun()


def _show_nothing_yet() -> None:
    """No data yet, for a visitor who cannot bring any."""
    with page(NARROW):
        st.caption("Nothing published yet")
        st.title("Nothing is published here yet.", anchor=False)
        st.markdown("Come back when whoever looks after Hearth has published the first numbers.")


def show_broken(error: Damaged) -> None:
    """The newest numbers cannot be read: an older snapshot, or publish again. Nothing uploaded is lost."""
    older = [kept for kept in list_snapshots(home()) if not kept.current]
    with page(NARROW):
        st.caption("Something went wrong")
        st.title("The newest numbers could not be read, so these pages are empty for now.", anchor=False)
        with st.container(border=True):
            st.markdown(f"**What happened**  \n{verbatim(error.what)}")
            can_publish = may_open("data/upload")
            again = "publish again" if can_publish else "ask whoever looks after Hearth to publish again"
            choice = f"Show the numbers of {older[0].at:%-d %B}, or {again}" if older else again.capitalize()
            st.markdown(f"**What you can do**  \n{choice}. Nothing that was uploaded is lost.")
            with st.container(horizontal=True):
                is_publishing = can_publish and st.button("Publish again", type="primary")
                if older and st.button(f"Show {older[0].at:%-d %B}"):
                    show_older(older[0].id)
                    st.rerun()
            if is_publishing:
                made = with_progress(
                    lambda say: pipeline.publish(private_home(), who=who(), progress=say), "Publishing"
                )
                if made is not None:
                    show_newest()
                    st.rerun()


def show_missing(what: str, kind: str) -> None:
    """A page whose facts were never loaded: which file fills it."""
    st.info(what, icon=":material/upload_file:")
    with st.container(horizontal=True):
        if not may_open("data/upload"):
            return
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
