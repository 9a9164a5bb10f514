"""Survey waves for tests: drawn by hand or made of numbers, put straight into a real warehouse in memory."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import duckdb
import pandas as pd

from data.settings import Settings
from metrics.nesting import lay_out_nesting
from metrics.periods import lay_out_periods
from metrics.roster import lay_out_roster
from metrics.statistics import rescale
from metrics.survey_family import measure_survey_family
from tests.facts import rows, warehouse_of

Answers = pd.DataFrame

IN_TIME = "2026-03-02"

ONE_WAVE = """
| wave   | opened     | closed     | invited |
| spring | 2026-03-01 | 2026-03-15 |         |
"""
TWO_WAVES = ONE_WAVE + "| autumn | 2026-09-01 | 2026-09-15 |         |"


def drawn(table: str) -> Answers:
    """Answers of one wave as drawn: a row a respondent, a column a question, and maybe `team`, `key` (who it is in linked waves) and `submitted` (yes, no or a time)."""
    return pd.DataFrame(rows(table))


@contextmanager
def waves_of(
    *,
    items: str,
    said: Mapping[str, Answers],
    waves: str = ONE_WAVE,
    members: str = "| who |",
    segments: tuple[str, ...] = ("team",),
    reach: tuple[Path, ...] = (),
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A migrated in-memory warehouse with these waves. `items` has item, min, max and maybe kind, reverse, construct,
    favourable, neutral (codes with `;`), labels and outcome; `waves` has maybe linked (yes); a code is a number, `n/a` or empty."""
    with warehouse_of(members=members, covers=("2026-01-01", "2026-12-31"), reach=reach) as connection:
        questions = rows(items)
        for question in questions:
            _put_item(connection, question)
        for wave in rows(waves):
            _put_wave(connection, wave)
        for label, answers in said.items():
            _put_answers(connection, label, answers, questions, segments)
        yield connection


def measured(
    connection: duckdb.DuckDBPyConnection,
    *,
    as_of: date = date(2026, 12, 31),
    dimensions: Iterable[str] = ("team",),
    settings: Settings | None = None,
) -> pd.DataFrame:
    """Every survey number before the gate, with the columns of a result."""
    chosen = settings or Settings()
    lay_out_periods(connection, chosen, as_of)
    lay_out_roster(connection, tuple(dimensions))
    lay_out_nesting(connection)
    measure_survey_family(connection, tuple(dimensions), chosen)
    return connection.execute("from survey_results order by all").df()


def find(
    results: pd.DataFrame, metric: str, breakdown: str = "all", *, wave: str = "spring", segment: str = "all"
) -> pd.Series:
    """The one row of a number."""
    found = results[
        (results["metric"] == metric)
        & (results["breakdown"] == breakdown)
        & (results["period"] == wave)
        & (results["segment"] == segment)
    ]
    assert len(found) == 1, f"{len(found)} rows of {metric} {breakdown} {wave} {segment}"
    return found.iloc[0]


def repeated(**codes: Mapping[float, int]) -> Answers:
    """A wave from how often each code was given to each question; all questions as often in all."""
    return pd.DataFrame(
        {item: [code for code, times in given.items() for _ in range(times)] for item, given in codes.items()}
    )


def _put_item(connection: duckdb.DuckDBPyConnection, question: dict[str, str | None]) -> None:
    def split(name: str) -> list[str]:
        return [part.strip() for part in (question.get(name) or "").split(";") if part.strip()]

    connection.execute(
        """insert into items by name
           select $item as item_id, 'survey' as instrument, $item as wording, $item as normalised, $kind as kind,
                  $low::double as scale_min, $high::double as scale_max, $labels::varchar[] as labels,
                  $favourable::double[] as favourable, $neutral::double[] as neutral, $reverse as reverse,
                  $construct as construct, []::varchar[] as na_codes, $outcome as outcome""",
        {
            "item": question["item"],
            "kind": question.get("kind") or "likert",
            "low": question.get("min"),
            "high": question.get("max"),
            "labels": split("labels"),
            "favourable": split("favourable"),
            "neutral": split("neutral"),
            "reverse": question.get("reverse") == "yes",
            "construct": question.get("construct"),
            "outcome": question.get("outcome") == "yes",
        },
    )


def _put_wave(connection: duckdb.DuckDBPyConnection, wave: dict[str, str | None]) -> None:
    connection.execute(
        """insert into waves by name
           select $wave as wave, $instrument as instrument, $opened::date as opened_on, $closed::date as closed_on,
                  $invited::integer as invited, 'confidential' as promise, $linked as linked, 5 as k_scores,
                  10 as k_distributions""",
        {
            "wave": wave["wave"],
            "instrument": wave.get("instrument") or "survey",
            "opened": wave["opened"],
            "closed": wave["closed"],
            "invited": wave.get("invited"),
            "linked": wave.get("linked") == "yes",
        },
    )


def _put_answers(
    connection: duckdb.DuckDBPyConnection,
    wave: str,
    answers: Answers,
    questions: list[dict[str, str | None]],
    segments: tuple[str, ...],
) -> None:
    people = answers.reset_index(drop=True).rename_axis("respondent").reset_index()
    asked = [question for question in questions if question["item"] in people]
    submitted = people["submitted"].replace("yes", IN_TIME) if "submitted" in people else IN_TIME
    respondents = people[["respondent"]].assign(
        wave=wave,
        key=people["key"] if "key" in people else people["respondent"].astype(str),
        submitted_at=pd.to_datetime(submitted, errors="coerce"),
        batch=1,
        line=people["respondent"] + 2,
    )
    _insert(connection, "respondents", respondents)
    for segment in people.columns.intersection(segments):
        placed = people[["respondent", segment]].dropna().set_axis(["respondent", "segment"], axis="columns")
        _insert(connection, "respondent_segments", placed.assign(wave=wave, dimension=segment))
    for position, question in enumerate(asked, start=1):
        item = str(question["item"])
        connection.execute("insert into wave_items values (?, ?, ?, ?)", [wave, item, item, position])
        given = people[["respondent", item]].dropna().rename(columns={item: "cell"})
        if len(given):
            _insert(connection, "answers", _read(wave, question, given))


def _read(wave: str, question: dict[str, str | None], given: pd.DataFrame) -> pd.DataFrame:
    said = pd.DataFrame({"wave": wave, "respondent": given["respondent"], "item_id": question["item"]})
    if question.get("kind") == "choice":
        return said.assign(choice=given["cell"], not_applicable=False)
    if question.get("kind") == "text":
        return said.assign(text=given["cell"], not_applicable=False)
    skipped = given["cell"] == "n/a"
    code = pd.to_numeric(given["cell"].mask(skipped))
    low, high = float(question["min"] or 0), float(question["max"] or 10)
    score = rescale(code, low, high, is_reversed=question.get("reverse") == "yes")
    return said.assign(code=code, score=score, not_applicable=skipped)


def _insert(connection: duckdb.DuckDBPyConnection, table: str, frame: pd.DataFrame) -> None:
    connection.register("incoming_frame", frame)
    connection.execute(f"insert into {table} by name select * from incoming_frame")
    connection.unregister("incoming_frame")
