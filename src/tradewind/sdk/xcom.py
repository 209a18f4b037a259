"""XCom values: reading and writing them by the Runtime, and the lazy sequence that a mapped task's results are."""
# ruff: noqa: PLR0917, ARG003, ARG004
# Signatures are Airflow's: what authors may pass by position or name stays as it is.

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from . import codec
from .lazy_sequence import PAGE, LazySelectSequence
from .logging_mixin import LoggingMixin
from .queryable import Queryable
from .runtime import current
from .xcom_arg import XCOM_RETURN_KEY
from .xcom_backends import XComPlace, decoded, encoded, keep_nothing

if TYPE_CHECKING:
    from tradewind.wire.messages import XComRow


def value_of(row: XComRow, key: str, dag_id: str) -> Any:
    """The value of a stored row, by the configured back end."""
    return decoded(row.value, XComPlace(key, dag_id, row.run_id, row.task_id, row.map_index))


class LazyXComSelectSequence(LazySelectSequence):
    """The values of several task instances; those that stored nothing are left out."""

    def __init__(
        self,
        *,
        key: str,
        dag_id: str,
        run_id: str,
        task_ids: Sequence[str] | None,
        map_indexes: Sequence[int] | None = None,
        include_prior_dates: bool = False,
        first: Sequence[XComRow] | None = None,
        total: int | None = None,
    ) -> None:
        super().__init__(first=first or (), total=total)
        self._query: dict[str, Any] = {
            "key": key,
            "dag_id": dag_id,
            "run_id": run_id,
            "task_ids": task_ids,
            "map_indexes": map_indexes,
            "include_prior_dates": include_prior_dates,
        }

    def _count(self) -> int:
        return current().get_xcoms(**self._query, count_only=True).total

    def _fetch(self, offset: int, limit: int) -> Sequence[XComRow]:
        return current().get_xcoms(**self._query, offset=offset, limit=limit).rows

    def _item(self, row: XComRow) -> Any:
        return value_of(row, self._query["key"], self._query["dag_id"])


def pull(
    *,
    dag_id: str,
    run_id: str,
    key: str,
    task_ids: Sequence[str] | None,
    map_indexes: Sequence[int] | None,
    include_prior_dates: bool,
    single: bool,
    default: Any,
) -> Any:
    """What ``xcom_pull`` gives: one value for one unmapped task (or one index), else a lazy sequence."""
    query: dict[str, Any] = {
        "key": key,
        "dag_id": dag_id,
        "run_id": run_id,
        "task_ids": task_ids,
        "map_indexes": map_indexes,
        "include_prior_dates": include_prior_dates,
    }
    if not single:
        return LazyXComSelectSequence(**query)
    found = current().get_xcoms(**query, limit=PAGE)
    if not found.rows:
        return default
    first = found.rows[0]
    # Of any task: the newest value alone, unless that is a mapped task's.
    is_mapped = any(row.map_index >= 0 for row in (found.rows if task_ids is not None else (first,)))
    if map_indexes is not None or not is_mapped:
        return value_of(first, key, dag_id)
    return LazyXComSelectSequence(**query, first=found.rows, total=found.total)


