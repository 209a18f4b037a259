"""Beyond Airflow 2: a person's starred DAGs."""

from __future__ import annotations

from typing import Any

from tradewind.auth.permissions import on_dag
from tradewind.storage import stars

from .bodies import collection
from .call import NO_CONTENT, Answer, Call
from .problems import forbidden, not_found
from .table import Operation
from .v1_dags import readable


def _owner(call: Call) -> int:
    if call.user.user_id is None:
        raise forbidden("Stars belong to users; log in as one.")
    return call.user.user_id


def get_stars(call: Call) -> Any:
    """GET /stars: the ids of one's starred DAGs, as far as one may read them."""
    permitted = readable(call)
    found = [dag_id for dag_id in stars.of_user(call.tx, _owner(call)) if permitted is None or dag_id in permitted]
    return collection("dag_ids", found, len(found))


def put_star(call: Call) -> Answer:
    """PUT /dags/{dag_id}/star"""
    dag_id = call.path["dag_id"]
    if call.tx.dags.get(dag_id) is None:
        raise not_found("DAG not found", f"The DAG with dag_id: {dag_id} was not found")
    stars.put(call.tx, _owner(call), dag_id)
    return NO_CONTENT


def delete_star(call: Call) -> Answer:
    """DELETE /dags/{dag_id}/star"""
    stars.remove(call.tx, _owner(call), call.path["dag_id"])
    return NO_CONTENT


def _operation(id: str, method: str, path: str, handler: Any, **more: Any) -> Operation:
    access = (on_dag("GET"),)
    return Operation(id=id, method=method, path=path, handler=handler, tag="DAG", access=access, is_ours=True, **more)


_STAR = "/dags/{dag_id}/star"

OPERATIONS: tuple[Operation, ...] = (
    _operation("get_stars", "GET", "/stars", get_stars),
    _operation("put_star", "PUT", _STAR, put_star, writes=True, status=204),
    _operation("delete_star", "DELETE", _STAR, delete_star, writes=True, status=204),
)
