"""The exceptions that DAG files and providers import from ``airflow.exceptions``; names, bases, texts are the contract.

Those that steer the runner (skip, fail, defer, reschedule) are turned into outcomes by execution.outcome.
"""

from __future__ import annotations

from collections.abc import Sized
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, NamedTuple

from tradewind.timetables import base as timetables


class AirflowException(Exception):
    """Base of errors about DAGs and tasks; ``status_code`` is what an HTTP API answers for it."""

    status_code: int = HTTPStatus.INTERNAL_SERVER_ERROR

    def serialize(self) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
        """Class path, arguments and keywords from which the exception can be made again."""
        cls = type(self)
        return f"{cls.__module__}.{cls.__name__}", (str(self),), {}


class AirflowBadRequest(AirflowException):
    """The request cannot be understood."""

    status_code = HTTPStatus.BAD_REQUEST


class AirflowNotFoundException(AirflowException):
    """What was asked for does not exist."""

    status_code = HTTPStatus.NOT_FOUND


class AirflowConfigException(AirflowException):
    """A configuration option is missing or wrong."""


class AirflowSensorTimeout(AirflowException):
    """A sensor waited too long; never retried."""


class AirflowRescheduleException(AirflowException):
    """End this run of the task and start it again, as the same try, at ``reschedule_date``."""

    def __init__(self, reschedule_date: datetime) -> None:
        super().__init__()
        self.reschedule_date = reschedule_date

    def serialize(self) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
        cls = type(self)
        return f"{cls.__module__}.{cls.__name__}", (), {"reschedule_date": self.reschedule_date}


class InvalidStatsNameException(AirflowException):
    """A metric's name cannot be sent."""


class AirflowTaskTimeout(BaseException):
    """The task ran longer than its execution_timeout. A BaseException: ``except Exception`` must not swallow it."""


class AirflowTaskTerminated(BaseException):
    """The task's process was told to end."""


class AirflowInternalRuntimeError(BaseException):
    """User code reached for something that it may not touch."""


class AirflowWebServerTimeout(AirflowException):
    """The web server did not start in time."""


class AirflowSkipException(AirflowException):
    """End the task as skipped."""


class AirflowFailException(AirflowException):
    """End the task as failed, without the retries that are left."""


class AirflowOptionalProviderFeatureException(AirflowException):
    """A provider's optional feature lacks what it needs."""


class XComNotFound(AirflowException):
    """A task's XCom is required and not there."""

    def __init__(self, dag_id: str, task_id: str, key: str) -> None:
        super().__init__()
        self.dag_id = dag_id
        self.task_id = task_id
        self.key = key

    def __str__(self) -> str:
        return f'XComArg result from {self.task_id} at {self.dag_id} with key="{self.key}" is not found!'

    def serialize(self) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
        cls = type(self)
        kwargs = {"dag_id": self.dag_id, "task_id": self.task_id, "key": self.key}
        return f"{cls.__module__}.{cls.__name__}", (), kwargs


class UnmappableOperator(AirflowException):
    """This operator cannot be mapped."""


class XComForMappingNotPushed(AirflowException):
    """A task that others are mapped over returned nothing."""

    def __str__(self) -> str:
        return "did not push XCom for task mapping"


class UnmappableXComTypePushed(AirflowException):
    """A task that others are mapped over returned something that has no items."""

    def __init__(self, value: Any, *values: Any) -> None:
        super().__init__(value, *values)

    def __str__(self) -> str:
        names = [type(value).__qualname__ for value in self.args]
        text = names[-1]
        for name in reversed(names[:-1]):
            text = f"{name}[{text}]"
        return f"unmappable return type {text!r}"


class UnmappableXComLengthPushed(AirflowException):
    """A task that others are mapped over returned too many items."""

    def __init__(self, value: Sized, max_length: int) -> None:
        super().__init__(value)
        self.value = value
        self.max_length = max_length

    def __str__(self) -> str:
        return f"unmappable return value length: {len(self.value)} > {self.max_length}"


