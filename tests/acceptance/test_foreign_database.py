"""A database that holds a real Airflow's tables is refused by every command, and not a byte of it changes."""

from __future__ import annotations

import io
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tradewind.cli.dispatch import TREE, call
from tradewind.cli.session import Session
from tradewind.cli.tree import build_parser
from tradewind.config.settings import load_settings

SCHEMA = """
CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY);
INSERT INTO alembic_version VALUES ('5f2621c13b39');
CREATE TABLE dag (dag_id VARCHAR(250) NOT NULL PRIMARY KEY, is_paused BOOLEAN, is_active BOOLEAN);
CREATE TABLE dag_run (id INTEGER NOT NULL PRIMARY KEY, dag_id VARCHAR(250), run_id VARCHAR(250), state VARCHAR(50));
CREATE TABLE task_instance (task_id VARCHAR(250), dag_id VARCHAR(250), run_id VARCHAR(250), map_index INTEGER);
CREATE TABLE slot_pool (id INTEGER NOT NULL PRIMARY KEY, pool VARCHAR(256), slots INTEGER);
CREATE TABLE variable (id INTEGER NOT NULL PRIMARY KEY, "key" VARCHAR(250), val TEXT);
CREATE TABLE connection (id INTEGER NOT NULL PRIMARY KEY, conn_id VARCHAR(250));
CREATE TABLE ab_user (id INTEGER NOT NULL PRIMARY KEY, username VARCHAR(256));
INSERT INTO dag VALUES ('d', 0, 1);
INSERT INTO variable VALUES (1, 'k', 'v');
"""

COMMANDS = """
db migrate
db init
db upgrade
db check
db check-migrations
db reset -y
users list
users create -u a -p b -r Admin -e e -f f -l l
users delete -u a
roles list
dags list
dags list -o json
dags show d
dags trigger d
dags pause d
dags unpause d
dags state d 2024-01-01
dags list-runs -d d
dags next-execution d
dags list-import-errors
dags delete -y d
tasks list d
tasks state d t 2024-01-01
variables list
variables get k
variables set k w
variables delete k
connections list
connections add c --conn-type http
connections delete c
pools list
pools set p 1 d
pools delete p
scheduler
webserver -p 0
dag-processor
"""


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    path = tmp_path / "airflow.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(SCHEMA)
    return path


@pytest.mark.parametrize("command", COMMANDS.strip().splitlines())
def test_every_command_refuses_it(foreign: Path, tmp_path: Path, command: str) -> None:
    before = foreign.read_bytes()
    environ = {"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{foreign}"}
    out, err = io.StringIO(), io.StringIO()
    arguments = build_parser("tradewind", TREE).parse_args(command.split())
    session = Session(out, err, load_settings(environ, home=tmp_path / "home"))
    assert call(arguments.command, arguments, session) == 1
    assert "tables of an Apache Airflow installation" in err.getvalue()
    assert "tradewind import" in err.getvalue()
    assert out.getvalue() == ""
    assert foreign.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("airflow.db")] == ["airflow.db"]


def test_standalone_refuses_it_and_ends(foreign: Path, tmp_path: Path) -> None:
    before = foreign.read_bytes()
    environ = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")}
    environ |= {
        "AIRFLOW_HOME": str(tmp_path / "home"),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{foreign}",
    }
    done = subprocess.run(
        [sys.executable, "-m", "tradewind", "standalone", "--port", "0"],
        env=environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "tradewind import" in done.stderr + done.stdout
    assert foreign.read_bytes() == before
