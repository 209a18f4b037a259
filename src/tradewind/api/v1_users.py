"""Users, roles and permissions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tradewind.actions import users as user_actions
from tradewind.auth.permissions import DAG_PREFIX, on
from tradewind.storage import user_listings

from . import schemas, table
from .bodies import collection, naive
from .call import NO_CONTENT, Answer, Call
from .forms import MISSING, Field, load
from .paging import order_of, same
from .problems import bad_request, conflict, not_found
from .table import Operation
from .v1_dags import page

_USER = (
    Field("first_name", required=True, most=256),
    Field("last_name", required=True, most=256),
    Field("username", required=True),
    Field("email", required=True),
    Field("roles"),
    Field("password", most=256),
)
_ROLE = (Field("name", required=True, most=64), Field("actions"))


def _user_body(row: Any, roles: Sequence[str]) -> dict[str, Any]:
    return {
        "active": row.active,
        "changed_on": naive(row.changed_on),
        "created_on": naive(row.created_on),
        "email": row.email,
        "fail_login_count": row.fail_login_count,
        "first_name": row.first_name,
        "last_login": naive(row.last_login),
        "last_name": row.last_name,
        "login_count": row.login_count,
        "roles": [{"name": role} for role in roles],
        "username": row.username,
    }


def get_users(call: Call) -> Any:
    """GET /users"""
    allowed = same("id", "first_name", "last_name", "email", user_name="username", is_active="active")
    order = order_of(call.query.get("order_by"), allowed, "id", only_ascending=True)
    rows, total = user_listings.users(call.tx, page(call), order)
    roles = user_listings.roles_of(call.tx, [row.id for row in rows])
    return collection("users", [_user_body(row, roles.get(row.id, ())) for row in rows], total)


def _one(call: Call, username: str) -> dict[str, Any]:
    row = _user(call, username)
    return _user_body(row, user_listings.roles_of(call.tx, [row.id]).get(row.id, ()))


def _user(call: Call, username: str) -> Any:
    row = user_listings.user(call.tx, username)
    if row is None:
        raise not_found("User not found", f"The User with username `{username}` was not found")
    return row


def get_user(call: Call) -> Any:
    """GET /users/{username}"""
    return _one(call, call.path["username"])


def _roles(call: Call, given: Sequence[Any] | None) -> list[str]:
    names = [role.get("name") for role in given or () if role]
    unknown = [name for name in names if name is None or call.tx.users.get_role(name) is None]
    if unknown:
        raise bad_request("Unknown roles: " + ", ".join(f"'{name}'" for name in sorted(map(str, unknown))))
    return [str(name) for name in names]


def post_user(call: Call) -> Any:
    """POST /users"""
    body = load(call.body, _USER)
    username, email = body["username"], body["email"]
    if user_listings.user(call.tx, username) is not None:
        raise conflict(f"Username `{username}` already exists. Use PATCH to update.")
    if user_listings.user_by_email(call.tx, email) is not None:
        raise conflict(f"The email `{email}` is already taken.")
    if "password" not in body:
        raise bad_request(str({"password": [MISSING]}))
    roles = _roles(call, body.get("roles"))
    if not roles:
        # The original fails with a 500 here; a user without a role could do nothing.
        raise bad_request("A user needs at least one role; give `roles`, e.g. [{'name': 'Viewer'}]")
    user_actions.create_user(
        call.tx,
        username=username,
        email=email,
        first_name=body["first_name"],
        last_name=body["last_name"],
        password=body["password"],
        roles=roles,
    )
    return _one(call, username)


def patch_user(call: Call) -> Any:
    """PATCH /users/{username}"""
    body = load(call.body, _USER)
    row = _user(call, call.path["username"])
    _check_taken(call, row, body)
    mask = call.query.get("update_mask")
    if mask is not None:
        names = {name.strip() for name in mask}
        unknown = sorted(names - body.keys())
        if unknown:
            raise bad_request("Unknown update masks: " + ", ".join(f"'{name}'" for name in unknown))
        body = {name: value for name, value in body.items() if name in names}
    changes = dict(body)
    if "roles" in changes:
        changes["roles"] = _roles(call, changes["roles"])
    user_actions.change_user(call.tx, row.username, changes)
    call.after_commit.append(call.services.authenticator.forget)
    return _one(call, changes.get("username", row.username))


def _check_taken(call: Call, row: Any, body: Mapping[str, Any]) -> None:
    other = user_listings.user(call.tx, body["username"])
    if other is not None and other.id != row.id:
        raise conflict(f"The username `{body['username']}` already exists")
    other = user_listings.user_by_email(call.tx, body["email"])
    if other is not None and other.id != row.id:
        raise conflict(f"The email `{body['email']}` already exists")


def delete_user(call: Call) -> Answer:
    """DELETE /users/{username}"""
    row = _user(call, call.path["username"])
    user_actions.delete_user(call.tx, row.username)
    call.after_commit.append(call.services.authenticator.forget)
    return NO_CONTENT


def role_body(name: str, grants: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """A role with its permissions."""
    actions = [{"action": {"name": action}, "resource": {"name": resource}} for action, resource in grants]
    return {"name": name, "actions": actions}


def get_roles(call: Call) -> Any:
    """GET /roles"""
    order = order_of(call.query.get("order_by"), same("name", role_id="id"), "name", only_ascending=True)
    rows, total = user_listings.roles(call.tx, page(call), order)
    grants = user_listings.grants_of(call.tx, [row.id for row in rows])
    return collection("roles", [role_body(row.name, grants.get(row.id, ())) for row in rows], total)


def role_row(call: Call, name: str) -> Any:
    """The role's row. Raises the 404."""
    row = user_listings.role(call.tx, name)
    if row is None:
        raise not_found("Role not found", f"Role with name '{name}' was not found")
    return row


