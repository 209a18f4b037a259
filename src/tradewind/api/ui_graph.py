"""Graphs of /ui/v1: the tasks of one DAG, and what DAGs have to do with one another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tradewind.auth.permissions import on, on_dag
from tradewind.model.spec import DagSpec, TaskSpec
from tradewind.storage import ui_assets

from . import table
from .call import Call
from .table import Operation
from .ui_answers import view
from .ui_dag import dag_row, spec_of
from .ui_layout import task_label
from .ui_outlines import outlines
from .ui_run import run_row
from .v1_dags import readable


def get_graph(call: Call) -> Any:
    """GET …/graph; ``run``: as the DAG was for this run."""
    dag_row(call)
    version = None
    if call.query.get("run"):
        call.path = {**call.path, "run_id": call.query["run"]}
        version = run_row(call).version_id
    spec = spec_of(call, version)
    nodes, edges = graph_of(spec)
    newest = call.tx.dags.version_id(spec.dag_id)
    return {"nodes": nodes, "edges": edges, "version": version or newest, "orientation": spec.orientation}


def graph_of(spec: DagSpec) -> tuple[list[dict[str, Any]], list[list[str]]]:
    """Nodes and edges: groups, tasks, and beside them the datasets and DAGs that the tasks wait for or start."""
    groups = {group.group_id: group for group in spec.groups}
    nodes: list[dict[str, Any]] = [
        {
            "id": group.group_id,
            "label": group.label or group.group_id,
            "type": "group",
            "parent": group.parent_id,
            "color": group.ui_color,
            "tooltip": group.tooltip,
            **({"mapped": 1} if group.expand is not None else {}),
        }
        for group in spec.groups
        if group.group_id is not None
    ]
    edges: list[list[str]] = []
    outside: dict[str, dict[str, Any]] = {}
    for task in spec.tasks:
        nodes.append(_task(task, task_label(task, groups.get(task.group_id))))
        labels = spec.edge_labels.get(task.task_id, {})
        edges.extend(
            [task.task_id, other, labels[other]] if other in labels else [task.task_id, other]
            for other in task.downstream_task_ids
        )
        for node, edge in _outside(task):
            outside[node["id"]] = node
            edges.append(edge)
    roots = [task.task_id for task in spec.tasks if not task.upstream_task_ids]
    for uri in sorted(set(_uris(spec.dataset_condition))):
        node = {"id": f"asset:{uri}", "label": uri, "type": "asset", "parent": None}
        outside[node["id"] or ""] = node
        edges += [[f"asset:{uri}", root] for root in roots]
    return nodes + list(outside.values()), edges


def _task(task: TaskSpec, label: str) -> dict[str, Any]:
    node: dict[str, Any] = {
        "id": task.task_id,
        "label": label,
        "op": task.operator_name or task.task_type,
        "type": "sensor" if task.task_type.endswith("Sensor") else "task",
        "parent": task.group_id,
        "color": task.ui_color,
        "trigger_rule": str(task.trigger_rule),
    }
    flags = {
        "mapped": task.is_mapped or bool(task.mapped_groups),
        "setup": task.is_setup,
        "teardown": task.is_teardown,
    }
    return node | {name: 1 for name, is_set in flags.items() if is_set}


def _outside(task: TaskSpec) -> Iterator[tuple[dict[str, Any], list[str]]]:
    for names, is_source in ((task.inlets, True), (task.outlets, False)):
        for each in names:
            uri = each.get("uri") if isinstance(each, dict) else None
            if uri:
                node = {"id": f"asset:{uri}", "label": uri, "type": "asset", "parent": None}
                yield node, [node["id"], task.task_id] if is_source else [task.task_id, node["id"]]
    if task.trigger_dag_id:
        node = {"id": f"dag:{task.trigger_dag_id}", "label": task.trigger_dag_id, "type": "dag", "parent": None}
        waits = task.task_type.endswith("Sensor")
        yield node, [node["id"], task.task_id] if waits else [task.task_id, node["id"]]


def _uris(condition: Any) -> Iterator[str]:
    """The datasets of a condition: texts inside lists inside objects."""
    if isinstance(condition, str):
        yield condition
    elif isinstance(condition, list):
        for each in condition:
            yield from _uris(each)
    elif isinstance(condition, dict):
        for each in condition.values():
            yield from _uris(each)


def get_dependencies(call: Call) -> Any:
    """GET /dependencies"""
    permitted = readable(call)
    nodes: dict[str, dict[str, Any]] = {}
    edges: list[list[str]] = []
    shown = outlines(call, permitted)
    known = {row.dag_id for row, _ in shown}
    for row, outline in shown:
        nodes[f"dag:{row.dag_id}"] = {
            "id": f"dag:{row.dag_id}",
            "type": "dag",
            "label": row.dag_display_name or row.dag_id,
            "paused": row.is_paused,
        }
        for task in outline.tasks:
            if task.trigger_dag_id and (permitted is None or task.trigger_dag_id in known):
                kind = "sensor" if task.task_type.endswith("Sensor") else "trigger"
                node = f"{kind}:{row.dag_id}:{task.task_id}"
                nodes[node] = {"id": node, "type": kind, "label": task.task_id, "dag_id": row.dag_id}
                other = f"dag:{task.trigger_dag_id}"
                nodes.setdefault(other, {"id": other, "type": "dag", "label": task.trigger_dag_id, "missing": 1})
                mine = f"dag:{row.dag_id}"
                edges += [[other, node], [node, mine]] if kind == "sensor" else [[mine, node], [node, other]]
    if call.user.may(on("GET", "Datasets")):
        _add_assets(call, nodes, edges, known)
    return {"nodes": list(nodes.values()), "edges": edges}


def _add_assets(call: Call, nodes: dict[str, dict[str, Any]], edges: list[list[str]], known: set[str]) -> None:
    rows, consuming, producing = ui_assets.assets(call.tx), *ui_assets.references(call.tx)
    uris = {row.id: row.uri for row in rows}
    seen: set[tuple[str, str]] = set()
    for row, is_source in [*((row, False) for row in producing), *((row, True) for row in consuming)]:
        uri = uris.get(row.dataset_id)
        if uri is None or row.dag_id not in known:
            continue
        asset, dag = f"asset:{uri}", f"dag:{row.dag_id}"
        nodes[asset] = {"id": asset, "type": "asset", "label": uri, "asset_id": row.dataset_id}
        edge = (asset, dag) if is_source else (dag, asset)
        if edge not in seen:
            seen.add(edge)
            edges.append(list(edge))


OPERATIONS: tuple[Operation, ...] = (
    view("graph", "/dags/{dag_id}/graph", get_graph, on_dag("GET", "TASK"), query=(table.string("run"),)),
    view("dependencies", "/dependencies", get_dependencies, on_dag("GET", "DEPENDENCIES")),
)
