"""Triggers of the operators here: what a deferred task waits for, run by the triggerer."""

from __future__ import annotations

import datetime as dt
import glob
import os
from collections.abc import AsyncIterator, Collection, Sequence
from typing import Any

from tradewind.sdk import runtime, timezone
from tradewind.sdk.deferral import BaseTrigger, TaskSuccessEvent, TriggerEvent


class DateTimeTrigger(BaseTrigger):
    """Fires at a moment. Raises ValueError for a naive one, TypeError for no datetime."""

    def __init__(self, moment: dt.datetime, *, end_from_trigger: bool = False) -> None:
        super().__init__()
        if not isinstance(moment, dt.datetime):
            raise TypeError(f"Expected datetime.datetime type for moment. Got {type(moment)}")
        if moment.tzinfo is None:
            raise ValueError("You cannot pass naive datetimes")
        self.moment = timezone.convert_to_utc(moment)
        self.end_from_trigger = end_from_trigger

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Class path and arguments."""
        return (
            "airflow.triggers.temporal.DateTimeTrigger",
            {"moment": self.moment, "end_from_trigger": self.end_from_trigger},
        )

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Sleep until then, in pieces: clocks are set, machines sleep."""
        import asyncio  # large; of all processes with this module only the triggerer runs this

        while (left := (self.moment - timezone.utcnow()).total_seconds()) > 0:
            await asyncio.sleep(min(left, 60.0))
        yield TaskSuccessEvent() if self.end_from_trigger else TriggerEvent(self.moment)


class TimeDeltaTrigger(DateTimeTrigger):
    """Fires after a time from now; kept as the moment, so that a restart does not begin anew."""

    def __init__(self, delta: dt.timedelta, *, end_from_trigger: bool = False) -> None:
        super().__init__(moment=timezone.utcnow() + delta, end_from_trigger=end_from_trigger)


class SuccessTrigger(BaseTrigger):
    """Fires at once; for tests of deferrable operators."""

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Class path and arguments."""
        return "airflow.triggers.testing.SuccessTrigger", {}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """One event."""
        yield TriggerEvent(True)


class FailureTrigger(BaseTrigger):
    """Fails at once; for tests of deferrable operators."""

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Class path and arguments."""
        return "airflow.triggers.testing.FailureTrigger", {}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """No event."""
        raise ValueError("Deliberate trigger failure")
        yield TriggerEvent(False)  # never reached; it makes this a generator, as the loop expects


class FileTrigger(BaseTrigger):
    """Fires when a path (a glob pattern) exists."""

    def __init__(self, filepath: str, recursive: bool = False, poke_interval: float = 5.0, **kwargs: Any) -> None:
        super().__init__()
        self.filepath = filepath
        self.recursive = recursive
        self.poke_interval = kwargs.get("poll_interval", poke_interval)

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Class path and arguments."""
        return (
            "airflow.triggers.file.FileTrigger",
            {"filepath": self.filepath, "recursive": self.recursive, "poke_interval": self.poke_interval},
        )

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Look, sleep, look again."""
        import asyncio  # large; of all processes with this module only the triggerer runs this

        while True:
            if await asyncio.to_thread(find_file, self.filepath, self.recursive):
                yield TriggerEvent(True)
                return
            await asyncio.sleep(self.poke_interval)


def find_file(pattern: str, recursive: bool) -> str | None:
    """The first file of the pattern, or file in a folder of it; None when there is none."""
    for path in glob.glob(pattern, recursive=recursive):
        if os.path.isfile(path):
            return path
        for folder, _, files in os.walk(path):
            if files:
                return os.path.join(folder, files[0])
    return None


