"""Pools and the slots that are taken in them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, delete, func, literal_column, select, update

from tradewind.model.changes import Event
from tradewind.model.errors import AlreadyExists, InvalidInput
from tradewind.model.records import Pool
from tradewind.model.states import TaskState

from .rows import PoolUsage
from .statements import Prepared, insert_for
from .tables_access import SLOT_POOL
from .tables_runs import TASK_INSTANCE
from .transaction import Work

DEFAULT_POOL = "default_pool"

_P = SLOT_POOL.c
_T = TASK_INSTANCE.c
_ROWS = select(_P.pool.label("name"), _P.slots, _P.description, _P.include_deferred)
_ALL = Prepared(_ROWS.order_by(_P.pool), Pool)
_GET = Prepared(_ROWS.where(_P.pool == bindparam("name")), Pool)
_LOCK = Prepared(select(_P.id).order_by(_P.id).with_for_update())
_ADD = Prepared(
    lambda dialect: insert_for(dialect, SLOT_POOL).on_conflict_do_nothing(),
    keys=("pool", "slots", "description", "include_deferred"),
)
_SET = Prepared(
    update(SLOT_POOL)
    .where(_P.pool == bindparam("k_pool"))
    .values(
        {name: bindparam(f"v_{name}", type_=_P[name].type) for name in ("slots", "description", "include_deferred")}
    )
)
_DELETE = Prepared(delete(SLOT_POOL).where(_P.pool == bindparam("name")))
_TAKEN = select(_T.pool, _T.state, func.sum(_T.pool_slots)).group_by(_T.pool, _T.state)
_ACTIVE = Prepared(
    _TAKEN.where(literal_column("task_instance.state IN ('queued', 'running', 'deferred')")), sqlite_index="ti_active"
)
_SCHEDULED = Prepared(_TAKEN.where(literal_column("task_instance.state = 'scheduled'")), sqlite_index="ti_candidates")


class PoolStore:
    """Pools."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def all(self) -> dict[str, Pool]:
        """All pools by name."""
        return {pool.name: pool for pool in self._work.all(_ALL)}

    def get(self, name: str) -> Pool | None:
        """One pool."""
        return self._work.one(_GET, name=name)

    def lock(self) -> None:
        """Until the end of the transaction nobody else counts and takes slots. On SQLite that holds anyway."""
        if self._work.dialect != "sqlite":
            self._work.all(_LOCK)

    def usage(self, *, with_scheduled: bool = True) -> dict[str, PoolUsage]:
        """Slots taken in each pool that has any task instance in these states. Counting what is scheduled costs time
        in proportion; the scheduler does without."""
        taken: dict[str, dict[str, int]] = {}
        rows = self._work.all(_ACTIVE) + (self._work.all(_SCHEDULED) if with_scheduled else [])
        for pool, state, slots in rows:
            taken.setdefault(pool, {})[state] = int(slots)
        return {
            pool: PoolUsage(
                running=states.get(TaskState.RUNNING, 0),
                queued=states.get(TaskState.QUEUED, 0),
                scheduled=states.get(TaskState.SCHEDULED, 0),
                deferred=states.get(TaskState.DEFERRED, 0),
            )
            for pool, states in taken.items()
        }

    def create(self, pool: Pool) -> Pool:
        """Make a pool. Raises AlreadyExists. Emits ``pool.changed``."""
        if not self._work.run(_ADD, **_values(pool), pool=pool.name):
            raise AlreadyExists(f"Pool: {pool.name} already exists")
        self._changed(pool.name)
        return pool

    def update(self, pool: Pool) -> bool:
        """Set slots, description and include_deferred; whether the pool exists. Emits ``pool.changed``."""
        params = {f"v_{name}": value for name, value in _values(pool).items()}
        if not self._work.run(_SET, k_pool=pool.name, **params):
            return False
        self._changed(pool.name)
        return True

    def put(self, pool: Pool) -> Pool:
        """Make or update."""
        if not self.update(pool):
            self.create(pool)
        return pool

    def delete(self, name: str) -> bool:
        """Delete a pool; whether there was one. Raises InvalidInput for the default pool. Emits ``pool.changed``."""
        if name == DEFAULT_POOL:
            raise InvalidInput("Default Pool can't be deleted")
        if not self._work.run(_DELETE, name=name):
            return False
        self._changed(name)
        return True

    def ensure_default(self, slots: int) -> None:
        """The default pool, made when it is not there."""
        self._work.run(_ADD, pool=DEFAULT_POOL, slots=slots, description="Default pool", include_deferred=False)

    def _changed(self, name: str) -> None:
        self._work.emit(Event(kind="pool.changed", payload={"pool": name}))


def _values(pool: Pool) -> dict[str, Any]:
    return {"slots": pool.slots, "description": pool.description, "include_deferred": pool.include_deferred}
