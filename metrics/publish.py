"""Publishing: from the warehouse to a snapshot, through the gate, once for every reader.

The same facts, settings, ledger and as-of day give the same numbers. The work is done in temporary
tables beside the warehouse, which is only read; each role's file is written whole and put in force in
one step at the very end.
"""

import json
import logging
import secrets
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from time import perf_counter

import duckdb

from data.redaction import IsName, is_nobody
from data.settings import Settings
from data.writing import replace_text
from metrics.audit import hold
from metrics.behaviour import measure_behaviour
from metrics.catalogue import CATALOGUE
from metrics.comments import lay_out_comments, remember_comments
from metrics.disclosure import withhold
from metrics.ledger import remember_released
from metrics.lists import write_lists
from metrics.nesting import lay_out_nesting
from metrics.panel import build_panel, roll_up
from metrics.periods import judge_coverage, lay_out_periods, state_needs
from metrics.roster import choose_dimensions, lay_out_roster
from metrics.shown_groups import add_shown_groups
from metrics.snapshot import FORMAT, Role, checksum, discard_old, published_folder, put_in_force
from metrics.standing import let_stand
from metrics.survey_family import measure_survey_family
from metrics.value_family import add_shown_values, measure_value_family
from metrics.watch import watch_people
from metrics.writing import lay_out_events, write_role

LOG = logging.getLogger(__name__)

Progress = Callable[[str, float], None]

_RESULTS = """
create or replace temp table results as
with named as (
    select *,
           case
               when metric in (select split_part(metric, ':', 1) from card_needs where contains(metric, ':'))
                   then metric || ':' || breakdown
               else metric
           end as judged_by,
           case when not coalesce(is_open, false) then coalesce(value, numerator / nullif(denominator, 0)) end as quotient
    from cells
),
judged as (
    select named.*,
           case
               when judged_by in (select metric from card_needs) then coalesce(metric_status.status, 'no data')
               when periods.complete then 'final'
               else 'provisional'
           end as covered,
           quotient is not null or coalesce(is_open, false) as is_known
    from named
    join periods using (grain, period)
    left join metric_status
      on metric_status.metric = named.judged_by
     and metric_status.grain = named.grain
     and metric_status.period = named.period
)
select metric, grain, period, dimension, segment, breakdown,
       case when covered <> 'no data' then quotient end as value,
       case when covered <> 'no data' then numerator end as numerator,
       case when covered <> 'no data' then denominator end as denominator,
       case when covered <> 'no data' then people end as people,
       case when covered <> 'no data' then low end as low,
       case when covered <> 'no data' then high end as high,
       case when covered <> 'no data' then expected end as expected,
       case when covered <> 'no data' then p end as p,
       null::varchar as verdict,
       case when covered = 'no data' or not is_known then 'no data' else covered end as status
from judged
where dimension = 'all'
   or (covered <> 'no data' and is_known)
union all by name
select * from survey_results
union all by name
select * from register_results
"""


def publish(
    connection: duckdb.DuckDBPyConnection,
    home: Path,
    settings: Settings,
    as_of: date,
    progress: Progress | None = None,
    is_erased: IsName = is_nobody,
) -> str:
    """Compute every number as of the end of a day and put a new snapshot in force; returns its id.

    `is_erased` knows the words of the names of those who were erased, which are redacted from comments all the same.

    The connection is to the warehouse and may write into `home/published`. Facts after `as_of` are not read.
    """
    say = progress or (lambda stage, share: None)
    say("Reading who is in the community", 0.05)
    dimensions = choose_dimensions(connection, settings.dimensions)
    lay_out_periods(connection, settings, as_of)
    lay_out_roster(connection, dimensions)
    say("Counting interactions", 0.15)
    roll_up(connection)
    say("Laying facts over members and periods", 0.35)
    build_panel(connection, dimensions)
    say("Computing metrics", 0.55)
    measure_behaviour(connection, CATALOGUE, dimensions, settings.thresholds.of_any_role)
    watch_people(connection)
    measure_survey_family(connection, dimensions, settings, is_erased)
    measure_value_family(connection, dimensions, settings.thresholds)
    _judge(connection, as_of)
    folder = _new_folder(home)
    _release(connection, home, settings, say)
    fewest = max(settings.thresholds.manager, settings.thresholds.distributions)
    news_of_comments = lay_out_comments(connection, home, fewest, is_erased)
    lay_out_events(connection)
    for role, k in _thresholds(settings):
        say(f"Writing what the {role} sees", 0.75 + 0.07 * list(Role).index(role))
        write_role(connection, folder, role, k, settings, as_of, dimensions)
    write_lists(connection, folder, dimensions)
    say("Putting the snapshot in force", 0.98)
    _write_manifest(connection, folder, settings, as_of)
    for role, _ in _thresholds(settings):
        remember_released(connection, home, f"released_{role}", role, folder.name)
    remember_comments(home, news_of_comments)
    put_in_force(home, folder.name)
    discard_old(home)
    return folder.name


