"""``backfill create`` and ``dags backfill``: what they plan, make and refuse. Waiting for runs is tested live."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tradewind import app
from tradewind.actions import runs as run_actions
from tradewind.cli import dispatch
from tradewind.cli.backfills import backfill, create
from tradewind.cli.session import Session
from tradewind.cli.tree import build_parser
from tradewind.config.settings import Settings, load_settings
from tradewind.model.decisions import NextRun
from tradewind.model.errors import InvalidInput, TradewindError
from tradewind.model.records import RunKey
from tradewind.model.spec import DagSpec, TaskSpec, TimetableSpec
from tradewind.model.states import RunState
from tradewind.processing.sync import spec_hash
from tradewind.serde.encode import spec_bytes
from tradewind.storage.database import Database

DAILY = TimetableSpec(kind="cron_interval", args={"expression": "@daily", "timezone": "UTC"}, summary="@daily")
TASKS = (
    TaskSpec(task_id="extract", task_type="BashOperator", downstream_task_ids=("load",)),
    TaskSpec(task_id="load", task_type="BashOperator", upstream_task_ids=("extract",), depends_on_past=True),
)
RANGE = ("-s", "2024-04-01", "-e", "2024-04-03")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    found = load_settings(environ={"AIRFLOW_HOME": str(tmp_path)})
    app.migrate(found)
    return found


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    """DAGs daily and plain, of which daily has a run that has succeeded and one that has failed."""
    opened = app.open_database(settings)
    with opened.begin() as tx:
        for dag_id, tasks in (("daily", TASKS), ("plain", TASKS[:1])):
            spec = DagSpec(dag_id=dag_id, fileloc="/dags/x.py", timetable=DAILY, tasks=tasks, max_active_runs=3)
            data = spec_bytes(spec)
            tx.dags.register(spec, data, spec_hash(data), fileloc="/dags/x.py", next=NextRun(), paused_default=False)
        for day, state in ((1, RunState.SUCCESS), (2, RunState.FAILED)):
            run = run_actions.trigger(tx, spec, run_id=f"r{day}", logical_date=datetime(2024, 4, day, tzinfo=UTC))
            run_actions.set_state(tx, spec, RunKey("plain", run.run_id), state)
    yield opened
    opened.close()


def call(settings: Settings, *words: str) -> str:
    args = build_parser("tradewind", dispatch.TREE).parse_args(words)
    out = io.StringIO()
    handler = {"backfills:create": create, "backfills:backfill": backfill}[args.command.handler]
    with Session(out, io.StringIO(), settings) as session:
        assert handler(args, session) == 0
    return out.getvalue()


def actions_of(table: str) -> list[str]:
    return [word for line in table.splitlines() for word in line.split() if word in ("create", "rerun", "skip")]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ((), ["skip", "skip", "create"]),
        (("--rerun-failed-tasks",), ["skip", "rerun", "create"]),
        (("--reset-dagruns",), ["rerun", "rerun", "create"]),
        (("--reset-dagruns", "--run-backwards"), ["create", "rerun", "rerun"]),
    ],
)
def test_a_dry_run_shows_every_date(
    settings: Settings, database: Database, more: tuple[str, ...], expected: list[str]
) -> None:
    assert actions_of(call(settings, "dags", "backfill", "plain", *RANGE, "--dry-run", *more)) == expected
    with database.read() as tx:
        assert [event.kind for event in tx.outbox.after(0) if event.kind.startswith("backfill")] == []


def test_one_date_is_enough(settings: Settings, database: Database) -> None:
    shown = call(settings, "dags", "backfill", "plain", "-e", "2024-04-05", "--dry-run")
    assert (actions_of(shown), "2024-04-05" in shown) == (["create"], True)


def test_nothing_to_run_is_said_and_is_no_failure(settings: Settings, database: Database) -> None:
    shown = call(settings, "dags", "backfill", "plain", "-s", "2024-04-01", "-e", "2024-04-02")
    assert "nothing to run, 2 dates" in shown


def test_the_older_command_leaves_runs_as_they_are_also_where_tasks_look_back(
    settings: Settings, database: Database
) -> None:
    assert actions_of(call(settings, "dags", "backfill", "daily", *RANGE, "--dry-run")) == ["create"] * 3
    with pytest.raises(InvalidInput, match="depends_on_past"):
        call(
            settings, "backfill", "create", "--dag-id", "daily", "--from-date", "2024-04-01", "--to-date", "2024-04-02"
        )


def test_a_backfill_is_made_for_the_scheduler(settings: Settings, database: Database) -> None:
    words = ("backfill", "create", "--dag-id", "plain", "--from-date", "2024-04-01", "--to-date", "2024-04-04")
    planned = json.loads(call(settings, *words, "--dry-run", "--reprocess-behavior", "failed", "-o", "json"))
    assert [row["action"] for row in planned] == ["skip", "rerun", "create", "create"]
    [made] = json.loads(call(settings, *words, "--dag-run-conf", '{"x": 1}', "-o", "json"))
    assert (made["dag_id"], str(made["runs"]), str(made["left_out"])) == ("plain", "2", "2")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("plain",), "start_date and/or end_date"),
        (("none", *RANGE), "could not be found"),
        (("^zz", *RANGE, "--treat-dag-id-as-regex"), "No DAG's id matches"),
        (("plain", *RANGE, "-t", "nothing"), "no tasks that match"),
        (("plain", *RANGE, "-t", "("), "not a regular expression"),
        (("daily", *RANGE, "-B"), "backwards"),
    ],
    ids=["no date", "no DAG", "no match", "no task", "regex", "backwards"],
)
def test_what_cannot_be_is_refused(
    settings: Settings, database: Database, words: tuple[str, ...], sentence: str
) -> None:
    with pytest.raises(TradewindError, match=sentence):
        call(settings, "dags", "backfill", *words)


def test_a_paused_dag_is_refused_with_what_to_do(settings: Settings, database: Database) -> None:
    with database.begin() as tx:
        tx.dags.set_paused(["plain"], True)
    with pytest.raises(TradewindError, match="dags unpause plain"):
        call(settings, "dags", "backfill", "plain", *RANGE)
