"""The demo community, built once for a worker and copied for whoever changes it."""

import shutil
import tempfile
from functools import cache
from pathlib import Path

import pipeline


@cache
def demo_home() -> Path:
    """A home with the demo in it; it takes ten seconds, so nobody may change it. Gone with the process."""
    folder = tempfile.TemporaryDirectory(prefix="hearth-demo-")
    _KEPT.append(folder)
    home = Path(folder.name) / "home"
    pipeline.build_demo(home)
    return home


def copy_demo(home: Path) -> Path:
    """The demo in an empty home that may be changed, in a fraction of a second."""
    shutil.copytree(demo_home(), home, dirs_exist_ok=True)
    return home


# The folder lives as long as something holds its handle.
_KEPT: list[tempfile.TemporaryDirectory[str]] = []
