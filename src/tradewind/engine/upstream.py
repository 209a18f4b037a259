"""What one task instance sees of its upstream: counts by state, setups in scope, suppliers, branches, the past."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tradewind.model.records import TaskKey
from tradewind.model.spec import TaskSpec
from tradewind.model.states import SUCCESS_TASK_STATES, TERMINAL_TASK_STATES, TaskState, TriggerRule

from . import expansion
from .rows import RunRows
from .trigger_rules import RUN, Judgement, UpstreamCounts, judge, judge_setups


def seen_keys(rows: RunRows, key: TaskKey, upstream: str) -> Iterator[TaskKey]:
    """The instances of an upstream task that this instance looks at: all, or those at its place of a shared group."""
    graph = rows.graph
    task, other = graph.tasks[key.task_id], graph.tasks[upstream]
    shared = graph.aligned_groups(task, other)
    indices: Iterable[int] = rows.indices.get(upstream, ())
    # A placeholder that got its end before it was expanded stands for all its indices.
    if shared and key.map_index >= 0 and not rows.has_placeholder(upstream):
        indices = _matching(rows, key.map_index, task, other, shared)
    return (TaskKey(upstream, index) for index in sorted(indices))


def _matching(rows: RunRows, index: int, task: TaskSpec, other: TaskSpec, shared: int) -> Iterable[int]:
    graph = rows.graph
    same_depth = len(task.mapped_groups) == shared == len(other.mapped_groups)
    if same_depth and task.expand is None and other.expand is None:
        return (index,)
    count = expansion.shared_length(graph, task, shared, rows.length_of)
    own = expansion.total(graph, task, rows.length_of)
    theirs = expansion.total(graph, other, rows.length_of)
    if not count or not own or not theirs:
        return rows.indices.get(other.task_id, ())
    return expansion.matching_indices(index, own, theirs, count)


def counts(rows: RunRows, key: TaskKey) -> UpstreamCounts:
    """Upstream states as this instance sees them. Not to be changed: it may be the rows's own."""
    indexed = rows.graph.indexed_upstream.get(key.task_id, ())
    whole = rows.whole_counts(key.task_id)
    if not indexed:
        return whole
    found = whole.copy()
    for upstream in indexed:
        is_setup = rows.graph.tasks[upstream].is_setup
        for other in seen_keys(rows, key, upstream):
            found.total += 1
            found.setups += is_setup
            found.count(rows.state(other), 1, is_setup=is_setup)
    return found


def setup_counts(rows: RunRows, key: TaskKey) -> UpstreamCounts | None:
    """States of the setups in whose scope the instance is without following them directly; None without any."""
    setups = rows.graph.indirect_setups(key.task_id)
    if not setups:
        return None
    found = UpstreamCounts()
    for setup in setups:
        for other in seen_keys(rows, key, setup):
            found.total += 1
            found.count(rows.state(other), 1, is_setup=True)
    return found


def judgement(rows: RunRows, key: TaskKey) -> Judgement:
    """What setups and the trigger rule say; the setups' word counts first, but ``always`` asks nobody."""
    rule = rows.graph.tasks[key.task_id].trigger_rule
    if rule in (TriggerRule.ALWAYS, TriggerRule.DUMMY):
        return RUN
    setups = setup_counts(rows, key)
    if setups is not None:
        verdict = judge_setups(setups)
        if not verdict.runs:
            return verdict
    return judge(rule, counts(rows, key))


def suppliers_verdict(rows: RunRows, task: TaskSpec) -> Judgement:
    """What the suppliers of a task that is not expanded yet say: without their results there will be no instances."""
    # A mapped supplier's instances do not count: what some of them returned is a list all the same.
    found = (rows.task_instances.get(TaskKey(supplier)) for supplier in rows.graph.suppliers(task.task_id))
    states = {row.state for row in found if row is not None}
    if not states <= TERMINAL_TASK_STATES or states <= {TaskState.SUCCESS, TaskState.REMOVED}:
        return RUN
    if states & {TaskState.FAILED, TaskState.UPSTREAM_FAILED}:
        return Judgement(TaskState.UPSTREAM_FAILED)
    return Judgement(TaskState.SKIPPED)


def skipping_parent(rows: RunRows, key: TaskKey) -> str | None:
    """The direct upstream branch or short circuit that left this instance out when it ran, if there is one."""
    if not rows.has_branch_records:
        return None
    task = rows.graph.tasks[key.task_id]
    for upstream in task.upstream_task_ids:
        # As in Airflow, the parent's record at the instance's own index: a branch outside does not reach into a task
        # that is mapped already.
        parent = TaskKey(upstream, key.map_index)
        record = rows.branch_record(parent)
        if record is None or rows.state(parent) is not TaskState.SUCCESS:
            continue
        followed, skipped = record.get("followed"), record.get("skipped")
        left_out = followed is not None and key.task_id not in followed
        if left_out or (skipped is not None and key.task_id in skipped):
            return upstream
    return None


def past_reason(rows: RunRows, key: TaskKey) -> str:
    """Why the previous run holds this instance back; "" when it does not."""
    task = rows.graph.tasks[key.task_id]
    past = rows.past
    if not (task.depends_on_past or task.wait_for_downstream) or past is None or past.run_id is None:
        return ""
    earlier = [state for other, state in past.states.items() if other.task_id == key.task_id]
    if not earlier:
        # The task is new, or its own dates began later: nothing to wait for.
        return ""
    unsuccessful = sum(state not in SUCCESS_TASK_STATES for state in earlier)
    if unsuccessful:
        return (
            f"depends_on_past is true for this task, but {unsuccessful} previous task instance(s) are not in a "
            "successful state."
        )
    if task.wait_for_downstream and not _downstream_was_well(rows, task):
        return (
            "The tasks downstream of the previous task instance(s) haven't completed, and wait_for_downstream is True."
        )
    return ""


def _downstream_was_well(rows: RunRows, task: TaskSpec) -> bool:
    states = rows.past.states if rows.past else {}
    return all(
        state in SUCCESS_TASK_STATES for other, state in states.items() if other.task_id in task.downstream_task_ids
    )
