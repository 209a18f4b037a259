"""``access_control`` of a DAG becomes permissions of the roles it names; what it asks follows Airflow 2.10.5."""

from __future__ import annotations

from typing import Any

import pytest

from tradewind.auth.permissions import Grant
from tradewind.auth.roles import dag_grants, sync_dag_access
from tradewind.model.errors import InvalidInput
from tradewind.storage.database import Database

RUNS = {"DAGs": ["can_read"], "DAG Runs": ["can_create", "can_delete"]}


@pytest.mark.parametrize(
    ("rights", "expected"),
    [
        (["can_read", "can_edit"], {("can_read", "DAG:d"), ("can_edit", "DAG:d")}),
        (RUNS, {("can_read", "DAG:d"), ("can_create", "DAG Run:d"), ("can_delete", "DAG Run:d")}),
        ({"DAG Runs": ["can_read"]}, {("can_read", "DAG Run:d")}),
    ],
    ids=["actions", "by resource", "runs only"],
)
def test_rights_become_grants(rights: Any, expected: set[Grant]) -> None:
    assert dag_grants("d", {"Some": rights}) == {"Some": expected}


@pytest.mark.parametrize(
    ("rights", "words"),
    [(["can_fly"], "invalid permissions: .'can_fly'."), ({"Pools": ["can_read"]}, "invalid resource name: 'Pools'")],
    ids=["action", "resource"],
)
def test_what_there_is_not_is_refused(rights: Any, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        dag_grants("d", {"Some": rights})


def test_permissions_follow_and_stale_ones_go(database: Database) -> None:
    with database.begin() as tx:
        for name in ("First", "Second"):
            tx.users.create_role(name, [("can_read", "Pools")])
        sync_dag_access(tx, "d", {"First": RUNS})
        first = tx.users.get_role("First")
        assert first is not None
        assert first.grants == {("can_read", "Pools"), *dag_grants("d", {"First": RUNS})["First"]}
        sync_dag_access(tx, "d", {"Second": ["can_delete"]})
        sync_dag_access(tx, "d", None)
        grants = {role.name: role.grants for role in tx.users.roles() if role.name in ("First", "Second")}
        assert grants == {
            "First": {("can_read", "Pools")},
            "Second": {("can_read", "Pools"), ("can_delete", "DAG:d")},
        }


def test_a_role_that_does_not_exist_is_named(database: Database) -> None:
    with (
        database.begin() as tx,
        pytest.raises(InvalidInput, match="includes a role named 'Nobody', but that role does not exist"),
    ):
        sync_dag_access(tx, "d", {"Nobody": ["can_read"]})
