"""The commands, on a real SQLite database, with the words and columns of Airflow 2.10.5."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import msgspec
import pytest

from tradewind.cli.dispatch import TREE, call
from tradewind.cli.session import Session
from tradewind.cli.tree import build_parser
from tradewind.config.settings import Settings, load_settings
from tradewind.model.decisions import NextRun
from tradewind.model.spec import DagSpec, GroupSpec, TaskSpec, TimetableSpec
from tradewind.model.times import SystemClock
from tradewind.storage import migration, quick
from tradewind.storage.database import open_database


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str

    @property
    def json(self) -> list[dict[str, object]]:
        found: list[dict[str, object]] = json.loads(self.out)
        return found


Cli = Callable[..., Said]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings({}, home=tmp_path / "home")


def called(settings: Settings, *words: str) -> Said:
    out, err = io.StringIO(), io.StringIO()
    arguments = build_parser("tradewind", TREE).parse_args(words)
    code = call(arguments.command, arguments, Session(out, err, settings))
    return Said(code, out.getvalue(), err.getvalue())


@pytest.fixture
def bare(settings: Settings) -> Cli:
    """Calls a command; the database may not exist yet."""
    return partial(called, settings)


@pytest.fixture(scope="session")
def migrated_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a new database, to be copied: migrating takes longer than most commands."""
    home = tmp_path_factory.mktemp("migrated") / "home"
    assert called(load_settings({}, home=home), "db", "migrate").code == 0
    return home


@pytest.fixture
def cli(bare: Cli, settings: Settings, migrated_home: Path) -> Cli:
    """Calls a command on a new database."""
    shutil.copytree(migrated_home, settings.home)
    return bare


DAY = datetime(2024, 1, 1, tzinfo=UTC)
SPEC = DagSpec(
    dag_id="demo",
    fileloc="/dags/demo.py",
    timetable=TimetableSpec(kind="cron_interval", args={"expression": "@daily", "timezone": "UTC"}, summary="@daily"),
    schedule_interval={"__type": "CronExpression", "value": "@daily"},
    start_date=DAY,
    owners=("airflow",),
    tags=("x",),
    groups=(GroupSpec(group_id=None, children=(("a", "task"), ("b", "task"))),),
    edge_labels={"a": {"b": "then"}},
    tasks=(
        TaskSpec(task_id="a", task_type="EmptyOperator", downstream_task_ids=("b",), start_date=DAY),
        TaskSpec(task_id="b", task_type="BashOperator", upstream_task_ids=("a",), start_date=DAY),
    ),
)


@pytest.fixture
def with_dag(cli: Cli, settings: Settings) -> Cli:
    """Calls a command on a database that has the DAG ``demo``."""
    database = open_database(settings.sql_alchemy_conn, clock=SystemClock())
    day2 = DAY.replace(day=2)
    with database.begin() as tx:
        tx.dags.register(
            SPEC,
            msgspec.json.encode(SPEC),
            "hash",
            fileloc=SPEC.fileloc,
            next=NextRun(DAY, DAY, day2, day2),
            paused_default=True,
        )
    database.close()
    return cli


def test_a_database_that_is_not_there_is_one_clear_line(bare: Cli) -> None:
    said = bare("variables", "list")
    assert said.code == 1
    assert said.err.count("\n") == 1
    assert "db migrate" in said.err


def test_migrating_twice_is_fine_and_makes_the_stock_roles(cli: Cli) -> None:
    assert cli("db", "migrate").out == "Database migrating done!\n"
    assert cli("db", "check").out == "Connection successful.\n"
    assert cli("db", "check-migrations").code == 0
    names = {row["name"] for row in cli("roles", "list", "-o", "json").json}
    assert names == {"Admin", "Op", "User", "Viewer", "Public"}