class BaseXCom(LoggingMixin, metaclass=Queryable):
    """XComs outside a task's own ``ti``; also the base of custom back ends."""

    key: str
    value: Any

    def __init__(self, *, key: str = XCOM_RETURN_KEY, value: Any = None, **fields: Any) -> None:
        super().__init__()
        self.key = key
        self.value = value
        for name, field in fields.items():
            setattr(self, name, field)

    @classmethod
    def set(
        cls,
        key: str,
        value: Any,
        task_id: str,
        dag_id: str,
        execution_date: datetime | None = None,
        session: Any = None,
        *,
        run_id: str | None = None,
        map_index: int = -1,
    ) -> None:
        """Store a value for a task instance of the running task's run."""
        from tradewind.wire.messages import XComItem  # msgspec only where something is sent

        length = len(value) if isinstance(value, (list, tuple, dict)) else None
        place = XComPlace(key, dag_id, run_id, task_id, map_index)
        item = XComItem(key=key, value=encoded(value, place), length=length)
        current().put_xcom(item, task_id=task_id, map_index=map_index)

    @staticmethod
    def get_one(
        execution_date: datetime | None = None,
        key: str | None = None,
        task_id: str | None = None,
        dag_id: str | None = None,
        include_prior_dates: bool = False,
        session: Any = None,
        *,
        run_id: str | None = None,
        map_index: int | None = None,
    ) -> Any:
        """One value, or None."""
        found = current().get_xcoms(
            key=key or XCOM_RETURN_KEY,
            dag_id=dag_id or "",
            run_id=run_id or _run_at(dag_id, execution_date),
            task_ids=None if task_id is None else [task_id],
            map_indexes=None if map_index is None else [map_index],
            include_prior_dates=include_prior_dates,
            limit=1,
        )
        return value_of(found.rows[0], key or XCOM_RETURN_KEY, dag_id or "") if found.rows else None

    @staticmethod
    def get_value(*, ti_key: Any, key: str | None = None, session: Any = None) -> Any:
        """One value of a task instance named by its key."""
        return XCom.get_one(
            key=key, task_id=ti_key.task_id, dag_id=ti_key.dag_id, run_id=ti_key.run_id, map_index=ti_key.map_index
        )

    @staticmethod
    def get_many(
        execution_date: datetime | None = None,
        key: str | None = None,
        task_ids: str | Iterable[str] | None = None,
        dag_ids: str | Iterable[str] | None = None,
        map_indexes: int | Iterable[int] | None = None,
        include_prior_dates: bool = False,
        limit: int | None = None,
        session: Any = None,
        *,
        run_id: str | None = None,
    ) -> list[XCom]:
        """Values of several task instances, as objects with key, value, task_id, dag_id, run_id and map_index."""
        dags = [dag_ids] if isinstance(dag_ids, str) else list(dag_ids or ())
        tasks = [task_ids] if isinstance(task_ids, str) else None if task_ids is None else list(task_ids)
        indexes = [map_indexes] if isinstance(map_indexes, int) else None if map_indexes is None else list(map_indexes)
        found: list[XCom] = []
        for dag_id in dags:
            reply = current().get_xcoms(
                key=key or XCOM_RETURN_KEY,
                dag_id=dag_id,
                run_id=run_id or _run_at(dag_id, execution_date),
                task_ids=tasks,
                map_indexes=indexes,
                include_prior_dates=include_prior_dates,
                limit=limit,
            )
            for row in reply.rows:
                place = {"task_id": row.task_id, "run_id": row.run_id, "map_index": row.map_index, "dag_id": dag_id}
                found.append(
                    XCom(key=key or XCOM_RETURN_KEY, value=value_of(row, key or XCOM_RETURN_KEY, dag_id), **place)
                )
        return found[:limit] if limit is not None else found

    @staticmethod
    def serialize_value(value: Any, **_: Any) -> Any:
        """The value as stored bytes; custom back ends override it."""
        return codec.encode(value).encode()

    @staticmethod
    def deserialize_value(result: Any) -> Any:
        """The inverse of serialize_value."""
        stored = result.value
        return codec.decode(stored.decode() if isinstance(stored, bytes) else stored)

    purge = staticmethod(keep_nothing)
    """Called for a value that is deleted because its task begins a new try; for back ends that keep it elsewhere."""

    def orm_deserialize_value(self) -> Any:
        """What lists show of the value."""
        return self.deserialize_value(self)


XCom = BaseXCom


def _run_at(dag_id: str | None, date: datetime | None) -> str:
    """The id of the DAG's run at a date. Raises ValueError when neither is given."""
    if date is None or dag_id is None:
        raise ValueError("Either run_id or execution_date must be passed")
    run = current().get_run(dag_id=dag_id, logical_date=date)
    return run.run_id if run is not None else ""
