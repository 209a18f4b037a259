"""Beyond Airflow: one request for everything that a filter matches: task instances, DAG runs, DAGs.

A dry run counts first. ``expected_count`` is what the dry run said: when by then something else would be touched,
nothing is, and the answer is 409."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Generic, TypeVar

from tradewind.actions.bulk import (
    Bulk,
    DagAction,
    Manner,
    RunAction,
    TaskAction,
    parts,
    parts_by_run,
    touched,
    touched_states,
)
from tradewind.actions.nested import followed
from tradewind.actions.scopes import Scope, widened
from tradewind.auth.permissions import Access, on_dag
from tradewind.model.spec import DagSpec
from tradewind.model.states import TaskState
from tradewind.storage import selections
from tradewind.storage.database import Transaction
from tradewind.storage.selections import DagRef, RunRef, TaskRef

from .batches import Batched
from .bodies import iso
from .bulk_filters import (
    DAG_FILTER,
    RUN_FILTER,
    TASK_FILTER,
    check_dag_filter,
    dag_selection,
    editable,
    run_selection,
    task_selection,
)
from .call import Call
from .forms import Field, load
from .problems import Problem, bad_request, conflict
from .table import Operation

R = TypeVar("R", TaskRef, RunRef, DagRef)
MOST_TASKS = 100_000
MOST_RUNS = 20_000
MOST_NEW_RUNS = 1_000
"""Runs that one request makes: they are made in one transaction."""
TASKS_AT_ONCE = 300
RUNS_AT_ONCE = 20
MOST_SHOWN = 5_000

_FLAG = {"type": "boolean"}
_FLAGS = ("include_upstream", "include_downstream", "include_past", "include_future")
_COMMON: dict[str, Any] = {
    "dry_run": {"type": "boolean", "default": True},
    "expected_count": {"type": "integer", "minimum": 0, "nullable": True},
    "sample_limit": {"type": "integer", "minimum": 0, "default": 100},
}
_NOTE = {"type": "string", "nullable": True}


def _body(actions: Iterable[str], filter: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    properties = {"action": {"type": "string", "enum": list(actions)}, "filter": filter, **_COMMON, **more}
    return {"type": "object", "required": ["action", "filter"], "properties": properties}


_TASKS = _body(
    [str(one) for one in TaskAction],
    TASK_FILTER,
    only_failed=_FLAG,
    reset_dag_runs={"type": "boolean", "default": True},
    prevent_running_task=_FLAG,
    include_nested_dags=_FLAG,
    note=_NOTE,
    **dict.fromkeys(_FLAGS, _FLAG),
)
_RUNS = _body([str(one) for one in RunAction], RUN_FILTER, only_failed=_FLAG, note=_NOTE)
_DAGS = _body([str(one) for one in DagAction], DAG_FILTER, conf={"type": "object", "nullable": True})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chosen(Generic[R]):
    """What is to be touched, how it is shown, and how it is changed part by part."""

    refs: Sequence[R]
    shown: Callable[[R], dict[str, Any]]
    state: Callable[[R], str]
    parts: Iterable[Any]
    change: Callable[[Transaction, Any, Any], None]
    more: Callable[[], dict[str, Any]] = dict
    """What a dry run tells beside it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    """What all three kinds of request have in common."""

    call: Call
    body: Mapping[str, Any]
    permitted: frozenset[str] | None
    event: str

    @classmethod
    def read(cls, call: Call, event: str, schema: Mapping[str, Any], access: Callable[[str], Access]) -> _Request:
        body = load(
            call.body, tuple(Field(name, most=1000 if name == "note" else None) for name in schema["properties"])
        )
        if not body.get("dry_run", True) and body.get("expected_count") is None and not any(body["filter"].values()):
            raise bad_request("An empty filter matches everything: say expected_count, which a dry run tells")
        return cls(call=call, body=body, permitted=editable(call.user, access(body["action"])), event=event)

    @property
    def filter(self) -> Mapping[str, Any]:
        filter: Mapping[str, Any] = self.body["filter"]
        return filter

    def spec_of(self, dag_id: str) -> DagSpec | None:
        return self.call.services.specs.of_dag(self.call.tx, dag_id)

    def manner(self) -> Manner:
        body = self.body
        return Manner(
            only_failed=bool(body.get("only_failed")),
            reset_runs=body.get("reset_dag_runs", True),
            note=body.get("note"),
            user_id=self.call.user.user_id,
            conf=body.get("conf"),
        )

    def answer(self, chosen: _Chosen[R], bulk: Bulk) -> Any:
        """What a dry run tells, or how it is carried out. Raises the 409 when the count is another by now."""
        refs = chosen.refs
        is_dry, expected = self.body.get("dry_run", True), self.body.get("expected_count")
        if not is_dry and expected is not None and expected != len(refs):
            raise conflict(f"expected_count is {expected}, and {len(refs)} would be touched now; nothing was changed")
        shown = [chosen.shown(ref) for ref in refs[: min(int(self.body.get("sample_limit", 100)), MOST_SHOWN)]]
        told: dict[str, Any] = {
            "action": self.body["action"],
            "dry_run": is_dry,
            "total": len(refs),
            "by_state": Counter(chosen.state(ref) for ref in refs),
            "by_dag": Counter(ref.dag_id for ref in refs),
            "sample": shown,
        }
        if is_dry or not refs:
            return told | chosen.more() | _tally(bulk)
        return Batched(self._parts(chosen), lambda: told | _tally(bulk))

    def _parts(self, chosen: _Chosen[R]) -> list[Callable[[Transaction], None]]:
        def carry_out(is_first: bool, part: Any, tx: Transaction) -> None:
            self.call.use(tx)
            if is_first:
                self._note(chosen.refs, tx)
            chosen.change(tx, part, self.body["action"])

        return [partial(carry_out, number == 0, part) for number, part in enumerate(chosen.parts)]

    def _note(self, refs: Sequence[Any], tx: Transaction) -> None:
        """One row of the audit log for each DAG, before anything is done to it."""
        asked = {name: value for name, value in self.body.items() if name not in ("sample_limit", "dry_run")}
        event = f"{self.event}.{self.body['action']}"
        for dag_id, number in Counter(ref.dag_id for ref in refs).items():
            tx.history.add(event, dag_id=dag_id, owner=self.call.user.username, extra={**asked, "count": number})


