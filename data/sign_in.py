"""How people sign in: one OpenID Connect provider, from `secrets.toml` of a home or from the environment.

Without either there is no sign-in, and the server answers this machine only.
"""

import os
import stat
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from data.errors import BadSettings, Refused, say_invalid

FILE = "secrets.toml"
LEAST_SECRET_BYTES = 32
LEAST_DIFFERENT_CHARACTERS = 10
LOOPBACK = ("localhost", "127.0.0.1", "::1")

# Where each part may come from instead of the file.
VARIABLES = {
    "redirect_uri": "HEARTH_REDIRECT_URI",
    "cookie_secret": "HEARTH_COOKIE_SECRET",
    "client_id": "HEARTH_CLIENT_ID",
    "client_secret": "HEARTH_CLIENT_SECRET",
    "server_metadata_url": "HEARTH_METADATA_URL",
}


class SignIn(BaseModel):
    """The provider, and the secret with which sign-in cookies are signed. Never printed: whoever has it can be anybody."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    redirect_uri: str
    cookie_secret: str = Field(repr=False)
    client_id: str = Field(min_length=1)
    client_secret: str = Field(min_length=1, repr=False)
    server_metadata_url: str
    client_kwargs: dict[str, str] = Field(default_factory=dict)

    @property
    def origin(self) -> str:
        """Scheme, host and port under which people open the dashboard."""
        parts = urlsplit(self.redirect_uri)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def host(self) -> str:
        """The name, without the port, under which people open the dashboard."""
        return urlsplit(self.redirect_uri).hostname or ""

    @field_validator("cookie_secret")
    @classmethod
    def _is_long(cls, secret: str) -> str:
        if len(secret.encode()) < LEAST_SECRET_BYTES or len(set(secret)) < LEAST_DIFFERENT_CHARACTERS:
            raise ValueError(
                f"it needs {LEAST_SECRET_BYTES} random bytes or more; make one with "
                "`python3 -c 'import secrets; print(secrets.token_hex(32))'`"
            )
        return secret

    @model_validator(mode="after")
    def _is_encrypted(self) -> Self:
        for address in (self.redirect_uri, self.server_metadata_url):
            parts = urlsplit(address)
            if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
                raise ValueError("addresses begin with https:// (http:// only on this machine)")
        if urlsplit(self.redirect_uri).path.rsplit("/", 1)[-1] != "oauth2callback":
            raise ValueError("redirect_uri ends in /oauth2callback")
        return self

    def as_secrets(self) -> dict[str, Any]:
        """As Streamlit reads it."""
        return {"auth": self.model_dump(exclude_defaults=True)}


def read_sign_in(home: Path, environment: Mapping[str, str] = os.environ) -> SignIn | None:
    """The sign-in of a home; None where neither `secrets.toml` nor the environment says anything.

    Raises Refused for a file that others can read, and BadSettings for one that cannot be used; neither names a secret.
    """
    file = secrets_file(home, environment)
    given = _read_file(file) if file.exists() else {}
    given |= {name: environment[variable] for name, variable in VARIABLES.items() if environment.get(variable)}
    if not given:
        return None
    try:
        return SignIn.model_validate(given)
    except ValidationError as error:
        raise BadSettings(
            say_invalid(error, whole="the sign-in"), where=str(file), fix="Nothing is served until it is mended."
        ) from error


def secrets_file(home: Path, environment: Mapping[str, str] = os.environ) -> Path:
    """The file of secrets: the one that HEARTH_SECRETS names, else `secrets.toml` of the home."""
    return Path(environment.get("HEARTH_SECRETS") or home / FILE)


def is_readable_by_others(file: Path) -> bool:
    """Whether anybody but its owner may read or write a file."""
    return bool(file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))


def _read_file(file: Path) -> dict[str, Any]:
    if is_readable_by_others(file):
        raise Refused(
            "Others on this machine can read the secrets.", where=str(file), fix=f"chmod 600 {file}; then renew them."
        )
    try:
        held = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadSettings("This is no TOML.", where=str(file), fix="Mend the file.") from error
    if set(held) != {"auth"} or not isinstance(held["auth"], dict):
        raise BadSettings("The file holds one table, [auth].", where=str(file), fix="Mend the file.")
    return dict(held["auth"])
