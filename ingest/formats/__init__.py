"""The exports that people really have: one module a tool, each from the tool's bytes to the rows of a canonical file."""
