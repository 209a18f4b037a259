"""What goes wrong in one task: values that cannot be kept, triggers that are no good. The rest goes on."""

import time
from datetime import timedelta

import pendulum
from airflow.decorators import task
from airflow.models.baseoperator import BaseOperator
from airflow.triggers.base import BaseTrigger, TriggerEvent
from airflow.triggers.temporal import TimeDeltaTrigger

from airflow import DAG

BASE = dict(start_date=pendulum.datetime(2024, 1, 1), schedule=None)


class Blocks(BaseTrigger):
    def serialize(self):
        return ("bad_input.Blocks", {})

    async def run(self):
        time.sleep(1)
        yield TriggerEvent("late")


class NoModule(Blocks):
    def serialize(self):
        return ("nowhere.NoModule", {})


class Waits(BaseOperator):
    def __init__(self, trigger, **kwargs):
        super().__init__(**kwargs)
        self.trigger = trigger

    def execute(self, context):
        self.defer(trigger=self.trigger, method_name="done")

    def done(self, context, event=None):
        return str(event)


with DAG("bad_triggers", **BASE):
    Waits(task_id="blocks", trigger=Blocks())
    Waits(task_id="fine", trigger=TimeDeltaTrigger(timedelta(seconds=0.3)))
    Waits(task_id="no_module", trigger=NoModule())

with DAG("bad_values", **BASE):

    @task
    def loop():
        value = []
        value.append(value)
        return value

    @task
    def deep():
        value = []
        for _ in range(500):
            value = [value]
        return value

    @task
    def surrogate():
        return "\ud800"

    @task
    def zero():
        return "a\x00b"

    @task
    def large():
        return "x" * 5_000_000

    @task
    def length(value):
        return len(value)

    loop()
    deep()
    surrogate()
    zero()
    length(large())
