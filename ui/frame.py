"""The main script: page config, logo, who the visitor is, the menu of what they may open, then the page itself.

It lies here and not beside `pages/`, because Streamlit would take a folder of that name beside the main
script for its old automatic menu (docs/adr/0003).
"""

from pathlib import Path

import streamlit as st

from ui.access import visitor
from ui.door import show_door, show_visitor
from ui.menu import build_menu, list_pages

HERE = Path(__file__).parent

# The width of the menu before the menu, or it would be drawn at another one first.
st.set_page_config(page_title="Hearth", page_icon=str(HERE / "icon.svg"), layout="wide", initial_sidebar_state=240)
st.logo(str(HERE / "logo.svg"), size="large", icon_image=str(HERE / "icon.svg"))
found = visitor()
if found.role is None:
    # Every address leads to the door, and a menu from before is gone; no page of it is run.
    st.navigation(list_pages(), position="hidden")
    show_door(found)
    st.stop()
page = st.navigation(build_menu(found.role))
st.set_page_config(page_title=f"{page.title} · Hearth")
show_visitor(found)
page.run()
