"""One operator → TaskSpec, with its expansion, params, inlets and outlets."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from tradewind.model.spec import ExpandSpec, LengthSpec, TaskSpec
from tradewind.model.states import TriggerRule
from tradewind.model.times import utc

from .airflow_names import public_module
from .described import described
from .encode_triggers import start_triggers
from .values import to_plain


def task_spec(task: Any, effective_weight: int) -> TaskSpec:
    """The task as plain data; ``task`` is a BaseOperator or a MappedOperator."""
    is_mapped = bool(task.is_mapped)
    cls = task.operator_class if is_mapped else type(task)
    return TaskSpec(
        task_id=task.task_id,
        task_type=task.task_type,
        operator_name=task.operator_name or task.task_type,
        class_module=public_module(cls) if isinstance(cls, type) else "",
        owner=str(task.owner),
        display_name=task.task_display_name,
        upstream_task_ids=tuple(sorted(task.upstream_task_ids)),
        downstream_task_ids=tuple(sorted(task.downstream_task_ids)),
        trigger_rule=TriggerRule(task.trigger_rule),
        effective_weight=effective_weight,
        is_setup=task.is_setup,
        is_teardown=task.is_teardown,
        on_failure_fail_dagrun=task.on_failure_fail_dagrun,
        is_empty=_is_empty(task),
        is_mapped=is_mapped,
        expand=expand_spec(_expand_input(task)) if is_mapped else None,
        mapped_groups=tuple(str(group.group_id) for group in reversed(list(task.iter_mapped_task_groups()))),
        group_id=getattr(task.task_group, "group_id", None),
        is_deferrable_start=bool(getattr(task, "start_from_trigger", False)),
        start_triggers=start_triggers(task),
        reschedules=_reschedules(task),
        inlets=tuple(references(item) for item in task.inlets or ()),
        outlets=tuple(references(item) for item in task.outlets or ()),
        trigger_dag_id=_other_dag(task),
        subdag_id=None if task.subdag is None else task.subdag.dag_id,
        **_timing(task),
        **_limits(task),
        **_callbacks(task),
        **_for_people(task, is_mapped),
    )


def _timing(task: Any) -> dict[str, Any]:
    return {
        "retries": int(task.retries or 0),
        "retry_delay": task.retry_delay.total_seconds(),
        "retry_exponential_backoff": bool(task.retry_exponential_backoff),
        "max_retry_delay": _seconds(task.max_retry_delay),
        "start_date": _date(task.start_date),
        "end_date": _date(task.end_date),
        "execution_timeout": _seconds(task.execution_timeout),
        "sla": _seconds(task.sla),
        "depends_on_past": bool(task.depends_on_past),
        "wait_for_downstream": bool(task.wait_for_downstream),
        "ignore_first_depends_on_past": bool(task.ignore_first_depends_on_past),
        "wait_for_past_depends_before_skipping": bool(task.wait_for_past_depends_before_skipping),
    }


def _limits(task: Any) -> dict[str, Any]:
    rule = task.weight_rule
    return {
        "pool": task.pool,
        "pool_slots": task.pool_slots,
        "priority_weight": int(task.priority_weight),
        "weight_rule": str(getattr(rule, "value", rule)) if not hasattr(rule, "get_weight") else _class_path(rule),
        "queue": task.queue,
        "executor": getattr(task, "executor", None),
        "executor_config": described(task.executor_config) if task.executor_config else None,
        "max_active_tis_per_dag": task.max_active_tis_per_dag,
        "max_active_tis_per_dagrun": task.max_active_tis_per_dagrun,
        "do_xcom_push": bool(_own(task, "do_xcom_push", True)),
        "multiple_outputs": bool(_own(task, "multiple_outputs", False)),
    }


def _callbacks(task: Any) -> dict[str, Any]:
    names = ("on_execute", "on_success", "on_failure", "on_retry", "on_skipped")
    return {f"has_{name}_callback": bool(getattr(task, f"{name}_callback", None)) for name in names}


def _for_people(task: Any, is_mapped: bool) -> dict[str, Any]:
    fields = tuple(str(name) for name in task.template_fields)
    return {
        "template_fields": fields,
        "template_fields_renderers": {str(k): str(v) for k, v in dict(task.template_fields_renderers or {}).items()},
        "ui_color": task.ui_color,
        "ui_fgcolor": task.ui_fgcolor,
        "extra_links": tuple(sorted(str(name) for name in task.extra_links)),
        "extra_link_classes": _link_classes(task),
        "doc_md": task.doc_md,
        "doc": task.doc,
        "params": params_spec(task.params),
        "email": described(_own(task, "email", None)),
        "email_on_retry": bool(_own(task, "email_on_retry", True)),
        "email_on_failure": bool(_own(task, "email_on_failure", True)),
        "static_fields": {name: described(_own(task, name, None)) for name in fields if _has(task, name, is_mapped)},
    }


def _link_classes(task: Any) -> dict[str, str]:
    links = sorted(task.operator_extra_links or (), key=lambda link: str(link.name))
    return {str(link.name): f"{public_module(type(link))}.{type(link).__qualname__}" for link in links}


def expand_spec(expand_input: Any) -> ExpandSpec:
    """A mapped task's or group's expansion as lengths: what of it a run must know before it can be expanded."""
    value = expand_input.value
    if isinstance(value, Mapping):
        return ExpandSpec(kind="dict", arguments={str(name): length_spec(item) for name, item in value.items()})
    return ExpandSpec(kind="list", arguments={"": length_spec(value)})


def length_spec(value: Any) -> LengthSpec:
    """How many items an argument of ``expand`` will have. Raises TypeError for one that cannot be counted."""
    if isinstance(value, list | tuple | set | frozenset | Mapping):
        return LengthSpec(kind="literal", length=len(value))
    # XComArgs, by what they hold: .map() keeps the length; zip, concat and plain ones.
    if hasattr(value, "callables"):
        return length_spec(value.arg)
    if hasattr(value, "fillvalue"):
        longest = type(value.fillvalue).__name__ != "ArgNotSet"
        return LengthSpec(kind="zip", items=tuple(length_spec(item) for item in value.args), longest=longest)
    if hasattr(value, "operator"):
        return LengthSpec(kind="xcom", task_id=value.operator.task_id, key=value.key)
    if hasattr(value, "args"):
        return LengthSpec(kind="concat", items=tuple(length_spec(item) for item in value.args))
    raise TypeError(f"cannot expand over {type(value).__name__}: it must be a list, a dict or the result of a task")


def params_spec(params: Any) -> dict[str, Any]:
    """name → {"value", "description", "schema"}; without "value" for a param that has none and must be given."""
    found: dict[str, Any] = {}
    for name, param in (params or {}).items():
        spec: dict[str, Any] = {}
        value = getattr(param, "value", param)
        if type(value).__name__ != "ArgNotSet":
            spec["value"] = _json_value(value)
        spec["description"] = getattr(param, "description", None)
        spec["schema"] = described(getattr(param, "schema", None) or {})
        found[str(name)] = spec
    return found


def _json_value(value: Any) -> Any:
    """A param's default; Airflow only warns when it is not JSON, so that it is kept as a text then."""
    try:
        return to_plain(value)
    except TypeError:
        return described(value)


