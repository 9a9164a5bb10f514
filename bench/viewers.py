"""`python -m bench.viewers`: a hundred viewers at once, beside the same hundred on a page that only says hello.

Viewers come within ten seconds, and each asks for a page again every ten seconds or so, over the websocket that the
browser uses. No figure is of the machine alone: both pages are measured in one run, one after the other.

The page that says hello is served as Hearth is, by an application with the same settings and the same start. Served by
`streamlit run` with default settings it is far slower than Hearth's pages, for reasons that have nothing to do with
pages: the heap is collected after every run, and every session has watchers for all modules.
"""

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from random import Random

import numpy as np
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

import pipeline
from tests.chromium import find_free_port
from tests.figures_of_proof import record

PROJECT = Path(__file__).parent.parent
VIEWERS = 100
COMING_SECONDS, PAUSE_SECONDS, CLICKS = 10.0, 10.0, 5
PATIENCE_SECONDS = 120.0
PAGES = ("", "scorecard", "events", "surveys")


@dataclass
class Seen:
    """What viewers saw: seconds until a page stood, of the first load and of later clicks, and how many lost their session."""

    first: list[float] = field(default_factory=list)
    later: list[float] = field(default_factory=list)
    lost: int = 0


@contextmanager
def running(script: Path, home: Path) -> Iterator[tuple[int, int]]:
    """A server of one script in a process of its own, with the project's settings: its port and process id."""
    port = find_free_port()
    command = [
        sys.executable,
        "-m",
        "streamlit",
        "run",
        str(script),
        "--server.port",
        str(port),
        "--server.headless",
        "true",
    ]
    environment = os.environ | {"HEARTH_HOME": str(home), "PYTHONPATH": str(PROJECT)}
    server = subprocess.Popen(
        command, cwd=PROJECT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not _is_up(port):
            if time.monotonic() > deadline or server.poll() is not None:
                raise SystemExit(f"{script.name} did not start.")
            time.sleep(0.2)
        yield port, server.pid
    finally:
        server.terminate()
        server.wait()


def watch(port: int, viewers: int, pages: Sequence[str]) -> Seen:
    """Let viewers come and click; each asks for the pages in turn."""
    seen, lock = Seen(), threading.Lock()

    def view(number: int) -> None:
        random = Random(number)
        time.sleep(random.uniform(0, COMING_SECONDS))
        try:
            with connect(
                f"ws://localhost:{port}/_stcore/stream", origin=f"http://localhost:{port}", subprotocols=["streamlit"],  # type: ignore[arg-type, list-item]
                max_size=None, open_timeout=PATIENCE_SECONDS, ping_interval=None,
            ) as socket:  # fmt: skip
                for click in range(CLICKS + 1):
                    took = _ask(socket, pages[(number + click) % len(pages)])
                    with lock:
                        (seen.later if click else seen.first).append(took)
                    time.sleep(random.uniform(0.5, 1.5) * PAUSE_SECONDS)
        except (WebSocketException, OSError, TimeoutError):
            with lock:
                seen.lost += 1

    threads = [threading.Thread(target=view, args=(number,)) for number in range(viewers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return seen


def measure(viewers: int) -> dict[str, float]:
    """The figures of the row `100 viewers`."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        hello = folder / "hello.py"
        hello.write_text("import streamlit as st\n\nst.write('Hello')\n", encoding="utf-8")
        greeting = folder / "greeting.py"
        greeting.write_text(
            f"import streamlit as st\nfrom app import lifespan\n\napp = st.App({str(hello)!r}, lifespan=lifespan)\n",
            encoding="utf-8",
        )
        home = folder / "home"
        pipeline.build_demo(home)
        with running(greeting, home) as (port, _):
            watch(port, 1, ("",))
            trivial = watch(port, viewers, ("",))
        with running(PROJECT / "app.py", home) as (port, process):
            watch(port, 1, PAGES)  # what is made once for all is made
            before = _resident_mb(process)
            found = watch(port, viewers, PAGES)
            grown = _resident_mb(process) - before
    p50, p95 = np.percentile(found.later, [50, 95])
    least50, least95 = np.percentile(trivial.later, [50, 95])
    return {
        "sessions": viewers, "lost": found.lost, "p50_ms": round(p50 * 1000), "p95_ms": round(p95 * 1000),
        "trivial_p50_ms": round(least50 * 1000), "trivial_p95_ms": round(least95 * 1000), "p50_ratio": round(float(p50 / least50), 1),
        "p95_ratio": round(float(p95 / least95), 1), "first_p50_ms": round(float(np.median(found.first)) * 1000), "mb_a_session": round(grown / viewers, 2),
    }  # fmt: skip


def _ask(socket: ClientConnection, page: str) -> float:
    """Seconds from asking for a page until it stands whole."""
    message = BackMsg()
    message.rerun_script.query_string = ""
    message.rerun_script.page_name = page
    began = time.perf_counter()
    socket.send(message.SerializeToString())
    while True:
        answer = socket.recv(timeout=PATIENCE_SECONDS)
        if isinstance(answer, bytes) and len(answer) < 1_000:  # the end is a short message; long ones are the page
            parsed = ForwardMsg.FromString(answer)
            if parsed.WhichOneof("type") == "script_finished":
                if parsed.script_finished != ForwardMsg.FINISHED_SUCCESSFULLY:
                    raise OSError("The page did not come to its end.")
                return time.perf_counter() - began


def _is_up(port: int) -> bool:
    try:
        connection = HTTPConnection("localhost", port, timeout=2)
        connection.request("GET", "/_stcore/health")
        return connection.getresponse().status == 200
    except OSError:
        return False


def _resident_mb(process: int) -> float:
    lines = Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))


if __name__ == "__main__":
    figures = measure(VIEWERS)
    print(figures)
    record("100 viewers", **figures)
