"""The whole invented community, written as the canonical CSV files that Hearth imports."""

import csv
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path

import duckdb
import numpy as np

from data.sample import answers, gatherings, talk
from data.sample.calendar import LAST_DAY, first_day
from data.sample.people import FAR, LEVELS, REGIONS, TEAMS, People, Rng, invent_names, invent_people

SEED = 20261115
INTERACTIONS_PER_MEMBER_YEAR = 30


def generate(
    folder: Path,
    *,
    members: int = 600,
    years: int = 3,
    interactions: int | None = None,
    seed: int = SEED,
    effects: bool = True,
) -> None:
    """Write the files of an invented community into `folder`. The same arguments give the same bytes.

    `effects=False` leaves out everything that a metric should find.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.Generator(np.random.PCG64(seed))
    first = first_day(years)
    people = invent_people(rng, members, first, LAST_DAY, effects=effects)
    _write(folder / "members.csv", _member_rows(rng, people))
    _write(folder / "programmes.csv", _programme_rows(people))
    _write_events(folder, rng, people, first, 52 * years + 1, effects=effects)
    count = interactions or members * years * INTERACTIONS_PER_MEMBER_YEAR
    _write_talk(folder, rng, people, first, count, effects=effects)
    minds = answers.make_minds(rng, people.count)
    for place, (label, *_) in enumerate(answers.WAVES):
        header, rows = answers.answer_wave(rng, people, minds, place, effects=effects)
        _write(folder / f"survey-{label.replace(' ', '-')}.csv", [header, *rows])
        if place == len(answers.WAVES) - 1:
            _write(folder / f"survey-{label.replace(' ', '-')}-with-three-bad-rows.csv", [header, *_spoil(rows)])
    _write(folder / "items.csv", answers.describe_items())


def _member_rows(rng: Rng, people: People) -> Iterable[Sequence[str]]:
    names = invent_names(rng, people.count)
    yield ("member_id", "name", "email", "joined_on", "left_on", "member_type", "team", "region", "level")
    for row, (member, name) in enumerate(zip(people.ids(), names, strict=True)):
        kind = "bot" if people.is_bot[row] else "staff" if people.is_staff[row] else "member"
        joined = date.fromordinal(int(people.joined[row])).isoformat() if people.joined[row] else ""
        left = date.fromordinal(int(people.left[row])).isoformat() if people.left[row] < FAR else ""
        mail = "" if kind == "bot" else f"{name.lower().replace(' ', '.')}.{row + 1}@example.org"
        shown = f"Helper bot {row + 1}" if kind == "bot" else name
        segments = ("", "", "") if kind == "bot" else (
            TEAMS[people.team[row]], REGIONS[people.region[row]], LEVELS[people.level[row]],
        )  # fmt: skip
        yield (member, shown, mail, joined, left, kind, *segments)


def _programme_rows(people: People) -> Iterable[Sequence[str]]:
    """Onboarding: from the day of joining for ninety days, in cohorts by quarter."""
    yield ("member_id", "programme", "cohort", "starts_on", "ends_on")
    ids = people.ids()
    for row in np.flatnonzero(people.in_programme):
        start = date.fromordinal(int(people.joined[row]))
        cohort = f"{start.year} Q{(start.month - 1) // 3 + 1}"
        yield (ids[row], "Onboarding", cohort, start.isoformat(), (start + timedelta(days=90)).isoformat())


def _write_events(folder: Path, rng: Rng, people: People, first: date, weeks: int, *, effects: bool) -> None:
    events = gatherings.hold_events(first, weeks)
    ids = people.ids()
    _write(
        folder / "events.csv",
        [
            ("event_id", "starts_at", "title", "type", "mode", "topic"),
            *(
                (
                    str(e["event_id"]),
                    f"{e['day']} {e['hour']:02d}:00",
                    str(e["title"]),
                    str(e["type"]),
                    str(e["mode"]),
                    str(e["topic"]),
                )
                for e in events
            ),
        ],
    )
    lists = gatherings.draw_lists(rng, people, events, effects=effects)
    with (folder / "attendance.csv").open("w", encoding="utf-8", newline="") as handle:
        handle.write("event_id,member_id,attended,registered,cancelled\n")
        for place, listed, came, registered, cancelled in lists:
            event = events[place]["event_id"]
            handle.writelines(
                f"{event},{ids[person]},{'yes' if a else 'no'},{'yes' if b else 'no'},{'yes' if c else ''}\n"
                for person, a, b, c in zip(listed, came, registered, cancelled, strict=True)
            )


def _write_talk(folder: Path, rng: Rng, people: People, first: date, count: int, *, effects: bool) -> None:
    table = talk.invent_talk(rng, people, first, LAST_DAY, count, effects=effects)
    with duckdb.connect() as connection:  # no warehouse: a scratch connection that writes CSV
        connection.register("talk", table)
        for year in range(first.year, LAST_DAY.year + 1):
            file = folder / f"interactions-{year}.csv"
            connection.execute(
                f"""copy (
                        select strftime(occurred_at, '%Y-%m-%d %H:%M') as occurred_at, actor_id, target_id, channel, kind,
                               case when thread >= 0 then 't' || thread end as thread_id, intent
                        from talk
                        where year(occurred_at) = {year}
                    ) to '{str(file).replace("'", "''")}' (header, delimiter ',')"""
            )


def _spoil(rows: list[list[str]]) -> list[list[str]]:
    """The same rows with three mistakes: a 7 on a scale of 5, a day that does not exist, a word where a number belongs."""
    spoiled = [list(row) for row in rows]
    spoiled[10][9] = "7"
    spoiled[40][1] = "2026-09-31 10:00"
    spoiled[90][13] = "often"
    return spoiled


def _write(file: Path, rows: Iterable[Sequence[str]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle, lineterminator="\n").writerows(rows)
