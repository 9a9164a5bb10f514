"""A community whose teams, events and files have names that try to be run, to be links, or to be markup."""

from datetime import date, timedelta
from pathlib import Path

import pipeline
from tests.uploads import upload

PAYLOADS = (
    "<script>document.title='taken'</script>",
    "<img src=x onerror=\"document.title='taken'\">",
    "<iframe srcdoc=\"<script>parent.document.title='taken'</script>\"></iframe>",
    "[click](javascript:document.title='taken')",
    "![look](https://evil.example/x.png)",
    "'; drop table members; --",
    "=HYPERLINK(\"https://evil.example\",\"x\")",
    "**bold** _thin_ `code` ~~gone~~ # head",
    ":red[colour] :material/home: $x^2$",
    "&lt;b&gt; &amp; &copy;",
    "{{7*7}} ${7*7} %s %d",
)  # fmt: skip


def fill(home: Path) -> None:
    """Ten people in each team, all at an event with the same kind of name, every week for three months."""
    (home / "settings.toml").write_text('as_of = 2026-11-16\ndimensions = ["team"]\n', encoding="utf-8")
    people = [(f"M{at:03d}", PAYLOADS[at % len(PAYLOADS)]) for at in range(10 * len(PAYLOADS))]
    weeks = [date(2026, 8, 18) + timedelta(weeks=at) for at in range(13)]
    members = "member_id,joined_on,team\n" + "".join(f"{who},2025-01-01,{cell(team)}\n" for who, team in people)
    events = "event_id,starts_at,title\n" + "".join(
        f"E{at},{day} 16:00,{cell(PAYLOADS[at % len(PAYLOADS)])}\n" for at, day in enumerate(weeks)
    )
    attendance = "event_id,member_id,attended\n" + "".join(
        f"E{at},{who},yes\n" for at in range(len(weeks)) for who, _ in people[at::2]
    )
    name = "<img src=x onerror=alert(1)>.csv"
    pipeline.take_in(
        home,
        [
            upload(home, members, "members", name=name),
            upload(home, events, "events", name="events.csv"),
            upload(home, attendance, "attendance", name="attendance.csv"),
        ],
    )


def cell(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
