"""Redaction: what says who somebody is leaves a comment before anybody reads it. Best effort, and said to be.

Addresses, numbers and handles are found by their form, people by the roster: full names, first and last names, nicknames,
and single names of four letters or more, or of any length after a title. Marks, capitals and invisible characters make no
difference. Every pattern is linear in the length of the text.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

NAME, MAIL, LINK, PHONE, HANDLE, STAFF_ID, ROLE = (
    "[name]", "[e-mail]", "[link]", "[phone]", "[handle]", "[id]", "[only one]",
)  # fmt: skip
MARKS = (NAME, MAIL, LINK, PHONE, HANDLE, STAFF_ID, ROLE)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


LEAST_LETTERS = 4
LONGEST_NAME = 6  # words
TITLES = _words(
    "mr mrs ms miss mx dr prof professor sir madam herr frau fr hr mme m mlle monsieur madame sr sra srta "
    "senor senora dott sig"
)
# Words of which there is only one without anybody being meant.
NOBODY = _words(
    "thing things way ways time times day days problem reason place one ones question answer option choice "
    "change point part issue good bad real other difference topic channel event meeting"
)

# Letters that are written in more ways than one, whichever way round.
SPELLED = (
    ("ae", "a"), ("oe", "o"), ("ue", "u"), ("ø", "o"), ("ł", "l"), ("đ", "d"), ("æ", "a"), ("œ", "o"), ("ı", "i"), ("ð", "d"), ("þ", "th"),
)  # fmt: skip

# Joiners, marks of direction and soft hyphens: they are seen by nobody and would split a name in two.
_INVISIBLE = re.compile(r"[\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_FORMS = (
    (MAIL, re.compile(r"(?<![\w.+-])[\w.+'-]{1,64}\s?(?:@|\[at\]|\(at\)| at (?=[\w-]{1,63} dot ))\s?[\w-]{1,63}(?:(?:\.|\s?\[dot\]\s?|\s?\(dot\)\s?| dot )[\w-]{1,63}){1,4}", re.IGNORECASE)),
    (LINK, re.compile(r"(?:https?://|www\.)[^\s<>\"]{1,2000}", re.IGNORECASE)),
    (HANDLE, re.compile(r"(?<![\w@])@[\w.-]{2,40}")),
    (PHONE, re.compile(r"(?<![\w.])(?!\d{4}-\d{2}-\d{2}(?!\d))(?:\+|00)?\(?\d(?:[\s()./-]{0,2}\d){6,16}(?!\w)")),
    (STAFF_ID, re.compile(r"(?<!\w)[A-Za-z]{1,3}-?\d{4,8}(?!\w)")),
)  # fmt: skip
_ONLY = re.compile(
    r"(?<!\w)(?:the|our|as|your|their)\s{1,3}(?:only|sole)\s{1,3}([^\W\d_]{3,20})(?:\s{1,3}[^\W\d_]{2,20}(?=\s{1,3}(?:in|on|at|here|of)(?!\w)))?",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+")


IsName = Callable[[str], bool]


@dataclass(frozen=True)
class Roster:
    """What people are called: whole names as folded words, and single words that stand for somebody by themselves."""

    names: frozenset[tuple[str, ...]]
    single: frozenset[str]
    short: frozenset[str]
    is_erased: IsName

    def is_name(self, word: str) -> bool:
        """Whether a folded word stands for somebody by itself, with or without the s of a genitive."""
        return any(one in self.single or self.is_erased(one) for one in {word, word.removesuffix("s")})

    def is_anybody(self, word: str) -> bool:
        """Whether a word is part of a name, however it is written."""
        folded = fold(word)
        return folded in self.short or self.is_name(folded)

    def is_short_name(self, word: str) -> bool:
        """Whether a folded word stands for somebody after a title."""
        return word in self.short or self.is_erased(after_title(word))

    def is_whole_name(self, words: tuple[str, ...]) -> bool:
        """Whether folded words are somebody's name."""
        return words in self.names or self.is_erased(" ".join(words))


def list_keys(names: Iterable[str]) -> frozenset[str]:
    """All by which `is_erased` of a roster is asked for names: words, short words after a title, and whole names."""
    roster = read_roster(names)
    return roster.single | {after_title(word) for word in roster.short} | {" ".join(name) for name in roster.names}


def after_title(word: str) -> str:
    """The key of a word too short to stand for somebody without a title."""
    return f". {word}"


def is_nobody(word: str) -> bool:
    """For a home from which nobody was erased."""
    return False


def read_roster(names: Iterable[str], is_erased: IsName = is_nobody) -> Roster:
    """The roster of names and nicknames as they are written, in any order of first and last; `is_erased` knows the folded
    words of those who are on it no more."""
    whole: set[tuple[str, ...]] = set()
    words: set[str] = set()
    for name in names:
        parts = tuple(fold(part) for part in _WORD.findall(_plain(name)))
        parts = tuple(part for part in parts if part and part not in TITLES)
        words.update(parts)
        if len(parts) > 1:
            whole |= {parts, parts[::-1], (parts[0], parts[-1]), (parts[-1], parts[0])}
    single = frozenset(word for word in words if len(word) >= LEAST_LETTERS)
    return Roster(frozenset(whole), single, frozenset(words) - single, is_erased)


def redact(text: str, roster: Roster) -> str:
    """The text with what says who somebody is replaced by what it was, then in its plainest Unicode form; else letter by letter."""
    plain = redacted = _plain(text)
    for mark, form in _FORMS:
        redacted = form.sub(mark, redacted)
    redacted = "".join(_without_names(redacted, roster))
    redacted = _ONLY.sub(lambda found: found[0] if found[1].casefold() in NOBODY else ROLE, redacted)
    return text if redacted == plain else redacted


def _without_names(text: str, roster: Roster) -> Iterator[str]:
    words = [(found.start(), found.end(), fold(found[0])) for found in _WORD.finditer(text)]
    at = place = 0
    while place < len(words):
        count = _name_at(words, place, text, roster)
        if count:
            yield text[at : words[place][0]]
            yield NAME
            at = words[place + count - 1][1]
            place += count
        else:
            place += 1
    yield text[at:]


def _name_at(words: list[tuple[int, int, str]], place: int, text: str, roster: Roster) -> int:
    """How many words from here on are a name; 0 where none is. Marks that this module has set are no words."""
    start = words[place][0]
    if start and text.startswith(MARKS, start - 1):
        return 0
    for count in range(min(LONGEST_NAME, len(words) - place), 1, -1):
        run = words[place : place + count]
        gaps = (text[one[1] : other[0]] for one, other in pairwise(run))
        if roster.is_whole_name(tuple(word for *_, word in run)) and all(
            len(gap) <= 3 and "\n" not in gap for gap in gaps
        ):
            return count
    word = words[place][2]
    if roster.is_name(word):
        return 1
    follows_title = place > 0 and words[place - 1][2] in TITLES
    return int(follows_title and roster.is_short_name(word))


def _plain(text: str) -> str:
    """Compatibility forms as plain letters, and nothing invisible."""
    return _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))


@lru_cache(maxsize=100_000)  # a roster has few different words, and a publish reads it twice
def fold(word: str) -> str:
    """Without capitals and marks: Élodie and elodie are one, and so are Jürgen, Juergen and Jurgen."""
    bare = "".join(
        letter for letter in unicodedata.normalize("NFD", word.casefold()) if not unicodedata.combining(letter)
    )
    for written, plain in SPELLED:
        bare = bare.replace(written, plain)
    return bare
