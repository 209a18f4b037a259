"""Pools, variables, connections and the audit log, as mapped classes with Airflow's names."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tradewind.sdk import connection as light_connection
from tradewind.sdk import lookups
from tradewind.sdk.runtime import find

from . import tables
from .registry import REGISTRY, Row, fill
from .session import NEW_SESSION, provide_session

_ACTIVE = ("running", "queued")


class Variable(lookups.Variable):
    """A row of ``variable``. ``val`` of an encrypted one is asked for when it is looked at."""

    id: Any
    is_encrypted: Any
    _stored: Any

    def __init__(self, key: str | None = None, val: Any = None, description: str | None = None, **more: Any) -> None:
        fill(self, {"key": key, "_stored": val, "description": description, **more})

    @property
    def val(self) -> Any:
        """The text."""
        if self.is_encrypted and self.key:
            return lookups.find_variable(self.key)
        return self._stored

    @val.setter
    def val(self, value: Any) -> None:
        self._stored, self.is_encrypted = value, False

    def get_val(self) -> Any:
        """The text."""
        return self.val

    def set_val(self, value: Any) -> None:
        """Change the text when the session commits."""
        self.val = value


class Connection(light_connection.Connection):
    """A row of ``connection``. Its secrets are asked for when they are looked at."""

    id: Any
    is_encrypted: Any
    is_extra_encrypted: Any

    def __init__(self, *args: Any, **values: Any) -> None:
        known = light_connection.Connection(*args, **values)
        names = ("conn_id", "conn_type", "description", "host", "login", "schema", "port")
        fill(self, {name: getattr(known, name) for name in names})
        self.password, self.extra = known.password, known.extra

    def _secret(self, name: str) -> Any:
        runtime = find()
        reply = runtime.get_connection(self.conn_id) if runtime is not None else None
        return getattr(reply, name, None)

    @property
    def password(self) -> Any:
        """The password."""
        return self._secret("password") if self.is_encrypted else self._password

    @password.setter
    def password(self, value: Any) -> None:
        self._password, self.is_encrypted = value, False

    @property
    def extra(self) -> Any:
        """The extra fields, as JSON text."""
        return self._secret("extra") if self.is_extra_encrypted else self._extra

    @extra.setter
    def extra(self, value: Any) -> None:
        self._extra, self.is_extra_encrypted = value, False

    def get_password(self) -> Any:
        """The password."""
        return self.password

    def get_extra(self) -> Any:
        """The extra fields."""
        return self.extra

    def set_password(self, value: Any) -> None:
        """Change the password when the session commits."""
        self.password = value

    def set_extra(self, value: Any) -> None:
        """Change the extra fields when the session commits."""
        self.extra = value


class Pool(Row):
    """A pool of slots."""

    DEFAULT_POOL_NAME = "default_pool"

    pool: Any
    slots: Any
    include_deferred: Any

    @staticmethod
    @provide_session
    def get_pool(pool_name: str, session: Session = NEW_SESSION) -> Any:
        """The pool of a name, or None."""
        return session.scalar(select(Pool).where(tables.SLOT_POOL.c.pool == pool_name))

    @staticmethod
    @provide_session
    def get_pools(session: Session = NEW_SESSION) -> list[Any]:
        """All pools."""
        return list(session.scalars(select(Pool)))

    @staticmethod
    @provide_session
    def get_default_pool(session: Session = NEW_SESSION) -> Any:
        """The pool that tasks without one take slots of."""
        return Pool.get_pool(Pool.DEFAULT_POOL_NAME, session=session)

    @staticmethod
    @provide_session
    def is_default_pool(id: int, session: Session = NEW_SESSION) -> bool:
        """Whether the pool of this id is the default one."""
        row = session.get(Pool, id)
        return row is not None and row.pool == Pool.DEFAULT_POOL_NAME

    @staticmethod
    @provide_session
    def create_or_update_pool(
        name: str, slots: int, description: str, include_deferred: bool, session: Session = NEW_SESSION
    ) -> Any:
        """Make or change a pool when the session commits. Raises ValueError without a name."""
        if not name:
            raise ValueError("Pool name must not be empty")
        pool = Pool.get_pool(name, session=session)
        if pool is None:
            pool = Pool(pool=name)
            session.add(pool)
        pool.slots, pool.description, pool.include_deferred = slots, description, include_deferred
        return pool

    @staticmethod
    @provide_session
    def delete_pool(name: str, session: Session = NEW_SESSION) -> Any:
        """Delete a pool when the session commits. Raises AirflowException for the default pool, PoolNotFound."""
        from tradewind.sdk.exceptions import AirflowException, PoolNotFound  # used here only

        if name == Pool.DEFAULT_POOL_NAME:
            raise AirflowException(f"{Pool.DEFAULT_POOL_NAME} cannot be deleted")
        pool = Pool.get_pool(name, session=session)
        if pool is None:
            raise PoolNotFound(f"Pool '{name}' doesn't exist")
        session.delete(pool)
        return pool

    @provide_session
    def _used(self, states: tuple[str, ...], session: Session = NEW_SESSION) -> int:
        instances = tables.TASK_INSTANCE
        counted = select(func.coalesce(func.sum(instances.c.pool_slots), 0)).where(
            instances.c.pool == self.pool, instances.c.state.in_(states)
        )
        return int(session.scalar(counted) or 0)

    def occupied_slots(self, session: Any = None) -> int:
        """Slots in use by running and queued task instances (and deferred ones, if the pool counts them)."""
        return self._used((*_ACTIVE, "deferred") if self.include_deferred else _ACTIVE)

    def running_slots(self, session: Any = None) -> int:
        """Slots of running task instances."""
        return self._used(("running",))

    def queued_slots(self, session: Any = None) -> int:
        """Slots of queued task instances."""
        return self._used(("queued",))

    def scheduled_slots(self, session: Any = None) -> int:
        """Slots that scheduled task instances wait for."""
        return self._used(("scheduled",))

    def deferred_slots(self, session: Any = None) -> int:
        """Slots of deferred task instances."""
        return self._used(("deferred",))

    def open_slots(self, session: Any = None) -> float:
        """Slots that are free; infinite for a pool of -1."""
        return float("inf") if self.slots == -1 else self.slots - self.occupied_slots()


class Log(Row):
    """A row of the audit log."""

    def __init__(
        self,
        event: str | None = None,
        task_instance: Any = None,
        owner: str | None = None,
        owner_display_name: str | None = None,
        extra: str | None = None,
        **values: Any,
    ) -> None:
        # The moment is the session's affair: it is set where the row is stored.
        known: dict[str, Any] = {"event": event, "owner": owner, "extra": extra}
        if task_instance is not None:
            names = ("dag_id", "task_id", "execution_date", "run_id", "try_number", "map_index")
            known |= {name: getattr(task_instance, name) for name in names}
            if known["owner"] is None and getattr(task_instance, "task", None) is not None:
                known["owner"] = task_instance.task.owner
        known["owner_display_name"] = owner_display_name
        super().__init__(**(known | values))


_VARIABLE, _CONNECTION = tables.VARIABLE, tables.CONNECTION
REGISTRY.map_imperatively(Variable, _VARIABLE, properties={"_stored": _VARIABLE.c.val})
REGISTRY.map_imperatively(
    Connection, _CONNECTION, properties={"_password": _CONNECTION.c.password, "_extra": _CONNECTION.c.extra}
)
REGISTRY.map_imperatively(Pool, tables.SLOT_POOL)
REGISTRY.map_imperatively(Log, tables.LOG)
