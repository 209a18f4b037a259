"""``tasks``: list, look at, clear, test and run tasks."""

from __future__ import annotations

import json
import re
from argparse import Namespace
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tradewind.actions import tasks as actions
from tradewind.model.records import RunKey, TaskKey
from tradewind.model.spec import DagSpec, TaskSpec
from tradewind.serde.decode import decode

from .inputs import json_object, moment
from .lookup import dag_run, dag_spec, matching_dags, task_instance
from .run import application
from .session import CommandFailed, Session

if TYPE_CHECKING:
    from tradewind.storage.database import Transaction


def list_tasks(args: Namespace, session: Session) -> int:
    """A DAG's task ids, sorted, or as a tree."""
    with session.database.read() as tx:
        spec = dag_spec(tx, args.dag_id)
    lines = _tree(spec) if args.tree else iter(sorted(task.task_id for task in spec.tasks))
    for line in lines:
        session.say(line)
    return 0


def test(args: Namespace, session: Session) -> int:
    """Runs one task in this process, without storing anything."""
    zone = session.settings.default_timezone
    code: int = application().test_task(
        session.settings,
        args.dag_id,
        args.task_id,
        run=args.execution_date_or_run_id,
        logical_date=_date_or_none(args.execution_date_or_run_id, zone),
        map_index=args.map_index,
        subdir=args.subdir,
        params=json_object(args.task_params, "--task-params"),
        environment=json_object(args.env_vars, "--env-vars"),
        dry_run=args.dry_run,
        post_mortem=args.post_mortem,
    )
    return code


def run(args: Namespace, session: Session) -> int:
    """Runs one task instance now, past its dependencies where asked."""
    code: int = application().run_task(session.settings, args)
    return code


def state(args: Namespace, session: Session) -> int:
    """State of a task instance; None when it has none."""
    with session.database.read() as tx:
        _, instance = task_instance(tx, args, session)
    session.say(str(instance.state if instance is not None else None))
    return 0


def states_for_dag_run(args: Namespace, session: Session) -> int:
    """All task instances of a run."""
    with session.database.read() as tx:
        run = dag_run(tx, args.dag_id, args.execution_date_or_run_id, session.settings.default_timezone)
        instances = tx.task_instances.of_run(RunKey(run.dag_id, run.run_id))
    has_mapped = any(instance.map_index >= 0 for instance in instances)
    rows: list[dict[str, Any]] = [
        {
            "dag_id": instance.dag_id,
            "execution_date": run.logical_date.isoformat(),
            "task_id": instance.task_id,
            "state": instance.state,
            "start_date": _iso(instance.start_date),
            "end_date": _iso(instance.end_date),
        }
        | ({"map_index": instance.map_index if instance.map_index >= 0 else ""} if has_mapped else {})
        for instance in sorted(instances, key=lambda instance: (instance.task_id, instance.map_index))
    ]
    session.show(rows, args.output)
    return 0


def render(args: Namespace, session: Session) -> int:
    """The rendered templates of a task instance that has run, else rendered now by its own code."""
    with session.database.read() as tx:
        run, _ = task_instance(tx, args, session)
        stored = tx.rendered.get(RunKey(run.dag_id, run.run_id), TaskKey(args.task_id, args.map_index))
    if stored is None:
        code: int = application().render_task(session.settings, args.dag_id, args.task_id, run.run_id, args.map_index)
        return code
    fields: Mapping[str, Any] = json.loads(stored) if isinstance(stored, str) else stored
    for name, value in fields.items():
        rule = "# " + "-" * 58
        shown = str(value)
        session.say(f"{rule}\n# property: {name}\n{rule}\n{shown}\n")
    return 0


