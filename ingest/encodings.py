"""Encodings: in which letters a file is written, from its bytes alone.

The order is: a byte order mark, zeros in every other byte (UTF-16 without a mark), UTF-8 where every byte fits, then
the older encodings. Among those nothing in a file says which one it is, so the choice is a reasoned guess and the
person who uploads is told to look at the names.
"""

import codecs
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from charset_normalizer import from_bytes

from data.errors import BadFile

CHUNK_BYTES = 1 << 22
SAMPLE_BYTES = 1 << 16
MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
SAVE_AS_UTF8 = "Save it as CSV UTF-8."
# Excel on Windows, Excel on a Mac, Windows of Central Europe, DOS: in this order where a file fits several as well.
LATIN = ("cp1252", "mac_roman", "cp1250", "cp850")
LATIN_SCRIPTS = ("Latin", "Control", "General Punctuation", "Spacing Modifier", "Letterlike", "Currency")
# Other alphabets in the encodings that people's tools really write; charset-normalizer knows a hundred more.
OTHER_ALPHABETS = (
    "cp1251", "koi8_r", "iso8859_5", "cp1253", "iso8859_7", "cp1255", "iso8859_8", "cp1256", "iso8859_6", "cp874",
    "cp932", "euc_jp", "gb18030", "big5", "cp949",
)  # fmt: skip
MANY_BYTES = ("cp932", "euc_jp", "gb18030", "big5", "cp949")
FEWEST_LETTERS = 4
MOST_BYTES_OF_A_LETTER = 4
MANY_LETTERS = 24
CLOSE = 0.2
NO_LETTERS_OF_NAMES = "ƒªºµ"
DASHES = "–—…"
_ACCENTED = re.compile(r"([A-Za-z]?)([^\x00-\x7f])(?=([A-Za-z]?))")


@dataclass(frozen=True)
class Bytes:
    """What one pass over a file saw: its first bytes, whether all of it is UTF-8, and whether there are zeros."""

    start: bytes
    is_utf8: bool
    has_nul: bool


def find_encoding(path: Path, name: str, seen: Bytes) -> str:
    """Python's name of the encoding; "utf-8" with and without a mark.

    Raises BadFile for zeros that are no UTF-16, and for a file that is UTF-8 in some lines only.
    """
    for mark, encoding in MARKS:
        if seen.start.startswith(mark):
            return encoding
    if seen.has_nul:
        return _find_utf16(path, name, seen.start)
    if seen.is_utf8:
        return "utf-8"
    _refuse_half_utf8(path, name, seen.start)
    return _guess_older(path, name)


def _find_utf16(path: Path, name: str, start: bytes) -> str:
    """UTF-16 without a mark has its zeros in every other byte only, and many of them."""
    for encoding, zeros, letters in (("utf-16-le", start[1::2], start[::2]), ("utf-16-be", start[::2], start[1::2])):
        if zeros.count(0) * 5 >= len(zeros) and b"\0" not in letters:
            return encoding
    with path.open("rb") as handle:
        line = 1
        while chunk := handle.read(CHUNK_BYTES):
            place = chunk.find(b"\0")
            if place >= 0:
                line += chunk[:place].count(b"\n")
                break
            line += chunk.count(b"\n")
    raise BadFile("The file holds NUL bytes, so it is no CSV text.", where=f"{name}, line {line}", fix=SAVE_AS_UTF8)


def _refuse_half_utf8(path: Path, name: str, start: bytes) -> None:
    """Some lines in UTF-8 and others not, or a file cut in the middle of a letter: any one encoding would spoil names."""
    right, wrong, first_wrong, line, text = 0, 0, 0, 0, b""
    for text in _lines(path):
        line += 1
        if text.isascii():
            continue
        spoiled = text.decode("utf-8", errors="surrogateescape")
        bad = sum("\udc80" <= letter <= "\udcff" for letter in spoiled)
        right += sum(letter > "\x7f" for letter in spoiled) - bad
        wrong += bad
        first_wrong = first_wrong or (line if bad else 0)
    if wrong < MOST_BYTES_OF_A_LETTER and first_wrong == line and _is_cut(text):
        raise BadFile(
            "The file ends in the middle of a letter: it was cut off.",
            where=f"{name}, line {line}",
            fix="Export it again.",
        )
    if right >= wrong or start.startswith(codecs.BOM_UTF8):
        raise BadFile(
            "The file is UTF-8 in some places and not in others.",
            where=f"{name}, line {first_wrong}",
            fix="Export it again, or open it in an editor and save it as CSV UTF-8.",
        )


