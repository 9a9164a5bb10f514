"""Simple metrics against ten lines of pandas each, on small communities drawn at random."""

from collections.abc import Callable
from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.settings import Settings
from data.store import opened
from metrics.behaviour import count_simple
from metrics.catalogue import CATALOGUE
from metrics.panel import build_panel, roll_up
from metrics.periods import lay_out_periods
from metrics.roster import choose_dimensions, lay_out_roster
from tests.communities import FIRST, Community, fill

WEEKS = 16
LAST = FIRST + timedelta(days=7 * WEEKS - 1)
PEOPLE = ["ann", "bob", "cyd", "dan", "eve"]


@st.composite
def communities(draw: st.DrawFn) -> Community:
    """Up to five people, one of them perhaps staff, some joining or leaving on the way; up to thirty acts on sixteen weeks."""
    day = st.integers(0, 7 * WEEKS - 1).map(lambda n: FIRST + timedelta(days=n))
    names = PEOPLE[: draw(st.integers(2, 5))]
    maybe = st.one_of(st.none(), st.none(), day)
    members = pd.DataFrame(
        [
            {
                "who": who,
                "team": draw(st.sampled_from("AB")),
                "joined": draw(maybe),
                "left": None,
                "kind": draw(st.sampled_from(["member"] * 5 + ["staff"])),
            }
            for who in names
        ]
    )
    members["left"] = [draw(maybe.filter(lambda d, j=j: d is None or j is None or d > j)) for j in members["joined"]]
    said = draw(
        st.lists(
            st.tuples(
                day,
                st.integers(0, 1439),
                st.sampled_from(names),
                st.sampled_from([*names, None]),
                st.sampled_from(["post", "reply", "message", "reaction"]),
                st.sampled_from(["t1", "t2", "t3", None]),
            ),
            min_size=1,
            max_size=30,
        )
    )
    talk = pd.DataFrame(
        [
            {
                "at": pd.Timestamp(d) + pd.Timedelta(minutes=m),
                "who": who,
                "to": to,
                "kind": kind,
                "thread": thread,
                "id": f"i{n:03}",
                "channel": "c",
                "topic": None,
                "intent": None,
            }
            for n, (d, m, who, to, kind, thread) in enumerate(said)
        ]
    )
    held = draw(st.lists(day, min_size=1, max_size=6))
    events = pd.DataFrame(
        [
            {"event": f"e{n}", "day": d, "kind": "meeting", "mode": "virtual", "host": draw(st.sampled_from(names))}
            for n, d in enumerate(held)
        ]
    )
    lists = pd.DataFrame(
        [
            {
                "event": f"e{n}",
                "who": who,
                "came": draw(st.booleans()),
                "registered": draw(st.booleans()),
                "cancelled": draw(st.booleans()),
            }
            for n in range(len(held))
            for who in names
            if draw(st.booleans())
        ],
        columns=["event", "who", "came", "registered", "cancelled"],
    )
    return Community(members, talk, events, lists, LAST)


class Oracle:
    """What a period's members did, worked out from the drawn tables the slow and plain way."""

    def __init__(self, community: Community, first: date, last: date) -> None:
        self.c, self.first, self.last = community, first, last
        m = community.members
        self.roster = {
            row["who"]
            for row in m.to_dict("records")
            if row["kind"] == "member"
            and (pd.isna(row["joined"]) or row["joined"] <= last)
            and (pd.isna(row["left"]) or row["left"] > first)
        }
        self.everybody = set(m["who"])
        talk = community.talk.assign(day=community.talk["at"].dt.date)
        self.all_talk, self.talk = talk, talk[(talk["day"] >= first) & (talk["day"] <= last)]
        came = community.lists.merge(community.events[["event", "day"]], on="event")
        self.all_came = came[came["came"].astype(bool)] if len(came) else came
        self.listed = came[(came["day"] >= first) & (came["day"] <= last)]
        self.came = self.all_came[(self.all_came["day"] >= first) & (self.all_came["day"] <= last)]

    def actions(self) -> pd.DataFrame:
        """Everything anybody did up to the period's end: who and day."""
        return pd.concat([self.all_talk[["who", "day"]], self.all_came[["who", "day"]]]).query("day <= @self.last")

    def window(self, rows: pd.DataFrame, days: int) -> pd.DataFrame:
        return rows[(rows["day"] > self.last - timedelta(days=days)) & (rows["day"] <= self.last)]

    def share(self, people: set[str]) -> tuple[float, float]:
        return len(people & self.roster), len(self.roster)


def event_participation(o: Oracle) -> tuple[float, float]:
    return o.share(set(o.came["who"]))


def show_up(o: Oracle) -> tuple[float, float]:
    kept = o.listed[
        o.listed["registered"].astype(bool) & ~o.listed["cancelled"].astype(bool) & o.listed["who"].isin(o.roster)
    ]
    return float(kept["came"].astype(bool).sum()), len(kept)


def first_timers(o: Oracle) -> tuple[float, float]:
    came = set(o.came["who"]) & o.roster
    earlier = set(o.all_came[o.all_came["day"] < o.first]["who"])
    return len(came - earlier), len(came)


def reach(o: Oracle) -> tuple[float, float]:
    return o.share(set(o.window(o.actions(), 90)["who"]))


def active_members(o: Oracle) -> tuple[float, float]:
    return o.share(set(o.talk["who"]))


def posting_members(o: Oracle) -> tuple[float, float]:
    return o.share(set(o.talk[o.talk["kind"].isin(["post", "reply", "message"])]["who"]))


def interactions_per_member(o: Oracle) -> tuple[float, float]:
    return float(o.talk["who"].isin(o.roster).sum()), len(o.roster)


