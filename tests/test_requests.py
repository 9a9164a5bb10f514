"""What the server refuses before a page runs: foreign hosts and origins, files without a session, and more than a viewer holds."""

import base64
import json
import os
import time
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value
from typer.testing import CliRunner

from cli import app
from data.deployment import require_public
from data.errors import Refused
from data.sign_in import SignIn
from tests.chromium import serving
from ui.requests import _claims, _decide

SECRETS = """[auth]
redirect_uri = "{origin}/oauth2callback"
cookie_secret = "0123456789abcdef0123456789abcdef-of-a-test"
client_id = "hearth"
client_secret = "a-test"
server_metadata_url = "{issuer}/.well-known/openid-configuration"
"""
ACCESS = '[[issuers]]\nissuer = "{issuer}"\n\n[[people]]\nemail = "ada@example.org"\nrole = "admin"\n'


def ask(address: str, path: str, method: str = "GET", **headers: str) -> HTTPResponse:
    """The answer to one request, with the headers written as given and no others but Host."""
    parts = urlsplit(address)
    connection = HTTPConnection("127.0.0.1", parts.port, timeout=30)
    connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
    for name, value in (
        {"Host": parts.netloc} | {name.replace("_", "-"): text for name, text in headers.items()}
    ).items():
        connection.putheader(name, value)
    connection.endheaders()
    answer = connection.getresponse()
    answer.body = answer.read()  # type: ignore[attr-defined]
    connection.close()
    return answer


def status(address: str, path: str, method: str = "GET", **headers: str) -> int:
    return ask(address, path, method, **headers).status


def socket(address: str, **headers: str) -> int:
    """What asking for the websocket of the pages is answered: 101 lets it in."""
    key = base64.b64encode(os.urandom(16)).decode()
    more = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec_WebSocket_Version": "13", "Sec_WebSocket_Key": key}
    parts = urlsplit(address)
    connection = HTTPConnection("127.0.0.1", parts.port, timeout=30)
    connection.putrequest("GET", "/_stcore/stream", skip_host=True, skip_accept_encoding=True)
    for name, value in ({"Host": parts.netloc} | more | headers).items():
        connection.putheader(name.replace("_", "-"), value)
    connection.endheaders()
    answer = connection.getresponse()
    connection.close()
    return answer.status


def configure(home: Path, origin: str, issuer: str = "https://id.example.org") -> None:
    """A home that people sign in to."""
    home.mkdir(parents=True, exist_ok=True)
    secrets = home / "secrets.toml"
    secrets.write_text(SECRETS.format(origin=origin, issuer=issuer), encoding="utf-8")
    secrets.chmod(0o600)
    (home / "access.toml").write_text(ACCESS.format(issuer=issuer), encoding="utf-8")


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server without sign-in."""
    with serving(tmp_path_factory.mktemp("alone") / "home") as address:
        yield address


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server at https://hearth.example.org, behind a proxy that keeps the Host."""
    home = tmp_path_factory.mktemp("public") / "home"
    configure(home, "https://hearth.example.org")
    with serving(home) as address:
        yield address


def test_without_sign_in_only_this_machine_is_answered(alone: str) -> None:
    assert status(alone, "/") == 200
    assert status(alone, "/ready") == 503  # answered, and says that nothing is published
    assert status(alone, "/", Host="hearth.example.org") == 403
    assert status(alone, "/ready", Host="evil.example") == 403
    assert status(alone, "/", Host="") == 403
    for name in ("Forwarded", "X_Forwarded_For", "X_Forwarded_Host", "X_Real_IP", "Via"):
        assert status(alone, "/", **{name: "203.0.113.7"}) == 403


def test_a_websocket_has_to_come_from_a_page_of_ours(alone: str) -> None:
    host = urlsplit(alone).netloc
    assert socket(alone, Origin=alone) == 101
    assert socket(alone) == 403
    assert socket(alone, Origin="null") == 403
    assert socket(alone, Origin="https://evil.example") == 403
    assert socket(alone, Origin="http://localhost:1") == 403  # another program on this machine
    assert socket(alone, Origin=f"http://evil.example/{host}") == 403
    assert socket(alone, Host="evil.example", Origin="http://evil.example") == 403  # a name that was rebound to us


def test_other_sites_may_link_here_and_nothing_more(alone: str) -> None:
    foreign = {"Sec_Fetch_Site": "cross-site"}
    assert status(alone, "/", Sec_Fetch_Mode="navigate", **foreign) == 200
    assert status(alone, "/", Sec_Fetch_Mode="no-cors", **foreign) == 403
    assert status(alone, "/media/0.csv", Sec_Fetch_Mode="navigate", **foreign) == 403
    assert status(alone, "/_stcore/upload_file/a/b", "PUT", Content_Length="0") == 403
    assert status(alone, "/_stcore/upload_file/a/b", "DELETE", Origin="https://evil.example") == 403


@pytest.mark.parametrize("path", ["/_stcore/metrics", "/_stcore/metrics/"])
def test_what_nobody_needs_is_closed(alone: str, path: str) -> None:
    assert status(alone, path) == 403
    assert status(alone, "/_stcore/host-config") == 200  # Streamlit's page does not open without it
    assert status(alone, "/_stcore/host-config", Sec_Fetch_Site="cross-site", Sec_Fetch_Mode="cors") == 403


def test_refusals_carry_the_headers_too(alone: str) -> None:
    for answer in (ask(alone, "/"), ask(alone, "/", Host="evil.example"), ask(alone, "/_stcore/metrics")):
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert "unsafe-eval" not in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        assert answer.headers["strict-transport-security"] is None  # plain http on this machine