def test_resetting_asks_and_then_forgets_everything(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    cli("variables", "set", "k", "v")
    refused = cli("db", "reset")
    assert (refused.code, "--yes" in refused.err) == (1, True)
    assert cli("variables", "get", "k").out == "v\n"
    assert cli("db", "reset", "-y").code == 0
    assert cli("variables", "get", "k").code == 1


def test_variables_come_and_go(cli: Cli) -> None:
    assert cli("variables", "set", "k", "v", "--description", "d").out == "Variable k created\n"
    assert cli("variables", "set", "j", '{"a": 1}', "--json").code == 0
    assert cli("variables", "get", "k").out == "v\n"
    assert cli("variables", "get", "j", "-j").out == '{"a":1}\n'
    assert cli("variables", "get", "nope", "-d", "zz").out == "zz\n"
    missing = cli("variables", "get", "nope")
    assert (missing.code, missing.err) == (1, "error: Variable nope does not exist\n")
    assert cli("variables", "list", "-o", "json").json == [{"key": "k"}, {"key": "j"}]
    assert cli("variables", "delete", "k").out == "Variable k deleted\n"
    assert cli("variables", "delete", "k").code == 0
    assert cli("variables", "set", "j", "{", "-j").code == 1


def test_variables_go_out_to_a_file_and_come_back(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "variables.json"
    cli("variables", "set", "k", "v", "--description", "d")
    cli("variables", "set", "j", '{"a": 1}')
    assert cli("variables", "export", str(file)).out == f"2 Variables successfully exported to {file}.\n"
    assert json.loads(file.read_text()) == {"k": {"value": "v", "description": "d"}, "j": {"a": 1}}
    assert file.stat().st_mode & 0o077 == 0
    cli("variables", "delete", "j")
    said = cli("variables", "import", str(file), "-a", "skip")
    assert said.out.splitlines()[0] == "1 of 2 variables successfully updated."
    assert json.loads(cli("variables", "get", "j").out) == {"a": 1}
    assert cli("variables", "import", str(file), "-a", "fail").code == 1


@pytest.mark.parametrize(
    ("name", "text"),
    [("v.json", '{"k": "v"}'), ("v.yaml", "k: v\n"), ("v.env", "# comment\nk=v\n")],
    ids=["json", "yaml", "env"],
)
def test_variables_are_read_from_three_formats(cli: Cli, tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    assert cli("variables", "import", str(tmp_path / name)).code == 0
    assert cli("variables", "get", "k").out == "v\n"


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("v.json", "{", "is not JSON"),
        ("v.yaml", "k: [", "is not YAML"),
        ("v.env", "k\n", "line 1"),
        ("v.txt", "", "no known format"),
        ("v.json", "[1]", "one object"),
    ],
)
def test_a_bad_file_is_refused_with_the_reason(cli: Cli, tmp_path: Path, name: str, text: str, reason: str) -> None:
    (tmp_path / name).write_text(text)
    said = cli("variables", "import", str(tmp_path / name))
    assert said.code == 1
    assert reason in said.err


def test_pools_come_and_go(cli: Cli) -> None:
    assert cli("pools", "set", "p", "3", "desc").out == "Pool p created\n"
    assert cli("pools", "list").out.splitlines() == [
        "pool         | slots | description  | include_deferred",
        "=============+=======+==============+=================",
        "default_pool | 128   | Default pool | False",
        "p            | 3     | desc         | False",
    ]
    assert cli("pools", "set", "p", "4", "desc", "--include-deferred").code == 0
    assert cli("pools", "get", "p", "-o", "json").json == [
        {"pool": "p", "slots": "4", "description": "desc", "include_deferred": "True"}
    ]
    assert cli("pools", "get", "zz").err == "error: Pool zz does not exist\n"
    assert cli("pools", "delete", "p").out == "Pool p deleted\n"
    assert cli("pools", "delete", "p").code == 1
    assert cli("pools", "delete", "default_pool").code == 1


def test_pools_go_out_to_a_file_and_come_back(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "pools.json"
    cli("pools", "set", "p", "3", "desc")
    assert cli("pools", "export", str(file)).out == f"Exported 2 pools to {file}\n"
    cli("pools", "delete", "p")
    assert cli("pools", "import", str(file)).out == "Uploaded 2 pool(s)\n"
    assert cli("pools", "get", "p").code == 0
    file.write_text('{"q": {"slots": "many"}}')
    assert "needs slots" in cli("pools", "import", str(file)).err


def test_a_connection_is_made_from_a_uri(cli: Cli) -> None:
    said = cli("connections", "add", "c1", "--conn-uri", "postgres://u:pw@h:5432/s?x=1")
    assert said.out == "Successfully added `conn_id`=c1 : postgres://u:******@h:5432/s\n"
    (row,) = cli("connections", "get", "c1", "-o", "json").json
    assert {name: row[name] for name in ("conn_type", "host", "login", "password", "port", "extra_dejson")} == {
        "conn_type": "postgres",
        "host": "h",
        "login": "u",
        "password": "pw",
        "port": "5432",
        "extra_dejson": {"x": "1"},
    }
    assert row["get_uri"] == "postgres://u:pw@h:5432/s?x=1"
    again = cli("connections", "add", "c1", "--conn-type", "http")
    assert again.err == "error: A connection with `conn_id`=c1 already exists.\n"


def test_a_connection_is_made_from_parts_or_json(cli: Cli) -> None:
    assert cli("connections", "add", "c1", "--conn-type", "http", "--conn-host", "h", "--conn-port", "80").code == 0
    assert cli("connections", "add", "c2", "--conn-json", '{"conn_type": "http", "extra": {"a": 1}}').code == 0
    (row,) = cli("connections", "list", "--conn-id", "c2", "-o", "json").json
    assert row["extra_dejson"] == {"a": "1"}
    for words in (("--conn-host", "h"), (), ("--conn-uri", "x://", "--conn-type", "y"), ("--conn-uri", "nonsense")):
        assert cli("connections", "add", "c3", *words).code == 1


def test_deleting_a_connection_that_is_not_there_is_an_error(cli: Cli) -> None:
    cli("connections", "add", "c1", "--conn-type", "http")
    assert cli("connections", "delete", "c1").out == "Successfully deleted connection with `conn_id`=c1\n"
    assert cli("connections", "delete", "c1").err == "error: Did not find a connection with `conn_id`=c1\n"


@pytest.mark.parametrize("name", ["c.json", "c.yaml", "c.env"])
def test_connections_go_out_to_a_file_and_come_back(cli: Cli, tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    uri = "postgres://u:p%2Fw@h:5432/s?x=1"
    cli("connections", "add", "c1", "--conn-uri", uri)
    assert cli("connections", "export", str(file)).out == f"1 Connections successfully exported to {file}.\n"
    cli("connections", "delete", "c1")
    assert cli("connections", "import", str(file)).out == "Imported connection c1\n"
    assert cli("connections", "get", "c1", "-o", "json").json[0]["get_uri"] == uri
    assert "already exists" in cli("connections", "import", str(file)).out


def test_users_come_and_go(cli: Cli) -> None:
    words = ("users", "create", "-u", "x", "-f", "f", "-l", "l", "-e", "x@x", "-r", "Admin", "-p", "pw")
    assert cli(*words).out == 'User "x" created with role "Admin"\n'
    assert cli(*words).out == "x already exist in the db\n"
    assert cli("users", "list").out.splitlines()[2] == "1  | x        | x@x   | f          | l         | Admin"
    assert cli("users", "add-role", "-u", "x", "-r", "Op").code == 0
    assert cli("users", "remove-role", "-e", "x@x", "-r", "Admin").code == 0
    assert cli("users", "list", "-o", "json").json[0]["roles"] == ["Op"]
    assert cli("users", "reset-password", "-u", "x", "-p", "new").code == 0
    assert cli("users", "delete", "-u", "x").out == 'User "x" deleted\n'
    assert cli("users", "delete", "-u", "x").err == 'error: User "x" does not exist\n'


def test_an_unknown_role_is_refused_with_the_known_ones(cli: Cli) -> None:
    said = cli("users", "create", "-u", "x", "-f", "f", "-l", "l", "-e", "x@x", "-r", "Nope", "-p", "pw")
    assert said.code == 1
    assert said.err.startswith("error: Nope is not a valid role. Valid roles are: [")
    assert "Viewer" in said.err


def test_dags_are_listed(with_dag: Cli) -> None:
    assert with_dag("dags", "list").out.splitlines() == [
        "dag_id | fileloc       | owners  | is_paused",
        "=======+===============+=========+==========",
        "demo   | /dags/demo.py | airflow | True",
    ]
    assert with_dag("dags", "list", "-o", "json").json == [
        {"dag_id": "demo", "fileloc": "/dags/demo.py", "owners": ["airflow"], "is_paused": "True"}
    ]
    assert with_dag("dags", "list", "--columns", "dag_id,tags", "-o", "json").json[0]["tags"] == ["x"]
    assert with_dag("dags", "list", "-S", "/elsewhere").out == "No data found\n"
    assert with_dag("dags", "list", "--columns", "colour").code == 1


def test_the_quick_list_fits_the_tables_and_says_the_same(with_dag: Cli) -> None:
    assert quick.VERSION == migration.HEAD
    short = with_dag("dags", "list", "-o", "json").json
    assert with_dag("dags", "list", "--columns", "dag_id,fileloc, owners,is_paused", "-o", "json").json == short


def test_a_dag_is_paused_and_unpaused(with_dag: Cli) -> None:
    assert with_dag("dags", "pause", "demo").out == "No unpaused DAGs were found\n"
    assert with_dag("dags", "unpause", "demo", "-o", "json").json == [{"dag_id": "demo", "is_paused": "False"}]
    assert with_dag("dags", "pause", "^de", "--treat-dag-id-as-regex", "-y", "-o", "json").json == [
        {"dag_id": "demo", "is_paused": "True"}
    ]
    assert with_dag("dags", "pause", "nope").out == "No unpaused DAGs were found\n"
    assert with_dag("dags", "pause", "(", "--treat-dag-id-as-regex").code == 1


def test_a_run_is_triggered_listed_and_looked_at(with_dag: Cli) -> None:
    (row,) = with_dag("dags", "trigger", "demo", "-r", "r1", "-e", "2024-03-01", "-c", '{"a": 1}', "-o", "json").json
    assert (row["dag_run_id"], row["state"], row["run_type"], row["conf"]) == ("r1", "queued", "manual", {"a": "1"})
    assert row["logical_date"] == "2024-03-01 00:00:00+00:00"
    (listed,) = with_dag("dags", "list-runs", "-d", "demo", "-o", "json").json
    assert listed == {
        "dag_id": "demo",
        "run_id": "r1",
        "state": "queued",
        "execution_date": "2024-03-01T00:00:00+00:00",
        "start_date": "",
        "end_date": "",
    }
    assert with_dag("dags", "list-runs", "-d", "demo", "--state", "failed").out == "No data found\n"
    assert with_dag("dags", "state", "demo", "2024-03-01T00:00:00+00:00").out == 'queued, {"a": 1}\n'
    assert with_dag("dags", "state", "demo", "2020-01-01").out == "None\n"
    states = with_dag("tasks", "states-for-dag-run", "demo", "r1", "-o", "json").json
    assert [(state["task_id"], state["state"]) for state in states] == [("a", None), ("b", None)]
    assert with_dag("tasks", "state", "demo", "a", "r1").out == "None\n"
    assert "not met" in with_dag("tasks", "failed-deps", "demo", "b", "r1").out


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("demo", "-r", "r1", "-e", "2024-03-01"), "already exists"),
        (("demo", "-r", "scheduled__x"), "reserved"),
        (("demo", "-c", "[1]"), "JSON object"),
        (("demo", "-c", "{"), "not JSON"),
        (("demo", "-e", "soon"), "not a date"),
        (("nope",), "could not be found"),
    ],
    ids=["taken", "reserved", "list", "json", "date", "unknown"],
)
def test_a_run_that_cannot_be_started_says_why(with_dag: Cli, words: tuple[str, ...], reason: str) -> None:
    with_dag("dags", "trigger", "demo", "-r", "r1", "-e", "2024-03-01")
    said = with_dag("dags", "trigger", *words)
    assert said.code == 1
    assert reason in said.err


