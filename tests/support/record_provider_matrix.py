"""Records what a real Airflow gives for provider_dags/matrix.py → golden/provider_matrix.json.

    python tests/support/record_provider_matrix.py …/bin/python …/bin/python

The first interpreter's environment holds Airflow 2.10.5 with the providers of set a (golden/provider_wheels.json), the
second's the HTTP server of provider_servers.py.
"""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

TESTS = Path(__file__).resolve().parents[1]
DATE = "2024-01-05T00:00:00+00:00"

_STATES = {"SUCCESS": "success", "FAILED": "failed", "SKIPPED": "skipped"}


def found_in(log: str) -> dict[str, dict[str, Any]]:
    """What the log of ``airflow dags test`` tells: the states of tasks that were run, and what Python tasks returned.
    Tasks that it does not begin were skipped by a task before them: nothing follows one that fails."""
    states: dict[str, Any] = {}
    returned: dict[str, Any] = {}
    task_id = ""
    for line in log.splitlines():
        if begun := re.search(r"\[DAG TEST\] starting task_id=(\w+)", line):
            task_id = begun[1]
        elif marked := re.search(r"Marking task as (\w+)\. dag_id=matrix, task_id=(\w+),", line):
            states[marked[2]] = _STATES[marked[1]]
        elif value := re.search(r"Done\. Returned value was: (.*)$", line):
            returned[task_id] = _value(value[1])
    return {"states": states, "returned": returned}


def _value(text: str) -> Any:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


def environment(home: Path, scratch: Path, port: int) -> dict[str, str]:
    """Where the DAG finds its database, files and server."""
    connections = {
        "matrix_db": {"conn_type": "sqlite", "host": str(scratch / "matrix.db")},
        "matrix_fs": {"conn_type": "fs", "extra": {"path": str(scratch)}},
        "http_default": {"conn_type": "http", "host": f"http://127.0.0.1:{port}/"},
    }
    return {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW_VAR_SCRATCH": str(scratch),
        **{f"AIRFLOW_CONN_{name.upper()}": json.dumps(fields) for name, fields in connections.items()},
    }


def main() -> None:
    """Run the DAG with ``airflow dags test`` and keep what its log tells."""
    airflow, server_python = sys.argv[1:3]
    with tempfile.TemporaryDirectory() as folder:
        home, scratch = Path(folder, "home"), Path(folder, "scratch")
        (home / "dags").mkdir(parents=True)
        scratch.mkdir()
        shutil.copy(TESTS / "acceptance/provider_dags/matrix.py", home / "dags")
        command = [server_python, str(TESTS / "support/provider_servers.py"), str(scratch), "http"]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
            assert server.stdin is not None
            assert server.stdout is not None
            port = json.loads(server.stdout.readline())["http"]
            more = {"AIRFLOW__CORE__LOAD_EXAMPLES": "False", "AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT": "300"}
            environ = {**os.environ, **environment(home, scratch, port), **more}
            for words in (["db", "migrate"], ["dags", "reserialize"]):
                subprocess.run([airflow, "-m", "airflow", *words], check=True, env=environ, stdout=sys.stderr)
            done = subprocess.run(
                [airflow, "-m", "airflow", "dags", "test", "matrix", DATE],
                check=False, env=environ, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            )  # fmt: skip
            server.stdin.close()
    golden = TESTS / "golden" / "provider_matrix.json"
    golden.write_text(json.dumps(found_in(done.stdout), indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
