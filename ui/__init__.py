"""Ui: the only Streamlit code that pages share."""
