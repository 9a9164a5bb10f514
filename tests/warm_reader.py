"""The child that reads exports, forked from a process that has loaded its packages before.

To start Python and load them takes most of a second for each file that a test takes in, and to read the file a
hundredth of that. The fork is a process of its own all the same, with the same request, environment, folder and limits.
How the child starts and what it may take is proved without this, by tests/test_formats_reading_apart.py and
tests/test_files_made_to_hurt.py; and whatever runs Hearth as a process of its own starts it as it is.
"""

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from types import SimpleNamespace
from typing import Any

from ingest.formats import reading_apart

Done = subprocess.CompletedProcess[bytes]


class WarmReader:
    """Answers `subprocess.run` of a child under the usual allowance; another allowance is a test of its limits, which are the real child's."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def run(self, command: list[str], *, input: bytes, **more: Any) -> Done:
        if json.loads(input)["allowance"] != asdict(reading_apart.USUAL_ALLOWANCE):
            return subprocess.run(command, input=input, **more)
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", __name__],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=more["cwd"],
                env=more["env"],
            )
        asked, answered = self._process.stdin, self._process.stdout
        assert asked is not None
        assert answered is not None
        asked.write(input + b"\n")
        asked.flush()
        return subprocess.CompletedProcess(command, int(answered.readline()))

    def close(self) -> None:
        if self._process is not None:
            self._process.communicate()

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """As long as the block runs, exports are read by forks."""
        real = reading_apart.subprocess
        stand_in = SimpleNamespace(run=self.run, DEVNULL=real.DEVNULL, TimeoutExpired=real.TimeoutExpired)
        reading_apart.subprocess = stand_in  # type: ignore[assignment]
        try:
            yield
        finally:
            reading_apart.subprocess = real


def serve() -> None:
    """A fork for each line of standard input, one at a time; its exit code is the answer."""
    import ingest.formats.reading_child  # noqa: F401  what is to be warm

    for request in sys.stdin.buffer:
        child = os.fork()
        if child == 0:
            _read(request)
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


def _read(request: bytes) -> None:
    """What the child does, with nothing to read but its request and nowhere to print."""
    from ingest.formats.reading_child import main

    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(nowhere, stream)
    sys.stdin = io.TextIOWrapper(io.BytesIO(request))
    try:
        main()
    except BaseException:
        os._exit(1)
    os._exit(0)


if __name__ == "__main__":
    serve()