def references(item: Any) -> Any:
    """An entry of ``inlets`` or ``outlets``: a dataset as {"uri", "extra"}, an alias as {"alias"}, else a text."""
    uri = getattr(item, "uri", None)
    if isinstance(uri, str):
        return {"uri": uri, "extra": described(getattr(item, "extra", None) or {})}
    return condition(item) if hasattr(item, "as_expression") else described(item)


def condition(item: Any) -> Any:
    """A dataset expression as JSON: a URI, {"any": […]}, {"all": […]}, {"alias": name}."""
    return item.as_expression()


def _expand_input(task: Any) -> Any:
    return task.mapped_input


def _own(task: Any, name: str, default: Any) -> Any:
    """An attribute; of a mapped task also what was given to ``partial`` or ``expand``."""
    if hasattr(task, name):
        return getattr(task, name)
    if task.is_mapped:
        if name in task.partial_kwargs:
            return task.partial_kwargs[name]
        value = _expand_input(task).value
        if isinstance(value, Mapping) and name in value:
            return value[name]
    return default


def _has(task: Any, name: str, is_mapped: bool) -> bool:
    marker = object()
    return _own(task, name, marker) is not marker


def _is_empty(task: Any) -> bool:
    """Whether the scheduler may finish it without running anything."""
    return bool(
        task.inherits_from_empty_operator
        and not task.on_execute_callback
        and not task.on_success_callback
        and not task.outlets
    )


def _reschedules(task: Any) -> bool:
    return bool(_own(task, "poke_interval", None) is not None and _own(task, "mode", "") == "reschedule")


def _other_dag(task: Any) -> str | None:
    for name in ("trigger_dag_id", "external_dag_id"):
        value = _own(task, name, None)
        if isinstance(value, str):
            return value
    return None


def _seconds(value: Any) -> float | None:
    if value is None:
        return None
    return float(value.total_seconds() if hasattr(value, "total_seconds") else value)


def _date(value: datetime | None) -> datetime | None:
    return None if value is None else plain_date(value)


def plain_date(value: datetime) -> datetime:
    """A plain datetime in UTC, of a datetime of any class (pendulum's above all)."""
    at = utc(value)
    return datetime(at.year, at.month, at.day, at.hour, at.minute, at.second, at.microsecond, tzinfo=UTC)


def _class_path(value: Any) -> str:
    return f"{type(value).__module__}.{type(value).__qualname__}"
