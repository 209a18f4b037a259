"""The rows of one run in memory, with indices that make each event cheap.

They mirror what is committed: whoever commits a change feeds the new rows back by ``update``. Inside ``scratch``
decisions are tried out, and taken back at its end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

from tradewind.model.records import DagRun, PastView, RunView, TaskInstance, TaskKey
from tradewind.model.spec import DagSpec
from tradewind.model.states import TERMINAL_TASK_STATES, TaskState

from .graph import Graph, graph_of
from .trigger_rules import UpstreamCounts

WAITING_STATES: frozenset[TaskState | None] = frozenset({None, TaskState.UP_FOR_RETRY, TaskState.UP_FOR_RESCHEDULE})
"""States from which a task instance can be scheduled."""


class RunRows:
    """One run's rows, with counts of upstream states per task and the instances that wait."""

    def __init__(self, spec: DagSpec | Graph, view: RunView) -> None:
        self.graph = graph_of(spec)
        self.run: DagRun = view.run
        self.past: PastView | None = view.past
        self.task_instances: dict[TaskKey, TaskInstance] = {}
        self.indices: dict[str, set[int]] = {}
        self.waiting: dict[str, set[TaskKey]] = {}
        self.unfinished = 0
        """Instances not in an end state."""
        self.open_of: dict[str, int] = {}
        """Task → its instances not in an end state."""
        self.removed_of: dict[str, int] = {}
        self.idle = 0
        """Of these, how many have no state: nothing but a decision moves them."""
        self._map_lengths = dict(view.map_lengths)
        self._returned: dict[str, set[int]] = {}
        self._branch_skips = dict(view.branch_skips)
        self._counts: dict[str, UpstreamCounts] = {}
        self._journal: list[tuple[TaskKey, TaskInstance | None]] | None = None
        for key in view.returned:
            self._returned.setdefault(key.task_id, set()).add(key.map_index)
        self._start_counts()
        for row in view.task_instances.values():
            self._put(row)

    # What changed

    def update(
        self,
        rows: Iterable[TaskInstance] = (),
        *,
        deleted: Iterable[TaskKey] = (),
        run: DagRun | None = None,
        past: PastView | None = None,
    ) -> None:
        """Take over committed rows. Costs the number of rows times their direct downstream tasks."""
        for key in deleted:
            self._drop(key)
        for row in rows:
            self._put(row)
        if run is not None:
            self.run = run
        if past is not None:
            self.past = past

    def pushed(self, key: TaskKey, length: int | None) -> None:
        """A ``return_value`` was stored; ``length`` of a list or dict, None for what cannot be mapped over."""
        if length is not None:
            self._map_lengths[(key.task_id, key.map_index)] = length
        if key.map_index >= 0:
            self._returned.setdefault(key.task_id, set()).add(key.map_index)

    def unpushed(self, key: TaskKey) -> None:
        """Its XComs were deleted: a new try begins."""
        self._map_lengths.pop((key.task_id, key.map_index), None)
        self._returned.get(key.task_id, set()).discard(key.map_index)
        self._branch_skips.pop(key, None)

    def branched(self, key: TaskKey, record: Mapping[str, Any]) -> None:
        """A branch or short circuit stored ``{"followed": […]}`` or ``{"skipped": […]}``."""
        self._branch_skips[key] = record

    def view(self) -> RunView:
        """The board as a frozen value."""
        return RunView(
            run=self.run,
            task_instances=dict(self.task_instances),
            map_lengths=dict(self._map_lengths),
            past=self.past,
            branch_skips=dict(self._branch_skips),
            returned=frozenset(TaskKey(id, index) for id, indices in self._returned.items() for index in indices),
        )

    # What deciding asks

    def state(self, key: TaskKey) -> TaskState | None:
        """The state of an instance; None also when there is no such row."""
        row = self.task_instances.get(key)
        return row.state if row else None

    def instances(self, task_id: str) -> Iterator[TaskInstance]:
        """All instances of a task."""
        return (self.task_instances[TaskKey(task_id, index)] for index in self.indices.get(task_id, ()))

    def has_placeholder(self, task_id: str) -> bool:
        """Whether a mapped task is not expanded yet."""
        return -1 in self.indices.get(task_id, ())

    def live_count(self, task_id: str) -> int:
        """How many instances a task has, removed ones not counted."""
        return len(self.indices.get(task_id, ())) - self.removed_of.get(task_id, 0)

    def whole_counts(self, task_id: str) -> UpstreamCounts:
        """Upstream states that all instances of a task see alike. Not to be changed."""
        return self._counts[task_id]

    def length_of(self, supplier: str) -> int | None:
        """How many items a supplier's result has; None until it is there."""
        if supplier not in self.graph:
            return None
        if not self.graph.is_mapped(self.graph.tasks[supplier]):
            done = self.state(TaskKey(supplier)) is TaskState.SUCCESS
            return self._map_lengths.get((supplier, -1)) if done else None
        if self.open_of.get(supplier) or not self.indices.get(supplier):
            return None
        return len(self._returned.get(supplier, ()))

    def lengths_of(self, supplier: str) -> dict[int, int]:
        """Lengths of a supplier's results by map index; what a mapped attempt needs to find its arguments."""
        return {index: length for (task_id, index), length in self._map_lengths.items() if task_id == supplier}

    def branch_record(self, key: TaskKey) -> Mapping[str, Any] | None:
        """What a finished branch or short circuit recorded."""
        return self._branch_skips.get(key) if self._branch_skips else None

    @property
    def has_branch_records(self) -> bool:
        """Whether any branch recorded anything."""
        return bool(self._branch_skips)

    def next_wake(self) -> datetime | None:
        """The next moment at which a waiting or deferred instance needs a look; linear in the run."""
        moments = (row.wake_at for row in self.task_instances.values() if row.state not in TERMINAL_TASK_STATES)
        return min((moment for moment in moments if moment is not None), default=None)

    # Trying decisions out

    @contextmanager
    def scratch(self) -> Iterator[None]:
        """Changes made inside are taken back at the end."""
        journal: list[tuple[TaskKey, TaskInstance | None]] = []
        self._journal = journal
        try:
            yield
        finally:
            self._journal = None
            for key, row in reversed(journal):
                if row is None:
                    self._drop(key)
                else:
                    self._put(row)

    def try_state(self, key: TaskKey, state: TaskState | None) -> None:
        """Inside ``scratch``: give an instance a state."""
        self._put(replace(self.task_instances[key], state=state))

    def try_expand(self, task_id: str, count: int) -> None:
        """Inside ``scratch``: the instances that an Expand makes, stateless; superfluous ones removed."""
        indices = self.indices[task_id]
        model = self.task_instances[TaskKey(task_id, next(iter(indices)))]
        if -1 in indices and count:
            self._drop(TaskKey(task_id, -1))
        for index in range(count):
            row = self.task_instances.get(TaskKey(task_id, index))
            if row is None:
                self._put(replace(model, map_index=index, state=None, try_number=0, wake_at=None))
            elif row.state is TaskState.REMOVED:
                self._put(replace(row, state=None))
        for index in [index for index in self.indices[task_id] if index >= count]:
            self.try_state(TaskKey(task_id, index), TaskState.REMOVED)

    def try_add(self, row: TaskInstance) -> None:
        """Inside ``scratch``: a new row."""
        self._put(row)

    # Indices

    def _start_counts(self) -> None:
        graph = self.graph
        for task_id in graph.tasks:
            self._counts[task_id] = UpstreamCounts()
        for upstream, task in graph.tasks.items():
            for downstream in graph.whole_downstream[upstream]:
                # A task without instances (its own dates exclude it) counts as one that never gets done.
                self._counts[downstream].total += 1
                self._counts[downstream].setups += task.is_setup

    def _put(self, row: TaskInstance) -> None:
        key = row.key
        old = self.task_instances.get(key)
        if self._journal is not None:
            self._journal.append((key, old))
        self.task_instances[key] = row
        if old is None:
            self._count_instance(key, 1)
            self._count_state(key, row.state, 1)
        elif old.state is not row.state:
            self._count_state(key, old.state, -1)
            self._count_state(key, row.state, 1)

    def _drop(self, key: TaskKey) -> None:
        row = self.task_instances.pop(key, None)
        if row is None:
            return
        if self._journal is not None:
            self._journal.append((key, row))
        self._count_state(key, row.state, -1)
        self._count_instance(key, -1)

    def _count_instance(self, key: TaskKey, step: int) -> None:
        indices = self.indices.setdefault(key.task_id, set())
        before = len(indices)
        (indices.add if step > 0 else indices.discard)(key.map_index)
        grown = max(1, len(indices)) - max(1, before)
        if grown and key.task_id in self.graph:
            is_setup = self.graph.tasks[key.task_id].is_setup
            for downstream in self.graph.whole_downstream[key.task_id]:
                self._counts[downstream].total += grown
                self._counts[downstream].setups += grown * is_setup

    def _count_state(self, key: TaskKey, state: TaskState | None, step: int) -> None:
        if state not in TERMINAL_TASK_STATES:
            self.unfinished += step
            self.open_of[key.task_id] = self.open_of.get(key.task_id, 0) + step
            self.idle += step if state is None else 0
            if state in WAITING_STATES:
                waiting = self.waiting.setdefault(key.task_id, set())
                (waiting.add if step > 0 else waiting.discard)(key)
            return
        if state is TaskState.REMOVED:
            self.removed_of[key.task_id] = self.removed_of.get(key.task_id, 0) + step
        if key.task_id in self.graph:
            is_setup = self.graph.tasks[key.task_id].is_setup
            for downstream in self.graph.whole_downstream[key.task_id]:
                self._counts[downstream].count(state, step, is_setup=is_setup)
