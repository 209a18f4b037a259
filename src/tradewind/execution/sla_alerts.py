"""Tells of missed service level agreements: the DAG's ``sla_miss_callback``, and mail to the tasks' addresses."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tradewind.sdk.settings_reader import conf
from tradewind.sdk.task_instance import TaskInstance
from tradewind.wire.messages import LaunchCallback

from .outcome import described

log = logging.getLogger("airflow.task")


@dataclass
class SlaMiss:
    """What callbacks get of a miss; the names are those of the row."""

    task_id: str
    dag_id: str
    execution_date: datetime
    timestamp: datetime
    email_sent: bool = False
    notification_sent: bool = False
    description: str | None = None


@dataclass
class Told:
    """What came of it."""

    was_told: bool = False
    email_sent: bool = False
    errors: tuple[str, ...] = ()


def tell(callback: LaunchCallback, dag: Any) -> Told:
    """Call the DAG's callbacks and send the mail; one that fails stops nobody else."""
    data = json.loads(callback.sla)
    slas = [
        SlaMiss(task_id, dag.dag_id, datetime.fromisoformat(at), datetime.fromisoformat(noticed))
        for task_id, at, noticed in data["slas"]
    ]
    blocking = [row for row in data["blocking"] if row[0] in dag.task_dict]
    task_list = "\n".join(f"{sla.task_id} on {sla.execution_date.isoformat()}" for sla in slas)
    blocking_list = "\n".join(f"{row[0]} on {row[4]}" for row in blocking)
    told = Told()
    functions = dag.sla_miss_callback or ()
    for function in functions if isinstance(functions, list | tuple) else (functions,):
        try:
            function(dag, task_list, blocking_list, slas, [_instance(callback, dag, row) for row in blocking])
            told.was_told = True
        except Exception as error:
            log.exception("Could not call the sla_miss_callback of %s", dag.dag_id)
            told.errors = (*told.errors, described(error))
    _mail(dag, slas, task_list, blocking_list, told)
    return told


def _instance(callback: LaunchCallback, dag: Any, row: list[Any]) -> Any:
    task_id, run_id, map_index, state, at = row
    task = dag.task_dict[task_id]
    instance = TaskInstance.of_attempt(callback.attempt, task, dag, None)
    instance.task_id, instance.run_id, instance.map_index, instance.state = task_id, run_id, map_index, state
    instance.task = task
    instance._logical_date = datetime.fromisoformat(at)
    return instance


def _mail(dag: Any, slas: list[SlaMiss], task_list: str, blocking_list: str, told: Told) -> None:
    from tradewind.sdk.mail import get_email_address_list, send_email  # smtplib, ssl: only for those who get mail

    tasks = [dag.task_dict[sla.task_id] for sla in slas if sla.task_id in dag.task_dict]
    addresses = sorted({one for task in tasks if task.email for one in get_email_address_list(task.email)})
    if not addresses:
        return
    text = (
        f"These tasks of DAG {dag.dag_id} have missed their SLA:\n<pre><code>{task_list}\n</code></pre>\n"
        f"These tasks have not succeeded and may be in their way:\n<pre><code>{blocking_list}\n</code></pre>\n"
        f"Web server: {conf.get('webserver', 'base_url', fallback='')}"
    )
    try:
        send_email(addresses, f"[airflow] SLA miss on DAG={dag.dag_id}", text)
        told.email_sent = told.was_told = True
    except Exception as error:
        log.exception("Could not send the mail about missed SLAs of %s", dag.dag_id)
        told.errors = (*told.errors, described(error))