def _is_cut(text: bytes) -> bool:
    """Whether a text is UTF-8 but for the beginning of a letter at its end."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        decoder.decode(text)
    except UnicodeDecodeError:
        return False
    return bool(decoder.getstate()[0])


def _guess_older(path: Path, name: str) -> str:
    """Windows, Mac or DOS of Western or Central Europe by what fits inside words; another alphabet by charset-normalizer."""
    sample = _sample(path)
    high = re.sub(rb"[\x00-\x7f]+", b"", sample)
    runs = b"".join(re.findall(rb"[\x80-\xff]{2,}", sample))
    if len(runs) * 2 > len(high) >= FEWEST_LETTERS and (found := _guess_alphabet(sample, name)):
        return found
    fits = {encoding: _fit(sample, encoding) for encoding in LATIN if _decodes(path, encoding)}
    best_fit = max(fits.values(), default=0)
    chosen = next((encoding for encoding in LATIN if fits.get(encoding) == best_fit), "latin-1")
    return chosen if best_fit > 0 or chosen == "cp1252" else "latin-1"


def _guess_alphabet(sample: bytes, name: str) -> str | None:
    """The encoding of another alphabet. Raises BadFile where two alphabets fit nearly alike: any letters are right in both."""
    found = [
        match for match in from_bytes(sample, cp_isolation=list(OTHER_ALPHABETS)) if not _is_latin(match.alphabets)
    ]
    if not found:
        return None
    best = max(found, key=lambda match: (-match.chaos, match.coherence))
    likely = [match for match in found if match.chaos <= best.chaos and match.coherence > best.coherence - CLOSE]
    is_long = best.encoding in MANY_BYTES and len(sample) - len(re.sub(rb"[\x80-\xff]", b"", sample)) >= MANY_LETTERS
    if is_long:
        return str(best.encoding)
    # Names begin with a capital: in an alphabet that has them, that tells the right letters from the same bytes misread.
    likely = [match for match in likely if _is_titled(sample, match.encoding)] or likely
    scripts = {script for match in likely for script in match.alphabets if not _is_latin([script])}
    if len(scripts) == 1:
        return str(likely[0].encoding)
    raise BadFile(
        f"The letters could be {' or '.join(sorted(scripts))}: the file does not say in which encoding it is.",
        where=name,
        fix=SAVE_AS_UTF8,
    )


def _is_titled(sample: bytes, encoding: str) -> bool:
    words = re.findall(r"[^\W\d_a-zA-Z]{2,}", sample.decode(encoding, errors="replace"))
    titled = [word for word in words if word.istitle()]
    return len(titled) * 10 > len(words) * 7


def _is_latin(scripts: Sequence[str]) -> bool:
    return all(script.startswith(("Basic", *LATIN_SCRIPTS)) for script in scripts)


def _fit(sample: bytes, encoding: str) -> int:
    """How many letters and signs stand where such stand in names, less those places where they would not.

    Inside a word stand small accented letters, or an apostrophe as in It’s and O’Neil. The byte A0 says nothing: a no-break
    space in most encodings, a letter in some.
    """
    text = sample.replace(b"\xa0", b" ").decode(encoding, errors="replace")
    return sum(_judge(*found.groups()) for found in _ACCENTED.finditer(text))


def _judge(before: str, letter: str, after: str) -> int:
    if not before and not after:
        return 0
    if letter in DASHES:
        return 0 if before.islower() and after.islower() else 1
    if letter in "‘“":
        return -1 if before else 1
    if letter in "’”":
        return 1 if not (before.islower() and after.islower()) or after in "stdlrvm" else 0
    if not letter.isalpha() or letter in NO_LETTERS_OF_NAMES:
        return -1
    if letter.isupper():
        return -1 if before and (before.islower() or after.islower()) else 1
    return -1 if before.islower() and after.isupper() else 1


def _sample(path: Path) -> bytes:
    """The lines that are not plain ASCII, up to a size that is quick to look at."""
    taken, size = [], 0
    for line in _lines(path):
        if not line.isascii():
            taken.append(line)
            size += len(line)
            if size > SAMPLE_BYTES:
                break
    return b"".join(taken)


def _lines(path: Path) -> Iterator[bytes]:
    """The lines of a file; those of classic Mac files, which end in CR only, too."""
    with path.open("rb") as handle:
        for line in handle:
            yield from re.split(rb"(?<=\r)(?!\n)", line) if b"\r" in line[:-2] else (line,)


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    with path.open("rb") as handle:
        try:
            while chunk := handle.read(CHUNK_BYTES):
                decoder.decode(chunk)
        except UnicodeDecodeError:
            return False
    return True
