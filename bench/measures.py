"""What is measured, one function each; figures in the unit that the table names."""

from __future__ import annotations

import itertools
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from .api import Api
from .server import Server


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which ``share`` (0 to 1) of them lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def command_seconds(arguments: Sequence[str], environ: dict[str, str] | None = None, times: int = 9) -> float:
    """Median wall time of a command of the command line, a process each."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-m", "tradewind", *arguments], env=environ, check=True, capture_output=True)
        taken.append(time.perf_counter() - began)
    return median(taken)


def noop_runs(api: Api, times: int = 50) -> tuple[float, float]:
    """POST → success of a run with one empty task: p50 and p95 in milliseconds."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        api.wait("bench_noop", api.trigger("bench_noop"))
        taken.append((time.perf_counter() - began) * 1000)
    return percentile(taken, 0.5), percentile(taken, 0.95)


def hops(api: Api, times: int = 5) -> tuple[float, float]:
    """From the end of a task's code to the begin of the next one's: p50 and p99 in milliseconds."""
    gaps = []
    for _ in range(times):
        run_id = api.trigger("bench_hops")
        api.wait("bench_hops", run_id, pause=0.05)
        moments = [api.returned("bench_hops", run_id, f"hop_{step:02}") for step in range(20)]
        gaps += [(after[0] - before[1]) * 1000 for before, after in itertools.pairwise(moments)]
    return percentile(gaps, 0.5), percentile(gaps, 0.99)


def run_seconds(api: Api, dag_id: str, times: int = 3) -> float:
    """POST → success, median, seconds."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        api.wait(dag_id, api.trigger(dag_id), pause=0.005)
        taken.append(time.perf_counter() - began)
    return median(taken)


def many_runs(api: Api, count: int = 200) -> float:
    """``count`` runs of five tasks triggered at once: tasks per second until all have ended."""
    began = time.perf_counter()
    for _ in range(count):
        api.trigger("bench_five")
    while api.open_runs("bench_five"):
        time.sleep(0.02)
    return count * 5 / (time.perf_counter() - began)


def fan_out(api: Api) -> float:
    """A thousand tasks side by side and a join: tasks per second."""
    return 1000 / run_seconds(api, "bench_fan", times=1)


def with_peak_memory(server: Server, work: Callable[[], float]) -> tuple[float, float]:
    """What the work measured, and the largest memory (PSS, MiB) that was seen meanwhile."""
    peak = 0.0
    over = threading.Event()

    def watch() -> None:
        nonlocal peak
        while not over.wait(0.5):
            peak = max(peak, server.pss_mib())

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        return work(), peak
    finally:
        over.set()
        thread.join()


REQUESTS = 200


def request_ms(api: Api, path: str, times: int = REQUESTS) -> float:
    """Median of a GET over a kept connection, milliseconds."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        api.ask("GET", path)
        taken.append((time.perf_counter() - began) * 1000)
    return median(taken)


def trigger_ms(api: Api, dag_id: str = "bench_noop", times: int = 100) -> float:
    """Median of POST dagRuns of a paused DAG: nothing runs meanwhile."""
    api.ask("PATCH", f"/dags/{dag_id}", {"is_paused": True})
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        api.trigger(dag_id)
        taken.append((time.perf_counter() - began) * 1000)
    return median(taken)


def trigger_rate(make: Callable[[], Api], dag_id: str, clients: int = 8, seconds: float = 4.0) -> float:
    """POSTs of dagRuns per second of ``clients`` threads, for a DAG that is paused."""
    deadline = time.perf_counter() + seconds

    def one(_: int) -> int:
        api, count = make(), 0
        while time.perf_counter() < deadline:
            api.trigger(dag_id)
            count += 1
        return count

    began = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        return sum(pool.map(one, range(clients))) / (time.perf_counter() - began)


def requests_per_second(make: Callable[[], Api], path: str, clients: int = 8, each: int = 300) -> float:
    """GETs per second of ``clients`` threads with a connection each. The client is Python too: a lower bound."""

    def one(_: int) -> None:
        api = make()
        for _ in range(each):
            api.request("GET", path)

    began = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        list(pool.map(one, range(clients)))
    return clients * each / (time.perf_counter() - began)


def list_rate(make: Callable[[], Api], path: str, clients: int = 8, seconds: float = 6.0) -> float:
    """Successful GETs per second of ``clients`` threads over a fixed time: bearable for a slow server as well."""
    deadline = time.perf_counter() + seconds

    def one(_: int) -> int:
        api, count = make(), 0
        while time.perf_counter() < deadline:
            api.ask("GET", path)
            count += 1
        return count

    began = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        return sum(pool.map(one, range(clients))) / (time.perf_counter() - began)


PARSE_FILE = """
from datetime import datetime

from airflow import DAG
from airflow.operators.empty import EmptyOperator

with DAG("{dag_id}", start_date=datetime(2024, 1, 1), schedule="@daily", catchup=False):
    previous = None
    for step in range(20):
        task = EmptyOperator(task_id=f"step_{{step}}")
        if previous is not None:
            previous >> task
        previous = task
"""


def save_to_visible(server: Server, times: int = 10) -> float:
    """From the rename of a new file to its DAG's first 200: median seconds."""
    api = server.api()
    taken = []
    for number in range(times):
        dag_id = f"bench_saved_{number}"
        temporary = server.home / "dags" / f"{dag_id}.tmp"
        temporary.write_text(PARSE_FILE.format(dag_id=dag_id))
        began = time.perf_counter()
        temporary.rename(temporary.with_suffix(".py"))
        while api.request("GET", f"/api/v1/dags/{dag_id}")[0] != 200:
            time.sleep(0.002)
        taken.append(time.perf_counter() - began)
    return median(taken)


def parse_many(server: Server, count: int = 1000) -> float:
    """``count`` files of twenty tasks appear at once: seconds until all their DAGs are there."""
    api = server.api()
    before = api.ask("GET", "/dags?limit=1")["total_entries"]
    began = time.perf_counter()
    for number in range(count):
        dag_id = f"bench_many_{number:04}"
        (server.home / "dags" / f"{dag_id}.py").write_text(PARSE_FILE.format(dag_id=dag_id))
    while api.ask("GET", "/dags?limit=1")["total_entries"] < before + count:
        time.sleep(0.02)
    return time.perf_counter() - began


def at_rest(server: Server, seconds: float) -> tuple[float, float]:
    """Memory (PSS, MiB) and processor use (% of a core) over a quiet time."""
    before = server.cpu_seconds()
    time.sleep(seconds)
    return server.pss_mib(), (server.cpu_seconds() - before) / seconds * 100


def scheduler_killed(server: Server, times: int = 3) -> float:
    """kill -9 of the scheduler between two tasks' runs → a run triggered right after it is over: median seconds."""
    api = server.api()
    taken = []
    for _ in range(times):
        api.wait("bench_noop", api.trigger("bench_noop"))
        began = time.perf_counter()
        server.role("scheduler").kill()
        api.wait("bench_noop", api.trigger("bench_noop"))
        taken.append(time.perf_counter() - began)
        time.sleep(6)  # a role that dies young again is restarted more slowly
    return median(taken)
