"""Outside references that somebody uploaded were stored and never read, though a reminder asks for them.

And a number was held against the four before of another survey: a pulse of three questions beside the yearly one.
"""

from datetime import date
from pathlib import Path

import pytest

import pipeline
from ingest.importer import Upload
from metrics.snapshot import Role
from tests.uploads import shown, upload

AS_OF = date(2026, 12, 31)
ITEMS = "column,item_id,kind,scale_min,scale_max\nnps,nps,nps,0,10\n"


def wave(home: Path, name: str, opened: str, closed: str, score: int, instrument: str = "survey") -> Upload:
    answers = "respondent_id,submitted_at,nps\n" + "".join(f"r{n},{opened},{score}\n" for n in range(20))
    items = home.parent / "items.csv"
    items.write_text(ITEMS)
    details = {"wave": name, "instrument": instrument, "opened": opened, "closed": closed, "invited": 100}
    return upload(home, answers, "survey", f"{name}.csv", items=items, **details)


BENCHMARKS = """metric,value,unit,publisher,year,population,match,expires_on
nps,-30,,Our sector,2025,,A,
survey_response,75,share,Our sector,2025,,,
nobody_knows,1,,Our sector,2025,,,
"""


def test_what_was_uploaded_is_held_beside_what_ships(home: Path) -> None:
    """All of 20 gave 10 of 10, an NPS of 100: 130 above -30, of the best match there is."""
    uploads = [wave(home, "spring", "2026-03-01", "2026-03-15", 10), upload(home, BENCHMARKS, "benchmarks")]
    pipeline.take_in(home, uploads, as_of=AS_OF)
    found = shown(
        home,
        """select against, value, difference, match, note
           from comparisons
           join series using (series)
           where metric = 'nps' and comparisons.kind = 'outside'""",
        Role.MANAGER,
    )
    assert found.to_dict("records") == [
        {"against": "Our sector 2025", "value": -30.0, "difference": 130.0, "match": "A", "note": "not said"}
    ]
    unread = shown(
        home,
        "select what from alerts where kind = 'benchmark' and key like 'benchmark unread%' order by key",
        Role.MANAGER,
    )
    assert unread["what"].tolist() == [
        "An uploaded outside reference for “nobody_knows” is not used: no metric is called so.",
        "An uploaded outside reference for “survey_response” is not used: the row: a share is written as 0 to 1.",
    ]


def test_history_is_of_the_same_survey(home: Path) -> None:
    """The pulses of May and July say nothing of what the yearly survey said before."""
    uploads = [
        wave(home, "y1", "2026-03-01", "2026-03-15", 10),
        wave(home, "p1", "2026-05-01", "2026-05-15", 0, "pulse"),
        wave(home, "p2", "2026-07-01", "2026-07-15", 0, "pulse"),
        wave(home, "y2", "2026-09-01", "2026-09-15", 8),
    ]
    pipeline.take_in(home, uploads, as_of=AS_OF)
    found = shown(
        home,
        """select period, comparisons.value, n, difference
           from comparisons
           join series using (series)
           where metric = 'nps' and breakdown = 'nps' and comparisons.kind = 'own history'
           order by period""",
        Role.MANAGER,
    )
    assert found.to_dict("records") == [
        {"period": "p2", "value": -100.0, "n": 1, "difference": 0.0},
        {"period": "y2", "value": 100.0, "n": 1, "difference": pytest.approx(-100.0)},
    ]
