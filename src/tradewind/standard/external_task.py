"""Waiting for another DAG: ExternalTaskSensor; telling what of another DAG to clear along: ExternalTaskMarker."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Sequence
from inspect import signature
from itertools import islice
from typing import Any

from tradewind.model.states import RunState, TaskState
from tradewind.sdk import runtime
from tradewind.sdk.callables import KeywordParameters
from tradewind.sdk.exceptions import AirflowException, AirflowSkipException
from tradewind.sdk.sensor import BaseSensorOperator
from tradewind.standard.branch import EmptyOperator
from tradewind.standard.triggers import WorkflowTrigger, count_dates


class ExternalTaskSensor(BaseSensorOperator):
    """Waits until tasks, a task group or the whole run of another DAG are in one of ``allowed_states`` (success).

    It looks at the same logical date, at one ``execution_delta`` earlier, or at those that ``execution_date_fn``
    gives. A state of ``failed_states`` fails it, one of ``skipped_states`` skips it.
    """

    template_fields: Sequence[str] = (
        "external_dag_id",
        "external_task_id",
        "external_task_ids",
        "external_task_group_id",
    )
    ui_color = "#4db7db"

    def __init__(
        self,
        *,
        external_dag_id: str,
        external_task_id: str | None = None,
        external_task_ids: Collection[str] | None = None,
        external_task_group_id: str | None = None,
        allowed_states: Iterable[str] | None = None,
        skipped_states: Iterable[str] | None = None,
        failed_states: Iterable[str] | None = None,
        execution_delta: dt.timedelta | None = None,
        execution_date_fn: Callable[..., Any] | None = None,
        check_existence: bool = False,
        poll_interval: float = 2.0,
        deferrable: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.allowed_states = list(allowed_states) if allowed_states else [TaskState.SUCCESS.value]
        self.skipped_states = list(skipped_states) if skipped_states else []
        self.failed_states = list(failed_states) if failed_states else []
        self._check_states()
        if external_task_id is not None and external_task_ids is not None:
            raise ValueError(
                "Only one of `external_task_id` or `external_task_ids` may "
                "be provided to ExternalTaskSensor; "
                "use external_task_id or external_task_ids or external_task_group_id."
            )
        if external_task_id is not None:
            external_task_ids = [external_task_id]
        if external_task_group_id is not None and external_task_ids is not None:
            raise ValueError(
                "Only one of `external_task_group_id` or `external_task_ids` may "
                "be provided to ExternalTaskSensor; "
                "use external_task_id or external_task_ids or external_task_group_id."
            )
        if external_task_ids and len(external_task_ids) > len(set(external_task_ids)):
            raise ValueError("Duplicate task_ids passed in external_task_ids parameter")
        if execution_delta is not None and execution_date_fn is not None:
            raise ValueError(
                "Only one of `execution_delta` or `execution_date_fn` may be provided to ExternalTaskSensor; not both."
            )
        self._check_kind(external_task_ids, external_task_group_id)
        self.external_dag_id = external_dag_id
        self.external_task_id = external_task_id
        self.external_task_ids = external_task_ids
        self.external_task_group_id = external_task_group_id
        self.execution_delta = execution_delta
        self.execution_date_fn = execution_date_fn
        self.check_existence = check_existence
        self.poll_interval = poll_interval
        self.deferrable = deferrable
        self._has_checked_existence = False

    def _check_states(self) -> None:
        every = [*self.allowed_states, *self.skipped_states, *self.failed_states]
        if len(every) > len(set(every)):
            raise AirflowException("Duplicate values provided across allowed_states, skipped_states and failed_states.")

    def _check_kind(self, task_ids: Collection[str] | None, group_id: str | None) -> None:
        states = {*self.allowed_states, *self.skipped_states, *self.failed_states}
        allowed: type[TaskState | RunState] = TaskState if task_ids or group_id else RunState
        valid = {state.value for state in allowed}
        if not states <= valid:
            what = "`external_task_id`, `external_task_ids` or `external_task_group_id`"
            given = f"{what} is not `None`" if allowed is TaskState else f"{what} is `None`"
            raise ValueError(
                f"Valid values for `allowed_states`, `skipped_states` and `failed_states` when {given}: {sorted(valid)}"
            )

    def _dates(self, context: Any) -> list[dt.datetime]:
        if self.execution_delta is not None:
            return [context["logical_date"] - self.execution_delta]
        if self.execution_date_fn is None:
            return [context["logical_date"]]
        found = _ask(self.execution_date_fn, context)
        return list(found) if isinstance(found, list) else [found]

    def poke(self, context: Any) -> bool:
        """Whether all that is waited for is there. Raises for failed and skipped states."""
        dates = self._dates(context)
        serialized = ",".join(date.isoformat() for date in dates)
        self.log.info("Poking for %s in dag %s on %s ... ", self._what(), self.external_dag_id, serialized)
        if self.check_existence and not self._has_checked_existence:
            self._check_existence()
            self._has_checked_existence = True
        if self.failed_states and self._count(dates, self.failed_states) > 0:
            self._fail()
        if self.skipped_states and self._count(dates, self.skipped_states) > 0:
            raise AirflowSkipException(
                f"Some of the external {self._what()} in DAG {self.external_dag_id} reached a state in our "
                "states-to-skip-on list. Skipping."
            )
        return self._count(dates, self.allowed_states) == len(dates)

    def _what(self) -> str:
        if self.external_task_group_id:
            return f"task_group '{self.external_task_group_id}'"
        return f"tasks {list(self.external_task_ids)}" if self.external_task_ids else "DAG run"

    def _fail(self) -> None:
        if self.external_task_ids:
            text = f"Some of the external tasks {list(self.external_task_ids)} in DAG {self.external_dag_id} failed."
        elif self.external_task_group_id:
            text = f"The external task_group '{self.external_task_group_id}' in DAG '{self.external_dag_id}' failed."
        else:
            text = f"The external DAG {self.external_dag_id} failed."
        if self.soft_fail:
            raise AirflowSkipException(f"{text} Skipping due to soft_fail.")
        raise AirflowException(text)

    def _count(self, dates: Sequence[dt.datetime], states: Sequence[str]) -> float:
        tasks, group = self.external_task_ids, self.external_task_group_id
        return count_dates(self.external_dag_id, dates, states, task_ids=tasks, group_id=group)

    def _check_existence(self) -> None:
        info = runtime.current().get_dag_info(self.external_dag_id)
        if info is None:
            raise AirflowException(f"The external DAG {self.external_dag_id} does not exist.")
        for task_id in self.external_task_ids or ():
            if task_id not in info["task_ids"]:
                raise AirflowException(f"The external task {task_id} in DAG {self.external_dag_id} does not exist.")
        if self.external_task_group_id and self.external_task_group_id not in info["group_ids"]:
            raise AirflowException(
                f"The external task group '{self.external_task_group_id}' in DAG '{self.external_dag_id}' "
                "does not exist."
            )

    def execute(self, context: Any) -> Any:
        """Poke until it holds; as a trigger when deferrable."""
        if not self.deferrable:
            return super().execute(context)
        if self.poke(context=context):
            return None
        return self.defer(
            timeout=self.execution_timeout,
            trigger=WorkflowTrigger(
                external_dag_id=self.external_dag_id,
                external_task_group_id=self.external_task_group_id,
                external_task_ids=self.external_task_ids,
                execution_dates=self._dates(context),
                allowed_states=self.allowed_states,
                failed_states=self.failed_states,
                skipped_states=self.skipped_states,
                poke_interval=self.poll_interval,
                soft_fail=self.soft_fail,
            ),
            method_name="execute_complete",
        )

    def execute_complete(self, context: Any, event: Any = None) -> None:
        """Judge what the trigger saw."""
        status = event["status"]
        if status == "success":
            self.log.info("External tasks %s has executed successfully.", self.external_task_ids)
        elif status == "skipped":
            raise AirflowSkipException("External job has skipped skipping.")
        elif self.soft_fail:
            raise AirflowSkipException("External job has failed skipping.")
        else:
            raise AirflowException(
                "Error occurred while trying to retrieve task status. Please, check the name of executed task and Dag."
            )


def _ask(function: Callable[..., Any], context: Any) -> Any:
    """Call a user's function with the logical date, and by name with what else of the context it takes."""
    rest = context.lazy_dict() if hasattr(context, "lazy_dict") else dict(context)
    # The date comes by position, whatever the parameter is called.
    for name in ("logical_date", "execution_date", *islice(signature(function).parameters, 1)):
        rest.pop(name, None)
    return function(context["logical_date"], **KeywordParameters.determine(function, (None,), rest).unpacking())


class ExternalTaskMarker(EmptyOperator):
    """Says that a task of another DAG depends on this one: clearing this one recursively clears that one too."""

    template_fields: Sequence[str] = ("external_dag_id", "external_task_id", "execution_date")
    ui_color = "#4db7db"

    def __init__(
        self,
        *,
        external_dag_id: str,
        external_task_id: str,
        execution_date: str | dt.datetime | None = "{{ logical_date.isoformat() }}",
        recursion_depth: int = 10,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if isinstance(execution_date, dt.datetime):
            execution_date = execution_date.isoformat()
        elif not isinstance(execution_date, str):
            raise TypeError(f"Expected str or datetime.datetime type for execution_date. Got {type(execution_date)}")
        if recursion_depth <= 0:
            raise ValueError("recursion_depth should be a positive integer")
        self.external_dag_id = external_dag_id
        self.external_task_id = external_task_id
        self.execution_date = execution_date
        self.recursion_depth = recursion_depth
