"""Rows that looked like members and were none: a stray quotation mark, a total, a note or a second header went in unseen."""

from pathlib import Path

import pytest

from data.errors import BadFile
from tests.uploads import ask, problems, take_in

HEADER = "member_id,name,email,team\n"
ROWS = [f"M{number},Member {number},m{number}@example.org,Care\n" for number in range(1, 9)]
MEMBERS = HEADER + "".join(ROWS)


@pytest.mark.parametrize(
    ("line", "wrong"),
    [(2, 'M1",Member 1,m1@example.org,Care\n'), (5, 'M4,Mem"ber 4,m4@example.org,Care\n'), (9, 'M8,Member 8,m8@example.org,Care"\n')],
)  # fmt: skip
def test_a_stray_quotation_mark_is_no_part_of_a_name(home: Path, line: int, wrong: str) -> None:
    """DuckDB reads an unquoted cell with one quotation mark as text; a person was then called M1\"."""
    lines = [HEADER, *ROWS]
    lines[line - 1] = wrong
    assert problems(home, "".join(lines), "members") == [
        (line, "", "A cell has a quotation mark too many, or one too few.")
    ]


def test_a_quotation_mark_that_closes_in_a_later_row_does_not_swallow_people(home: Path) -> None:
    """Two stray marks made one person of rows 4 to 6, whose name held the others."""
    lines = [HEADER, *ROWS]
    lines[4] = 'M4,"Member 4,m4@example.org,Care\n'
    lines[6] = 'M6,Member 6",m6@example.org,Care\n'
    [(line, _, what)] = problems(home, "".join(lines), "members")
    assert (line, what) == (
        5,
        "Each line of this row could be a row of its own: a quotation mark is opened and never closed.",
    )


def test_a_cell_of_several_lines_is_still_one_cell(home: Path) -> None:
    take_in(home, HEADER + 'M1,"Ann\nLee, BA, MA",a@example.org,Care\nM2,Bo,b@example.org,Care\n', "members")
    assert ask(home, "select name from members order by person") == [("Ann\nLee, BA, MA",), ("Bo",)]


@pytest.mark.parametrize(
    ("footer", "what"),
    [
        ("Total,8,,\n", '"Total" looks like a total, not like a row.'),
        ("Gesamtsumme,8,,\n", '"Gesamtsumme" looks like a total, not like a row.'),
        ("Source: the HR system,,,\n", '"Source: the HR system" looks like a note under the table.'),
        ("\nConfidential,,,\n", '"Confidential" looks like a note under the table.'),
    ],
)
def test_a_total_or_a_note_under_the_table_is_no_member(home: Path, footer: str, what: str) -> None:
    line = 10 + footer.startswith("\n")
    assert problems(home, MEMBERS + footer, "members") == [(line, "", what)]


def test_a_second_header_is_no_member(home: Path) -> None:
    found = problems(home, HEADER + "Id,Name,E-mail,Where\n" + "".join(ROWS), "members")
    assert found == [(2, "", '"name" stands under "name": this looks like a second header.')]


def test_a_repeated_header_is_left_out_and_said(home: Path) -> None:
    receipt = take_in(home, MEMBERS + HEADER + "M9,Member 9,m9@example.org,Care\n", "members")
    assert (receipt.rows, receipt.new) == (9, 9)
    assert receipt.warnings == ("Line 10 holds the header again and was left out.",)


def test_a_table_below_the_table_is_refused(home: Path) -> None:
    """Four columns of text under four columns of text: every row of the other table became a member."""
    with pytest.raises(BadFile, match="Another table seems to begin here") as refused:
        take_in(home, MEMBERS + "\nteam,lead,floor,country\nCare,Ann,ground,Wales\n", "members")
    assert refused.value.where == "file.csv, line 11"


def test_half_of_a_file_in_another_encoding_is_refused(home: Path) -> None:
    """One line saved by another tool made the whole file cp1252: every other accent became two letters."""
    content = (HEADER + "M1,Zoë,z@example.org,Care\n").encode() + "M2,José,j@example.org,Care\n".encode("cp1252")
    with pytest.raises(BadFile, match="UTF-8 in some places and not in others") as refused:
        take_in(home, content, "members")
    assert refused.value.where == "file.csv, line 3"


@pytest.mark.parametrize("encoding", ["mac_roman", "cp1250"])
def test_a_mac_or_a_polish_list_is_not_read_as_western_windows(home: Path, encoding: str) -> None:
    names = {"mac_roman": ["Zoë Müller", "José Peña"], "cp1250": ["Paweł Gąska", "Żaneta Łoś"]}[encoding]
    content = "member_id,name\r" + "".join(f"M{at},{name}\r" for at, name in enumerate(names))
    receipt = take_in(home, content.encode(encoding), "members")
    assert receipt.encoding == encoding
    assert encoding in receipt.warnings[0]
    assert ask(home, "select name from members order by person") == [(name,) for name in names]


def test_letters_that_fit_two_alphabets_are_asked_about(home: Path) -> None:
    """The bytes of Greek are Cyrillic letters too, and were read as Western ones."""
    with pytest.raises(BadFile, match="The letters could be Cyrillic or Greek"):
        take_in(home, "member_id,name\nM1,Λεωνιδας\nM2,Γιωργος\n".encode("iso8859_7"), "members")
