"""The kind of deployment: the managers' own server, or a viewer that carries only what is published."""

import os
from pathlib import Path

from data.errors import Refused

VIEWER = "HEARTH_VIEWER"
NAMED_LISTS = "restricted"  # the one file of a snapshot that names people

# All that the home of a viewer may hold; anything else is private, or may become so.
_PUBLIC = ("published", "settings.toml", "access.toml", "secrets.toml", "access.toml.lock")
_PUBLISHED = ("manager.duckdb", "leader.duckdb", "member.duckdb", "manifest.json")
_BESIDE = ("current", "pins.json")


def is_viewer() -> bool:
    """Whether this server shows what is published and nothing else."""
    return os.environ.get(VIEWER) == "1"


def require_public(home: Path) -> None:
    """Raises Refused, naming it, where the home holds anything but what is published: a warehouse, kept copies, named lists.

    Links are refused too, for what they lead to lies elsewhere.
    """
    for path in sorted(home.rglob("*")) if home.is_dir() else ():
        if path.is_symlink() or not _is_public(path.relative_to(home), path.is_dir()):
            raise Refused(
                f"A viewer serves only what is published, and this home also holds {path.relative_to(home)}.",
                where=str(home),
                fix=f"Give the viewer a home of its own and copy the folder `published` into it, without `{NAMED_LISTS}.duckdb`.",
            )


def _is_public(path: Path, is_folder: bool) -> bool:
    first, *rest = path.parts
    if first not in _PUBLIC:
        return False
    if first != "published" or not rest:
        return is_folder == (first == "published")
    if len(rest) == 1:
        return is_folder or rest[0] in _BESIDE
    return len(rest) == 2 and not is_folder and rest[1] in _PUBLISHED
