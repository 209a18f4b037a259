"""Compat levels: whose defaults hold for a DAG file, Airflow 2's or Airflow 3's."""

from __future__ import annotations

import posixpath

from .errors import ConfigError

LEVELS = (2, 3)


def levels_of_folders(text: str) -> dict[str, int]:
    """``[tradewind] compat_level_of_folders``: "new=3, old/team_a=2". Raises ConfigError for anything else."""
    found: dict[str, int] = {}
    for item in filter(None, (part.strip() for part in text.split(","))):
        folder, _, level = item.rpartition("=")
        if not folder.strip() or "=" in folder or level.strip() not in map(str, LEVELS):
            raise ConfigError(
                f"[tradewind] compat_level_of_folders has {item!r}; expected FOLDER=LEVEL, separated by commas, "
                "with folders below the DAG folder and levels 2 or 3"
            )
        found[posixpath.normpath(folder.strip())] = int(level)
    return found


def level_of(path: str, dags_folder: str, default: int, folders: str) -> int:
    """The level of a file: that of the innermost folder that is named, else ``default``."""
    root = dags_folder.rstrip("/")
    best, level = -1, default
    for folder, its_level in levels_of_folders(folders).items():
        place = folder if folder.startswith("/") else posixpath.normpath(f"{root}/{folder}")
        if (path == place or path.startswith(place.rstrip("/") + "/")) and len(place) > best:
            best, level = len(place), its_level
    return level
