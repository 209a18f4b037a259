"""What a running attempt may ask, answered over storage inside the caller's transaction: the Gateway of wire.messages.

Every request carries the attempt's token; a token that is not the row's any more is refused (the attempt was cleared,
marked or rescued meanwhile) and nothing changes. A request that comes twice (a worker re-sends what a dead scheduler
did not answer) changes nothing the second time and gets the same answer.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol

from msgspec import structs

from tradewind.engine import attempts as attempt_rules
from tradewind.engine import run_creation, skipping
from tradewind.model.changes import Event, TaskChange
from tradewind.model.errors import AlreadyExists, Forbidden, InvalidInput, NotFound
from tradewind.model.outcomes import Deferred, Failed, Outcome, Skipped, Succeeded
from tradewind.model.records import DagRun, RunKey, TaskInstance, TaskKey
from tradewind.model.spec import DagSpec, TaskSpec
from tradewind.model.states import OWNED_TASK_STATES, RunState, TaskState
from tradewind.model.times import DataInterval
from tradewind.storage import failures, sla_misses
from tradewind.storage.database import Transaction
from tradewind.timetables import registry
from tradewind.wire import messages as wire
from tradewind.wire.outcomes import unpack
from tradewind.wire.plugin_messages import PluginFailed

from . import datasets as dataset_actions
from . import kept, row_changes, subdags
from . import runs as run_actions
from .replies import run_reply


class Specs(Protocol):
    """Where parsed DAGs come from; kept decoded between requests."""

    def get(self, tx: Transaction, dag_id: str) -> DagSpec | None:
        """The DAG as it is now, or None when there is none."""
        ...


@dataclass(frozen=True, slots=True)
class Pushed:
    """A return value was stored; ``length`` None: not a list or dict."""

    key: TaskKey
    length: int | None


@dataclass(frozen=True, slots=True)
class Branched:
    """A branch or short circuit has said what it follows or skips."""

    key: TaskKey
    record: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Cleared:
    """A task instance's XComs are gone: a new try begins."""

    key: TaskKey


News = Pushed | Branched | Cleared
RETURN_VALUE = "return_value"
PAGE_BYTES = 64 * 1024 * 1024
"""Of values in one answer; a single one may be larger."""
BRANCH_RECORD = "skipmixin_key"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A reply, and what the caller must look at after it: task instances that changed, by run."""

    reply: wire.AttemptReply
    run: RunKey | None = None
    changed: tuple[TaskInstance, ...] = ()
    callbacks: tuple[int, ...] = ()
    """Callbacks that the attempt's own process runs now."""
    new_runs: tuple[RunKey, ...] = ()
    """Other runs that were made or changed."""
    news: tuple[News, ...] = ()
    """What was stored that mapped tasks and branches depend on."""


@dataclass(frozen=True, slots=True)
class Asking:
    """One request being answered."""

    tx: Transaction
    specs: Specs
    token: str
    row: TaskInstance
    now: datetime
    task_fields: Mapping[str, Any] = field(default_factory=dict)
    timetables: registry.TimetableBuilder = registry.build

    @property
    def run_key(self) -> RunKey:
        return RunKey(self.row.dag_id, self.row.run_id)


OUT = OWNED_TASK_STATES | {TaskState.RESTARTING}
"""States in which an attempt has not said its end."""
LOGGED: Mapping[type, str] = {Succeeded: "success", Skipped: "skipped", Failed: "failed"}
"""What the audit log says of an end, also of a failure that is tried again; of other ends it says nothing."""
STALE = wire.Refused(code="stale", message="this attempt is not the task instance's current one any more; end")


def answer(
    tx: Transaction,
    specs: Specs,
    token: str,
    request: wire.AttemptRequest,
    row: TaskInstance | None = None,
    *,
    timetables: registry.TimetableBuilder = registry.build,
) -> Answer:
    """Carry out one request of the attempt that holds ``token``.

    ``row`` is the task instance when the caller has just read it. What is refused on purpose becomes a
    ``wire.Refused``; only defects and database errors are raised, and AnswerPending when ``timetables`` must first ask
    a plugin: nothing was done then, the same request is to come again.
    """
    row = row or tx.task_instances.by_token(token)
    if row is None:
        return answer_without_row(tx, request)
    handler = HANDLERS[type(request)]
    try:
        return handler(Asking(tx, specs, token, row, tx.now, timetables=timetables), request)
    except NotFound as error:
        return Answer(reply=wire.Refused(code="not_found", message=str(error)))
    except AlreadyExists as error:
        return Answer(reply=wire.Refused(code="already_exists", message=str(error)))
    except (InvalidInput, PluginFailed) as error:
        return Answer(reply=wire.Refused(code="invalid", message=str(error)))
    except Forbidden as error:
        return Answer(reply=wire.Refused(code="forbidden", message=str(error)))


