"""Inspection: what is wrong with how a home is kept and served, before somebody else finds out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from data.access import AccessRole, read_access
from data.audit import find_tampering
from data.backups import list_backups, verify_backup
from data.errors import HearthError
from data.settings import read_settings
from data.sign_in import is_readable_by_others, read_sign_in, secrets_file
from data.store import opened

BACKUP_HOURS = 48
PRIVATE = (
    "warehouse.duckdb",
    "salt",
    "receipts.jsonl",
    "erased.json",
    "audit.jsonl",
    "released.jsonl",
    "answers_shown.jsonl",
    "comments.jsonl",
    "profiles.jsonl",
    "kept",
)


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: what, whether it is as it should be, and what to do where it is not."""

    name: str
    is_good: bool
    words: str


def inspect(
    home: Path, environment: Mapping[str, str], *, production: bool, backups: Path | None, now: datetime | None = None
) -> list[Finding]:
    """Everything that `hearth doctor` looks at. In production a checkout, missing sign-in, backup or retention are wrong too."""
    found = [
        *_look_at_settings(home),
        *_look_at_rights(home),
        *_look_at_secrets(home, environment),
        *_look_at_log(home),
    ]
    found += _look_at_kept(home, now or datetime.now(UTC))
    if production:
        found += [*_look_at_place(home), *_look_at_sign_in(home, environment), *_look_at_retention(home)]
        found += _look_at_backups(backups, now or datetime.now(UTC))
    return found


def _look_at_settings(home: Path) -> Iterator[Finding]:
    for name, read in (("settings", read_settings), ("access", read_access)):
        try:
            read(home)
        except HearthError as error:
            yield Finding(name, False, str(error))
        else:
            yield Finding(name, True, f"{name}.toml can be used.")


def _look_at_rights(home: Path) -> Iterator[Finding]:
    open_to_others = [name for name in PRIVATE if (home / name).exists() and is_readable_by_others(home / name)]
    if home.exists() and is_readable_by_others(home):
        open_to_others.insert(0, ".")
    words = "Only its owner can read the home."
    if open_to_others:
        words = f"Others on this machine can read {', '.join(open_to_others)}. chmod -R go= {home}"
    yield Finding("rights", not open_to_others, words)


def _look_at_secrets(home: Path, environment: Mapping[str, str]) -> Iterator[Finding]:
    file = secrets_file(home, environment)
    if not file.exists():
        yield Finding("secrets", True, "There is no file of secrets.")
    elif is_readable_by_others(file):
        yield Finding("secrets", False, f"Others on this machine can read {file}. chmod 600 {file}; then renew them.")
    else:
        yield Finding("secrets", True, f"Only its owner can read {file}.")


def _look_at_log(home: Path) -> Iterator[Finding]:
    broken = find_tampering(home)
    words = "Every line of the audit log follows the one before it."
    if broken is not None:
        words = f"Line {broken} of the audit log does not follow the one before it: compare it with your copy."
    yield Finding("audit log", broken is None, words)


def _look_at_kept(home: Path, now: datetime) -> Iterator[Finding]:
    """Kept copies past their term; a publish removes them, so there are some only where nobody publishes."""
    folder = home / "kept"
    copies = sorted(folder.glob("*.parquet")) if folder.is_dir() else []
    if not copies or not (home / "warehouse.duckdb").exists():
        yield Finding("kept copies", True, "There are none.")
        return
    try:
        retention = read_settings(home).retention
        with opened(home / "warehouse.duckdb", read_only=True) as connection:
            loaded = dict(connection.execute("select batch, loaded_at from batches").fetchall())
    except (HearthError, duckdb.Error) as error:
        yield Finding("kept copies", False, f"They could not be looked at: {error}")
        return
    oldest = retention.end_of_term(now.replace(tzinfo=None))
    late = [copy.stem for copy in copies if copy.stem.isdigit() and loaded.get(int(copy.stem), oldest) < oldest]
    words = f"None is older than {retention.keep_months} months."
    if late:
        words = f"Older than {retention.keep_months} months: batch {', '.join(late)}. `hearth publish` removes them."
    yield Finding("kept copies", not late, words)


def _look_at_place(home: Path) -> Iterator[Finding]:
    checkout = next((folder for folder in (home, *home.parents) if (folder / ".git").exists()), None)
    words = "It is outside every checkout."
    if checkout:
        words = (
            f"It lies inside the checkout {checkout}, where one `git add` publishes it. Move it: --home, HEARTH_HOME."
        )
    yield Finding("place of the home", checkout is None, words)


def _look_at_sign_in(home: Path, environment: Mapping[str, str]) -> Iterator[Finding]:
    try:
        sign_in = read_sign_in(home, environment)
        access = read_access(home)
    except HearthError as error:
        yield Finding("sign-in", False, str(error))
        return
    if sign_in is None:
        yield Finding("sign-in", False, "There is none. See docs/how-to/run-in-production.md.")
    elif not sign_in.origin.startswith("https://"):
        yield Finding("sign-in", False, f"People open {sign_in.origin}, which is not encrypted.")
    elif AccessRole.ADMIN not in {*(p.role for p in access.people), *(g.role for g in access.groups)}:
        yield Finding("sign-in", False, "Nobody is admin. `hearth access grant WHO admin`.")
    else:
        yield Finding("sign-in", True, f"People sign in at {sign_in.origin}.")


def _look_at_retention(home: Path) -> Iterator[Finding]:
    try:
        is_set = "keep_months" in read_settings(home).retention.model_fields_set
    except HearthError as error:
        yield Finding("retention", False, str(error))
        return
    words = (
        "It is set."
        if is_set
        else "Nobody decided how long copies are kept. `hearth settings retention.keep_months 13`."
    )
    yield Finding("retention", is_set, words)


def _look_at_backups(folder: Path | None, now: datetime) -> Iterator[Finding]:
    newest = next(iter(list_backups(folder)), None) if folder else None
    if folder is None:
        yield Finding("backup", False, "Say where backups go: --backups DIR, or HEARTH_BACKUPS.")
    elif newest is None:
        yield Finding("backup", False, f"There is none in {folder}. `hearth backup {folder}`.")
    elif now - newest.at > timedelta(hours=BACKUP_HOURS):
        yield Finding("backup", False, f"The newest is of {newest.at:%Y-%m-%d %H:%M} UTC. `hearth backup {folder}`.")
    else:
        try:
            verify_backup(newest)
        except (HearthError, OSError, ValueError) as error:
            yield Finding("backup", False, str(error))
        else:
            yield Finding("backup", True, f"The newest is of {newest.at:%Y-%m-%d %H:%M} UTC and is whole.")
