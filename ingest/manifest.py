"""The manifest of an invented community: which of its files are loaded, in which order, and what an upload of each would say."""

import tomllib
from pathlib import Path
from typing import Any

from ingest.importer import Details, Upload


def read_manifest(folder: Path) -> dict[str, Any]:
    """`community`, its name, and `files`: file, kind and maybe details of each, in the order in which they are loaded."""
    return tomllib.loads((folder / "manifest.toml").read_text(encoding="utf-8"))


def take_from_manifest(folder: Path, who: str) -> list[Upload]:
    """The files of the community in `folder` as uploads."""
    return [
        Upload(
            folder / entry["file"],
            entry["file"],
            entry["kind"],
            Details.model_validate(_with_items(folder, entry.get("details", {}))),
            who,
        )
        for entry in read_manifest(folder)["files"]
    ]


def _with_items(folder: Path, details: dict[str, Any]) -> dict[str, Any]:
    return details | {"items": folder / details["items"]} if "items" in details else details
