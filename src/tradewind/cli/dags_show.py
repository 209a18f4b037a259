"""``dags show``: a DAG's tasks as a tree of text, or as Graphviz's DOT text."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator, Mapping
from pathlib import Path

from tradewind.model.spec import DagSpec, GroupSpec

from .lookup import dag_spec
from .session import CommandFailed, Session

GRAPH_FORMATS = {".dot", ".gv"}


def show(args: Namespace, session: Session) -> int:
    """Prints the tree, or writes DOT text."""
    with session.database.read() as tx:
        spec = dag_spec(tx, args.dag_id)
    if not args.save:
        for line in tree_lines(spec):
            session.say(line)
        return 0
    path = Path(args.save)
    if path.suffix not in GRAPH_FORMATS:
        raise CommandFailed(
            f"{path.suffix or args.save} cannot be drawn here; write a .dot file and call Graphviz's dot"
        )
    path.write_text("\n".join(dot_lines(spec)) + "\n", encoding="utf-8")
    session.say(f"File {path} saved")
    return 0


def tree_lines(spec: DagSpec) -> Iterator[str]:
    """Each task below every one of its upstream tasks; what stood there before is not drawn twice in full."""
    yield spec.dag_id
    downstream = {task.task_id: task.downstream_task_ids for task in spec.tasks}
    kinds = {task.task_id: task.operator_name or task.task_type for task in spec.tasks}
    roots = [task.task_id for task in spec.tasks if not task.upstream_task_ids]
    seen: set[str] = set()
    yield from _below(roots, "", downstream, kinds, seen)


def _below(
    task_ids: list[str], lead: str, downstream: Mapping[str, tuple[str, ...]], kinds: Mapping[str, str], seen: set[str]
) -> Iterator[str]:
    for at, task_id in enumerate(task_ids):
        is_last = at == len(task_ids) - 1
        below = list(downstream[task_id])
        is_again = task_id in seen and bool(below)
        seen.add(task_id)
        yield f"{lead}{'└── ' if is_last else '├── '}{task_id} ({kinds[task_id]}){' …' if is_again else ''}"
        if not is_again:
            yield from _below(below, lead + ("    " if is_last else "│   "), downstream, kinds, seen)


def dot_lines(spec: DagSpec) -> Iterator[str]:
    """The graph with its groups as clusters and its edges' labels."""
    yield f"digraph {_quoted(spec.dag_id)} {{"
    yield f"  graph [label={_quoted(spec.dag_id)} labelloc=t rankdir={spec.orientation}];"
    yield '  node [shape=rectangle style="filled,rounded"];'
    groups = {group.group_id: group for group in spec.groups}
    colors = {task.task_id: (task.ui_color, task.ui_fgcolor) for task in spec.tasks}
    root = groups.get(None)
    if root is None:
        yield from (_node(task.task_id, task.task_id, colors, "  ") for task in spec.tasks)
    else:
        yield from _cluster(root, groups, colors, "  ")
    for task in spec.tasks:
        for below in task.downstream_task_ids:
            label = spec.edge_labels.get(task.task_id, {}).get(below)
            yield f"  {_quoted(task.task_id)} -> {_quoted(below)}{f' [label={_quoted(label)}]' if label else ''};"
    yield "}"


def _cluster(
    group: GroupSpec, groups: Mapping[str | None, GroupSpec], colors: Mapping[str, tuple[str, str]], lead: str
) -> Iterator[str]:
    prefix = f"{group.group_id}." if group.group_id and group.prefix_group_id else ""
    for child, kind in group.children:
        if kind == "task":
            yield _node(child, child.removeprefix(prefix), colors, lead)
            continue
        inner = groups[child]
        yield f"{lead}subgraph {_quoted(f'cluster_{child}')} {{"
        yield f"{lead}  label={_quoted(inner.label or child)};"
        yield from _cluster(inner, groups, colors, lead + "  ")
        yield f"{lead}}}"


def _node(task_id: str, label: str, colors: Mapping[str, tuple[str, str]], lead: str) -> str:
    fill, text = colors[task_id]
    return f"{lead}{_quoted(task_id)} [label={_quoted(label)} fillcolor={_quoted(fill)} fontcolor={_quoted(text)}];"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
