"""The context and Jinja: names, formats, native rendering, files, what fails a task."""

import pendulum
from airflow.decorators import task
from airflow.operators.bash import BashOperator
from airflow.operators.python import PythonOperator
from airflow.utils.template import literal

from airflow import DAG

BASE = dict(start_date=pendulum.datetime(2024, 1, 1), schedule=None)

with DAG("context_names", **BASE):

    @task
    def names(**context):
        return sorted(context)

    @task
    def kinds(**context):
        assert context["ti"] is context["task_instance"]
        assert context["dag_run"].run_id == context["run_id"] == "r"
        assert context["test_mode"] is False
        assert context["prev_data_interval_start_success"] is None
        assert context["prev_start_date_success"] is None
        assert context["params"] == {}
        assert context["logical_date"] == context["data_interval_start"] == context["data_interval_end"]
        assert context["ti"].try_number == 1
        assert context["ti"].map_index == -1
        return {
            name: str(context[name])
            for name in ("ds", "ds_nodash", "ts", "ts_nodash", "ts_nodash_with_tz", "task_instance_key_str")
        } | {name: type(context[name]).__name__ for name in ("ti", "dag_run", "dag", "task", "logical_date")}

    names()
    kinds()

with DAG("jinja", params={"n": 1, "words": ["a"], "text": "007"}, user_defined_macros={"mine": 5}, **BASE):
    shown = {
        "dates": "{{ ds }} {{ ts }} {{ prev_ds }} {{ next_ds }} {{ yesterday_ds }} {{ tomorrow_ds }} {{ execution_date }}",
        "macros": "{{ macros.ds_add(ds, 2) }} {{ macros.ds_format(ds, '%Y-%m-%d', '%d.%m.%y') }} {{ mine }}",
        "defaults": "{{ nobody | default('d') }} {{ var.value.get('nobody', 'e') }} {{ params.n }}",
        "more": "{{ macros.datetime(2024, 1, 2) | ds }} {{ dag.dag_id }} {{ task.task_id }} {{ run_id }} {{ ti.task_id }}",
        "prior": "{{ prev_start_date_success }} {{ conf.get('core', 'dags_are_paused_at_creation') }}",
        "parts": "{{ logical_date | ts }} {{ logical_date | ds_nodash }} {{ logical_date.year }} {{ dag_run.conf }}",
    }
    for name, text in shown.items():
        BashOperator(task_id=name, bash_command=f'echo "{text}"')
    for name, text in {
        "undefined": "{{ x }}",
        "missing_param": "{{ params.no }}",
        "missing_variable": "{{ var.value.nobody }}",
        "missing_connection": "{{ conn.nobody.host }}",
        "syntax": "{{ ",
        "error": "{{ 1 / 0 }}",
        "missing_file": "nobody.sh",
        "literal_command": literal("{{ ds }}"),
    }.items():
        BashOperator(task_id=name, bash_command=text)
    BashOperator(task_id="no_file", bash_command="echo hello.sh ")
    BashOperator(task_id="file", bash_command="said.sh")

    def args(*args, **kwargs):
        return list(args)

    PythonOperator(task_id="literal_arg", python_callable=args, op_args=[literal("{{ ds }}"), "{{ ds }}"])
    PythonOperator(
        task_id="nested",
        python_callable=lambda given: given,
        op_kwargs={"given": {"{{ ds }}": ["{{ ds }}", {"a": ("{{ ds }}",)}]}},
    )
    PythonOperator(task_id="own_name_wins", python_callable=lambda ds: ds, op_kwargs={"ds": "mine"})
    PythonOperator(task_id="positional", python_callable=lambda ds: ds, op_args=["mine"])
    PythonOperator(task_id="missing_argument", python_callable=lambda x: x)

with DAG("jinja_native", render_template_as_native_obj=True, params={"n": 1, "words": ["a"], "text": "007"}, **BASE):

    def native(**kwargs):
        return {name: f"{type(value).__name__} {value}" for name, value in kwargs["given"].items()}

    PythonOperator(
        task_id="native",
        python_callable=native,
        op_kwargs={
            "given": {
                "n": "{{ params.n }}",
                "words": "{{ params.words }}",
                "date": "{{ logical_date }}",
                "none": "{{ none }}",
                "mixed": "{{ 1 }}-{{ 2 }}",
                "ds": "{{ ds }}",
                "text": "{{ params.text }}",
                "plain": "12",
                "dict": '{"x": 1}',
            }
        },
    )