def failed_deps(args: Namespace, session: Session) -> int:
    """Why a task instance does not run."""
    with session.database.read() as tx:
        run, _ = task_instance(tx, args, session)
        key = TaskKey(args.task_id, args.map_index)
        verdicts = actions.explain(tx, dag_spec(tx, args.dag_id), RunKey(run.dag_id, run.run_id), key)
    failed = [verdict for verdict in verdicts if not verdict.ok]
    if not failed:
        session.say("Task instance dependencies are all met.")
        return 0
    session.say("Task instance dependencies not met:")
    for verdict in failed:
        session.say(f"{verdict.name}: {verdict.reason}")
    return 0


def clear(args: Namespace, session: Session) -> int:
    """Lets task instances run again, after showing which."""
    if args.only_failed and args.only_running:
        raise CommandFailed("give at most one of --only-failed and --only-running")
    with session.database.read() as tx:
        dag_ids = [row.dag_id for row in matching_dags(tx, args.dag_id, is_regex=args.dag_regex)]
        if not dag_ids:
            raise CommandFailed(f"there is no DAG {args.dag_id}")
        touched = [found for dag_id in dag_ids for found in _cleared(tx, dag_id, args, session, is_dry=True)]
    if not touched:
        session.say("Nothing to clear.")
        return 0
    if not args.yes:
        for dag_id, run_id, task_id in touched:
            session.say(f"{dag_id} {run_id} {task_id}")
    session.confirm(f"You are about to clear these {len(touched)} tasks. Are you sure?", yes=args.yes)
    with session.database.begin() as tx:
        for dag_id in dag_ids:
            _cleared(tx, dag_id, args, session, is_dry=False)
    return 0


def _cleared(
    tx: Transaction, dag_id: str, args: Namespace, session: Session, *, is_dry: bool
) -> list[tuple[str, str, str]]:
    """DAG, run and task of what is cleared, or would be."""
    zone, spec = session.settings.default_timezone, dag_spec(tx, dag_id)
    wish = actions.ClearWish(
        start_date=moment(args.start_date, zone) if args.start_date else None,
        end_date=moment(args.end_date, zone) if args.end_date else None,
        task_ids=_selected(spec, args.task_regex),
        only_failed=args.only_failed,
        only_running=args.only_running,
        include_upstream=args.upstream,
        include_downstream=args.downstream,
        dry_run=is_dry,
    )
    touched = actions.clear(tx, spec, wish)
    found = [(dag_id, run_id, task_id) for run_id, task_id, _ in touched]
    if args.exclude_subdags:
        return found
    inner = actions.clear_nested(
        tx,
        lambda name: _spec_within(tx, dag_id, name),
        dag_id,
        touched,
        wish,
        may_touch=lambda name: name.startswith(f"{dag_id}."),
    )
    return found + [(ref.dag_id, ref.run_id, ref.task_id) for ref in inner]


def _spec_within(tx: Transaction, dag_id: str, name: str) -> DagSpec | None:
    """The DAG or one of its SubDAGs; no other."""
    found = tx.dags.spec(name) if f"{name}.".startswith(f"{dag_id}.") else None
    return None if found is None else decode(found[1])


def _selected(spec: DagSpec, expression: str | None) -> list[str] | None:
    if expression is None:
        return None
    try:
        pattern = re.compile(expression)
    except re.error as error:
        raise CommandFailed(f"--task-regex {expression!r} is not a regular expression: {error}") from None
    return [task.task_id for task in spec.tasks if pattern.search(task.task_id)]


def _tree(spec: DagSpec) -> Iterator[str]:
    tasks = {task.task_id: task for task in spec.tasks}

    def below(task: TaskSpec, depth: int) -> Iterator[str]:
        yield f"{'    ' * depth}<Task({task.task_type}): {task.task_id}>"
        for name in sorted(task.downstream_task_ids):
            yield from below(tasks[name], depth + 1)

    for task in sorted(spec.tasks, key=lambda task: task.task_id):
        if not task.upstream_task_ids:
            yield from below(task, 0)


def _date_or_none(text: str | None, zone: str) -> datetime | None:
    try:
        return moment(text, zone) if text else None
    except CommandFailed:
        return None


def _iso(value: datetime | None) -> str:
    return "" if value is None else value.isoformat()
