"""Messy files: one clean member list, spoilt in more than a hundred ways in which people's files are spoilt.

Each spoilt file is either the same table in another dress, which a careful reader reads right, or damaged, which
a careful reader refuses. What no reader may do is load another table without a word.
"""

import csv
import gzip
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

HEADER = ("member_id", "name", "email", "joined_on", "team")
TEAMS = ("Care", "Digital", "Küche & Café")
ODD_NAMES = {
    3: "O'Neil, Ann",
    7: 'Bob "the builder" Ray',
    11: "Zoë Müller",
    13: "NA",
    17: "None",
    19: "Jürgen Groß",
    23: "José Peña",
    29: "Anne-Marie",
}


@dataclass(frozen=True)
class Messy:
    """A spoilt file and how it was spoilt."""

    family: str
    name: str
    content: bytes


def clean_rows() -> list[tuple[str, ...]]:
    """The table itself: 40 members."""
    return [
        (
            f"{number:04d}",
            ODD_NAMES.get(number, f"Member {number}"),
            f"m{number}@example.org",
            f"2025-{number % 12 + 1:02d}-{number % 28 + 1:02d}",
            TEAMS[number % 3],
        )
        for number in range(1, 41)
    ]


def spoil() -> Iterator[Messy]:
    """Every spoilt file."""
    yield from _encodings()
    yield from _separators()
    yield from _quotes()
    yield from _line_ends()
    yield from _above()
    yield from _headers()
    yield from _below()
    yield from _ragged()
    yield from _damaged()
    yield from _other_kinds()


def write(
    rows: list[tuple[str, ...]] | None = None,
    *,
    header: tuple[str, ...] = HEADER,
    separator: str = ",",
    quote: str = '"',
    quoting: int = csv.QUOTE_MINIMAL,
    end: str = "\n",
    escape: str | None = None,
) -> str:
    """A table as text."""
    text = io.StringIO(newline="")
    writer = csv.writer(
        text, delimiter=separator, quotechar=quote, quoting=quoting, lineterminator=end, escapechar=escape,
        doublequote=escape is None,
    )  # fmt: skip
    writer.writerow(header)
    writer.writerows(clean_rows() if rows is None else rows)
    return text.getvalue()


def _encodings() -> Iterator[Messy]:
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "latin-1", "mac_roman",
                     "cp850"):  # fmt: skip
        yield Messy("encoding", encoding, write().encode(encoding))
    lines = write().encode().splitlines(keepends=True)
    for place in (12, 20, 24):
        spoilt = lines.copy()
        spoilt[place] = lines[place - place % 1].decode().replace("Member", "Mëmber").encode("cp1252")
        yield Messy("encoding", f"line {place + 1} in another encoding", b"".join(spoilt))
    yield Messy("encoding", "cut in the middle of a letter", write().encode().split(b"\xc3\xbc")[0] + b"\xc3")


def _separators() -> Iterator[Messy]:
    for mark in ",;\t|:^~ ":
        for word, quoting in (("minimal", csv.QUOTE_MINIMAL), ("all", csv.QUOTE_ALL)):
            yield Messy("separator", f"{mark!r}, quotes {word}", write(separator=mark, quoting=quoting).encode())
    for mark in (", ", "; ", " ,", " , ", "\t ", " | "):
        plain = write(separator="\x1f", quoting=csv.QUOTE_ALL)
        yield Messy("separator", f"{mark!r}, quotes all", plain.replace("\x1f", mark).encode())
        bare = [row for row in clean_rows() if not set(row[1]) & set(',"')]
        lines = [mark.join(row) for row in [HEADER, *clean_rows()] if row in bare or row == HEADER]
        quoted = [
            mark.join(f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in row)
            for row in clean_rows()
            if row not in bare
        ]
        yield Messy("separator", f"{mark!r}, quotes where needed", "\n".join([*lines, *quoted, ""]).encode())
    yield Messy("separator", "sep=; line", b"sep=;\n" + write(separator=";").encode())
    yield Messy("separator", "sep=, line with CRLF", b"\xef\xbb\xbfsep=,\r\n" + write(end="\r\n").encode())
    yield Messy(
        "separator",
        "blanks around cells",
        write([tuple(f" {cell}  " for cell in row) for row in clean_rows()]).encode(),
    )
    for row in (1, 20, 40):
        lines = write().splitlines()
        lines[row] = lines[row].replace(",", ";")
        yield Messy("separator", f"row {row} with semicolons", "\n".join(lines).encode())


