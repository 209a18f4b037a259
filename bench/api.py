"""A thin client of API v1 for benchmarks: one kept connection, Basic authentication, nothing that costs time."""

from __future__ import annotations

import ast
import base64
import http.client
import json
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

ENDED = frozenset({"success", "failed"})


class Api:
    """Speaks to one server. Any server that has /api/v1 will do."""

    def __init__(self, url: str, username: str, password: str) -> None:
        parts = urlsplit(url)
        self._address = (parts.hostname or "127.0.0.1", parts.port or 80)
        self._prefix = parts.path.rstrip("/")
        token = base64.b64encode(f"{username}:{password}".encode()).decode()
        self._headers = {"Authorization": f"Basic {token}", "Content-Type": "application/json"}
        self._connection = http.client.HTTPConnection(*self._address, timeout=120)

    def request(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Status and JSON of one request; a connection that the server closed is opened again once."""
        data = None if body is None else json.dumps(body)
        for is_last in (False, True):
            try:
                self._connection.request(method, f"{self._prefix}{path}", data, self._headers)
                answer = self._connection.getresponse()
                text = answer.read()
                return answer.status, json.loads(text) if text else None
            except (http.client.HTTPException, ConnectionError):
                self._connection.close()
                if is_last:
                    raise
        raise AssertionError("unreachable")

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """The JSON of a request that must succeed."""
        status, answer = self.request(method, f"/api/v1{path}", body)
        if status >= 300:
            raise RuntimeError(f"{method} {path}: {status} {answer}")
        return answer

    def trigger(self, dag_id: str) -> str:
        run_id: str = self.ask("POST", f"/dags/{dag_id}/dagRuns", {})["dag_run_id"]
        return run_id

    def wait(self, dag_id: str, run_id: str, pause: float = 0.001, patience: float = 600.0) -> dict[str, Any]:
        """The run's answer once it has ended successfully."""
        deadline = time.monotonic() + patience
        while True:
            run: dict[str, Any] = self.ask("GET", f"/dags/{dag_id}/dagRuns/{run_id}")
            if run["state"] in ENDED:
                if run["state"] != "success":
                    raise RuntimeError(f"run {run_id} of {dag_id} has {run['state']}")
                return run
            if time.monotonic() > deadline:
                raise TimeoutError(f"run {run_id} of {dag_id} is {run['state']} after {patience} s")
            time.sleep(pause)

    def open_runs(self, dag_id: str) -> int:
        """How many runs of the DAG have not ended."""
        answer = self.ask("GET", f"/dags/{dag_id}/dagRuns?limit=1&state=queued&state=running")
        count: int = answer["total_entries"]
        return count

    def returned(self, dag_id: str, run_id: str, task_id: str) -> Any:
        """A task's return value."""
        path = f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}/xcomEntries/return_value"
        return ast.literal_eval(self.ask("GET", path)["value"])

    def dag_ids(self) -> Iterator[str]:
        for dag in self.ask("GET", "/dags?limit=100")["dags"]:
            yield dag["dag_id"]
