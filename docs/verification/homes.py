"""A home made of reference data, loaded through the canonical files and published, to be asked as `hearth show` asks."""

import csv
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

import pipeline
from ingest.importer import Details, Upload
from metrics.snapshot import Role, Snapshot, open_snapshot

OPENED, CLOSED, AS_OF = date(2026, 3, 1), date(2026, 3, 31), date(2026, 4, 30)
Cells = Sequence[Mapping[str, object]]


@dataclass(frozen=True)
class Survey:
    """One wave: its answers (a column a question), its items file, and what comes with the upload."""

    answers: pd.DataFrame
    items: Cells
    details: Mapping[str, Any] = field(default_factory=dict)


@contextmanager
def published(surveys: Sequence[Survey], *, members: Cells = (), dimensions: Sequence[str] = ()) -> Iterator[Snapshot]:
    """The snapshot of a home with these waves and members, gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        home.mkdir()
        names = ", ".join(f'"{name}"' for name in dimensions)
        (home / "settings.toml").write_text(f"dimensions = [{names}]\n", encoding="utf-8")
        uploads = []
        if members:
            uploads.append(
                _upload(Path(folder) / "members.csv", members, "members", Details(effective_on=date(2026, 1, 1)))
            )
        for number, survey in enumerate(surveys):
            items = Path(folder) / f"items-{number}.csv"
            _write(items, survey.items)
            given = {"wave": "wave", "opened": OPENED, "closed": CLOSED, "items": items, **survey.details}
            details = Details.model_validate(given)
            file = Path(folder) / f"survey-{number}.csv"
            survey.answers.to_csv(file, index=False)
            uploads.append(Upload(path=file, name=file.name, kind="survey", details=details, who="verification"))
        pipeline.take_in(home, uploads, as_of=AS_OF)
        snapshot = open_snapshot(home, Role.MANAGER)
        try:
            yield snapshot
        finally:
            snapshot.close()


def shown(snapshot: Snapshot, metric: str, breakdown: str = "all", **where: str) -> dict[str, Any]:
    """The one row of a number, as `hearth show` prints it."""
    rows = snapshot.results(metric, breakdown=breakdown, **({"segment": "all"} | where))
    if len(rows) != 1:
        raise LookupError(f"{len(rows)} rows of {metric} {breakdown}")
    return {str(name): value for name, value in rows.iloc[0].to_dict().items()}


def _upload(file: Path, rows: Cells, kind: str, details: Details) -> Upload:
    _write(file, rows)
    return Upload(path=file, name=file.name, kind=kind, details=details, who="verification")


def _write(file: Path, rows: Cells) -> None:
    with file.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(dict(row) for row in rows)
