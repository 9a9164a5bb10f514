"""Named lists for managers: whom to write to, to thank and to bring together, each with its reason and what to do."""

from collections import Counter
from datetime import date, timedelta

import pandas as pd

from metrics.lists import LONGEST
from metrics.snapshot import Snapshot
from report.models.page import Page, Table
from report.numbers import day, plural
from report.words import number_word, plain_list, sentence, verbatim

LAST_WEEK = 7  # days, as in metrics/watch.py
NOBODY = "Nobody is on this list now."
NOT_WATCHED = "Nobody can be called quiet: no upload covers the last week."
OPT_OUT = (
    "Who does not want to be on any of these lists says so, and needs no reason. Put yes into the column no_lists of their row "
    "in the member list and upload it: from then on they count in every number and stand on no list. "
    "The column opted_out takes a person out of the numbers too."
)


def is_watched(snapshot: Snapshot) -> bool:
    """Whether any upload covers the last week before publishing; else a silence is that of the uploads and nobody is called quiet."""
    as_of = date.fromisoformat(snapshot.manifest()["as_of"])
    found = snapshot.query(
        "select 1 from coverage where ended_on is null and covers_to >= ? limit 1", [as_of - timedelta(days=LAST_WEEK)]
    )
    return len(found) > 0


def read_people_lists(lists: Snapshot, as_of: str, is_covered: bool) -> Page:
    """The page of all lists, as of the day of publishing (ISO text). `lists` is the managers' restricted file.

    Where no upload covers the last week, the page says so instead of calling everybody well.
    """
    people = lists.table("people_lists")
    quiet, new, thanks = (
        people[people["list"] == name] for name in ("drifting members", "newcomers without ties", "people to thank")
    )
    empty = NOBODY if is_covered else NOT_WATCHED
    return Page(
        kicker=f"Lists · for managers only · as of {day(date.fromisoformat(as_of))}",
        answer=_answer(len(quiet), len(new)) if is_covered else NOT_WATCHED,
        support=("" if is_covered else "Upload attendance or interactions up to now, and the lists are made anew. ")
        + "Made from what people did, never from what they answered. A list is a reason for a kind word, not a mark. "
        "How somebody gets off it stands at the end.",
        tables=(
            _people(quiet, "Who has gone quiet?", "Last seen", "Ask how they are; do not ask why they are away.", empty),
            _people(new, "Who is new and has nobody to talk with yet?", "Joined", "Introduce each to two people by name.", empty),
            _people(thanks, "Who helped others in the last four weeks?", "Since", "Thank each by name, for one thing they did.", NOBODY),
            _introductions(lists.table("introductions")),
            _bridges(lists.table("bridges")),
            _pairs(lists.table("quiet_pairs")),
            Table("How does somebody get off these lists?", OPT_OUT, pd.DataFrame()),
        ),
    )  # fmt: skip


def _answer(quiet: int, new: int) -> str:
    said = []
    if quiet:
        said.append(f"{_count(quiet)} {'member has' if quiet == 1 else 'members have'} gone quiet")
    if new:
        said.append(f"{_count(new)} {'newcomer knows' if new == 1 else 'newcomers know'} nobody yet")
    return sentence(plain_list(said)) if said else "Nobody has gone quiet, and every newcomer knows somebody."


def _count(people: int) -> str:
    """Lists end at their longest, so that many are there or more."""
    return f"{people} or more" if people == LONGEST else number_word(people)


def _people(rows: pd.DataFrame, question: str, since: str, to_do: str, empty: str) -> Table:
    """One list; whoever shares a name with another one on it is told apart by the id."""
    names = _name(rows["name"], rows["member_id"])
    frame = pd.DataFrame(
        {
            "Name": names,
            "Team": [_team(team) for team in rows["team"]],
            "Why": [verbatim(str(reason)) for reason in rows["reason"]],
            since: [day(pd.Timestamp(when).date()) for when in rows["since"]],
        }
    )
    ended = f" The first {LONGEST}; there may be more." if len(rows) == LONGEST else ""
    return Table(question, f"{to_do}{ended}" if len(rows) else empty, frame)


def _introductions(rows: pd.DataFrame) -> Table:
    frame = pd.DataFrame(
        {
            "Topic": [verbatim(str(topic)) for topic in rows["topic"]],
            "One": _with_team(rows["name"], rows["team"]),
            "Other": _with_team(rows["other_name"], rows["other_team"]),
        }
    )
    to_do = "They write about the same topic, in different teams, and have never talked with each other. Introduce one pair a week."
    return Table("Who could meet over a topic?", to_do if len(rows) else NOBODY, frame)


def _bridges(rows: pd.DataFrame) -> Table:
    frame = pd.DataFrame(
        {
            "Name": _name(rows["name"], rows["member_id"]),
            "Team": [_team(team) for team in rows["team"]],
            "Why": [
                f"{plural(ties, 'tie')} to {plural(teams, 'other team')}"
                for ties, teams in zip(rows["ties"], rows["other_teams"], strict=True)
            ],
        }
    )
    to_do = "Thank them, and ask whom they would bring along. In the last whole quarter, ties to the most teams first."
    return Table("Who ties teams together?", to_do if len(rows) else NOBODY, frame)


def _pairs(rows: pd.DataFrame) -> Table:
    frame = pd.DataFrame(
        {
            "One": [verbatim(str(name)) for name in rows["name"]],
            "Other": [verbatim(str(name)) for name in rows["other_name"]],
            "Why": [f"talked in {plural(weeks, 'week')}, and not since" for weeks in rows["weeks"]],
            "Since": [day(pd.Timestamp(when).date()) for when in rows["since"]],
        }
    )
    to_do = "Nothing has to be wrong: a project may be over. Ask one of them where you meet them anyway."
    return Table("Who used to talk and stopped?", to_do if len(rows) else NOBODY, frame)


def _name(names: "pd.Series[str]", ids: "pd.Series[str]") -> list[str]:
    counted = Counter(names)
    return [
        verbatim(str(name) if counted[name] == 1 else f"{name} ({member})")
        for name, member in zip(names, ids, strict=True)
    ]


def _with_team(names: "pd.Series[str]", teams: "pd.Series[str]") -> list[str]:
    return [f"{verbatim(str(name))}, {_team(team)}" for name, team in zip(names, teams, strict=True)]


def _team(team: object) -> str:
    return verbatim(team) if isinstance(team, str) else "no team"
