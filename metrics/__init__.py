"""Metrics: what is computed from rollups and answers, and the gate that everything published passes."""
