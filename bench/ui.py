"""``python -m bench.ui``: what the user interface costs in a real Chromium, on very much made data and page by page.

1,000 DAGs with 5 runs each; one of 500 tasks and one of 5,000 with 50 runs; a log of 100 MB. ui/tools/ui_measure.mjs
measures: CPU of the main thread by its own clock, bytes on the wire, requests, elements, which a busy machine moves
little; the load is told. Then every page over a small house, with axe-core in light and dark, at 1440 and 390 px."""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tests")]

if TYPE_CHECKING:
    from support.measuring import Budget, Record
    from support.web_stage import Stage

    from .ui_pages import Measured

VIEWS = ["light-1440", "dark-1440", "light-390", "dark-390"]
FIGURES = {
    "cpu": "CPU, ms",
    "task_max": "longest task, CPU ms",
    "kb": "KB",
    "api": "data requests",
    "dom": "elements",
    "cls": "layout shift",
    "idle_req_per_min": "idle requests/min",
    "heap_mb": "heap, MB",
}
WALL = {"ready": "ready", "after_data": "from the last data to ready", "task_wall": "longest task"}


def cells(record: Record, budget: Budget) -> list[str]:
    """The figures; one that is over its budget is bold and says so."""
    broken = budget.broken(record)
    return [
        f"**{record[name]:g}** (> {broken[name][1]:g})" if name in broken else f"{record[name]:g}" for name in FIGURES
    ]


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Markdown."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(each)} |" for each in lines) + "\n"


def figures(pages: Sequence[Measured], records: Sequence[Record]) -> str:
    """What each page cost."""
    rows = []
    for page, record in zip(pages, records, strict=True):
        failed = [record["error"][:90], *[""] * (len(FIGURES) - 1)] if "error" in record else None
        rows.append([page.name, *(failed or cells(record, page.budget))])
    return table(["page (warm cache)", *FIGURES.values()], rows)


def actions(pages: Sequence[Measured], records: Sequence[Record]) -> str:
    """What each gesture cost."""
    rows = []
    for page, record in zip(pages, records, strict=True):
        for each in record.get("act", ()):
            if "error" in each:
                rows.append([f"{page.name}: {each['name']}", each["error"][:90], *[""] * 4])
                continue
            took = _spread(each["ms"]) if each.get("ms") else f"{each['inp']:g}"
            cost = [f"{each['cpu']:g}", f"{each['task_max']:g}", str(each["req"]), took]
            rows.append([f"{page.name}: {each['name']}", *cost, page.goals.get(each["name"], "")])
    head = ["action", "CPU, ms", "longest task, CPU ms", "requests", "to paint, ms of the wall clock", "goal"]
    return table(head, rows)


def _spread(times: list[float]) -> str:
    return f"p50 {statistics.median(times):.0f}, p95 {statistics.quantiles(times, n=20)[-1]:.0f} of {len(times)}"


def wall(pages: Sequence[Measured], records: Sequence[Record]) -> str:
    """What only a machine at rest should be judged by."""
    rows = [[page.name, *(str(record.get(name)) for name in WALL)] for page, record in zip(pages, records, strict=True)]
    return table(["ms of the wall clock", *WALL.values()], rows)


def accessibility(records: Sequence[Record]) -> str:
    """What axe-core found, in words."""
    found = [
        f"- {record['page']}, {view}: {broken}"
        for record in records
        for view, all_broken in record.get("axe", {}).items()
        for broken in all_broken
    ]
    views = sum(len(record.get("axe", {})) for record in records)
    head = f"axe-core over {len(records)} pages, each {', '.join(VIEWS)} ({views} views): {len(found)} violations.\n"
    return "\n".join([head, *found])


def at_size(stage: Stage) -> list[str]:
    """The sizes that the budgets name."""
    from support import ui_data
    from support.measuring import Budget, measure

    from .ui_pages import Measured, big_pages

    database, now = stage.server.database, datetime.now(UTC)
    ui_data.crowd(database, now)
    run = ui_data.wide(database, now, "wide_500", tasks=500)
    ui_data.wide(database, now, "wide_5000", tasks=5000, first_run=600_000)
    ui_data.big_log(stage.server.home / "logs", ("wide_500", run, "stage_00.step_0001"))
    print("the data is made", flush=True)
    first = Measured("home, first visit", "/", Budget(cpu=400, kb=260, js_kb=210, req=8))
    pages = [first, *big_pages(run)]
    asked = [{**page.asked(), "cold": page is first} for page in pages]
    # Every group is open: what a large matrix costs is not told by ten closed ones.
    opened = {f"tradewind.grid.closed.{name}": "[]" for name in ("wide_500", "wide_5000")}
    records = measure(stage.server.url, asked, "--warm", on_record=told, idle_ms=5000, local_storage=opened)
    cold = f"First visit of home: {records[0]['req']} requests, {records[0]['kb']:g} KB, {records[0]['js_kb']:g} KB of "
    goal = "them scripts (budget 8, 260, 210).\n"
    return [cold + goal, figures(pages, records), actions(pages, records), wall(pages, records)]


def page_by_page(stage: Stage) -> list[str]:
    """Every page over the small house."""
    from support.measuring import measure
    from support.web_stage import PAGES

    from .ui_pages import Measured

    pages = [Measured(name, view.path(stage.house), view.budget) for name, view in PAGES.items()]
    asked = [{"name": page.name, "url": page.url, "ready": page.ready} for page in pages]
    records = measure(stage.server.url, asked, "--warm", on_record=told, idle_ms=3000, views=VIEWS)
    return [figures(pages, records), accessibility(records)]


def told(record: Record) -> None:
    print(record["page"], record.get("error") or f"{record['cpu']:.0f} ms", flush=True)


@contextmanager
def beating(stage: Stage) -> Iterator[None]:
    """The roles' heartbeats go on."""
    done = Event()

    def beats() -> None:
        while not done.wait(5):
            stage.beat()

    thread = Thread(target=beats)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def main() -> None:
    """Makes the data, measures, prints, and appends to a file when asked to."""
    from support.web_stage import stage

    parser = argparse.ArgumentParser(prog="bench.ui", description=__doc__)
    parser.add_argument("--write", type=Path, help="append the tables to this Markdown file")
    parser.add_argument("--part", choices=("size", "pages"), help="only the large data, or only page by page")
    args = parser.parse_args()
    load = os.getloadavg()[0]
    parts: list[str] = []
    measured: dict[str, Any] = {"size": at_size, "pages": page_by_page}
    for name, each in measured.items():
        if args.part in (None, name):
            with stage() as made, beating(made):
                parts += each(made)
    title = f"## The user interface in Chromium ({datetime.now(UTC):%Y-%m-%d}, {platform.machine()}, 2 cores)"
    loads = f"Load average {load:.0f} at the beginning, {os.getloadavg()[0]:.0f} at the end. `make bench-ui`.\n"
    whole = "\n".join(["", title, "", loads, *parts])
    print(whole)
    if args.write:
        with args.write.open("a") as file:
            file.write(whole)


if __name__ == "__main__":
    main()
