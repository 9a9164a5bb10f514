"""Commands of `hearth` that do not lie in cli.py, grouped by what they are for."""
