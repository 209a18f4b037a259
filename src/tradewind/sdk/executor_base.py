"""Base class of executors that packages bring: what they are told, and what they tell back.

Which executor runs is chosen by ``[core] executor``; this class is the vocabulary that third parties subclass.
"""
# Signatures are Airflow's: packages override them.

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tradewind.model.states import TaskState

from .logging_mixin import LoggingMixin

PARALLELISM = 32
CONTROLS_QUEUED_TIMEOUT = 600.0


class BaseExecutor(LoggingMixin):
    """Takes commands of tasks, runs them somewhere, and reports their ends in ``event_buffer``."""

    supports_ad_hoc_ti_run = False
    supports_sentry = False
    supports_pickling = True
    supports_multi_team = False
    is_local = False
    is_single_threaded = False
    is_production = True
    change_sensor_mode_to_reschedule = False
    serve_logs = False
    job_id: Any = None
    name: Any = None
    callback_sink: Any = None

    def __init__(self, parallelism: int = PARALLELISM, team_name: str | None = None) -> None:
        super().__init__()
        self.parallelism = parallelism
        self.team_name = team_name
        self.queued_tasks: dict[Any, Any] = {}
        self.running: set[Any] = set()
        self.event_buffer: dict[Any, tuple[Any, Any]] = {}
        self.attempts: dict[Any, Any] = {}

    def __repr__(self) -> str:
        return f"{type(self).__name__}(parallelism={self.parallelism})"

    def start(self) -> None:
        """Get ready."""

    def sync(self) -> None:
        """Called now and then: look how things are."""

    def end(self) -> None:
        """Wait for what runs, and close."""
        raise NotImplementedError

    def terminate(self) -> None:
        """Stop at once."""
        raise NotImplementedError

    def execute_async(self, key: Any, command: Any, queue: str | None = None, executor_config: Any = None) -> None:
        """Run a command."""
        raise NotImplementedError

    def queue_command(self, task_instance: Any, command: Any, priority: int = 1, queue: str | None = None) -> None:
        """Take a command, to be run when there is room."""
        if task_instance.key not in self.queued_tasks:
            self.queued_tasks[task_instance.key] = (command, priority, queue, task_instance)

    def has_task(self, task_instance: Any) -> bool:
        """Whether a task instance is queued or running here."""
        return task_instance.key in self.queued_tasks or task_instance.key in self.running

    def heartbeat(self) -> None:
        """Run what there is room for, then look how things are."""
        room = self.parallelism - len(self.running) if self.parallelism else len(self.queued_tasks)
        self.trigger_tasks(room)
        self.sync()

    def order_queued_tasks_by_priority(self) -> list[tuple[Any, Any]]:
        """What is queued, the weightiest first."""
        return sorted(self.queued_tasks.items(), key=lambda item: item[1][1], reverse=True)

    def trigger_tasks(self, open_slots: int) -> None:
        """Run the weightiest of what is queued."""
        for key, (command, _, queue, instance) in self.order_queued_tasks_by_priority()[: max(0, open_slots)]:
            del self.queued_tasks[key]
            self.running.add(key)
            config = getattr(instance, "executor_config", None)
            self.execute_async(key=key, command=command, queue=queue, executor_config=config)

    def change_state(self, key: Any, state: Any, info: Any = None, remove_running: bool = True) -> None:
        """A task has come to a state."""
        if remove_running:
            self.running.discard(key)
        self.event_buffer[key] = state, info

    def fail(self, key: Any, info: Any = None) -> None:
        """A task has failed."""
        self.change_state(key, TaskState.FAILED, info)

    def success(self, key: Any, info: Any = None) -> None:
        """A task has succeeded."""
        self.change_state(key, TaskState.SUCCESS, info)

    def queued(self, key: Any, info: Any = None) -> None:
        """A task waits somewhere else."""
        self.change_state(key, TaskState.QUEUED, info)

    def running_state(self, key: Any, info: Any = None) -> None:
        """A task runs."""
        self.change_state(key, TaskState.RUNNING, info, remove_running=False)

    def get_event_buffer(self, dag_ids: Sequence[str] | None = None) -> dict[Any, tuple[Any, Any]]:
        """What has come, and is forgotten then; optionally of some DAGs."""
        if dag_ids is None:
            found, self.event_buffer = self.event_buffer, {}
            return found
        found = {key: event for key, event in self.event_buffer.items() if key.dag_id in dag_ids}
        for key in found:
            del self.event_buffer[key]
        return found

    def try_adopt_task_instances(self, tis: Sequence[Any]) -> Sequence[Any]:
        """Take over what another scheduler has started; what could not be taken."""
        return tis

    def cleanup_stuck_queued_tasks(self, tis: Sequence[Any]) -> list[str]:
        """Give up on what waits for too long."""
        return []

    def revoke_task(self, *, ti: Any) -> None:
        """Take a queued task back."""
        self.queued_tasks.pop(ti.key, None)
        self.running.discard(ti.key)

    def get_task_log(self, ti: Any, try_number: int) -> tuple[list[str], list[str]]:
        """Messages and logs of a try, from where it ran."""
        return [], []

    def debug_dump(self) -> None:
        """Log what is queued and running."""
        self.log.info("queued (%s), running (%s)", len(self.queued_tasks), len(self.running))

    def send_callback(self, request: Any) -> None:
        """Hand a callback over."""
        if self.callback_sink is None:
            raise ValueError("Callback sink is not ready.")
        self.callback_sink.send(request)

    @property
    def slots_available(self) -> int:
        """How many more can be taken."""
        return self.parallelism - len(self.running) - len(self.queued_tasks)

    @property
    def slots_occupied(self) -> int:
        """How many are here."""
        return len(self.running) + len(self.queued_tasks)

    @staticmethod
    def validate_airflow_tasks_run_command(command: Sequence[str]) -> tuple[str | None, str | None]:
        """The DAG and task ids of ``airflow tasks run …``. Raises ValueError for another command."""
        if list(command[:3]) != ["airflow", "tasks", "run"]:
            raise ValueError('The command must start with ["airflow", "tasks", "run"].')
        if len(command) > 4 and "--help" not in command:
            return command[3], command[4]
        return None, None

    @staticmethod
    def get_cli_commands() -> list[Any]:
        """Commands that the executor brings."""
        return []
