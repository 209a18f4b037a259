"""DAGs that wait for, trigger and clear one another; datasets."""

from airflow.datasets import Dataset, DatasetAlias
from airflow.decorators import task
from airflow.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sensors.external_task import ExternalTaskMarker, ExternalTaskSensor
from story_parts import dag, fail, is_there, py

with dag("cross_target", params={"n": 1}):

    @task
    def shows(params, dag_run):
        return [params["n"], dag_run.conf, dag_run.run_type, dag_run.external_trigger]

    shows()

with dag("cross_failing"):
    py("fails", fail)

with dag("cross_paused", is_paused_upon_creation=True):
    py("a")

with dag("cross_triggers"):
    TriggerDagRunOperator(
        task_id="with_conf",
        trigger_dag_id="cross_target",
        trigger_run_id="by_{{ run_id }}",
        logical_date="2024-01-01T00:00:00+00:00",
        conf={"n": "{{ ti.task_id }}"},
    )
    TriggerDagRunOperator(
        task_id="waits",
        trigger_dag_id="cross_target",
        trigger_run_id="waited_{{ run_id }}",
        logical_date="2024-01-02T00:00:00+00:00",
        wait_for_completion=True,
        poke_interval=1,
    )
    TriggerDagRunOperator(
        task_id="waits_deferred",
        trigger_dag_id="cross_failing",
        trigger_run_id="deferred",
        logical_date="2024-01-03T00:00:00+00:00",
        wait_for_completion=True,
        deferrable=True,
        poke_interval=1,
        allowed_states=["failed"],
        failed_states=["success"],
    )
    again = TriggerDagRunOperator(
        task_id="again",
        trigger_dag_id="cross_target",
        trigger_run_id="by_r",
        logical_date="2024-01-01T00:00:00+00:00",
        skip_when_already_exists=True,
        trigger_rule="all_done",
    )
    again.set_upstream(again.dag.get_task("with_conf"))

with dag("cross_parent"):
    (
        py("first")
        >> ExternalTaskMarker(task_id="marks", external_dag_id="cross_child", external_task_id="waits")
        >> py("last")
    )

with dag("cross_child"):
    (
        ExternalTaskSensor(
            task_id="waits",
            external_dag_id="cross_parent",
            external_task_id="marks",
            poke_interval=0.5,
            mode="reschedule",
        )
        >> py("work")
        >> ExternalTaskMarker(task_id="marks", external_dag_id="cross_grandchild", external_task_id="only")
    )

with dag("cross_grandchild"):
    py("only") >> py("after")


def consumer(name, schedule):
    with dag(name, schedule=schedule, is_paused_upon_creation=False):

        @task
        def seen(triggering_dataset_events):
            return {
                uri: [[event.extra, event.source_dag_id, event.source_map_index] for event in events]
                for uri, events in sorted(triggering_dataset_events.items())
            }

        seen()


consumer("reads_alias", DatasetAlias("story"))
with dag("writes_alias"):

    @task(outlets=[DatasetAlias("story")])
    def chosen(*, outlet_events):
        outlet_events["story"].add(Dataset("s3://story/chosen"), extra={"k": 1})

    @task(outlets=[DatasetAlias("unused")])
    def nothing():
        pass

    chosen() >> nothing()

is_there(__file__)
