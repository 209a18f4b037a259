"""Runs: start what is queued, examine what has changed, finish what is over; schedules makes them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

import structlog

from tradewind.actions import asking
from tradewind.engine import application, run_creation, run_ends
from tradewind.engine.board import RunBoard
from tradewind.engine.ready import EVERYTHING
from tradewind.model.changes import Event, RunChange, TaskChange
from tradewind.model.records import DagRun, RunKey, TaskInstance, TaskKey
from tradewind.model.spec import DagSpec
from tradewind.model.states import RunState, TaskState
from tradewind.storage.database import Transaction

from .schedules import Schedules
from .specs import Loaded, SpecCache
from .step import Step
from .timetables import TimetableSource

log = structlog.get_logger(__name__)

MAX_BOARDS = 4096
"""Open runs whose board is kept in memory; the least recently used goes."""
MAX_ROUNDS = 8
"""How often one step looks at a run again because a guard failed; the sweep takes it from there."""


class RunKeeper(Schedules):
    """Holds a board per open run and moves runs on. One per scheduler; not thread-safe."""

    def __init__(
        self,
        specs: SpecCache,
        *,
        job_id: int | None,
        new_token: Callable[[], str],
        failure_limit: int = 0,
        timetables: TimetableSource | None = None,
    ) -> None:
        super().__init__(specs, job_id=job_id, timetables=timetables)
        self._new_token = new_token
        self._failure_limit = failure_limit
        self._boards: OrderedDict[RunKey, RunBoard] = OrderedDict()
        self.examined_slas: dict[str, RunKey] = {}
        """DAGs with SLAs of which a run was examined since somebody looked, with that run."""

    def forget(self, run: RunKey) -> None:
        """Somebody else has changed the run: load it again when it is next looked at."""
        self._boards.pop(run, None)

    def forget_all(self) -> None:
        """After a failed transaction memory and rows may differ: load everything again."""
        self._boards.clear()

    def revisions(self) -> dict[RunKey, int]:
        """The revision at which each board stands; the sweep compares them with the rows."""
        return {key: board.run.revision for key, board in self._boards.items()}

    # Examining --------------------------------------------------------------------------------------------------

    def examine(self, step: Step) -> None:
        """Take all decisions that the touched runs are due, until none is left."""
        for _ in range(MAX_ROUNDS):
            if not step.touched:
                return
            touched, step.touched = step.touched, {}
            for run, keys in touched.items():
                self._examine_run(step, run, keys)
        for run in step.touched:
            log.warning("run.unsettled", dag_id=run.dag_id, run_id=run.run_id, rounds=MAX_ROUNDS)

    def _examine_run(self, step: Step, run: RunKey, keys: set[TaskKey] | None) -> None:
        loaded = self.specs.load(step.tx, run.dag_id)
        changed = step.changed.pop(run, [])
        if not self._is_ours(step, run):
            return
        if loaded is None or not loaded.is_active or loaded.is_paused:
            self.forget(run)
            return
        if loaded.has_slas:
            self.examined_slas[run.dag_id] = run
        news = step.news.pop(run, [])
        board = self._boards.get(run)
        if board is not None:
            board.update(changed)
            tell(board, news)
            self._boards.move_to_end(run)
        else:
            board = self._load(step, run, loaded)
            keys = None
        if board is None or board.run.state is not RunState.RUNNING:
            return
        try:
            decisions = board.decide(EVERYTHING if keys is None else keys, step.now)
            plan = application.changes(board, decisions, step.now)
        except Exception:  # nothing is written yet: one run that cannot be decided on must not stop the others
            log.exception("run.undecidable", dag_id=run.dag_id, run_id=run.run_id)
            self.forget(run)
            return
        self._carry_out(step, loaded, board, plan)

    def _is_ours(self, step: Step, run: RunKey) -> bool:
        """On PostgreSQL the run's row is locked while it is decided on: two schedulers never decide the same twice.
        On SQLite the one writer is the lock."""
        if step.tx.dialect == "sqlite" or step.tx.runs.lock(run):
            return True
        self.forget(run)
        step.busy.add(run)
        return False

    def _load(self, step: Step, run: RunKey, loaded: Loaded) -> RunBoard | None:
        view = step.tx.runs.view(run, with_past=looks_back(loaded.spec))
        if view is None:
            return None
        board = RunBoard(loaded.graph, view)
        if view.run.state is RunState.RUNNING:
            self._boards[run] = board
            while len(self._boards) > MAX_BOARDS:
                self._boards.popitem(last=False)
        return board

    def load_board(self, tx: Transaction, run: RunKey) -> RunBoard | None:
        """A fresh board of a run in any state, not kept; None when there is no such run."""
        loaded = self.specs.load(tx, run.dag_id)
        view = tx.runs.view(run, with_past=False) if loaded is not None else None
        return None if loaded is None or view is None else RunBoard(loaded.graph, view)

    def board(self, step: Step, run: RunKey) -> RunBoard | None:
        """The run's board, loaded when it is not in memory; what queueing needs to launch an attempt."""
        board = self._boards.get(run)
        if board is None:
            loaded = self.specs.load(step.tx, run.dag_id)
            board = self._load(step, run, loaded) if loaded is not None else None
        return board

    # Carrying out -----------------------------------------------------------------------------------------------

    def _carry_out(self, step: Step, loaded: Loaded, board: RunBoard, plan: application.Application) -> None:
        """Write what was decided: placeholders go, rows come, rows change, and last the run itself."""
        run = RunKey(board.run.dag_id, board.run.run_id)
        if plan.deleted:
            step.tx.task_instances.delete(run, plan.deleted)
        step.tx.task_instances.add(board.run, plan.new_rows)
        board.update(plan.new_rows, deleted=plan.deleted)
        if self._apply(step, board, run, plan.task_changes) and plan.run_change is not None:
            self._finish(step, loaded, plan.run_change)

    def _apply(self, step: Step, board: RunBoard, run: RunKey, changes: Sequence[TaskChange]) -> bool:
        """False when somebody was faster: the run is loaded again and looked at in this same step."""
        if not changes:
            return True
        rows = step.tx.task_instances.apply([self._with_trigger(step.tx, change) for change in changes])
        done = [row for row in rows if row is not None]
        if len(done) < len(rows):
            self.forget(run)
            step.touch_all(run)
            return False
        board.update(done)
        if any(row.state is TaskState.SCHEDULED for row in done):
            step.wants_queueing = True
        if any(row.state is TaskState.DEFERRED for row in done):
            step.wants_triggers = step.wants_wake_plan = True
        if looks_back(board.graph.spec):
            self._touch_next(step, board.run)
        return True

    def _with_trigger(self, tx: Transaction, change: TaskChange) -> TaskChange:
        """The change with the trigger it asks for, and a token by which the trigger may ask for connections. When its
        guard then fails, the trigger goes like all that nobody waits for."""
        if change.trigger is None:
            return change
        trigger_id = tx.triggers.create(change.trigger.classpath, change.trigger.kwargs)
        return replace(change, values={**change.values, "trigger_id": trigger_id, "token": self._new_token()})

    def _touch_next(self, step: Step, run: DagRun) -> None:
        """A DAG whose tasks look back: the following run may go on now."""
        following = step.tx.runs.next_of(run.dag_id, run.logical_date)
        if following is not None and following.state is RunState.RUNNING:
            key = RunKey(following.dag_id, following.run_id)
            self.forget(key)
            step.touch_all(key)

    def _finish(self, step: Step, loaded: Loaded, change: RunChange) -> None:
        self._boards.pop(change.run, None)
        step.dags.add(change.run.dag_id)
        finished = step.tx.runs.apply(change)
        if finished is None:
            step.touch_all(change.run)
            return
        owe_dag_callback(step, loaded.spec, finished, str(change.payload.get("reason", "")))
        if looks_back(loaded.spec):
            self._touch_next(step, finished)
        if finished.state is RunState.FAILED:
            self._pause_after_failures(step, loaded.spec)

    def _pause_after_failures(self, step: Step, spec: DagSpec) -> None:
        """``max_consecutive_failed_dag_runs``: that many failures in a row pause the DAG."""
        limit = spec.max_consecutive_failed_dag_runs or self._failure_limit
        if limit <= 0:
            return
        states = step.tx.runs.last_states(spec.dag_id, limit)
        if run_ends.is_paused_by_failures(spec, states, self._failure_limit):
            step.tx.dags.set_paused([spec.dag_id], True)
            self.specs.forget(spec.dag_id)
            step.tx.emit(Event(kind="dag.paused", dag_id=spec.dag_id, payload={"failed_runs": limit}))

    def fail_stop(self, step: Step, run: RunKey, failed: TaskInstance) -> None:
        """A task of a ``fail_stop`` DAG has failed for good: what has not ended is skipped."""
        spec = self.specs.get(step.tx, run.dag_id)
        if spec is None or not spec.fail_stop:
            return
        rows = step.tx.task_instances.of_run(run)
        changes = run_ends.fail_stop_changes(spec, rows, failed.key, step.now)
        step.touch(run, *(row for row in step.tx.task_instances.apply(changes) if row is not None))

    # Run timeouts -----------------------------------------------------------------------------------------------

    def time_out(self, step: Step) -> list[RunKey]:
        """Fail running runs that are over their dagrun_timeout: running tasks are skipped, the rest stays. Returns the
        runs whose attempts must be ended."""
        ended = []
        for run in step.tx.runs.timed_out(step.now):
            key = RunKey(run.dag_id, run.run_id)
            loaded = self.specs.load(step.tx, run.dag_id)
            if loaded is None:
                continue
            plan = run_ends.timed_out(loaded.spec, run, step.tx.task_instances.of_run(key), step.now)
            if plan is None:
                continue
            step.tx.task_instances.apply(plan[1])
            self._finish(step, loaded, plan[0])
            ended.append(key)
        return ended

    # Queued and due runs ----------------------------------------------------------------------------------------

    def start_queued(self, step: Step) -> None:
        """queued → running for the DAGs in ``step.dags``, oldest first, within max_active_runs. Runs of open backfills
        are not ours to start (scheduler.backfills)."""
        dags, step.dags = step.dags, set()
        if not dags:
            return
        running = step.tx.runs.running_counts(dags)
        for dag_id in sorted(dags):
            loaded = self.specs.load(step.tx, dag_id)
            if loaded is None or loaded.is_paused or not loaded.is_active:
                continue
            self._start_of_dag(step, loaded, running.get(dag_id, 0))
            step.wants_datasets = step.wants_datasets or loaded.spec.dataset_condition is not None
            self.refresh_next(step, loaded)

    def _start_of_dag(self, step: Step, loaded: Loaded, running: int) -> None:
        room = loaded.spec.max_active_runs - running
        if room <= 0:
            return
        for run in step.tx.runs.queued(loaded.spec.dag_id, room):
            if run_creation.may_start(run, step.now):  # else the sweep looks again
                self.start(step, loaded, run)

    def start(self, step: Step, loaded: Loaded, run: DagRun) -> None:
        """queued → running."""
        key = RunKey(run.dag_id, run.run_id)
        change = application.start_run(run, step.now)
        timeout = loaded.spec.dagrun_timeout
        ends = None if timeout is None else step.now + timedelta(seconds=timeout)
        step.wants_wake_plan = step.wants_wake_plan or ends is not None
        started = step.tx.runs.apply(replace(change, values={**change.values, "timeout_at": ends}))
        self.forget(key)
        if started is not None:
            step.touch_all(key)


