"""What provider packages take from Airflow's corners: arguments of commands, metrics, handlers, executors."""

from __future__ import annotations

import argparse
import logging
import socket
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.cli.cli_config import ARG_VERBOSE, ActionCommand, Arg, GroupCommand, lazy_load_command, positive_int
from airflow.executors.base_executor import BaseExecutor
from airflow.lineage.entities import Column, File, Table, User
from airflow.security.permissions import resource_name_for_dag
from airflow.serialization.serialized_objects import SerializedBaseOperator, decode_timezone, encode_timezone
from airflow.stats import Stats
from airflow.utils.deprecation_tools import add_deprecated_classes
from airflow.utils.log.file_task_handler import FileTaskHandler

from tradewind.sdk.dag import DAG
from tradewind.sdk.operator import BaseOperator
from tradewind.sdk.runtime import RUNTIME


def test_arguments_and_commands_make_parsers() -> None:
    parser = argparse.ArgumentParser()
    for one in (ARG_VERBOSE, Arg(("-n", "--count"), type=positive_int(allow_zero=False), default=1)):
        one.add_to_parser(parser)
    assert vars(parser.parse_args(["-v", "-n", "3"])) == {"verbose": True, "count": 3}
    with pytest.raises(SystemExit):
        parser.parse_args(["-n", "0"])
    command = ActionCommand("join", "joins", lazy_load_command("posixpath.join"), ())
    assert command.func("a", "b") == "a/b"
    assert GroupCommand("g", "h", [command]).subcommands == [command]


def test_metrics_go_to_statsd_only_when_it_is_on() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(10)
        options = {"statsd_port": server.getsockname()[1], "statsd_host": "127.0.0.1", "statsd_on": True}
        told = SimpleNamespace(get_config=lambda _, key, fallback=None: options.get(key, fallback))
        token = RUNTIME.set(told)  # type: ignore[arg-type]
        try:
            Stats.incr("runs", 2)
            assert server.recv(100) == b"airflow.runs:2|c"
            Stats.gauge("size", 4)
            assert server.recv(100) == b"airflow.size:4|g"
            with Stats.timer("took") as timer:
                pass
            assert server.recv(100).startswith(b"airflow.took:")
            assert timer.duration is not None
            options["statsd_on"] = False
            Stats.incr("runs")
            server.setblocking(False)
            with pytest.raises(BlockingIOError):
                server.recv(100)
        finally:
            RUNTIME.reset(token)


class Uploads(FileTaskHandler):
    """A handler that keeps what it uploads in a list."""

    uploaded: list[str]

    def set_context(self, ti: Any, *, identifier: str | None = None) -> None:
        super().set_context(ti, identifier=identifier)
        self.relative = self._render_filename(ti, ti.try_number)

    def close(self) -> None:
        super().close()
        self.uploaded = [(Path(self.local_base) / self.relative).read_text()]

    def _read_remote_logs(self, ti: Any, try_number: int, metadata: Any = None) -> tuple[list[str], list[str]]:
        return ["far away"], list(self.uploaded)


def test_a_handler_that_uploads_finds_its_file_and_reads_back(tmp_path: Path) -> None:
    ti = SimpleNamespace(dag_id="d", run_id="r", task_id="t", map_index=-1, try_number=1, hostname="here")
    handler = Uploads(str(tmp_path))
    handler.set_context(ti)
    handler.emit(logging.LogRecord("x", logging.INFO, "f.py", 1, "some words", (), None))
    handler.close()
    assert (tmp_path / "dag_id=d/run_id=r/task_id=t/attempt=1.log").read_text() == "some words\n"
    assert handler.read(ti, 1) == ([[("here", "some words\n")]], [{"end_of_log": True, "log_pos": 11}])


class Quick(BaseExecutor):
    """Succeeds at once."""

    def execute_async(self, key: Any, command: Any, queue: str | None = None, executor_config: Any = None) -> None:
        self.success(key)


def test_an_executor_runs_the_weightiest_first_within_its_room() -> None:
    executor = Quick(parallelism=1)
    for name, weight in (("light", 1), ("heavy", 5)):
        executor.queue_command(SimpleNamespace(key=name, executor_config={}), ["x"], priority=weight)
    executor.heartbeat()
    assert executor.get_event_buffer() == {"heavy": ("success", None)}
    assert list(executor.queued_tasks) == ["light"]
    assert executor.get_event_buffer() == {}
    with pytest.raises(ValueError, match="airflow"):
        BaseExecutor.validate_airflow_tasks_run_command(["other"])


def test_old_names_of_a_package_warn_and_lead_on() -> None:
    add_deprecated_classes({"old_place": {"joiner": "posixpath.join"}}, "some_package")
    module = sys.modules.pop("some_package.old_place")
    with pytest.warns(DeprecationWarning, match=r"some_package\.old_place\.joiner"):
        assert module.joiner("a", "b") == "a/b"
    with pytest.raises(AttributeError, match="nothing"):
        module.nothing  # noqa: B018


def test_zones_permissions_and_serialised_operators() -> None:
    assert decode_timezone(encode_timezone(decode_timezone("Europe/Berlin"))).name == "Europe/Berlin"
    assert resource_name_for_dag("sales") == "DAG:sales"
    assert resource_name_for_dag("DAG:sales") == "DAG:sales"
    assert isinstance(SerializedBaseOperator, type)


def test_files_and_tables_may_be_inlets_and_outlets() -> None:
    table = Table(database="d", cluster="c", name="n", columns=[Column(name="x", data_type="int")])
    assert (table.owners, table.columns[0].tags, File("s3://a").type_hint) == ([], [], None)
    with DAG("d", start_date=datetime(2024, 1, 1, tzinfo=UTC), schedule=None) as dag:
        BaseOperator(task_id="a", inlets=[File(url="s3://a")], outlets=[table, User(email="a@example.com")])
    assert [type(one).__name__ for one in dag.get_task("a").outlets] == ["Table", "User"]
