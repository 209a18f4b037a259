"""What the measurement of the user interface looks at, and what each page may cost (the budgets of the UI's spec)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from support.measuring import Budget

MATRIX = "[data-matrix] canvas"
CHART = "main canvas"
ACTIVE_CELL = "[data-matrix] [role=gridcell]"
"""The one that the focus is on; at first that of the newest run in the first row, a group."""
GRAPH = '[data-tab-panel="graph"] :is(canvas, .react-flow__node)'


@dataclass(frozen=True)
class Measured:
    """A page of the bench."""

    name: str
    url: str
    budget: Budget = field(default_factory=Budget)
    ready: str = "main h1"
    actions: tuple[Mapping[str, Any], ...] = ()
    goals: Mapping[str, str] = field(default_factory=dict)
    """By action: what it may cost, in words."""

    def asked(self) -> dict[str, Any]:
        """As the tool is given it."""
        return {"name": self.name, "url": self.url, "ready": self.ready, "actions": list(self.actions), "axe": []}


def gestures(run: str) -> tuple[Mapping[str, Any], ...]:
    """What happens in the matrix, and what a hand does in it."""
    middle = [500, 220]
    return (
        change(run),
        {"name": "arrow key", "press": ["[data-matrix]", "ArrowDown"]},
        {"name": "hover of a cell", "hover": MATRIX, "at": middle},
        {"name": "wheel of 3,000 px", "hover": MATRIX, "at": middle, "wheel": [0, 3000]},
        {"name": "click on a cell: its drawer", "click": MATRIX, "at": middle, "ready": "[data-log]"},
    )


GESTURE_GOALS = {
    "state change to pixel": "p95 ≤ 1 s, no request",
    "hover of a cell": "CPU ≤ 20, 0 requests",
    "wheel of 3,000 px": "CPU ≤ 30, 0 requests, no task > 16 (60 fps)",
    "click on a cell: its drawer": "CPU ≤ 50, ≤ 2 requests",
}


def change(run: str, times: int = 20) -> Mapping[str, Any]:
    """A task of the newest run, marked failed and succeeded in turn by a program; the cell of its group shows it."""
    url = f"/api/v1/dags/wide_500/dagRuns/{quote(run, safe='')}/taskInstances/stage_00.step_0001"
    headers = {"authorization": "Basic YWRtaW46YWRtaW4="}
    states = ["failed", "success"]
    sends = [
        {"method": "PATCH", "url": url, "headers": headers, "body": {"new_state": state, "dry_run": False}}
        for state in states * (times // 2)
    ]
    sees = [[ACTIVE_CELL, f", {state}"] for state in states]
    return {"name": "state change to pixel", "send": sends, "sees": sees}


def big_pages(run: str) -> list[Measured]:
    """The sizes that the budgets name."""
    wide = "/dags/wide_500"
    of_run = f"{wide}/runs/{quote(run, safe='')}"
    key = {"name": "filter key", "type": ["main input[type=search]", "s"]}
    return [
        Measured("home", "/", Budget(cpu=400)),
        Measured(
            "DAG list, 1,000 DAGs", "/dags", Budget(cpu=500), actions=(key,), goals={"filter key": "to paint ≤ 50 ms"}
        ),
        Measured("grid 500 x 50", f"{wide}?runs=50", Budget(cpu=600), MATRIX, gestures(run), GESTURE_GOALS),
        Measured("grid 5,000 x 50", "/dags/wide_5000?runs=50", Budget(cpu=500), MATRIX),
        Measured("graph of 500 nodes", f"{wide}/graph", Budget(cpu=600, kb=130), GRAPH),
        Measured("run of 500 tasks", of_run),
        Measured(
            "log of 100 MB", f"{of_run}/tasks/stage_00.step_0001", Budget(kb=120, heap_mb=60), "[data-log] [data-index]"
        ),
        Measured("timeline of 1,000 DAGs", "/timeline", ready=CHART),
        Measured("task instances, 275,000", "/task_instances"),
        Measured("runs of all", "/dag_runs"),
    ]