def tell(board: RunBoard, news: Iterable[asking.News]) -> None:
    """Let the board know what was stored."""
    for one in news:
        match one:
            case asking.Pushed(key=key, length=length):
                board.pushed(key, length)
            case asking.Branched(key=key, record=record):
                board.branched(key, record)
            case asking.Cleared(key=key):
                board.unpushed(key)


def looks_back(spec: DagSpec) -> bool:
    """Whether some task's dependencies reach into the previous run."""
    return any(task.depends_on_past or task.wait_for_downstream for task in spec.tasks)


def owe_dag_callback(step: Step, spec: DagSpec, run: DagRun, reason: str) -> None:
    """Write down that the DAG's callback for the run's end is owed; it is launched after the commit."""
    succeeded = run.state is RunState.SUCCESS
    if not (spec.has_on_success_callback if succeeded else spec.has_on_failure_callback):
        return
    kind = "dag_success" if succeeded else "dag_failure"
    rows = step.tx.task_instances.of_run(RunKey(run.dag_id, run.run_id))
    key = representative(rows)
    payload = {"reason": reason, "state": run.state.value}
    step.callback_ids.add(step.tx.callbacks.add(kind, RunKey(run.dag_id, run.run_id), key, payload))


def representative(rows: Iterable[TaskInstance]) -> TaskKey | None:
    """The task instance that a DAG callback's context shows: the one that ended last, failed ones first."""
    ended = [row for row in rows if row.end_date is not None]
    failed = [row for row in ended if row.state is TaskState.FAILED]
    chosen = max(failed or ended, key=lambda row: (row.end_date, row.task_id), default=None)
    return None if chosen is None else chosen.key