def answer_without_row(tx: Transaction, request: wire.AttemptRequest) -> Answer:
    """An attempt whose token no row has was taken off its task instance. Only what it has done counts."""
    if isinstance(request, wire.CallbackDone):
        tx.callbacks.done(request.callback_id)
        return Answer(reply=wire.Ok())
    return Answer(reply=STALE)


def start(asking: Asking, request: wire.Start) -> Answer:
    """queued → running. The second time the same token asks it is told Ok again."""
    row = asking.row
    if row.state is TaskState.RUNNING:
        return Answer(reply=wire.Ok() if row.pid in (None, request.pid) else STALE)
    if row.state is not TaskState.QUEUED:
        return Answer(reply=STALE)
    change = attempt_rules.start_change(
        asking.run_key,
        row,
        now=request.started_at,
        pid=request.pid,
        hostname=request.hostname,
        unixname=request.unixname,
    )
    changed = applied(asking.tx, [change])
    if changed:
        task = task_of(asking.specs.get(asking.tx, row.dag_id), row.task_id)
        asking.tx.history.add_of_attempt("running", row, task.owner, request.started_at)
    return Answer(reply=wire.Ok() if changed else STALE, run=asking.run_key, changed=changed)


def rendered(asking: Asking, request: wire.Rendered) -> Answer:
    asking.tx.rendered.put(asking.run_key, asking.row.key, request.fields)
    return Answer(reply=wire.Ok())


def place(asking: Asking, request: wire.Place) -> Answer:
    if asking.row.state is not TaskState.RUNNING:
        return Answer(reply=STALE)
    change = attempt_rules.place_change(asking.run_key, asking.row, structs.asdict(request))
    changed = applied(asking.tx, [change])
    return Answer(reply=wire.Ok(), run=asking.run_key, changed=changed)


def finish(asking: Asking, request: wire.Finish) -> Answer:
    """running → what the outcome says, with everything that belongs to the end in the same transaction."""
    row = asking.row
    if row.state not in OUT:
        return finished_before(asking)
    if row.state is TaskState.QUEUED:
        # It did start: a database that came back from a crash may have lost the commit that said so.
        row = started_after_all(asking, request.ended_at)
        asking = replace(asking, row=row)
    if request.rendered is not None:
        asking.tx.rendered.put(asking.run_key, row.key, request.rendered)
    news = tuple(one for item in request.xcoms for one in put_item(asking, item, row.key))
    changed, callbacks = conclude(
        asking.tx,
        asking.specs,
        row,
        unpack(request.outcome),
        ended_at=request.ended_at,
        extra=({} if request.rendered_map_index is None else {"rendered_map_index": request.rendered_map_index}),
    )
    if not changed:
        return Answer(reply=STALE)
    notes: tuple[str, ...] = ()
    if changed[0].state is TaskState.SUCCESS:
        notes = dataset_actions.register_of_attempt(asking.tx, row, request)
    skipped = skip_tasks(asking, request.skip)
    reply = wire.Finished(state=str(changed[0].state), callbacks=callbacks, notes=notes)
    return Answer(
        reply=reply,
        run=asking.run_key,
        changed=(*changed, *skipped),
        callbacks=tuple(callback_id for callback_id, _ in callbacks),
        news=news,
    )


def started_after_all(asking: Asking, at: datetime) -> TaskInstance:
    """The queued row as running, when nothing better is known from its end on."""
    change = attempt_rules.start_change(
        asking.run_key, asking.row, now=at, pid=asking.row.pid or 0, hostname="", unixname=""
    )
    changed = applied(asking.tx, [change])
    return changed[0] if changed else asking.row


def finished_before(asking: Asking) -> Answer:
    """Finish said again with the token of the attempt that has ended: the same answer, nothing changed."""
    row = asking.row
    if row.state is None or row.state is TaskState.SCHEDULED:
        return Answer(reply=STALE)
    owed = tuple((owed.id, owed.kind) for owed in asking.tx.callbacks.of_token(asking.token))
    return Answer(
        reply=wire.Finished(state=str(row.state), callbacks=owed), callbacks=tuple(number for number, _ in owed)
    )


