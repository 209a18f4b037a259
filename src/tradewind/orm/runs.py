"""Runs, task instances and what hangs on them, as mapped classes with Airflow's names."""
# ruff: noqa: PLR0917, ARG004
# Signatures are Airflow's: what authors may pass by position or name stays as it is.

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.ext.associationproxy import association_proxy
from sqlalchemy.orm import Session, foreign, reconstructor, relationship, synonym

from tradewind.model.states import RunType
from tradewind.sdk import dag_run as light_run
from tradewind.sdk import task_instance as light_instance
from tradewind.sdk import xcom as light_xcom
from tradewind.sdk.dates import as_pendulum

from . import tables
from .registry import REGISTRY, Row, fill
from .session import NEW_SESSION, provide_session

_TI, _RUN = tables.TASK_INSTANCE, tables.DAG_RUN


class DagRun(light_run.DagRun):
    """A row of ``dag_run``. A changed ``state`` marks the run when the session commits; others are refused."""

    id: Any
    task_instances: Any

    def __init__(self, **values: Any) -> None:
        self._prepare()
        if "logical_date" in values:
            values["execution_date"] = values.pop("logical_date")
        fill(self, values)

    @reconstructor
    def _prepare(self) -> None:
        self.__dict__.setdefault("dag", None)

    def get_state(self) -> Any:
        """Same as ``state``."""
        return self.state

    def set_state(self, state: Any) -> None:
        """Marks the run when the session commits."""
        self.state = state

    @property
    def run_after(self) -> Any:
        """When the run could begin."""
        return self.data_interval_end or self.execution_date

    @classmethod
    @provide_session
    def find_all(
        cls,
        dag_id: str | Iterable[str] | None = None,
        run_id: str | Iterable[str] | None = None,
        execution_date: datetime | Iterable[datetime] | None = None,
        state: Any = None,
        external_trigger: bool | None = None,
        no_backfills: bool = False,
        run_type: Any = None,
        session: Session = NEW_SESSION,
        execution_start_date: datetime | None = None,
        execution_end_date: datetime | None = None,
    ) -> list[Any]:
        """``DagRun.find``: the runs that meet all criteria given, by date."""
        columns = _RUN.c
        found = select(cls).order_by(columns.execution_date)
        for column, wanted in ((columns.dag_id, dag_id), (columns.run_id, run_id)):
            if wanted:
                found = found.where(column.in_([wanted] if isinstance(wanted, str) else list(wanted)))
        if execution_date is not None:
            dates = [execution_date] if isinstance(execution_date, datetime) else list(execution_date)
            found = found.where(columns.execution_date.in_(dates))
        bounds = [
            columns.execution_date >= execution_start_date if execution_start_date else None,
            columns.execution_date <= execution_end_date if execution_end_date else None,
            columns.state == state if state else None,
            columns.external_trigger == external_trigger if external_trigger is not None else None,
            columns.run_type == run_type if run_type else None,
            columns.run_type != RunType.BACKFILL if no_backfills else None,
        ]
        found = found.where(*(bound for bound in bounds if bound is not None))
        return list(session.scalars(found))

    @classmethod
    def find(cls, *args: Any, **criteria: Any) -> list[Any]:
        """As :meth:`find_all`."""
        found: list[Any] = cls.find_all(*args, **criteria)
        return found

    @provide_session
    def get_task_instances(self, state: Any = None, session: Session = NEW_SESSION) -> list[Any]:
        """The run's task instances; optionally those in one of some states (None: without a state)."""
        found = select(TaskInstance).where(_TI.c.dag_id == self.dag_id, _TI.c.run_id == self.run_id)
        if state is not None:
            states = [state] if isinstance(state, str) else list(state)
            named = [one for one in states if one is not None]
            condition = _TI.c.state.in_(named)
            found = found.where(condition | _TI.c.state.is_(None) if None in states else condition)
        return list(session.scalars(found))

    @provide_session
    def get_task_instance(self, task_id: str, session: Session = NEW_SESSION, *, map_index: int = -1) -> Any:
        """One task instance, or None."""
        return session.get(TaskInstance, (self.dag_id, self.run_id, task_id, map_index))

    @provide_session
    def get_previous_dagrun(self, state: Any = None, session: Session = NEW_SESSION) -> Any:
        """The run before this one, optionally with a state."""
        found = (
            select(DagRun)
            .where(_RUN.c.dag_id == self.dag_id, _RUN.c.execution_date < self.execution_date)
            .order_by(_RUN.c.execution_date.desc())
            .limit(1)
        )
        return session.scalar(found if state is None else found.where(_RUN.c.state == state))


