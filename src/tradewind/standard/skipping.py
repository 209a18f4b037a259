"""What a branch or short circuit leaves out: which downstream tasks, told to the Runtime and kept as XCom."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from tradewind.sdk import runtime
from tradewind.sdk.context import get_current_context
from tradewind.sdk.exceptions import AirflowException

XCOM_SKIPMIXIN_KEY = "skipmixin_key"
XCOM_SKIPMIXIN_SKIPPED = "skipped"
XCOM_SKIPMIXIN_FOLLOWED = "followed"


class SkipMixin:
    """For operators that skip downstream tasks. The skips are committed with the end of the attempt."""

    def skip(self, *args: Any, **kwargs: Any) -> None:
        """Skip tasks, and remember it, so that they are skipped again when only they are cleared.

        ``skip(ti, tasks)`` as in Airflow 3, or ``skip(dag_run, execution_date, tasks, …)`` as in Airflow 2, by position
        or by name; it is the running task instance that skips.
        """
        of_airflow_2 = "dag_run" in kwargs or (bool(args) and not hasattr(args[0], "xcom_push"))
        names = ("dag_run", "execution_date", "tasks") if of_airflow_2 else ("ti", "tasks")
        given = {**dict(zip(names, args, strict=False)), **kwargs}
        self._skip(get_current_context()["ti"] if of_airflow_2 else given["ti"], given["tasks"])

    def _skip(self, ti: Any, tasks: Iterable[Any]) -> None:
        task_ids = [task.task_id for task in tasks]
        ti.xcom_push(key=XCOM_SKIPMIXIN_KEY, value={XCOM_SKIPMIXIN_SKIPPED: task_ids})
        if ti.map_index >= 0:
            # In a mapped group only the tasks right after it learn of it, by what it has stored; further ones follow
            # their own rule, as in Airflow.
            task_ids = [task_id for task_id in task_ids if task_id in ti.task.downstream_task_ids]
        _tell(ti, task_ids)

    def skip_all_except(self, ti: Any, branch_task_ids: str | Iterable[str] | None) -> None:
        """Skip all direct downstream tasks but those that lead to a followed one.

        Raises AirflowException when a followed id is no task of the DAG.
        """
        followed = _followed(ti, branch_task_ids)
        direct = ti.task.get_direct_relatives(upstream=False)
        dag = ti.task.dag
        kept = set(followed)
        for task_id in followed:
            kept |= set(dag.get_task(task_id).get_flat_relative_ids(upstream=False))
        direct = sorted(direct, key=lambda task: task.task_id)
        skipped = [task.task_id for task in direct if task.task_id not in kept]
        ti.task.log.info("Skipping tasks %s", skipped)
        _tell(ti, skipped)
        ti.xcom_push(
            key=XCOM_SKIPMIXIN_KEY,
            value={XCOM_SKIPMIXIN_FOLLOWED: [task.task_id for task in direct if task.task_id in kept]},
        )


def _followed(ti: Any, branch_task_ids: str | Iterable[str] | None) -> set[str]:
    log = ti.task.log
    if isinstance(branch_task_ids, str):
        chosen: set[Any] = {branch_task_ids}
    elif branch_task_ids is None:
        chosen = set()
    elif isinstance(branch_task_ids, Iterable):
        chosen = set(branch_task_ids)
        wrong = {(task_id, type(task_id).__name__) for task_id in chosen if not isinstance(task_id, str)}
        if wrong:
            raise AirflowException(
                f"Unable to branch to the specified tasks. The branching function returned invalid "
                f"'branch_task_ids': {wrong}. Please check that your function returns an Iterable of valid task IDs "
                f"that exist in your DAG."
            )
    else:
        raise AirflowException(
            "'branch_task_ids' must be either None, a task ID, or an Iterable of IDs, "
            f"but got {type(branch_task_ids).__name__!r}."
        )
    log.info("Following branch %s", chosen)
    unknown = chosen - set(ti.task.dag.task_ids)
    if unknown:
        raise AirflowException(f"'branch_task_ids' must contain only valid task_ids. Invalid tasks found: {unknown}.")
    return chosen


def _tell(ti: Any, task_ids: Sequence[str]) -> None:
    if ti.map_index >= 0:
        # One of several mapped instances speaks for its own index only; outside its mapped group it skips nothing.
        task_ids = [task_id for task_id in task_ids if _same_group(ti.task, ti.task.dag.get_task(task_id))]
    found = runtime.find()
    if task_ids and found is not None:
        found.skip_tasks(tuple(task_ids))


def _same_group(one: Any, other: Any) -> bool:
    group = one.get_closest_mapped_task_group()
    return group is not None and group is other.get_closest_mapped_task_group()
