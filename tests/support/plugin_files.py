"""Plugins as users write them, for the tests of plugins: a timetable, macros, links, listeners, broken ones."""

from __future__ import annotations

TIMETABLES = '''
import os
import re
import time

from airflow.plugins_manager import AirflowPlugin
from airflow.timetables.base import DagRunInfo, DataInterval, Timetable


class EveryOther(Timetable):
    """Each interval is two days; run ids are its own."""

    description = "every other day"

    def __init__(self, days=2):
        self.days = days

    @property
    def summary(self):
        return f"every {self.days} days"

    def serialize(self):
        return {"days": self.days}

    @classmethod
    def deserialize(cls, data):
        return cls(**data)

    def infer_manual_data_interval(self, *, run_after):
        return DataInterval(run_after.subtract(days=self.days), run_after)

    def next_dagrun_info(self, *, last_automated_data_interval, restriction):
        last = last_automated_data_interval
        start = last.end if last is not None else restriction.earliest
        if start is None or (restriction.latest is not None and start > restriction.latest):
            return None
        return DagRunInfo.interval(start, start.add(days=self.days))

    def generate_run_id(self, *, run_type, logical_date, data_interval, **extra):
        return f"{run_type}_own_{logical_date:%Y%m%d}"


class Raises(Timetable):
    def infer_manual_data_interval(self, *, run_after):
        raise RuntimeError("no interval today")

    def next_dagrun_info(self, *, last_automated_data_interval, restriction):
        raise RuntimeError("no next run today")


class Hangs(Raises):
    def infer_manual_data_interval(self, *, run_after):
        # Backtracking without end: the interpreter is not asked in between, no Python handler can stop it.
        re.match("(a+)+$", "a" * 64 + "b")


class Dies(Raises):
    def infer_manual_data_interval(self, *, run_after):
        os._exit(7)


class TimetablesPlugin(AirflowPlugin):
    name = "timetables"
    timetables = [EveryOther, Raises, Hangs, Dies]
'''

MACROS = """
from airflow.plugins_manager import AirflowPlugin
from airflow.task.priority_strategy import PriorityWeightStrategy


def shout(text):
    return text.upper()


class Twice(PriorityWeightStrategy):
    def get_weight(self, ti):
        return 2 * ti.task.priority_weight


class MacrosPlugin(AirflowPlugin):
    name = "my_macros"
    macros = [shout]
    priority_weight_strategies = [Twice]
    appbuilder_menu_items = [{"name": "Docs", "category": "Links", "href": "https://example.org/docs"}]
"""

BROKEN = "raise RuntimeError('broken here')\n"

NAMELESS = """
from airflow.plugins_manager import AirflowPlugin


class Nameless(AirflowPlugin):
    pass
"""

LISTENER = """
from airflow.listeners import hookimpl
from airflow.models.baseoperatorlink import BaseOperatorLink
from airflow.operators.bash import BashOperator
from airflow.plugins_manager import AirflowPlugin


def note(*words):
    with open(r"{record}", "a") as file:
        file.write(" ".join(str(getattr(word, "value", word)) for word in words).rstrip() + "\\n")


class Listener:
    @hookimpl
    def on_task_instance_running(self, previous_state, task_instance, session):
        note("on_task_instance_running", previous_state, task_instance.task_id, task_instance.state,
             task_instance.try_number)

    @hookimpl
    def on_task_instance_success(self, previous_state, task_instance):
        note("on_task_instance_success", previous_state, task_instance.task_id, task_instance.state,
             task_instance.try_number)

    @hookimpl
    def on_task_instance_failed(self, previous_state, task_instance, error, session):
        note("on_task_instance_failed", previous_state, task_instance.task_id, task_instance.state,
             task_instance.try_number, repr(error))

    @hookimpl
    def on_dag_run_running(self, dag_run, msg):
        note("on_dag_run_running", dag_run.dag_id, dag_run.state, msg)

    @hookimpl
    def on_dag_run_failed(self, dag_run, msg):
        note("on_dag_run_failed", dag_run.dag_id, dag_run.state, msg)

    @hookimpl
    def on_dataset_changed(self, dataset):
        note("on_dataset_changed", dataset.uri)


class Raises:
    @hookimpl
    def on_task_instance_running(self, task_instance):
        raise RuntimeError("this listener is broken")

    @hookimpl
    def on_dag_run_running(self, dag_run):
        raise RuntimeError("this listener is broken")


class GlobalLink(BaseOperatorLink):
    name = "Global"

    def get_link(self, operator, *, ti_key):
        return f"https://example.org/{{ti_key.dag_id}}"


class BashLink(BaseOperatorLink):
    name = "Bash docs"
    operators = [BashOperator]

    def get_link(self, operator, *, ti_key):
        return f"https://example.org/bash/{{operator.task_id}}"


class FailingLink(BaseOperatorLink):
    name = "Fails"

    def get_link(self, operator, *, ti_key):
        raise RuntimeError("no link")


class ListenerPlugin(AirflowPlugin):
    name = "listener"
    listeners = [Raises(), Listener()]
    global_operator_extra_links = [GlobalLink(), FailingLink()]
    operator_extra_links = [BashLink()]
"""

XCOM_BACKEND = """
import json

from airflow.models.xcom import BaseXCom


class Kept(BaseXCom):
    @staticmethod
    def serialize_value(value, *, key=None, task_id=None, dag_id=None, run_id=None, map_index=None):
        return BaseXCom.serialize_value({"kept": value, "for": task_id})

    @staticmethod
    def deserialize_value(result):
        return BaseXCom.deserialize_value(result)["kept"]

    def orm_deserialize_value(self):
        return f"kept for {json.loads(self.value)['for']}"
"""

EVERYTHING = """
from airflow.models.baseoperatorlink import BaseOperatorLink
from airflow.plugins_manager import AirflowPlugin
from airflow.timetables.base import Timetable


def shout(text):
    return text.upper()


class Link(BaseOperatorLink):
    name = "Link"

    def get_link(self, operator, *, ti_key):
        return "https://example.org/"


class Dep:
    def __str__(self):
        return "<TIDep(own)>"


class Rarely(Timetable):
    pass


class Blueprint:
    name = "own_blueprint"
    import_name = __name__


class View:
    pass


class Everything(AirflowPlugin):
    name = "everything"
    macros = [shout]
    flask_blueprints = [Blueprint()]
    appbuilder_views = [{"name": "Own View", "category": "Own", "view": View()}]
    appbuilder_menu_items = [{"name": "Docs", "category": "Own", "href": "https://example.org/docs"}]
    global_operator_extra_links = [Link()]
    operator_extra_links = [Link()]
    ti_deps = [Dep()]
    timetables = [Rarely]
"""
