"""Deferrable tasks on a whole server: what section 13 of Airflow's behaviour says, and a triggerer that is killed."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from acceptance.live_server import LiveServer, live_server

TRIGGERS = '''
import asyncio
import os
from airflow.triggers.base import BaseTrigger, TriggerEvent


class Waits(BaseTrigger):
    """Notes its start, and fires when the file is there."""

    def __init__(self, path, name):
        super().__init__()
        self.path, self.name = path, name

    def serialize(self):
        return "kept_triggers.Waits", {"path": self.path, "name": self.name}

    async def run(self):
        with open(self.path + ".started", "a") as file:
            file.write(f"{self.name}\\n")
        while not os.path.exists(self.path):
            await asyncio.sleep(0.02)
        yield TriggerEvent({"name": self.name, "pair": (1, 2)})
        yield TriggerEvent("a second event")


class Fires(BaseTrigger):
    def serialize(self):
        return "kept_triggers.Fires", {}

    async def run(self):
        yield TriggerEvent(True)


class Raises(BaseTrigger):
    def serialize(self):
        return "kept_triggers.Raises", {}

    async def run(self):
        await asyncio.sleep(0)
        raise RuntimeError("no such host")
        yield
'''
DAGS = """
import os
from datetime import datetime, timedelta

from airflow import DAG
from airflow.models.baseoperator import BaseOperator
from airflow.operators.empty import EmptyOperator
from airflow.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sensors.base import BaseSensorOperator
from airflow.sensors.date_time import DateTimeSensorAsync
from airflow.sensors.external_task import ExternalTaskSensor
from airflow.sensors.filesystem import FileSensor
from airflow.sensors.time_delta import TimeDeltaSensorAsync
from kept_triggers import Fires, Raises, Waits

PATH = os.environ["DEFERRAL_FILE"]
START = datetime(2024, 1, 1)


class Defers(BaseOperator):
    def __init__(self, make, method="go_on", again=False, timeout=None, **kwargs):
        super().__init__(**kwargs)
        self.make, self.method, self.again, self.timeout = make, method, again, timeout

    def execute(self, context):
        given = {"given": self.task_id}
        self.defer(trigger=self.make(self), method_name=self.method, kwargs=given, timeout=self.timeout)

    def go_on(self, context, event=None, given=None):
        with open(PATH + ".effects", "a") as file:
            file.write(f"{given} {context['ti'].try_number}\\n")
        print("went on with", event)
        if self.again and context["ti"].try_number == 1:
            raise ValueError("once more")
        return event


class SoftSensor(BaseSensorOperator):
    def execute(self, context):
        self.defer(trigger=Raises(), method_name="never")


def waits(task):
    return Waits(PATH, task.task_id)


with DAG("waiting", start_date=START, schedule=None, is_paused_upon_creation=False):
    for number in range(10):
        Defers(task_id=f"t{number}", make=waits) >> EmptyOperator(task_id=f"after{number}")

quick = {"retries": 1, "retry_delay": timedelta(seconds=0)}
with DAG("facts", start_date=START, schedule=None, is_paused_upon_creation=False):
    Defers(task_id="goes_on", make=lambda task: Fires())
    Defers(task_id="raises", make=lambda task: Raises())
    Defers(task_id="raises_twice", make=lambda task: Raises(), **quick)
    Defers(task_id="method_raises_once", make=lambda task: Fires(), again=True, **quick)
    Defers(task_id="no_method", make=lambda task: Fires(), method="nowhere")
    Defers(task_id="too_long", make=lambda task: Waits("/nowhere/at/all", "x"), timeout=timedelta(seconds=0.2))
    SoftSensor(task_id="soft", soft_fail=True)
    DateTimeSensorAsync(task_id="ends_in_trigger", target_time="{{ logical_date.isoformat() }}", end_from_trigger=True)
    TimeDeltaSensorAsync(task_id="delta", delta=timedelta(seconds=0))
    DateTimeSensorAsync(task_id="moment", target_time="{{ logical_date.isoformat() }}")
    kick = TriggerDagRunOperator(
        task_id="kick", trigger_dag_id="target", logical_date="{{ ts }}", wait_for_completion=True, deferrable=True,
        poke_interval=1,
    )
    kick >> ExternalTaskSensor(
        task_id="sees", external_dag_id="target", external_task_id="only", deferrable=True, poll_interval=0.1
    )
    FileSensor(task_id="file", filepath=__file__, deferrable=True, poke_interval=0.1)

