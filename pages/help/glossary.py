"""Glossary: what each number means, how it is made, and what not to conclude from it."""

import streamlit as st

from report.models.glossary import read_glossary
from ui.layout import page

with page():
    families = read_glossary()
    st.caption("Glossary · generated from the metrics' own cards")
    st.title("Every number, its question, its formula, and what not to conclude from it.", anchor=False)
    st.markdown(" · ".join(f"[{family}](#{family.lower()})" for family in families))
    for family, cards in families.items():
        st.header(family, anchor=family.lower())
        for card in cards:
            with st.expander(f"**{card.title}** — {card.question}"):
                st.markdown(
                    f"`{card.name}` · {card.unit} · by {', '.join(card.grains)} · needs {', '.join(card.needs)}"
                )
                st.markdown(f"**Formula.** {card.formula}.")
                st.markdown(f"**How to read it.** {card.reading}")
                st.markdown(f"**What not to conclude.** {card.caveats}")
                st.markdown(f"**Reference.** {card.reference}")
