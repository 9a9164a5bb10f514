"""Ingest: what people upload is read, checked, kept and loaded, all or nothing, and can be taken back."""
