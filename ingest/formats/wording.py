"""Wordings: the text of a question as a person would read it, and a name of its own for every column."""

import html
import re
from collections.abc import Iterable, Sequence

from ingest.questions import normalise_wording

GAP = "…"
RESERVED = ("line", "reason", "respondent_id", "submitted_at")

_HIDDEN = re.compile(r"<(style|script)\b.*?</\1\s*>|<!--.*?-->", re.IGNORECASE | re.DOTALL)
_INLINE = re.compile(r"</?(?:a|b|i|u|s|em|strong|span|font|small|big|mark|sup|sub|code)\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-z][^<>]*>", re.IGNORECASE)
# Typeform {{field:uuid}}, Qualtrics ${q://QID1/ChoiceDescription}, LimeSurvey {TOKEN:FIRSTNAME}.
_TOKEN = re.compile(r"\{\{.*?\}\}|\$\{[^{}]*\}|\{[A-Z][A-Z_]*:[^{}]*\}")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2028-\u202e\u2060\ufeff]")


def clean_wording(text: str) -> str:
    """The text of a question without markup, line breaks, hard spaces and invisible characters; what a tool would have filled in is a gap …"""
    plain = html.unescape(_TAG.sub(" ", _INLINE.sub("", _HIDDEN.sub(" ", html.unescape(text)))))
    return " ".join(_INVISIBLE.sub("", _TOKEN.sub(GAP, plain)).split())


def name_row(wording: str, row: str) -> str:
    """The name of one row of a grid: its question with the row in brackets."""
    return f"{wording} [{row}]" if wording and row else wording or row


def make_safe(option: str) -> str:
    """An option of a multiple choice without the ; that separates options in a cell."""
    return re.sub(r"\s*;\s*", ", ", option).strip(", ") if ";" in option else option.strip()


def join_options(options: Iterable[str]) -> str:
    """A cell of a multiple choice."""
    return ";".join(safe for option in options if (safe := make_safe(option)))


def name_apart(wordings: Sequence[str]) -> list[str]:
    """Wordings of which no two are read as one question: the second of a kind gets " (2)", as a person would number them."""
    taken = {_shape(name) for name in RESERVED}
    named: list[str] = []
    for place, wording in enumerate(wordings, start=1):
        wanted = wording or f"Column {place}"
        name, turn = wanted, 1
        while _shape(name) in taken:
            turn += 1
            name = f"{wanted} ({turn})"
        taken.add(_shape(name))
        named.append(name)
    return named


def _shape(name: str) -> str:
    return normalise_wording(name) or name.casefold()
