"""Comments: what members wrote in their own words, for managers to read, with nothing that says who wrote it.

Sentences are of the whole community only: under two groups each would tell the crossing of both. They stand from as many
writers on as distributions need, without what redaction finds, and in an order made from their own letters, so that it
says neither when nor by whom, nor which answers to two questions are one person's. What was shown once and what was hidden
is remembered in a file of keyed hashes in the home, outside undo and restore.
"""

import hashlib
import hmac
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from pathlib import Path

import duckdb

from data.limits import saying_where_it_is_full
from data.redaction import IsName, Roster, read_roster, redact
from data.salt import read_salt
from data.writing import append_lines

FILE = "comments.jsonl"


@dataclass
class Memory:
    """What is known of the comments on one question, by digest: how often each was shown at most in each wave, and which are
    hidden in all."""

    shown: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    hidden: set[str] = field(default_factory=set)

    def shown_in(self, wave: str, waves: Iterable[str]) -> Counter[str]:
        """What was shown in a wave, or in one that is no more and may have had another label; `waves` are all there are."""
        gone = self.shown.keys() - set(waves)
        return reduce(or_, (self.shown[label] for label in sorted(gone)), Counter(self.shown.get(wave, ())))


def lay_out_comments(
    connection: duckdb.DuckDBPyConnection, home: Path, fewest: int, is_erased: IsName
) -> list[dict[str, object]]:
    """Temp table `released_comments` (wave, item_id, place, text, times); returns what is to be remembered of them.

    `fewest` is the smallest number of writers that may show. Fewer than `fewest` comments that were never shown wait:
    whoever read the others would know whose they are. Where no member has a name there is nothing to redact by, and no
    comments.
    """
    connection.execute(
        "create or replace temp table released_comments (wave varchar, item_id varchar, place integer, text varchar, times integer)"
    )
    if not connection.execute("select 1 from members where name is not null limit 1").fetchall():
        return []
    roster = read_roster_of(connection, is_erased)
    memory = _read_memory(home)
    salt = bytes.fromhex(read_salt(home))
    waves = [wave for (wave,) in connection.execute("select wave from waves").fetchall()]
    news: list[dict[str, object]] = []
    for wave, item_id, least, texts in connection.execute(_WRITTEN, {"fewest": fewest}).fetchall():
        known = memory[item_id]
        before = known.shown_in(wave, waves)
        written = Counter(texts)
        redacted = {text: redact(text, roster) for text in written}
        digests = {text: _digest(salt, item_id, text) for text in written}
        read_as = {text: _digest(salt, item_id, _bare(redacted[text])) for text in written}
        hidden = {text for text in written if {digests[text], read_as[text]} & known.hidden}
        open_texts = Counter({text: times for text, times in written.items() if text not in hidden})
        shown = Counter({text: before[digests[text]] for text in open_texts})
        if before and (open_texts - shown).total() < least:
            open_texts &= shown
        # As they read today too, for an erasure may change the words that were hidden.
        unknown = {digest for text in hidden for digest in (digests[text], read_as[text])} - known.hidden
        news += [{"wave": wave, "item_id": item_id, "hidden": digest} for digest in sorted(unknown)]
        if open_texts.total() + sum(written[text] for text in hidden) < least:
            continue
        _insert(connection, salt, (wave, item_id), open_texts, redacted)
        news += [
            {"wave": wave, "item_id": item_id, "shown": digests[text], "times": times}
            for text, times in sorted(open_texts.items())
            if times > known.shown[wave][digests[text]]
        ]
    return news


def remember_comments(home: Path, news: Iterable[dict[str, object]]) -> None:
    """Keep what `lay_out_comments` returned, once it is released; on disk when this returns."""
    with saying_where_it_is_full("which comments were shown or hidden could not be kept", home):
        append_lines(home / FILE, [json.dumps(line) for line in news])


def quarantine(
    connection: duckdb.DuckDBPyConnection, home: Path, wave: str, item_id: str, text: str, is_erased: IsName
) -> None:
    """Leave a comment, as it is shown, out of every later release; on disk when this returns.

    Every answer that reads so is hidden, and so is what reads the same but for what was redacted, as the roster may change.
    """
    salt = bytes.fromhex(read_salt(home))
    roster = read_roster_of(connection, is_erased)
    rows = connection.execute(
        "select distinct trim(text) from answers where wave = ? and item_id = ? and text is not null", [wave, item_id]
    ).fetchall()
    answers = [answer for (answer,) in rows if redact(answer, roster) == text]
    digests = sorted({_digest(salt, item_id, one) for one in (*answers, _bare(text))})
    remember_comments(home, [{"wave": wave, "item_id": item_id, "hidden": digest} for digest in digests])


_WRITTEN = """
select answers.wave, answers.item_id, greatest($fewest, waves.k_distributions) as least, list(trim(answers.text)) as texts
from answers
join survey_completed using (wave, respondent)
join survey_waves using (wave)
join waves using (wave)
where trim(answers.text) <> ''
  and survey_waves.closed_on is not null
group by answers.wave, answers.item_id, waves.k_distributions
having count(distinct answers.respondent) >= least
order by answers.wave, answers.item_id
"""


def read_roster_of(connection: duckdb.DuckDBPyConnection, is_erased: IsName) -> Roster:
    """Names and nicknames of everybody who is or was on the roster, and of those who were erased."""
    rows = connection.execute(
        """select name from members where name is not null
           union
           select alias
           from (select unnest(string_split(aliases, ';')) as alias from members)
           where not contains(alias, '@')  -- addresses are found by their form"""
    ).fetchall()
    return read_roster([name for (name,) in rows], is_erased)


def _insert(
    connection: duckdb.DuckDBPyConnection,
    salt: bytes,
    question: tuple[str, str],
    texts: Counter[str],
    redacted: dict[str, str],
) -> None:
    """Put one question's comments into the release, each text once, in the order of their digests."""
    told: Counter[str] = Counter()
    for text, times in (+texts).items():
        told[redacted[text]] += times
    order = sorted(told, key=lambda text: (_digest(salt, question[1], text), text))
    connection.execute(
        """insert into released_comments
           select $wave, $item, unnest(range(1, len($texts) + 1)), unnest($texts::varchar[]), unnest($times::integer[])""",
        {"wave": question[0], "item": question[1], "texts": order, "times": [told[text] for text in order]},
    )


def _read_memory(home: Path) -> defaultdict[str, Memory]:
    """What the home remembers, by item."""
    file = home / FILE
    found: defaultdict[str, Memory] = defaultdict(Memory)
    for line in file.read_text(encoding="utf-8").splitlines() if file.exists() else ():
        facts = json.loads(line)
        memory = found[facts["item_id"]]
        if "hidden" in facts:
            memory.hidden.add(facts["hidden"])
        else:
            memory.shown[facts["wave"]] |= Counter({facts["shown"]: facts["times"]})
    return found


def _bare(text: str) -> str:
    """A text with one sign for whatever was redacted or erased from it."""
    return re.sub(r"\[[a-z -]+\]|…", "[]", text)


def _digest(salt: bytes, item_id: str, text: str) -> str:
    return hmac.new(salt, f"{item_id}\x1f{text}".encode(), hashlib.sha256).hexdigest()
