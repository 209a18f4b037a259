"""What pages cost: ui/tools/ui_measure.mjs, run over a server, as records."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .browser import ROOT, tools

TOOL = ROOT / "ui/tools/ui_measure.mjs"
SIGN_IN = {
    "url": "/login",
    "fill": {"input[autocomplete=username]": "admin", "input[type=password]": "admin"},
    "click": "button[type=submit]",
    "ready": "[data-live]",
}
Record = dict[str, Any]


@dataclass(frozen=True)
class Budget:
    """The most that a page may cost, by the tool's names; None: as it likes. ``cpu`` and ``task_max`` are milliseconds
    of the main thread's own clock, which other work on the machine moves little, but moves."""

    cpu: float = 300
    task_max: float = 100
    kb: float = 60
    js_kb: float | None = None
    req: float | None = None
    api: float = 3
    dom: float = 1500
    grid: float = 100
    cls: float = 0.02
    overflow_x: float = 0
    idle_req_per_min: float = 0
    heap_mb: float | None = None

    def limit(self, name: str) -> float | None:
        """The budget of one figure."""
        value: float | None = getattr(self, name)
        return value

    def broken(self, record: Record, *, busy: float = 1) -> dict[str, tuple[float, float]]:
        """Name → (figure, budget) of what is over. ``busy``: how many times more the clock may say than on a machine
        that does nothing else."""
        found = {}
        for name in self.__dataclass_fields__:
            limit, value = self.limit(name), record.get(name)
            if limit is None or value is None:
                continue
            if value > limit * (busy if name in ("cpu", "task_max") else 1):
                found[name] = (value, limit)
        return found


def measure(
    url: str,
    pages: Sequence[Mapping[str, Any]],
    *options: str,
    on_record: Callable[[Record], object] = lambda _: None,
    **config: Any,
) -> list[Record]:
    """The tool's records of ``pages``, in their order. Raises ToolMissing when there is no Node.js or no Chromium, and
    RuntimeError when the tool fails."""
    ui_tools = tools()
    environ = {**os.environ, "CHROMIUM": str(ui_tools.chromium())}
    node = ui_tools.packages().folder / "node"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pages.json"
        path.write_text(json.dumps({"base": url, "login": SIGN_IN, "pages": list(pages), **config}))
        command = [str(node), str(TOOL), str(path), *options]
        found: list[Record] = []
        with (Path(folder) / "errors").open("w+") as errors:
            with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=errors, text=True) as process:
                assert process.stdout is not None
                for line in process.stdout:
                    found.append(json.loads(line))
                    on_record(found[-1])
            if process.returncode != 0:
                errors.seek(0)
                raise RuntimeError(f"{TOOL.name} ended with {process.returncode}: {errors.read()[-2000:]}")
    return found
