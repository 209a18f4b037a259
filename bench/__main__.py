"""``python -m bench``: measure and print a table.

Without ``--url`` a tradewind of our own is started on a temporary home (``--database`` for PostgreSQL). With ``--url``
any server that speaks API v1 is driven, after ``bench/dags`` was put into its DAGs folder: a real Airflow beside ours.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from . import measures
from .api import Api
from .server import Server

BENCH_DAGS = (
    "bench_noop",
    "bench_hops",
    "bench_chain",
    "bench_fib33",
    "bench_five",
    "bench_fan",
    "bench_sleep",
)
PAUSED = "seed_0000"
ALL = "/dags/~/dagRuns/~/taskInstances?limit=100"
SINCE = "start_date_gte=2023-01-09T00:00:00Z"
"""Of bench.seed's runs, the last twentieth."""


@dataclass
class Results:
    """Rows of the table, in the order of measuring."""

    console: Console
    rows: list[tuple[str, float, str, str]] = field(default_factory=list)

    def add(self, what: str, figure: float, unit: str, goal: str = "") -> None:
        self.rows.append((what, figure, unit, goal))
        self.console.print(f"  {what}: [bold]{figure:,.4g}[/] {unit}  [dim]{goal}[/]")

    def table(self, title: str) -> Table:
        table = Table(title=title)
        for column in ("what", "measured", "unit", "goal"):
            table.add_column(column, justify="right" if column == "measured" else "left")
        for what, figure, unit, goal in self.rows:
            table.add_row(what, f"{figure:,.4g}", unit, goal)
        return table

    def markdown(self, title: str) -> str:
        lines = [f"## {title}", "", "| what | measured | unit | goal |", "|---|---:|---|---|"]
        lines += [f"| {what} | {figure:,.4g} | {unit} | {goal} |" for what, figure, unit, goal in self.rows]
        return "\n".join(lines) + "\n"


def measure_runs(results: Results, api: Api, *, heavy: bool, light: bool = False) -> None:
    """Latency and throughput of runs, on any server."""
    measures.noop_runs(api, times=1 if light else 3)  # the first run of a file pays for its import
    p50, p95 = measures.noop_runs(api, times=5 if light else 50 if heavy else 10)
    results.add("no-op run: POST → success, p50", p50, "ms", "≤ 25")
    results.add("no-op run: POST → success, p95", p95, "ms", "≤ 50")
    p50, p99 = measures.hops(api, times=1 if light else 5)
    results.add("hop: end of a task → next one's code, p50", p50, "ms", "≤ 8")
    results.add("hop, p99", p99, "ms", "≤ 20")
    results.add(
        "chain of 40 tasks fib(10)", measures.run_seconds(api, "bench_chain", times=1 if light else 3), "s", "≤ 0.4"
    )
    results.add("ten fib(33), two at a time", measures.run_seconds(api, "bench_fib33", times=1), "s", "≤ 2.6")


def measure_throughput(
    results: Results, api: Api, watched: Callable[[Callable[[], float]], tuple[float, float]]
) -> None:
    """Many tasks at once."""
    rate, peak = watched(lambda: measures.many_runs(api))
    results.add("200 runs of 5 tasks at once", rate, "tasks/s", "≥ 200")
    if peak:
        results.add("peak memory while doing so (PSS, 32 at a time)", peak, "MiB", "≤ 400")
    rate, peak = watched(lambda: measures.fan_out(api))
    results.add("1,000-task fan-out and join", rate, "tasks/s", "≥ 200")
    if peak:
        results.add("peak memory while doing so (PSS)", peak, "MiB", "≤ 400")


def measure_api(results: Results, make: Callable[[], Api], *, light: bool = False) -> None:
    """Requests, on whatever the server holds."""
    api = make()
    times = 20 if light else 200
    for path in ("/dags", "/dags/~/dagRuns", "/dags/~/dagRuns/~/taskInstances"):
        results.add(f"GET {path}, 8 clients", measures.list_rate(make, path), "req/s", "15 times Airflow's")
    results.add("GET /dags?limit=100", measures.request_ms(api, "/dags?limit=100", times), "ms", "≤ 4 at 500 DAGs")
    path = "/dags/bench_five/dagRuns?limit=100&order_by=-start_date"
    results.add("GET runs of a DAG, ordered", measures.request_ms(api, path, times), "ms", "≤ 3")
    path = "/dags/~/dagRuns/~/taskInstances?limit=100"
    results.add("GET task instances, 100 of all", measures.request_ms(api, path, times), "ms", "≤ 5")
    results.add("GET variables", measures.request_ms(api, "/variables", times), "ms", "≤ 2")
    rate = measures.requests_per_second(make, "/health", each=20 if light else 300)
    results.add("GET /health, 8 clients", rate, "req/s", "≥ 2,500")
    results.add("POST dagRuns", measures.trigger_ms(api, times=10 if light else 100), "ms", "≤ 3")


