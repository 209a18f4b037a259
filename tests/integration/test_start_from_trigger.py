"""Tasks that begin in the triggerer: no worker before the trigger has fired, as Airflow 2.10 does it."""

from __future__ import annotations

import json
import select
from contextlib import closing
from pathlib import Path

import pytest

from tradewind.storage.rows import TriggerRow
from tradewind.testing import ephemeral
from tradewind.testing.server import EphemeralServer, Tasks

TRIGGERS = """
from airflow.triggers.base import BaseTrigger, TriggerEvent


class Says(BaseTrigger):
    def __init__(self, word, secret="none"):
        super().__init__()
        self.word, self.secret = word, secret

    def serialize(self):
        return "said_by_triggers.Says", {"word": self.word, "secret": self.secret}

    async def run(self):
        yield TriggerEvent(self.word)
"""
DAG = """
import sys
from datetime import datetime, timedelta

from airflow import DAG
from airflow.models.baseoperator import BaseOperator
from airflow.sensors.date_time import DateTimeSensorAsync
from airflow.triggers.base import StartTriggerArgs


class Hears(BaseOperator):
    start_trigger_args = StartTriggerArgs(
        trigger_cls="said_by_triggers.Says", trigger_kwargs={"word": "default"}, next_method="go_on",
        next_kwargs={"given": (1, 2)}, timeout=timedelta(minutes=5),
    )
    start_from_trigger = True

    def __init__(self, word=None, start_from_trigger=True, trigger_kwargs=None, **kwargs):
        super().__init__(**kwargs)
        self.start_from_trigger = start_from_trigger

    def execute(self, context):
        return "executed"

    def go_on(self, context, event=None, given=None):
        if event == "fail once" and context["ti"].try_number == 1:
            raise RuntimeError("once")
        return [event, context["ti"].try_number, given]


with DAG("starts", start_date=datetime(2024, 1, 1), schedule=None):
    Hears(task_id="plain")
    Hears(task_id="worker", start_from_trigger=False)
    Hears.partial(task_id="alike").expand(word=["a", "b"])
    Hears.partial(task_id="differ").expand(
        word=["x", "y"], trigger_kwargs=[{"word": "one"}, {"word": "two", "secret": "geheim"}]
    )
    Hears.partial(task_id="chosen").expand_kwargs([{"start_from_trigger": False}, {"trigger_kwargs": {"word": "here"}}])
    Hears.partial(task_id="again", retries=1, retry_delay=timedelta(0), trigger_kwargs={"word": "fail once"}).expand(
        word=["only"]
    )
    DateTimeSensorAsync(task_id="dated", target_time="2024-01-01T00:00:00+00:00", start_from_trigger=True)
"""


@pytest.mark.parametrize("tasks", ["worker", "inline"])
def test_tasks_begin_in_the_triggerer(tmp_path: Path, tasks: Tasks, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "dags"
    folder.mkdir()
    (folder / "said_by_triggers.py").write_text(TRIGGERS)
    (folder / "starts.py").write_text(DAG)
    monkeypatch.syspath_prepend(str(folder))
    with ephemeral(folder, tasks=tasks) as server:
        server.wait_for_dag("starts")
        assert server.api.post("/dags/starts/dagRuns", {"dag_run_id": "one"}).status_code == 200
        run = server.wait_for_run("starts", "one")
        rows = server.api.get("/dags/starts/dagRuns/one/taskInstances").json()["task_instances"]
        shown = {(row["task_id"], row["map_index"]): row for row in rows}
        assert run.state == "success", {key: row["state"] for key, row in shown.items()}

        def said(task_id: str, index: int = -1) -> object:
            path = f"/dags/starts/dagRuns/one/taskInstances/{task_id}/xcomEntries/return_value"
            answer = server.api.get(path, params={"map_index": index}).json()
            return json.loads(answer["value"].replace("'", '"').replace("(", "[").replace(")", "]"))

        given = [1, 2]
        assert said("plain") == ["default", 1, given]
        assert [said("alike", index) for index in (0, 1)] == [["default", 1, given]] * 2
        assert [said("differ", index) for index in range(4)] == [["one", 1, given], ["two", 1, given]] * 2
        assert said("chosen", 1) == ["here", 1, given]
        assert said("again", 0) == ["fail once", 2, given]
        assert shown["plain", -1]["try_number"] == 1 and shown["again", 0]["try_number"] == 2
        assert shown["dated", -1]["state"] == "success"
        executed = "/dags/starts/dagRuns/one/taskInstances/worker/xcomEntries/return_value"
        assert server.api.get(executed).json()["value"] == "executed"


def _deferred(server: EphemeralServer, count: int) -> list[TriggerRow]:
    """The triggers of the open run, once so many tasks wait."""
    with closing(server.database.listen()) as listener:
        while True:
            with server.database.read() as tx:
                rows = [row for run in tx.runs.open_keys() for row in tx.task_instances.of_run(run)]
                waiting = [row for row in rows if row.state == "deferred"]
                if len(waiting) == count:
                    return tx.triggers.get(row.trigger_id for row in waiting if row.trigger_id)
            assert select.select([listener], [], [], 10)[0], " ".join(
                f"{row.task_id}{row.map_index}" for row in waiting
            )
            listener.drain()


def test_arguments_wait_encrypted_and_nothing_takes_a_slot(tmp_path: Path) -> None:
    folder = tmp_path / "dags"
    folder.mkdir()
    (folder / "said_by_triggers.py").write_text(
        TRIGGERS.replace("yield", "import asyncio; await asyncio.sleep(600); yield")
    )
    (folder / "starts.py").write_text(DAG)
    with ephemeral(folder, tasks="worker") as server:
        server.wait_for_dag("starts")
        server.api.patch("/pools/default_pool?update_mask=slots", {"slots": 0})
        server.api.post("/dags/starts/dagRuns", {"dag_run_id": "one"})
        stored = _deferred(server, 9)
        assert not [row for row in stored if "word" in row.kwargs or "geheim" in row.kwargs]
        shown = server.api.get("/dags/starts/dagRuns/one/taskInstances/differ/1").json()
        assert shown["trigger"]["kwargs"] == "{'word': 'two', 'secret': 'geheim'}"
        assert shown["state"] == "deferred" and shown["start_date"]
