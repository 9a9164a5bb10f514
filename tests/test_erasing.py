"""Erasing: nothing of a person is left in any file of the home, and nothing brings them back."""

import json
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import pipeline
from data.errors import Refused
from data.salt import read_salt
from data.store import warehouse
from ingest import erasing
from ingest.cleaning import _clean_sql
from ingest.keys import respondent_key
from ingest.persons import LINKED_TABLES, MENTIONS, find_places
from ingest.receipts import read_receipts
from ingest.tombstones import Of, add_tombstones, hash_of, read_tombstones
from ingest.wordings import word_person
from metrics.snapshot import list_snapshots, pin_quarter
from tests.figures_of_proof import record
from tests.uploads import ask, look_at, redo, take_in, undo

STRINGS = ("XK7731", "UZ9042", "Quillfeather", "quillfeather@nowhere.example")
MEMBERS = "member_id,name,email,aliases,joined_on,team\n" + "".join(
    f"m{n},Member Number {n},m{n}@nowhere.example,,2025-01-01,{'AB'[n % 2]}\n" for n in range(12)
)
ROSTER = MEMBERS + "XK7731,Odalys Quillfeather,quillfeather@nowhere.example,UZ9042,2025-01-01,A\n"
ATTENDANCE = "event_id,member_id,starts_at,title\n" + "".join(
    f"E1,{who},2026-01-12,An hour with Odalys Quillfeather\n" for who in ("m1", "m2", "UZ9042")
)
TALK = (
    "occurred_at,actor_id,target_id,kind,channel\n"
    + "".join(f"2026-0{1 + n % 3}-05 09:{n:02d},m{n % 12},m{(n + 1) % 12},message,general\n" for n in range(36))
    + "2026-01-06 10:00,XK7731,m1,message,general\n2026-01-06 10:00,m1,UZ9042;m2,message,general\n"
    + "2026-01-06 11:00,m1,XK7731,message,general\n2026-01-06 11:00,m1,,message,general\n"
)
ACTIONS = (
    "action_id,title,owner,opened_on,status\nA1,Ask quillfeather@nowhere.example,Odalys Quillfeather,2026-01-20,open\n"
)
ANSWERS = "respondent_id,submitted_at,mood,words\n" + "".join(
    f"{who},2026-02-0{1 + n % 8},{1 + n % 5},{words}\n"
    for n, (who, words) in enumerate(
        [("XK7731", "I like it here"), *((f"m{n}", "Thanks to Odalys Quillfeather!") for n in range(6))]
    )
)


def grep(folder: Path) -> list[str]:
    """Files that hold one of the person's strings in plain bytes, in UTF-16, or in what a CSV or parquet file says."""
    found = []
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = file.read_bytes().lower()
        named = [s for s in STRINGS if s.lower().encode() in content or s.lower().encode("utf-16-le") in content]
        found += [f"{file.relative_to(folder)}: {name}" for name in named]
    return found


def read_all(home: Path) -> str:
    """Every cell of every table of the warehouse, the kept copies and the snapshots, as one text: compression hides nothing."""
    said = []
    with warehouse(home, reach=(home / "published",)) as connection:
        for file in sorted((home / "published").glob("*/*.duckdb")):
            connection.execute(f"attach '{file}' as \"{file.parent.name}/{file.stem}\" (read_only)")
        tables = connection.execute(
            "select database_name, table_name from duckdb_tables() where not internal and not temporary"
        ).fetchall()
        queries = [f'"{database}"."{table}"' for database, table in tables]
        queries += [f"read_parquet('{file}')" for file in sorted((home / "kept").glob("*.parquet"))]
        for query in queries:
            rows = connection.execute(f"select row::varchar from {query} as row").fetchall()
            said += [row for (row,) in rows]
    return "\n".join(said).lower()


def filled(home: Path, *, published: bool = False) -> None:
    """A home in which the person is everywhere: roster, facts, text, an undone batch, handed-back rows, snapshots."""
    items = home.parent / "items.csv"
    items.write_text("column,kind,scale_min,scale_max\nmood,likert,1,5\nwords,text,,\n", encoding="utf-8")
    take_in(home, ROSTER)
    take_in(home, ATTENDANCE)
    take_in(home, TALK, covers=(date(2026, 1, 1), date(2026, 3, 31)))
    take_in(home, ACTIONS)
    take_in(
        home, ANSWERS, "survey", wave="named", opened="2026-02-01", closed="2026-02-28", promise="named", items=items
    )
    take_in(home, ANSWERS, "survey", wave="secret", opened="2026-02-01", closed="2026-02-28", items=items)
    undo(home, 2)
    take_in(
        home,
        "event_id,member_id,starts_at,attended\nE2,m1,2026-01-13,yes\nE2,XK7731,2026-01-13,perhaps\n",
        keep_good=True,
    )
    if published:
        pipeline.publish(home, as_of=date(2026, 4, 1))
        pin_quarter(home, "2026-Q1")
        pipeline.publish(home, as_of=date(2026, 4, 2))
    for file in (home / "uploads").iterdir():
        file.unlink()


