"""Beyond Airflow: a role's permissions as a whole, and parsing a file again that holds no DAG because it is broken."""

from __future__ import annotations

from typing import Any

from tradewind.actions import dags as dag_actions
from tradewind.auth.permissions import on, on_dag
from tradewind.storage import listings, user_listings

from .call import NO_CONTENT, Answer, Call
from .forms import Field, load
from .problems import forbidden, not_found
from .schemas import ROLE
from .table import Operation
from .v1_dags import readable
from .v1_users import grants_given, role_body, role_row

_ROLE = (Field("name"), Field("actions", required=True))


def put_role(call: Call) -> Any:
    """PUT /roles/{role_name}: exactly these permissions; what is not among them is taken away."""
    row = role_row(call, call.path["role_name"])
    body = load(call.body, _ROLE)
    wanted = grants_given(call, body["actions"] or ())
    present = {(action, resource) for action, resource in user_listings.grants_of(call.tx, [row.id]).get(row.id, ())}
    call.tx.users.grant(row.name, [grant for grant in wanted if grant not in present])
    call.tx.users.revoke(row.name, sorted(present - set(wanted)))
    call.after_commit.append(call.services.authenticator.forget)
    return role_body(row.name, user_listings.grants_of(call.tx, [row.id]).get(row.id, ()))


def reparse_import_error(call: Call) -> Answer:
    """POST /importErrors/{import_error_id}/reparse"""
    row = listings.import_error(call.tx, min(call.path["import_error_id"], 2**62))
    if row is None:
        raise not_found("Import error not found")
    permitted = readable(call, "PUT")
    held = set(listings.dags_of_file(call.tx, row.filename))
    if permitted is not None and (not held or not held <= permitted):
        raise forbidden("The file holds DAGs that you may not edit.")
    dag_actions.request_parse(call.tx, row.filename)
    return NO_CONTENT


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        id="put_role",
        method="PUT",
        path="/roles/{role_name}",
        handler=put_role,
        tag="Role",
        access=(on("PUT", "Roles"),),
        writes=True,
        event="api.put_role",
        body=ROLE,
        is_ours=True,
    ),
    Operation(
        id="reparse_import_error",
        method="POST",
        path="/importErrors/{import_error_id:int}/reparse",
        handler=reparse_import_error,
        tag="ImportError",
        access=(on("GET", "ImportError"), on_dag("PUT")),
        writes=True,
        status=204,
        event="api.reparse_import_error",
        is_ours=True,
    ),
)
