"""The whole invented community, written as the canonical CSV files that Hearth imports."""

from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from data.sample import events, registers, survey, talk
from data.sample.calendar import LAST_DAY, WEEKS_A_YEAR, first_day
from data.sample.names import BOTS, invent_names
from data.sample.people import FAR, LEVELS, REGIONS, TEAMS, People, Rng, invent_people
from data.sample.value import Registers

SEED = 4  # with this one nothing but what is built in looks like a change between the waves
INTERACTIONS_PER_MEMBER_YEAR = 28

_TALK = """
select strftime(occurred_at, '%Y-%m-%d %H:%M') as occurred_at, actor_id, target_id, channel, kind,
       't' || thread as thread_id, 'i' || number as interaction_id, topic, intent
from talk
where year(occurred_at) = {year}
"""

# One week in eleven is missing, as exports go: a gap, not a zero.
_TOTALS = """
with weeks as (
    select date_trunc('week', occurred_at)::date as monday, count(distinct actor_id) as active,
           count(distinct actor_id) filter (kind in ('post', 'reply', 'message')) as posting,
           count(*) filter (kind in ('post', 'reply', 'message')) as messages
    from talk
    where occurred_at >= date '{since}'
    group by all
)
select weeks.monday as period_start, weeks.monday + 6 as period_end, totals.kind, totals.count
from weeks
join members on members.monday = weeks.monday
cross join lateral (
    values (1, 'members', members.members), (2, 'active', active), (3, 'posting', posting), (4, 'messages', messages)
) as totals (place, kind, count)
where date_diff('week', date '{since}', weeks.monday) % 11 <> 7
order by weeks.monday, totals.place
"""


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

    `members` counts everybody, staff and bots included; `interactions` is about how many rows there are in all, 28 a
    member and year by default. `effects=False` leaves out everything that a metric should find (README.md).
    """
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.Generator(np.random.PCG64(seed))
    first = first_day(years)
    people = invent_people(rng, members, first, LAST_DAY, effects=effects)
    count = interactions or members * years * INTERACTIONS_PER_MEMBER_YEAR
    with duckdb.connect() as scratch:
        write = _Writer(scratch, folder)
        write("members.csv", _list_members(rng, people))
        write("programmes.csv", registers.list_programmes(people))
        held = events.hold_events(first, WEEKS_A_YEAR * years)
        hosts = events.choose_hosts(rng, people, held, first, effects=effects)
        write("events.csv", events.list_events(held, people, hosts))
        write("attendance.csv", events.draw_attendance(rng, people, held, hosts, first, effects=effects))
        _write_talk(write, talk.invent_talk(rng, people, first, LAST_DAY, count, effects=effects), people, first)
        _write_waves(write, rng, people, effects=effects)
        write("actions.csv", registers.list_actions())
        write("objectives.csv", registers.list_objectives())
        write("annotations.csv", registers.list_annotations(first))
        value = Registers(people, seed)
        write("mentoring.csv", value.list_pairs())
        write("recognitions.csv", value.list_recognitions())
        write("stories.csv", value.list_stories())
        write("collaborations.csv", value.list_collaborations())
    (folder / "settings.toml").write_text(registers.write_settings(first), encoding="utf-8")
    (folder / "manifest.toml").write_text(registers.write_manifest(first), encoding="utf-8")


class _Writer:
    """Writes tables as CSV into one folder: DuckDB does it in parallel and keeps the order."""

    def __init__(self, scratch: duckdb.DuckDBPyConnection, folder: Path) -> None:
        self.scratch, self.folder = scratch, folder

    def __call__(self, name: str, table: pa.Table) -> None:
        self.scratch.register("rows", table)
        self.copy(name, "select * from rows")

    def copy(self, name: str, query: str) -> None:
        file = str(self.folder / name).replace("'", "''")
        self.scratch.execute(f"copy ({query}) to '{file}' (format csv, header)")


def _list_members(rng: Rng, people: People) -> pa.Table:
    """The members file. Bots belong to no team and have no address."""
    names = invent_names(rng, people.count)
    for bot, name in zip(np.flatnonzero(people.is_bot), BOTS, strict=True):
        names[bot] = name
    address = [f"{name.lower().replace(' ', '.')}.{row}@example.org" for row, name in enumerate(names, 1)]
    return pa.table(
        {
            "member_id": people.ids(),
            "name": names,
            "email": pa.array(address, mask=people.is_bot),
            "joined_on": [date.fromordinal(day) if day else None for day in people.joined.tolist()],
            "left_on": [date.fromordinal(day) if day < FAR else None for day in people.left.tolist()],
            "member_type": np.select([people.is_bot, people.is_staff], ["bot", "staff"], "member"),
            "team": pa.array(np.array(TEAMS)[people.team], mask=people.is_bot),
            "region": pa.array(np.array(REGIONS)[people.region], mask=people.is_bot),
            "level": pa.array(np.array(LEVELS)[people.level], mask=people.is_bot),
        }
    )


def _write_talk(write: _Writer, rows: pa.Table, people: People, first: date) -> None:
    """One interactions file a year, and the weekly totals of the last year that an analytics export would hold."""
    write.scratch.register("talk", rows)
    for year in range(first.year, LAST_DAY.year + 1):
        write.copy(f"interactions-{year}.csv", _TALK.format(year=year))
    since = first_day(1)
    mondays = np.arange(since.toordinal(), LAST_DAY.toordinal(), 7)
    weeks = [date.fromordinal(day) for day in mondays.tolist()]
    write.scratch.register("members", pa.table({"monday": weeks, "members": people.count_here(mondays + 6)}))
    write.copy("activity.csv", _TOTALS.format(since=since))


def _write_waves(write: _Writer, rng: Rng, people: People, *, effects: bool) -> None:
    minds = survey.make_minds(rng, people.count)
    for place, wave in enumerate(survey.WAVES):
        answers = survey.answer_wave(rng, people, minds, place, effects=effects)
        write(wave.file, answers)
        if wave is survey.WAVES[-1]:
            write(wave.file.replace(".csv", "-with-three-bad-rows.csv"), survey.spoil(answers))
    write("items.csv", survey.describe_items())
