"""Looking: one pass over the bytes of a file, which says what it is and how it may be read."""

import codecs
import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from data.errors import BadFile
from ingest.encodings import Bytes, find_encoding
from ingest.kinds_of_file import refuse_other_kinds

HEADER_BYTES = 1 << 20
CHUNK_BYTES = 1 << 18
EDGES = np.isin(np.arange(256), list(b',;\t\r\n|"'))
WIDE_BLANKS = ("\u00a0".encode(), "\ufeff".encode())
LONGEST_BLANK = 3


@dataclass(frozen=True)
class Look:
    sha256: str
    encoding: str
    lines: int
    is_regular: bool
    has_quotes: bool
    has_apostrophes: bool
    is_trimmed: bool


def look_through(path: Path, name: str) -> Look:
    """One pass over the bytes: sha256, encoding, number of lines, whether DuckDB may read it and cells need trimming."""
    digest = hashlib.sha256()
    decoder = codecs.getincrementaldecoder("utf-8")()
    is_utf8, nul, feeds, returns, pairs, end = True, False, 0, 0, 0, b""
    is_trimmed, quotes, apostrophes = True, False, False
    with path.open("rb") as handle:
        start = handle.read(HEADER_BYTES)
        handle.seek(0)
        while chunk := handle.read(CHUNK_BYTES):
            digest.update(chunk)
            nul = nul or b"\0" in chunk
            quotes = quotes or b'"' in chunk
            apostrophes = apostrophes or b"'" in chunk
            feeds += int(np.count_nonzero(np.frombuffer(chunk, dtype=np.uint8) == ord("\n")))
            if b"\r" in chunk or end.endswith(b"\r"):
                returns += chunk.count(b"\r")
                pairs += chunk.count(b"\r\n") + (end.endswith(b"\r") and chunk[:1] == b"\n")
            if is_utf8 and not (chunk.isascii() and not decoder.getstate()[0]):
                is_utf8 = _decodes(decoder, chunk)
            is_trimmed = is_trimmed and not _has_loose_blanks(end + chunk.removeprefix(codecs.BOM_UTF8))
            end = chunk[-LONGEST_BLANK:]
    if not start:
        raise BadFile("The file is empty.", where=name, fix="Export it again.")
    refuse_other_kinds(path, name, start)
    is_utf8 = is_utf8 and not decoder.getstate()[0]
    encoding = find_encoding(path, name, Bytes(start, is_utf8, nul))
    is_regular = encoding == "utf-8" and returns == pairs and pairs in (0, feeds)
    lines = feeds + (not end.endswith(b"\n"))
    is_trimmed = is_trimmed and not end.endswith(b" ")
    return Look(digest.hexdigest(), encoding, lines, is_regular, quotes, apostrophes, is_trimmed)


def _has_loose_blanks(piece: bytes) -> bool:
    """Whether a blank may lie at the edge of a cell that holds no line break. Looking at the bytes costs a fifth of
    looking at every cell, which is left for the files where the answer is yes."""
    if b"\t" in piece or (not piece.isascii() and any(blank in piece for blank in WIDE_BLANKS)):
        return True
    letters = np.frombuffer(piece, dtype=np.uint8)
    spaces = np.flatnonzero(letters == ord(" "))
    before, after = letters[np.maximum(spaces, 1) - 1], letters[np.minimum(spaces + 1, len(letters) - 1)]
    return bool(EDGES[before].any() or EDGES[after].any())


def _decodes(decoder: codecs.IncrementalDecoder, chunk: bytes) -> bool:
    try:
        decoder.decode(chunk)
    except UnicodeDecodeError:
        return False
    return True
