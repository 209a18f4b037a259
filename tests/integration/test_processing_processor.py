"""The DAG processor over a real database, real files and real parse children."""

from __future__ import annotations

import os
import select
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tradewind.execution.options import WorkerOptions
from tradewind.execution.processes import start_role
from tradewind.execution.template import TemplateClient
from tradewind.model.times import SystemClock
from tradewind.processing.forking import LocalFork
from tradewind.processing.manager import DagProcessor, ProcessorOptions
from tradewind.processing.next_runs import next_run_of
from tradewind.storage.database import Database, open_database

HEAD = """# airflow
from datetime import datetime
from tradewind.sdk.dag import DAG
from tradewind.sdk.operator import BaseOperator
"""
WAIT_SECONDS = 20.0


def a_dag(dag_id: str, tasks: int = 1, schedule: str = "None") -> str:
    return (
        f"with DAG('{dag_id}', start_date=datetime(2024, 1, 1), schedule={schedule}, catchup=True):\n"
        f"    [BaseOperator(task_id=f't{{n}}') for n in range({tasks})]\n"
    )


class OffsetClock(SystemClock):
    """The system's time, moved on by hand."""

    def __init__(self) -> None:
        self.offset = timedelta(0)

    def now(self) -> datetime:
        return super().now() + self.offset


class CountingFork(LocalFork):
    """LocalFork that remembers what it was asked to parse."""

    def __init__(self, parsed: list[str]) -> None:
        super().__init__()
        self._parsed = parsed

    def spawn(self, kind, payload):  # type: ignore[no-untyped-def]
        self._parsed.append(os.path.basename(payload.path))
        return super().spawn(kind, payload)


@dataclass
class House:
    """A home with a database and a DAG folder."""

    dags: Path
    url: str
    clock: OffsetClock
    db: Database
    options: ProcessorOptions
    parsed: list[str] = field(default_factory=list)

    def processor(self, **changes: object) -> DagProcessor:
        options = replace(self.options, **changes)  # type: ignore[arg-type]
        return DagProcessor(self.db, self.clock, options, lambda: CountingFork(self.parsed), next_run_of)

    def write(self, name: str, text: str, *, age: float = 10) -> Path:
        """A file that was saved ``age`` seconds ago: one saved during its parse is parsed once more."""
        path = self.dags / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        at = self.clock.now().timestamp() - age
        os.utime(path, (at, at))
        return path

    def sync(self, **changes: object) -> list[str]:
        """One round of a fresh processor, as after a restart; the files that it parsed."""
        self.parsed.clear()
        self.processor(**changes).sync_once()
        return sorted(self.parsed)

    def active(self) -> list[str]:
        with self.db.read() as tx:
            return [row.dag_id for row in tx.dags.all() if row.is_active]

    def errors(self) -> dict[str, str]:
        with self.db.read() as tx:
            return {os.path.basename(row.filename): row.stacktrace for row in tx.dags.import_errors()}

    def versions(self, dag_id: str) -> int | None:
        with self.db.read() as tx:
            return tx.dags.version_id(dag_id)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    dags = tmp_path / "dags"
    dags.mkdir()
    url = f"sqlite:///{tmp_path}/t.db"
    clock = OffsetClock()
    db = open_database(url, clock=clock)
    db.migrate()
    yield House(dags, url, clock, db, ProcessorOptions(dags_folder=str(dags), import_timeout=5, hard_timeout=10))
    db.close()


def test_files_become_dags_with_source_and_next_run(house: House) -> None:
    path = house.write("a.py", HEAD + a_dag("one", 3, "'@daily'"))
    house.sync()
    with house.db.read() as tx:
        row = tx.dags.get("one")
        assert tx.dags.source(str(path)) == path.read_text()
    assert row is not None
    assert row.is_paused
    assert row.next_dagrun == datetime(2024, 1, 1, tzinfo=UTC)
    assert row.next_dagrun_create_after == datetime(2024, 1, 2, tzinfo=UTC)


def test_a_restart_with_nothing_changed_parses_nothing(house: House) -> None:
    for n in range(5):
        house.write(f"f{n}.py", HEAD + a_dag(f"d{n}"))
    assert house.sync() == [f"f{n}.py" for n in range(5)]
    assert house.sync() == []


def test_a_touched_file_with_the_same_content_is_not_parsed(house: House) -> None:
    path = house.write("a.py", HEAD + a_dag("one"))
    house.sync()
    os.utime(path, (1, 1))
    assert house.sync() == []


def test_only_a_real_change_makes_a_new_version(house: House) -> None:
    house.write("a.py", HEAD + a_dag("one"))
    house.sync()
    first = house.versions("one")
    house.write("a.py", HEAD + "# a remark\n" + a_dag("one"))
    assert house.sync() == ["a.py"]
    assert house.versions("one") == first
    house.write("a.py", HEAD + a_dag("one", 2))
    house.sync()
    assert house.versions("one") != first