def _release(connection: duckdb.DuckDBPyConnection, home: Path, settings: Settings, say: Progress) -> None:
    """Temp tables `released_<role>`: each role's numbers, built from those of the role before and held against the attack."""
    lay_out_nesting(connection)
    thresholds = _thresholds(settings)
    # What is put back or withheld there does not say how many people a group has now.
    connection.execute("create or replace temp table sizes as from results")
    let_stand(connection, home, "results", {str(role): k for role, k in thresholds}, settings.thresholds.of_anything)
    source, held_to = "results", None
    for role, k in thresholds:
        released = f"released_{role}"
        if held_to and held_to[1] == k and _remember_the_same(connection, held_to[0], role):
            # The gate and the attack would be those of the role before, and so is what they let through.
            connection.execute(f"create or replace temp table {released} as from {source}")
            continue
        say("Withholding small groups", 0.7)
        remembered = f"(from remembered where role = '{role}')"
        withhold(connection, source, released, k, "sizes", "nesting", remembered)
        say(f"Attacking what the {role} would see", 0.72)
        began = perf_counter()
        given_up = hold(connection, released, k, partial(_settle, connection, k, remembered), remembered)
        LOG.info("%s attacked for %.1f s, %s tables given up", released, perf_counter() - began, given_up)
        say("Adding what follows from shown numbers", 0.74)
        add_shown_values(connection, released)
        add_shown_groups(connection, released)
        source, held_to = released, (role, k)


def _remember_the_same(connection: duckdb.DuckDBPyConnection, one: Role, other: Role) -> bool:
    """Whether two roles were shown the same of what stands from before."""
    of_one, of_other = (
        f"(select * exclude (role, is_first) from remembered where role = '{role}')" for role in (one, other)
    )
    found = connection.execute(
        f"select exists (from {of_one} except all from {of_other}) or exists (from {of_other} except all from {of_one})"
    ).fetchone()
    return bool(found and not found[0])


def _settle(connection: duckdb.DuckDBPyConnection, k: int, remembered: str, table: str) -> None:
    withhold(connection, table, table, k, "sizes", "nesting", remembered)


def _thresholds(settings: Settings) -> tuple[tuple[Role, int], ...]:
    """Roles from the widest view to the narrowest; each is built from the one before."""
    k = settings.thresholds
    return (
        (Role.MANAGER, k.manager),
        (Role.LEADER, max(k.leader, k.manager)),
        (Role.MEMBER, max(k.member, k.leader)),
    )


def _judge(connection: duckdb.DuckDBPyConnection, as_of: date) -> None:
    state_needs(connection, CATALOGUE)
    judge_coverage(connection, as_of)
    connection.execute(_RESULTS)


def _new_folder(home: Path) -> Path:
    name = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"
    folder = published_folder(home) / name
    folder.mkdir(parents=True, mode=0o700)
    return folder


def _write_manifest(connection: duckdb.DuckDBPyConnection, folder: Path, settings: Settings, as_of: date) -> None:
    batches = connection.execute("select batch, sha256 from batches where undone_at is null order by batch").fetchall()
    facts = {
        "id": folder.name,
        "format": FORMAT,
        "as_of": as_of.isoformat(),
        "published_at": datetime.now(UTC).replace(microsecond=0).isoformat(),
        "settings": settings.model_dump(mode="json"),
        "batches": [{"batch": batch, "sha256": sha256} for batch, sha256 in batches],
        "files": {file.name: checksum(file) for file in sorted(folder.glob("*.duckdb"))},
    }
    replace_text(folder / "manifest.json", json.dumps(facts, indent=2))
