"""Which DAGs a person has starred."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from .statements import insert_for
from .tables_backfills import DAG_FAVORITE

if TYPE_CHECKING:
    from .database import Transaction

_F = DAG_FAVORITE.c


def put(tx: Transaction, user_id: int, dag_id: str) -> None:
    """A user's star on a DAG that exists; twice is once."""
    statement = insert_for(tx.dialect, DAG_FAVORITE).values(user_id=user_id, dag_id=dag_id).on_conflict_do_nothing()
    tx.connection.execute(statement)


def remove(tx: Transaction, user_id: int, dag_id: str) -> None:
    """No star there (any more)."""
    tx.connection.execute(delete(DAG_FAVORITE).where(_F.user_id == user_id, _F.dag_id == dag_id))


def of_user(tx: Transaction, user_id: int) -> list[str]:
    """The DAGs that a user has starred, by id."""
    return list(tx.connection.execute(select(_F.dag_id).where(_F.user_id == user_id).order_by(_F.dag_id)).scalars())