class DagStateTrigger(BaseTrigger):
    """Fires when the runs of a DAG at these dates are all in one of ``states``."""

    def __init__(
        self, dag_id: str, states: Sequence[str], execution_dates: list[dt.datetime], poll_interval: float = 5.0
    ) -> None:
        super().__init__()
        self.dag_id = dag_id
        self.states = [str(state) for state in states]
        self.execution_dates = execution_dates
        self.poll_interval = poll_interval

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Class path and arguments."""
        return (
            "airflow.triggers.external_task.DagStateTrigger",
            {
                "dag_id": self.dag_id,
                "states": self.states,
                "execution_dates": self.execution_dates,
                "poll_interval": self.poll_interval,
            },
        )

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Ask, sleep, ask again."""
        import asyncio  # large; of all processes with this module only the triggerer runs this

        now = runtime.current()
        while True:
            count = await asyncio.to_thread(
                now.count_runs, dag_id=self.dag_id, logical_dates=tuple(self.execution_dates), states=tuple(self.states)
            )
            if count == len(self.execution_dates):
                yield TriggerEvent(self.serialize())
                return
            await asyncio.sleep(self.poll_interval)


class WorkflowTrigger(BaseTrigger):
    """Fires with success, failed or skipped, as the tasks, group or runs of a DAG reach one of these states."""

    def __init__(  # noqa: PLR0917  Airflow's order
        self,
        external_dag_id: str,
        execution_dates: list[dt.datetime],
        external_task_ids: Collection[str] | None = None,
        external_task_group_id: str | None = None,
        failed_states: Sequence[str] | None = None,
        skipped_states: Sequence[str] | None = None,
        allowed_states: Sequence[str] | None = None,
        poke_interval: float = 2.0,
        soft_fail: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__()
        self.external_dag_id = external_dag_id
        self.execution_dates = execution_dates
        self.external_task_ids = external_task_ids
        self.external_task_group_id = external_task_group_id
        self.failed_states = failed_states
        self.skipped_states = skipped_states
        self.allowed_states = allowed_states
        self.poke_interval = poke_interval
        self.soft_fail = soft_fail

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Class path and arguments."""
        names = (
            "external_dag_id",
            "execution_dates",
            "external_task_ids",
            "external_task_group_id",
            "failed_states",
            "skipped_states",
            "allowed_states",
            "poke_interval",
            "soft_fail",
        )
        return "airflow.triggers.external_task.WorkflowTrigger", {name: getattr(self, name) for name in names}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Ask, sleep, ask again."""
        import asyncio  # large; of all processes with this module only the triggerer runs this

        while True:
            for status, states, whole in (
                ("failed", self.failed_states, False),
                ("skipped", self.skipped_states, False),
                ("success", self.allowed_states, True),
            ):
                count = await asyncio.to_thread(self._count, states) if states else 0
                if count == len(self.execution_dates) if whole else count > 0:
                    yield TriggerEvent({"status": status})
                    return
            await asyncio.sleep(self.poke_interval)

    def _count(self, states: Sequence[str]) -> float:
        tasks, group = self.external_task_ids, self.external_task_group_id
        return count_dates(self.external_dag_id, self.execution_dates, states, task_ids=tasks, group_id=group)


def count_dates(
    dag_id: str,
    dates: Sequence[dt.datetime],
    states: Sequence[str],
    *,
    task_ids: Collection[str] | None,
    group_id: str | None,
) -> float:
    """For how many dates the tasks, the group or (with neither) the run are in ``states``; a part is a fraction."""
    now, when, wanted = runtime.current(), tuple(dates), tuple(states)
    if task_ids:
        found = now.count_task_instances(dag_id=dag_id, task_ids=tuple(task_ids), logical_dates=when, states=wanted)
        return found / len(task_ids)
    if not group_id:
        return now.count_runs(dag_id=dag_id, logical_dates=when, states=wanted)
    members = now.count_task_instances(dag_id=dag_id, task_group_id=group_id, logical_dates=when)
    found = now.count_task_instances(dag_id=dag_id, task_group_id=group_id, logical_dates=when, states=wanted)
    return found * len(when) / members if members else 0
