"""Kinds of file: what is no CSV text at all, told by its first bytes, whatever its name ends in."""

import codecs
import zipfile
from pathlib import Path

from data.errors import BadFile

OTHER_KINDS = (
    (
        b"\xd0\xcf\x11\xe0",
        "This is an old Excel workbook, not a CSV file, whatever its name ends in.",
        "Save it as CSV UTF-8.",
    ),
    (b"\x1f\x8b", "This is a compressed file (gzip), not a CSV file.", "Unpack it first."),
    (b"BZh", "This is a compressed file (bzip2), not a CSV file.", "Unpack it first."),
    (b"\xfd7zXZ\0", "This is a compressed file (xz), not a CSV file.", "Unpack it first."),
    (b"7z\xbc\xaf\x27\x1c", "This is an archive (7z), not a CSV file.", "Unpack it first."),
    (b"\x28\xb5\x2f\xfd", "This is a compressed file (zstd), not a CSV file.", "Unpack it first."),
    (b"%PDF-", "This is a PDF file, not a CSV file.", "Export the table itself as CSV UTF-8."),
    (b"{\\rtf", "This is a text document (RTF), not a CSV file.", "Save it as CSV UTF-8."),
    (b"PAR1", "This is a Parquet file, not a CSV file.", "Save it as CSV UTF-8."),
    (b"SQLite format 3\0", "This is a SQLite database, not a CSV file.", "Export the table as CSV UTF-8."),
)
OPENED_ELSEWHERE = (b"\xd0\xcf\x11\xe0", b"\x1f\x8b")  # old workbooks, and exports packed as tar.gz


class NotText(BadFile):
    """A file of another kind, not to be read here, but perhaps an export of a tool."""


def refuse_other_kinds(path: Path, name: str, start: bytes) -> None:
    """Raises BadFile for files that are no text at all, or another kind of text, whatever their names end in."""
    for mark, what, fix in OTHER_KINDS:
        if start.startswith(mark):
            raise (NotText if mark in OPENED_ELSEWHERE else BadFile)(what, where=name, fix=fix)
    if start.startswith(b"PK\x03\x04"):
        what = "This is a spreadsheet or an archive, not a CSV file."
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                if "xl/workbook.xml" in archive.namelist():
                    what = "This is an Excel workbook, not a CSV file, whatever its name ends in."
        raise NotText(what, where=name, fix="Save it as CSV UTF-8.")
    beginning = start[:512].removeprefix(codecs.BOM_UTF8).lstrip().lower()
    if beginning.startswith((b"<!doctype", b"<html", b"<table", b"<?xml", b"<head>", b"<meta ")):
        what = "This is a web page or an XML file, not a CSV file, whatever its name ends in."
        raise BadFile(what, where=name, fix="Open it in a spreadsheet and save it as CSV UTF-8.")
