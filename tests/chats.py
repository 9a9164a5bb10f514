"""Exports of chat tools made for a test: small enough to be read, packed as the tools pack them."""

import io
import json
import tarfile
import zipfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.exports import Read


def pack_zip(path: Path, entries: Mapping[str, Any]) -> Path:
    """A ZIP of entries; what is neither text nor bytes is written as JSON."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, held in entries.items():
            archive.writestr(name, _as_bytes(held))
    return path


def pack_tar(path: Path, entries: Mapping[str, Any]) -> Path:
    """The same as a tar.gz."""
    with tarfile.open(path, "w:gz") as archive:
        for name, held in entries.items():
            data = _as_bytes(held)
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path


def write_lines(path: Path, lines: Sequence[Any]) -> Path:
    """A file of JSON lines."""
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def slack(path: Path, days: Mapping[str, Sequence[Mapping[str, Any]]], **lists: Any) -> Path:
    """A Slack export: `days` by entry ("general/2026-03-02.json"), `lists` such as users and dms beside two channels."""
    usual = {
        "users": [slack_user("U0A1", "Ada"), slack_user("U0B2", "Bo"), slack_user("U0C3", "Cy"), slack_user("UBOT", "Robo", is_bot=True)],
        "channels": [
            {"id": "C1", "name": "general", "members": ["U0A1", "U0B2", "UBOT"]},
            {"id": "C2", "name": "help", "members": ["U0C3"]},
        ],
    }  # fmt: skip
    return pack_zip(path, {f"{name}.json": held for name, held in (usual | lists).items()} | dict(days))


def slack_user(key: str, name: str, **more: Any) -> dict[str, Any]:
    profile = {"real_name": f"{name} Example", "email": f"{name.lower()}@example.org"}
    return {"id": key, "name": name.lower(), "real_name": f"{name} Example", "profile": profile} | more


def say(user: str, ts: str, text: str = "Hello", **more: Any) -> dict[str, Any]:
    """A message as Slack writes it."""
    return {"type": "message", "user": user, "ts": ts, "text": text} | more


def told(read: Read, *columns: str) -> list[tuple[str | int | None, ...]]:
    """Some columns of the rows."""
    return [tuple(row[column] for column in columns) for row in read.rows]


def kinds(read: Read) -> Counter[str | int | None]:
    """How many rows of each kind."""
    return Counter(row["kind"] for row in read.rows)


def _as_bytes(held: Any) -> bytes:
    if isinstance(held, bytes):
        return held
    return (held if isinstance(held, str) else json.dumps(held)).encode("utf-8")
