"""Whether there are plugins and providers at all, found without importing any of their code."""

from __future__ import annotations

import contextlib
import functools
import os
import sys
from dataclasses import dataclass
from pathlib import Path

PLUGIN_GROUP = "airflow.plugins"
PROVIDER_GROUP = "apache_airflow_provider"
POLICY_GROUP = "airflow.policy"
_PASSED_OVER = frozenset({"__pycache__", ".git"})


@dataclass(frozen=True, slots=True)
class InstalledPackage:
    """A distribution with an entry point of ours: what is known without its code."""

    name: str
    version: str
    summary: str
    value: str
    """``module:attribute`` of the entry point."""
    entry: str


def plugin_files(folder: str) -> list[str]:
    """Python files of the plugins folder, below it too, in order."""
    found = []
    for root, folders, files in os.walk(folder, followlinks=True):
        folders[:] = sorted(name for name in folders if name not in _PASSED_OVER)
        found += [os.path.join(root, name) for name in sorted(files) if name.endswith(".py")]
    return found


def exist(folder: str) -> bool:
    """Whether there may be a plugin: a file in the folder, or a distribution with an entry point."""
    return bool(folder and plugin_files(folder)) or PLUGIN_GROUP in _mentioned() or PROVIDER_GROUP in _mentioned()


def has_plugins(folder: str) -> bool:
    """Whether there may be a plugin, providers aside (those say in their metadata when they bring one)."""
    return bool(folder and plugin_files(folder)) or PLUGIN_GROUP in _mentioned()


def has_providers() -> bool:
    """Whether a provider is installed."""
    return PROVIDER_GROUP in _mentioned()


@functools.cache
def _mentioned() -> frozenset[str]:
    """Which of our groups some installed distribution has entry points in. Looked up once a process, by the template
    for all its forks: as in Airflow a new one is seen after a restart. importlib.metadata would find out too, but
    brings a mail parser along, which every fork pays for."""
    found: set[str] = set()
    for folder in dict.fromkeys(sys.path):
        with contextlib.suppress(OSError):
            for name in os.listdir(folder or "."):
                if name.endswith((".dist-info", ".egg-info")):
                    found |= _groups_in(os.path.join(folder, name, "entry_points.txt"))
    return frozenset(found)


def _groups_in(path: str) -> set[str]:
    try:
        text = Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return set()
    return {group for group in (PLUGIN_GROUP, PROVIDER_GROUP, POLICY_GROUP) if f"[{group}]" in text}


@functools.cache
def installed(group: str) -> tuple[InstalledPackage, ...]:
    """Distributions with entry points of the group, by name; of two with one name the first on the path."""
    if group not in _mentioned():
        return ()
    from importlib import metadata  # see _mentioned

    found: dict[str, InstalledPackage] = {}
    for entry in metadata.entry_points(group=group):
        dist = entry.dist
        if dist is None or dist.metadata["Name"] in found:
            continue
        name = dist.metadata["Name"]
        summary = dist.metadata["Summary"] or ""
        found[name] = InstalledPackage(name, dist.version, summary, entry.value, entry.name)
    return tuple(found[name] for name in sorted(found))


def stamp(folder: str) -> tuple[tuple[str, int, int], ...]:
    """Changes when a file of the plugins folder does."""
    stamps = []
    for path in plugin_files(folder) if folder else ():
        try:
            status = Path(path).stat()
        except FileNotFoundError:
            continue
        stamps.append((path, status.st_mtime_ns, status.st_size))
    return tuple(stamps)