def test_with_sign_in_files_need_a_session_and_the_host_is_the_public_one(public: str) -> None:
    host, origin = "hearth.example.org", "https://hearth.example.org"
    assert status(public, "/", Host=host, X_Forwarded_For="203.0.113.7") == 200
    assert status(public, "/") == 403  # by its inner name
    assert status(public, "/ready") == 503  # but a monitor on the machine may ask how it is
    assert status(public, "/media/0.csv", Host=host) == 403
    for cookie in ("_streamlit_user=x", "_streamlit_user=eyJ.x.y", '_streamlit_user="', "_streamlit_user_1=x"):
        assert status(public, "/media/0.csv", Host=host, Cookie=cookie) == 403
    assert status(public, "/_stcore/upload_file/a/b", "PUT", Host=host, Origin=origin, Content_Length="0") == 403
    assert socket(public, Host=host, Origin=origin) == 101
    assert socket(public, Host=host, Origin="http://hearth.example.org") == 403
    assert socket(public, Host=host) == 403
    assert ask(public, "/", Host=host).headers["strict-transport-security"] == "max-age=31536000"


def test_a_cookie_is_worth_what_the_table_says_now(home: Path) -> None:
    """The signature is checked, then the table: who is taken off it has no file from the next request on."""
    configure(home, "https://hearth.example.org")
    sign_in = SignIn(
        redirect_uri="https://hearth.example.org/oauth2callback", cookie_secret="k" * 20 + "0123456789abcdef",
        client_id="c", client_secret="s", server_metadata_url="https://id.example.org/x",
    )  # fmt: skip

    def cookie(secret: str, **claims: object) -> dict[bytes, bytes]:
        held = {"origin": sign_in.origin, "is_logged_in": True, "iss": "https://id.example.org", "sub": "1",
                "email": "ada@example.org", "email_verified": True, "iat": int(time.time()), **claims}  # fmt: skip
        value = create_signed_value(secret, "_streamlit_user", json.dumps(held)).decode()
        return {b"cookie": f"_streamlit_user={value}".encode()}

    assert _decide(cookie(sign_in.cookie_secret), sign_in).role == "admin"
    assert _decide(cookie("another secret"), sign_in).role is None
    assert _decide(cookie(sign_in.cookie_secret, origin="https://other.example"), sign_in).role is None
    assert _decide({}, sign_in).role is None
    assert _claims("_streamlit_user=", sign_in) == {}
    said = CliRunner().invoke(app, ["access", "revoke", "ADA@example.org", "--home", str(home)])
    assert said.exit_code == 0, said.output
    assert _decide(cookie(sign_in.cookie_secret), sign_in).role is None


def test_serving_more_than_this_machine_needs_sign_in(home: Path) -> None:
    said = CliRunner().invoke(app, ["serve", "--home", str(home), "--address", "0.0.0.0"])
    assert said.exit_code == 1
    assert "for this machine only" in said.output


def test_a_home_with_roles_is_not_served_without_sign_in(home: Path) -> None:
    (home / "access.toml").write_text("", encoding="utf-8")
    said = CliRunner().invoke(app, ["serve", "--home", str(home)])
    assert said.exit_code == 1
    assert "no sign-in is configured" in said.output


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("0123456789abcdef0123456789abcdef-of-a-test", "short"), "cookie_secret cannot be used"),
        (("0123456789abcdef0123456789abcdef-of-a-test", "a" * 64), "cookie_secret cannot be used"),
        (("https://hearth", "http://hearth"), "addresses begin with https://"),
        (("/oauth2callback", "/callback"), "ends in /oauth2callback"),
        (('client_id = "hearth"', 'clientid = "hearth"'), "cannot be used"),
    ],
)
def test_a_sign_in_that_is_not_safe_is_not_served(home: Path, change: tuple[str, str], words: str) -> None:
    configure(home, "https://hearth.example.org")
    secrets = home / "secrets.toml"
    secrets.write_text(secrets.read_text(encoding="utf-8").replace(*change), encoding="utf-8")
    said = CliRunner().invoke(app, ["serve", "--home", str(home)])
    assert said.exit_code == 1
    assert words in " ".join(said.output.split())
    assert change[1] not in said.output or change[1] in ("http://hearth", "/callback", 'clientid = "hearth"')


def test_secrets_that_others_can_read_are_not_used(home: Path) -> None:
    configure(home, "https://hearth.example.org")
    (home / "secrets.toml").chmod(0o640)
    said = CliRunner().invoke(app, ["serve", "--home", str(home)])
    assert said.exit_code == 1
    assert "Others on this machine can read the secrets" in " ".join(said.output.split())


@pytest.mark.parametrize(
    "private",
    [
        "warehouse.duckdb", "warehouse.duckdb.wal", "kept/1.parquet", "salt", "receipts.jsonl", "incoming/x.upload",
        "published/20261116T000000/restricted.duckdb", "published/20261116T000000/a/b.duckdb", "published/x.csv", "audit.jsonl",
    ],
)  # fmt: skip
def test_a_viewer_does_not_start_beside_anything_private(home: Path, private: str) -> None:
    for name in (
        "published/current",
        "published/pins.json",
        "published/20261116T000000/manager.duckdb",
        "settings.toml",
    ):
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).touch()
    require_public(home)
    (home / private).parent.mkdir(parents=True, exist_ok=True)
    (home / private).touch()
    said = CliRunner().invoke(app, ["serve", "--viewer", "--home", str(home)])
    assert said.exit_code == 1
    assert "A viewer serves only what is published" in " ".join(said.output.split())


def test_a_viewer_follows_no_links(home: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (home / "published").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Refused, match="also holds published"):
        require_public(home)
