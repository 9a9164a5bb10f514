"""Glossary: every metric, as its card says."""

from metrics.catalogue import FAMILIES
from metrics.metric import Metric

KIND_OF_UNIT = {"share": "0 to 1, shown in percent"}


def read_glossary() -> dict[str, tuple[Metric, ...]]:
    """The cards by family. They are the same whatever is published."""
    return FAMILIES
