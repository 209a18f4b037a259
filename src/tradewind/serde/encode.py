"""sdk.DAG → model.DagSpec → bytes: the serialised DAG. Runs where user code may run; what comes out holds no code.

The same file gives the same bytes each time it is parsed (unless it makes values up): sets are sorted, callables are
named, addresses are left out. Whether a DAG has a new version is decided by these bytes.
"""

from __future__ import annotations

import dataclasses
import heapq
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from tradewind.model.spec import AssetSpec, DagSpec, GroupSpec, TaskSpec
from tradewind.model.weights import effective_weights
from tradewind.sdk.task_instance import TaskInstance
from tradewind.timetables.registry import to_spec as timetable_spec

from .described import described
from .encode_tasks import condition as condition_json
from .encode_tasks import expand_spec, params_spec, plain_date, task_spec
from .unsupported import unsupported

if TYPE_CHECKING:
    from tradewind.sdk.dag import DAG

_ENCODER = msgspec.json.Encoder(enc_hook=described)


def encode(dag: DAG, *, relative_fileloc: str = "") -> bytes:
    """The serialised form. Raises TypeError or ValueError when something of the DAG cannot be kept."""
    return spec_bytes(to_spec(dag, relative_fileloc=relative_fileloc))


def spec_bytes(spec: DagSpec) -> bytes:
    """A spec as serde.decode reads it. What has its default value is left out: most of a task is."""
    data = _without_defaults(spec, ("dag_id", "fileloc", "format"))
    data["timetable"] = spec.timetable
    data["groups"] = [_without_defaults(group, ("group_id",)) for group in spec.groups]
    data["tasks"] = [_without_defaults(task, ("task_id", "task_type")) for task in spec.tasks]
    return _ENCODER.encode(data)


def to_spec(dag: DAG, *, relative_fileloc: str = "") -> DagSpec:
    """The DAG as the engine, storage and API see it."""
    tasks = in_topological_order(dag)
    weights = _weights(tasks)
    access = dag.access_control
    return DagSpec(
        dag_id=dag.dag_id,
        fileloc=str(dag.fileloc),
        relative_fileloc=relative_fileloc or str(dag.fileloc),
        display_name=dag.dag_display_name,
        description=dag.description,
        doc_md=dag.doc_md,
        timetable=timetable_spec(dag.timetable),
        schedule_interval=schedule_json(dag.schedule_interval),
        dataset_condition=_dataset_condition(dag),
        assets=_named_assets(dag, tasks),
        timezone=_zone_name(dag.timezone),
        start_date=_first_date(dag, tasks),
        end_date=_last_date(dag, tasks),
        catchup=dag.catchup,
        max_active_runs=dag.max_active_runs,
        max_active_tasks=dag.max_active_tasks,
        max_consecutive_failed_dag_runs=dag.max_consecutive_failed_dag_runs,
        dagrun_timeout=None if dag.dagrun_timeout is None else dag.dagrun_timeout.total_seconds(),
        fail_stop=dag.fail_stop,
        default_view=dag.default_view,
        orientation=dag.orientation,
        owners=tuple(sorted({str(task.owner) for task in tasks})),
        owner_links=dict(dag.owner_links),
        tags=tuple(sorted(set(dag.tags))),
        params=params_spec(dag.params),
        is_paused_upon_creation=dag.is_paused_upon_creation,
        render_template_as_native_obj=dag.render_template_as_native_obj,
        template_searchpath=None if dag.template_searchpath is None else tuple(map(str, dag.template_searchpath)),
        access_control=None if access is None else {role: described(rights) for role, rights in access.items()},
        has_on_success_callback=bool(dag.on_success_callback),
        has_on_failure_callback=bool(dag.on_failure_callback),
        has_sla_miss_callback=bool(dag.sla_miss_callback),
        auto_register=dag.auto_register,
        compat_level=dag.compat_level,
        allowed_run_types=dag.allowed_run_types,
        unsupported=tuple(unsupported(dag, tasks)),
        parent_dag_id=None if dag.parent_dag is None else dag.parent_dag.dag_id,
        groups=tuple(_groups(dag.task_group)),
        edge_labels=_edge_labels(dag.edge_info),
        tasks=tuple(task_spec(task, weights[task.task_id]) for task in tasks),
    )


def _without_defaults(value: Any, always: tuple[str, ...]) -> dict[str, Any]:
    """Fields by name; those in ``always`` even when they have their defaults."""
    defaults = _DEFAULTS[type(value)]
    found = {}
    for name, default in defaults.items():
        item = getattr(value, name)
        if name in always or item != default or type(item) is not type(default):
            found[name] = item
    return found


def _defaults_of(kind: type[Any]) -> dict[str, Any]:
    missing = dataclasses.MISSING
    return {
        field.name: field.default_factory() if field.default_factory is not missing else field.default
        for field in dataclasses.fields(kind)
    }


_DEFAULTS = {kind: _defaults_of(kind) for kind in (DagSpec, GroupSpec, TaskSpec)}


