"""Requests: what is refused before Streamlit sees it, and the headers on every answer.

Plain ASGI classes, so that websockets pass through them too.
"""

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import streamlit as st
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.auth_util import get_cookie_with_chunks
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value

from data.access import Decision
from data.errors import HearthError
from data.sign_in import LOOPBACK, SignIn
from data.store import choose_home
from ui.access import decide_now

INDEX = Path(st.__file__).parent / "static" / "index.html"
HOST = re.compile(rb"[\w.:\[\]-]+")
COOKIE = "_streamlit_user"

# What Streamlit answers to everybody and nobody needs. Its page cannot do without /_stcore/host-config, which says nothing
# of ours and is answered to our own pages only.
CLOSED = ("/_stcore/metrics", "/_stcore/script-health-check", "/_stcore/allowed-message-origins")
# What a visitor's own files and uploads go through: for those who are let in.
GUARDED = ("/media", "/_stcore/upload_file", "/_stcore/bidi-components")
# Left by a proxy: the request does not come from this machine, whatever it says.
FORWARDED = (b"forwarded", b"x-forwarded-for", b"x-forwarded-host", b"x-real-ip", b"via")
REFUSED_SOCKET = 4403


def policy() -> str:
    """The content security policy: nothing from outside, no inline script but the one of Streamlit's own page.

    {sockets} stands for the page's own websocket, which older browsers do not count as 'self'.
    """
    scripts = re.findall(r"<script>(.*?)</script>", INDEX.read_text(encoding="utf-8"), re.DOTALL)
    hashes = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'" for script in scripts
    )
    return (
        f"default-src 'self'; script-src 'self' {hashes}; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
        "font-src 'self' data:; connect-src 'self'{sockets}; worker-src 'self' blob:; frame-ancestors 'none'; "
        "object-src 'none'; base-uri 'self'; form-action 'self'"
    )


class SecurityHeaders:
    """Puts the headers on every answer, refusals included."""

    def __init__(self, app: ASGIApp, encrypted: bool = False) -> None:
        self.app = app
        self.policy = policy().encode()
        self.headers = [
            (b"x-frame-options", b"DENY"),
            (b"x-content-type-options", b"nosniff"),
            (b"referrer-policy", b"same-origin"),
            (b"cross-origin-opener-policy", b"same-origin"),
            (b"cross-origin-resource-policy", b"same-origin"),
            (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
        ]
        self.encrypted = encrypted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        host = dict(scope["headers"]).get(b"host", b"")
        sockets = b" ws://%b wss://%b" % (host, host) if HOST.fullmatch(host) else b""
        own = [(b"content-security-policy", self.policy.replace(b"{sockets}", sockets)), *self.headers]
        if self.encrypted:
            own.append((b"strict-transport-security", b"max-age=31536000"))

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*map(self._secure, message.get("headers", [])), *own]
            await send(message)

        await self.app(scope, receive, send_with_headers)

    def _secure(self, header: tuple[bytes, bytes]) -> tuple[bytes, bytes]:
        """A sign-in cookie goes over encrypted connections only, where there is one."""
        name, value = header
        if self.encrypted and name.lower() == b"set-cookie" and b"secure" not in value.lower().split(b"; "):
            return name, value + b"; Secure"
        return header


class CheckedRequests:
    """Refuses what does not come from a page of ours: other hosts, other origins, files without a session.

    Without sign-in the visitor has every power, so only this machine is answered, and never through a proxy.
    """

    def __init__(self, app: ASGIApp, sign_in: SignIn | None) -> None:
        self.app = app
        self.sign_in = sign_in

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        why = self._refusal(scope)
        if not why:
            await self.app(scope, receive, send)
        elif scope["type"] == "http":
            await PlainTextResponse(f"{why}\n", status_code=403)(scope, receive, send)
        else:
            await receive()
            await send({"type": "websocket.close", "code": REFUSED_SOCKET, "reason": why})

    def _refusal(self, scope: Scope) -> str:
        """Why a request is refused; empty where it is not."""
        headers = dict(scope["headers"])
        path = str(scope["path"])
        if not self._is_own_host(headers, path):
            return "This host is not served here."
        if self.sign_in is None and not _is_local(scope, headers):
            return "Without sign-in only this machine is answered."
        if not self._is_own_origin(scope, headers):
            return "This comes from another site."
        if path.startswith(CLOSED):
            return "This is closed."
        if self.sign_in is not None and path.startswith(GUARDED) and _decide(headers, self.sign_in).role is None:
            return "Sign in first."
        return ""

    def _is_own_host(self, headers: Mapping[bytes, bytes], path: str) -> bool:
        host = _host_of(headers.get(b"host", b""))
        if self.sign_in is None or path in ("/ready", "/_stcore/health"):
            own = (*LOOPBACK, self.sign_in.host) if self.sign_in else LOOPBACK
            return host in own
        return host == self.sign_in.host

    def _is_own_origin(self, scope: Scope, headers: Mapping[bytes, bytes]) -> bool:
        """A websocket, or anything that changes something, has to say that it comes from a page of ours."""
        is_asking = scope["type"] == "http" and scope["method"] in ("GET", "HEAD", "OPTIONS")
        origin = headers.get(b"origin")
        if origin is None:
            return is_asking and self._is_own_site(scope, headers)
        if self.sign_in is not None:
            return origin.decode("latin-1") == self.sign_in.origin
        return urlsplit(origin.decode("latin-1")).netloc == headers.get(b"host", b"").decode("latin-1")

    def _is_own_site(self, scope: Scope, headers: Mapping[bytes, bytes]) -> bool:
        """Browsers say where a request was started: another site may lead to a page here, but not use what lies here."""
        if headers.get(b"sec-fetch-site", b"none") in (b"none", b"same-origin"):
            return True
        return headers.get(b"sec-fetch-mode") == b"navigate" and not str(scope["path"]).startswith(GUARDED)


def _is_local(scope: Scope, headers: Mapping[bytes, bytes]) -> bool:
    client = scope.get("client")
    return client is not None and client[0] in LOOPBACK and not any(name in headers for name in FORWARDED)


def _host_of(header: bytes) -> str:
    """The name in a Host header, without the port; empty for one that is none."""
    try:
        return urlsplit(f"//{header.decode('latin-1')}").hostname or ""
    except ValueError:
        return ""


def _decide(headers: Mapping[bytes, bytes], sign_in: SignIn) -> Decision:
    """Who a request's sign-in cookie is of, if its signature is ours, and what they may do now."""
    try:
        return decide_now(choose_home(), _claims(headers.get(b"cookie", b"").decode("latin-1"), sign_in))
    except HearthError as error:
        return Decision(None, "", error.what)


def _claims(header: str, sign_in: SignIn) -> dict[str, Any]:
    try:
        cookies = SimpleCookie(header)
        signed = get_cookie_with_chunks(
            lambda name: (
                decode_signed_value(sign_in.cookie_secret, name, cookies[name].value) if name in cookies else None
            ),
            COOKIE,
        )
        held = json.loads(signed) if signed else {}
    except (CookieError, ValueError):
        return {}
    return held if isinstance(held, dict) and held.get("origin") == sign_in.origin else {}
