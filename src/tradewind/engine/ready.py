"""Which task instances may be scheduled now, which get an end without running, and whether the run is over.

``decide`` looks at what was touched and its direct downstream, applies its own decisions to a scratch copy, and goes on
from there until nothing follows: a chain of skips or empty operators collapses in one call.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from tradewind.model.decisions import (
    AddInstances,
    Decision,
    Expand,
    FinishRun,
    Schedule,
    SetState,
    StartInTriggerer,
)
from tradewind.model.records import RunView, TaskInstance, TaskKey
from tradewind.model.spec import DagSpec, StartTrigger, TaskSpec
from tradewind.model.states import OWNED_TASK_STATES, TERMINAL_TASK_STATES, RunState, TaskState

from . import expansion, run_outcome, upstream
from .graph import Graph
from .rows import WAITING_STATES, RunRows
from .run_creation import is_within_dates
from .trigger_rules import RUN, Judgement


class Everything(Enum):
    """Instead of a set of keys: look at the whole run (after loading it, and in the sweep)."""

    EVERYTHING = "everything"


EVERYTHING = Everything.EVERYTHING
Touched = Everything | Iterable[TaskKey]


def decide(spec: DagSpec | Graph, view: RunView, touched: Touched, now: datetime) -> tuple[Decision, ...]:
    """Decisions for one run, one look; in the order in which they are to be applied."""
    return decide_on(RunRows(spec, view), touched, now)


def decide_on(board: RunRows, touched: Touched, now: datetime) -> tuple[Decision, ...]:
    """Decisions for a board's run. The board is left as it was: committed rows come back by ``update``."""
    if board.run.state is not RunState.RUNNING:
        return ()
    with board.scratch():
        look = _Look(board, now)
        if touched is EVERYTHING:
            look.at_everything()
        else:
            look.at(touched)
            if not look.decisions and board.unfinished == board.idle:
                # Nothing runs and nothing followed: before calling that a deadlock, look at all of it.
                look.at_everything()
        end = look.end()
        return (*look.decisions, end) if end else tuple(look.decisions)


@dataclass(frozen=True, slots=True)
class _Place:
    """What to look at: all waiting instances of a task, or one of them."""

    task_id: str
    index: int | None = None