def test_the_next_dates_are_told(with_dag: Cli) -> None:
    assert with_dag("dags", "next-execution", "demo", "-n", "3").out.splitlines() == [
        "2024-01-01T00:00:00+00:00",
        "2024-01-02T00:00:00+00:00",
        "2024-01-03T00:00:00+00:00",
    ]


def test_a_dag_is_shown_as_a_tree_and_as_dot(with_dag: Cli, tmp_path: Path) -> None:
    assert with_dag("dags", "show", "demo").out.splitlines() == [
        "demo",
        "└── a (EmptyOperator)",
        "    └── b (BashOperator)",
    ]
    file = tmp_path / "demo.dot"
    assert with_dag("dags", "show", "demo", "--save", str(file)).code == 0
    assert '"a" -> "b" [label="then"];' in file.read_text()
    assert with_dag("dags", "show", "demo", "--save", "x.png").code == 1


def test_tasks_are_listed_and_drawn(with_dag: Cli) -> None:
    assert with_dag("tasks", "list", "demo").out == "a\nb\n"
    assert with_dag("tasks", "list", "demo", "--tree").out.splitlines() == [
        "<Task(EmptyOperator): a>",
        "    <Task(BashOperator): b>",
    ]
    assert "could not be found" in with_dag("tasks", "list", "nope").err
    assert "not found" in with_dag("tasks", "state", "demo", "zz", "r1").err


