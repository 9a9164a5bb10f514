"""Data: the warehouse, its schema, the settings and the errors everything else speaks in."""
