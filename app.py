"""Hearth as one ASGI application: warm-up, what is refused, security headers on every answer, and /ready.

`streamlit run app.py` finds the application by the name of its class, and any ASGI server can run it.
"""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import streamlit as st
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse
from starlette.routing import Route

from data.deployment import is_viewer, require_public
from data.errors import HearthError
from data.store import choose_home
from metrics.snapshot import current_id
from ui.access import sign_in
from ui.requests import CheckedRequests, SecurityHeaders
from ui.states import show_failure
from ui.warming import warm_up


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
    if is_viewer():
        require_public(choose_home())
    warm_up()
    gc.collect()
    gc.freeze()
    yield


provider = sign_in(choose_home())

app = st.App(
    "ui/frame.py",
    secrets=provider.as_secrets() if provider else None,
    lifespan=lifespan,
    middleware=[
        Middleware(SecurityHeaders, encrypted=provider is not None and provider.origin.startswith("https://")),
        Middleware(CheckedRequests, sign_in=provider),
    ],
    routes=[Route("/ready", ready), Route("/pulse", pulse)],
    on_script_error=show_failure,
)
