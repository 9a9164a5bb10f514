"""The salt of a home: what turns an id or a text into a key that only this home can make."""

import os
import secrets
from pathlib import Path


def read_salt(home: Path) -> str:
    """The secret salt of a home, in hexadecimal; made on first use and readable by its owner only."""
    file = home / "salt"
    if not file.exists():
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as fresh:
            fresh.write(secrets.token_hex(32))
    return file.read_text(encoding="ascii").strip()
