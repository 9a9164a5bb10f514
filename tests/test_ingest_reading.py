"""Files as people have them: encodings, separators, line ends, quotes; and always the right line."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from data.errors import BadFile
from data.store import opened
from ingest import looking, reading
from tests.uploads import ask, first_problem, problems, take_in

HEADER = "event_id,member_id,starts_at\n"
GOOD = "E1,M1,2026-11-12\n"
BAD = "E1,M2,x\n"

cells = st.sampled_from(["a", "", "x,y", 'q"q', "l\nm", '"', "é", " s ", "\n", "  ", ";", "0", '"a"', "\u00a0n"])


@given(
    rows=st.integers(2, 4).flatmap(lambda n: st.lists(st.lists(cells, min_size=n, max_size=n), min_size=1, max_size=6)),
    end=st.sampled_from(["\n", "\r\n"]),
    is_quoted=st.booleans(),
    tail=st.sampled_from(["", "\n", "\n\n"]),
)
def test_both_ways_of_reading_give_the_same_rows_on_the_same_lines(
    rows: list[list[str]], end: str, is_quoted: bool, tail: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    assume(any(cell.strip(reading.BLANKS) for row in rows for cell in row))
    file = tmp_path_factory.mktemp("read") / "file.csv"
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator=end, quoting=csv.QUOTE_ALL if is_quoted else csv.QUOTE_MINIMAL)
    header = [f"h{place}" for place in range(len(rows[0]))]
    writer.writerow(header)
    writer.writerows(rows)
    file.write_bytes((text.getvalue() + tail).encode())
    with opened(":memory:", reach=(file,)) as connection:
        opened_text = reading.open_text(file, "file.csv")
        reading.stage_text(connection, opened_text, header)
        chosen = connection.execute("select * from staged order by line").fetchall()
        reading._stage_patiently(connection, opened_text, header)
        reading.trim_cells(connection, header)
        assert chosen == connection.execute("select * from staged order by line").fetchall()
    expected = [[cell.strip(reading.BLANKS) or None for cell in row] for row in rows]
    assert [list(row[1:]) for row in chosen] == [row for row in expected if any(row)]


@pytest.mark.parametrize("chunk", range(4, 12))
@pytest.mark.parametrize(
    ("content", "is_trimmed"),
    [
        ("a,b\nx,y y\nz,w\n", True),
        ("a,b\nx , y\n", False),
        ("a,b\nx,y \n", False),
        ("a,b\nx,y ", False),
        ("a,b\n x,y\n", False),
        ("\ufeffa,b\nx,y\n", True),
        ("a,b\nx,y\u00a0\n", False),
        ('a,b\nx," y"\n', False),
    ],
)
def test_blanks_at_the_edge_of_a_cell_are_seen_wherever_a_chunk_ends(
    content: str, is_trimmed: bool, chunk: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "CHUNK_BYTES", chunk)
    file = tmp_path / "file.csv"
    file.write_bytes(content.encode())
    text = reading.open_text(file, "file.csv")
    assert (text.is_trimmed, text.lines) == (is_trimmed, content.count("\n") + (not content.endswith("\n")))


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (HEADER + GOOD + BAD, 3),
        (HEADER + GOOD + "\n\n" + BAD, 5),
        (HEADER + 'E1,"M\n1",2026-11-12\n' + BAD, 4),
        ('event_id,"member\nid",starts_at\n' + GOOD + BAD, 4),
        ((HEADER + GOOD + BAD).replace("\n", "\r\n"), 3),
        ((HEADER + GOOD + BAD).replace("\n", "\r"), 3),
        ((HEADER + 'E1,"M\n1",2026-11-12\r\n' + BAD), 4),
        ("\ufeff" + HEADER + GOOD + BAD, 3),
        ((HEADER + GOOD + BAD).replace(",", ";"), 3),
        ((HEADER + GOOD + BAD).replace(",", "\t"), 3),
        (HEADER + GOOD + BAD.strip(), 3),
        (HEADER + " E1 , M1,2026-11-12 \n" + BAD, 3),
    ],
    ids=["plain", "blank lines", "newline in a cell", "newline in the header", "crlf", "cr", "lf in crlf", "bom",
         "semicolon", "tab", "no last newline", "spaces"],
)  # fmt: skip
def test_a_problem_names_the_line_of_the_file(home: Path, content: str, line: int) -> None:
    assert problems(home, content, "attendance") == [(line, "starts_at", '"x" is no time.')]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "latin-1"])
def test_names_survive_every_usual_encoding(home: Path, encoding: str) -> None:
    receipt = take_in(home, "member_id,name\nM1,Zoë Müller\n".encode(encoding), "members")
    assert ask(home, "select name from members") == [("Zoë Müller",)]
    assert bool(receipt.warnings) == (encoding in ("cp1252", "latin-1"))


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "The file is empty."),
        (b"\n\n", "The file has no header row."),
        (b"event_id,member_id\n", "The file has a header and no rows."),
        (b"event_id,member_id\n\0,M1\n", "The file holds NUL bytes, so it is no CSV text."),
        (b"PK\x03\x04rest", "The archive is damaged."),
        (b'event_id,member_id\n"E1,M1\nE2,M2\n', "A quotation mark is opened and never closed."),
        (
            b'event_id,member_id\nE1,"M"1\n',
            "The row cannot be read: after a closing quotation mark only a separator may follow.",
        ),
        (b"event_id,event_id\nE1,M1\n", 'Two columns are called "event_id".'),
        (b"event_id,Event ID\nE1,M1\n", 'Two columns are called "event_id".'),
        (b"event_id,\nE1,M1\n", "Column 2 has no name."),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_words(home: Path, content: bytes, what: str) -> None:
    with pytest.raises(BadFile) as refused:
        take_in(home, content, "attendance")
    assert refused.value.what == what


def test_rows_of_another_length_are_named(home: Path) -> None:
    assert problems(home, HEADER + GOOD + "E1,M2\nE1,M3,2026-11-12,x\n", "attendance") == [
        (3, "", "The row has 2 cells and the header 3."),
        (4, "", "The row has 4 cells and the header 3."),
    ]


def test_columns_are_found_without_regard_to_case_and_spaces(home: Path) -> None:
    assert take_in(home, "Event ID,Member-Id, STARTS_AT\n" + GOOD).new == 1


def test_an_unknown_column_is_refused_by_name_with_the_nearest_known_one(home: Path) -> None:
    problem = first_problem(home, "event_id,member_id,starts_at,titlee\nE1,M1,2026-11-12,x\n")
    assert (problem.column, problem.what) == ("titlee", 'There is no column "titlee" in files of attendance.')
    assert problem.fix == "Did you mean title? Rename it, or take the column out."


def test_a_missing_required_column_is_named_with_the_nearest_there_is(home: Path) -> None:
    problem = first_problem(home, "event,member_id\nE1,M1\n", "attendance")
    assert (problem.column, problem.fix) == ("event_id", 'Rename "event" to event_id, or add the column.')


def test_the_kind_is_recognised_by_its_columns_even_with_a_typo(home: Path) -> None:
    assert take_in(home, "occurred_at,actor_id\n2026-11-12T10:00,M1\n").kind == "interactions"
    assert take_in(home, "member_id,joined_on\nM1,2026-01-01\n").kind == "members"
    with pytest.raises(BadFile, match="those of no file"):
        take_in(home, "a,b\n1,2\n")


def test_rows_handed_back_can_be_mended_and_uploaded_again(home: Path) -> None:
    content = "event_id,member_id,starts_at,title\nE1,M1,2026-11-12,Fair\nE1,M2,x,=1+1\nE1,M3,,\n"
    receipt = take_in(home, content, "attendance", keep_good=True)
    assert (receipt.rows, receipt.new, receipt.rejected) == (3, 2, 1)
    assert receipt.bad_rows is not None
    back = receipt.bad_rows.read_text(encoding="utf-8-sig")
    assert back == (
        "event_id,member_id,starts_at,title,reason\n"
        'E1,M2,x,\'=1+1,"starts_at: ""x"" is no time. Write it like 2026-11-16 17:30."\n'
    )
    assert take_in(home, back.replace(",x,", ",2026-11-12,"), "attendance").new == 1
    assert ask(home, "select title from events") == [("=1+1",)]
