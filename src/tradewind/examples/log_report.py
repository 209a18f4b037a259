"""### Log report

Bash and templates: commands and scripts with dates, macros, variables and parameters in them. The last line that a
command prints is its result, and ``output_processor`` turns it into a value.
"""

from __future__ import annotations

import json
from datetime import timedelta

import pendulum
from airflow.decorators import task
from airflow.operators.bash import BashOperator

from airflow import DAG

REPORT = """
echo "report for {{ ds }}, interval {{ data_interval_start | ts }} to {{ data_interval_end | ts }}"
{% for day in range(3) %}
echo "  {{ macros.ds_add(ds, -day) }}: $(( (RANDOM % 90) + 10 )) visitors"
{% endfor %}
echo '{"warnings": {{ params.warnings }}, "errors": 0}'
"""

with DAG(
    dag_id="log_report",
    schedule=timedelta(hours=6),
    start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
    catchup=False,
    doc_md=__doc__,
    default_args={"owner": "operations", "execution_timeout": timedelta(minutes=1)},
    params={"warnings": 3},
    tags=["example", "bash", "templates"],
):
    report = BashOperator(task_id="report", bash_command=REPORT, output_processor=json.loads)
    host = BashOperator(
        task_id="host",
        bash_command='echo "$GREETING from $(uname -s), task $AIRFLOW_CTX_TASK_ID"',
        env={"GREETING": "Hello on {{ ds }}"},
        append_env=True,
    )

    @task.bash
    def count_files(where: str) -> str:
        """The function makes the command."""
        return f"ls -1 {where} | wc -l"

    nothing_new = BashOperator(task_id="nothing_new", bash_command="echo 'nothing since yesterday'; exit 99")
    judge = BashOperator(
        task_id="judge",
        bash_command="echo '{{ ti.xcom_pull(task_ids=\"report\").warnings }} warnings'",
        trigger_rule="none_failed",
    )

    [report, host, count_files("/etc"), nothing_new] >> judge
