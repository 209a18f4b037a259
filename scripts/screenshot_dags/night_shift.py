"""DAGs that are in the middle of things when the pictures are taken: one of each state, long names, long logs."""

from __future__ import annotations

import time
from datetime import timedelta

import pendulum
from airflow.decorators import dag, setup, task, task_group, teardown
from airflow.models.param import Param
from airflow.operators.bash import BashOperator
from airflow.operators.empty import EmptyOperator
from airflow.operators.python import get_current_context
from airflow.sensors.date_time import DateTimeSensorAsync
from airflow.sensors.python import PythonSensor
from airflow.utils.edgemodifier import Label
from airflow.utils.trigger_rule import TriggerRule

START = pendulum.datetime(2026, 1, 1, tz="UTC")
LINES = """
echo '::group::Environment'
for part in python-3.11 pandas-2.2 pyarrow-15 duckdb-1.0; do echo "  $part"; done
echo '::endgroup::'
for shard in $(seq 1 400); do
  printf '\\033[36mshard %03d\\033[0m: %d rows in %d ms\\n' $shard $((shard * 977 % 4096)) $((shard * 31 % 250))
  if [ $((shard % 90)) = 0 ]; then echo "WARNING - shard $shard was read twice: its checksum differed"; fi
done
echo '{"rows": 811920, "shards": 400, "slowest": {"shard": 137, "milliseconds": 249}}'
"""


@dag(
    schedule=None,
    start_date=START,
    catchup=False,
    default_args={"owner": "night-shift"},
    tags=["critical", "freight"],
    description="What the ships carry tonight, and what may be late",
    doc_md="### Freight forecast\n\nRuns when a ship is near. **Do not clear `book_berth`**: it pays.",
    params={
        "port": Param("Rotterdam", enum=["Antwerpen", "Hamburg", "Rotterdam"], description="Where the ships go"),
        "horizon_hours": Param(36, type="integer", minimum=1, maximum=240, description="How far to look ahead"),
        "recompute": Param(False, type="boolean", description="Forget what was computed before"),
        "ships": Param(["Halcyon", "Meltemi"], type="array", items={"type": "string"}, section="Advanced"),
        "limits": Param({"draught": 14.5}, type="object", section="Advanced"),
    },
)
def freight_forecast_with_a_rather_long_name():
    @task(retries=3, retry_delay=timedelta(hours=6))
    def ask_the_weather_service():
        raise ConnectionError("https://weather.example.com/v2/grid: 503 Service Unavailable, asked 3 times")

    @task
    def list_ships() -> list[str]:
        return ["halcyon", "meltemi", "mistral", "ostria", "pampero", "sirocco", "tramontane", "zephyr"]

    @task(map_index_template="{{ ship }}")
    def estimate_arrival(name: str) -> dict:
        get_current_context()["ship"] = name
        print(f"{name}: 14.2 knots, 118 nautical miles to go")
        if name == "pampero":
            raise ValueError("pampero: position is 9 hours old, an estimate would be a guess")
        return {"ship": name, "hours": len(name), "position": {"lat": 51.95, "lon": 4.05}}

    @task_group
    def berths():
        @setup
        def open_session() -> str:
            return "session-4711"

        @task
        def book_berth(session: str) -> str:
            return f"{session}: berth 12"

        @teardown
        def close_session() -> None:
            print("closed")

        first, last = open_session(), close_session()
        book_berth(first) >> last

    @task(trigger_rule=TriggerRule.ALL_DONE)
    def publish_forecast_to_the_terminal_operators() -> None:
        print("published")

    read = BashOperator(task_id="read_container_manifests", bash_command=LINES)
    tide = PythonSensor(
        task_id="wait_for_high_tide", python_callable=lambda: False, mode="reschedule", poke_interval=3600
    )
    pilot = DateTimeSensorAsync(task_id="wait_for_the_pilot", target_time="{{ macros.datetime(2099, 1, 1) }}")
    weather = ask_the_weather_service()
    arrivals = estimate_arrival.expand(name=list_ships())
    none_left = BashOperator(task_id="notify_customs", bash_command="true", pool="no_slots")
    read >> berths() >> none_left
    [weather, arrivals, tide, pilot] >> publish_forecast_to_the_terminal_operators()


@dag(
    schedule="@daily",
    start_date=START,
    catchup=False,
    max_active_runs=4,
    default_args={"owner": "finance", "depends_on_past": False},
    tags=["finance"],
    description="Closes the books of a day",
)
def ledger_close():
    @task
    def collect() -> int:
        time.sleep(0.3)
        return 1200

    @task.branch
    def is_month_end(ds: str | None = None) -> str:
        return "full_close" if ds and ds.endswith("01") else "quick_close"

    @task
    def reconcile(ds: str | None = None) -> None:
        if ds and ds[-1] in "37":
            raise ArithmeticError(f"the books of {ds} differ by 12.40 EUR")

    chosen = is_month_end()
    done = EmptyOperator(task_id="report", trigger_rule=TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS)
    collect() >> chosen
    for name, words in (("full_close", "month's end"), ("quick_close", "any other day")):
        chosen >> Label(words) >> EmptyOperator(task_id=name) >> done
    done >> reconcile()


freight_forecast_with_a_rather_long_name()
ledger_close()
