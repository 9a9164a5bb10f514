"""The demo community, whole and in part, built once for a worker and copied for whoever changes it."""

import shutil
import tempfile
from functools import cache
from pathlib import Path

import pipeline
from ingest.manifest import take_from_manifest

# Parts of it, for what publishes again and again: each is published in a quarter of the time of the whole.
MET = ("members.csv", "events.csv", "attendance.csv")
ASKED = ("members.csv", "survey-2026-spring.csv")


@cache
def demo_home() -> Path:
    """A home with the demo in it; it takes ten seconds, so nobody may change it. Gone with the process."""
    home = _new_home()
    pipeline.build_demo(home)
    return home


@cache
def part_of_demo(files: tuple[str, ...]) -> Path:
    """A home with some files of the demo in it, published. Nobody may change it."""
    home = _new_home()
    home.mkdir()
    shutil.copyfile(pipeline.SAMPLE / "settings.toml", home / "settings.toml")
    pipeline.take_in(home, [sent for sent in take_from_manifest(pipeline.SAMPLE, "demo") if sent.name in files])
    return home


def copy_demo(home: Path) -> Path:
    """The demo in an empty home that may be changed, in a fraction of a second."""
    shutil.copytree(demo_home(), home, dirs_exist_ok=True)
    return home


def copy_part_of_demo(home: Path, files: tuple[str, ...]) -> Path:
    """A part of the demo in an empty home that may be changed."""
    shutil.copytree(part_of_demo(files), home, dirs_exist_ok=True)
    return home


def _new_home() -> Path:
    folder = tempfile.TemporaryDirectory(prefix="hearth-demo-")
    _KEPT.append(folder)
    return Path(folder.name) / "home"


# The folder lives as long as something holds its handle.
_KEPT: list[tempfile.TemporaryDirectory[str]] = []
