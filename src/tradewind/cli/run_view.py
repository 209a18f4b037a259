"""Shows a run while it goes on: a tree of its tasks that changes in place on a terminal, else a line for each change.

Takes looks at the run (model.progress.RunProgress), one after the other; knows nothing of where they come from.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, TextIO

from tradewind.model.progress import RunProgress
from tradewind.model.records import TaskInstance, TaskKey
from tradewind.model.states import RunState, TaskState
from tradewind.model.times import Clock

from .output import STATE_COLORS

if TYPE_CHECKING:
    from rich.tree import Tree

SIGNS = {
    "success": "✓",
    "failed": "✗",
    "upstream_failed": "✗",
    "skipped": "-",
    "running": "▶",
    "up_for_retry": "↻",
    "up_for_reschedule": "↻",
    "deferred": "…",
}


def watch(looks: Iterable[RunProgress], stream: TextIO, clock: Clock) -> bool:
    """Shows every look until the last; whether the run succeeded."""
    last = _watch_live(looks, stream, clock) if stream.isatty() else _watch_lines(looks, stream, clock)
    if last is None:
        return False
    for line in ending(last, clock.now()):
        print(line, file=stream)
    return last.run.state == RunState.SUCCESS


def ending(look: RunProgress, now: datetime) -> Iterator[str]:
    """The last lines: the log of each failure, then how the run ended."""
    for instance in look.task_instances:
        if instance.state != TaskState.FAILED:
            continue
        tail = look.log_tails.get(instance.key, "")
        path = look.log_paths.get(instance.key)
        yield f"--- {label(instance)} failed{f', log in {path}' if path else ''}"
        yield from (f"    {line}" for line in tail.splitlines())
    seconds = _seconds(look.run.start_date, look.run.end_date, now)
    yield f"{look.run.dag_id} {look.run.run_id}: {look.run.state} in {seconds}"


def label(instance: TaskInstance) -> str:
    """task_id, with the index of a mapped one."""
    return instance.task_id if instance.map_index < 0 else f"{instance.task_id}[{instance.map_index}]"


def state_text(instance: TaskInstance, now: datetime) -> str:
    """State, time and try of one task instance, as far as there is any."""
    state = instance.state or "waiting"
    parts = [f"{SIGNS.get(state, '·')} {state}"]
    if instance.start_date is not None and instance.state is not None:
        parts.append(_seconds(instance.start_date, instance.end_date, now))
    if instance.try_number > 1:
        parts.append(f"try {instance.try_number}")
    return "  ".join(parts)


@dataclass(frozen=True, slots=True)
class Branch:
    """A task in the tree, and what stands below it."""

    task_id: str
    children: tuple[Branch, ...] = ()


def branches(look: RunProgress) -> tuple[Branch, ...]:
    """The DAG as a tree: each task below the last of its upstream tasks, so that it stands after all of them."""
    parent: dict[str, str] = {}
    for task in look.spec.tasks:
        for downstream in task.downstream_task_ids:
            parent[downstream] = task.task_id
    children: dict[str | None, list[str]] = {}
    for task in look.spec.tasks:
        children.setdefault(parent.get(task.task_id), []).append(task.task_id)

    def grow(task_id: str) -> Branch:
        return Branch(task_id, tuple(grow(child) for child in children.get(task_id, ())))

    return tuple(grow(root) for root in children.get(None, ()))


def _watch_lines(looks: Iterable[RunProgress], stream: TextIO, clock: Clock) -> RunProgress | None:
    before: dict[TaskKey, tuple[TaskState | None, int]] = {}
    last = None
    for last in looks:
        for instance in last.task_instances:
            now = (instance.state, instance.try_number)
            if instance.state is not None and before.get(instance.key) != now:
                print(f"{label(instance)}: {state_text(instance, clock.now())}", file=stream, flush=True)
            before[instance.key] = now
    return last


def _watch_live(looks: Iterable[RunProgress], stream: TextIO, clock: Clock) -> RunProgress | None:
    # rich is heavy, and a pipe needs none of it
    from rich.console import Console
    from rich.live import Live

    last = None
    with Live(console=Console(file=stream), refresh_per_second=10, transient=False) as live:
        for last in looks:
            live.update(_tree(last, clock.now()))
    return last


def _tree(look: RunProgress, now: datetime) -> Tree:
    from rich.text import Text
    from rich.tree import Tree

    by_task: dict[str, list[TaskInstance]] = {}
    for instance in look.task_instances:
        by_task.setdefault(instance.task_id, []).append(instance)

    def line(name: str, text: str, state: str | None) -> Text:
        return Text.assemble((name, "bold"), "  ", (text, STATE_COLORS.get(state or "", "bright_black")))

    def fill(node: Tree, branch: Branch) -> None:
        instances = by_task.get(branch.task_id, [])
        if len(instances) == 1 and instances[0].map_index < 0:
            child = node.add(line(branch.task_id, state_text(instances[0], now), instances[0].state))
        else:
            child = node.add(Text.assemble((branch.task_id, "bold"), "  ", _summary(instances)))
            for instance in instances:
                if instance.state not in {None, TaskState.SUCCESS}:
                    child.add(line(label(instance), state_text(instance, now), instance.state))
        for below in branch.children:
            fill(child, below)

    tree = Tree(line(f"{look.run.dag_id} {look.run.run_id}", str(look.run.state), look.run.state))
    for branch in branches(look):
        fill(tree, branch)
    return tree


def _summary(instances: list[TaskInstance]) -> str:
    counts: dict[str, int] = {}
    for instance in instances:
        counts[instance.state or "waiting"] = counts.get(instance.state or "waiting", 0) + 1
    return ", ".join(f"{count} {state}" for state, count in sorted(counts.items()))


def _seconds(start: datetime | None, end: datetime | None, now: datetime) -> str:
    return "0.00 s" if start is None else f"{((end or now) - start).total_seconds():.2f} s"
