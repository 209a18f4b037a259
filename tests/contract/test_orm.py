"""The compat ORM on both databases: Airflow's classes read our tables, and what they write becomes an action or is
refused."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from airflow.models import (
    Connection,
    DagModel,
    DagRun,
    Log,
    Pool,
    SlaMiss,
    TaskFail,
    TaskInstance,
    Variable,
    XCom,
)
from airflow.utils.session import create_session, provide_session
from airflow.utils.state import DagRunState, State
from contract.storage_rows import a_dag, a_run, tasks
from sqlalchemy import text

from airflow import settings
from tradewind.actions import row_changes
from tradewind.model.errors import Forbidden, InvalidInput
from tradewind.model.records import RunKey, TaskKey
from tradewind.model.spec import DagSpec, TaskSpec
from tradewind.model.states import RunState, TaskState
from tradewind.orm import session as orm_session
from tradewind.orm import tables as orm_tables
from tradewind.sdk.runtime import RUNTIME
from tradewind.storage import columns, sla_misses
from tradewind.storage.database import Database
from tradewind.wire.messages import RowChange

DAY = datetime(2024, 1, 1, tzinfo=UTC)


class Writes:
    """A Runtime that carries out what a session commits, as the scheduler does."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def change_rows(self, changes: Sequence[RowChange]) -> int:
        with self._database.begin() as tx:
            count, _ = row_changes.apply(tx, _spec_of, changes)
            return count

    def get_variable(self, key: str) -> str | None:
        with self._database.read() as tx:
            return tx.vault.variable_value(key)

    def get_connection(self, conn_id: str) -> Any:
        with self._database.read() as tx:
            return tx.vault.get_connection(conn_id)


def _spec_of(tx: Any, dag_id: str) -> DagSpec | None:
    spec = DagSpec(
        dag_id="dag",
        fileloc="/dags/x.py",
        tasks=tuple(TaskSpec(task_id=name, task_type="X") for name in ("first", "second")),
    )
    return spec if dag_id == "dag" else None


