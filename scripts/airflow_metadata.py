"""Build hook: the wheel carries a second metadata folder, so that provider packages find their apache-airflow; and the
built user interface, which ui/hatch_build.py makes.

It lies under ``<name>.data/purelib/``: at the root of a wheel two metadata folders are refused by installers. An
editable install gets the same folder. ``is_tradewind`` in it tells it from a real Airflow's.
"""

from __future__ import annotations

import importlib.util
import re
import tempfile
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

METADATA = """\
Metadata-Version: 2.1
Name: apache-airflow
Version: {version}
Summary: Provided by tradewind, which speaks Airflow {version}; holds no files of its own.
License: Apache-2.0
Requires-Python: >=3.11
Requires-Dist: tradewind
"""

WHEEL = """\
Wheel-Version: 1.0
Generator: tradewind
Root-Is-Purelib: true
Tag: py3-none-any
"""


class AirflowMetadata(BuildHookInterface):  # type: ignore[type-arg]  # hatchling's own hooks leave it open
    """Adds the folder to the wheel, under the data folder of its name and version."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        found: list[str] = self._ui().needed(self.root)
        return found

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        self._ui().build(self.root, version)
        folder = f"apache_airflow-{self._airflow_version()}.dist-info"
        self._scratch = tempfile.TemporaryDirectory()
        target = f"{self.metadata.core.name.replace('-', '_')}-{self.metadata.version}.data/purelib/{folder}"
        files = metadata_files(self._airflow_version(), folder)
        key = "force_include_editable" if version == "editable" else "force_include"
        for name, text in files.items():
            path = Path(self._scratch.name) / name
            path.write_text(text, encoding="utf-8")
            build_data[key][str(path)] = f"{target}/{name}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        self._scratch.cleanup()

    def _ui(self) -> ModuleType:
        # A target has one hook of a kind: this one calls the user interface's, of which the sdist has its own.
        spec = importlib.util.spec_from_file_location("tradewind_ui_hook", Path(self.root) / "ui/hatch_build.py")
        if spec is None or spec.loader is None:
            raise ImportError("ui/hatch_build.py is missing")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    def _airflow_version(self) -> str:
        source = (Path(self.root) / "src/tradewind/__init__.py").read_text(encoding="utf-8")
        found = re.search(r'^AIRFLOW_VERSION = "([^"]+)"', source, re.MULTILINE)
        if found is None:
            raise ValueError("src/tradewind/__init__.py has no AIRFLOW_VERSION")
        return found.group(1)


def metadata_files(version: str, folder: str) -> dict[str, str]:
    """File name → text of the metadata folder. RECORD names the folder's own files, without hashes."""
    files = {
        "METADATA": METADATA.format(version=version),
        "WHEEL": WHEEL,
        "INSTALLER": "tradewind\n",
        "is_tradewind": "",
    }
    files["RECORD"] = "".join(f"{folder}/{name},,\n" for name in [*files, "RECORD"])
    return files
