"""Own history, internal peers and outside references; the published medians of a real survey as the peers' proof."""

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from data.errors import BadFile
from metrics.benchmarks import Match, Reference, References, find_middle_half, find_peers, read_references
from metrics.metric import Better, Unit

HEADER = "metric,value,unit,publisher,year,population,low,high,link,match,expires_on\n"
WAVE = date(2026, 11, 1)


def row(**changes: str) -> str:
    """A line of a references file, complete but for what is changed."""
    cells = {
        "metric": "survey_response", "value": "0.75", "unit": "share", "publisher": "Somebody", "year": "2025",
        "population": "employees", "low": "", "high": "", "link": "", "match": "B", "expires_on": "",
    }  # fmt: skip
    return ",".join({**cells, **changes}.values()) + "\n"


def reading(folder: Path, *lines: str) -> References:
    (folder / "some.csv").write_text(HEADER + "".join(lines), encoding="utf-8")
    return read_references(folder)


def test_own_history_is_median_and_quartiles() -> None:
    middle = find_middle_half([0.40, 0.44, 0.50, 0.62])
    assert middle is not None
    assert middle.median == pytest.approx((0.44 + 0.50) / 2)
    assert middle.lower_quartile == pytest.approx(0.40 + 0.75 * (0.44 - 0.40))
    assert middle.upper_quartile == pytest.approx(0.50 + 0.25 * (0.62 - 0.50))
    assert middle.points == 4


def test_unknown_periods_are_no_history() -> None:
    assert find_middle_half([np.nan, 0.5, np.nan]) == find_middle_half([0.5])
    assert find_middle_half([np.nan]) is None
    assert find_middle_half([]) is None


def test_peers_need_five_units() -> None:
    assert find_peers([0.1, 0.2, 0.3, 0.4]) is None
    assert find_peers([0.1, 0.2, 0.3, 0.4, np.nan]) is None
    peers = find_peers([0.5, 0.1, 0.4, 0.2, 0.3])
    assert peers is not None
    assert (peers.median, peers.top_quartile, peers.units) == (0.3, 0.4, 5)


def test_the_top_quartile_is_the_lower_one_where_less_is_better() -> None:
    peers = find_peers([10, 20, 30, 40, 50], Better.LOWER)
    assert peers is not None
    assert peers.top_quartile == 20


def test_the_published_medians_of_the_civil_service(reference: Path) -> None:
    """2010, 2011, 2012 and 2014: all 308 published benchmarks are the median of the organisations."""
    folder = reference / "csps-orgs-2009-2014"
    scores = pd.read_csv(folder / "organisation_scores_long.csv.gz")
    published = pd.read_csv(folder / "published_benchmarks.csv")
    reproduced = 0
    for benchmark in published[published["year"].isin([2010, 2011, 2012, 2014])].itertuples():
        units = scores.loc[(scores["year"] == benchmark.year) & (scores["measure"] == benchmark.measure), "value"]
        peers = find_peers(units)
        assert peers is not None
        assert peers.median == benchmark.value, benchmark
        reproduced += 1
    assert reproduced == 308


def test_the_shipped_medians_are_the_published_ones(reference: Path) -> None:
    published = pd.read_csv(reference / "csps-orgs-2009-2014" / "published_benchmarks.csv")
    index = published[published["measure"].str.lower().str.contains("engagement index")]
    shipped = {
        row.year: row.value for row in read_references().rows if row.publisher == "UK Civil Service People Survey"
    }
    assert shipped == pytest.approx(dict(zip(index["year"], index["value"], strict=True)))


def test_what_ships_has_provenance_and_no_event_number() -> None:
    rows = read_references().rows
    assert {row.publisher for row in rows} >= {"Viva Glint", "Culture Amp", "Higher Logic", "Community Roundtable"}
    assert all(row.expires_on for row in rows)
    assert not [row for row in rows if "event" in row.metric or "attendance" in row.metric]
    survey_of_employees = [row for row in rows if row.publisher.startswith("US Federal")]
    assert [(row.metric, row.may_colour) for row in survey_of_employees] == [("engagement_index", False)]


def test_the_best_match_wins_then_the_newest(tmp_path: Path) -> None:
    references = reading(
        tmp_path,
        row(value="0.1", match="C", year="2026"),
        row(value="0.2", match="B", year="2020"),
        row(value="0.3", match="B", year="2023"),
        row(value="0.4", match="A", year="2001", expires_on="2026-10-31"),
        row(metric="nps", unit="-100 to 100", value="20"),
    )
    found = references.find("survey_response", WAVE)
    assert found is not None
    assert (found.value, found.match, found.may_colour) == (0.3, Match.CLOSE, True)
    before_it_expired = references.find("survey_response", date(2026, 10, 31))
    assert before_it_expired is not None
    assert before_it_expired.value == 0.4
    assert references.find("reach", WAVE) is None


def test_an_indicative_reference_never_colours(tmp_path: Path) -> None:
    allowed = {row.match: row.may_colour for row in reading(tmp_path, *(row(match=grade) for grade in "ABC")).rows}
    assert allowed == {Match.SAME: True, Match.CLOSE: True, Match.INDICATIVE: False}


def test_a_row_is_read_as_written(tmp_path: Path) -> None:
    line = row(low="0.7", high="0.8", link="https://example.org/report", expires_on="2027-12-31")
    assert reading(tmp_path, line).rows == (
        Reference(
            metric="survey_response",
            value=0.75,
            unit=Unit.SHARE,
            publisher="Somebody",
            year=2025,
            population="employees",
            low=0.7,
            high=0.8,
            link="https://example.org/report",
            match=Match.CLOSE,
            expires_on=date(2027, 12, 31),
        ),
    )


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"publisher": ""}, "publisher: "),
        ({"year": "soon"}, "year: "),
        ({"match": "D"}, "match: "),
        ({"value": "75"}, "the row: a share is written as 0 to 1"),
        ({"value": "nan"}, "value: "),
        ({"low": "0.8"}, "the row: low is above the value"),
        ({"high": "0.7"}, "the row: high is below the value"),
        ({"link": "the report of 2025"}, "link: "),
        ({"unit": "percent"}, "unit: "),
        ({"metric": "Response rate"}, "metric: "),
    ],
)
def test_a_row_without_provenance_is_refused_with_its_line(tmp_path: Path, changes: dict[str, str], says: str) -> None:
    with pytest.raises(BadFile) as refused:
        reading(tmp_path, row(), row(**changes))
    assert refused.value.where == "some.csv, line 3"
    assert refused.value.what.startswith(says)
