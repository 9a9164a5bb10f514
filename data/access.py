"""Who may see what: `access.toml` of a home, and the one decision that is taken from it on every run.

A visitor is what their identity provider says about them: issuer, subject, e-mail, groups, time of sign-in. Nobody is let in
who is not named, themselves or by a group; nothing here is remembered from one decision to the next.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

from data.errors import BadSettings, say_invalid

FILE = "access.toml"

# Providers where anybody can have an account, or where one address serves every tenant.
SHARED_ISSUERS = (
    "accounts.google.com",
    "/common/",
    "/organizations/",  # codespell:ignore organizations
    "/consumers/",
    "9188040d-6c67-4c5b-b112-36a304b66dad",  # Microsoft's tenant of personal accounts
    "{tenantid}",
)


class AccessRole(StrEnum):
    """From least to most: each may do all that the ones before it may."""

    MEMBER = "member"
    LEADER = "leader"
    MANAGER = "manager"
    ADMIN = "admin"

    def covers(self, needed: "AccessRole") -> bool:
        """Whether this role has the powers of the needed one."""
        order = list(AccessRole)
        return order.index(self) >= order.index(needed)


class Issuer(BaseModel):
    """An identity provider that is believed. `single_tenant`: every account in it is the organisation's own, so its e-mail
    addresses count even where it does not say whether it verified them (Microsoft Entra never says)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    issuer: str = Field(min_length=1)
    single_tenant: bool = False
    groups_claim: str = "groups"

    @model_validator(mode="after")
    def _is_single(self) -> Self:
        if self.single_tenant and any(part in f"{self.issuer}/" for part in SHARED_ISSUERS):
            raise ValueError(f"{self.issuer} is shared by many organisations, so it cannot be single_tenant")
        return self


class Person(BaseModel):
    """One person, by issuer and subject or by e-mail. Without a role their groups decide; `refused` outdoes every group."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    issuer: str | None = None
    subject: str | None = None
    email: str | None = None
    role: AccessRole | None = None
    refused: bool = False
    revoked_before: AwareDatetime | None = None

    @model_validator(mode="after")
    def _is_named(self) -> Self:
        by_subject = bool(self.issuer) and bool(self.subject)
        if by_subject == bool(self.email) or (self.email and (self.issuer or self.subject)):
            raise ValueError("name a person by issuer and subject, or by email, and not by both")
        return self


class GroupRole(BaseModel):
    """A group of one issuer, as its tokens write it, and the role of whoever is in it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    issuer: str = Field(min_length=1)
    group: str = Field(min_length=1)
    role: AccessRole


