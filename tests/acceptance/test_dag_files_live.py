"""DAG files that come, change and go under a running server."""

from __future__ import annotations

import zipfile

from acceptance.live_server import LiveServer

HEAD = """
import pendulum

from airflow import DAG
from airflow.operators.bash import BashOperator
from airflow.operators.empty import EmptyOperator

BASE = dict(start_date=pendulum.datetime(2024, 1, 1), schedule=None, is_paused_upon_creation=False)
"""


def dag(dag_id: str, *task_ids: str) -> str:
    lines = [f"with DAG({dag_id!r}, **BASE):", *(f"    EmptyOperator(task_id={task_id!r})" for task_id in task_ids)]
    return HEAD + "\n".join(lines) + "\n"


def is_seen(server: LiveServer, dag_id: str) -> bool:
    return any(row["dag_id"] == dag_id for row in server.get("/dags?limit=1000")["dags"])


def task_ids(server: LiveServer, dag_id: str) -> list[str]:
    return sorted(task["task_id"] for task in server.get(f"/dags/{dag_id}/tasks")["tasks"])


def errors(server: LiveServer) -> dict[str, str]:
    found = server.get("/importErrors?limit=1000")["import_errors"]
    return {entry["filename"].rsplit("/", 1)[-1]: entry["stack_trace"] for entry in found}


def test_a_file_comes_changes_and_goes(server: LiveServer) -> None:
    path = server.put_dag("comes.py", dag("comes", "a"))
    server.wait_for_dag("comes")
    run_id = server.trigger("comes")
    assert server.wait_for_run("comes", run_id) == "success"

    server.put_dag("comes.py", dag("comes", "a", "b"))
    server.wait_until(lambda: task_ids(server, "comes") == ["a", "b"], "the new task is seen")
    run_id = server.trigger("comes")
    assert server.wait_for_run("comes", run_id) == "success"
    assert server.task_states("comes", run_id) == {"a": "success", "b": "success"}

    path.unlink()
    server.wait_until(lambda: not is_seen(server, "comes"), "the DAG is gone from the list")
    assert server.get("/dags/comes")["is_active"] is False
    assert server.get("/dags/comes/dagRuns")["total_entries"] == 2

    server.put_dag("comes.py", dag("comes", "c"))
    server.wait_until(lambda: is_seen(server, "comes"), "it is back")
    assert server.wait_for_run("comes", server.trigger("comes")) == "success"


def test_a_dag_that_leaves_its_file_goes_and_others_stay(server: LiveServer) -> None:
    server.put_dag("two.py", dag("stays", "a") + dag("leaves", "a"))
    server.wait_for_dag("leaves")
    server.put_dag("two.py", dag("stays", "a"))
    server.wait_until(lambda: not is_seen(server, "leaves"), "it is gone")
    assert is_seen(server, "stays")


def test_a_broken_file_keeps_its_dags_until_it_is_mended(server: LiveServer) -> None:
    server.put_dag("breaks.py", dag("breaks", "a"))
    server.wait_for_dag("breaks")
    server.put_dag("breaks.py", dag("breaks", "a") + "raise ValueError('just now')\n")
    server.wait_until(lambda: "ValueError: just now" in errors(server).get("breaks.py", ""), "the error is told")
    assert server.get("/dags/breaks")["has_import_errors"] is True
    server.put_dag("breaks.py", dag("breaks", "b"))
    server.wait_until(lambda: "breaks.py" not in errors(server), "the error is gone")
    assert task_ids(server, "breaks") == ["b"]
    assert server.get("/dags/breaks")["has_import_errors"] is False


def test_what_is_ignored_is_not_seen(server: LiveServer) -> None:
    folder = server.dags / "team"
    folder.mkdir()
    (folder / ".airflowignore").write_text("hidden\n# a comment\nsub/.*_draft\\.py\n")
    (folder / "sub").mkdir()
    (folder / "hidden_one.py").write_text(dag("hidden", "a"))
    (folder / "sub" / "x_draft.py").write_text(dag("draft", "a"))
    (folder / "sub" / "x_final.py").write_text(dag("final", "a"))
    server.wait_for_dag("final")
    assert not is_seen(server, "hidden")
    assert not is_seen(server, "draft")


