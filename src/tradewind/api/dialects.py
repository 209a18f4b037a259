"""The older dialects of API v1, by wrapping the operations of the table: other names of fields, PUT, and two verbs on
single task instances. Nothing here is known to the operations themselves; ``[api] older_dialects = False`` leaves it
out, and the API is exactly Airflow's."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from tradewind.actions import tasks as task_actions
from tradewind.actions import users as user_actions
from tradewind.actions.tasks import ClearWish
from tradewind.auth.permissions import on_dag
from tradewind.auth.roles import ADMIN, VIEWER
from tradewind.model.records import RunKey
from tradewind.model.spec import DagSpec

from .call import Answer, Call
from .problems import bad_request, not_found
from .table import Handler, Operation

Names = Mapping[str, str]
"""Name in the older dialect → Airflow 2's name."""

_ALIASES: dict[str, Names] = {
    "Variable": {"val": "value"},
    "Connection": {"conn_id": "connection_id"},
    "Pool": {"pool_id": "name"},
    "DAGRun": {"run_id": "dag_run_id", "execution_date": "logical_date"},
}
_LISTS = {"Variable": "variables", "Connection": "connections", "Pool": "pools", "DAGRun": "dag_runs", "User": "users"}


def with_older_dialects(operations: Iterable[Operation]) -> tuple[Operation, ...]:
    """The operations as older clients know them."""
    found: list[Operation] = []
    for operation in operations:
        names = _ALIASES.get(operation.tag)
        if names is not None:
            found.append(replace(operation, handler=_renaming(operation.handler, names, _LISTS[operation.tag])))
        elif operation.tag == "User":
            found.append(
                replace(operation, handler=_USER_HANDLERS.get(operation.id, _showing_users)(operation.handler))
            )
        else:
            found.append(operation)
    puts = [_put(operation) for operation in found if operation.id in _PUTS]
    return (*found, *puts, *_VERBS)


# Names ----------------------------------------------------------------------------------------------------------


def _renaming(handler: Handler, names: Names, list_name: str) -> Handler:
    def handle(call: Call) -> Any:
        if isinstance(call.body, dict):
            call.body = in_present_names(call.body, names)
        return shown(handler(call), list_name, lambda body: in_both_names(body, names))

    return handle


def in_present_names(body: Mapping[str, Any], names: Names) -> dict[str, Any]:
    """A request's body with Airflow 2's names. Where both are given and differ nothing is changed, and the operation
    refuses the name that it does not know."""
    found = dict(body)
    for older, present in names.items():
        if older in found and found.get(present, found[older]) == found[older]:
            found[present] = found.pop(older)
    return found


def in_both_names(body: Mapping[str, Any], names: Names) -> dict[str, Any]:
    """An answer's body with both names."""
    return {**body, **{older: body[present] for older, present in names.items() if present in body}}


def shown(answer: Any, list_name: str, show: Callable[[Mapping[str, Any]], dict[str, Any]]) -> Any:
    """An answer whose body, or each entry of whose list, is shown otherwise. Errors and empty answers stay."""
    if isinstance(answer, Answer) or not isinstance(answer, Mapping):
        return answer
    if list_name in answer:
        return {**answer, list_name: [show(item) for item in answer[list_name]]}
    return show(answer)


# PUT ------------------------------------------------------------------------------------------------------------

_PUTS = {
    "patch_variable": ("variable_key", "key"),
    "patch_connection": ("connection_id", "connection_id"),
    "patch_pool": ("pool_name", "name"),
}
"""Operation → the path's name of the thing, and the body's."""


def _put(operation: Operation) -> Operation:
    """PUT as the PATCH of what the body has; the name in the path need not be repeated."""
    in_path, in_body = _PUTS[operation.id]
    older = {present: old for old, present in _ALIASES[operation.tag].items()}.get(in_body, in_body)

    def handle(call: Call) -> Any:
        body = dict(call.body)
        if older not in body:
            body.setdefault(in_body, call.path[in_path])
        if operation.id == "patch_pool":
            given = in_present_names(body, _ALIASES["Pool"])
            call.query = {
                "update_mask": [name for name in given if name != in_body or given[name] != call.path[in_path]]
            }
        call.body = body
        return operation.handler(call)

    id = operation.id.replace("patch", "put")
    return replace(operation, id=id, method="PUT", handler=handle, query=(), is_ours=True)


# Users ----------------------------------------------------------------------------------------------------------


def _user_shown(body: Mapping[str, Any]) -> dict[str, Any]:
    is_admin = any(role["name"] == ADMIN for role in body["roles"])
    return {**body, "is_active": body["active"], "is_admin": is_admin}


