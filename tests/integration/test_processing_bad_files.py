"""Every way a DAG file can go wrong is one import error with file, line and reason, and disturbs nobody else.

The files are imported in real child processes.
"""

from __future__ import annotations

import select
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tradewind.model.times import SystemClock
from tradewind.processing.children import ParseChild
from tradewind.processing.forking import LocalFork
from tradewind.wire.messages import ParseReport, ParseRequest

HEAD = """
from datetime import datetime
from tradewind.sdk.dag import DAG
from tradewind.sdk.operator import BaseOperator as Op
"""
DAG_LINE = "with DAG('{}', start_date=datetime(2024, 1, 1), schedule=None):\n    "

BAD = {
    "syntax": ("x = (\n", 1, "SyntaxError: '(' was never closed"),
    "bytes": ("\n\n\0", 1, "null byte"),
    "missing module": ("\nimport module_that_is_not_there\n", 2, "No module named 'module_that_is_not_there'"),
    "deep": ("def f():\n    g()\ndef g():\n    raise ValueError('deep down')\nf()\n", 4, "ValueError: deep down"),
    "cycle": (
        HEAD + DAG_LINE.format("round") + "a, b = Op(task_id='a'), Op(task_id='b'); a >> b >> a\n",
        5,
        "AirflowDagCycleException: Cycle detected in DAG: round. Faulty task: ",
    ),
    "duplicate task": (
        HEAD + DAG_LINE.format("dup") + "Op(task_id='a'); Op(task_id='a')\n",
        6,
        "airflow.exceptions.DuplicateTaskIdFound: Task id 'a' has already been added to the DAG",
    ),
    "cron": (
        HEAD + "DAG('c', start_date=datetime(2024, 1, 1), schedule='every now and then')\n",
        5,
        "AirflowTimetableInvalid: Exactly 5, 6 or 7 columns",
    ),
    "trigger rule": (HEAD + DAG_LINE.format("r") + "Op(task_id='a', trigger_rule='foo')\n", 6, "received 'foo'"),
    "weight rule": (
        HEAD + DAG_LINE.format("w") + "Op(task_id='a', weight_rule='heavy')\n",
        6,
        "Unknown priority strategy heavy",
    ),
    "sys.exit": ("import sys\nsys.exit('enough')\n", 2, "SystemExit: enough"),
    "endless": ("import time\nwhile True:\n    time.sleep(0.01)\n", 3, "import timeout"),
    "memory": ("x = bytearray(10**12)\n", 1, "MemoryError"),
    "filling memory": ("x = []\nwhile True:\n    x.append(' ' * 10**7)\n", 3, "MemoryError"),
    "endless recursion": ("def f():\n    f()\nf()\n", 2, "RecursionError: maximum recursion depth exceeded"),
    "os._exit": ("import os\nos._exit(3)\n", 1, "ended early with exit code 3"),
    "killed": ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n", 1, "killed by SIGKILL"),
    "not to be interrupted": (
        "import time\nwhile True:\n    try:\n        time.sleep(9)\n    except BaseException:\n        pass\n",
        1,
        "did not end within 2 s and was killed",
    ),
    "two of one id": (
        HEAD + "a = DAG('same', schedule=None)\nb = DAG('same', schedule=None)\n",
        5,
        "Ignoring DAG same from",
    ),
}

LIMITS = {"endless": (0.3, 30.0), "not to be interrupted": (0.3, 2.0)}


@pytest.fixture
def template() -> Iterator[LocalFork]:
    fork = LocalFork()
    yield fork
    fork.close()


def parse(template: LocalFork, path: Path, *, soft: float = 20.0, hard: float = 30.0) -> ParseReport:
    """Have one file parsed as the DAG processor does, deadline included."""
    clock = SystemClock()
    request = ParseRequest(
        path=str(path),
        dags_folder=str(path.parent),
        relative_path=path.name,
        import_timeout=soft,
        timeout=hard,
        memory_limit_mib=256,
    )
    pid, sock = template.spawn("parse", request)
    sock.setblocking(False)
    child = ParseChild(
        path=str(path),
        pid=pid,
        sock=sock,
        stamp=(0, 0),
        began_at=clock.now(),
        deadline=time.monotonic() + hard,
        timeout=hard,
    )
    while child.report is None and not child.has_closed:
        if not select.select([sock], [], [], max(0.0, child.deadline - time.monotonic()))[0]:
            child.kill()
            break
        child.receive()
    while child.report is None and not child.was_killed and child.ended is None:
        child.ended = next((one for one in template.events() if one.pid == pid), None)  # type: ignore[assignment]
    sock.close()
    return child.outcome()


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_one_import_error_with_file_line_and_reason(
    name: str, template: LocalFork, tmp_path: Path
) -> None:
    source, line, reason = BAD[name]
    path = tmp_path / "bad_file.py"
    path.write_text(source)
    # Only those that are meant to run into a limit have a short one.
    soft, hard = LIMITS.get(name, (20.0, 30.0))
    report = parse(template, path, soft=soft, hard=hard)
    assert len(report.errors) == 1
    where, text = report.errors[0]
    assert where == str(path)
    assert f'File "{path}", line {line}' in text
    assert reason in text.splitlines()[-1]


def test_one_bad_dag_leaves_the_others_of_its_file_alone(template: LocalFork, tmp_path: Path) -> None:
    path = tmp_path / "mixed.py"
    path.write_text(
        HEAD
        + DAG_LINE.format("good")
        + "Op(task_id='a')\n"
        + DAG_LINE.format("round")
        + "a, b = Op(task_id='a'), Op(task_id='b'); a >> b >> a\n"
    )
    report = parse(template, path)
    assert len(report.specs) == 1
    assert [where for where, _ in report.errors] == [str(path)]


def test_a_parse_leaves_no_trace_of_the_machinery_in_the_error(template: LocalFork, tmp_path: Path) -> None:
    path = tmp_path / "bad_file.py"
    path.write_text("raise RuntimeError('x')\n")
    [(_, text)] = parse(template, path).errors
    assert text.splitlines()[0] == "Traceback (most recent call last):"
    assert "importlib" not in text
    assert "dag_files.py" not in text
