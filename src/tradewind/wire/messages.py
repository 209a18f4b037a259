"""Typed messages between processes. Every frame is one message, MessagePack by msgspec, tagged by class name.

Who speaks to whom:

    attempt (task process)  --AttemptRequest-->  worker  --Ask-->  scheduler (gateway, actions.attempts)
                            <---AttemptReply---          <--Reply--
    scheduler  --SchedulerMessage-->  worker         worker  --WorkerMessage-->  scheduler
    triggerer  --Ask, TriggerFired-->  scheduler     scheduler  --RunTrigger, Reply-->  triggerer
    worker | dag-processor  --Spawn-->  template     (a socket end is passed along; the forked child talks over it)
    worker  --ZygoteOrder-->  zygote  --ZygoteMessage-->  worker

An attempt's requests carry its token (added by the worker), and every answer is made in a transaction that checked it.
Values (XCom, conf, kwargs) travel as JSON text made by serde.values: only task processes turn them into objects.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

PROTOCOL_VERSION = 1


class Message(msgspec.Struct, tag=True, frozen=True, kw_only=True, omit_defaults=True):
    """Base of all messages."""


# What an attempt asks -------------------------------------------------------------------------------------------


class XComItem(msgspec.Struct, frozen=True, kw_only=True):
    """One XCom to store; ``value`` is JSON text. ``length`` is set for a list, tuple or dict: mapped tasks need it."""

    key: str
    value: str
    length: int | None = None


class AliasEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event of a dataset that a task has attached to aliases among its outlets; ``extra`` is JSON text."""

    uri: str
    extra: str
    aliases: tuple[str, ...] = ()
    partition_key: str | None = None
    """Of the partition that was written, when the task said so."""


