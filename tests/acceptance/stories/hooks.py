"""Policies, plugins, custom weights."""

import os

from airflow.operators.bash import BashOperator
from story_parts import dag, empty, fail, is_there, py

with dag("weights_by_try"):

    def third(ti):
        if ti.try_number < 3:
            fail()
        return ti.priority_weight

    py("often", third, retries=2, weight_rule="story_plugin.ByTry")

with dag("weights_by_try_seen"):
    py("waits", fail, retries=3, retry_delay=1000, weight_rule="story_plugin.ByTry")
    py("later", weight_rule="story_plugin.ByTry", pool="nobody_made_this")

with dag("policed", tags=["own"]):
    py("retried", lambda ti: ti.try_number if ti.try_number > 1 else fail())
    BashOperator(task_id="shows", bash_command="echo $AIRFLOW_CTX_TEAM $AIRFLOW_CTX_COST {{ params.by_policy }}")
    BashOperator(task_id="own_env", env={"A": "b"}, bash_command="echo $A $AIRFLOW_CTX_TEAM")
    py("within", lambda: os.environ.get("AIRFLOW_CTX_TEAM"))

with dag("mutated"):
    py("tried", lambda ti: [ti.priority_weight, ti.pool_slots] if ti.try_number == 2 else fail(), retries=1)
    py("waits", fail, retries=1, retry_delay=1000)

with dag("listened"):
    py("first", lambda ti: None if ti.try_number == 2 else fail(), retries=1) >> empty("quiet") >> py("last", fail)

is_there(__file__)
