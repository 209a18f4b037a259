"""### Release train

Branching: on some days the full suite runs, on the others a quick check. Whatever was chosen, the train leaves, and a
short circuit stops the announcement when nobody asked for one. Edges carry labels.
"""

from __future__ import annotations

import pendulum
from airflow.decorators import task
from airflow.models.param import Param
from airflow.operators.bash import BashOperator
from airflow.operators.empty import EmptyOperator
from airflow.utils.edgemodifier import Label
from airflow.utils.task_group import TaskGroup
from airflow.utils.trigger_rule import TriggerRule

from airflow import DAG

with DAG(
    dag_id="release_train",
    schedule="0 6 * * 1-5",
    start_date=pendulum.datetime(2026, 1, 1, tz="Europe/Amsterdam"),
    catchup=False,
    doc_md=__doc__,
    params={"announce": Param(True, type="boolean", description="Tell people about it?")},
    tags=["example", "branching", "groups"],
):
    build = BashOperator(task_id="build", bash_command="echo 'built {{ ds_nodash }}.{{ dag_run.run_type }}'")

    @task.branch
    def how_thorough(logical_date: pendulum.DateTime | None = None) -> str:
        """Everything on Mondays and Thursdays."""
        return "full_suite" if logical_date and logical_date.day_of_week in (0, 3) else "smoke_test"

    with TaskGroup("full_suite", tooltip="Half an hour on a real farm of machines, one second here") as full_suite:
        prepare = EmptyOperator(task_id="prepare")
        for part in ("api", "ui", "upgrade"):
            prepare >> BashOperator(task_id=f"test_{part}", bash_command=f"sleep 1; echo '{part}: all green'")

    smoke_test = BashOperator(task_id="smoke_test", bash_command="echo 'it starts'")
    publish = EmptyOperator(task_id="publish", trigger_rule=TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS)

    @task.short_circuit
    def wants_announcement(params: dict | None = None) -> bool:
        """The form's tick box."""
        return bool(params and params["announce"])

    announce = BashOperator(task_id="announce", bash_command="echo 'Version {{ ds_nodash }} is out'")

    choice = how_thorough()
    build >> choice
    choice >> Label("Monday, Thursday") >> full_suite >> publish
    choice >> Label("other days") >> smoke_test >> publish
    publish >> wants_announcement() >> announce