def measure_seeded(results: Results, args: argparse.Namespace) -> None:
    """Requests on a large database: 500 DAGs, 100,000 runs, 500,000 task instances."""
    server = Server(database=args.database)
    try:
        server.seed()
        server.start()
        api = server.api()
        of_dag = "/dags/seed_0007"
        one_run = api.ask("GET", f"{of_dag}/dagRuns?limit=1")["dag_runs"][0]["dag_run_id"]
        for what, path, goal in (
            ("GET /dags?limit=100 of 500", "/dags?limit=100", "≤ 4"),
            ("GET runs of a DAG, newest first", f"{of_dag}/dagRuns?limit=100&order_by=-start_date", "≤ 3"),
            ("GET failed runs of 100,000", "/dags/~/dagRuns?limit=100&state=failed&order_by=-start_date", "≤ 3"),
            ("GET task instances, 100 of 500,000", ALL, "≤ 5"),
            ("GET failed task instances", f"{ALL}&state=failed", "≤ 5"),
            ("GET task instances of two states", f"{ALL}&state=failed&state=skipped", "≤ 5"),
            ("GET task instances of a pool, all", f"{ALL}&pool=default_pool", "≤ 25"),
            ("GET task instances of a DAG", f"{of_dag}/dagRuns/~/taskInstances?limit=100", "≤ 5"),
            ("GET task instances begun since, all", f"{ALL}&{SINCE}", "≤ 25"),
            ("GET task instances begun since, a DAG's", f"{of_dag}/dagRuns/~/taskInstances?limit=100&{SINCE}", "≤ 25"),
            ("GET task instances of one run", f"{of_dag}/dagRuns/{one_run}/taskInstances", "≤ 2"),
            ("GET variables", "/variables", "≤ 2"),
        ):
            results.add(what, measures.request_ms(api, path), "ms", goal)
            seconds = server.cpu_of("api", lambda path=path: measures.request_ms(api, path))  # type: ignore[misc]
            results.add("… processor of the API", seconds / measures.REQUESTS * 1000, "ms a request")
        results.add("GET /health, 8 clients", measures.requests_per_second(server.api, "/health"), "req/s", "≥ 2,500")
        seconds = server.cpu_of(
            "api", lambda: results.add("POST dagRuns", measures.trigger_ms(api, PAUSED), "ms", "≤ 3")
        )
        results.add("… processor of the API", seconds / 100 * 1000, "ms a request")
        results.add("POST dagRuns, 8 clients", measures.trigger_rate(server.api, PAUSED), "req/s", "≥ 400")
        results.add("load average meanwhile", os.getloadavg()[0], "")
    finally:
        server.stop()


def measure_own(results: Results, args: argparse.Namespace) -> None:
    """A tradewind of our own, from its start to its end."""
    results.add("tradewind version", measures.command_seconds(["version"]) * 1000, "ms", "≤ 60")
    server = Server(database=args.database)
    try:
        results.add("process start → healthy (empty home)", server.start(), "s", "≤ 1.2")
        server.put_bench_dags()
        server.wait_for_dags(*BENCH_DAGS)
        api = server.api()
        measure_runs(results, api, heavy=True)
        measure_throughput(results, api, lambda work: measures.with_peak_memory(server, work))
        results.add("file saved → DAG visible", measures.save_to_visible(server), "s", "≤ 0.5")
        results.add("1,000 files of 20 tasks parsed", measures.parse_many(server), "s", "≤ 6")
        measure_api(results, server.api)
        results.add("kill -9 of the scheduler → next run over", measures.scheduler_killed(server), "s", "≤ 1")
        pss, cpu = measures.at_rest(server, args.rest)
        results.add(f"at rest for {args.rest:.0f} s after all that: memory (PSS)", pss, "MiB", "≤ 150")
        results.add("at rest: processor", cpu, "% of a core", "≤ 0.5")
    finally:
        server.stop()


def main() -> None:
    """Parse arguments, measure, print, and write when asked to."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--url", help="a running server to drive instead of one of our own")
    parser.add_argument("--user", default="admin")
    parser.add_argument("--password", default="admin")
    parser.add_argument("--database", help="sql_alchemy_conn of our own server; default: SQLite in its home")
    parser.add_argument("--rest", type=float, default=60.0, help="seconds of rest to measure")
    parser.add_argument("--throughput", action="store_true", help="with --url: also the many-task measures")
    parser.add_argument("--seeded", action="store_true", help="only requests, on a large database of our own")
    parser.add_argument("--light", action="store_true", help="with --url: few repetitions, for a slow server")
    parser.add_argument("--only-api", action="store_true", help="with --url: requests, no runs")
    parser.add_argument("--only-runs", action="store_true", help="with --url: runs, no other requests")
    parser.add_argument("--title", default="tradewind, SQLite")
    parser.add_argument("--write", type=Path, help="append the table to this Markdown file")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    args = parser.parse_args()

    console = Console()
    results = Results(console)
    if args.url:
        api = Api(args.url, args.user, args.password)
        if not args.only_api:
            measure_runs(results, api, heavy=False, light=args.light)
        if args.throughput:
            measure_throughput(results, api, lambda work: (work(), 0.0))
        if not args.only_runs:
            measure_api(results, lambda: Api(args.url, args.user, args.password), light=args.light)
    elif args.seeded:
        measure_seeded(results, args)
    else:
        measure_own(results, args)
    title = f"{args.title} ({datetime.now(UTC):%Y-%m-%d}, {platform.machine()}, Python {platform.python_version()})"
    console.print(results.table(title))
    if args.write:
        with args.write.open("a") as file:
            file.write(f"\n{results.markdown(title)}")
    if args.json:
        args.json.write_text(json.dumps(results.rows, indent=1))


if __name__ == "__main__":
    main()