def conclude(
    tx: Transaction,
    specs: Specs,
    row: TaskInstance,
    outcome: Outcome,
    *,
    ended_at: datetime,
    extra: Mapping[str, Any] | None = None,
    is_mute: bool = False,
) -> tuple[tuple[TaskInstance, ...], tuple[tuple[int, str], ...]]:
    """Give a queued or running attempt the state that its outcome means. ``is_mute``: its process is gone, and somebody
    else must send the mail that the task asks for.

    Returns the changed rows (empty when somebody was faster) and the callbacks owed as (id, kind).
    """
    run_key = RunKey(row.dag_id, row.run_id)
    spec = specs.get(tx, row.dag_id)
    task = task_of(spec, row.task_id)
    assert row.logical_date is not None  # a stored row has its run's
    result = attempt_rules.after_attempt(task, row, outcome, now=ended_at, logical_date=row.logical_date)
    values = {**result.values, **(extra or {})}
    if isinstance(outcome, Deferred):
        values["trigger_id"] = tx.triggers.create(
            outcome.trigger_classpath, outcome.trigger_kwargs or "{}", created_at=tx.now
        )
    changed = applied(tx, [replace(result.change(run_key), values=values)])
    if not changed:
        return (), ()
    event = LOGGED.get(type(outcome))
    if event is not None:
        tx.history.add_of_attempt(event, row, task.owner, ended_at)
    if isinstance(outcome, Failed):
        failures.note_failure(tx, row, attempt_rules.error_line(outcome), ended_at=ended_at)
    mail_kind = attempt_rules.mail_of(task, result.state) if is_mute and isinstance(outcome, Failed) else None
    kinds = result.callbacks if mail_kind is None or mail_kind in result.callbacks else (mail_kind, *result.callbacks)
    payload = callback_payload(row, outcome)
    callbacks = tuple(
        (tx.callbacks.add(kind, run_key, row.key, {**payload, "mail": kind == mail_kind}), kind) for kind in kinds
    )
    return changed, callbacks


def callback_payload(row: TaskInstance, outcome: Outcome) -> dict[str, Any]:
    """What a callback needs when it has to be run later, in another process than the attempt's."""
    return {
        "token": row.token,
        "try_number": row.try_number,
        "max_tries": row.max_tries,
        "error": getattr(outcome, "error", "") or None,
        "failure": getattr(outcome, "kind", None),
    }


def task_of(spec: DagSpec | None, task_id: str) -> TaskSpec:
    """The task's spec; a task that the DAG has no more is judged by BaseOperator's defaults."""
    for task in spec.tasks if spec is not None else ():
        if task.task_id == task_id:
            return task
    return TaskSpec(task_id=task_id, task_type="")


def applied(tx: Transaction, changes: Sequence[TaskChange]) -> tuple[TaskInstance, ...]:
    """Apply changes; the rows whose guard held."""
    return tuple(row for row in tx.task_instances.apply(changes) if row is not None)


def skip_tasks(asking: Asking, task_ids: Sequence[str]) -> tuple[TaskInstance, ...]:
    """Set tasks that a branch or short circuit left out to skipped."""
    if not task_ids:
        return ()
    key = asking.row.key
    rows = {row.key: row for row in asking.tx.task_instances.of_run(asking.run_key)}
    # What it skips is recorded, not what it follows: only a short circuit skips all map indices.
    is_short_circuit = "skipped" in json.loads(asking.tx.xcoms.value(asking.run_key, key, BRANCH_RECORD) or "{}")
    changes = skipping.skip_changes(asking.run_key, rows, key, task_ids, asking.now, every_index=is_short_circuit)
    return applied(asking.tx, changes)


def callback_done(asking: Asking, request: wire.CallbackDone) -> Answer:
    owed = asking.tx.callbacks.get(request.callback_id) if request.was_told else None
    if owed is not None:
        misses = [(task_id, datetime.fromisoformat(at)) for task_id, at, _ in owed.payload.get("slas", ())]
        sla_misses.told(asking.tx, owed.run.dag_id, misses, email_sent=request.email_sent)
    asking.tx.callbacks.done(request.callback_id)
    if request.error:
        asking.tx.emit(
            Event(
                kind="callback.failed",
                dag_id=asking.row.dag_id,
                run_id=asking.row.run_id,
                task_id=asking.row.task_id,
                map_index=asking.row.map_index,
                payload={"error": request.error},
            )
        )
    return Answer(reply=wire.Ok())


