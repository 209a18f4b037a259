"""What a DAG asks for that is accepted and not done: said in its warning, so that nobody waits for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tradewind.sdk.dag import DAG


def unsupported(dag: DAG, tasks: Sequence[Any]) -> Iterator[str]:
    """A sentence for each such thing."""
    if dag.deadline:
        yield "deadline: deadline alerts are not evaluated"
    if dag.dag_result is not None:
        yield "@result: a run has no result of its own; read the return value of its task"
    if dag.rerun_with_latest_version is not None or dag.disable_bundle_versioning is not None:
        yield "DAG bundles: there are no bundle versions; runs use the DAG file as it is"
    stubs = sorted(task.task_id for task in tasks if task.operator_name == "@task.stub")
    if stubs:
        yield f"@task.stub: no worker here runs code of other languages; these tasks fail: {', '.join(stubs)}"
    waiting = sorted(task.task_id for task in tasks if getattr(task, "response_timeout", "") is None)
    if any(hasattr(task, "response_timeout") for task in tasks):
        yield "human-in-the-loop operators: nobody can answer here; response_timeout and defaults decide" + (
            f", and these tasks without response_timeout fail: {', '.join(waiting)}" if waiting else ""
        )
    assets = list(_assets(dag, tasks))
    if any(getattr(asset, "watchers", None) for asset in assets):
        yield "watchers: asset watchers do not run; make events by a task or the API"
    access = [getattr(asset, "access_control", None) for asset in assets]
    if any(each is not None and (each.producer_teams or each.consumer_teams is not None) for each in access):
        yield "access_control of assets: there are no teams; events of all producers count"


def _assets(dag: DAG, tasks: Iterable[Any]) -> Iterator[Any]:
    condition = getattr(dag, "dataset_triggers", None)
    if condition is not None:
        yield from (asset for _, asset in condition.iter_datasets())
    for task in tasks:
        yield from (*(task.inlets or ()), *(task.outlets or ()))
