"""What an attempt asks of, or does to, runs, DAGs, rows and datasets beside its own."""

from __future__ import annotations

import json

from tradewind.engine import run_creation
from tradewind.model.errors import InvalidInput, NotFound
from tradewind.model.records import DagRun, RunKey
from tradewind.model.spec import DagSpec
from tradewind.model.states import RunState
from tradewind.model.times import DataInterval
from tradewind.wire import messages as wire

from . import datasets as dataset_actions
from . import kept, row_changes, subdags
from . import runs as run_actions
from .asking import Answer, Asking
from .replies import run_reply


def trigger_run(asking: Asking, request: wire.TriggerRun) -> Answer:
    """A run of another DAG, made once however often the same request comes."""
    spec = asking.specs.get(asking.tx, request.dag_id)
    if spec is None:
        raise NotFound(f"Dag id {request.dag_id} not found in DagModel")
    request_key = f"{asking.token}:{request.request_key}" if request.request_key else None
    run = run_actions.trigger(
        asking.tx,
        spec,
        run_id=request.run_id,
        logical_date=request.logical_date or asking.now,
        conf=json.loads(request.conf) if request.conf else {},
        request_key=request_key,
        reset_existing=request.reset,
        now=asking.now,
        timetables=asking.timetables,
    )
    return Answer(reply=run_reply(run), new_runs=(RunKey(run.dag_id, run.run_id),))


def run_subdag(asking: Asking, request: wire.RunSubDag) -> Answer:
    """The run of the SubDAG of the attempt's task. Whoever only waits for it changes nothing."""
    spec = subdags.spec_of(asking.specs.get(asking.tx, request.dag_id), asking.row, request.dag_id)
    found = subdags.existing(asking.tx, spec, asking.row)
    run = found or subdags.made(asking.tx, spec, asking.row, json.loads(request.conf) if request.conf else None)
    if request.resets:
        run = subdags.repaired(asking.tx, spec, run)
    changed = () if run is found else (RunKey(run.dag_id, run.run_id),)
    return Answer(reply=run_reply(run), new_runs=changed)


def maybe_run(run: DagRun | None) -> Answer:
    return Answer(reply=wire.Value(value=None) if run is None else run_reply(run))


def get_run(asking: Asking, request: wire.GetRun) -> Answer:
    if request.run_id is not None:
        return maybe_run(asking.tx.runs.get(RunKey(request.dag_id, request.run_id)))
    if request.logical_date is not None:
        return maybe_run(asking.tx.runs.by_date(request.dag_id, request.logical_date))
    raise InvalidInput("a run is asked for by run_id or by logical_date; neither was given")


def get_previous_run(asking: Asking, request: wire.GetPreviousRun) -> Answer:
    state = RunState(request.state) if request.state else None
    return maybe_run(asking.tx.runs.previous(request.dag_id, request.logical_date, state=state))


def count_runs(asking: Asking, request: wire.CountRuns) -> Answer:
    count = asking.tx.runs.count(
        request.dag_id, logical_dates=request.logical_dates, run_ids=request.run_ids, states=request.states
    )
    return Answer(reply=wire.Value(value=count))


def group_task_ids(spec: DagSpec | None, group_id: str) -> tuple[str, ...]:
    """Ids of all tasks inside a group, however deep. Raises NotFound for a group that the DAG has not."""
    children = {group.group_id: group.children for group in (spec.groups if spec is not None else ())}
    if group_id not in children:
        raise NotFound(f"The external task group '{group_id}' does not exist.")
    found: list[str] = []
    waiting = [group_id]
    while waiting:
        for child_id, kind in children[waiting.pop()]:
            (found if kind == "task" else waiting).append(child_id)
    return tuple(found)


def count_task_instances(asking: Asking, request: wire.CountTaskInstances) -> Answer:
    task_ids = request.task_ids
    if request.task_group_id is not None:
        task_ids = group_task_ids(asking.specs.get(asking.tx, request.dag_id), request.task_group_id)
    count = asking.tx.task_instances.count(
        request.dag_id,
        task_ids=task_ids,
        logical_dates=request.logical_dates,
        run_ids=request.run_ids,
        states=request.states,
    )
    return Answer(reply=wire.Value(value=count))


def get_task_states(asking: Asking, request: wire.GetTaskStates) -> Answer:
    states: dict[str, dict[str, str | None]] = {}
    for row in asking.tx.task_instances.matching(
        request.dag_id, task_ids=request.task_ids, logical_dates=request.logical_dates, run_ids=request.run_ids
    ):
        name = row.task_id if row.map_index < 0 else f"{row.task_id}_{row.map_index}"
        states.setdefault(row.run_id, {})[name] = row.state
    return Answer(reply=wire.Value(value=states))


def get_dag_info(asking: Asking, request: wire.GetDagInfo) -> Answer:
    dag = asking.tx.dags.get(request.dag_id)
    spec = asking.specs.get(asking.tx, request.dag_id)
    if dag is None or spec is None:
        return Answer(reply=wire.Value(value=None))
    info = {
        "exists": True,
        "is_paused": dag.is_paused,
        "fileloc": dag.fileloc,
        "task_ids": [task.task_id for task in spec.tasks],
        "group_ids": [group.group_id for group in spec.groups if group.group_id],
    }
    return Answer(reply=wire.Value(value=info))


def is_latest_run(asking: Asking, request: wire.IsLatestRun) -> Answer:
    """Whether no newer scheduled run is due; what LatestOnlyOperator asks (a manual run is always the latest)."""
    run = asking.tx.runs.get(asking.run_key)
    if run is None:
        raise NotFound(f"DAGRun {asking.run_key.run_id} of {asking.run_key.dag_id} is gone")
    spec = asking.specs.get(asking.tx, run.dag_id)
    if run.external_trigger or spec is None:
        return Answer(reply=wire.Value(value=True))
    interval = DataInterval(run.data_interval_start or run.logical_date, run.data_interval_end or run.logical_date)
    is_latest = run_creation.is_latest(asking.timetables(spec.timetable), interval, asking.now)
    return Answer(reply=wire.Value(value=is_latest))


def change_rows(asking: Asking, request: wire.ChangeRows) -> Answer:
    """What user code's ORM session commits. Half of a commit must not be kept: a refusal undoes what came before it."""
    with asking.tx.nested():
        count, runs = row_changes.apply(asking.tx, asking.specs.get, request.changes)
    return Answer(reply=wire.Value(value=count), new_runs=runs)


def get_dataset_events(asking: Asking, request: wire.GetDatasetEvents) -> Answer:
    return Answer(reply=dataset_actions.events_of(asking.tx, request))


def get_triggering_events(asking: Asking, request: wire.GetTriggeringEvents) -> Answer:
    return Answer(reply=dataset_actions.of_run(asking.tx, RunKey(request.dag_id, request.run_id)))


def about_assets(asking: Asking, request: wire.AssetRequest) -> Answer:
    return Answer(reply=kept.answer(asking.tx, asking.run_key, asking.row.key, request))
