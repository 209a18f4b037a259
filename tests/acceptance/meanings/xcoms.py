"""XComs: what is stored, how the API shows it, what a pull gives."""

import datetime
import decimal

import pendulum
from airflow.decorators import task
from airflow.operators.bash import BashOperator
from airflow.operators.python import PythonOperator

from airflow import DAG

BASE = dict(start_date=pendulum.datetime(2024, 1, 1), schedule=None)


class Plain:
    """Nothing that can be stored."""


VALUES = {
    "zero": 0,
    "text": "",
    "false": False,
    "list": [],
    "large": 10**30,
    "float": 1e300,
    "nothing": None,
    "date": datetime.date(2024, 1, 2),
    "delta": datetime.timedelta(seconds=90),
    "decimal": decimal.Decimal("1.50"),
    "moment": datetime.datetime(2024, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc),
    "set": {"v": {1}},
    "frozen": {"v": frozenset({2})},
    "tuple": (1, 2),
    "pair": ("k1", "v1"),
    "tuple_within": {"v": (1, 2)},
    "keys": {1: "a", None: "b"},
    "bytes": b"abc",
    "object": Plain(),
    "function": {"f": lambda: 1},
    "generator": None,
}

with DAG("xcom_values", **BASE):
    for name, value in VALUES.items():
        if name != "generator":
            PythonOperator(task_id=name, python_callable=lambda value=value: value)
    PythonOperator(task_id="generator", python_callable=lambda: (x for x in [1]))
    PythonOperator(task_id="unpushed", python_callable=lambda: 1, do_xcom_push=False)

with DAG("xcom_types", **BASE):

    @task
    def give():
        return {
            "datetime": datetime.datetime(2024, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc),
            "date": datetime.date(2024, 1, 2),
            "delta": datetime.timedelta(seconds=90),
            "pendulum": pendulum.datetime(2024, 1, 2, tz="Europe/Amsterdam"),
            "decimal": decimal.Decimal("1.50"),
            "set": {1, 2},
            "tuple": (1, 2),
            "frozen": frozenset({1}),
            "keys": {1: "a", None: "b"},
        }

    @task
    def take(given):
        kinds = {name: type(value).__name__ for name, value in given.items()}
        assert given["pendulum"].timezone_name == "Europe/Amsterdam", given["pendulum"]
        assert given["decimal"] == decimal.Decimal("1.5")
        assert given["keys"] == {"1": "a", "null": "b"}, given["keys"]
        return kinds

    take(give())

with DAG("xcom_outputs", **BASE):

    @task(multiple_outputs=True)
    def several():
        return {"a": 1, "b": 2}

    @task
    def inferred() -> dict[str, int]:
        return {"c": 3}

    @task(multiple_outputs=True)
    def no_dict():
        return [1]

    @task(multiple_outputs=True)
    def no_text():
        return {1: 2}

    @task
    def whole():
        return {"d": 4}

    @task
    def add(x, y):
        return x + y

    add(several()["a"], inferred()["c"])
    no_dict()
    no_text()
    add.override(task_id="missing")(whole()["d"], 1)

with DAG("xcom_pulls", **BASE):

    @task
    def single(ti=None):
        ti.xcom_push("k2", "pushed")
        return "value"

    @task
    def silent():
        return None

    @task
    def mapped(x):
        return x * 10

    @task
    def pulls(ti=None):
        assert ti.xcom_pull("single") == "value"
        several = ti.xcom_pull(["single", "silent"])
        assert list(several) == ["value"] and len(several) == 1, list(several)
        values = ti.xcom_pull("mapped")
        assert len(values) == 3 and values[1] == 20 and list(values[1:]) == [20, 30] and 30 in values and values
        assert ti.xcom_pull("mapped", map_indexes=1) == 20
        assert list(ti.xcom_pull("mapped", map_indexes=[0, 2])) == [10, 30]
        assert ti.xcom_pull(key="k2") == "pushed"
        assert ti.xcom_pull("single", key="k2") == "pushed"
        assert ti.xcom_pull("single", key="no") is None
        assert ti.xcom_pull("single", key="no", default=7) == 7
        assert ti.xcom_pull("nobody") is None
        assert ti.xcom_pull("single", dag_id="nobody") is None
        assert ti.xcom_pull("mapped", map_indexes=9) is None
        assert ti.xcom_pull("single", include_prior_dates=True) == "value"
        return str(type(values).__name__)

    shown = BashOperator(
        task_id="shown",
        bash_command="echo '{{ ti.xcom_pull('mapped') }} {{ ti.xcom_pull('mapped') | list }} "
        "{{ ti.xcom_pull(['single']) }}'",
    )
    [single(), silent(), mapped.expand(x=[1, 2, 3])] >> pulls() >> shown