def test_details_reports_and_jobs_answer(with_dag: Cli) -> None:
    rows = with_dag("dags", "details", "demo", "-o", "json").json
    values = {row["property_name"]: row["property_value"] for row in rows}
    assert values["schedule_interval"] == {"__type": "CronExpression", "value": "@daily"}
    assert with_dag("dags", "report").code == 0
    assert with_dag("dags", "list-import-errors").out == "No data found\n"
    assert with_dag("dags", "list-jobs").out == "No data found\n"
    assert with_dag("jobs", "check").err == "error: No alive jobs found.\n"


def test_clearing_shows_and_asks_first(with_dag: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    with_dag("dags", "trigger", "demo", "-r", "r1")
    assert with_dag("tasks", "clear", "demo").code == 1
    assert with_dag("tasks", "clear", "demo", "-y").code == 0
    assert with_dag("tasks", "clear", "demo", "-t", "zz").out == "Nothing to clear.\n"
    assert with_dag("tasks", "clear", "nope", "-y").code == 1


def test_deleting_a_dag_takes_its_runs(with_dag: Cli) -> None:
    with_dag("dags", "trigger", "demo", "-r", "r1")
    assert with_dag("dags", "delete", "demo", "-y").code == 0
    assert with_dag("dags", "list").out == "No data found\n"
    assert with_dag("dags", "delete", "demo", "-y").code == 1


def test_options_are_told_with_their_source(cli: Cli, settings: Settings) -> None:
    assert cli("config", "get-value", "core", "parallelism").out == "32\n"
    assert cli("config", "get-value", "core", "nope").code == 1
    listed = cli("config", "list", "--section", "database", "-s").out
    assert "sql_alchemy_conn = ***" in listed
    assert "# Source: default" in listed


def test_former_names_are_warned_of(settings: Settings) -> None:
    err = io.StringIO()
    arguments = build_parser("tradewind", TREE).parse_args(["config", "get-value", "core", "parallelism"])
    changed = replace(settings, warnings=("[core] dag_concurrency is old",))
    assert call(arguments.command, arguments, Session(io.StringIO(), err, changed)) == 0
    assert err.getvalue() == "warning: [core] dag_concurrency is old\n"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["version"], 0),
        (["--help"], 0),
        (["dags", "list", "-o", "xml"], 2),
        (["bogus"], 2),
        ([], 2),
        (["run", "/no"], 1),
    ],
    ids=["version", "help", "format", "command", "nothing", "file"],
)
def test_exit_codes_of_the_real_program(words: list[str], code: int, tmp_path: Path) -> None:
    source = str(Path(__file__).parents[2] / "src")
    done = subprocess.run(
        [sys.executable, "-m", "tradewind.cli.main", *words],
        check=False,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": source, "TRADEWIND_HOME": str(tmp_path), "PATH": ""},
        timeout=60,
    )
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
