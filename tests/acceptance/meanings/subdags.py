"""DAGs that run as one task of another: how their run is made, what it knows, and what its end means to the parent."""

import warnings
from datetime import timedelta

import pendulum
from airflow.exceptions import AirflowException, AirflowSkipException
from airflow.models.dag import DAG
from airflow.models.dagrun import DagRun
from airflow.models.variable import Variable
from airflow.operators.empty import EmptyOperator
from airflow.operators.python import PythonOperator
from airflow.operators.subdag import SkippedStatePropagationOptions, SubDagOperator

warnings.filterwarnings("ignore", message=r"This class is deprecated\. Please use")
ARGUMENTS = {"retries": 0, "retry_delay": timedelta(seconds=1), "start_date": pendulum.datetime(2021, 1, 1, tz="UTC")}


def fine(dag, dag_run, params, data_interval_start, data_interval_end, **context):
    return {
        "run": [dag_run.run_id, str(dag_run.run_type), dag_run.external_trigger, dag_run.conf],
        "dates": [str(date) for date in (dag_run.execution_date, data_interval_start, data_interval_end)],
        "dag": [dag.dag_id, dag.is_subdag, dag.parent_dag.dag_id, dict(params)],
    }


def fails():
    raise AirflowException("no")


def skips():
    raise AirflowSkipException("not today")


def fails_once(dag):
    name = f"failed {dag.dag_id}"
    if Variable.get(name, None) is None:
        Variable.set(name, "once")
        raise AirflowException("the first time")


def pull(dag, ti):
    return ti.xcom_pull(task_ids="x", dag_id=f"{dag.dag_id}.s", include_prior_dates=True)


def look(dag, dag_run):
    """The SubDAG's run, as its parent sees it."""
    (run,) = DagRun.find(dag_id=f"{dag.dag_id}.s", execution_date=dag_run.execution_date)
    return {
        "state": str(run.state),
        "tasks": {one.task_id: [str(one.state), one.try_number] for one in sorted(run.get_task_instances(), key=str)},
    }


def subdag(parent, **functions):
    with DAG(f"{parent}.s", default_args=ARGUMENTS, schedule="@daily", catchup=False) as dag:
        for name, function in functions.items():
            PythonOperator(task_id=name, python_callable=function)
    return dag


def parent(dag_id, functions, conf=None, propagates=None, params=None, **arguments):
    with DAG(dag_id, default_args=ARGUMENTS, schedule=None, params=params) as dag:
        inner = SubDagOperator(
            task_id="s",
            subdag=subdag(dag_id, **functions),
            poke_interval=1,
            conf=conf,
            propagate_skipped_state=propagates,
            **arguments,
        )
        after = EmptyOperator(task_id="after")
        inner >> after >> EmptyOperator(task_id="last")
        inner >> PythonOperator(task_id="look", python_callable=look, trigger_rule="all_done")
    return dag


fine_dag = parent("sub_fine", {"x": fine}, conf={"k": "v"}, params={"p": 1}, mode="poke")
fine_dag.get_task("look") >> PythonOperator(task_id="pull", python_callable=pull, dag=fine_dag)
failing_dag = parent("sub_fails", {"x": fine, "y": fails})
retried_dag = parent("sub_retried", {"x": fine, "y": fails_once}, retries=2)

for label, option in (
    ("all", SkippedStatePropagationOptions.ALL_LEAVES),
    ("any", SkippedStatePropagationOptions.ANY_LEAF),
    ("none", None),
):
    for number in (1, 2):
        name = f"sub_skips_{label}_{number}_of_2"
        globals()[name] = parent(
            name, {"x": skips, "y": skips if number == 2 else fine}, propagates=option, mode="reschedule"
        )

with DAG("sub_nested", default_args=ARGUMENTS, schedule=None) as nested:
    with DAG("sub_nested.s", default_args=ARGUMENTS, schedule=None) as middle:
        inner = DAG("sub_nested.s.t", default_args=ARGUMENTS, schedule=None)
        PythonOperator(task_id="x", python_callable=fine, dag=inner)
        SubDagOperator(task_id="t", subdag=inner, poke_interval=1, mode="reschedule") >> EmptyOperator(task_id="x")
    SubDagOperator(task_id="s", subdag=middle, poke_interval=1, mode="reschedule") >> PythonOperator(
        task_id="look", python_callable=look
    )
