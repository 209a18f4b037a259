"""Checks of a whole DAG: argument types, cycles, setups, params of a scheduled DAG, owner links."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tradewind.model.states import TriggerRule

from .exceptions import AirflowDagCycleException, AirflowException, AirflowTimetableInvalid, ParamValidationError

if TYPE_CHECKING:
    from .dag import DAG

_TYPES: dict[str, tuple[type, bool]] = {
    "dagrun_timeout": (timedelta, True),
    "description": (str, True),
    "catchup": (bool, False),
    "fail_stop": (bool, False),
    "auto_register": (bool, False),
    "max_active_tasks": (int, False),
    "max_active_runs": (int, False),
    "max_consecutive_failed_dag_runs": (int, False),
    "is_paused_upon_creation": (bool, True),
    "render_template_as_native_obj": (bool, False),
}


def check_types(dag: DAG) -> None:
    """Raise TypeError for an argument of the wrong type, AirflowException for numbers that cannot be."""
    for name, (expected, may_be_none) in _TYPES.items():
        value = getattr(dag, name)
        if value is None and may_be_none:
            continue
        if not isinstance(value, expected):
            raise TypeError(
                f"{name!r} has an invalid type {type(value)} with value {value}, expected type is {expected}"
            )
    if dag.max_consecutive_failed_dag_runs < 0:
        raise AirflowException(
            "Invalid max_consecutive_failed_dag_runs: "
            f"{dag.max_consecutive_failed_dag_runs}. Requires max_consecutive_failed_dag_runs >= 0"
        )
    limit = getattr(dag.timetable, "active_runs_limit", None)
    if limit is not None and dag.max_active_runs > limit:
        raise AirflowException(f"Invalid max_active_runs: {type(dag.timetable)} requires max_active_runs <= {limit}")


def invalid_owner_links(dag: DAG) -> Iterator[tuple[str, str]]:
    """Owners whose link is no address."""
    for owner, link in dag.owner_links.items():
        parts = urlsplit(link)
        if not (parts.scheme == "mailto" and parts.path) and not (parts.scheme and parts.netloc):
            yield owner, link


def check_owner_links(dag: DAG) -> None:
    """Raise AirflowException for owner links that are no addresses."""
    wrong = dict(invalid_owner_links(dag))
    if wrong:
        raise AirflowException(
            f"Wrong link format was used for the owner. Use a valid link \nBad formatted links are: {wrong}"
        )


def validate_dag(dag: DAG) -> None:
    """Everything that can only be judged when all tasks are there."""
    validate_timetable(dag)
    validate_setup_teardown(dag)
    check_cycle(dag)
    for task in dag.tasks:
        if dag.fail_stop and task.trigger_rule not in (TriggerRule.ALL_SUCCESS, TriggerRule.ALL_DONE_SETUP_SUCCESS):
            raise AirflowException("A 'fail-stop' dag can only have all_success trigger rule")
    validate_schedule_and_params(dag)


def validate_timetable(dag: DAG) -> None:
    """Raise AirflowTimetableInvalid for a schedule that cannot be."""
    check = getattr(dag.timetable, "validate", None)
    if check is None:
        return
    try:
        check()
    except AirflowException:
        raise
    except ValueError as error:
        raise AirflowTimetableInvalid(str(error)) from error


def validate_schedule_and_params(dag: DAG) -> None:
    """Raise AirflowException when a run made by the schedule would have no valid params."""
    if not dag.timetable.can_be_scheduled:
        return
    try:
        dag.params.validate()
    except ParamValidationError as error:
        raise AirflowException(
            "DAG is not allowed to define a Schedule, "
            "if there are any required params without default values or default values are not valid."
        ) from error


def validate_setup_teardown(dag: DAG) -> None:
    """Raise ValueError when a task after a setup would run although the setup failed."""
    for task in dag.tasks:
        if not task.is_setup:
            continue
        for follower in task.downstream_list:
            if not follower.is_teardown and follower.trigger_rule != TriggerRule.ALL_SUCCESS:
                raise ValueError("Setup tasks must be followed with trigger rule ALL_SUCCESS.")


def check_cycle(dag: DAG) -> None:
    """Raise AirflowDagCycleException, naming a task on the circle. Depth first, without recursion."""
    done: set[str] = set()
    for start in dag.task_dict:
        if start in done:
            continue
        path = {start}
        stack: list[tuple[str, Iterator[Any]]] = [(start, iter(sorted(dag.task_dict[start].downstream_task_ids)))]
        while stack:
            task_id, following = stack[-1]
            for next_id in following:
                if next_id in path:
                    raise AirflowDagCycleException(f"Cycle detected in DAG: {dag.dag_id}. Faulty task: {task_id}")
                if next_id not in done:
                    path.add(next_id)
                    stack.append((next_id, iter(sorted(dag.task_dict[next_id].downstream_task_ids))))
                    break
            else:
                done.add(task_id)
                path.discard(task_id)
                stack.pop()
