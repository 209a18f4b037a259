"""What the stories need of plugins: strategies of weights and a listener."""

import os

from airflow.listeners import hookimpl
from airflow.plugins_manager import AirflowPlugin
from airflow.task.priority_strategy import PriorityWeightStrategy

HOME = os.environ["AIRFLOW_HOME"]


class ByTry(PriorityWeightStrategy):
    """Less for each try."""

    def get_weight(self, ti):
        return max(10 - (ti.try_number or 0), 1)


def note(dag_id, text):
    if dag_id == "listened":
        with open(f"{HOME}/events_listened", "a") as file:
            file.write(f"{text}\n")


class Listener:
    @hookimpl
    def on_task_instance_running(self, previous_state, task_instance):
        note(task_instance.dag_id, f"{task_instance.task_id} running {previous_state} {task_instance.try_number}")

    @hookimpl
    def on_task_instance_success(self, previous_state, task_instance):
        note(task_instance.dag_id, f"{task_instance.task_id} success {previous_state} {task_instance.try_number}")

    @hookimpl
    def on_task_instance_failed(self, previous_state, task_instance, error):
        note(
            task_instance.dag_id, f"{task_instance.task_id} failed {previous_state} {task_instance.try_number} {error}"
        )


class StoryPlugin(AirflowPlugin):
    name = "story_plugin"
    priority_weight_strategies = [ByTry]
    listeners = [Listener()]
