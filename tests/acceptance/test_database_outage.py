"""PostgreSQL goes away in the middle of a run and comes back: nobody exits for good, nothing is lost or doubled."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from acceptance.live_server import live_server
from acceptance.test_crashes import DAGS, Effects
from postgres_server import PostgresServer


def test_a_run_goes_on_when_the_database_is_back(tmp_path: Path) -> None:
    database = PostgresServer()
    try:
        # The tests' server forgets its last commits when it is halted; here they must hold.
        database.execute("CREATE DATABASE outage", "ALTER DATABASE outage SET synchronous_commit = on")
        home = tmp_path / "home"
        (home / "dags").mkdir(parents=True)
        (home / "dags" / "crash.py").write_text(DAGS)
        effects = Effects(home / "effects.txt")
        with live_server(
            home, CRASH_EFFECTS=str(effects.path), AIRFLOW__DATABASE__SQL_ALCHEMY_CONN=database.url("outage")
        ) as server:
            server.wait_for_dag("fan_of_200")
            run_id = server.trigger("fan_of_200")
            server.wait_until(lambda: sum(effects.count(run_id, "effect").values()) >= 20, "20 effects are written")
            before = {name: server.role(name).pid for name in ("scheduler", "worker", "api", "dag-processor")}

            database.halt()
            server.wait_until(lambda: "database.unavailable" in server.output, "the outage is noticed")
            assert server.request("GET", "/dags").status == 503
            database.resume()

            assert server.wait_for_run("fan_of_200", run_id) == "success"
            server.wait_until(lambda: effects.count(run_id, "dag-success"), "the DAG's callback has come")
            server.wait_until(
                lambda: len(effects.count(run_id, "task-success")) == 202, "every task's callback has come"
            )
            attempts = Counter(tuple(parts[2:]) for parts in effects.lines(run_id) if parts[0] == "effect")
            assert max(attempts.values()) == 1
            assert len(effects.count(run_id, "effect")) == 202
            assert max(effects.count(run_id, "task-success").values()) == 1
            after = {name: server.role(name).pid for name in before}
            assert after == before, "a role was restarted"
    finally:
        database.stop()