class AirflowDagCycleException(AirflowException):
    """The tasks of a DAG wait for one another in a circle."""


class AirflowDagDuplicatedIdException(AirflowException):
    """Two files define the same DAG id."""

    def __init__(self, dag_id: str, incoming: str, existing: str) -> None:
        super().__init__(dag_id, incoming, existing)
        self.dag_id = dag_id
        self.incoming = incoming
        self.existing = existing

    def __str__(self) -> str:
        return f"Ignoring DAG {self.dag_id} from {self.incoming} - also found in {self.existing}"


class AirflowDagInconsistent(AirflowException):
    """A DAG's settings contradict one another."""


class AirflowClusterPolicyViolation(AirflowException):
    """A cluster policy refuses the DAG or task."""


class AirflowClusterPolicySkipDag(AirflowException):
    """A cluster policy leaves the DAG out, without an import error."""


class AirflowClusterPolicyError(AirflowException):
    """A cluster policy raised something else than a refusal."""


class AirflowTimetableInvalid(AirflowException, timetables.AirflowTimetableInvalid):
    """A timetable's arguments make no sense."""


class DagNotFound(AirflowNotFoundException):
    """No such DAG."""


class DagCodeNotFound(AirflowNotFoundException):
    """No source stored for the DAG."""


class DagRunNotFound(AirflowNotFoundException):
    """No such DAG run."""


class DagRunAlreadyExists(AirflowBadRequest):
    """A run of this date or id exists."""

    def __init__(self, dag_run: Any, execution_date: datetime, run_id: str) -> None:
        super().__init__(f"A DAG Run already exists for DAG {dag_run.dag_id} at {execution_date} with run id {run_id}")
        self.dag_run = dag_run
        self.execution_date = execution_date
        self.run_id = run_id


class DagFileExists(AirflowBadRequest):
    """A DAG file of that name exists."""


class FailStopDagInvalidTriggerRule(AirflowException):
    """A fail_stop DAG holds a task with a trigger rule other than all_success."""

    @classmethod
    def check(cls, *, fail_stop: bool, trigger_rule: str) -> None:
        """Raise unless the rule is allowed in a DAG with this ``fail_stop``; teardowns are let through."""
        if fail_stop and trigger_rule not in ("all_success", "all_done_setup_success"):
            raise cls()

    def __str__(self) -> str:
        return "A 'fail-stop' dag can only have all_success trigger rule"


class DuplicateTaskIdFound(AirflowException):
    """Two tasks or groups of one DAG have the same id."""


class TaskAlreadyInTaskGroup(AirflowException):
    """A task belongs to one group only."""

    def __init__(self, task_id: str, existing_group_id: str | None, new_group_id: str) -> None:
        super().__init__(task_id, new_group_id)
        self.task_id = task_id
        self.existing_group_id = existing_group_id
        self.new_group_id = new_group_id

    def __str__(self) -> str:
        where = f"{self.existing_group_id!r}" if self.existing_group_id is not None else "the DAG's root group"
        return f"cannot add {self.task_id!r} to {self.new_group_id!r} (already in {where})"


class SerializationError(AirflowException):
    """A DAG cannot be turned into its stored form."""


class ParamValidationError(AirflowException):
    """A param's value does not satisfy its schema."""


class TaskNotFound(AirflowNotFoundException):
    """No such task in the DAG."""


class TaskInstanceNotFound(AirflowNotFoundException):
    """No such task instance."""


class PoolNotFound(AirflowNotFoundException):
    """No such pool."""


class NoAvailablePoolSlot(AirflowException):
    """The pool is full."""


class DagConcurrencyLimitReached(AirflowException):
    """The DAG runs as many tasks as it may."""


class TaskConcurrencyLimitReached(AirflowException):
    """The task runs as often at once as it may."""


