"""Walking a large JSON document: the members of its top object one by one, and a long list in it item by item."""

import json
import re
from collections.abc import Iterator
from typing import Any

from data.errors import BadFile

_DECODER = json.JSONDecoder()
_SPACE = re.compile(r"[ \t\r\n]*")


def read_head(text: str, stop: str, name: str) -> tuple[dict[str, Any], int]:
    """The members of the top object before `stop`, and where the value of `stop` begins (-1: there is none).

    Raises BadFile for a text that is no such object.
    """
    found: dict[str, Any] = {}
    at = _skip(text, 0)
    if text[at : at + 1] != "{":
        raise _no_json(name)
    at = _skip(text, at + 1)
    while text[at : at + 1] == '"':
        key, at = _decode(text, at, name)
        at = _skip(text, at)
        if text[at : at + 1] != ":":
            raise _no_json(name)
        at = _skip(text, at + 1)
        if key == stop:
            return found, at
        found[key], at = _decode(text, at, name)
        at = _skip(text, at)
        at = _skip(text, at + 1) if text[at : at + 1] == "," else at
    return found, -1


def walk_list(text: str, at: int, name: str) -> Iterator[Any]:
    """Each item of the list that begins at `at`. Raises BadFile where it is none, or ends before its bracket."""
    if text[at : at + 1] != "[":
        raise _no_json(name)
    at = _skip(text, at + 1)
    while text[at : at + 1] != "]":
        item, at = _decode(text, at, name)
        yield item
        at = _skip(text, at)
        if text[at : at + 1] == ",":
            at = _skip(text, at + 1)
        elif text[at : at + 1] != "]":
            raise _no_json(name)


def _skip(text: str, at: int) -> int:
    space = _SPACE.match(text, at)
    return space.end() if space else at


def _decode(text: str, at: int, name: str) -> tuple[Any, int]:
    try:
        return _DECODER.raw_decode(text, at)
    except (json.JSONDecodeError, RecursionError) as error:
        raise _no_json(name) from error


def _no_json(name: str) -> BadFile:
    return BadFile("The document is no whole JSON.", where=name, fix="Export it again; it may have been cut short.")
