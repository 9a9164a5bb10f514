"""People whom uploads name and the roster does not: a queue with suggestions, until somebody decides.

They count in no number of members. A full name that exactly one member has is a certain suggestion and may be accepted in bulk;
a likeness is only a hint. What is decided is a batch of its own, so that it can be undone.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
from rapidfuzz import fuzz, process

LIKELY = 85
MOST_SUGGESTIONS = 3


@dataclass(frozen=True)
class Suggestion:
    """A member whom an id may be: why, how alike (0 to 100), and whether the name is theirs alone and the same."""

    member_id: str
    name: str
    why: str
    score: int
    is_certain: bool


@dataclass(frozen=True)
class Unmatched:
    """An id that is nobody's yet: the tool it comes from, what the tool calls the person, and how many rows name it."""

    source: str
    id: str
    name: str | None
    rows: int
    suggestions: tuple[Suggestion, ...]

    @property
    def certain(self) -> Suggestion | None:
        """The one member whose full name it is, if there is one."""
        return next((found for found in self.suggestions if found.is_certain), None)


def list_unmatched(connection: duckdb.DuckDBPyConnection) -> list[Unmatched]:
    """The queue, those with most rows first. Bots, and ids of which somebody said that they are nobody's, are not in it."""
    waiting = connection.execute(
        """with named as (
               select person, batch from attendance
               union all
               select actor, batch from interactions
               union all
               select target, batch from interactions
               union all
               select unnest(more_targets), batch from interactions where more_targets is not null
               union all
               select person, batch from activity
               union all
               select unnest([mentor, mentee]), batch from mentoring
               union all
               select unnest([receiver, giver]), batch from recognitions
               union all
               select unnest(members), batch from collaborations where members is not null
           ),
           counted as (
               select person, arg_max(batch, batch) as batch, count(*) as rows
               from named
               where person is not null
                 and person not in (
                     select person from members union select person from aliases union select person from decided_ids
                     union select person from identities where kind = 'bot'
                 )
               group by person
           )
           select batches.source, people.member_id, max(identities.name), max(identities.email), max(identities.login),
                  any_value(counted.rows)
           from counted
           join people using (person)
           join batches using (batch)
           left join identities using (person)
           group by all
           order by any_value(counted.rows) desc, people.member_id"""
    ).fetchall()
    roster = _read_roster(connection) if waiting else []
    names = {member_id: normalise_name(name) for member_id, name, _ in roster if name}
    shown = {member_id: name or member_id for member_id, name, _ in roster}
    held_by = Counter(names.values())
    mailboxes = {member_id: _mailbox(email) for member_id, _, email in roster if email}
    return [
        Unmatched(
            source, id_, name, rows, _suggest(name or _name_in(id_), email or id_, names, held_by, shown, mailboxes)
        )
        for source, id_, name, email, _login, rows in waiting
    ]


def normalise_name(name: str) -> str:
    """A name without case, accents, titles in brackets and order of its parts: what two spellings of it have in common."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    words = re.sub(r"[\(\[][^\)\]]*[\)\]]", " ", plain).casefold()
    return " ".join(sorted(re.findall(r"[^\W_]+(?:['’][^\W_]+)?", words)))


def _read_roster(connection: duckdb.DuckDBPyConnection) -> Sequence[tuple[str, str | None, str | None]]:
    return connection.execute(
        """select people.member_id, arg_max(members.name, valid_from), arg_max(members.email, valid_from)
           from members
           join people using (person)
           group by people.member_id
           order by people.member_id"""
    ).fetchall()


def _suggest(
    name: str | None,
    address: str,
    names: dict[str, str],
    held_by: Counter[str],
    shown: dict[str, str],
    mailboxes: dict[str, str],
) -> tuple[Suggestion, ...]:
    found: dict[str, Suggestion] = {}
    wanted = normalise_name(name or "")
    if wanted:
        for _, score, member_id in process.extract(
            wanted, names, scorer=fuzz.ratio, score_cutoff=LIKELY, limit=MOST_SUGGESTIONS
        ):
            is_same = names[member_id] == wanted
            is_certain = is_same and held_by[wanted] == 1 and " " in wanted
            why = "the same name" if is_same else "nearly the same name"
            found[member_id] = Suggestion(member_id, shown[member_id], why, round(score), is_certain)
    if mailbox := _mailbox(address):
        for member_id, other in mailboxes.items():
            if other == mailbox and member_id not in found:
                found[member_id] = Suggestion(member_id, shown[member_id], "the same name before the @", LIKELY, False)
    return tuple(sorted(found.values(), key=lambda one: (-one.score, one.member_id))[:MOST_SUGGESTIONS])


def _mailbox(address: str | None) -> str:
    """What stands before the @ of an address; empty for a text that is none."""
    mailbox, mark, _ = (address or "").partition("@")
    return mailbox.casefold() if mark else ""


def _name_in(id_: str) -> str | None:
    """The name that an id is, where a tool had nothing better: a file that lists names only."""
    return id_ if " " in id_.strip() and "@" not in id_ else None
