"""Who is let in as what: the table of access.toml against tokens as Entra, Keycloak and Google write them."""

import string
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from data.access import Access, AccessRole, decide, groups_of, read_access
from data.errors import BadSettings

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
IAT = int(NOW.timestamp()) - 600  # signed in ten minutes ago

ENTRA = "https://login.microsoftonline.com/5f0c7a52-1111-4222-8333-444455556666/v2.0"
KEYCLOAK = "https://id.example.org/realms/staff"
GOOGLE = "https://accounts.google.com"

TABLE = f"""
idle_minutes = 30
sign_in_hours = 8

[[issuers]]
issuer = "{ENTRA}"
single_tenant = true

[[issuers]]
issuer = "{KEYCLOAK}"
groups_claim = "realm_access.roles"

[[issuers]]
issuer = "{GOOGLE}"

[[people]]
email = "Ada@example.org"
role = "admin"

[[people]]
issuer = "{KEYCLOAK}"
subject = "f:1:mo"
role = "manager"

[[people]]
email = "gone@example.org"
refused = true

[[people]]
email = "lee@example.org"
revoked_before = 2026-11-24T09:55:00Z

[[groups]]
issuer = "{ENTRA}"
group = "0a1b-leaders"
role = "leader"

[[groups]]
issuer = "{ENTRA}"
group = "0a1b-everyone"
role = "member"

[[groups]]
issuer = "{KEYCLOAK}"
group = "hearth-leader"
role = "leader"
"""


@pytest.fixture
def access(tmp_path: Path) -> Access:
    (tmp_path / "access.toml").write_text(TABLE, encoding="utf-8")
    return read_access(tmp_path)


def entra(**more: Any) -> dict[str, Any]:
    """As Microsoft Entra writes it: no email_verified, groups as object ids, tid and oid beside sub."""
    return {
        "aud": "c1", "iss": ENTRA, "iat": IAT, "nbf": IAT, "exp": IAT + 3900, "name": "Ada", "oid": "o-1",
        "preferred_username": "ada@example.org", "sub": "AAAAx", "tid": "5f0c7a52-1111-4222-8333-444455556666",
        "ver": "2.0", **more,
    }  # fmt: skip


def keycloak(**more: Any) -> dict[str, Any]:
    """As Keycloak writes it: email_verified always there and false until somebody says so; roles in realm_access."""
    return {
        "iss": KEYCLOAK, "iat": IAT, "exp": IAT + 300, "auth_time": IAT, "typ": "ID", "azp": "hearth", "sub": "f:1:mo",
        "email_verified": False, "preferred_username": "mo", "email": "mo@example.org",
        "realm_access": {"roles": ["offline_access"]}, **more,
    }  # fmt: skip


def google(**more: Any) -> dict[str, Any]:
    """As Google writes it: email_verified true, no groups, an account of anybody in the world."""
    return {
        "iss": GOOGLE, "azp": "c1", "aud": "c1", "sub": "1108", "email": "ada@example.org", "email_verified": True,
        "iat": IAT, "exp": IAT + 3600, **more,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("claims", "role"),
    [
        (entra(email="ada@example.org"), "admin"),  # a single tenant that says nothing about the address
        (entra(email="ADA@EXAMPLE.ORG"), "admin"),
        (entra(email="ada@example.org", email_verified=False), None),  # an explicit no always counts
        (entra(email="ada@example.org", email_verified="false"), None),
        (entra(email="ada@example.org", email_verified=None), None),
        (entra(), None),  # preferred_username is no e-mail address: anybody may change it
        (entra(groups=["0a1b-everyone"]), "member"),
        (entra(groups=["0a1b-everyone", "0a1b-leaders"]), "leader"),  # the highest of the groups
        (entra(email="ada@example.org", groups=["0a1b-everyone"]), "admin"),  # the person's own entry outdoes groups
        (entra(email="gone@example.org", groups=["0a1b-leaders"]), None),
        (entra(_claim_names={"groups": "src1"}), None),  # too many groups for the token: none are known
        (entra(groups=["hearth-leader"]), None),  # a group of another issuer
        (keycloak(), "manager"),  # by issuer and subject, which need no e-mail
        (keycloak(sub="f:1:other"), None),
        (keycloak(sub="f:1:other", email="ada@example.org"), None),  # not verified
        (keycloak(sub="f:1:other", email="ada@example.org", email_verified=True), "admin"),
        (keycloak(sub="f:1:other", realm_access={"roles": ["hearth-leader"]}), "leader"),
        (keycloak(sub="f:1:other", realm_access="hearth-leader"), None),
        (keycloak(iss=KEYCLOAK + "/"), None),  # another issuer, however alike
        (keycloak(iss="https://evil.example/realms/staff"), None),
        (google(), "admin"),
        (google(email_verified="true"), "admin"),
        (google(email_verified=False), None),
        (google(email="eve@example.org", hd="example.org"), None),
        (google(sub="f:1:mo", email="x@example.org"), None),  # the subject of another issuer
        ({k: v for k, v in google().items() if k != "email_verified"}, None),  # shared by the world: silence is no
        (google(email="\u212aate@example.org"), None),
        (google(sub=""), None),
        (google(sub=None), None),
        ({}, None),
    ],
)
def test_the_table(access: Access, claims: dict[str, Any], role: str | None) -> None:
    assert decide(access, claims, NOW).role == role