def _quotes() -> Iterator[Messy]:
    yield Messy("quote", "all cells", write(quoting=csv.QUOTE_ALL).encode())
    yield Messy("quote", "apostrophes around all", write(quote="'", quoting=csv.QUOTE_ALL).encode())
    yield Messy("quote", "apostrophes where needed", write(quote="'").encode())
    yield Messy("quote", "backslash before quotes", write(escape="\\", quoting=csv.QUOTE_ALL).encode())
    yield Messy("quote", "backslash and no quotes", write(escape="\\", quoting=csv.QUOTE_NONE).encode())
    yield Messy("quote", "none at all", "\n".join(",".join(row) for row in [HEADER, *clean_rows()]).encode())
    for row in (0, 1, 20, 40):
        for column in (0, 1, 4):
            for word, form in (("before", '"{}'), ("after", '{}"'), ("inside", '{}"x'), ("around one end", '"{}""')):
                rows = [HEADER, *clean_rows()]
                lines = [write([r], header=r).splitlines()[0] for r in rows]
                cells = next(csv.reader([lines[row]]))
                cells[column] = form.format(cells[column])
                lines[row] = ",".join(cells)
                yield Messy("quote", f"one {word} row {row} column {column}", "\n".join([*lines, ""]).encode())
    for first, last in ((4, 5), (14, 16), (30, 33)):
        rows = clean_rows()
        lines = write().splitlines()
        for at, form in ((first, '"{}'), (last, '{}"')):
            cells = list(rows[at - 1])
            cells[1] = form.format(cells[1].replace('"', ""))
            lines[at] = ",".join(cells)
        yield Messy("quote", f"opened in row {first} and closed in row {last}", "\n".join([*lines, ""]).encode())


def _line_ends() -> Iterator[Messy]:
    for word, end in (("LF", "\n"), ("CRLF", "\r\n"), ("CR", "\r"), ("LF CR", "\n\r"), ("two LF", "\n\n")):
        yield Messy("line ends", word, write(end=end).encode())
    plain = write()
    lines = plain.splitlines()
    ends = ("\n", "\r\n", "\r")
    yield Messy("line ends", "mixed", "".join(f"{line}{ends[at % 3]}" for at, line in enumerate(lines)).encode())
    yield Messy(
        "line ends", "mixed LF and CRLF", "".join(f"{line}{ends[at % 2]}" for at, line in enumerate(lines)).encode()
    )
    yield Messy("line ends", "none at the end", plain.rstrip("\n").encode())
    yield Messy("line ends", "many at the end", (plain + "\n" * 20).encode())
    yield Messy(
        "line ends",
        "blank lines in between",
        "\n".join(line + "\n" * (at % 7 == 0) for at, line in enumerate(lines)).encode(),
    )
    yield Messy("line ends", "rows of separators at the end", (plain + ",,,,\n" * 5).encode())
    yield Messy("line ends", "a Ctrl-Z at the end", (plain + "\x1a").encode())


NOTES = {
    "a title": ["Member list"],
    "a title and a blank line": ["Member list", ""],
    "a title of two cells": ["Member list,2026"],
    "a padded title": ["Member list,,,,"],
    "keys and values": ["Exported on:,2026-11-01", "By:,HR", ""],
    "a comment": ["# exported by HR"],
    "a title with commas": ['"Members, by team, of all regions"'],
    "a title with a loose quotation mark": ['Members of "Care" and others'],
    "blank lines": ["", "", ""],
    "five notes": ["Members", "All regions", "Confidential", "Exported 2026-11-01", "Do not edit"],
    "a line of dashes": ["-----"],
    "a note with the word name": ["name of the list: members"],
}


def _above() -> Iterator[Messy]:
    for word, notes in NOTES.items():
        yield Messy("above", word, ("\n".join(notes) + "\n" + write()).encode())
        yield Messy(
            "above", f"{word}, semicolons", ("\n".join(notes).replace(",", ";") + "\n" + write(separator=";")).encode()
        )
    yield Messy("above", "another table", ("team,lead,since\nCare,Ann,2020\n\n" + write()).encode())
    yield Messy("above", "a table as wide", ("a,b,c,d,e\n1,2,3,4,5\n\n" + write()).encode())


def _headers() -> Iterator[Messy]:
    lines = write().splitlines()
    for at in (1, 20, 40):
        yield Messy(
            "header", f"again after row {at}", "\n".join([*lines[: at + 1], lines[0], *lines[at + 1 :], ""]).encode()
        )
    yield Messy("header", "twice at the top", "\n".join([lines[0], *lines, ""]).encode())
    yield Messy(
        "header", "labels under it", "\n".join([lines[0], "Id,Full name,E-mail,Date,Team", *lines[1:], ""]).encode()
    )
    yield Messy(
        "header", "names again under it", "\n".join([lines[0], "Id,Name,E-mail,,Team", *lines[1:], ""]).encode()
    )
    yield Messy("header", "labels above it", "\n".join(["Person,,,When,Where", *lines, ""]).encode())
    yield Messy("header", "missing", "\n".join([*lines[1:], ""]).encode())
    yield Messy("header", "alone", (lines[0] + "\n").encode())
    yield Messy("header", "in capitals", write(header=tuple(cell.upper() for cell in HEADER)).encode())
    yield Messy("header", "with blanks", write(header=tuple(f" {cell.replace('_', ' ')} " for cell in HEADER)).encode())
    yield Messy("header", "a name twice", write(header=("member_id", "name", "name", "joined_on", "team")).encode())
    yield Messy("header", "a name missing", write(header=("member_id", "", "email", "joined_on", "team")).encode())
    yield Messy("header", "a name too few", write(header=HEADER[:4]).encode())
    yield Messy("header", "a name too many", write(header=(*HEADER, "region")).encode())
    yield Messy("header", "a separator after it", "\n".join([lines[0] + ",", *lines[1:], ""]).encode())
    yield Messy("header", "a separator after every row", "\n".join([*(line + "," for line in lines), ""]).encode())
    yield Messy(
        "header", "three separators after every row", "\n".join([*(line + ",,," for line in lines), ""]).encode()
    )
    yield Messy(
        "header",
        "separators after some rows",
        "\n".join(line + "," * (at % 3) for at, line in enumerate(lines)).encode(),
    )
    yield Messy("header", "an empty column in front", "\n".join([*("," + line for line in lines), ""]).encode())
    numbered = [",".join((str(at - 1) if at else "", line)) for at, line in enumerate(lines)]
    yield Messy("header", "numbers in front", "\n".join([*numbered, ""]).encode())
    yield Messy(
        "header", "an order of its own", write([row[::-1] for row in clean_rows()], header=HEADER[::-1]).encode()
    )