class TaskInstance(light_instance.TaskInstance):
    """A row of ``task_instance``. A changed ``state`` marks or clears it when the session commits."""

    def __init__(
        self, task: Any = None, execution_date: Any = None, run_id: str = "", state: Any = None, map_index: int = -1
    ) -> None:
        self._prepare()
        fill(self, {"run_id": run_id, "state": state, "map_index": map_index})
        if task is not None:
            self.task = task
            self.task_id, self.dag_id = task.task_id, task.dag_id

    @reconstructor
    def _prepare(self) -> None:
        self.__dict__.update(
            task=None, test_mode=False, raw=False, poke_number=1, map_lengths={}, _context=None, _logical_date=None
        )

    def current_state(self, session: Any = None) -> Any:
        """The state of the row."""
        return self.state

    def refresh_from_db(self, session: Session | None = None, lock_for_update: bool = False) -> None:
        """Read the row again."""
        bound = session or Session.object_session(self)
        if bound is not None:
            bound.refresh(self)

    def set_state(self, state: Any, session: Any = None) -> bool:
        """Marks (or, with None, clears) the task instance when the session commits. Whether that changes it."""
        has_changed = bool(self.state != state)
        self.state = state
        return has_changed

    def get_dagrun(self, session: Any = None) -> Any:
        """The run."""
        return self.dag_run

    @property
    def logical_date(self) -> Any:
        """The run's logical date."""
        return as_pendulum(self.dag_run.execution_date) if self.dag_run is not None else None

    @staticmethod
    def filter_for_tis(tis: Iterable[Any]) -> Any:
        """A condition that holds for these task instances (or their keys); None for none."""
        conditions = [
            and_(
                _TI.c.dag_id == one.dag_id,
                _TI.c.run_id == one.run_id,
                _TI.c.task_id == one.task_id,
                _TI.c.map_index == one.map_index,
            )
            for one in tis
        ]
        return None if not conditions else conditions[0] if len(conditions) == 1 else _any(conditions)

    @staticmethod
    @provide_session
    def get_task_instance(
        dag_id: str,
        run_id: str,
        task_id: str,
        map_index: int = -1,
        lock_for_update: bool = False,
        session: Session = NEW_SESSION,
    ) -> Any:
        """The row of a key, or None."""
        return session.get(TaskInstance, (dag_id, run_id, task_id, map_index))


def _any(conditions: list[Any]) -> Any:
    result = conditions[0]
    for condition in conditions[1:]:
        result |= condition
    return result


class XCom(light_xcom.BaseXCom):
    """A row of ``xcom``; ``value`` as the task had it."""

    def __init__(self, **values: Any) -> None:
        fill(self, values)

    @classmethod
    @provide_session
    def clear(
        cls,
        execution_date: datetime | None = None,
        dag_id: str | None = None,
        task_id: str | None = None,
        session: Session = NEW_SESSION,
        *,
        run_id: str | None = None,
        map_index: int | None = None,
    ) -> None:
        """Delete a task instance's values, of one index or of all."""
        if dag_id is None or task_id is None or (run_id is None and execution_date is None):
            raise TypeError("clear() needs dag_id, task_id and run_id (or execution_date)")
        found = session.query(cls).filter(tables.XCOM.c.dag_id == dag_id, tables.XCOM.c.task_id == task_id)
        if run_id is None:
            found = found.filter(
                tables.XCOM.c.run_id
                == select(_RUN.c.run_id)
                .where(_RUN.c.dag_id == dag_id, _RUN.c.execution_date == execution_date)
                .scalar_subquery()
            )
        else:
            found = found.filter(tables.XCOM.c.run_id == run_id)
        if map_index is not None:
            found = found.filter(tables.XCOM.c.map_index == map_index)
        found.delete()


