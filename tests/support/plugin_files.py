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
