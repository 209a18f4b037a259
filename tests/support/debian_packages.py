"""Programs of Debian packages, unpacked into a folder: no root needed, and nothing of the machine is changed."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path


def unpacked(packages: Sequence[str], folder: Path) -> Path:
    """The root of a tree with these packages, below ``folder``; made once. Asks apt-get for them."""
    apt = shutil.which("apt-get")
    assert apt is not None, f"these tests need {packages[0]}: install it, or run on Debian, whose package they unpack"
    root = folder / f"debian-{hashlib.sha256(' '.join(packages).encode()).hexdigest()[:10]}"
    folder.mkdir(parents=True, exist_ok=True)
    with open(f"{root}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (root / ".made").exists():
            shutil.rmtree(root, ignore_errors=True)
            root.mkdir()
            subprocess.run([apt, "-q", "download", *packages], cwd=root, check=True, capture_output=True)
            for package in root.glob("*.deb"):
                subprocess.run(["dpkg-deb", "-x", str(package), str(root)], check=True)
                package.unlink()
            (root / ".made").touch()
    return root


def environ_of(root: Path) -> dict[str, str]:
    """The environment in which programs of the tree find their libraries."""
    libraries = [path for pattern in ("usr/lib/*-linux-gnu", "lib/*-linux-gnu") for path in root.glob(pattern)]
    return {**os.environ, "LD_LIBRARY_PATH": ":".join(str(path) for path in libraries)}
