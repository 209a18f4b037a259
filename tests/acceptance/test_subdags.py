"""SubDAGs go with their parent: shown, paused, cleared and deleted; a pool that would block them is refused."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from acceptance.live_server import LiveServer

DAGS = """
from datetime import datetime

from airflow.models.dag import DAG
from airflow.operators.empty import EmptyOperator
from airflow.operators.subdag import SubDagOperator
from airflow.operators.bash import BashOperator

BASE = dict(start_date=datetime(2024, 1, 1), schedule=None, is_paused_upon_creation=True)


def parent(dag_id, **arguments):
    with DAG(dag_id, **BASE) as dag:
        inner = DAG(f"{dag_id}.s", start_date=datetime(2024, 1, 1), schedule="@daily")
        BashOperator(task_id="x", bash_command="true", dag=inner, **arguments)
        SubDagOperator(task_id="s", subdag=inner, poke_interval=0.2, mode="reschedule", **arguments)
    return dag


whole = parent("whole")
"""
BLOCKED = DAGS.replace('whole = parent("whole")', 'blocked = parent("blocked", pool="narrow")')

pytestmark = pytest.mark.slow


def test_a_subdag_goes_with_its_parent(server: LiveServer) -> None:
    server.put_dag("whole.py", DAGS)
    server.wait_for_dag("whole.s")
    assert [dag["dag_id"] for dag in server.get("/dags?only_active=true")["dags"]] == ["whole"]
    inner = server.get("/dags/whole.s")
    assert (inner["is_subdag"], inner["root_dag_id"], inner["next_dagrun_create_after"]) == (True, "whole", None)
    assert inner["is_paused"] is True
    server.unpause("whole")
    assert server.get("/dags/whole.s")["is_paused"] is False

    run_id = server.trigger("whole", logical_date="2024-03-01T00:00:00Z")
    server.wait_for_run("whole", run_id)
    (run,) = server.get("/dags/whole.s/dagRuns")["dag_runs"]
    assert (run["state"], run["run_type"], run["logical_date"]) == (
        "success",
        "scheduled",
        "2024-03-01T00:00:00+00:00",
    )

    wish = {"dry_run": False, "only_failed": False, "dag_run_id": run_id, "reset_dag_runs": True}
    cleared = server.post("/dags/whole/clearTaskInstances", {**wish, "include_subdags": True})["task_instances"]
    assert {(one["dag_id"], one["task_id"]) for one in cleared} == {("whole", "s"), ("whole.s", "x")}
    server.wait_for_run("whole", run_id)
    inner_run = f"/dags/whole.s/dagRuns/{run['dag_run_id']}/taskInstances/x"
    server.wait_until(lambda: server.get(inner_run)["try_number"] == 2, "the inner task ran again")

    command = [sys.executable, "-m", "tradewind", "tasks", "clear", "whole", "--yes"]
    environ = {**os.environ, "AIRFLOW_HOME": str(server.home)}
    subprocess.run(command, env=environ, check=True, capture_output=True)
    server.wait_until(lambda: server.get(inner_run)["try_number"] == 3, "the command line clears it too")
    server.wait_for_run("whole", run_id)

    (server.dags / "whole.py").unlink()
    server.wait_until(lambda: not server.get("/dags/whole")["is_active"], "the file is gone")
    assert server.request("DELETE", "/dags/whole").status == 204
    assert server.request("GET", "/dags/whole.s").status == 404


def test_a_pool_of_one_slot_for_both_is_refused(server: LiveServer) -> None:
    server.post("/pools", {"name": "narrow", "slots": 1})
    server.put_dag("blocked.py", BLOCKED)
    (error,) = server.wait_until(lambda: server.get("/importErrors")["import_errors"], "the import error is there")
    assert (
        "SubDagOperator s and subdag task x both use pool narrow, but the pool only has 1 slot. "
        "The subdag tasks will never run." in error["stack_trace"]
    )
    server.request("PATCH", "/pools/narrow", {"name": "narrow", "slots": 2})
    (server.dags / "blocked.py").write_text(BLOCKED + "# again\n")
    server.wait_for_dag("blocked.s")