def test_no_table_lets_nobody_in(tmp_path: Path) -> None:
    for claims in (entra(email="ada@example.org"), keycloak(), google()):
        assert decide(read_access(tmp_path), claims, NOW).role is None


def test_a_sign_in_from_before_a_revocation_is_refused_and_a_new_one_is_not(access: Access) -> None:
    def as_lee(at: int) -> str | None:
        return decide(access, entra(email="lee@example.org", groups=["0a1b-leaders"], iat=at), NOW).role

    revoked = int(datetime(2026, 11, 24, 9, 55, tzinfo=UTC).timestamp())
    assert as_lee(revoked - 1) is None
    assert as_lee(revoked) == "leader"


@pytest.mark.parametrize("iat", [None, "1764000000", True, float("nan"), float("inf"), 10**30])
def test_a_token_that_does_not_say_when_it_was_issued_is_refused(access: Access, iat: Any) -> None:
    assert decide(access, google(iat=iat), NOW).role is None


def test_idle_and_old_sign_ins_end(access: Access) -> None:
    signed_in = datetime.fromtimestamp(IAT, UTC)
    minute = timedelta(minutes=1)
    assert decide(access, google(), signed_in + 30 * minute).role == "admin"
    assert decide(access, google(), signed_in + 31 * minute).role is None
    assert decide(access, google(), signed_in + 31 * minute, signed_in + 10 * minute).role == "admin"
    assert decide(access, google(), signed_in + 41 * minute, signed_in + 10 * minute).role is None
    assert decide(access, google(), signed_in + 481 * minute, signed_in + 480 * minute).role is None


def test_the_audit_name_is_the_address_only_where_it_counts(access: Access) -> None:
    assert decide(access, google(), NOW).who == "ada@example.org"
    assert decide(access, keycloak(), NOW).who == f"f:1:mo of {KEYCLOAK}"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('owner = "ada@example.org"', "owner cannot be used"),
        ('[[people]]\nemail = "a@b.c"\nrole = "boss"', "people.0.role cannot be used"),
        ('[[people]]\nrole = "admin"', "name a person by issuer and subject, or by email"),
        (f'[[people]]\nissuer = "{GOOGLE}"\nrole = "admin"', "name a person by issuer and subject, or by email"),
        (f'[[people]]\nissuer = "{GOOGLE}"\nsubject = "1"\nrole = "admin"', "is not one of the trusted issuers"),
        (f'[[issuers]]\nissuer = "{GOOGLE}"\nsingle_tenant = true', "shared by many organisations"),
        (
            '[[issuers]]\nissuer = "https://login.microsoftonline.com/common/v2.0"\nsingle_tenant = true',
            "shared by many organisations",
        ),
        ('[[people]]\nemail = "a@b.c"\nrevoked_before = 2026-11-24T10:00:00', "timezone"),
        ("idle_minutes = 0", "idle_minutes cannot be used"),
        ("[[people]", "This is no TOML"),
    ],
)
def test_a_table_that_cannot_be_meant_is_refused_by_name(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "access.toml").write_text(text, encoding="utf-8")
    with pytest.raises(BadSettings, match=words):
        read_access(tmp_path)


def test_roles_are_ordered() -> None:
    assert [role for role in AccessRole if AccessRole.LEADER.covers(role)] == ["member", "leader"]
    assert all(AccessRole.ADMIN.covers(role) for role in AccessRole)


def test_groups_are_read_as_each_provider_writes_them(access: Access) -> None:
    first, second, third = access.issuers
    assert groups_of(first, entra(groups=["a", 7, "b"])) == {"a", "b"}
    assert groups_of(first, entra(groups="a")) == {"a"}
    assert groups_of(second, keycloak(realm_access={"roles": ["x"]})) == {"x"}
    assert groups_of(third, google()) == frozenset()


anything = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(string.printable, max_size=8),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(
    some.dictionaries(
        some.sampled_from(["iss", "sub", "email", "email_verified", "groups", "iat", "realm_access"]), anything
    )
)
def test_whatever_a_token_holds_nobody_unnamed_is_let_in(claims: dict[str, Any]) -> None:
    access = Access.model_validate(
        {
            "issuers": [{"issuer": ENTRA, "single_tenant": True}],
            "people": [{"issuer": ENTRA, "subject": "s-1", "role": "admin"}],
        }
    )
    claims = {"iss": ENTRA, **claims}
    assert decide(access, claims, NOW).role is None
