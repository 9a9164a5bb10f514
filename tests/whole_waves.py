"""Waves of surveys without ids, as most tools export them, taken in and published whole, and what is shown of them then."""

from datetime import date
from pathlib import Path

import pandas as pd

import pipeline
from ingest.importer import Details, Upload
from metrics.snapshot import Role
from tests.uploads import shown

AS_OF = date(2026, 6, 30)
ITEMS = "column,item_id,kind,scale_min,scale_max,construct\nheard,heard,likert,1,5,engagement\ntold,told,likert,1,5,engagement\n"

Rows = list[dict[str, object]]


def people(count: int, first: int = 0, **said: object) -> Rows:
    """So many respondents, who give the 25 pairs of codes in turn."""
    return [{"team": "Care", "heard": 1 + n % 5, "told": 1 + n // 5 % 5} | said for n in range(first, first + count)]


def spread(*teams: tuple[str | None, int, int]) -> Rows:
    """Respondents of each team: its name, the first of them and how many."""
    return [row for team, first, count in teams for row in people(count, first, team=team)]


def take_in(
    home: Path, rows: Rows, *, wave: str = "spring", month: int = 3, publishing: bool = True, items: str = ITEMS
) -> None:
    """Take in a whole wave without ids, as most tools export it."""
    pipeline.take_in(home, [write_wave(home, rows, wave, month, items)], as_of=AS_OF, publishing=publishing)


def write_wave(home: Path, rows: Rows, wave: str = "spring", month: int = 3, items: str = ITEMS) -> Upload:
    """A whole wave as a file to be taken in; the settings name the team unless there are some."""
    if not (home / "settings.toml").exists():
        (home / "settings.toml").write_text('dimensions = ["team"]\n')
    file, bank = home.parent / f"{wave}.csv", home.parent / "items.csv"
    table = pd.DataFrame(rows)
    whole = [name for name in ("heard", "told", "third") if name in table]
    table.astype(dict.fromkeys(whole, "Int64")).to_csv(file, index=False)
    bank.write_text(items)
    days = {"opened": f"2026-0{month}-01", "closed": f"2026-0{month}-15"}
    details = Details(wave=wave, invited=400, items=bank, **days)  # type: ignore[arg-type]  # read as a form gives them
    return Upload(file, file.name, "survey", details, "me")


def sizes(home: Path, item: str = "heard", metric: str = "item_score", wave: str = "spring") -> dict[str, int]:
    found = shown(
        home,
        f"select segment, people from results where metric = '{metric}' and breakdown = '{item}' and period = '{wave}' and status = 'final'",
        Role.MANAGER,
    )
    return dict(zip(found["segment"], found["people"].astype(int), strict=True))


def scores(home: Path) -> dict[str, float]:
    """The sum of the scores of the first question, of the whole and of each team that is shown."""
    found = shown(
        home,
        "select segment, numerator from results where metric = 'item_score' and breakdown = 'heard' and status = 'final'",
        Role.MANAGER,
    )
    return dict(zip(found["segment"], found["numerator"], strict=True))


def score(home: Path) -> float:
    return scores(home)["all"]
