"""Task instances of other DAGs that ExternalTaskMarkers name, and those of SubDAGs: what clearing "nested DAGs" brings
along.

The API does not render templates of authors: a marker's date is taken when it is written as a date or as one of the
usual expressions. Of any other the marker is left out, with a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tradewind.engine import clearing
from tradewind.model.errors import Conflict
from tradewind.model.spec import TaskSpec
from tradewind.model.times import utc
from tradewind.storage import selections
from tradewind.storage.database import Transaction
from tradewind.storage.selections import TaskRef

from .scopes import SpecOf

MARKER = "ExternalTaskMarker"
DEPTH = 10
"""How far markers are followed from DAG to DAG: the default of the operator's ``recursion_depth``."""
_DATE = re.compile(r"\{\{\s*(?:(?:logical_date|execution_date)(?:\.isoformat\(\))?|ts)\s*\}\}")
"""Expressions that say the run's own logical date."""

Target = tuple[str, str, datetime]
"""DAG, task and logical date."""


@dataclass(slots=True)
class Followed:
    """What was found, and why some of it was not."""

    refs: list[TaskRef] = field(default_factory=list)
    left_out: list[dict[str, str]] = field(default_factory=list)


def followed(tx: Transaction, spec_of: SpecOf, refs: Sequence[TaskRef]) -> Followed:
    """The task instances that markers among ``refs`` name, with all downstream of them, and so on from DAG to DAG.
    Those given are not in it. Raises Conflict when it goes on without end."""
    found = Followed()
    known = {ref[:4] for ref in refs}
    level = list(refs)
    for _ in range(DEPTH):
        targets = _targets(spec_of, level, found)
        level = [ref for target in sorted(targets) for ref in _at(tx, spec_of, target) if ref[:4] not in known]
        level = list(dict.fromkeys(level))
        known |= {ref[:4] for ref in level}
        found.refs += level
        if not level:
            return found
    raise Conflict(
        f"Maximum recursion depth {DEPTH} reached for {MARKER}. Attempted to clear too many tasks or there may be a "
        "cyclic dependency."
    )


def _targets(spec_of: SpecOf, refs: Iterable[TaskRef], found: Followed) -> set[Target]:
    targets = set()
    for ref in refs:
        task = _task(spec_of, ref)
        if task is not None and task.subdag_id is not None:
            inner = spec_of(task.subdag_id)
            targets |= {(task.subdag_id, one.task_id, ref.logical_date) for one in (inner.tasks if inner else ())}
        if task is None or task.task_type != MARKER:
            continue
        target = _target(task, ref)
        if target is None:
            found.left_out.append(
                {
                    "dag_id": ref.dag_id,
                    "dag_run_id": ref.run_id,
                    "task_id": ref.task_id,
                    "reason": "the marker's DAG, task or date is a template that only the task itself can render",
                }
            )
        else:
            targets.add(target)
    return targets


def _task(spec_of: SpecOf, ref: TaskRef) -> TaskSpec | None:
    spec = spec_of(ref.dag_id)
    return next((task for task in spec.tasks if task.task_id == ref.task_id), None) if spec is not None else None


def _target(task: TaskSpec, ref: TaskRef) -> Target | None:
    said: dict[str, Any] = dict(task.static_fields)
    dag_id, task_id, date = (said.get(name) for name in ("external_dag_id", "external_task_id", "execution_date"))
    if not isinstance(dag_id, str) or not isinstance(task_id, str) or "{" in dag_id + task_id:
        return None
    moment = _moment(date, ref.logical_date)
    return None if moment is None else (dag_id, task_id, moment)


def _moment(text: Any, own: datetime) -> datetime | None:
    if not isinstance(text, str):
        return None
    if _DATE.fullmatch(text.strip()):
        return own
    try:
        date = datetime.fromisoformat(text)
    except ValueError:
        return None
    return utc(date if date.tzinfo is not None else date.replace(tzinfo=own.tzinfo))


def _at(tx: Transaction, spec_of: SpecOf, target: Target) -> list[TaskRef]:
    dag_id, task_id, date = target
    spec, run = spec_of(dag_id), tx.runs.by_date(dag_id, date)
    if spec is None or run is None:
        return []
    return selections.of_tasks(tx, dag_id, [run.run_id], clearing.selected_tasks(spec, [task_id], downstream=True))
