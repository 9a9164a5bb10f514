"""Hearth as one ASGI application: warm-up, security headers on every answer, and /ready.

`streamlit run app.py` finds the application by the name of its class, and any ASGI server can run it.
"""

import base64
import gc
import hashlib
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from data.errors import HearthError
from data.store import choose_home
from metrics.snapshot import current_id
from ui.states import show_failure
from ui.warming import warm_up

INDEX = Path(st.__file__).parent / "static" / "index.html"
HOST = re.compile(rb"[\w.:\[\]-]+")


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
    """Puts the headers on every answer. A plain ASGI class, so that websockets pass through it too."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.policy = policy().encode()
        self.headers = [
            (b"x-frame-options", b"DENY"),
            (b"x-content-type-options", b"nosniff"),
            (b"referrer-policy", b"same-origin"),
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        host = dict(scope["headers"]).get(b"host", b"")
        sockets = b" ws://%b wss://%b" % (host, host) if HOST.fullmatch(host) else b""
        own_policy = (b"content-security-policy", self.policy.replace(b"{sockets}", sockets))

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), own_policy, *self.headers]
            await send(message)

        await self.app(scope, receive, send_with_headers)


async def ready(request: Request) -> JSONResponse:
    """Which snapshot is served; 503 while there is none."""
    try:
        return JSONResponse({"snapshot": current_id(choose_home())})
    except HearthError as error:
        return JSONResponse({"snapshot": None, "why": error.what}, status_code=503)


async def pulse(request: Request) -> RedirectResponse:
    """Pulse is the page that opens first, so its address is the root; a link that names it keeps its filters."""
    return RedirectResponse(f"/?{request.url.query}" if request.url.query else "/")


@asynccontextmanager
async def lifespan(app: Any) -> AsyncIterator[None]:
    """Load what every page needs before the first visitor, then leave it out of garbage collection.

    Streamlit collects the whole heap after every run; with pandas and Plotly in it that is most of a rerun.
    """
    warm_up()
    gc.collect()
    gc.freeze()
    yield


app = st.App(
    "ui/frame.py",
    lifespan=lifespan,
    middleware=[Middleware(SecurityHeaders)],
    routes=[Route("/ready", ready), Route("/pulse", pulse)],
    on_script_error=show_failure,
)