with DAG("target", start_date=START, schedule=None, is_paused_upon_creation=False):
    EmptyOperator(task_id="only")
"""


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def served(
    request: pytest.FixtureRequest, tmp_path: Path, new_postgres_url: Callable[..., str]
) -> Iterator[LiveServer]:
    environ = {
        "DEFERRAL_FILE": str(tmp_path / "flag"),
        "AIRFLOW_CONN_FS_DEFAULT": "fs://",
        "AIRFLOW__CORE__PARALLELISM": "4",
    }
    if request.param == "postgresql":
        environ["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] = new_postgres_url()
    with live_server(tmp_path / "home", **environ) as server:
        server.put_dag("kept_triggers.py", TRIGGERS)
        server.put_dag("deferral.py", DAGS)
        server.wait_for_dag("target")
        yield server


def lines(path: Path) -> Counter[str]:
    return Counter(path.read_text().splitlines()) if path.exists() else Counter()


def test_a_triggerer_that_is_killed_loses_nothing_and_nothing_comes_twice(served: LiveServer, tmp_path: Path) -> None:
    run_id = served.trigger("waiting")
    started, names = tmp_path / "flag.started", {f"t{number}" for number in range(10)}

    def started_times(count: int) -> bool:
        seen = lines(started)
        return all(seen[name] >= count for name in names)

    served.wait_until(lambda: started_times(1), "all triggers run")
    waiting = served.get(f"/dags/waiting/dagRuns/{run_id}/taskInstances/t3")
    assert waiting["state"] == "deferred"
    assert waiting["trigger"]["classpath"] == "kept_triggers.Waits"
    assert waiting["trigger"]["kwargs"] == str({"path": str(tmp_path / "flag"), "name": "t3"})
    assert waiting["triggerer_job"]["job_type"] == "TriggererJob"
    for times in (2, 3):
        served.role("triggerer").send_signal(signal.SIGKILL)
        served.wait_until(lambda times=times: started_times(times), "the next triggerer runs them all")
    served.role("scheduler").send_signal(signal.SIGKILL)
    (tmp_path / "flag").touch()
    served.wait_until(served.is_healthy, "the server is healthy again")
    assert served.wait_for_run("waiting", run_id) == "success"
    assert lines(tmp_path / "flag.effects") == Counter({f"{name} 1": 1 for name in names})


def test_the_facts_of_deferral(served: LiveServer, tmp_path: Path) -> None:
    run_id = served.trigger("facts", logical_date="2024-06-01T00:00:00+00:00")
    assert served.wait_for_run("facts", run_id) == "failed"
    path = f"/dags/facts/dagRuns/{run_id}/taskInstances"
    rows = {row["task_id"]: row for row in served.get(path)["task_instances"]}
    assert {name: f"{row['state']} {row['try_number']}" for name, row in rows.items()} == {
        "goes_on": "success 1",
        "raises": "failed 1",
        "raises_twice": "failed 2",
        "method_raises_once": "success 2",
        "no_method": "failed 1",
        "too_long": "failed 1",
        "soft": "skipped 1",
        "delta": "success 1",
        "moment": "success 1",
        "ends_in_trigger": "success 1",
        "kick": "success 1",
        "sees": "success 1",
        "file": "success 1",
    }
    effects = lines(tmp_path / "flag.effects")
    assert effects == Counter({"goes_on 1": 1, "method_raises_once 1": 1, "method_raises_once 2": 1})

    def xcoms(task_id: str) -> set[str]:
        return {entry["key"] for entry in served.get(f"{path}/{task_id}/xcomEntries")["xcom_entries"]}

    assert xcoms("delta") == {"return_value"}
    assert xcoms("moment") == set()
    assert xcoms("kick") == {"trigger_run_id", "trigger_logical_date_iso"}
    log = served.request("GET", f"{path}/raises/logs/1?full_content=true").text
    assert "RuntimeError: no such host" in log
    assert "Trigger kept_triggers.Raises" in log
    assert served.get("/health")["triggerer"]["status"] == "healthy"