class Access(BaseModel):
    """The table of `access.toml`. Unknown names are refused. Empty, it lets nobody in."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    idle_minutes: int = Field(default=60, ge=1, le=24 * 60)
    sign_in_hours: int = Field(default=12, ge=1, le=24 * 30)
    issuers: tuple[Issuer, ...] = ()
    people: tuple[Person, ...] = ()
    groups: tuple[GroupRole, ...] = ()

    @model_validator(mode="after")
    def _knows_its_issuers(self) -> Self:
        known = [issuer.issuer for issuer in self.issuers]
        if len(set(known)) < len(known):
            raise ValueError("an issuer is named twice")
        for named in (*(person.issuer for person in self.people), *(group.issuer for group in self.groups)):
            if named is not None and named not in known:
                raise ValueError(f"the issuer {named} is not one of the trusted issuers")
        return self


@dataclass(frozen=True)
class Decision:
    """As what a visitor is let in (None: not), under which name the audit log knows them, and why not."""

    role: AccessRole | None
    who: str
    why: str = ""


def read_access(home: Path) -> Access:
    """The table of a home; without `access.toml` an empty one, which lets nobody in.

    Raises BadSettings naming what cannot be used; nobody is let in then either.
    """
    file = home / FILE
    if not file.exists():
        return Access()
    try:
        return Access.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadSettings(f"This is no TOML: {error}.", where=str(file), fix="Mend the file.") from error
    except ValidationError as error:
        raise BadSettings(
            say_invalid(error, whole="the table"), where=str(file), fix="Mend it; nobody is let in until then."
        ) from error


def decide(access: Access, claims: Mapping[str, Any], now: datetime, last_seen: datetime | None = None) -> Decision:
    """As what a visitor with these claims of an identity token is let in now.

    `last_seen` is the last time that this same sign-in did anything, as far as it is known; the time of sign-in counts
    as one. The claims are taken as verified: whoever calls this has checked their signature.
    """
    subject = _text(claims, "sub")
    issuer = next((known for known in access.issuers if known.issuer == _text(claims, "iss")), None)
    if issuer is None or not subject:
        return Decision(None, "somebody unknown", "Your identity provider is not one that this Hearth trusts.")
    email = counting_email(issuer, claims)
    who = email or f"{subject} of {issuer.issuer}"
    people = [person for person in access.people if _is(person, issuer.issuer, subject, email)]
    if any(person.refused for person in people):
        return Decision(None, who, "Your account was taken off the list of this Hearth.")
    if why := _too_old(access, people, claims, now, last_seen):
        return Decision(None, who, why)
    role = _role_of(access, people, issuer, claims)
    return Decision(role, who, "" if role else "Your account is not on the list of this Hearth.")


def counting_email(issuer: Issuer, claims: Mapping[str, Any]) -> str:
    """The e-mail address that may stand for a person, in lower case; empty where it is not known to be theirs."""
    verified = claims.get("email_verified", issuer.single_tenant)
    is_verified = verified is True or (isinstance(verified, str) and verified.lower() == "true")
    return _fold(_text(claims, "email")) if is_verified else ""


def groups_of(issuer: Issuer, claims: Mapping[str, Any]) -> frozenset[str]:
    """The groups that a token lists. `groups_claim` may be a path, such as realm_access.roles."""
    found: Any = claims.get(issuer.groups_claim)
    if found is None and "." in issuer.groups_claim:
        found = claims
        for part in issuer.groups_claim.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
    if isinstance(found, str):
        found = [found]
    return (
        frozenset(group for group in found if isinstance(group, str))
        if isinstance(found, list | tuple)
        else frozenset()
    )


def signed_in_at(claims: Mapping[str, Any]) -> datetime | None:
    """When the token was issued (`iat`, seconds since 1970); None where it does not say."""
    seconds = claims.get("iat")
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError):
        return None


def _too_old(
    access: Access, people: list[Person], claims: Mapping[str, Any], now: datetime, last_seen: datetime | None
) -> str:
    at = signed_in_at(claims)
    if at is None:
        return "Your identity provider does not say when you signed in."
    if any(person.revoked_before is not None and at < person.revoked_before for person in people):
        return "Your sign-in was revoked. Sign in again."
    if now - at > timedelta(hours=access.sign_in_hours):
        return f"You signed in more than {access.sign_in_hours} hours ago. Sign in again."
    if now - max(at, last_seen or at) > timedelta(minutes=access.idle_minutes):
        return f"Nothing was done here for {access.idle_minutes} minutes. Sign in again."
    return ""


def _role_of(access: Access, people: list[Person], issuer: Issuer, claims: Mapping[str, Any]) -> AccessRole | None:
    """The role of the person's own entry, the least one of several; without one the highest of their groups."""
    order = list(AccessRole)
    own = [person.role for person in people if person.role is not None]
    if own:
        return min(own, key=order.index)
    member_of = groups_of(issuer, claims)
    given = [named.role for named in access.groups if named.issuer == issuer.issuer and named.group in member_of]
    return max(given, key=order.index, default=None)


def _is(person: Person, issuer: str, subject: str, email: str) -> bool:
    if person.email is not None:
        return bool(email) and _fold(person.email) == email
    return person.issuer == issuer and person.subject == subject


def _fold(email: str) -> str:
    """Without regard to case, for plain letters only: folding others would make one address of two."""
    email = email.strip()
    return email.lower() if email.isascii() else email


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    return value if isinstance(value, str) else ""
