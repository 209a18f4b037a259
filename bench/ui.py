"""``python -m bench.ui``: what the user interface costs in a real Chromium, on very much made data.

1,000 DAGs with 5 runs each; one of 500 tasks and one of 5,000 with 50 runs; a log of 100 MB. Figures are those of the
main thread's own clock, of bytes on the wire and of elements, which a busy machine moves little; the load is told."""

from __future__ import annotations

import argparse
import os
import platform
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tests")]

if TYPE_CHECKING:
    from support.browser import Visit
    from support.web_stage import Stage

WATCH = """
window.__long = []
new PerformanceObserver((l) => { for (const e of l.getEntries()) window.__long.push(e.duration) })
  .observe({type: 'longtask', buffered: true})
window.__shift = 0
new PerformanceObserver((l) => { for (const e of l.getEntries()) if (!e.hadRecentInput) window.__shift += e.value })
  .observe({type: 'layout-shift', buffered: true})
"""


@dataclass(frozen=True)
class Goal:
    """What a page may cost."""

    cpu: int = 300
    kilobytes: int = 60
    api: int = 3
    nodes: int = 1500


def pages(big_run: str, log_run: str) -> dict[str, tuple[str, Goal]]:
    """Name → address and goal."""
    wide = "/dags/wide_500"
    task = "stage_00.step_0001"
    return {
        "home": ("/", Goal(cpu=400)),
        "DAG list, 1,000 DAGs": ("/dags", Goal(cpu=500)),
        "grid 500 x 50": (f"{wide}?runs=50", Goal(cpu=600)),
        "grid 5,000 x 50": ("/dags/wide_5000?runs=50", Goal(cpu=1000, kilobytes=200)),
        "graph of 500": (f"{wide}/graph", Goal(cpu=600, kilobytes=140)),
        "run of 500 tasks": (f"{wide}/runs/{quote(big_run, safe='')}", Goal()),
        "log of 100 MB": (f"/dags/wide_500/runs/{quote(log_run, safe='')}/tasks/{task}", Goal(api=4, kilobytes=120)),
        "task instances of all": ("/task_instances", Goal()),
        "runs of all": ("/dag_runs", Goal()),
        "timeline of all": ("/timeline", Goal(kilobytes=120)),
        "dependencies": ("/dependencies", Goal(kilobytes=140)),
        "variables": ("/variables", Goal()),
        "connections": ("/connections", Goal()),
        "pools": ("/pools", Goal()),
        "users": ("/users", Goal()),
        "configuration": ("/configs", Goal()),
        "audit log": ("/events", Goal()),
    }


def measured(visit: Visit, path: str) -> dict[str, float]:
    """A page with a warm cache, from the request to rest."""
    visit.page.goto("about:blank")
    visit.requests.clear()
    visit.bytes.clear()
    before = visit.cpu()
    visit.open(path, ready="h1")
    visit.page.wait_for_timeout(700)
    visit.calm()
    found = visit.page.evaluate(
        "() => ({long: Math.max(0, ...window.__long), shift: window.__shift,"
        " heap: performance.memory.usedJSHeapSize / 1048576})"
    )
    return {
        "cpu": visit.cpu() - before,
        "kilobytes": visit.bytes.get("all", 0) / 1024,
        "api": len(visit.api()),
        "nodes": visit.nodes(),
        **found,
    }


def gestures(visit: Visit) -> list[tuple[str, float, int, str]]:
    """CPU and requests of what a hand does in the matrix of 500 x 50."""
    visit.open("/dags/wide_500?runs=50", ready="h1")
    visit.page.wait_for_timeout(2500)
    box = visit.page.get_by_role("grid").bounding_box()
    assert box is not None
    mouse = visit.page.mouse
    across, down = box["x"] + box["width"] * 0.5, box["y"] + 220

    def cost(name: str, act: object, goal: str) -> tuple[str, float, int, str]:
        assert callable(act)
        before, asked = visit.cpu(), len(visit.requests)
        act()
        visit.page.wait_for_timeout(400)
        return name, visit.cpu() - before, len(visit.requests) - asked, goal

    found = [
        cost("hover of a cell", lambda: mouse.move(across, down), "≤ 20 ms, 0 requests"),
        cost("scroll by 3,000 px", lambda: mouse.wheel(0, 3000), "≤ 30 ms, 0 requests"),
        cost("scroll back", lambda: mouse.wheel(0, -3000), "≤ 30 ms, 0 requests"),
        cost("click on a cell: its drawer", lambda: mouse.click(across, down), "≤ 50 ms, ≤ 2 requests"),
    ]
    print(visit.page.url, flush=True)
    return found


def report(stage: Stage, big_run: str, log_run: str) -> str:
    """The tables."""
    lines = [
        "| page (warm cache) | CPU, ms | goal | longest task, ms | KB | goal | API | elements | heap, MB | shift |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    with stage.visit() as visit:
        visit.page.add_init_script(WATCH)
        visit.metered()
        visit.open("/", ready="h1")
        first = (
            f"First visit of home: {visit.bytes['all'] / 1024:.0f} KB, {len(visit.requests)} requests (goal 260, 8)."
        )
        for name, (path, goal) in pages(big_run, log_run).items():
            stage.beat()
            try:
                got = measured(visit, path)
            except Exception as problem:
                lines.append(f"| {name} | not measured: {str(problem).splitlines()[0][:80]} |")
                continue
            lines.append(
                f"| {name} | {got['cpu']:.0f} | {goal.cpu} | {got['long']:.0f} | {got['kilobytes']:.0f} | "
                f"{goal.kilobytes} | {got['api']:.0f} | {got['nodes']:.0f} | {got['heap']:.0f} | {got['shift']:.3f} |"
            )
            print(lines[-1], flush=True)
        hands = ["| in the grid of 500 x 50 | CPU, ms | requests | goal |", "|---|---:|---:|---|"]
        hands += [f"| {name} | {cpu:.0f} | {asked} | {goal} |" for name, cpu, asked, goal in gestures(visit)]
    return "\n".join([first, "", *lines, "", *hands, ""])


def main() -> None:
    """Makes the data, measures, prints, and writes when asked to."""
    from support import ui_data
    from support.web_stage import stage

    parser = argparse.ArgumentParser(prog="bench.ui", description=__doc__)
    parser.add_argument("--write", type=Path, help="append the tables to this Markdown file")
    args = parser.parse_args()
    now = datetime.now(UTC)
    with stage() as made:
        database = made.server.database
        ui_data.crowd(database, now)
        run = ui_data.wide(database, now, "wide_500", tasks=500)
        ui_data.wide(database, now, "wide_5000", tasks=5000, first_run=600_000)
        ui_data.big_log(made.server.home / "logs", ("wide_500", run, "stage_00.step_0001"))
        print("the data is made", flush=True)
        load = os.getloadavg()[0]
        text = report(made, run, run)
    title = f"## The user interface in Chromium ({now:%Y-%m-%d}, {platform.machine()}, 2 cores)"
    loads = f"Load average {load:.0f} at the beginning, {os.getloadavg()[0]:.0f} at the end. `make bench-ui`.\n"
    whole = f"\n{title}\n\n{loads}\n{text}"
    print(whole)
    if args.write:
        with args.write.open("a") as file:
            file.write(whole)


if __name__ == "__main__":
    main()