@pytest.mark.figure
def test_nothing_of_an_erased_person_is_left_and_nothing_brings_them_back(home: Path, tmp_path: Path) -> None:
    filled(home, published=True)
    assert "quillfeather" in read_all(home)
    first, second = [snapshot.id for snapshot in reversed(list_snapshots(home))]
    pipeline.back_up(home, tmp_path / "backups")
    erased = pipeline.erase(home, member="UZ9042")
    assert erased.rows["members"] == 1
    assert erased.rows["interactions"] == 1
    assert erased.rows["respondents"] == 1, "of the wave in which members answered by name"
    assert set(erased.kept) >= {1, 2, 3, 4, 5}
    hits = grep(home) + [name for name in STRINGS if name.lower() in read_all(home)]
    assert hits == []
    kept = {snapshot.id for snapshot in list_snapshots(home)}
    assert first in kept, "pinned"
    assert second not in kept
    assert ask(home, "select title from actions") == [("Ask …",)]
    assert ask(home, "select count(*) from interactions") == [(36 + 3,)]

    redo(home, 2)
    for content in (
        ROSTER.replace("2025-01-01,A", "2025-01-02,A"),
        ATTENDANCE + "E1,m5,2026-01-12,An hour\n",
        TALK + "\n",
    ):
        receipt = take_in(home, content)
        assert receipt.batch is not None
    for batch in (1, 3):
        undo(home, batch)
        redo(home, batch)
    for file in (home / "uploads").iterdir():
        file.unlink()
    again = [name for name in STRINGS if name.lower() in read_all(home).replace("an hour with odalys quillfeather", "")]
    assert again == [], "text that names them comes in again with a new file, rows about them do not"

    restored = pipeline.restore(home, tmp_path / "backups")
    assert restored.recovered.lost == ()
    assert ask(home, "select count(*) from people where member_id in ('XK7731', 'UZ9042')") == [(0,)]
    record("erasure request", hits=len(hits), strings=len(STRINGS))


def test_a_restore_into_an_empty_home_erases_again_only_who_the_backup_knows_as_erased(
    home: Path, tmp_path: Path
) -> None:
    filled(home)
    old = pipeline.back_up(home, tmp_path / "before")
    pipeline.erase(home, member="XK7731")
    pipeline.back_up(home, tmp_path / "after")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "erased.json").write_bytes((home / "erased.json").read_bytes())
    pipeline.restore(tmp_path / "other", old.folder)
    assert grep(tmp_path / "other") == []
    pipeline.restore(tmp_path / "third", tmp_path / "after")
    assert grep(tmp_path / "third") == []


