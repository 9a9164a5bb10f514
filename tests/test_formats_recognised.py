"""Which tool a file is of: every sample is taken for its own tool's, and no canonical or other file for any tool's."""

import os
from pathlib import Path

import pytest

from ingest.formats.export import Export
from ingest.formats.known import FORMATS, recognise_format

KNOWN = {known.name for known in FORMATS}
SAMPLE = Path(__file__).parent.parent / "data" / "sample"
REFERENCE = Path(os.environ.get("HEARTH_REFERENCE_DATA") or "no reference data").resolve()
SAMPLES = REFERENCE.parent / "samples"


def name_of(path: Path) -> str | None:
    found = recognise_format(Export(path, path.name))
    return found.name if found else None


def list_exports() -> list[str]:
    files = (file for file in SAMPLES.rglob("*") if file.is_file() and file.parent != SAMPLES)
    return sorted(str(file.relative_to(SAMPLES)) for file in files)


@pytest.mark.parametrize("export", list_exports())
def test_a_sample_is_its_tools(export: str, samples: Path) -> None:
    tool = Path(export).parts[0]
    if tool not in KNOWN:
        pytest.skip(f"no format is called {tool} yet")
    assert name_of(samples / export) == tool


@pytest.mark.parametrize("file", sorted(file.name for file in SAMPLE.glob("*.csv")))
def test_a_canonical_file_is_no_tools(file: str) -> None:
    assert name_of(SAMPLE / file) is None


def test_files_that_are_hard_to_read_are_no_tools(reference: Path) -> None:
    """Hundreds of odd CSV files of other projects, of which none is an export."""
    files = sorted((reference / "csv-corpora").rglob("*.csv"))
    taken = {file.name: name_of(file) for file in files if file.stat().st_size}
    assert len(taken) > 100
    assert {file: tool for file, tool in taken.items() if tool} == {}


def test_the_attendance_reports_of_the_reference_data_are_of_teams(reference: Path) -> None:
    files = sorted((reference / "teams-attendance").rglob("*.csv"))
    assert [name_of(file) for file in files] == ["teams"] * 6


@pytest.mark.parametrize(
    "text",
    [
        "1. How do you like it here?,2. Would you come again?\n5,yes\n",
        "Name,Email,Duration\nAnn,ann@example.org,3\n",
        "Name,Join Time,Leave Time\nAnn,10:00,11:00\n",
        "name,user action,timestamp,why\nAnn,Joined,2026-11-01,x\n",
        "Order,Name\n1,Ann\n",
        "Order ID,Product,Total Paid\n1,Mug,9\n",
        "name,approval_status\nAnn,approved\n",
        "Name,User ID,Role\nAnn,user 1,member\n",
        "event_id,member_id,attended,minutes,starts_at\nE1,M1,yes,30,2026-11-02\n",
        "Topic,Start Time,Duration (Minutes)\nGarden,2026-11-01,3\n",
        "1. First\n2. Second\n3. Third\n",
    ],
)
def test_what_only_looks_like_an_export_is_none(text: str, tmp_path: Path) -> None:
    file = tmp_path / "some.csv"
    file.write_text(text, encoding="utf-8")
    assert name_of(file) is None