def put_xcom(asking: Asking, request: wire.PutXCom) -> Answer:
    row = asking.row
    key = TaskKey(
        request.task_id if request.task_id is not None else row.task_id,
        request.map_index if request.map_index is not None else row.map_index,
    )
    news = put_item(asking, request.item, key)
    return Answer(reply=wire.Ok(), run=asking.run_key, news=news)


def put_item(asking: Asking, item: wire.XComItem, key: TaskKey) -> tuple[News, ...]:
    """Store one XCom; what the run's board must be told of it."""
    asking.tx.xcoms.put(asking.run_key, key, item.key, item.value, item.length)
    if item.key == RETURN_VALUE:
        return (Pushed(key, item.length),)
    if item.key == BRANCH_RECORD:
        return (Branched(key, json.loads(item.value)),)
    return ()


def get_xcoms(asking: Asking, request: wire.GetXComs) -> Answer:
    rows, total = asking.tx.xcoms.get(request, asking.row.dag_id)
    if request.limit is not None:
        rows = fitting(rows)
    return Answer(reply=wire.XComs(rows=tuple(rows), total=total))


def fitting(rows: Sequence[wire.XComRow]) -> list[wire.XComRow]:
    """The first rows that one message carries well, at least one: a page of large values comes in several."""
    kept: list[wire.XComRow] = []
    size = 0
    for row in rows:
        size += len(row.value)
        if kept and size > PAGE_BYTES:
            break
        kept.append(row)
    return kept


def delete_xcoms(asking: Asking, request: wire.DeleteXComs) -> Answer:
    reply: wire.AttemptReply = wire.Ok()
    if request.gives_rows:
        found = asking.tx.xcoms.of_instance(asking.run_key, asking.row.key)
        reply = wire.XComs(
            rows=tuple(
                wire.XComRow(
                    key=one.key, value=one.value, task_id=one.task_id, map_index=one.map_index, run_id=one.run_id
                )
                for one in found
            )
        )
    asking.tx.xcoms.clear(asking.run_key, asking.row.key)
    return Answer(reply=reply, run=asking.run_key, news=(Cleared(asking.row.key),))


def get_variable(asking: Asking, request: wire.GetVariable) -> Answer:
    return Answer(reply=wire.Value(value=asking.tx.vault.variable_value(request.key)))


def put_variable(asking: Asking, request: wire.PutVariable) -> Answer:
    asking.tx.vault.put_variable(request.key, request.value, request.description)
    return Answer(reply=wire.Ok())


def delete_variable(asking: Asking, request: wire.DeleteVariable) -> Answer:
    return Answer(reply=wire.Value(value=int(asking.tx.vault.delete_variable(request.key))))


def get_connection(asking: Asking, request: wire.GetConnection) -> Answer:
    return Answer(reply=connection_reply(asking.tx, request.conn_id))


def connection_reply(tx: Transaction, conn_id: str) -> wire.AttemptReply:
    """A stored connection, decrypted; Value(None) when there is none."""
    stored = tx.vault.get_connection(conn_id)
    if stored is None:
        return wire.Value(value=None)
    return wire.ConnectionReply(
        conn_id=stored.conn_id,
        conn_type=stored.conn_type or "",
        description=stored.description,
        host=stored.host,
        login=stored.login,
        password=stored.password,
        schema=stored.schema,
        port=stored.port,
        extra=stored.extra,
    )


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


HANDLERS: Mapping[type, Callable[[Asking, Any], Answer]] = {
    wire.Start: start,
    wire.Rendered: rendered,
    wire.Place: place,
    wire.Finish: finish,
    wire.CallbackDone: callback_done,
    wire.PutXCom: put_xcom,
    wire.GetXComs: get_xcoms,
    wire.DeleteXComs: delete_xcoms,
    wire.GetVariable: get_variable,
    wire.PutVariable: put_variable,
    wire.DeleteVariable: delete_variable,
    wire.GetConnection: get_connection,
    wire.TriggerRun: trigger_run,
    wire.RunSubDag: run_subdag,
    wire.GetRun: get_run,
    wire.GetPreviousRun: get_previous_run,
    wire.CountRuns: count_runs,
    wire.CountTaskInstances: count_task_instances,
    wire.GetTaskStates: get_task_states,
    wire.GetDagInfo: get_dag_info,
    wire.IsLatestRun: is_latest_run,
    wire.ChangeRows: change_rows,
    wire.GetDatasetEvents: get_dataset_events,
    wire.GetTriggeringEvents: get_triggering_events,
    wire.GetAsset: about_assets,
    wire.GetKept: about_assets,
    wire.PutKept: about_assets,
    wire.DeleteKept: about_assets,
}