def test_a_module_beside_it_is_part_of_a_file(server: LiveServer) -> None:
    """When only what it imports has changed, the file is parsed again."""
    (server.dags / "names_of_tasks.py").write_text("NAMES = ['a']\n")
    source = f"{HEAD}from names_of_tasks import NAMES\nwith DAG('imports', **BASE):\n"
    server.put_dag("imports.py", source + "    [EmptyOperator(task_id=name) for name in NAMES]\n")
    server.wait_for_dag("imports")
    (server.dags / "names_of_tasks.py").write_text("NAMES = ['a', 'bb']\n")
    server.wait_until(lambda: task_ids(server, "imports") == ["a", "bb"], "the change is seen")
    run_id = server.trigger("imports")
    assert server.wait_for_run("imports", run_id) == "success"


def test_a_zip_is_a_folder_of_files(server: LiveServer) -> None:
    made = server.home / "packed.zip"
    with zipfile.ZipFile(made, "w") as packed:
        packed.writestr("packed_helper.py", "COMMAND = 'echo from a zip'\n")
        packed.writestr(
            "packed.py",
            f"{HEAD}from packed_helper import COMMAND\nwith DAG('packed', **BASE):\n"
            "    BashOperator(task_id='a', bash_command=COMMAND)\n",
        )
    made.replace(server.dags / "packed.zip")
    server.wait_for_dag("packed")
    run_id = server.trigger("packed")
    assert server.wait_for_run("packed", run_id) == "success"
    entry = server.get(f"/dags/packed/dagRuns/{run_id}/taskInstances/a/xcomEntries/return_value")
    assert entry["value"] == "from a zip"


def test_a_file_may_change_while_its_run_goes(server: LiveServer) -> None:
    """A task that runs goes on with its code; the next one has the new."""

    def source(word: str) -> str:
        wait = f"touch {server.home}/{word}_begun; until [ -e {server.home}/go_on ]; do sleep 0.1; done; echo {word}"
        return (
            f"{HEAD}with DAG('changes', **BASE):\n"
            f"    BashOperator(task_id='a', bash_command={wait!r}) >> BashOperator(task_id='b',"
            f" bash_command='echo {word}')\n"
        )

    server.put_dag("changes.py", source("old"))
    server.wait_for_dag("changes")
    run_id = server.trigger("changes")
    server.wait_until((server.home / "old_begun").exists, "the first task runs")
    old = server.get("/dags/changes")["last_parsed_time"]
    server.put_dag("changes.py", source("new"))
    server.wait_until(lambda: server.get("/dags/changes")["last_parsed_time"] != old, "the change is seen")
    (server.home / "go_on").touch()
    assert server.wait_for_run("changes", run_id) == "success"
    path = f"/dags/changes/dagRuns/{run_id}/taskInstances"
    assert server.get(f"{path}/a/xcomEntries/return_value")["value"] == "old"
    assert server.get(f"{path}/b/xcomEntries/return_value")["value"] == "new"


def test_a_task_that_has_left_its_dag_is_removed_from_a_run_that_goes(server: LiveServer) -> None:
    def source(extra: str) -> str:
        wait = f"touch {server.home}/leaving_begun; until [ -e {server.home}/leave ]; do sleep 0.1; done"
        return (
            f"{HEAD}with DAG('shrinks', **BASE):\n"
            f"    a = BashOperator(task_id='a', bash_command={wait!r})\n    a >> EmptyOperator(task_id='b')\n{extra}"
        )

    server.put_dag("shrinks.py", source("    a >> EmptyOperator(task_id='c')\n"))
    server.wait_for_dag("shrinks")
    run_id = server.trigger("shrinks")
    server.wait_until((server.home / "leaving_begun").exists, "the first task runs")
    server.put_dag("shrinks.py", source(""))
    server.wait_until(lambda: task_ids(server, "shrinks") == ["a", "b"], "the change is seen")
    (server.home / "leave").touch()
    assert server.wait_for_run("shrinks", run_id) == "success"
    assert server.task_states("shrinks", run_id) == {"a": "success", "b": "success", "c": "removed"}
