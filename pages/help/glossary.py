"""Glossary: what each number means, how it is made, and what not to conclude from it."""

import streamlit as st

from report.models.glossary import read_glossary
from ui.layout import NARROW, page

with page(NARROW):
    families = read_glossary()
    st.caption("Glossary · generated from the metrics' own cards")
    st.title("Every number, its question, its formula, and what not to conclude from it.", anchor=False)
    for family, cards in families.items():
        links = " · ".join(f"[{card.title}](#{card.name.replace('_', '-')})" for card in cards)
        st.markdown(f"**{family}**  \n{links}")
    for family, cards in families.items():
        st.header(family, anchor=family.lower())
        for card in cards:
            st.subheader(card.title, anchor=card.name.replace("_", "-"))
            st.markdown(f"{card.question} {card.reading}")
            st.markdown(f"**Formula.** {card.formula}.  \n**What not to conclude.** {card.caveats}")
            st.caption(
                f"`{card.name}` · {card.unit} · by {', '.join(card.grains)} · needs {', '.join(card.needs)}  \n"
                f"{card.reference}"
            )