def test_an_erasure_that_was_interrupted_is_finished_at_the_next_opening(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(home)

    def fail(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(erasing, "copy_database", fail)  # the last step: files are clean, the warehouse is not
        with pytest.raises(KeyboardInterrupt):
            pipeline.erase(home, member="XK7731")
    assert read_tombstones(home).pending
    pipeline.recover(home)
    assert not read_tombstones(home).pending
    assert ask(home, "select count(*) from people where member_id = 'XK7731'") == [(0,)]
    assert grep(home) == []


def test_a_respondent_is_erased_by_the_id_of_the_file_in_every_wave(home: Path) -> None:
    filled(home)
    key = respondent_key(read_salt(home), "wave secret", "m3")
    assert ask(home, f"select count(*) from respondents where wave = 'secret' and key = '{key}'") == [(1,)]
    erased = pipeline.erase(home, respondent="m3")
    assert erased.rows["respondents"] == 2
    assert ask(home, "select wave, count(*) from respondents group by wave order by wave") == [
        ("named", 6),
        ("secret", 6),
    ]
    assert ask(
        home, "select count(*) from members where person in (select person from people where member_id = 'm3')"
    ) == [(1,)]
    undo(home, 6)
    redo(home, 6)
    items = home.parent / "items.csv"
    take_in(
        home,
        ANSWERS + "m9,2026-02-02,4,\n",
        "survey",
        wave="secret",
        opened="2026-02-01",
        closed="2026-02-28",
        items=items,
    )
    assert ask(home, "select count(*) from respondents where wave = 'secret'") == [(7,)]
    assert ask(home, f"select count(*) from respondents where key = '{key}'") == [(0,)]
    with pytest.raises(Refused, match="No wave has answers"):
        pipeline.erase(home, respondent="nobody")


def test_about_prints_what_is_held_with_its_files_and_no_secret_answer(home: Path) -> None:
    filled(home)
    held = pipeline.about(home, "quillfeather@nowhere.example")
    assert held.ids == ("UZ9042", "XK7731")
    assert held.names == ("Odalys Quillfeather",)
    assert [row["file"] for row in held.tables["members"]] == ["file.csv"]
    assert len(held.tables["interactions"]) == 3
    assert {row["wave"] for row in held.tables["answers"]} == {"named"}
    assert [(kept["batch"], kept["times"]) for kept in held.kept] == [(1, 2), (2, 1), (3, 3)]
    assert len(held.files) == 1
    assert json.loads(json.dumps(held.as_json(), default=str))["ids"] == ["UZ9042", "XK7731"]
    with pytest.raises(Refused, match="Nobody is known"):
        pipeline.about(home, "nobody")


def test_what_two_people_share_stays_with_the_other(home: Path) -> None:
    take_in(home, "member_id,name,email,aliases,team\na1,Ann One,desk@x.example,u1;both,A\nb2,Bob Two,desk@x.example,both,A\n"
            "c3,C,,,A\nd4,D,,,A\ne5,E,,,A\n")  # fmt: skip
    pipeline.erase(home, member="a1")
    assert ask(
        home, "select member_id, email, aliases from members join people using (person) order by all limit 1"
    ) == [("b2", "desk@x.example", "both")]


def test_looking_at_a_file_with_an_erased_person_says_that_they_are_left_out(home: Path) -> None:
    take_in(home, ROSTER)
    pipeline.erase(home, member="XK7731")
    checked = look_at(home, ROSTER.replace("2025-01-01", "2025-01-02"))
    assert checked.receipt.new == 0
    assert checked.receipt.warnings == ("1 rows are about people who were erased; they were left out.",)


def test_nobody_can_be_read_from_the_tombstones(home: Path) -> None:
    add_tombstones(home, ["XK7731", "Quillfeather@Nowhere.example"], Of.MEMBER)
    text = (home / "erased.json").read_text().lower()
    assert not [name for name in STRINGS if name.lower() in text]
    assert hash_of(home, "quillfeather@nowhere.EXAMPLE") in text
    assert hash_of(home, "xk7731") not in text, "ids of other people may differ in case only"
    (home.parent / "b").mkdir()
    assert hash_of(home.parent / "b", "XK7731") not in text, "another home has another salt"


def test_words_are_replaced_only_where_they_are_the_person(home: Path) -> None:
    words = word_person(["M1", "KX-77", "anna"], ["Ann Lee", "Zoë"], ["ann@x.org"])
    clean = {
        "Ann Lee": "…", "ann lee, ANN LEE;Ann Lee": "…, …;…", "Joann Lee": "Joann Lee", "Ann Leeds": "Ann Leeds",
        "m1": "…", "M1 came": "M1 came", "see KX-77.": "see ….", "KX-778": "KX-778", "mail ann@x.org": "mail …",
        "joann@x.org": "joann@x.org", "anna": "…", "anna likes it": "anna likes it", "zoë": "…", "Zoë said": "Zoë said",
    }  # fmt: skip
    assert {text: words.clean(text) for text in clean} == clean
    with warehouse(home) as connection:
        cell = _clean_sql("text", "VARCHAR", words)
        rows = connection.execute(f"select text, {cell} from (select unnest(?) as text)", [list(clean)]).fetchall()
    assert dict(rows) == clean


def test_every_number_of_a_person_in_the_warehouse_is_known_to_erasing(home: Path) -> None:
    """A new table that points to people under a new name has to be told to `ingest.persons`."""
    counts = {
        "batch", "turns", "nth", "respondent", "position", "capacity", "invited", "k_scores", "k_distributions", "year",
    }  # fmt: skip
    with warehouse(home) as connection:
        known = {(place.table, place.column) for place in find_places(connection)}
        numbers = connection.execute(
            "select table_name, column_name from duckdb_columns() where data_type in ('INTEGER', 'INTEGER[]') and not internal"
        ).fetchall()
    assert [place for place in numbers if place not in known and place[1] not in counts] == []
    assert known >= {*LINKED_TABLES, *MENTIONS, ("attendance", "person"), ("events", "host"), ("activity", "person")}


def test_receipts_hold_the_checksum_of_the_copies_that_were_written_anew(home: Path) -> None:
    filled(home)
    pipeline.erase(home, member="XK7731")
    before = ask(home, "select batch, kept_sha256 from batches where kept_sha256 is not null order by batch")
    told = read_receipts(home).told
    assert [(batch, (told[batch].row or {})["kept_sha256"]) for batch, _ in before] == before
    (home / "warehouse.duckdb").unlink()
    recovered = pipeline.recover(home)
    assert recovered.lost == ()
    assert grep(home) == []


def test_strings_of_the_person_are_found_by_grep_before(home: Path) -> None:
    """The test above would pass with a grep that finds nothing."""
    filled(home)
    assert {name.split(": ")[1] for name in grep(home)} >= {"XK7731", "Quillfeather"}
    found = subprocess.run(["grep", "-rlai", "quillfeather", str(home)], capture_output=True, text=True, check=False)
    assert "warehouse.duckdb" in found.stdout
