"""A whole orchestrator in memory: one run, the engine's decisions, random outcomes, crashes, and a clock of its own.

What the scheduler does is done here with plain dictionaries: decide, apply, select, queue, start, end. Nothing waits.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from tradewind.engine import application, attempts, queueing, run_ends, skipping
from tradewind.engine.board import RunBoard
from tradewind.engine.graph import Graph
from tradewind.engine.ready import EVERYTHING, Touched
from tradewind.engine.run_creation import task_instances_for
from tradewind.engine.transitions import TASK_TABLE
from tradewind.model.changes import TaskChange
from tradewind.model.outcomes import Deferred, Failed, NotStarted, Outcome, Rescheduled, Skipped, Succeeded
from tradewind.model.records import DagRun, PastView, RunKey, RunView, TaskInstance, TaskKey
from tradewind.model.spec import DagSpec
from tradewind.model.states import OWNED_TASK_STATES, RunState, RunType, TaskState

START = datetime(2024, 1, 1, tzinfo=UTC)
MOVES = {(old, new) for (old, _), new in TASK_TABLE.items()}


@dataclass
class Plan:
    """What becomes of a task's attempts: outcomes by (task, index), one for each try; success when none is left."""

    outcomes: dict[tuple[str, int], list[Outcome]] = field(default_factory=dict)
    lengths: dict[tuple[str, int], int] = field(default_factory=dict)
    followed: dict[str, list[str]] = field(default_factory=dict)
    short_circuits: dict[str, bool] = field(default_factory=dict)
    """task → whether further tasks' rules are ignored, for those whose value was false."""


