"""Changing `settings.toml` and `access.toml` from the command line: checked before they are written, comments kept."""

import tomllib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import tomlkit
from pydantic import ValidationError
from tomlkit import TOMLDocument
from tomlkit.exceptions import TOMLKitError

from data.access import FILE, Access, AccessRole, Person, read_access
from data.errors import BadSettings, Refused
from data.holding import locked
from data.settings import Settings, read_settings
from data.writing import replace_text

SETTINGS = "settings.toml"
RAISED_ONLY = "thresholds."


def change_setting(home: Path, name: str, text: str) -> tuple[Any, Any]:
    """Set one setting, such as `thresholds.leader` to `12`; returns what it was and what it is.

    `text` is a TOML value; what is none is taken as a string. Raises BadSettings for a name or value that cannot be, and
    Refused where a threshold would be lowered: what was withheld from people stays withheld.
    """
    before = _value_of(read_settings(home), name)
    value = _parse(text)
    if name.startswith(RAISED_ONLY) and isinstance(value, int) and isinstance(before, int) and value < before:
        raise Refused(
            f"{name} is {before} and can only be raised.",
            fix="A lower threshold would show groups that people were told are not shown.",
        )
    document = _read(home / SETTINGS)
    *tables, last = name.split(".")
    inside: Any = document
    for table in tables:
        inside = inside.setdefault(table, tomlkit.table())
        if not isinstance(inside, dict):
            raise BadSettings(f"There is no setting {name}.", fix="`hearth settings` lists those there are.")
    inside[last] = value
    try:
        after = Settings.model_validate(document.unwrap())
    except ValidationError as error:
        raise BadSettings(
            f"The setting {name} cannot be {text}: {error.errors()[0]['msg']}.", fix="Nothing was changed."
        ) from error
    _write(home / SETTINGS, document)
    return before, _value_of(after, name)


def trust_issuer(home: Path, issuer: str, *, single_tenant: bool, groups_claim: str) -> None:
    """Believe an identity provider from now on, or change how far."""

    def change(document: TOMLDocument) -> None:
        found = _entry(document, "issuers", {"issuer": issuer}) or _add(document, "issuers", {"issuer": issuer})
        found["single_tenant"] = single_tenant
        found["groups_claim"] = groups_claim

    _change_access(home, change)


def grant(home: Path, named: dict[str, str], role: AccessRole) -> None:
    """Give a person a role: `named` holds email, or issuer and subject. Whoever was refused before is so no longer."""

    def change(document: TOMLDocument) -> None:
        found = _entry(document, "people", named) or _add(document, "people", named)
        found["role"] = str(role)
        found.pop("refused", None)

    _change_access(home, change)


def grant_group(home: Path, issuer: str, group: str, role: AccessRole) -> None:
    """Give everybody in a group of an issuer a role."""
    named = {"issuer": issuer, "group": group}

    def change(document: TOMLDocument) -> None:
        (_entry(document, "groups", named) or _add(document, "groups", named))["role"] = str(role)

    _change_access(home, change)


def revoke(home: Path, named: dict[str, str], *, refuse: bool = True) -> None:
    """End every sign-in of a person up to now; with `refuse` they are not let in again, whatever their groups say."""

    def change(document: TOMLDocument) -> None:
        found = _entry(document, "people", named) or _add(document, "people", named)
        found["revoked_before"] = datetime.now(UTC).replace(microsecond=0)
        if refuse:
            found["refused"] = True

    _change_access(home, change)


def name_person(who: str) -> dict[str, str]:
    """A person as the table names them: an e-mail address, or `SUBJECT of ISSUER` as the audit log writes it."""
    subject, middle, issuer = who.partition(" of ")
    named = {"issuer": issuer, "subject": subject} if middle else {"email": who}
    try:
        Person.model_validate(named)
    except ValidationError as error:
        raise Refused(f'"{who}" names nobody.', fix="Write an e-mail address, or SUBJECT of ISSUER.") from error
    if not middle and "@" not in who:
        raise Refused(f'"{who}" is no e-mail address.', fix="Write an e-mail address, or SUBJECT of ISSUER.")
    return named


def _change_access(home: Path, change: Callable[[TOMLDocument], None]) -> None:
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with locked(home / FILE, alone=True):  # two commands at once, and one of them a revoke, both count
        _change_access_alone(home, change)


def _change_access_alone(home: Path, change: Callable[[TOMLDocument], None]) -> None:
    read_access(home)  # a table that cannot be used is mended by hand first
    document = _read(home / FILE)
    change(document)
    try:
        Access.model_validate(tomllib.loads(tomlkit.dumps(document)))
    except ValidationError as error:
        first = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise BadSettings(
            f"{first[0].upper()}{first[1:]}.", where=str(home / FILE), fix="Nothing was changed."
        ) from error
    _write(home / FILE, document)


def _entry(document: TOMLDocument, table: str, named: dict[str, str]) -> Any:
    """The entry with this name; e-mail addresses are the same in any case."""

    def fold(name: str, value: Any) -> Any:
        return str(value).lower() if name == "email" else value

    for entry in document.get(table, ()):
        if all(name in entry and fold(name, entry[name]) == fold(name, value) for name, value in named.items()):
            return entry
    return None


def _add(document: TOMLDocument, table: str, named: dict[str, str]) -> Any:
    if table not in document:
        document[table] = tomlkit.aot()
    entry = tomlkit.table()
    for name, value in named.items():
        entry[name] = value
    document[table].append(entry)
    return document[table][-1]


def _parse(text: str) -> Any:
    try:
        return tomlkit.value(text).unwrap()
    except (TOMLKitError, ValueError):
        return text


def _value_of(settings: Settings, name: str) -> Any:
    found: Any = settings.model_dump(mode="json")
    for part in name.split("."):
        if not isinstance(found, dict) or part not in found:
            raise BadSettings(f"There is no setting {name}.", fix="`hearth settings` lists those there are.")
        found = found[part]
    return found


def _read(file: Path) -> TOMLDocument:
    return tomlkit.parse(file.read_text(encoding="utf-8")) if file.exists() else tomlkit.document()


def _write(file: Path, document: TOMLDocument) -> None:
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    replace_text(file, tomlkit.dumps(document))
