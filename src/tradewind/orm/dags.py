"""DAGs as they were parsed, as mapped classes with Airflow's names."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, foreign, relationship

from . import tables
from .registry import REGISTRY, Row
from .runs import DagRun
from .session import NEW_SESSION, provide_session

_DAG = tables.DAG


class DagModel(Row):
    """A row of ``dag``. A changed ``is_paused`` pauses or unpauses when the session commits."""

    dag_id: Any
    is_paused: Any
    fileloc: Any
    next_dagrun_data_interval_start: Any
    next_dagrun_data_interval_end: Any

    @staticmethod
    @provide_session
    def get_dagmodel(dag_id: str, session: Session = NEW_SESSION) -> Any:
        """The DAG's row, or None."""
        return session.get(DagModel, dag_id)

    @classmethod
    @provide_session
    def get_current(cls, dag_id: str, session: Session = NEW_SESSION) -> Any:
        """The DAG's row, or None."""
        return session.get(cls, dag_id)

    @staticmethod
    @provide_session
    def get_paused_dag_ids(dag_ids: Iterable[str], session: Session = NEW_SESSION) -> set[str]:
        """Which of these DAGs are paused."""
        found = select(_DAG.c.dag_id).where(_DAG.c.dag_id.in_(list(dag_ids)), _DAG.c.is_paused.is_(True))
        return set(session.scalars(found))

    @provide_session
    def get_last_dagrun(self, session: Session = NEW_SESSION, include_externally_triggered: bool = False) -> Any:
        """The run with the latest date, or None."""
        runs = tables.DAG_RUN
        found = select(DagRun).where(runs.c.dag_id == self.dag_id).order_by(runs.c.execution_date.desc()).limit(1)
        return session.scalar(found if include_externally_triggered else found.where(~runs.c.external_trigger))

    def get_is_paused(self, *, session: Any = None) -> bool:
        """Whether the DAG is paused."""
        return bool(self.is_paused)

    def get_is_active(self, *, session: Any = None) -> bool:
        """Whether the DAG is in a file that is there."""
        return bool(self.is_active)

    is_active: Any

    @provide_session
    def set_is_paused(self, is_paused: bool, including_subdags: bool = True, session: Session = NEW_SESSION) -> None:
        """Pauses or unpauses the DAG when the session commits."""
        row = session.get(DagModel, self.dag_id)
        if row is not None:
            row.is_paused = is_paused
        self.is_paused = is_paused

    @property
    def safe_dag_id(self) -> str:
        """The id without dots."""
        return str(self.dag_id).replace(".", "__dot__")

    @property
    def relative_fileloc(self) -> str:
        """The file's name."""
        return os.path.basename(self.fileloc or "")

    @property
    def next_dagrun_data_interval(self) -> Any:
        """The data interval of the next scheduled run, or None."""
        from tradewind.model.times import DataInterval  # the name is used here only

        start, end = self.next_dagrun_data_interval_start, self.next_dagrun_data_interval_end
        return None if start is None or end is None else DataInterval(start, end)


class DagTag(Row):
    """A DAG's tag."""


class DagOwnerAttributes(Row):
    """A link of a DAG's owner."""


class DagCode(Row):
    """The text of a DAG file."""


class DagWarning(Row):
    """Something about a DAG that should be mended."""


class ParseImportError(Row):
    """Why a DAG file could not be imported."""


class DatasetModel(Row):
    """A dataset."""


class DatasetEvent(Row):
    """A dataset was updated."""


class SerializedDagModel(Row):
    """That a DAG is known in serialised form; the form itself is tradewind's own."""

    @classmethod
    @provide_session
    def has_dag(cls, dag_id: str, session: Session = NEW_SESSION) -> bool:
        """Whether the DAG is there."""
        return session.get(cls, dag_id) is not None

    @classmethod
    @provide_session
    def get_dag(cls, dag_id: str, session: Session = NEW_SESSION) -> Any:
        """The DAG, imported from its file in this process; None when there is none."""
        row = session.get(DagModel, dag_id)
        if row is None or not row.fileloc:
            return None
        from importlib import import_module  # running another DAG file is rare, and execution is a floor of its own

        bag = import_module("tradewind.execution.dag_bag").DagBag(row.fileloc, include_examples=False)
        return bag.dags.get(dag_id)


REGISTRY.map_imperatively(
    DagModel,
    _DAG,
    properties={
        "tags": relationship(
            DagTag, primaryjoin=_DAG.c.dag_id == foreign(tables.DAG_TAG.c.dag_id), viewonly=True, uselist=True
        ),
        "dag_owner_links": relationship(
            DagOwnerAttributes,
            primaryjoin=_DAG.c.dag_id == foreign(tables.DAG_OWNER_ATTRIBUTES.c.dag_id),
            viewonly=True,
            uselist=True,
        ),
    },
)
for _class, _rows in {
    DagTag: tables.DAG_TAG,
    DagOwnerAttributes: tables.DAG_OWNER_ATTRIBUTES,
    DagCode: tables.DAG_CODE,
    DagWarning: tables.DAG_WARNING,
    ParseImportError: tables.IMPORT_ERROR,
    DatasetModel: tables.DATASET,
    DatasetEvent: tables.DATASET_EVENT,
    SerializedDagModel: tables.SERIALIZED_DAG,
}.items():
    REGISTRY.map_imperatively(_class, _rows)