FOOTERS = {
    "a total": ["Total,40,,,"],
    "a total alone": ["Total: 40"],
    "a total padded": ["Total members,,,,"],
    "a German total": ["Summe,40,,,"],
    "a note": ["Exported from the HR system on 2026-11-01"],
    "a padded note": ["Source: HR system,,,,"],
    "a blank line and a padded note": ["", "Confidential,,,,"],
    "two padded notes": ["Source: HR,,,,", "As of: November,,,,"],
    "a count in the last column": [",,,,40"],
    "a line of dashes": ["----,----,----,----,----"],
    "the end": ["END OF FILE"],
}


def _below() -> Iterator[Messy]:
    for word, lines in FOOTERS.items():
        yield Messy("below", word, (write() + "\n".join(lines) + "\n").encode())
    other = "team,lead,since\nCare,Ann,2020\nDigital,Bo,2021\n"
    wide = "team,lead,region,floor,country\nCare,Ann,North,ground,Wales\nDigital,Bo,South,first,Wales\n"
    channels = "channel,name,email,topic,team\ngeneral,Hello,x@example.org,all,Care\n"
    for word, table in (
        ("another table", other),
        ("another table as wide", wide),
        ("a table of known names", channels),
    ):
        yield Messy("below", word, (write() + "\n" + table).encode())
    yield Messy("below", "itself again", (write() + "\n" + write()).encode())


def _ragged() -> Iterator[Messy]:
    for row in (0, 1, 20, 40):
        for place in (0, 2, 3):
            lines = [",".join(cells) for cells in [HEADER, *clean_rows()] if not set(cells[1]) & set(',"')]
            row_at = min(row, len(lines) - 1)
            parts = lines[row_at].split(",")
            fewer = [*parts[:place], parts[place] + parts[place + 1], *parts[place + 2 :]]
            more = [*parts[:place], parts[place], "", *parts[place + 1 :]]
            split = [*parts[:place], parts[place][:2], parts[place][2:], *parts[place + 1 :]]
            for word, cells in (("a separator less", fewer), ("a separator more", more), ("a cell in two", split)):
                spoilt = lines.copy()
                spoilt[row_at] = ",".join(cells)
                kept = [",".join(r) for r in clean_rows()]
                missing = [
                    write([r], header=r).splitlines()[0]
                    for r in clean_rows()
                    if ",".join(r) in kept and set(r[1]) & set(',"')
                ]
                yield Messy("ragged", f"{word} in row {row} at {place}", "\n".join([*spoilt, *missing, ""]).encode())
    lines = write().splitlines()
    yield Messy("ragged", "last row cut", "\n".join(lines)[:-9].encode())
    yield Messy("ragged", "last row cut in its first cell", "\n".join([*lines[:-1], lines[-1][:2]]).encode())
    yield Messy("ragged", "a line break in a bare cell", write().replace("Member 20", "Member\n20").encode())


def _damaged() -> Iterator[Messy]:
    plain = write().encode()
    yield Messy("damaged", "empty", b"")
    yield Messy("damaged", "blank lines only", b"\n\n\n")
    yield Messy("damaged", "a NUL in a cell", plain.replace(b"Member 20", b"Member\x0020"))
    yield Messy("damaged", "NULs at the end", plain + b"\0" * 100)
    yield Messy("damaged", "two byte order marks", b"\xef\xbb\xbf" * 2 + plain)
    yield Messy(
        "damaged",
        "the same row with another name",
        (write() + "0001,Somebody,x@example.org,2025-02-02,Care\n").encode(),
    )


def _other_kinds() -> Iterator[Messy]:
    plain = write().encode()
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as writer:
        writer.writestr("members.csv", plain)
    cells = "".join(f"<td>{cell}</td>" for cell in HEADER)
    yield Messy("other kinds", "gzip", gzip.compress(plain))
    yield Messy("other kinds", "zip", archive.getvalue())
    yield Messy("other kinds", "a web page", f"<html><body><table><tr>{cells}</tr></table></body></html>".encode())
    yield Messy("other kinds", "a PDF", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    yield Messy("other kinds", "an old Excel file", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504)
