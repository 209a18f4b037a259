"""The ``filter`` of a bulk request: its schema, and the selection that it means, within what the user may change."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from tradewind.auth.identity import Identity
from tradewind.auth.permissions import DAG_PREFIX, RUN_PREFIX, Access, permitted_dags
from tradewind.model.states import RunState, RunType, TaskState
from tradewind.storage.pages import Span
from tradewind.storage.selections import DagSelection, RunSelection, TaskSelection

from .forms import as_utc
from .problems import bad_request, forbidden
from .validation import LARGEST_INTEGER

_TEXTS = {"type": "array", "items": {"type": "string"}, "nullable": True}
_NUMBER = {"type": "number", "nullable": True}
_MOMENT = {"type": "string", "format": "date-time", "nullable": True}


def _spans(*names: str, schema: Mapping[str, Any] = _MOMENT) -> dict[str, Any]:
    return {f"{name}_{side}": schema for name in names for side in ("gte", "lte")}


def _keys(*names: str, **optional: Any) -> dict[str, Any]:
    item = {"type": "object", "required": list(names), "properties": {name: {"type": "string"} for name in names}}
    return {"type": "array", "nullable": True, "items": {**item, "properties": {**item["properties"], **optional}}}  # type: ignore[dict-item]


_OF_DAGS: dict[str, Any] = {
    "dag_ids": _TEXTS,
    "dag_id_pattern": {"type": "string", "nullable": True},
    "tags": _TEXTS,
    "owners": _TEXTS,
    "paused": {"type": "boolean", "nullable": True},
    "only_active": {"type": "boolean", "nullable": True},
}
_RUN_KEYS = _keys("dag_id", "dag_run_id")
_TASK_KEYS = _keys("dag_id", "dag_run_id", "task_id", map_index={"type": "integer"})
_PATTERN = {"type": "string", "nullable": True}
_DATES = _spans("execution_date", "start_date", "end_date")

DAG_FILTER = {"type": "object", "properties": _OF_DAGS}
RUN_FILTER = {
    "type": "object",
    "properties": {
        **_OF_DAGS,
        "dag_run_ids": _TEXTS,
        "dag_run_id_pattern": _PATTERN,
        "run_types": _TEXTS,
        "states": _TEXTS,
        **_DATES,
        "dag_runs": _RUN_KEYS,
        "except": _RUN_KEYS,
    },
}
TASK_FILTER = {
    "type": "object",
    "properties": {
        **_OF_DAGS,
        "dag_run_ids": _TEXTS,
        "dag_run_id_pattern": _PATTERN,
        "task_ids": _TEXTS,
        "task_id_pattern": _PATTERN,
        "map_indexes": {"type": "array", "items": {"type": "integer"}, "nullable": True},
        "states": {"type": "array", "items": {"type": "string", "nullable": True}, "nullable": True},
        "pools": _TEXTS,
        "queues": _TEXTS,
        "operators": _TEXTS,
        **_DATES,
        **_spans("duration", schema=_NUMBER),
        "task_instances": _TASK_KEYS,
        "except": _TASK_KEYS,
    },
}


def editable(user: Identity, access: Access) -> frozenset[str] | None:
    """The DAGs on which the user has the access; None: all. Raises the 403 when there is none."""
    named = {
        resource.removeprefix(prefix)
        for _, resource in user.grants
        for prefix in (DAG_PREFIX, RUN_PREFIX)
        if resource.startswith(prefix)
    }
    method = access.method if not access.name else "PUT"
    if permitted_dags(user.grants, method) is None and user.may(access):
        return None
    found = frozenset(dag_id for dag_id in named if user.may(access, dag_id))
    if not found:
        raise forbidden()
    return found


def dag_selection(values: Mapping[str, Any], permitted: Collection[str] | None) -> DagSelection:
    """What a filter says of DAGs. Raises the 403 for one that is named and not permitted."""
    named = values.get("dag_ids")
    refused = sorted(set(named or ()) - set(permitted)) if permitted is not None else []
    if refused:
        raise forbidden(f"You may not do this to these DAGs: {refused}")
    return DagSelection(
        dag_ids=named,
        permitted=permitted,
        pattern=values.get("dag_id_pattern"),
        tags=values.get("tags"),
        owners=values.get("owners"),
        is_paused=values.get("paused"),
        only_active=bool(values.get("only_active")),
    )


def run_selection(values: Mapping[str, Any], permitted: Collection[str] | None) -> RunSelection:
    """What a filter says of DAG runs."""
    _check(values, RUN_FILTER)
    return RunSelection(
        dags=dag_selection(values, permitted),
        run_ids=values.get("dag_run_ids"),
        run_id_pattern=values.get("dag_run_id_pattern"),
        run_types=_known("run_types", values.get("run_types"), RunType),
        states=_known("states", values.get("states"), RunState),
        logical_date=_span(values, "execution_date"),
        start_date=_span(values, "start_date"),
        end_date=_span(values, "end_date"),
        keys=_run_keys(values.get("dag_runs")),
        left_out=_run_keys(values.get("except")) or (),
    )


def task_selection(values: Mapping[str, Any], permitted: Collection[str] | None) -> TaskSelection:
    """What a filter says of task instances; a state that is null or "none" is no state."""
    _check(values, TASK_FILTER)
    states = values.get("states")
    named = None if states is None else [state for state in states if state not in (None, "none")]
    _known("states", named, TaskState)
    return TaskSelection(
        dags=dag_selection(values, permitted),
        run_ids=values.get("dag_run_ids"),
        run_id_pattern=values.get("dag_run_id_pattern"),
        task_ids=values.get("task_ids"),
        task_id_pattern=values.get("task_id_pattern"),
        map_indexes=_indexes(values.get("map_indexes")),
        states=None if states is None else [None if state in (None, "none") else state for state in states],
        pools=values.get("pools"),
        queues=values.get("queues"),
        operators=values.get("operators"),
        logical_date=_span(values, "execution_date"),
        start_date=_span(values, "start_date"),
        end_date=_span(values, "end_date"),
        duration=Span(values.get("duration_gte"), values.get("duration_lte")),
        keys=_task_keys(values.get("task_instances")),
        left_out=_task_keys(values.get("except")) or (),
    )


def check_dag_filter(values: Mapping[str, Any]) -> None:
    """Raises the 400 for a name that a filter of DAGs does not have."""
    _check(values, DAG_FILTER)


def _check(values: Mapping[str, Any], schema: Mapping[str, Any]) -> None:
    unknown = sorted(set(values) - set(schema["properties"]))
    if unknown:
        # A misspelt condition would select more than was meant.
        raise bad_request(f"The filter does not know {unknown}; it knows {sorted(schema['properties'])}")


def _known(name: str, values: Sequence[str] | None, among: Any) -> Sequence[str] | None:
    known = {str(one) for one in among}
    wrong = sorted(set(values or ()) - known)
    if wrong:
        raise bad_request(f"{name}: {wrong} are none of {sorted(known)}")
    return values


def _span(values: Mapping[str, Any], name: str) -> Span:
    return Span(as_utc(values.get(f"{name}_gte")), as_utc(values.get(f"{name}_lte")))


def _indexes(numbers: Sequence[float] | None) -> list[int] | None:
    """Those that a column can hold; no instance has another one."""
    return None if numbers is None else [int(number) for number in numbers if abs(number) <= LARGEST_INTEGER]


def _run_keys(keys: Sequence[Mapping[str, Any]] | None) -> list[tuple[str, str]] | None:
    return None if keys is None else [(key["dag_id"], key["dag_run_id"]) for key in keys]


def _task_keys(keys: Sequence[Mapping[str, Any]] | None) -> list[tuple[str, str, str, int]] | None:
    if keys is None:
        return None
    return [(key["dag_id"], key["dag_run_id"], key["task_id"], int(key.get("map_index", -1))) for key in keys]