class TaskFail(Row):
    """A try that failed."""


class TaskReschedule(Row):
    """A time at which a sensor gave its slot back."""


class TaskInstanceHistory(Row):
    """A task instance as it was at the end of an earlier try."""


class TaskMap(Row):
    """How many instances a mapped task's input makes."""


class TaskInstanceNote(Row):
    """A note on a task instance."""


class DagRunNote(Row):
    """A note on a run."""


class Trigger(Row):
    """A trigger that a deferred task waits for."""


class Job(Row):
    """A role of the installation: scheduler, triggerer, …"""


class SlaMiss(Row):
    """A missed service level agreement."""


class RenderedTaskInstanceFields(Row):
    """A task instance's template fields as they were rendered."""

    dag_id: Any
    rendered_fields: Any
    k8s_pod_yaml: Any

    @classmethod
    @provide_session
    def get_templated_fields(cls, ti: Any, session: Session = NEW_SESSION) -> Any:
        """The rendered fields of a task instance, or None."""
        row = session.get(cls, (ti.dag_id, ti.run_id, ti.task_id, ti.map_index))
        return None if row is None else row.rendered_fields

    @classmethod
    @provide_session
    def get_k8s_pod_yaml(cls, ti: Any, session: Session = NEW_SESSION) -> Any:
        """The pod of a task instance, or None."""
        row = session.get(cls, (ti.dag_id, ti.run_id, ti.task_id, ti.map_index))
        return None if row is None else row.k8s_pod_yaml


def _of_run(table: Any, **columns: Any) -> Any:
    """Condition of a relationship: rows of ``table`` belong to a run by DAG and run id."""
    return and_(foreign(table.c.dag_id) == _RUN.c.dag_id, foreign(table.c.run_id) == _RUN.c.run_id)


REGISTRY.map_imperatively(
    DagRun,
    _RUN,
    properties={
        "logical_date": synonym("execution_date"),
        "task_instances": relationship(
            TaskInstance, primaryjoin=_of_run(_TI), viewonly=True, uselist=True, order_by=_TI.c.task_id
        ),
        "note": relationship(
            DagRunNote,
            primaryjoin=foreign(tables.DAG_RUN_NOTE.c.dag_run_id) == _RUN.c.id,
            viewonly=True,
            uselist=False,
        ),
    },
)
REGISTRY.map_imperatively(
    TaskInstance,
    _TI,
    properties={"dag_run": relationship(DagRun, primaryjoin=_of_run(_TI), viewonly=True, uselist=False, lazy="select")},
)
TaskInstance.execution_date = association_proxy("dag_run", "execution_date")  # type: ignore[assignment]
REGISTRY.map_imperatively(
    XCom,
    tables.XCOM,
    properties={
        "dag_run": relationship(DagRun, primaryjoin=_of_run(tables.XCOM), viewonly=True, uselist=False),
    },
)
XCom.execution_date = association_proxy("dag_run", "execution_date")  # type: ignore[attr-defined]
_FAILED = tables.TASK_FAILURE
REGISTRY.map_imperatively(
    TaskFail,
    _FAILED,
    properties={"start_date": synonym("ended_at"), "end_date": synonym("ended_at")},
)
for _class, _rows in {
    TaskReschedule: tables.TASK_RESCHEDULE,
    TaskInstanceHistory: tables.TASK_INSTANCE_HISTORY,
    TaskMap: tables.TASK_MAP,
    TaskInstanceNote: tables.TASK_INSTANCE_NOTE,
    DagRunNote: tables.DAG_RUN_NOTE,
    Trigger: tables.TRIGGER,
    Job: tables.JOB,
    SlaMiss: tables.SLA_MISS,
}.items():
    REGISTRY.map_imperatively(_class, _rows)
REGISTRY.map_imperatively(
    RenderedTaskInstanceFields,
    tables.RENDERED,
    properties={
        "dag_run": relationship(DagRun, primaryjoin=_of_run(tables.RENDERED), viewonly=True, uselist=False),
    },
)
RenderedTaskInstanceFields.execution_date = association_proxy("dag_run", "execution_date")  # type: ignore[attr-defined]