def _tally(bulk: Bulk) -> dict[str, Any]:
    return {
        "applied": bulk.tally.applied,
        "refused": bulk.tally.refused,
        "created": [{"dag_id": run.dag_id, "dag_run_id": run.run_id} for run in bulk.tally.created],
    }


def _bounded(found: Any, most: int) -> Any:
    number = found if isinstance(found, int) else len(found)
    if isinstance(found, int) or number > most:
        raise Problem(400, f"The filter matches {number}; at most {most} are done at a time. Narrow it.")
    return found


def bulk_task_instances(call: Call) -> Any:
    """POST /bulk/taskInstances"""
    request = _Request.read(call, "bulk.taskInstances", _TASKS, lambda _: on_dag("PUT", "TASK_INSTANCE"))
    action = TaskAction(request.body["action"])
    wanted = task_selection(request.filter, request.permitted)
    # What is left out is so of the whole, also of what the scope adds.
    selected = selections.task_instances(call.tx, replace(wanted, left_out=()), most=MOST_TASKS)
    refs: list[TaskRef] = _bounded(selected, MOST_TASKS)
    scope = Scope(**{name.removeprefix("include_"): bool(request.body.get(name)) for name in _FLAGS})
    if action is TaskAction.CLEAR or scope != Scope():
        refs = _bounded(widened(call.tx, request.spec_of, refs, scope), MOST_TASKS)
    bulk = Bulk(spec_of=request.spec_of, manner=request.manner())
    if action is TaskAction.CLEAR and request.body.get("include_nested_dags"):
        refs = _bounded([*refs, *_nested(request, refs, bulk)], MOST_TASKS)
    left_out, manner = set(wanted.left_out), bulk.manner
    refs = [ref for ref in touched(refs, action, only_failed=manner.only_failed) if ref[:4] not in left_out]
    if request.body.get("prevent_running_task") and any(ref.state is TaskState.RUNNING for ref in refs):
        raise conflict("Some of them are running, and prevent_running_task is set; nothing was changed")
    chosen = _Chosen(
        refs=refs,
        shown=_shown_task,
        state=lambda ref: "none" if ref.state is None else str(ref.state),
        parts=parts_by_run(refs, TASKS_AT_ONCE),
        change=lambda tx, part, word: bulk.change_tasks(tx, part, TaskAction(word)),
    )
    return request.answer(chosen, bulk)


def _nested(request: _Request, refs: Sequence[TaskRef], bulk: Bulk) -> list[TaskRef]:
    """Task instances of other DAGs that markers name, as far as one may change them; of the others it is told."""
    found = followed(request.call.tx, request.spec_of, refs)
    bulk.tally.refused += found.left_out
    permitted = request.permitted
    refused = {ref.dag_id for ref in found.refs if permitted is not None and ref.dag_id not in permitted}
    for dag_id in sorted(refused):
        bulk.tally.refuse("You may not do this to this DAG", dag_id=dag_id)
    return [ref for ref in found.refs if ref.dag_id not in refused]


