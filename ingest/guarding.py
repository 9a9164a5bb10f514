"""Guarding: the apostrophe that keeps a spreadsheet from running a cell, put in front on the way out, taken off on the way in."""

import re

# A cell that begins so would be run by a spreadsheet (CWE-1236, ASVS 1.2.10). Numbers are left alone.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")
# RE2 and Python read this pattern alike. Apostrophes in front are counted in, so that taking off undoes putting on.
GUARDED = "^'('*[=+@＝＋－＠\\t\\r\\n-])"
_RISKY = re.compile("'*[=+@＝＋－＠\\t\\r\\n\\0-]")
_GUARD = re.compile(GUARDED)


def guard(text: str) -> str:
    """A cell as it is exported: with an apostrophe in front where a spreadsheet would run it, or would miss one on the way back."""
    return f"'{text}" if _RISKY.match(text) and not _is_number(text) else text


def unguard(text: str) -> str:
    """A cell as it was before it was exported."""
    return _GUARD.sub(r"\1", text)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return text.isascii() and text.strip() == text