def test_a_changed_helper_module_makes_its_users_due(house: House) -> None:
    house.write("names_of_dags.py", "NAME = 'first'\n")
    house.write("user.py", HEAD + "import names_of_dags\n" + "d = DAG(names_of_dags.NAME, schedule=None)\n")
    house.write("other.py", HEAD + a_dag("other"))
    house.sync()
    house.write("names_of_dags.py", "NAME = 'second'\n", age=5)
    assert house.sync() == ["user.py"]
    assert house.active() == ["other", "second"]


def test_a_changed_variable_makes_its_readers_due(house: House) -> None:
    house.write(
        "reader.py",
        HEAD
        + "from tradewind.sdk.runtime import current\n"
        + "d = DAG('var_' + (current().get_variable('name') or 'none'), schedule=None)\n",
    )
    house.write("other.py", HEAD + a_dag("other"))
    house.sync()
    assert house.active() == ["other", "var_none"]
    with house.db.begin() as tx:
        tx.vault.put_variable("name", "x")
    assert house.sync() == ["reader.py"]
    assert house.active() == ["other", "var_x"]


def test_broken_files_are_import_errors_and_nobody_else_notices(house: House) -> None:
    house.write("bad.py", "# airflow dag\nimport os\nos._exit(3)\n")
    house.write("worse.py", "# airflow dag\nx = (\n")
    house.write("good.py", HEAD + a_dag("good"))
    house.sync()
    assert house.active() == ["good"]
    errors = house.errors()
    assert "ended early with exit code 3" in errors["bad.py"]
    assert "line 2" in errors["worse.py"]
    house.write("bad.py", HEAD + a_dag("bad_no_more"), age=5)
    house.sync()
    assert sorted(house.errors()) == ["worse.py"]
    assert house.active() == ["bad_no_more", "good"]


def test_a_parse_that_does_not_end_is_killed_and_an_import_error(house: House) -> None:
    house.write(
        "endless.py",
        "# airflow dag\nimport time\nwhile True:\n    try:\n        time.sleep(9)\n    except BaseException: ...\n",
    )
    house.write("good.py", HEAD + a_dag("good"))
    house.sync(import_timeout=0.2, hard_timeout=0.6)
    assert "did not end within 0.6 s and was killed" in house.errors()["endless.py"]
    assert house.active() == ["good"]


def test_removed_files_take_their_dags_and_errors_along_and_come_back(house: House) -> None:
    path = house.write("a.py", HEAD + a_dag("one"))
    bad = house.write("b.py", "# airflow dag\n1/0\n")
    house.sync()
    path.unlink()
    bad.unlink()
    house.sync()
    assert (house.active(), house.errors()) == ([], {})
    house.write("a.py", HEAD + a_dag("one"))
    house.sync()
    assert house.active() == ["one"]


def test_a_renamed_file_keeps_its_dag_active_throughout(house: House) -> None:
    path = house.write("a.py", HEAD + a_dag("one"))
    house.sync()
    path.rename(house.dags / "b.py")
    house.sync()
    with house.db.read() as tx:
        removed = [event for event in tx.outbox.after(0, 1000) if event.kind == "dag.removed"]
    assert removed == []
    assert house.active() == ["one"]


def test_two_files_with_one_dag_id_are_an_import_error_of_the_second(house: House) -> None:
    first = house.write("a.py", HEAD + a_dag("one"))
    house.sync()
    house.write("b.py", HEAD + a_dag("one"))
    house.sync()
    assert "Ignoring DAG one" in house.errors()["b.py"]
    first.unlink()
    house.sync()
    assert (house.active(), house.errors()) == (["one"], {})


def test_everything_is_parsed_again_when_asked_or_after_a_long_time(house: House) -> None:
    house.write("a.py", HEAD + a_dag("one"))
    house.sync()
    house.parsed.clear()
    house.processor().sync_once(everything=True)
    assert house.parsed == ["a.py"]
    house.clock.offset = timedelta(seconds=1801)
    assert house.sync() == ["a.py"]


def test_a_dag_that_was_deleted_comes_back_while_its_file_is_there(house: House) -> None:
    house.write("a.py", HEAD + a_dag("one") + a_dag("two"))
    house.sync()
    with house.db.begin() as tx:
        tx.dags.delete("one")
    assert house.sync() == ["a.py"]
    assert house.active() == ["one", "two"]


@contextmanager
def running(house: House, **changes: object) -> Iterator[DagProcessor]:
    """A processor in a thread. It forks from there, which is fine for children that only parse."""
    stop = threading.Event()
    processor = house.processor(**changes)
    thread = threading.Thread(target=processor.run, args=(stop,))
    thread.start()
    try:
        yield processor
    finally:
        stop.set()
        thread.join()


