"""The main script: page config, logo, menu, then the page itself.

It lies here and not beside `pages/`, because Streamlit would take a folder of that name beside the main
script for its old automatic menu (docs/adr/0003).
"""

from pathlib import Path

import streamlit as st

from ui.menu import build_menu

HERE = Path(__file__).parent

# The width of the menu before the menu, or it would be drawn at another one first.
st.set_page_config(page_title="Hearth", page_icon=str(HERE / "icon.svg"), layout="wide", initial_sidebar_state=240)
st.logo(str(HERE / "logo.svg"), size="large", icon_image=str(HERE / "icon.svg"))
page = st.navigation(build_menu())
st.set_page_config(page_title=f"{page.title} · Hearth")
page.run()
