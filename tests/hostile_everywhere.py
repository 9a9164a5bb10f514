"""A community in which everything that people can name tries to be markup: members, teams, channels, topics, events, waves,
questions, themes, actions, objectives, stories, annotations and sources. Enough of each for every page to have something to say."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import cycle, islice
from pathlib import Path

import pipeline
from tests.hostile import cell
from tests.uploads import upload

# The word "evil" follows at once on the character that would be taken for markup.
TRAPS = (
    "[evil{n}](http://a)",
    "![evil{n}](http://a)",
    "<evil{n}>",
    "$evil{n}$ and $5$",
    "**evil{n}**",
    "`evil{n}`",
    ":red[evil{n}]",
)
WEEKS = [date(2025, 11, 18) + timedelta(weeks=at) for at in range(52)]
PEOPLE = [f"M{at:03d}" for at in range(80)]
SETTINGS = """as_of = 2026-11-16
dimensions = ["team"]
[themes]
"{theme}" = ["time"]
"""


def trap(place: int, name: str = "") -> str:
    """The name of something, by its place; no two kinds of thing share one."""
    return TRAPS[place % len(TRAPS)].format(n=f"{name}{place}")


def fill_everywhere(home: Path) -> None:
    """Eighty members of five teams, a year of events and talk, two waves, and every register."""
    (home / "settings.toml").write_text(SETTINGS.format(theme=trap(0, "theme")), encoding="utf-8")
    items = home / "items.csv"
    items.write_text(_items(), encoding="utf-8")
    covers = (WEEKS[0] - timedelta(days=1), date(2026, 11, 15))
    sent = [
        upload(home, text, kind, name=f"{trap(0, kind).replace('/', '')}.csv", **details)
        for kind, text, details in (
            ("members", _members(), {}),
            ("events", _events(), {}),
            ("attendance", _attendance(), {"covers": covers, "source": trap(1, "source")}),
            ("interactions", _interactions(), {"covers": covers}),
            ("activity", _activity(), {"source": trap(2, "source")}),
            ("annotations", f"on,label,kind,metric,rebase\n2026-06-02,{cell(trap(3, 'mark'))},event,,no\n", {}),
            ("actions", _actions(), {}),
            ("objectives", _objectives(), {}),
            ("stories", _stories(), {}),
        )
    ]
    for one in sent:
        pipeline.take_in(home, [one], publishing=False)
    for place, (opened, closed) in enumerate(
        ((date(2026, 3, 2), date(2026, 3, 20)), (date(2026, 9, 7), date(2026, 9, 25)))
    ):
        wave = upload(
            home, _survey(opened, place), "survey", name=f"wave{place}.csv", wave=f"{trap(place, 'wave')}", opened=opened,
            closed=closed, invited=len(PEOPLE), items=items,
        )  # fmt: skip
        pipeline.take_in(home, [wave], publishing=False)
    pipeline.publish(home)


def _team(place: int) -> str:
    return trap(place % 5, "team")


def _members() -> str:
    lines = [f"{who},{cell(trap(at, 'name'))},2025-01-01,{cell(_team(at))}" for at, who in enumerate(PEOPLE)]
    return "member_id,name,joined_on,team\n" + "\n".join(lines) + "\n"


def _events() -> str:
    lines = [
        f"E{at},{day} 16:00,{cell(trap(at, 'event'))},{'meeting' if at % 2 else 'social'},in_person"
        for at, day in enumerate(WEEKS)
    ]
    return "event_id,starts_at,title,type,mode\n" + "\n".join(lines) + "\n"


def _attendance() -> str:
    """A third of the members each week, but hardly anybody in the last one, so that there is a signal."""
    lines = [
        f"E{at},{who},yes,yes"
        for at, _ in enumerate(WEEKS)
        for place, who in enumerate(PEOPLE)
        if (place * 7 + at * 3 + place * at) % 10 < 4 and (at < len(WEEKS) - 1 or place < 6)
    ]
    return "event_id,member_id,attended,registered\n" + "\n".join(lines) + "\n"


def _interactions() -> str:
    """Threads within teams and some across; the last twenty members are silent since the middle of October."""
    head = "occurred_at,actor_id,target_id,channel,kind,thread_id,interaction_id,topic,intent\n"
    return head + "\n".join(islice(_talk(), 100_000)) + "\n"


def _talk() -> Iterator[str]:
    numbers = iter(range(1_000_000))
    for at, day in enumerate(WEEKS):
        for place, who in enumerate(PEOPLE):
            if (place >= 60 and day > date(2026, 10, 14)) or (place + at) % 3 == 0:
                continue
            other = PEOPLE[(place + 5 * (1 + at % 4) + (place % 11 == 0)) % 60]
            if other == who:
                continue
            where, topic = cell(trap(place % 4, "channel")), cell(trap(place % 3, "topic"))
            thread = f"t{at}-{place}"
            yield f"{day} 09:{place % 60:02d},{who},,{where},post,{thread},i{next(numbers)},{topic},ask"
            yield f"{day} 10:{place % 60:02d},{other},{who},{where},reply,{thread},i{next(numbers)},{topic},answer"


def _activity() -> str:
    lines = [f"{day},{day + timedelta(days=6)},active,{40 + at % 7}" for at, day in enumerate(WEEKS)]
    return "period_start,period_end,kind,count\n" + "\n".join(lines) + "\n"


def _actions() -> str:
    titles = [f"A{at},{cell(trap(at, 'action'))},event_participation,{cell(trap(at, 'owner'))},2026-08-03,2026-{month}-01" for at, month in enumerate(("09", "10", "11"))]  # fmt: skip
    return "action_id,title,finding,owner,opened_on,due_on\n" + "\n".join(titles) + "\n"


def _objectives() -> str:
    lines = [
        f"O{at},{cell(trap(at, 'objective'))},event_participation,{cell(segment)},2026-01-01,0.9,{target},2026-12-31"
        for at, (segment, target) in enumerate((("", 0.99), (_team(0), 0.5)))
    ]
    return "objective_id,title,metric,segment,starts_on,baseline,target,due_on\n" + "\n".join(lines) + "\n"


def _stories() -> str:
    lines = [f"S{at},2026-08-1{at},micro,3,claim,yes,{cell(trap(at, 'story'))}" for at in range(5)]
    return "story_id,told_on,dimension,cycle,evidence,consent,text\n" + "\n".join(lines) + "\n"


def _items() -> str:
    questions = [
        f"{cell(trap(at, 'question'))},{cell(trap(at, 'q'))},{cell(trap(at, 'question'))},likert,1,5,4;5,3,{theme}"
        for at, theme in enumerate(("engagement", "engagement", "voice", "voice"))
    ]
    return "column,item_id,wording,kind,scale_min,scale_max,favourable,neutral,construct\n" + "\n".join(questions) + "\nOpen,open,Open,text,,,,,\n"  # fmt: skip


def _survey(opened: date, wave: int) -> str:
    """Seventy answer; the third question falls from wave to wave, and the first team answers lower on the first."""
    columns = ",".join(cell(trap(at, "question")) for at in range(4))
    steps = cycle((3, 4, 5, 4, 2))
    lines = []
    for place in range(70):
        step = next(steps)
        first = 1 if place % 5 == 0 else step
        answers = f"{first},{min(5, step + (place % 2))},{max(1, step - 2 * wave)},{3 + place % 3}"
        comment = cell(f"{trap(place, 'comment')} more time") if place % 3 == 0 else ""
        lines.append(f"r{place},{opened + timedelta(days=2)} 10:00,{cell(_team(place))},{answers},{comment}")
    return f"respondent_id,submitted_at,team,{columns},Open\n" + "\n".join(lines) + "\n"
