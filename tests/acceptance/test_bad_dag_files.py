"""Bad DAG files: each becomes an import error with file, line and reason; everything else goes on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from acceptance.live_server import LiveServer, live_server

HEAD = """
from datetime import datetime
from airflow import DAG
from airflow.operators.empty import EmptyOperator
"""

BAD = {
    "syntax.py": ("# an airflow DAG\ndef broken(:\n    pass\n", "SyntaxError", "line 2"),
    "sleeps.py": (f"{HEAD}\nimport time\ntime.sleep(3600)\n", "imeout", "sleeps.py"),
    "exits.py": (f"{HEAD}\nimport os\nos._exit(7)\n", "exit", "exits.py"),
    "cycle.py": (
        f"{HEAD}\nwith DAG('cycle', start_date=datetime(2024, 1, 1)):\n"
        "    a, b = EmptyOperator(task_id='a'), EmptyOperator(task_id='b')\n    a >> b >> a\n",
        "ycle",
        "cycle",
    ),
    "twice.py": (
        f"{HEAD}\nwith DAG('twice', start_date=datetime(2024, 1, 1)):\n"
        "    EmptyOperator(task_id='a')\n    EmptyOperator(task_id='a')\n",
        "Task id 'a' has already been added to the DAG",
        "line 8",
    ),
    "cron.py": (f"{HEAD}\nDAG('cron', start_date=datetime(2024, 1, 1), schedule='61 * * * *')\n", "61 * * * *", "cron"),
    "rule.py": (
        f"{HEAD}\nwith DAG('rule', start_date=datetime(2024, 1, 1)):\n"
        "    EmptyOperator(task_id='a', trigger_rule='sometimes')\n",
        "sometimes",
        "line 7",
    ),
    "memory.py": (
        f"{HEAD}\nheap = []\nwhile True:\n    heap.append(bytearray(64 * 1024 * 1024))\n",
        "emory",
        "memory.py",
    ),
}

GOOD = f"{HEAD}\nwith DAG('good', start_date=datetime(2024, 1, 1), schedule=None):\n    EmptyOperator(task_id='a')\n"


@pytest.fixture(scope="module")
def bad_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    home = tmp_path_factory.mktemp("bad")
    (home / "dags").mkdir()
    for name, (source, _, _) in BAD.items():
        (home / "dags" / name).write_text(source)
    (home / "dags" / "good.py").write_text(GOOD)
    with live_server(
        home,
        AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT="2.0",
        AIRFLOW__CORE__DAG_FILE_PROCESSOR_TIMEOUT="3",
        AIRFLOW__TRADEWIND__PARSE_MEMORY_LIMIT_MIB="1024",
    ) as server:
        server.wait_for_dag("good")
        server.wait_until(
            lambda: server.get("/importErrors")["total_entries"] == len(BAD), f"{len(BAD)} import errors are there"
        )
        yield server


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_an_import_error_with_its_reason(bad_server: LiveServer, name: str) -> None:
    _, reason, place = BAD[name]
    errors = {entry["filename"].rsplit("/", 1)[-1]: entry["stack_trace"] for entry in all_errors(bad_server)}
    assert reason in errors[name]
    assert place in errors[name]


def all_errors(server: LiveServer) -> list[dict[str, str]]:
    errors: list[dict[str, str]] = server.get("/importErrors")["import_errors"]
    return errors


def test_everything_else_goes_on(bad_server: LiveServer) -> None:
    bad_server.unpause("good")
    assert bad_server.wait_for_run("good", bad_server.trigger("good")) == "success"