class _Look:
    """One call of ``decide``: a list of places to look at, and the decisions so far."""

    def __init__(self, board: RunRows, now: datetime) -> None:
        self.board = board
        self.graph = board.graph
        self.now = now
        self.decisions: list[Decision] = []
        self._places: deque[_Place] = deque()
        self._queued: set[_Place] = set()

    def at_everything(self) -> None:
        """Compare rows with the spec, then look at every task in topological order."""
        self._add_missing()
        self._remove_unknown()
        for task in self.graph.spec.tasks:
            self._push(_Place(task.task_id))
        self._work()

    def at(self, touched: Iterable[TaskKey]) -> None:
        """Look at these instances and what directly follows them."""
        for key in touched:
            if key.task_id not in self.graph:
                continue
            if self.board.state(key) in WAITING_STATES:
                self._push(_Place(key.task_id, key.map_index))
            self._push_followers(key)
        self._work()

    def end(self) -> FinishRun | None:
        """The end of the run, if these decisions bring it."""
        ended = run_outcome.outcome(self.board)
        return ended if ended or self.decisions else run_outcome.deadlock(self.board)

    def _add_missing(self) -> None:
        missing = tuple(
            key
            for task in self.graph.spec.tasks
            if not self.board.indices.get(task.task_id)
            and is_within_dates(self.graph.spec, task, self.board.run.logical_date)
            for key in expansion.initial_keys(self.graph, task)
        )
        if not missing:
            return
        self.decisions.append(AddInstances(missing))
        for key in missing:
            self.board.try_add(
                TaskInstance(
                    dag_id=self.board.run.dag_id,
                    run_id=self.board.run.run_id,
                    task_id=key.task_id,
                    map_index=key.map_index,
                )
            )

    def _remove_unknown(self) -> None:
        """Rows of tasks that the DAG has no more; what runs may end."""
        for row in list(self.board.task_instances.values()):
            if row.task_id not in self.graph and row.state not in (TERMINAL_TASK_STATES | OWNED_TASK_STATES):
                self._set(row, TaskState.REMOVED)

    # The worklist

    def _push(self, place: _Place) -> None:
        if place not in self._queued:
            self._queued.add(place)
            self._places.append(place)

    def _push_followers(self, key: TaskKey) -> None:
        for downstream in self.graph.tasks[key.task_id].downstream_task_ids:
            if downstream in self.graph:
                self._push(self._follower(key, downstream))
        for consumer in self.graph.consumers.get(key.task_id, ()):
            if self.board.has_placeholder(consumer):
                self._push(_Place(consumer))

    def _follower(self, key: TaskKey, downstream: str) -> _Place:
        """One index below it when both are in the same mapped group and nothing else multiplies them."""
        task, other = self.graph.tasks[key.task_id], self.graph.tasks[downstream]
        same = task.mapped_groups == other.mapped_groups and task.expand is None and other.expand is None
        if task.mapped_groups and same and key.map_index >= 0 and not self.board.has_placeholder(downstream):
            return _Place(downstream, key.map_index)
        return _Place(downstream)

    def _work(self) -> None:
        while self._places:
            place = self._places.popleft()
            self._queued.discard(place)
            self._look_at(place)

    def _look_at(self, place: _Place) -> None:
        waiting = self.board.waiting.get(place.task_id)
        if not waiting:
            return
        task = self.graph.tasks[place.task_id]
        if self.board.has_placeholder(task.task_id) and self.graph.is_mapped(task):
            self._look_at_placeholder(task)
            if self.board.has_placeholder(task.task_id):
                return
            waiting = self.board.waiting.get(place.task_id, set())
            place = _Place(place.task_id)
        if place.index is not None:
            key = TaskKey(place.task_id, place.index)
            if key in waiting:
                self._judge(task, key, upstream.judgement(self.board, key))
        else:
            self._look_at_all(task, waiting)

    def _look_at_all(self, task: TaskSpec, waiting: set[TaskKey]) -> None:
        """All instances that see the same upstream get the same judgement: it is made once."""
        keys = sorted(waiting)
        if task.mapped_groups and (
            self.graph.indexed_upstream.get(task.task_id) or self.graph.indirect_setups(task.task_id)
        ):
            for key in keys:
                self._judge(task, key, upstream.judgement(self.board, key))
            return
        verdict = upstream.judgement(self.board, keys[0])
        if verdict.reason and not self.board.has_branch_records:
            return
        for key in keys:
            self._judge(task, key, verdict)

    def _look_at_placeholder(self, task: TaskSpec) -> None:
        """End a mapped task that can never be expanded; expand it when it could run and its length is known."""
        row = self.board.task_instances[TaskKey(task.task_id)]
        if row.state not in WAITING_STATES:
            return
        siblings = self.graph.indexed_upstream.get(task.task_id, ())
        if siblings and not any(self.board.has_placeholder(sibling) for sibling in siblings):
            # Each index is to follow its own upstream in the group: no verdict for all of them together.
            verdict = RUN
        else:
            verdict = upstream.judgement(self.board, row.key)
            never = upstream.suppliers_verdict(self.board, task)
            if verdict.state is None and never.state is not None:
                verdict = never
        if verdict.state is not None:
            self._set_unless_past(task, row, verdict.state)
        elif upstream.skipping_parent(self.board, row.key) is not None:
            self._set_unless_past(task, row, TaskState.SKIPPED)
        elif verdict.runs and not upstream.past_reason(self.board, row.key):
            count = expansion.total(self.graph, task, self.board.length_of)
            if count:
                self._expand(task.task_id, count)
            elif count == 0:
                self._set(row, TaskState.SKIPPED, is_dated=False)

    # One instance

    def _judge(self, task: TaskSpec, key: TaskKey, verdict: Judgement) -> None:
        row = self.board.task_instances[key]
        if row.state not in WAITING_STATES:
            # A decision for one of its siblings took it away.
            return
        if row.wake_at is not None and row.wake_at > self.now and row.state is not None:
            return
        if verdict.state is not None:
            self._set_unless_past(task, row, verdict.state)
        elif upstream.skipping_parent(self.board, key) is not None:
            self._set_unless_past(task, row, TaskState.SKIPPED)
        elif verdict.runs and not upstream.past_reason(self.board, key) and self._is_still_mapped(task, key):
            self._start(task, row)

    def _is_still_mapped(self, task: TaskSpec, key: TaskKey) -> bool:
        """A supplier that ran again may have made the list longer or shorter: the expansion follows first."""
        if key.map_index < 0 or not self.graph.suppliers(task.task_id):
            return True
        count = expansion.total(self.graph, task, self.board.length_of)
        if count is None or count == self.board.live_count(task.task_id):
            return True
        self._expand(task.task_id, count)
        return self.board.state(key) in WAITING_STATES

    def _expand(self, task_id: str, count: int) -> None:
        self.decisions.append(Expand(task_id, count))
        self.board.try_expand(task_id, count)
        self._push(_Place(task_id))
        for downstream in self.graph.tasks[task_id].downstream_task_ids:
            if downstream in self.graph:
                self._push(_Place(downstream))

    def _start(self, task: TaskSpec, row: TaskInstance) -> None:
        if task.is_empty:
            self._set(row, TaskState.SUCCESS, is_empty=True)
            return
        try_number = row.try_number + (row.state is not TaskState.UP_FOR_RESCHEDULE)
        trigger = start_trigger(task, row.map_index)
        if trigger is not None:
            self.decisions.append(StartInTriggerer(row.key, row.state, try_number, trigger))
            self.board.try_state(row.key, TaskState.DEFERRED)
            return
        self.decisions.append(Schedule(row.key, row.state, try_number))
        self.board.try_state(row.key, TaskState.SCHEDULED)

    def _set_unless_past(self, task: TaskSpec, row: TaskInstance, state: TaskState) -> None:
        """``wait_for_past_depends_before_skipping`` holds a skip back until the past is well."""
        held = state is TaskState.SKIPPED and task.wait_for_past_depends_before_skipping
        if not (held and upstream.past_reason(self.board, row.key)):
            self._set(row, state)

    def _set(self, row: TaskInstance, state: TaskState, *, is_empty: bool = False, is_dated: bool = True) -> None:
        self.decisions.append(SetState(row.key, row.state, state, is_empty, is_dated))
        self.board.try_state(row.key, state)
        if row.task_id in self.graph:
            self._push_followers(row.key)


def start_trigger(task: TaskSpec, map_index: int) -> StartTrigger | None:
    """What an instance begins with in the triggerer; None: it begins on a worker."""
    if len(task.start_triggers) == 1:
        return task.start_triggers[0]
    return task.start_triggers[map_index] if 0 <= map_index < len(task.start_triggers) else None