class BackfillUnfinished(AirflowException):
    """A backfill ended with tasks not successful."""

    def __init__(self, message: str, ti_status: Any) -> None:
        super().__init__(message)
        self.ti_status = ti_status


class FileSyntaxError(NamedTuple):
    """One mistake in a file of variables or connections."""

    line_no: int | None
    message: str

    def __str__(self) -> str:
        return f"{self.message}. Line number: s{self.line_no},"


class AirflowFileParseException(AirflowException):
    """A file of variables or connections cannot be read."""

    def __init__(self, msg: str, file_path: str, parse_errors: list[FileSyntaxError]) -> None:
        super().__init__(msg)
        self.msg = msg
        self.file_path = file_path
        self.parse_errors = parse_errors

    def __str__(self) -> str:
        lines = "\n".join(f"  {error}" for error in self.parse_errors)
        return f"{self.msg}\nFilename: {self.file_path}\n\n{lines}"


class ConnectionNotUnique(AirflowException):
    """A file holds two connections of one id."""


class TaskDeferred(BaseException):
    """Leave the worker; go on in ``method_name`` when ``trigger`` fires. A BaseException, so that it gets through."""

    def __init__(
        self,
        *,
        trigger: Any,
        method_name: str,
        kwargs: dict[str, Any] | None = None,
        timeout: timedelta | int | float | None = None,
    ) -> None:
        super().__init__()
        self.trigger = trigger
        self.method_name = method_name
        self.kwargs = kwargs
        self.timeout = timedelta(seconds=timeout) if isinstance(timeout, (int, float)) else timeout
        if self.timeout is not None and not isinstance(self.timeout, timedelta):
            raise ValueError("Timeout value must be a timedelta")

    def serialize(self) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
        """Class path, arguments and keywords from which the exception can be made again."""
        cls = type(self)
        kwargs = {
            "trigger": self.trigger,
            "method_name": self.method_name,
            "kwargs": self.kwargs,
            "timeout": self.timeout,
        }
        return f"{cls.__module__}.{cls.__name__}", (), kwargs

    def __repr__(self) -> str:
        return f"<TaskDeferred trigger={self.trigger} method={self.method_name}>"


class TaskDeferralError(AirflowException):
    """The trigger failed, or the deferral lasted too long."""


class TaskDeferralTimeout(TaskDeferralError):
    """The trigger did not fire within the deferral's timeout."""


class DownstreamTasksSkipped(AirflowException):
    """End the task as successful and skip the named tasks downstream."""

    def __init__(self, *, tasks: Any) -> None:
        super().__init__()
        self.tasks = tasks


class DagRunTriggerException(AirflowException):
    """Ask the runner to trigger another DAG's run."""


class PodMutationHookException(AirflowException):
    """The pod_mutation_hook raised."""


class PodReconciliationError(AirflowException):
    """Two parts of a pod's description cannot be put together."""


class RemovedInAirflow3Warning(DeprecationWarning):
    """Something that works in Airflow 2 and not in Airflow 3."""

    deprecated_since: str | None = None


class RemovedInAirflow4Warning(DeprecationWarning):
    """Something that works in Airflow 3 and not in Airflow 4."""

    deprecated_since: str | None = None


class AirflowProviderDeprecationWarning(DeprecationWarning):
    """Something that a provider is going to remove."""

    deprecated_provider_since: str | None = None


class DeserializingResultError(ValueError):
    """The result of code in a virtual environment cannot be read here."""

    def __str__(self) -> str:
        return (
            "Error deserializing result. Note that result deserialization is not supported across major Python "
            f"versions. Cause: {self.__cause__}"
        )


class UnknownExecutorException(ValueError):
    """No executor of this name or alias is configured."""


def _name_as_imported() -> None:
    """Tracebacks and serialised forms name the module that authors import from, which log scrapers look for."""
    for value in list(globals().values()):
        if isinstance(value, type) and value.__module__ == __name__:
            value.__module__ = "airflow.exceptions"


_name_as_imported()
