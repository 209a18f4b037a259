"""What the DAGs of the stories are made of."""

import os
import time

import pendulum
from airflow.exceptions import AirflowException, AirflowSkipException
from airflow.operators.empty import EmptyOperator
from airflow.operators.python import PythonOperator
from airflow.triggers.base import BaseTrigger, TaskFailedEvent, TaskSkippedEvent, TaskSuccessEvent, TriggerEvent

from airflow import DAG

HOME = os.environ["AIRFLOW_HOME"]
PACE = float(os.environ.get("STORY_PACE", "1"))
"""How much longer a server may need for the same than ours does."""


def dag(dag_id, **kwargs):
    """A DAG that is only triggered."""
    kwargs = {"schedule": None, "start_date": pendulum.datetime(2024, 1, 1), "catchup": False, **kwargs}
    kwargs["default_args"] = {"retry_delay": 0.1, **kwargs.get("default_args", {})}
    return DAG(dag_id, **kwargs)


def is_there(file):
    """A DAG that tells that this file has been parsed; the last of the file."""
    name = os.path.basename(file).removesuffix(".py")
    with dag(f"{name}_is_there") as made:
        EmptyOperator(task_id="a")
    return made


def there(name):
    return os.path.exists(f"{HOME}/{name}")


def gate(name):
    """Wait until somebody puts a file there."""
    for _ in range(4000):
        if there(name):
            return
        time.sleep(0.05)
    raise AirflowException(f"nobody came: {name}")


def note(who, text):
    with open(f"{HOME}/events_{who}", "a") as file:
        file.write(f"{text}\n")


def skip():
    raise AirflowSkipException


def fail():
    raise AirflowException("on purpose")


def good():
    pass


def py(task_id, does=good, **kwargs):
    return PythonOperator(task_id=task_id, python_callable=does, **kwargs)


def empty(task_id, **kwargs):
    return EmptyOperator(task_id=task_id, **kwargs)


class Ended(BaseTrigger):
    """Fires, fails, or ends the task itself."""

    def __init__(self, how):
        super().__init__()
        self.how = how

    def serialize(self):
        return "story_parts.Ended", {"how": self.how}

    async def run(self):
        if self.how == "raise":
            raise ValueError("no event")
        kinds = {"success": TaskSuccessEvent, "failed": TaskFailedEvent, "skipped": TaskSkippedEvent}
        if self.how == "xcoms":
            yield TaskSuccessEvent(xcoms={"a": 1})
        elif self.how in kinds:
            yield kinds[self.how]()
        elif self.how != "nothing":
            yield TriggerEvent(self.how)
