"""Wordings: the strings that name a person, found and taken out of text that belongs to others."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

IN_PLACE = "…"
_SHORTEST_ID = 4
_BEFORE, _AFTER = r"(^|[^\pL\pN_])", r"($|[^\pL\pN_])"


@dataclass(frozen=True)
class Wordings:
    """What names a person: `exact` as a whole cell, `inside` also within a text. In lower case."""

    exact: tuple[str, ...]
    inside: tuple[str, ...]

    @property
    def pattern(self) -> str:
        """RE2: one of the strings within a text, between signs that are part of no word; empty where there is none."""
        found = "|".join(re.escape(each).replace("/", r"\/") for each in self.inside)
        return f"(?i){_BEFORE}(?:{found}){_AFTER}" if found else ""

    def is_named(self, text: str) -> bool:
        """Whether a text names the person."""
        return text.strip().lower() in self.exact or self.clean(text) != text

    def clean(self, text: str) -> str:
        """The text with the person's strings replaced."""
        if text.strip().lower() in self.exact:
            return IN_PLACE
        if not self.inside:
            return text
        found = "|".join(re.escape(each) for each in self.inside)
        return re.sub(rf"(?<!\w)(?:{found})(?!\w)", IN_PLACE, text, flags=re.IGNORECASE)

    def clean_all(self, value: Any) -> Any:
        """A JSON value with the person's strings replaced in every text of it."""
        if isinstance(value, str):
            return self.clean(value)
        if isinstance(value, list):
            return [self.clean_all(each) for each in value]
        if isinstance(value, dict):
            return {name: self.clean_all(each) for name, each in value.items()}
        return value


def word_person(ids: Iterable[str], names: Iterable[str], emails: Iterable[str]) -> Wordings:
    """The wordings of a person. Full names and addresses are looked for within texts; an id only where it cannot be a word."""
    given = {text.strip().lower() for text in (*ids, *names, *emails) if text and text.strip()}
    whole_names = {name.strip().lower() for name in names if name and len(name.split()) > 1}
    clear_ids = {name.strip().lower() for name in ids if name and _is_clear(name.strip())}
    addresses = {email.strip().lower() for email in emails if email and "@" in email}
    inside = whole_names | clear_ids | addresses
    inside |= {json.dumps(text)[1:-1] for text in inside}  # as text within JSON may have it
    return Wordings(tuple(sorted(given)), tuple(sorted(inside, key=lambda text: (-len(text), text))))


def _is_clear(name: str) -> bool:
    return "@" in name or (len(name) >= _SHORTEST_ID and any(sign.isdigit() for sign in name) and not name.isdecimal())