def in_topological_order(dag: DAG) -> list[Any]:
    """The tasks, each after those upstream of it; among those that could come next, in order of definition."""
    position = {task_id: index for index, task_id in enumerate(dag.task_dict)}
    waiting = {task.task_id: len(task.upstream_task_ids) for task in dag.tasks}
    ready = [index for task_id, index in position.items() if not waiting[task_id]]
    heapq.heapify(ready)
    ids = list(position)
    ordered = []
    while ready:
        task = dag.task_dict[ids[heapq.heappop(ready)]]
        ordered.append(task)
        for task_id in task.downstream_task_ids:
            waiting[task_id] -= 1
            if not waiting[task_id]:
                heapq.heappush(ready, position[task_id])
    if len(ordered) < len(ids):
        faulty = next(task_id for task_id in ids if waiting[task_id])
        raise ValueError(f"Cycle detected in DAG: {dag.dag_id}. Faulty task: {faulty}")
    return ordered


def schedule_json(schedule: Any) -> Any:
    """``schedule_interval`` as the API shows it."""
    if schedule is None:
        return None
    if isinstance(schedule, timedelta):
        return {
            "__type": "TimeDelta",
            "days": schedule.days,
            "microseconds": schedule.microseconds,
            "seconds": schedule.seconds,
        }
    if type(schedule).__name__ == "relativedelta":
        return {"__type": "RelativeDelta", **{name: getattr(schedule, name) for name in _RELATIVE_DELTA}}
    return {"__type": "CronExpression", "value": str(schedule)}


_RELATIVE_DELTA = (
    "day",
    "days",
    "hour",
    "hours",
    "leapdays",
    "microsecond",
    "microseconds",
    "minute",
    "minutes",
    "month",
    "months",
    "second",
    "seconds",
    "year",
    "years",
)


def _weights(tasks: Iterable[Any]) -> dict[str, int]:
    by_id = {task.task_id: task for task in tasks}
    weights = effective_weights(
        {task_id: int(task.priority_weight) for task_id, task in by_id.items()},
        {task_id: str(getattr(task.weight_rule, "value", task.weight_rule)) for task_id, task in by_id.items()},
        {task_id: tuple(task.downstream_task_ids) for task_id, task in by_id.items()},
    )
    for task_id, task in by_id.items():
        if hasattr(task.weight_rule, "get_weight"):
            # The author's own strategy; without a task instance it may fail, then the plain weight stands.
            weights[task_id] = _own_weight(task, weights[task_id])
    return weights


def _own_weight(task: Any, fallback: int) -> int:
    try:
        return int(task.weight_rule.get_weight(TaskInstance(task)))
    except (AttributeError, TypeError, ValueError):
        return fallback


def _first_date(dag: DAG, tasks: Iterable[Any]) -> datetime | None:
    """The DAG's start: its own, or the earliest of its tasks (which default_args may have given)."""
    if dag.start_date is not None:
        return plain_date(dag.start_date)
    return min((plain_date(task.start_date) for task in tasks if task.start_date is not None), default=None)


def _last_date(dag: DAG, tasks: list[Any]) -> datetime | None:
    """The DAG's end: its own, or the last of its tasks when every one has an end."""
    if dag.end_date is not None:
        return plain_date(dag.end_date)
    ends = [plain_date(task.end_date) for task in tasks if task.end_date is not None]
    return max(ends) if ends and len(ends) == len(tasks) else None


def _zone_name(zone: Any) -> str:
    return str(getattr(zone, "key", None) or getattr(zone, "name", None) or zone)


def _dataset_condition(dag: DAG) -> Any:
    condition = getattr(dag, "dataset_triggers", None)
    if condition is None:
        condition = getattr(dag.timetable, "dataset_condition", None)
    return None if condition is None else condition_json(condition)


def _named_assets(dag: DAG, tasks: Iterable[Any]) -> tuple[AssetSpec, ...]:
    """Assets that have names of their own, each once."""
    found: dict[str, AssetSpec] = {}
    condition = getattr(dag, "dataset_triggers", None) or getattr(dag.timetable, "dataset_condition", None)
    of_schedule = () if condition is None else (asset for _, asset in condition.iter_datasets())
    of_tasks = (item for task in tasks for item in (*(task.inlets or ()), *(task.outlets or ())))
    for asset in (*of_schedule, *of_tasks):
        uri, name = getattr(asset, "uri", None), getattr(asset, "name", None)
        if isinstance(uri, str) and isinstance(name, str) and (name != uri or asset.group != "asset"):
            found[name] = AssetSpec(uri=uri, name=name, group=asset.group)
    return tuple(found[name] for name in sorted(found))


def _edge_labels(edges: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    labels: dict[str, dict[str, str]] = {}
    for upstream in sorted(edges):
        for downstream in sorted(edges[upstream]):
            label = edges[upstream][downstream].get("label")
            if label is not None:
                labels.setdefault(upstream, {})[downstream] = str(label)
    return labels


def _groups(group: Any, parent_id: str | None = None) -> Iterable[GroupSpec]:
    """The group and all inside it, parents first."""
    inner = [child for child in group.children.values() if not getattr(child, "is_task", False)]
    inside = {id(child) for child in inner}
    expand_input = getattr(group, "expand_input", None) or getattr(group, "_expand_input", None)
    yield GroupSpec(
        group_id=group.group_id,
        parent_id=parent_id,
        label=str(group.label or ""),
        tooltip=str(group.tooltip or ""),
        ui_color=group.ui_color,
        ui_fgcolor=group.ui_fgcolor,
        expand=None if expand_input is None else expand_spec(expand_input),
        children=tuple((key, "group" if id(child) in inside else "task") for key, child in group.children.items()),
        prefix_group_id=group.prefix_group_id,
    )
    for child in inner:
        yield from _groups(child, group.group_id)
