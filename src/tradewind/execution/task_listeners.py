"""Telling the listeners of plugins of this process's task instance, in Airflow's order: running after the task's own
``on_execute_callback``, success after its success callback, failed before its failure or retry callback."""

from __future__ import annotations

from typing import Any

from tradewind.model.states import TaskState
from tradewind.plugins.listening import Component, Told

JOB = Component("LocalTaskJob")
FAILED_STATES = frozenset({TaskState.FAILED, TaskState.UP_FOR_RETRY})


class TaskListeners:
    """The listeners of this process, asked by an attempt. ``manager`` None: there are none."""

    def __init__(self, manager: Told | None) -> None:
        self._manager = manager

    def starting(self) -> None:
        """The attempt's process has begun."""
        self._tell("on_starting", component=JOB)

    def stopping(self) -> None:
        """It is about to end."""
        self._tell("before_stopping", component=JOB)

    def running(self, task_instance: Any) -> None:
        """The task's code is about to run."""
        self._tell(
            "on_task_instance_running", previous_state=TaskState.QUEUED, task_instance=task_instance, session=None
        )

    def failed(self, task_instance: Any, state: str, error: Any) -> None:
        """The try ended in ``state``; told when that is a failure, also one that is tried again."""
        if state in FAILED_STATES:
            before = TaskState.RUNNING
            self._tell(
                "on_task_instance_failed", previous_state=before, task_instance=task_instance, error=error, session=None
            )

    def succeeded(self, task_instance: Any, state: str) -> None:
        """The try ended in ``state``; told when that is a success."""
        if state == TaskState.SUCCESS:
            before = TaskState.RUNNING
            self._tell("on_task_instance_success", previous_state=before, task_instance=task_instance, session=None)

    def _tell(self, hook: str, **values: Any) -> None:
        if self._manager is not None:
            self._manager.tell(hook, **values)