class Simulator:
    """Runs one DagSpec to its end. ``rng`` decides which attempt ends next; ``crash`` is the chance of losing one."""

    def __init__(
        self,
        spec: DagSpec,
        plan: Plan | None = None,
        *,
        rng: random.Random | None = None,
        crash: float = 0.0,
        pools: dict[str, int] | None = None,
        slots: int = 8,
        past: PastView | None = None,
        logical_date: datetime = START,
    ) -> None:
        self.spec, self.plan = spec, plan or Plan()
        self.rng, self.crash, self.slots = rng or random.Random(0), crash, slots
        self.pools = {"default_pool": 128, **(pools or {})}
        self.now = START + timedelta(days=1)
        self.graph = Graph(spec)
        self.key = RunKey(spec.dag_id, "r")
        self.history: list[tuple[TaskKey, TaskState | None]] = []
        self.decisions = 0
        run = DagRun(
            id=1,
            dag_id=spec.dag_id,
            run_id="r",
            run_type=RunType.MANUAL,
            state=RunState.RUNNING,
            logical_date=logical_date,
            start_date=self.now,
        )
        rows = {row.key: row for row in task_instances_for(self.graph, run_id="r", logical_date=logical_date)}
        self.board = RunBoard(self.graph, RunView(run=run, task_instances=rows, past=past))
        self._tokens = 0

    # Reading

    def state(self, task_id: str, index: int = -1) -> str:
        """``state try_number/max_tries`` as the behaviour document writes it."""
        row = self.board.task_instances[TaskKey(task_id, index)]
        return f"{row.state or 'null'} {row.try_number}/{row.max_tries}"

    def states(self) -> dict[str, str]:
        """Task id (with [index]) → state."""
        return {
            key.task_id if key.map_index < 0 else f"{key.task_id}[{key.map_index}]": str(row.state or "null")
            for key, row in sorted(self.board.task_instances.items())
        }

    # Doing

    def run(self, limit: int = 20_000) -> RunState:
        """Go on until the run ends or nothing moves; the run's state."""
        self.look(EVERYTHING)
        for _ in range(limit):
            if self.board.run.state is not RunState.RUNNING or not self.step():
                return self.board.run.state
        raise AssertionError(f"the run does not end: {self.states()}")

    def step(self) -> bool:
        """One thing happens: an attempt is queued, starts, ends, is lost, or time goes on. False: nothing can."""
        self.queue()
        owned = [row for row in self.board.task_instances.values() if row.state in OWNED_TASK_STATES]
        if owned:
            self.move(self.rng.choice(sorted(owned, key=lambda row: row.key)))
            return True
        deferred = [row for row in self.board.task_instances.values() if row.state is TaskState.DEFERRED]
        if deferred:
            self.commit([attempts.resume_change(self.key, deferred[0], next_kwargs=None)])
            return True
        wake = self.board.next_wake()
        if wake is None:
            return False
        self.now = max(self.now, wake)
        self.look(frozenset(row.key for row in self.board.task_instances.values() if row.wake_at == wake))
        return True

    def look(self, touched: Touched) -> None:
        """Ask for decisions and apply them; asking again must give none."""
        decisions = self.board.decide(touched, self.now)
        self.decisions += len(decisions)
        applied = application.changes(self.board, decisions, self.now)
        self.board.update(applied.new_rows, deleted=applied.deleted)
        self.commit(applied.task_changes, look=False)
        if applied.run_change is not None:
            self.board.update(run=replace(self.board.run, **applied.run_change.values))
        again = self.board.decide(touched, self.now)
        assert not again, f"deciding twice gives {again} after {decisions}"

    def commit(self, changes: Any, *, look: bool = True) -> None:
        """Apply changes with their guards, then look at what they touched."""
        touched: set[TaskKey] = set()
        for change in changes:
            assert isinstance(change, TaskChange)
            row = self.board.task_instances[change.key]
            assert row.state in change.old_states
            assert change.token is None or change.token == row.token
            new = application.applied(row, change)
            assert new.state is row.state or (row.state, new.state) in MOVES
            self.history.append((new.key, new.state))
            self.board.update([new])
            touched.add(new.key)
        if look and touched:
            self.look(frozenset(touched))

    def queue(self) -> None:
        """Give attempts to what fits."""
        rows = self.board.task_instances.values()
        used = {name: 0 for name in self.pools}
        for row in rows:
            if row.state in OWNED_TASK_STATES:
                used[row.pool] += row.pool_slots
        running = sum(row.state in OWNED_TASK_STATES for row in rows)
        selection = queueing.select(
            [
                queueing.Candidate(
                    row=row, logical_date=self.board.run.logical_date, max_active_tasks=self.spec.max_active_tasks
                )
                for row in rows
                if row.state is TaskState.SCHEDULED
            ],
            pools={name: queueing.PoolSlots(total, total - used[name]) for name, total in self.pools.items()},
            active=queueing.ActiveCounts(by_dag={self.spec.dag_id: running}),
            free_slots=self.slots - running,
        )
        for candidate in selection.chosen:
            self._tokens += 1
            row, token = candidate.row, str(self._tokens)
            self.commit([attempts.queue_change(self.key, row, token=token, job_id=1, now=self.now)])
        for name, total in self.pools.items():
            owned = (row for row in self.board.task_instances.values() if row.state in OWNED_TASK_STATES)
            assert sum(row.pool_slots for row in owned if row.pool == name) <= total

    def move(self, row: TaskInstance) -> None:
        """The next step of a queued or running attempt."""
        self.now += timedelta(seconds=1)
        lost = self.rng.random() < self.crash
        if row.state is TaskState.QUEUED and not lost:
            change = attempts.start_change(self.key, row, now=self.now, pid=1, hostname="h", unixname="u")
            self.board.unpushed(row.key)
            self.commit([change])
        else:
            self.finish(row, self._outcome(row, lost))

    def finish(self, row: TaskInstance, outcome: Outcome) -> None:
        """End an attempt: its row, what it pushed, whom it skips, fail_stop."""
        task = self.graph.tasks[row.task_id]
        result = attempts.after_attempt(task, row, outcome, self.now, logical_date=self.board.run.logical_date)
        changes = [result.change(self.key)]
        if isinstance(outcome, Succeeded):
            self.board.pushed(row.key, self.plan.lengths.get((row.task_id, row.map_index)))
            changes += self._skips(row)
        if result.is_final_failure:
            changes += run_ends.fail_stop_changes(self.graph, self.board.task_instances.values(), row.key, self.now)
        self.commit(changes)

    def _skips(self, row: TaskInstance) -> list[TaskChange]:
        skip: tuple[str, ...] = ()
        if row.task_id in self.plan.followed:
            branch = skipping.skips_of_branch(self.graph, row.task_id, self.plan.followed[row.task_id])
            self.board.branched(row.key, {"followed": list(branch.followed)})
            skip = branch.skip
        elif row.task_id in self.plan.short_circuits:
            ignore = self.plan.short_circuits[row.task_id]
            skip = skipping.skips_of_short_circuit(self.graph, row.task_id, ignore)
            self.board.branched(row.key, {"skipped": list(skip)})
        every = row.task_id in self.plan.short_circuits
        return list(
            skipping.skip_changes(self.key, self.board.task_instances, row.key, skip, self.now, every_index=every)
        )

    def _outcome(self, row: TaskInstance, lost: bool) -> Outcome:
        if lost:
            return NotStarted() if row.state is TaskState.QUEUED else Failed(kind="lost")
        planned = self.plan.outcomes.get((row.task_id, row.map_index))
        if planned is None:
            planned = self.plan.outcomes.get((row.task_id, -1), [])
            planned = list(planned)
            self.plan.outcomes[(row.task_id, row.map_index)] = planned
        outcome = planned.pop(0) if planned else Succeeded()
        return replace(outcome, at=self.now + timedelta(seconds=5)) if isinstance(outcome, Rescheduled) else outcome


__all__ = ["Deferred", "Failed", "Plan", "Rescheduled", "Simulator", "Skipped", "Succeeded"]