def stickiness(o: Oracle) -> tuple[float, float]:
    days = o.window(o.all_talk, 28)[["who", "day"]].drop_duplicates()
    days = days[days["who"].isin(o.roster)]
    return sum(d.weekday() < 5 for d in days["day"]) / 20, days["who"].nunique()


def weekly_stickiness(o: Oracle) -> tuple[float, float]:
    days = o.window(o.all_talk, 28)
    days = days[days["who"].isin(o.roster)]
    blocks = {(who, (o.last - day).days // 7) for who, day in zip(days["who"], days["day"], strict=True)}
    return len(blocks) / 4, days["who"].nunique()


def isolates(o: Oracle) -> tuple[float, float]:
    tied = {end for a, b in ties(o) for end in (a, b)}
    return len(o.roster - tied), len(o.roster)


def newcomers_with_tie(o: Oracle) -> tuple[float, float]:
    joined = dict(zip(o.c.members["who"], o.c.members["joined"], strict=True))
    new = {who for who in o.roster if not pd.isna(joined[who]) and (o.last - joined[who]).days < 90}
    tied = {end for a, b in ties(o) for end in (a, b)}
    return len(new & tied), len(new)


def ties(o: Oracle) -> set[tuple[str, str]]:
    """Pairs of members of the roster; a reply to nobody is to the one who began its thread."""
    starts = opened_by(o)
    found = set()
    for row in o.talk.to_dict("records"):
        to = row["to"] if not pd.isna(row["to"]) else starts.get(row["thread"]) if row["kind"] == "reply" else None
        if to and to != row["who"] and {to, row["who"]} <= o.roster:
            found.add((min(to, row["who"]), max(to, row["who"])))
    return found


def opened_by(o: Oracle) -> dict[str, str]:
    posts = o.all_talk[o.all_talk["kind"].isin(["post", "message"]) & o.all_talk["thread"].notna()]
    return posts.sort_values(["at", "id"]).drop_duplicates("thread").set_index("thread")["who"].to_dict()


def thread_response(o: Oracle) -> tuple[float, float]:
    if not (o.all_talk["thread"].notna() | (o.all_talk["kind"] == "reply")).any():
        return 0, 0
    said = o.all_talk[o.all_talk["kind"].isin(["post", "reply", "message"])].sort_values(["at", "id"])
    said = said.assign(thread=said["thread"].where(said["thread"].notna(), said["id"]))
    answered, started = 0, 0
    for _, rows in said.groupby("thread"):
        openings = rows[rows["kind"] != "reply"]
        if openings.empty:
            continue
        start = openings.iloc[0]
        if start["who"] in o.roster and o.first <= start["day"] <= o.last:
            started += 1
            others = rows[(rows["who"] != start["who"]) & (rows["at"] >= start["at"]) & (rows["id"] != start["id"])]
            answered += bool((others["at"] <= start["at"] + pd.Timedelta(days=7)).any())
    return answered, started


def habitual(o: Oracle) -> tuple[float, float]:
    sunday = o.last - timedelta(days=(o.last.weekday() + 1) % 7)
    acts = o.actions()
    acts = acts[(acts["day"] > sunday - timedelta(days=84)) & (acts["day"] <= sunday)]
    weeks = {(who, (sunday - day).days // 7) for who, day in zip(acts["who"], acts["day"], strict=True)}
    count = pd.Series([who for who, _ in weeks], dtype=object).value_counts()
    return o.share(set(count[count >= 9].index))


def drifting(o: Oracle) -> tuple[float, float]:
    latest = o.actions().groupby("who")["day"].max()
    ago = {who: (o.last - day).days for who, day in latest.items() if who in o.roster}
    return sum(57 <= days <= 112 for days in ago.values()), len(ago)


ORACLES: dict[str, tuple[Callable[[Oracle], tuple[float, float]], str]] = {
    check.__name__: (check, "all")
    for check in (
        event_participation, show_up, first_timers, reach, active_members, posting_members, interactions_per_member,
        stickiness, weekly_stickiness, isolates, newcomers_with_tie, thread_response,
    )
} | {"habit_segments": (habitual, "habitual"), "drift": (drifting, "drifting")}  # fmt: skip


@given(communities())
def test_every_simple_number_is_what_plain_counting_gives(community: Community) -> None:
    with opened(":memory:") as connection:
        fill(connection, community)
        lay_out_periods(connection, Settings(), community.as_of)
        dimensions = choose_dimensions(connection, ())
        lay_out_roster(connection, dimensions)
        roll_up(connection)
        build_panel(connection, dimensions)
        count_simple(connection, CATALOGUE, {})
        cells = connection.execute(
            "select metric, breakdown, grain, period, numerator, denominator, starts_on, ends_on from cells join periods using (grain, period)"
        ).df()
    counted = cells.set_index(["metric", "breakdown", "grain", "period"])
    for (grain, period), row in cells.drop_duplicates(["grain", "period"]).set_index(["grain", "period"]).iterrows():
        oracle = Oracle(community, row["starts_on"].date(), row["ends_on"].date())
        for metric, (check, breakdown) in ORACLES.items():
            if (metric, breakdown, grain, period) in counted.index:
                found = counted.loc[(metric, breakdown, grain, period)]
                assert (found["numerator"], found["denominator"]) == pytest.approx(check(oracle)), (
                    metric,
                    grain,
                    period,
                )


def test_every_simple_share_has_an_oracle_or_a_test_by_hand() -> None:
    by_hand = {
        "event_return",
        "quarter_retention",
        "answered_within_day",
        "participation_profile",
        "participation_funnel",
    }
    simple = {card.name for card in CATALOGUE if card.is_simple}
    assert simple == set(ORACLES) | by_hand
