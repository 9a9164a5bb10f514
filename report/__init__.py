"""Report: the sentences, figures and page models that turn published numbers into something to read. No Streamlit here."""
