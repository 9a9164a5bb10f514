"""The template of each kind can be uploaded as it is."""

from pathlib import Path

import pytest

from ingest.importers import IMPORTERS
from ingest.templates import explain_columns, make_template
from tests.uploads import take_in


@pytest.mark.parametrize("kind", [importer.name for importer in IMPORTERS])
def test_the_example_of_each_template_loads(home: Path, kind: str) -> None:
    take_in(home, "event_id,starts_at\nE001,2026-11-12\n", "events")
    receipt = take_in(home, make_template(kind), kind)
    assert (receipt.rows, receipt.rejected) == (1, 0)


def test_every_column_is_explained() -> None:
    unexplained = [name for importer in IMPORTERS for name, _, meaning in explain_columns(importer) if not meaning]
    assert unexplained == []