def _shown_task(ref: TaskRef) -> dict[str, Any]:
    return {
        "dag_id": ref.dag_id,
        "dag_run_id": ref.run_id,
        "task_id": ref.task_id,
        "map_index": ref.map_index,
        "state": ref.state,
        "execution_date": iso(ref.logical_date),
    }


_RUN_METHODS = {RunAction.DELETE: "DELETE", RunAction.TRIGGER_AGAIN: "POST"}


def bulk_dag_runs(call: Call) -> Any:
    """POST /bulk/dagRuns"""
    request = _Request.read(
        call, "bulk.dagRuns", _RUNS, lambda word: on_dag(_RUN_METHODS.get(RunAction(word), "PUT"), "RUN")
    )
    action = RunAction(request.body["action"])
    most = MOST_NEW_RUNS if action is RunAction.TRIGGER_AGAIN else MOST_RUNS
    refs: list[RunRef] = _bounded(
        selections.runs(call.tx, run_selection(request.filter, request.permitted), most=most), most
    )
    if action in (RunAction.SUCCESS, RunAction.FAILED):
        refs = [ref for ref in refs if ref.state != action.value]
    bulk = Bulk(spec_of=request.spec_of, manner=request.manner())
    chosen = _Chosen(
        refs=refs,
        shown=_shown_run,
        state=lambda ref: str(ref.state),
        parts=parts(refs, MOST_NEW_RUNS if action is RunAction.TRIGGER_AGAIN else RUNS_AT_ONCE),
        change=lambda tx, part, word: bulk.change_runs(tx, part, RunAction(word)),
        more=lambda: {"task_instances": _tasks_of(call, refs, action, only_failed=bulk.manner.only_failed)},
    )
    return request.answer(chosen, bulk)


def _tasks_of(call: Call, refs: Sequence[RunRef], action: RunAction, *, only_failed: bool) -> dict[str, Any]:
    """How many task instances the action on their runs changes."""
    states = touched_states(selections.task_states(call.tx, refs), action, only_failed=only_failed)
    return {
        "total": sum(states.values()),
        "by_state": {"none" if state is None else str(state): number for state, number in states.items()},
    }


def _shown_run(ref: RunRef) -> dict[str, Any]:
    return {
        "dag_id": ref.dag_id,
        "dag_run_id": ref.run_id,
        "state": ref.state,
        "execution_date": iso(ref.logical_date),
        "run_type": ref.run_type,
    }


_DAG_ACCESS = {
    DagAction.PAUSE: on_dag("PUT"),
    DagAction.UNPAUSE: on_dag("PUT"),
    DagAction.TRIGGER: on_dag("POST", "RUN"),
    DagAction.DELETE: on_dag("DELETE"),
}


_DAGS_AT_ONCE = {DagAction.PAUSE: 200, DagAction.UNPAUSE: 200, DagAction.TRIGGER: MOST_NEW_RUNS, DagAction.DELETE: 1}


def bulk_dags(call: Call) -> Any:
    """POST /dags/bulk"""
    request = _Request.read(call, "bulk.dags", _DAGS, lambda word: _DAG_ACCESS[DagAction(word)])
    action = DagAction(request.body["action"])
    check_dag_filter(request.filter)
    refs = selections.dags(call.tx, dag_selection(request.filter, request.permitted))
    if action in (DagAction.PAUSE, DagAction.UNPAUSE):
        refs = [ref for ref in refs if ref.is_paused is not (action is DagAction.PAUSE)]
    if action is DagAction.TRIGGER:
        _bounded(refs, MOST_NEW_RUNS)
    bulk = Bulk(spec_of=request.spec_of, manner=request.manner())
    chosen = _Chosen(
        refs=refs,
        shown=_shown_dag,
        state=lambda ref: "paused" if ref.is_paused else "unpaused",
        parts=parts(refs, _DAGS_AT_ONCE[action]),
        change=lambda tx, part, word: bulk.change_dags(tx, part, DagAction(word)),
    )
    return request.answer(chosen, bulk)


def _shown_dag(ref: DagRef) -> dict[str, Any]:
    return {"dag_id": ref.dag_id, "is_paused": ref.is_paused}


def _operation(id: str, path: str, handler: Any, body: Any) -> Operation:
    # What must be granted depends on the action and the DAGs: the handlers ask.
    access = (on_dag("GET"),)
    return Operation(
        id=id,
        method="POST",
        path=path,
        handler=handler,
        tag="Bulk",
        access=access,
        body=body,
        in_batches=True,
        is_ours=True,
    )


OPERATIONS: tuple[Operation, ...] = (
    _operation("bulk_task_instances", "/bulk/taskInstances", bulk_task_instances, _TASKS),
    _operation("bulk_dag_runs", "/bulk/dagRuns", bulk_dag_runs, _RUNS),
    _operation("bulk_dags", "/dags/bulk", bulk_dags, _DAGS),
)