def _showing_users(handler: Handler) -> Handler:
    return lambda call: shown(handler(call), "users", _user_shown)


def roles_of(names: Iterable[str], is_admin: bool | None) -> list[str]:
    """Role names once ``is_admin`` is said: with Admin, or without; who would have none is a Viewer."""
    found = list(names)
    if is_admin is True and ADMIN not in found:
        found.append(ADMIN)
    if is_admin is False:
        found = [name for name in found if name != ADMIN]
    return found or [VIEWER]


def _flags(body: dict[str, Any]) -> tuple[bool | None, bool | None]:
    for name in ("is_active", "is_admin"):
        if not isinstance(body.get(name, False), bool):
            raise bad_request(f"{body[name]!r} is not of type 'boolean' - '{name}'")
    return body.pop("is_active", None), body.pop("is_admin", None)


def _making_users(handler: Handler) -> Handler:
    def handle(call: Call) -> Any:
        body = {"first_name": "", "last_name": "", **call.body}
        is_active, is_admin = _flags(body)
        if is_admin is not None or not body.get("roles"):
            names = [role.get("name") for role in body.get("roles") or () if role]
            body["roles"] = [{"name": name} for name in roles_of(names, is_admin)]
        call.body = body
        made = handler(call)
        return _user_shown(_with_activity(call, made, is_active))

    return handle


def _changing_users(handler: Handler) -> Handler:
    def handle(call: Call) -> Any:
        row = call.tx.users.get(call.path["username"])
        body = dict(call.body)
        is_active, is_admin = _flags(body)
        if row is not None and "update_mask" not in call.query:
            names = ("first_name", "last_name", "username", "email")
            body = {**{name: getattr(row, name) for name in names}, **body}
            if is_admin is not None:
                given = [role.get("name") for role in body["roles"] if role] if "roles" in body else row.roles
                body["roles"] = [{"name": name} for name in roles_of(given, is_admin)]
        call.body = body
        return _user_shown(_with_activity(call, handler(call), is_active))

    return handle


def _with_activity(call: Call, body: dict[str, Any], is_active: bool | None) -> dict[str, Any]:
    if is_active is None:
        return body
    user_actions.change_user(call.tx, body["username"], {"active": is_active})
    call.after_commit.append(call.services.authenticator.forget)
    return {**body, "active": is_active}


_USER_HANDLERS: dict[str, Callable[[Handler], Handler]] = {
    "post_user": _making_users,
    "patch_user": _changing_users,
    "delete_user": lambda handler: handler,
}


# Verbs on task instances ------------------------------------------------------------------------------------------


def _spec(call: Call) -> DagSpec:
    dag_id = call.path["dag_id"]
    spec = call.services.specs.of_dag(call.tx, dag_id)
    if spec is None:
        raise not_found("DAG not found", f"DAG with dag_id: '{dag_id}' not found")
    return spec


def clear_task_instance(call: Call) -> Any:
    """POST …/taskInstances/{task_id}/clear"""
    path = call.path
    spec = _spec(call)
    key = RunKey(path["dag_id"], path["dag_run_id"])
    if not call.tx.task_instances.matching(key.dag_id, task_ids=[path["task_id"]], run_ids=[key.run_id]):
        raise _missing(call)
    wish = ClearWish(run_id=key.run_id, task_ids=[path["task_id"]], only_failed=False, dry_run=False)
    task_actions.clear(call.tx, spec, wish)
    return {"message": "Task instance cleared successfully."}


def run_task_instance(call: Call) -> Any:
    """POST …/taskInstances/{task_id}/run"""
    path = call.path
    task_actions.run_now(call.tx, _spec(call), RunKey(path["dag_id"], path["dag_run_id"]), path["task_id"])
    return {"message": "Task instance triggered to run."}


def _missing(call: Call) -> Exception:
    path = call.path
    return not_found(
        "Task instance not found",
        f"Task Instance not found for dag_id={path['dag_id']}, run_id={path['dag_run_id']}, task_id={path['task_id']}",
    )


def _verb(word: str, handler: Handler) -> Operation:
    return Operation(
        id=f"{word}_task_instance",
        method="POST",
        path=f"/dags/{{dag_id}}/dagRuns/{{dag_run_id}}/taskInstances/{{task_id}}/{word}",
        handler=handler,
        tag="TaskInstance",
        access=(on_dag("PUT", "TASK_INSTANCE"),),
        writes=True,
        event=f"api.{word}_task_instance",
        is_ours=True,
    )


_VERBS = (_verb("clear", clear_task_instance), _verb("run", run_task_instance))