def wait_for(house: House, is_there: Callable[[], bool]) -> None:
    """Until something that commits makes it true."""
    listener = house.db.listen()
    try:
        while not is_there():
            assert select.select([listener], [], [], WAIT_SECONDS)[0], "nothing happened"
            listener.drain()
    finally:
        listener.close()


def test_a_running_processor_sees_new_changed_and_removed_files(house: House) -> None:
    house.write("a.py", HEAD + a_dag("one"))
    with running(house):
        wait_for(house, lambda: house.active() == ["one"])
        second = house.write("sub/b.py", HEAD + a_dag("two"))
        wait_for(house, lambda: house.active() == ["one", "two"])
        house.write("a.py", HEAD + a_dag("renamed"))
        wait_for(house, lambda: house.active() == ["renamed", "two"])
        second.unlink()
        wait_for(house, lambda: house.active() == ["renamed"])


def test_a_folder_that_is_not_there_takes_nothing_away_and_is_seen_when_it_is_back(house: House) -> None:
    house.write("a.py", HEAD + a_dag("one"))
    house.sync()
    away = house.dags.with_name("away")
    house.dags.rename(away)
    assert house.sync() == []
    assert house.active() == ["one"]
    with running(house):
        (away / "b.py").write_text(HEAD + a_dag("two"))
        away.rename(house.dags)
        wait_for(house, lambda: house.active() == ["one", "two"])


def test_a_running_processor_parses_what_the_api_asks_for(house: House) -> None:
    path = house.write("a.py", HEAD + a_dag("one"))
    with running(house):
        wait_for(house, lambda: house.active() == ["one"])
        with house.db.begin() as tx:
            tx.dags.deactivate(["one"])
            tx.dags.request_parse(str(path))
        wait_for(house, lambda: house.active() == ["one"])
        assert house.parsed == ["a.py", "a.py"]


def test_a_running_processor_has_its_files_parsed_by_children_of_the_template(house: House, tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / "run").mkdir(parents=True)
    options = WorkerOptions(
        home=str(home), dags_folder=str(house.dags), log_folder=str(tmp_path / "logs"), template_idle_seconds=1.0
    )
    house.write("good.py", HEAD + a_dag("good"))
    house.write("bad.py", "# airflow dag\nimport os\nos._exit(3)\n")
    house.write("killed.py", "# airflow dag\nimport os, signal\nos.kill(os.getpid(), signal.SIGSEGV)\n")
    template = start_role("template", options)
    stop = threading.Event()
    processor = DagProcessor(house.db, house.clock, house.options, lambda: TemplateClient.connect(home), next_run_of)
    thread = threading.Thread(target=processor.run, args=(stop,))
    thread.start()
    try:
        wait_for(house, lambda: house.active() == ["good"] and len(house.errors()) == 2)
        assert "exit code 3" in house.errors()["bad.py"]
        assert "killed by SIGSEGV" in house.errors()["killed.py"]
        template.kill()
        template.wait()
        template = start_role("template", options)
        house.write("after.py", HEAD + a_dag("after"))
        wait_for(house, lambda: house.active() == ["after", "good"])
    finally:
        stop.set()
        thread.join()
        template.terminate()
        template.wait()


def test_plain_files_share_a_child_and_each_sees_fresh_modules(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(house.dags))
    house.write("shared_list.py", "SEEN = []\n")
    for n in range(4):
        house.write(
            f"f{n}.py",
            HEAD
            + "import shared_list\nshared_list.SEEN.append(1)\n"
            + a_dag(f"d{n}_{{x}}").replace("'d", "f'd").replace("{x}", "{len(shared_list.SEEN)}"),
        )
    assert len(house.sync(parsing_processes=1)) == 1
    assert house.active() == [f"d{n}_1" for n in range(4)]


def test_a_file_that_changes_what_others_use_is_the_last_of_its_child(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(house.dags))
    house.write("a.py", HEAD + "import json\njson.marker = 1\n" + a_dag("a"), age=5)
    house.write(
        "b.py", HEAD + "import json\n" + a_dag("b").replace("'b'", "'b_' + str(hasattr(json, 'marker'))"), age=50
    )
    assert house.sync(parsing_processes=1) == ["a.py", "b.py"]
    assert house.active() == ["a", "b_False"]


def test_a_file_that_fails_in_a_shared_child_is_told_and_the_rest_goes_on(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(house.dags))
    house.write("a.py", HEAD + a_dag("a"))
    house.write("b.py", HEAD + "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n" + a_dag("b"))
    house.write("c.py", HEAD + a_dag("c"))
    house.sync(parsing_processes=1)
    assert house.active() == ["a", "c"]
    assert "SIGKILL" in house.errors()["b.py"]
