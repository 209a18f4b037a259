"""The keys a home makes for itself when nobody configured any: files that only their owner can read."""

from __future__ import annotations

import base64
import os
import secrets
from pathlib import Path

KEY_FILES: dict[tuple[str, str], str] = {
    ("core", "fernet_key"): "fernet_key.txt",
    ("webserver", "secret_key"): "secret_key.txt",
}
"""Option → its file in the home folder, read by every role when the option is not configured."""


def read_key(home: Path, name: tuple[str, str]) -> str:
    """The key in the home's file; empty when there is no such file."""
    try:
        return (home / KEY_FILES[name]).read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return ""


def write_missing_key(home: Path, name: tuple[str, str]) -> Path | None:
    """Makes the option's key file, mode 600; None when there is one. Safe when two processes start at once."""
    home.mkdir(parents=True, exist_ok=True)
    path = home / KEY_FILES[name]
    key = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    # Written under another name and linked: a reader never sees half a key, and of two writers the first wins.
    draft = home / f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(key + "\n")
    try:
        os.link(draft, path)
    except FileExistsError:
        return None
    finally:
        draft.unlink()
    return path
