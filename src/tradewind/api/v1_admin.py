"""Pools, variables and connections."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tradewind.actions import access as access_actions
from tradewind.auth.permissions import on
from tradewind.storage import vault_listings
from tradewind.wire.plugin_messages import PluginFailed, TestConnection

from . import schemas, table
from .bodies import collection
from .call import NO_CONTENT, Answer, Call
from .extras import masked_extra, unmasked_extra
from .forms import Field, load
from .paging import order_of, same
from .problems import PlainAnswer, bad_request, conflict, not_found
from .table import Operation
from .v1_dags import page

_POOL = (Field("name", most=256), *(Field(name) for name in ("slots", "description", "include_deferred")))
_VARIABLE = (Field("key", required=True), Field("value", required=True), Field("description", may_be_null=False))
_CONNECTION = (
    Field("connection_id", required=True, most=250),
    Field("conn_type", required=True),
    *(Field(name) for name in ("description", "host", "login", "schema", "port", "password", "extra")),
)
CONNECTION_TEST_SECONDS = 30.0
"""Within which a hook must say whether it can log in."""
_BAD_VARIABLE = "Invalid Variable schema"


def _pool_body(row: Any) -> dict[str, Any]:
    return {
        "name": row.name,
        "slots": row.slots,
        "occupied_slots": row.occupied_slots,
        "running_slots": row.running_slots,
        "queued_slots": row.queued_slots,
        "scheduled_slots": row.scheduled_slots,
        # A pool without end has as many open slots as anybody can use; the original crashes on infinity.
        "open_slots": row.open_slots,
        "deferred_slots": row.deferred_slots,
        "description": row.description,
        "include_deferred": row.include_deferred,
    }


def get_pools(call: Call) -> Any:
    """GET /pools"""
    order = order_of(call.query.get("order_by"), same("slots", "id", name="pool"), "id")
    rows, total = vault_listings.pools(call.tx, page(call), order)
    return collection("pools", [_pool_body(row) for row in rows], total)


def _pool(call: Call, name: str) -> Any:
    row = vault_listings.pool(call.tx, name)
    if row is None:
        raise not_found("Not Found", f"Pool with name:'{name}' not found")
    return row


def get_pool(call: Call) -> Any:
    """GET /pools/{pool_name}"""
    return _pool_body(_pool(call, call.path["pool_name"]))


def _need(body: Mapping[str, Any], names: Sequence[str]) -> None:
    missing = [name for name in names if name not in body]
    if missing:
        raise bad_request(f"Missing required property(ies): {missing}")


def post_pool(call: Call) -> Any:
    """POST /pools"""
    _need(call.body, ("name", "slots"))
    body = load(call.body, _POOL)
    name = body["name"]
    if vault_listings.pool(call.tx, name) is not None:
        raise conflict(f"Pool: {name} already exists")
    access_actions.create_pool(
        call.tx,
        name,
        int(body["slots"]),
        description=body.get("description"),
        include_deferred=body.get("include_deferred", False),
    )
    return _pool_body(_pool(call, name))


def patch_pool(call: Call) -> Any:
    """PATCH /pools/{pool_name}"""
    name, mask = call.path["pool_name"], call.query.get("update_mask")
    given = call.body
    if name == "default_pool":
        is_harmless = mask is not None and all(field.strip() in ("slots", "include_deferred") for field in mask)
        if not is_harmless and given.get("name") != "default_pool":
            raise bad_request("Default Pool's name can't be modified")
    present = _pool(call, name)
    body = load(given, _POOL, partial=True)
    if mask is None:
        _need(body, ("name", "slots"))
        # Airflow loads the body with its defaults: what is not sent is set back, but for the description.
        changes = {"include_deferred": False, **body}
    else:
        changes = _masked(body, mask)
    access_actions.change_pool(
        call.tx,
        name,
        new_name=changes.get("name", present.name),
        slots=int(changes.get("slots", present.slots)),
        description=changes.get("description", present.description),
        include_deferred=changes.get("include_deferred", present.include_deferred),
    )
    return _pool_body(_pool(call, changes.get("name", name)))


def _masked(body: Mapping[str, Any], mask: Sequence[str]) -> dict[str, Any]:
    known = {field.name for field in _POOL}
    changes: dict[str, Any] = {}
    for field in (name.strip() for name in mask):
        if field not in known or field not in body:
            raise bad_request(f"Invalid field: {field} in update mask")
        changes[field] = body[field]
    return changes


def delete_pool(call: Call) -> Answer:
    """DELETE /pools/{pool_name}"""
    name = call.path["pool_name"]
    if name == "default_pool":
        raise bad_request("Default Pool can't be deleted")
    _pool(call, name)
    access_actions.delete_pool(call.tx, name)
    return NO_CONTENT


def _variable_body(row: Any) -> dict[str, Any]:
    return {"description": row.description, "key": row.key, "value": row.value}


def get_variables(call: Call) -> Any:
    """GET /variables"""
    order = order_of(call.query.get("order_by"), same("id", "key", value="val"), "id")
    rows, total = vault_listings.variables(call.tx, call.services.database.cipher, page(call), order)
    return collection("variables", [_variable_body(row) for row in rows], total)


def get_variable(call: Call) -> Any:
    """GET /variables/{variable_key}"""
    row = call.tx.vault.get_variable(call.path["variable_key"])
    if row is None:
        raise not_found("Variable not found", "Variable does not exist")
    return _variable_body(row)


def post_variables(call: Call) -> Any:
    """POST /variables"""
    body = load(call.body, _VARIABLE, title=_BAD_VARIABLE)
    access_actions.set_variable(call.tx, body["key"], body["value"], body.get("description"))
    return body


def patch_variable(call: Call) -> Any:
    """PATCH /variables/{variable_key}"""
    key, mask = call.path["variable_key"], call.query.get("update_mask")
    body = load(call.body, _VARIABLE, title=_BAD_VARIABLE)
    if body["key"] != key:
        raise bad_request("key from request body doesn't match uri parameter", title="Invalid post body")
    row = call.tx.vault.get_variable(key)
    if row is None:
        raise not_found("Variable not found", "Variable does not exist")
    changes = _variable_changes(body, mask)
    access_actions.set_variable(
        call.tx, key, changes.get("value", row.value) or "", changes.get("description", row.description)
    )
    return _variable_body(call.tx.vault.get_variable(key))


def _variable_changes(body: Mapping[str, Any], mask: Sequence[str] | None) -> dict[str, Any]:
    if mask is None:
        return dict(body)
    # The mask is matched against the internal names, where the value is called "val".
    internal = {"val": "value", **({"description": "description"} if "description" in body else {})}
    changes: dict[str, Any] = {}
    for name in (field.strip() for field in mask):
        if name not in internal:
            raise bad_request(f"'{name}' is unknown or cannot be updated.")
        changes[internal[name]] = body[internal[name]]
    return changes


def delete_variable(call: Call) -> Answer:
    """DELETE /variables/{variable_key}"""
    if not access_actions.delete_variable(call.tx, call.path["variable_key"]):
        raise not_found("Variable not found")
    return NO_CONTENT


def _connection_item(row: Any) -> dict[str, Any]:
    return {
        "connection_id": row.conn_id,
        "conn_type": row.conn_type,
        "description": row.description,
        "host": row.host,
        "login": row.login,
        "schema": row.schema,
        "port": row.port,
    }


def _connection_body(row: Any) -> dict[str, Any]:
    return {**_connection_item(row), "extra": masked_extra(row.extra)}


def get_connections(call: Call) -> Any:
    """GET /connections"""
    allowed = same("conn_type", "description", "host", "port", "id", connection_id="conn_id")
    order = order_of(call.query.get("order_by"), allowed, "id")
    rows, total = vault_listings.connections(call.tx, page(call), order)
    return collection("connections", [_connection_item(row) for row in rows], total)


def _connection(call: Call) -> Any:
    connection_id = call.path["connection_id"]
    row = call.tx.vault.get_connection(connection_id)
    if row is None:
        raise not_found("Connection not found", f"The Connection with connection_id: `{connection_id}` was not found")
    return row


def get_connection(call: Call) -> Any:
    """GET /connections/{connection_id}"""
    return _connection_body(_connection(call))


def _check_id(connection_id: str) -> None:
    if len(connection_id) > 200:
        raise bad_request("The key has to be less than 200 characters")
    if not connection_id or not all(
        letter.isascii() and (letter.isalnum() or letter in "_-.") for letter in connection_id
    ):
        raise bad_request(
            f"The key {connection_id!r} has to be made of alphanumeric characters, dashes, dots and underscores "
            "exclusively"
        )


def post_connection(call: Call) -> Any:
    """POST /connections"""
    body = load(call.body, _CONNECTION)
    connection_id = body["connection_id"]
    _check_id(connection_id)
    if call.tx.vault.get_connection(connection_id) is not None:
        raise conflict(f"Connection already exist. ID: {connection_id}")
    access_actions.set_connection(call.tx, connection_id, _connection_values(body))
    return _connection_body(call.tx.vault.get_connection(connection_id))


def _connection_values(body: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name != "connection_id"}


def patch_connection(call: Call) -> Any:
    """PATCH /connections/{connection_id}"""
    body = load(call.body, _CONNECTION, partial=True)
    row = _connection(call)
    mask = call.query.get("update_mask")
    if body.get("connection_id", row.conn_id) != row.conn_id:
        raise bad_request("The connection_id cannot be updated.")
    changes = _connection_values(body)
    if mask is not None:
        names = [name.strip() for name in mask]
        for name in names:
            if name not in changes:
                raise bad_request(f"'{name}' is unknown or cannot be updated.")
        changes = {name: changes[name] for name in names}
    if changes.get("extra"):
        changes["extra"] = unmasked_extra(changes["extra"], row.extra)
    access_actions.change_connection(call.tx, row.conn_id, changes)
    return _connection_body(_connection(call))


def delete_connection(call: Call) -> Answer:
    """DELETE /connections/{connection_id}"""
    row = _connection(call)
    access_actions.delete_connection(call.tx, row.conn_id)
    return NO_CONTENT


def test_connection(call: Call) -> Any:
    """POST /connections/test"""
    if call.services.options.test_connection != "Enabled":
        raise PlainAnswer(
            403,
            "Testing connections is disabled in Airflow configuration. Contact your deployment admin to enable it.",
        )
    body = load(call.body, _CONNECTION)
    try:
        status, message = call.services.ask_plugins(TestConnection(fields=body), CONNECTION_TEST_SECONDS)
    except PluginFailed as problem:
        status, message = False, str(problem)
    return {"status": status, "message": message}


def _operation(  # noqa: PLR0917  # a row of a table
    tag: str, id: str, method: str, path: str, handler: Any, resource: str, **more: Any
) -> Operation:
    action = {"PATCH": "PUT"}.get(method, method)
    defaults: dict[str, Any] = {"access": (on(action, resource),), "writes": method != "GET"}
    if method == "DELETE":
        defaults["status"] = 204
    return Operation(id=id, method=method, path=path, handler=handler, tag=tag, **{**defaults, **more})


_POOLS, _VARIABLES, _CONNECTIONS = "Pools", "Variables", "Connections"
_MASK = (table.UPDATE_MASK,)

OPERATIONS: tuple[Operation, ...] = (
    _operation("Pool", "get_pools", "GET", "/pools", get_pools, _POOLS, query=table.ORDERED_PAGE),
    _operation("Pool", "post_pool", "POST", "/pools", post_pool, _POOLS, body=schemas.POOL, event="api.post_pool"),
    _operation("Pool", "get_pool", "GET", "/pools/{pool_name}", get_pool, _POOLS),
    _operation(
        "Pool",
        "patch_pool",
        "PATCH",
        "/pools/{pool_name}",
        patch_pool,
        _POOLS,
        body=schemas.POOL,
        query=_MASK,
        event="api.patch_pool",
    ),
    _operation("Pool", "delete_pool", "DELETE", "/pools/{pool_name}", delete_pool, _POOLS, event="api.delete_pool"),
    _operation("Variable", "get_variables", "GET", "/variables", get_variables, _VARIABLES, query=table.ORDERED_PAGE),
    _operation(
        "Variable",
        "post_variables",
        "POST",
        "/variables",
        post_variables,
        _VARIABLES,
        body=schemas.VARIABLE,
        event="api.variable.create",
        masks_body=True,
    ),
    _operation("Variable", "get_variable", "GET", "/variables/{variable_key:path}", get_variable, _VARIABLES),
    _operation(
        "Variable",
        "patch_variable",
        "PATCH",
        "/variables/{variable_key:path}",
        patch_variable,
        _VARIABLES,
        body=schemas.VARIABLE,
        query=_MASK,
        event="api.variable.edit",
        masks_body=True,
    ),
    _operation(
        "Variable",
        "delete_variable",
        "DELETE",
        "/variables/{variable_key:path}",
        delete_variable,
        _VARIABLES,
        event="api.variable.delete",
    ),
    _operation(
        "Connection",
        "get_connections",
        "GET",
        "/connections",
        get_connections,
        _CONNECTIONS,
        query=table.ORDERED_PAGE,
    ),
    _operation(
        "Connection",
        "post_connection",
        "POST",
        "/connections",
        post_connection,
        _CONNECTIONS,
        body=schemas.CONNECTION,
        event="api.connection.create",
        masks_body=True,
    ),
    _operation(
        "Connection",
        "test_connection",
        "POST",
        "/connections/test",
        test_connection,
        _CONNECTIONS,
        body=schemas.CONNECTION,
        writes=False,
        is_slow=True,
    ),
    _operation("Connection", "get_connection", "GET", "/connections/{connection_id}", get_connection, _CONNECTIONS),
    _operation(
        "Connection",
        "patch_connection",
        "PATCH",
        "/connections/{connection_id}",
        patch_connection,
        _CONNECTIONS,
        body=schemas.CONNECTION,
        query=_MASK,
        event="api.connection.edit",
        masks_body=True,
    ),
    _operation(
        "Connection",
        "delete_connection",
        "DELETE",
        "/connections/{connection_id}",
        delete_connection,
        _CONNECTIONS,
        event="api.connection.delete",
    ),
)