def get_role(call: Call) -> Any:
    """GET /roles/{role_name}"""
    row = role_row(call, call.path["role_name"])
    return role_body(row.name, user_listings.grants_of(call.tx, [row.id]).get(row.id, ()))


def grants_given(call: Call, given: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """The permissions of a request's body. Raises the 400 for one that is not known."""
    actions, resources = user_listings.known_names(call.tx)
    found = []
    for item in given:
        action = (item.get("action") or {}).get("name")
        resource = (item.get("resource") or {}).get("name")
        if action not in actions:
            raise bad_request(f"The specified action: '{action}' was not found")
        if resource not in resources and not _is_of_a_dag(call, str(resource)):
            raise bad_request(f"The specified resource: '{resource}' was not found")
        found.append((str(action), str(resource)))
    return found


def _is_of_a_dag(call: Call, resource: str) -> bool:
    """Permissions on single DAGs exist as soon as the DAG does."""
    dag_id = resource.removeprefix(DAG_PREFIX)
    return dag_id != resource and call.tx.dags.get(dag_id) is not None


def post_role(call: Call) -> Any:
    """POST /roles: the original answers an empty object."""
    body = load(call.body, _ROLE)
    name = body["name"]
    if user_listings.role(call.tx, name) is not None:
        raise conflict(f"Role with name '{name}' already exists; please update with the PATCH endpoint")
    user_actions.create_role(call.tx, name, grants_given(call, body.get("actions") or ()))
    return {}


def patch_role(call: Call) -> Any:
    """PATCH /roles/{role_name}: permissions are added, none is ever taken away."""
    body = load(call.body, _ROLE)
    row = role_row(call, call.path["role_name"])
    mask = call.query.get("update_mask")
    if mask is not None:
        names = [name.strip() for name in mask]
        for name in names:
            if name not in body:
                raise bad_request(f"'{name}' in update_mask is unknown")
        body = {name: body[name] for name in names}
    grants = grants_given(call, body.get("actions") or ())
    new_name = body.get("name", row.name)
    if new_name != row.name and user_listings.role(call.tx, new_name) is not None:
        # The original answers 200 and leaves the name as it was.
        new_name = row.name
    user_actions.change_role(call.tx, row.name, new_name=new_name, grants=grants)
    call.after_commit.append(call.services.authenticator.forget)
    return role_body(new_name, user_listings.grants_of(call.tx, [row.id]).get(row.id, ()))


def delete_role(call: Call) -> Answer:
    """DELETE /roles/{role_name}"""
    row = role_row(call, call.path["role_name"])
    user_actions.delete_role(call.tx, row.name)
    call.after_commit.append(call.services.authenticator.forget)
    return NO_CONTENT


def get_permissions(call: Call) -> Any:
    """GET /permissions: the names of actions."""
    rows, total = user_listings.actions(call.tx, page(call))
    return collection("actions", [{"name": row.name} for row in rows], total)


def _operation(  # noqa: PLR0917  # a row of a table
    tag: str, id: str, method: str, path: str, handler: Any, resource: str, **more: Any
) -> Operation:
    action = {"PATCH": "PUT"}.get(method, method)
    defaults: dict[str, Any] = {"access": (on(action, resource),), "writes": method != "GET"}
    if method == "DELETE":
        defaults["status"] = 204
    return Operation(id=id, method=method, path=path, handler=handler, tag=tag, **{**defaults, **more})


_MASK = (table.UPDATE_MASK,)
_U, _R = "/users/{username}", "/roles/{role_name}"

OPERATIONS: tuple[Operation, ...] = (
    _operation("User", "get_users", "GET", "/users", get_users, "Users", query=table.ORDERED_PAGE),
    # Hashing a password takes tens of milliseconds; writes run in the pool of threads anyway.
    _operation("User", "post_user", "POST", "/users", post_user, "Users", body=schemas.USER),
    _operation("User", "get_user", "GET", _U, get_user, "Users"),
    _operation("User", "patch_user", "PATCH", _U, patch_user, "Users", body=schemas.USER, query=_MASK),
    _operation("User", "delete_user", "DELETE", _U, delete_user, "Users"),
    _operation("Role", "get_roles", "GET", "/roles", get_roles, "Roles", query=table.ORDERED_PAGE),
    _operation("Role", "post_role", "POST", "/roles", post_role, "Roles", body=schemas.ROLE),
    _operation("Role", "get_role", "GET", _R, get_role, "Roles"),
    _operation("Role", "patch_role", "PATCH", _R, patch_role, "Roles", body=schemas.ROLE, query=_MASK),
    _operation("Role", "delete_role", "DELETE", _R, delete_role, "Roles"),
    _operation(
        "Permission", "get_permissions", "GET", "/permissions", get_permissions, "Permissions", query=table.PAGE
    ),
)
