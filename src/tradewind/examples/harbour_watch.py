"""### Harbour watch

Sensors: wait until a time has passed, until a command succeeds, until a function says so; one in *reschedule* mode,
which holds no slot while it waits, and one that gives up softly.
"""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path

import pendulum
from airflow.decorators import task
from airflow.operators.bash import BashOperator
from airflow.sensors.base import PokeReturnValue
from airflow.sensors.bash import BashSensor
from airflow.sensors.time_delta import TimeDeltaSensor
from airflow.utils.trigger_rule import TriggerRule

from airflow import DAG

FLAG = Path(tempfile.gettempdir()) / "tradewind-example-ship-is-in-{{ ds_nodash }}"

with DAG(
    dag_id="harbour_watch",
    schedule=None,
    start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
    catchup=False,
    dagrun_timeout=timedelta(minutes=5),
    doc_md=__doc__,
    tags=["example", "sensors"],
):
    ship_arrives = BashOperator(task_id="ship_arrives", bash_command=f"sleep 2; touch {FLAG}")
    see_ship = BashSensor(
        task_id="see_ship", bash_command=f"test -e {FLAG}", poke_interval=1, timeout=60, mode="reschedule"
    )
    tide = TimeDeltaSensor(task_id="wait_for_tide", delta=timedelta(seconds=1), poke_interval=1, timeout=30)
    whale = BashSensor(task_id="see_whale", bash_command="exit 1", poke_interval=1, timeout=2, soft_fail=True)

    @task.sensor(poke_interval=1, timeout=30, mode="poke")
    def customs() -> PokeReturnValue:
        """A sensor that hands something on."""
        return PokeReturnValue(is_done=True, xcom_value={"crates": 42})

    @task
    def unload(cargo: dict) -> str:
        """Work with what the sensor gave."""
        return f"{cargo['crates']} crates on the quay"

    leave = BashOperator(
        task_id="leave", bash_command=f"rm -f {FLAG}; echo 'and off she goes'", trigger_rule=TriggerRule.ALL_DONE
    )

    # The whale is not necessary: the customs come when nothing failed and something was seen.
    cleared = customs.override(trigger_rule=TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS)()
    [see_ship, tide, whale] >> cleared
    unload(cleared) >> leave
    ship_arrives >> leave