@pytest.fixture
def home(database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """A database with a DAG of two tasks and three runs; sessions are over it."""
    monkeypatch.setenv("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", database_url)
    orm_session.engine.cache_clear()
    with database.begin() as tx:
        a_dag(tx)
        for number, state in enumerate((RunState.SUCCESS, RunState.FAILED, RunState.RUNNING)):
            run = a_run(tx, number, state=state)
            tasks(tx, run, "first", state=TaskState.SUCCESS)
            tasks(tx, run, "second", state=TaskState.FAILED if number == 1 else None)
        tx.xcoms.put(RunKey("dag", "run0"), TaskKey("first"), "return_value", '{"a": 1}')
        tx.history.add("paused", dag_id="dag", owner="ada")
        tx.vault.put_variable("colour", "green")
    token = RUNTIME.set(Writes(database))  # type: ignore[arg-type]
    yield database
    RUNTIME.reset(token)
    settings.Session.remove()
    orm_session.engine.cache_clear()


def run_ids(**criteria: Any) -> list[str]:
    return [run.run_id for run in DagRun.find(**criteria)]


def test_queries_of_dag_authors_find_rows(home: Database) -> None:
    with create_session() as session:
        found = session.query(TaskInstance).filter(TaskInstance.dag_id == "dag", TaskInstance.state == State.FAILED)
        assert [(ti.task_id, ti.run_id) for ti in found] == [("second", "run1")]
        assert found.first().execution_date == DAY + timedelta(days=1)
        assert isinstance(found.first(), TaskInstance)
        late = session.query(DagRun).filter(DagRun.execution_date > DAY).order_by(DagRun.execution_date.desc())
        assert [run.run_id for run in late] == ["run2", "run1"]
        assert late.first().state == DagRunState.RUNNING
        by_date = session.query(TaskInstance).filter(TaskInstance.execution_date <= DAY).count()
        assert by_date == 2
        assert session.query(XCom).filter(XCom.execution_date == DAY).one().value == {"a": 1}
        assert session.query(DagModel.dag_id, DagModel.is_paused).all() == [("dag", False)]
        assert session.query(Variable).filter(Variable.key == "colour").one().val == "green"
        assert session.query(SlaMiss).filter(SlaMiss.notification_sent.is_(False)).count() == 0
        assert session.query(TaskFail).count() == 0
    assert settings.Session().query(Log).filter(Log.event == "paused").one().owner == "ada"
    assert Pool.get_pool("default_pool").open_slots() == 128


def test_find_of_runs_takes_airflows_criteria(home: Database) -> None:
    assert run_ids(dag_id="dag") == ["run0", "run1", "run2"]
    assert run_ids(dag_id="dag", state=DagRunState.FAILED) == ["run1"]
    assert run_ids(dag_id=["dag"], execution_start_date=DAY + timedelta(days=1)) == ["run1", "run2"]
    assert run_ids(execution_date=DAY) == ["run0"]
    assert run_ids(run_id=["run2", "run9"]) == ["run2"]
    assert run_ids(dag_id="dag", external_trigger=True) == []
    assert run_ids(run_type="scheduled", no_backfills=True) == ["run0", "run1", "run2"]
    assert [ti.task_id for ti in DagRun.find(run_id="run1")[0].get_task_instances(state="failed")] == ["second"]


def test_provide_session_gives_one_only_when_there_is_none(home: Database) -> None:
    @provide_session
    def count(kind: Any, session: Any = None) -> tuple[int, Any]:
        return session.query(kind).count(), session

    assert count(DagRun)[0] == 3
    with create_session() as mine:
        assert count(DagRun, session=mine)[1] is mine
        assert count(DagRun, mine)[1] is mine


def test_a_maintenance_dag_deletes_finished_rows(home: Database) -> None:
    with create_session() as session:
        old = session.query(DagRun).filter(DagRun.execution_date < DAY + timedelta(days=1))
        for row in old.all():
            session.delete(row)
        assert session.query(Log).filter(Log.dttm < datetime.now(UTC)).delete(synchronize_session=False) == 1
    assert run_ids(dag_id="dag") == ["run1", "run2"]
    with home.read() as tx:
        assert tx.history.latest() == []
        assert tx.counters.runs() == 2
        assert tx.counters.task_instances() == 4


def test_nothing_of_a_refused_commit_is_done(home: Database) -> None:
    refused = pytest.raises(
        Forbidden, match=r"run run2 of DAG dag is running; an ORM session deletes finished runs only"
    )
    with refused, create_session() as session:
        session.query(Variable).filter(Variable.key == "colour").delete()
        session.query(DagRun).delete()
    assert run_ids(dag_id="dag") == ["run0", "run1", "run2"]


@pytest.mark.parametrize(
    ("kind", "values", "message"),
    [
        (DagRun, {"dag_id": "x"}, r"of dag_run an ORM session may change state, not dag_id"),
        (DagRun, {"state": "sleeping"}, r"'sleeping' is not a DAG run's state; it is one of queued"),
        (TaskInstance, {"state": "running"}, r"may set a task instance to success, failed or skipped"),
        (DagModel, {"fileloc": "x"}, r"of dag an ORM session may change is_paused, not fileloc"),
    ],
)
def test_what_the_scheduler_decides_is_refused(home: Database, kind: Any, values: Any, message: str) -> None:
    with pytest.raises((Forbidden, InvalidInput), match=message), create_session() as session:
        session.query(kind).update(values)


def test_states_become_marks_and_a_state_of_none_clears(home: Database) -> None:
    with create_session() as session:
        session.query(DagRun).filter(DagRun.run_id == "run2").one().state = DagRunState.FAILED
        session.query(TaskInstance).filter(
            TaskInstance.run_id == "run1", TaskInstance.task_id == "first"
        ).one().set_state(State.NONE)
    assert run_ids(state="failed") == ["run2"]
    with home.read() as tx:
        assert tx.task_instances.get(RunKey("dag", "run1"), TaskKey("first")).state is None
        assert tx.runs.get(RunKey("dag", "run1")).state is RunState.QUEUED


def test_settings_are_written_as_their_actions_do(home: Database) -> None:
    with create_session() as session:
        session.add(Variable(key="size", val="4"))
        session.add(Connection(conn_id="db", conn_type="postgres", host="h", password="secret"))
        session.add(Pool(pool="few", slots=2, description="", include_deferred=False))
        session.query(Variable).filter(Variable.key == "colour").one().set_val("red")
        session.query(DagModel).one().set_is_paused(True)
    with create_session() as session:
        assert session.query(Connection).filter(Connection.conn_id == "db").one().password == "secret"
        session.delete(session.query(Pool).filter(Pool.pool == "few").one())
    with home.read() as tx:
        assert [(row.key, row.value) for row in tx.vault.all_variables()] == [("colour", "red"), ("size", "4")]
        assert "few" not in tx.pools.all()
        assert tx.dags.get("dag").is_paused


def test_a_rollback_forgets_what_was_gathered(home: Database) -> None:
    session = settings.Session()
    session.query(Variable).delete()
    session.rollback()
    session.commit()
    assert session.query(Variable).count() == 1


def test_sql_cannot_write_and_says_what_can(home: Database) -> None:
    with pytest.raises(PermissionError, match="change rows through the ORM classes"), create_session() as session:
        session.execute(text("DELETE FROM log"))


def test_a_database_that_is_not_there_is_not_made(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", f"sqlite:///{tmp_path}/none.db")
    orm_session.engine.cache_clear()
    with pytest.raises(Exception, match="unable to open database file"):
        settings.Session().query(Log).count()
    assert list(tmp_path.iterdir()) == []
    settings.Session.remove()
    orm_session.engine.cache_clear()


@pytest.mark.parametrize("table", sorted(orm_tables.METADATA.tables))
def test_columns_are_those_of_storage(table: str) -> None:
    ours, theirs = orm_tables.METADATA.tables[table], columns.METADATA.tables[table]
    assert {column.name for column in ours.columns} <= {column.name for column in theirs.columns}
    assert {column.name for column in ours.primary_key} == {column.name for column in theirs.primary_key}
    for column in ours.columns:
        is_time = isinstance(theirs.c[column.name].type, columns.UtcTime)
        assert (type(column.type).__name__ == "UtcDateTime") is is_time, column.name


def test_missed_slas_are_rows(home: Database) -> None:
    """``airflow.models.SlaMiss`` shows what the scheduler has noted, by Airflow's columns."""
    with home.begin() as tx:
        sla_misses.add(tx, "dag", "a", [DAY, DAY + timedelta(days=1)])
        assert sla_misses.known(tx, "dag") == {("a", DAY), ("a", DAY + timedelta(days=1))}
        sla_misses.told(tx, "dag", [("a", DAY)], email_sent=True)
        assert [row[:2] for row in sla_misses.untold(tx, "dag")] == [("a", DAY + timedelta(days=1))]
    with create_session() as session:
        rows = session.query(SlaMiss).order_by(SlaMiss.execution_date).all()
        assert [(row.task_id, row.email_sent, row.notification_sent) for row in rows] == [
            ("a", True, True),
            ("a", False, False),
        ]
