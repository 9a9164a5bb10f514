"""Opening the dashboard: on this machine only, unless people sign in."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from commands.console import HomeOption, refusing
from data.access import FILE, read_access
from data.deployment import VIEWER, require_public
from data.errors import Refused
from data.sign_in import LOOPBACK, SignIn, read_sign_in
from data.store import choose_home
from report.terminal import STDERR

PROJECT = Path(__file__).parent.parent
UPLOAD_MB = 200
VIEWER_UPLOAD_MB = 1

PortOption = Annotated[int, typer.Option(help="Port of the dashboard.")]

app = typer.Typer()


@app.command()
def serve(
    home: HomeOption = None,
    port: PortOption = 8501,
    address: Annotated[
        str, typer.Option(help="Address to listen on; other than loopback only with sign-in.")
    ] = "127.0.0.1",
    viewer: Annotated[
        bool, typer.Option("--viewer", help="Show what is published and need nothing else: no uploads, no warehouse.")
    ] = False,
) -> None:
    """Open the dashboard on what is published."""
    with refusing():
        serve_home(choose_home(home), port, address=address, viewer=viewer)


def serve_home(home: Path, port: int, *, address: str = "127.0.0.1", viewer: bool = False) -> None:
    """Serve a home until it is stopped. Raises Refused where nobody could be told apart, or a viewer holds what is private."""
    sign_in = read_sign_in(home)
    require_safe(home, sign_in, address)
    if viewer:
        require_public(home)
    name = sign_in.host if sign_in else "localhost"
    command = [
        sys.executable, "-m", "streamlit", "run", str(PROJECT / "app.py"),
        "--server.port", str(port),
        "--server.address", address,
        "--server.headless", "true",
        "--server.maxUploadSize", str(VIEWER_UPLOAD_MB if viewer else UPLOAD_MB),
        "--browser.serverAddress", name,
        *(part for host in dict.fromkeys((name, *LOOPBACK)) for part in ("--server.allowedHosts", host)),
    ]  # fmt: skip
    where = (
        f"{sign_in.origin} (people sign in)" if sign_in else f"http://localhost:{port} (this machine only, no sign-in)"
    )
    _say(f"Hearth is at {where}. Stop it with Ctrl+C.")
    environment = {**os.environ, "HEARTH_HOME": str(home), VIEWER: "1" if viewer else "0"}
    try:
        subprocess.run(command, cwd=PROJECT, env=environment, check=False)
    except KeyboardInterrupt:
        _say("Stopped.")


def require_safe(home: Path, sign_in: SignIn | None, address: str) -> None:
    """Raises Refused where whoever reaches the server would have every power without saying who they are."""
    if sign_in is None and address not in LOOPBACK:
        raise Refused(
            f"Without sign-in the dashboard is for this machine only, and {address} is more.",
            fix="Set up sign-in (docs/how-to/run-in-production.md), or leave --address out.",
        )
    if sign_in is None and (home / FILE).exists():
        raise Refused(
            f"This home has an {FILE}, but no sign-in is configured, so nobody could be told apart.",
            where=str(home),
            fix=f"Set up sign-in (docs/how-to/run-in-production.md), or take {FILE} away.",
        )
    if sign_in is not None and not read_access(home).issuers:
        raise Refused(
            f"Sign-in is configured, but {FILE} trusts no issuer, so nobody could come in.",
            where=str(home),
            fix="`hearth access trust ISSUER`, then `hearth access grant WHO ROLE`.",
        )


def _say(words: str) -> None:
    STDERR.print(words, markup=False, highlight=False)