class PackedOutcome(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """model.outcomes.Outcome on the wire: ``kind`` is succeeded, failed, skipped, rescheduled, deferred or
    not_started."""

    kind: str
    error: str = ""
    retryable: bool = True
    failure: str = "exception"
    at: datetime | None = None
    trigger_classpath: str = ""
    trigger_kwargs: str = ""
    next_method: str = ""
    next_kwargs: str = ""
    timeout: float | None = None
    retry_delay: float | None = None


class Start(Message, frozen=True):
    """The attempt's process is up and about to run the task's code. → Ok, or Refused when it is no longer wanted."""

    pid: int
    hostname: str
    unixname: str
    started_at: datetime


class Rendered(Message, frozen=True):
    """Rendered template fields (JSON text) of the attempt; stored in the same commit as whatever comes next. No answer
    is awaited."""

    fields: str


class Place(Message, frozen=True):
    """Where the operator's hook and the task's own weight strategy want the task instance when it is queued next, for
    a retry or after a reschedule. Stored with whatever comes next. No answer is awaited."""

    pool: str
    pool_slots: int
    queue: str
    priority_weight: int
    executor: str | None = None


class Finish(Message, frozen=True):
    """The attempt's end, whole: state, return value and other XComs not yet stored, tasks to skip, dataset events.
    → Finished. One transaction."""

    outcome: PackedOutcome
    ended_at: datetime
    xcoms: tuple[XComItem, ...] = ()
    skip: tuple[str, ...] = ()
    """Ids of direct downstream tasks (or, from a short circuit, all downstream) to set to skipped."""
    dataset_events: tuple[tuple[str, str], ...] = ()
    """(uri, extra as JSON text)."""
    alias_events: tuple[AliasEvent, ...] = ()
    """Of datasets that the task chose while it ran."""
    rendered_map_index: str | None = None
    rendered: str | None = None
    """Rendered fields, when they were not sent before."""


class CallbackDone(Message, frozen=True):
    """A callback that Finished (or LaunchCallback) handed out has returned or raised; it is not run again. → Ok."""

    callback_id: int
    error: str | None = None
    was_told: bool = False
    """Of missed SLAs: a callback has returned, or a mail was sent."""
    email_sent: bool = False


class PutXCom(Message, frozen=True):
    """→ Ok. For the attempt's own task instance, unless ids are given."""

    item: XComItem
    task_id: str | None = None
    map_index: int | None = None


class GetXComs(Message, frozen=True):
    """→ XComs. The rows of one run, ordered by task id (in the order asked), map index. ``task_ids`` None: any task;
    ``map_indexes`` None: any. ``include_prior_dates``: also earlier runs, newest first."""

    key: str
    dag_id: str
    run_id: str
    task_ids: tuple[str, ...] | None = None
    map_indexes: tuple[int, ...] | None = None
    include_prior_dates: bool = False
    offset: int = 0
    limit: int | None = None
    count_only: bool = False


class DeleteXComs(Message, frozen=True):
    """→ Ok, or XComs when ``gives_rows``: what there was. Clears the attempt's own XComs (at the start of a try)."""

    gives_rows: bool = False


class GetVariable(Message, frozen=True):
    """→ Value (None when there is none)."""

    key: str


class PutVariable(Message, frozen=True):
    """→ Ok. Creates or replaces."""

    key: str
    value: str
    description: str | None = None


class DeleteVariable(Message, frozen=True):
    """→ Value: the number of variables deleted, 0 or 1."""

    key: str


class GetConnection(Message, frozen=True):
    """→ ConnectionReply or Value(None)."""

    conn_id: str


class TriggerRun(Message, frozen=True):
    """→ RunReply, or Refused with ``code`` not_found / already_exists / invalid. ``logical_date`` None: now."""

    dag_id: str
    run_id: str | None = None
    logical_date: datetime | None = None
    conf: str | None = None
    reset: bool = False
    """Clear and run again a run of this id or date that exists."""
    request_key: str = ""
    """Same key again (after a crash of the scheduler): the run made the first time is answered."""


class RunSubDag(Message, frozen=True):
    """→ RunReply, or Refused. The run of the attempt's SubDAG at the attempt's own date; made when there is none."""

    dag_id: str
    conf: str | None = None
    """JSON text, for a run that is made."""
    resets: bool = False
    """Run again what failed in a run that ended as failed."""


class GetPool(Message, frozen=True):
    """→ Value: how many slots a pool has, None when there is no such pool. For DAG files at import."""

    name: str


class GetRun(Message, frozen=True):
    """→ RunReply or Value(None). By run id, or by logical date."""

    dag_id: str
    run_id: str | None = None
    logical_date: datetime | None = None


class GetPreviousRun(Message, frozen=True):
    """→ RunReply or Value(None): the run of the attempt's DAG before ``logical_date``, optionally with a state."""

    dag_id: str
    logical_date: datetime
    state: str | None = None


class CountRuns(Message, frozen=True):
    """→ Value: how many runs of ``dag_id`` at these dates (or with these ids) are in one of ``states`` (None: any)."""

    dag_id: str
    logical_dates: tuple[datetime, ...] = ()
    run_ids: tuple[str, ...] = ()
    states: tuple[str, ...] | None = None


class CountTaskInstances(Message, frozen=True):
    """→ Value: how many task instances match; a null state is written "none"."""

    dag_id: str
    task_ids: tuple[str, ...] = ()
    task_group_id: str | None = None
    logical_dates: tuple[datetime, ...] = ()
    run_ids: tuple[str, ...] = ()
    states: tuple[str, ...] | None = None


class GetTaskStates(Message, frozen=True):
    """→ Value: {run_id: {task_id or task_id_mapindex: state}}."""

    dag_id: str
    task_ids: tuple[str, ...] | None = None
    run_ids: tuple[str, ...] = ()
    logical_dates: tuple[datetime, ...] = ()


class GetDagInfo(Message, frozen=True):
    """→ Value: {"exists", "is_paused", "fileloc", "task_ids", "group_ids"} of a DAG, or None."""

    dag_id: str


class RowChange(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A row that a compat ORM session adds, changes or deletes. ``kind``: insert, update, delete."""

    kind: str
    table: str
    key: dict[str, Any] = {}
    values: dict[str, Any] = {}


class ChangeRows(Message, frozen=True):
    """What an ORM session of user code commits: all of it, or Refused. → Value with the number of rows."""

    changes: tuple[RowChange, ...]


class IsLatestRun(Message, frozen=True):
    """→ Value: whether the attempt's run is the newest scheduled one (LatestOnlyOperator)."""


class GetDatasetEvents(Message, frozen=True):
    """→ DatasetEvents: the events of a dataset (of an alias when ``is_alias``: those written through it), oldest
    first."""

    uri: str
    is_alias: bool = False
    name: str = ""
    """Airflow 3's name of an asset, in place of the URI."""
    offset: int = 0
    limit: int | None = None
    """None: all from ``offset`` on; 0: only how many there are."""


class AssetKey(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An asset, by its URI or by its name."""

    uri: str = ""
    name: str = ""


class GetAsset(Message, frozen=True):
    """→ Value: {"name", "uri", "group", "extra"} of a known asset, or None."""

    asset: AssetKey


class GetKept(Message, frozen=True):
    """→ Value: JSON text of what is kept under ``key`` for the asking task instance, or for an asset; or None."""

    key: str
    asset: AssetKey | None = None


class PutKept(Message, frozen=True):
    """→ Ok. Keeps JSON text for the asking task instance, or for an asset; until ``expires_at``, when it is given."""

    key: str
    value: str
    asset: AssetKey | None = None
    expires_at: datetime | None = None


class DeleteKept(Message, frozen=True):
    """→ Ok. Forgets what is kept under ``key`` (None: all) for the asking task instance, or for an asset."""

    key: str | None = None
    asset: AssetKey | None = None


class GetTriggeringEvents(Message, frozen=True):
    """→ DatasetEvents: the events that made a run, oldest first."""

    dag_id: str
    run_id: str


AssetRequest = GetAsset | GetKept | PutKept | DeleteKept

AttemptRequest = (
    Start
    | Rendered
    | Place
    | Finish
    | CallbackDone
    | PutXCom
    | GetXComs
    | DeleteXComs
    | GetVariable
    | PutVariable
    | DeleteVariable
    | GetConnection
    | TriggerRun
    | RunSubDag
    | GetRun
    | GetPreviousRun
    | CountRuns
    | CountTaskInstances
    | GetTaskStates
    | GetDagInfo
    | IsLatestRun
    | ChangeRows
    | GetDatasetEvents
    | GetTriggeringEvents
    | AssetRequest
)


class Ok(Message, frozen=True):
    """Done."""


class Refused(Message, frozen=True):
    """Not done. ``code``: stale (the token is not the owner's any more: the attempt must end), not_found,
    already_exists, invalid, forbidden."""

    code: str
    message: str


class Value(Message, frozen=True):
    """A plain value."""

    value: Any = None


class XComRow(msgspec.Struct, frozen=True, kw_only=True):
    """One stored XCom; ``value`` is JSON text."""

    task_id: str
    map_index: int
    run_id: str
    value: str
    key: str = ""
    """Only where rows of several keys are given."""


class XComs(Message, frozen=True):
    """Rows, and how many there are in all without offset and limit."""

    rows: tuple[XComRow, ...] = ()
    total: int = 0


class ConnectionReply(Message, frozen=True):
    """A connection, decrypted."""

    conn_id: str
    conn_type: str = ""
    description: str | None = None
    host: str | None = None
    login: str | None = None
    password: str | None = None
    schema: str | None = None
    port: int | None = None
    extra: str | None = None


class RunReply(Message, frozen=True):
    """A DAG run as an attempt sees it; ``conf`` is JSON text."""

    dag_id: str
    run_id: str
    run_type: str
    state: str
    logical_date: datetime
    data_interval_start: datetime | None = None
    data_interval_end: datetime | None = None
    queued_at: datetime | None = None
    start_date: datetime | None = None
    end_date: datetime | None = None
    external_trigger: bool = False
    conf: str | None = None
    id: int = 0
    clear_number: int = 0
    note: str | None = None
    partition_key: str | None = None


class DatasetEventItem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One event of a dataset; ``extra`` is JSON text. ``source_run``: the run whose task wrote it, while it exists."""

    id: int
    dataset_id: int
    uri: str
    timestamp: datetime
    extra: str = "{}"
    source_dag_id: str | None = None
    source_task_id: str | None = None
    source_run_id: str | None = None
    source_map_index: int = -1
    source_run: RunReply | None = None


class DatasetEvents(Message, frozen=True):
    """Events of datasets."""

    events: tuple[DatasetEventItem, ...] = ()
    total: int = 0
    """How many there are; of the events that made a run those that are here."""


class Finished(Message, frozen=True):
    """The end is committed: the state the task instance got, and callbacks for this process to run now, in order."""

    state: str
    callbacks: tuple[tuple[int, str], ...] = ()
    """(callback id, kind): kind is success, failure, retry, skipped."""
    notes: tuple[str, ...] = ()
    """What the task's log should say of its end."""


AttemptReply = Ok | Refused | Value | XComs | ConnectionReply | RunReply | DatasetEvents | Finished


# Scheduler and worker -------------------------------------------------------------------------------------------


class Attempt(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All that a task process must know to begin: no question is needed before the task's code runs but Start."""

    token: str
    dag_id: str
    run_id: str
    task_id: str
    map_index: int = -1
    try_number: int = 1
    max_tries: int = 0
    fileloc: str = ""
    run: RunReply | None = None
    pool: str = "default_pool"
    pool_slots: int = 1
    queue: str = "default"
    priority_weight: int = 1
    queued_at: datetime | None = None
    first_start_date: datetime | None = None
    next_method: str | None = None
    next_kwargs: str | None = None
    """JSON text; after a deferral with the trigger's event under ``event``."""
    map_lengths: dict[str, dict[int, int]] = {}
    """For a mapped task: supplier task id → its map index → length of its return value."""
    log_path: str = ""
    """File of this try's log; the directory is made by whoever opens it first."""
    execution_timeout: float | None = None
    run_as_user: str | None = None
    inline_callbacks: bool = True
    retry_delay_hint: float | None = None


class Launch(Message, frozen=True):
    """Run this attempt."""

    attempt: Attempt


class LaunchCallback(Message, frozen=True):
    """Run one callback in a fork of its own: a DAG run's, or a task's whose process was killed.
    ``kind``: dag_success, dag_failure, dag_sla_miss, failure, retry, success, skipped; ``reason`` and ``error`` go into
    the context."""

    callback_id: int
    kind: str
    attempt: Attempt
    """Of a DAG callback: a task instance of the run, for the context."""
    state: str | None = None
    """That of the instance, for a DAG callback."""
    reason: str = ""
    error: str | None = None
    timeout: float = 300.0
    failure: str = ""
    """Why the attempt failed: Failed.kind, empty when it did not."""
    sends_mail: bool = False
    """The attempt's process was gone before it could send the mail that its task asks for."""
    sla: str = ""
    """Of kind dag_sla_miss, as JSON: ``slas`` (task id, date, when noticed) and ``blocking`` (task id, run id, map
    index, state, date)."""


class Kill(Message, frozen=True):
    """End the attempt: on_kill is called, then, after a grace period, SIGKILL."""

    token: str
    reason: str


class Reply(Message, frozen=True):
    """Answer to Ask; ``body`` is an encoded AttemptReply."""

    token: str
    request_id: int
    body: msgspec.Raw


class Welcome(Message, frozen=True):
    """Answer to Hello. Attempts in ``kill`` are not wanted any more."""

    job_id: int
    kill: tuple[str, ...] = ()
    heartbeat_interval: float = 5.0


class Drain(Message, frozen=True):
    """Take no more; end when the last attempt has."""


class RunTrigger(Message, frozen=True):
    """To a triggerer: run this trigger until its first event. ``kwargs`` is JSON text. ``attempt`` is the attempt that
    was deferred: its token is what the trigger's questions carry, its log gets the trigger's words."""

    trigger_id: int
    classpath: str
    kwargs: str
    attempt: Attempt


class StopTrigger(Message, frozen=True):
    """To a triggerer: forget this trigger. Its event is committed, or nobody waits for it any more."""

    trigger_id: int


SchedulerMessage = Launch | LaunchCallback | Kill | Reply | Welcome | Drain | RunTrigger | StopTrigger


class Hello(Message, frozen=True):
    """A worker's first words, also to a new scheduler. Running attempts are adopted; unanswered Asks follow again."""

    worker_id: str
    pid: int
    hostname: str
    protocol: int = PROTOCOL_VERSION
    capacity: int = 32
    queues: tuple[str, ...] = ()
    attempts: tuple[str, ...] = ()
    """Tokens of attempts it holds, running or about to."""
    callbacks: tuple[int, ...] = ()
    job_id: int | None = None


class Ask(Message, frozen=True):
    """An attempt's request, passed on; ``body`` is an encoded AttemptRequest. request_id 0: no answer awaited."""

    token: str
    request_id: int
    body: msgspec.Raw
    can_wait: bool = False
    """It may be passed on a little later, with what its process says next: one commit for both."""


class Exited(Message, frozen=True):
    """An attempt's process is gone. Said for each Launch exactly once, after everything it sent has been passed on."""

    token: str
    exit_code: int | None = None
    signal: int | None = None
    code_started: bool = False
    """Start had been answered with Ok: the try counts."""
    reason: str = ""
    """For people: e.g. "import of the DAG file failed: …", "killed by SIGKILL"."""
    ended_at: datetime | None = None


class CallbackExited(Message, frozen=True):
    """The fork that ran LaunchCallback is gone; CallbackDone had come before when it did its work."""

    callback_id: int
    exit_code: int | None = None
    signal: int | None = None


class Beat(Message, frozen=True):
    """The worker lives; renews the lease of all its attempts."""

    attempts: tuple[str, ...] = ()


class TriggererHello(Message, frozen=True):
    """A triggerer's first words, also to a new scheduler. Events that nobody has acknowledged follow Welcome again."""

    triggerer_id: str
    pid: int
    hostname: str
    protocol: int = PROTOCOL_VERSION
    capacity: int = 1000
    triggers: tuple[int, ...] = ()
    """What it holds: triggers that run, or have fired and wait for the word to be forgotten."""
    job_id: int | None = None


class TriggerFired(Message, frozen=True):
    """A trigger's first event. → StopTrigger. ``end_state`` (success, failed, skipped): the task ends with it, without
    another attempt, and ``xcoms`` are stored."""

    trigger_id: int
    event: str
    """The payload, JSON text."""
    end_state: str = ""
    xcoms: tuple[XComItem, ...] = ()


class TriggerFailed(Message, frozen=True):
    """A trigger raised, ended without an event, or could not be made. → StopTrigger."""

    trigger_id: int
    error: str
    traceback: tuple[str, ...] = ()


WorkerMessage = Hello | Ask | Exited | CallbackExited | Beat | TriggererHello | TriggerFired | TriggerFailed


# The template ---------------------------------------------------------------------------------------------------


class TriggererRequest(Message, frozen=True):
    """Payload of Spawn for kind "triggerer": the home's triggerer, which ends when it has had nothing to do for so
    long. It talks to the scheduler, not over the passed socket."""

    idle_seconds: float = 60.0


class PluginHostRequest(Message, frozen=True):
    """Payload of Spawn for kind "plugin-host": the home's plugin host, which ends when nobody has asked it anything
    for so long. It listens on a socket of its own."""

    idle_seconds: float = 300.0


class Spawn(Message, frozen=True):
    """Fork a child of ``kind`` "parse", "zygote", "triggerer" or "plugin-host"; one socket end comes along as ancillary
    data (SCM_RIGHTS)."""

    request_id: int
    kind: str
    payload: msgspec.Raw


class Spawned(Message, frozen=True):
    """The child's pid. The template reaps it and says SpawnExited to the same client."""

    request_id: int
    pid: int


class SpawnExited(Message, frozen=True):
    """A child of the template is gone."""

    pid: int
    exit_code: int | None = None
    signal: int | None = None


class ParseRequest(Message, frozen=True):
    """For a parse child: import this file and report ParseReport over the passed socket. Asks (GetVariable,
    GetConnection, PutVariable) go over the same socket before."""

    path: str
    dags_folder: str
    relative_path: str
    compat_level: int = 2
    timeout: float = 50.0
    """Hard limit of the whole parse: the child is killed by who asked for it."""
    memory_limit_mib: int | None = None
    plugins_folder: str = ""
    safe_mode: bool = False
    import_timeout: float = 30.0
    """Soft limit of the import: an exception in the file's code."""
    with_traceback: bool = True


class FileSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A file whose content the result depends on."""

    path: str
    mtime_ns: int
    size: int


class ParseReport(Message, frozen=True):
    """What came of a parse: encoded DagSpecs (JSON), errors per file, warnings, and what the result depends on."""

    specs: tuple[bytes, ...] = ()
    errors: tuple[tuple[str, str], ...] = ()
    """(file path, text with file, line, reason)."""
    warnings: tuple[str, ...] = ()
    files: tuple[FileSeen, ...] = ()
    """The DAG file and modules imported from the DAG and plugin folders."""
    lookups: tuple[tuple[str, str, str], ...] = ()
    """What top-level code read through us: ("variable" | "connection" | "env", name, digest of the value)."""
    is_volatile: bool = False
    """The import opened a socket or a file elsewhere: parse again at the interval."""
    is_fork_unsafe: bool = False
    """The import started threads or left sockets open: fresh process per attempt."""
    seconds: float = 0.0
    may_go_on: bool = False
    """The child has nothing of the file left in it and would take another ParseRequest; it ends when its socket
    closes."""


# Zygotes ---------------------------------------------------------------------------------------------------------


class ZygoteRequest(Message, frozen=True):
    """Payload of Spawn for kind "zygote": import this file, say ZygoteReady, then fork on request. Asks of top-level
    code go over the same socket before (as Ask, with the token of the attempt that waits for this zygote)."""

    path: str
    dags_folder: str
    plugins_folder: str = ""
    compat_level: int = 2
    timeout: float = 30.0
    hostname: str = ""
    log_folder: str = ""
    token: str = ""
    request_base: int = 0


class ZygoteReady(Message, frozen=True):
    """The import is over. ``error``: the file's import error, which is the reason why its attempts fail."""

    files: tuple[FileSeen, ...] = ()
    lookups: tuple[tuple[str, str, str], ...] = ()
    is_volatile: bool = False
    is_fork_unsafe: bool = False
    error: str = ""
    seconds: float = 0.0


class Fork(Message, frozen=True):
    """Fork a child for one attempt or one callback; its end of a socket comes along (SCM_RIGHTS). The child numbers
    its requests from ``request_base`` + 1."""

    fork_id: int
    request_base: int
    attempt: Attempt | None = None
    callback: LaunchCallback | None = None


class Forked(Message, frozen=True):
    """The child's pid; it leads a session and process group of its own."""

    fork_id: int
    pid: int


class ForkExited(Message, frozen=True):
    """A child of the zygote is gone, and what was left of its process group with it."""

    fork_id: int
    pid: int
    exit_code: int | None = None
    signal: int | None = None


ZygoteMessage = ZygoteReady | Ask | Forked | ForkExited
ZygoteOrder = Fork | Reply

TemplateMessage = Spawn | Spawned | SpawnExited
ParseMessage = ParseRequest | ParseReport
