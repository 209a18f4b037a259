"""What stores answer, on both databases: candidates, what is due, XComs, pools, jobs, callbacks, DAGs, users, vault."""

from __future__ import annotations

from datetime import timedelta

import pytest
from conftest import StillClock
from contract.storage_rows import FIRST, RUN, a_dag, a_run, change, tasks
from cryptography.fernet import Fernet
from sqlalchemy import text

from tradewind.model.changes import Event, RunChange
from tradewind.model.decisions import NextRun
from tradewind.model.errors import AlreadyExists, ConfigError, InvalidInput, NotFound
from tradewind.model.records import Pool, RunKey, TaskKey
from tradewind.model.spec import DagSpec, TaskSpec
from tradewind.model.states import RunState, TaskState
from tradewind.model.times import Clock
from tradewind.storage import archives, webhooks
from tradewind.storage.dag_files import KEPT_SOURCES
from tradewind.storage.database import Database, DatabaseOptions, open_database
from tradewind.storage.rotation import rotate
from tradewind.storage.rows import ConnectionRow
from tradewind.wire.messages import GetXComs

SCHEDULED, QUEUED, RUNNING = TaskState.SCHEDULED, TaskState.QUEUED, TaskState.RUNNING


def test_candidates_come_by_priority_then_date_of_runs_that_run(database: Database) -> None:
    with database.begin() as tx:
        a_dag(tx)
        a_dag(tx, "paused")
        tx.dags.set_paused(["paused"], True)
        for number, dag_id, state in (
            (1, "dag", "running"),
            (0, "dag", "running"),
            (2, "dag", "queued"),
            (0, "paused", "running"),
        ):
            run = a_run(tx, number, dag_id, state=RunState(state))
            tasks(tx, run, "low", state=SCHEDULED)
            tasks(tx, run, "high", state=SCHEDULED, priority_weight=9, pool="small")
            tasks(tx, run, "done", state=TaskState.SUCCESS)

        def found(**skip: object) -> list[tuple[str, str]]:
            return [(row.run_id, row.task_id) for row in tx.task_instances.candidates(10, **skip)]  # type: ignore[arg-type]

        assert found() == [("run0", "high"), ("run1", "high"), ("run0", "low"), ("run1", "low")]
        assert found(skip_pools={"small"}) == [("run0", "low"), ("run1", "low")]
        assert found(skip_tasks={("dag", "low")}) == [("run0", "high"), ("run1", "high")]
        assert found(skip_dags={"dag"}) == []
        assert len(tx.task_instances.candidates(1)) == 1
    with database.read() as tx:
        assert len(tx.task_instances.candidates(10)) == 4


def test_what_is_taken_is_counted_by_task_and_pool(database: Database) -> None:
    with database.begin() as tx:
        a_dag(tx)
        run = a_run(tx)
        tasks(tx, run, "a", state=RUNNING, pool_slots=3, queued_by_job_id=1)
        tasks(tx, run, "b", state=QUEUED, queued_by_job_id=2)
        tasks(tx, run, "c", state=TaskState.DEFERRED)
        tasks(tx, run, "d", state=SCHEDULED)
        tasks(tx, run, "e", state=QUEUED)
        rows = {row.task_id: (row.state, row.count, row.slots) for row in tx.task_instances.occupied()}
        assert rows == {
            "a": (RUNNING, 1, 3),
            "b": (QUEUED, 1, 1),
            "c": (TaskState.DEFERRED, 1, 1),
            "e": (QUEUED, 1, 1),
        }
        counts = tx.task_instances.running_counts()
        assert (counts.by_dag, counts.by_run) == ({"dag": 3}, {RUN: 3})
        assert counts.by_run_task["dag", "run0", "a"] == 1
        usage = tx.pools.usage()["default_pool"]
        assert (usage.running, usage.queued, usage.scheduled, usage.deferred) == (3, 2, 1, 1)
        assert [row.task_id for row in tx.task_instances.owned_by([1, 2])] == ["a", "b"]
        assert [row.task_id for row in tx.task_instances.orphans([2])] == ["b", "e"]


def test_timers_see_only_rows_that_wait(database: Database) -> None:
    with database.begin() as tx:
        a_dag(tx)
        run = a_run(tx)
        tasks(tx, run, "retry", state=TaskState.UP_FOR_RETRY, wake_at=FIRST)
        tasks(tx, run, "poke", state=TaskState.UP_FOR_RESCHEDULE, wake_at=FIRST + timedelta(seconds=9))
        tasks(tx, run, "over", state=TaskState.SUCCESS, wake_at=FIRST - timedelta(days=1))
        assert tx.task_instances.next_wake_at() == FIRST
        assert [row.task_id for row in tx.task_instances.due(FIRST)] == ["retry"]
        assert [row.task_id for row in tx.task_instances.due(FIRST + timedelta(days=1))] == ["retry", "poke"]


def test_runs_are_found_by_their_neighbours_and_timeouts(database: Database) -> None:
    with database.begin() as tx:
        a_dag(tx)
        for number, state in enumerate(["success", "failed", "running", "queued"]):
            a_run(tx, number, state=RunState(state))
        timed = RunChange(
            run=RunKey("dag", "run2"),
            old_states=frozenset({RunState.RUNNING}),
            values={"timeout_at": FIRST},
            event="run.touched",
        )
        assert tx.runs.apply(timed) is not None
        date = FIRST + timedelta(days=2)
        assert getattr(tx.runs.previous("dag", date), "run_id", None) == "run1"
        assert getattr(tx.runs.previous("dag", date, "success"), "run_id", None) == "run0"
        assert getattr(tx.runs.next_of("dag", date), "run_id", None) == "run3"
        assert getattr(tx.runs.latest("dag", ["scheduled"]), "run_id", None) == "run3"
        assert tx.runs.latest("dag", ["manual"]) is None
        assert tx.runs.by_date("dag", date) == tx.runs.get(RunKey("dag", "run2"))
        assert tx.runs.open_keys() == [("dag", "run2"), ("dag", "run3")] == tx.runs.open_keys(dag_id="dag")
        assert tx.runs.open_keys(limit=1, dag_id="dag") == [("dag", "run2")]
        assert [run.run_id for run in tx.runs.queued("dag", 5)] == ["run3"]
        assert (tx.runs.running_counts(["dag"]), tx.runs.open_counts(["dag", "x"])) == ({"dag": 1}, {"dag": 2})
        assert tx.runs.last_states("dag", 5) == [RunState.FAILED, RunState.SUCCESS]
        assert tx.runs.next_timeout_at() == FIRST
        assert [run.run_id for run in tx.runs.timed_out(FIRST)] == ["run2"]
        assert tx.runs.count("dag", logical_dates=[FIRST], run_ids=["run1"], states=["failed"]) == 1
        assert tx.runs.count("dag") == 4
        assert tx.runs.lock(RUN)
        assert not tx.runs.lock(RunKey("dag", "none"))


def test_task_instances_are_counted_and_matched(database: Database) -> None:
    with database.begin() as tx:
        a_dag(tx)
        for number in range(2):
            tasks(tx, a_run(tx, number), "a", "b")
        tx.task_instances.apply([change("a", None, TaskState.SUCCESS)])
        count = tx.task_instances.count
        assert (count("dag"), count("dag", task_ids=["a"]), count("dag", run_ids=["run0"])) == (4, 2, 2)
        assert count("dag", logical_dates=[FIRST], states=["success"]) == 1
        assert count("dag", states=["none", "success"]) == 4
        found = tx.task_instances.matching("dag", task_ids=["a", "x"], logical_dates=[FIRST])
        assert [(row.run_id, row.task_id, row.state) for row in found] == [("run0", "a", "success")]


def test_xcoms_are_pulled_in_the_order_asked_for(database: Database) -> None:
    with database.begin() as tx:
        a_dag(tx)
        for number in range(2):
            tasks(tx, a_run(tx, number), "a", "b")
        tx.xcoms.put(RUN, TaskKey("a"), "k", '"old"')
        tx.xcoms.put(RUN, TaskKey("a"), "k", '"a0"')
        tx.xcoms.put(RUN, TaskKey("b"), "k", '"b0"', 2)
        tx.xcoms.put(RunKey("dag", "run1"), TaskKey("a"), "k", '"a1"')

        def pull(run_id: str = "run0", **wanted: object) -> tuple[list[str], int]:
            rows, total = tx.xcoms.get(GetXComs(key="k", dag_id="dag", run_id=run_id, **wanted))  # type: ignore[arg-type]
            return [row.value for row in rows], total

        assert pull(task_ids=("b", "a")) == (['"b0"', '"a0"'], 2)
        assert pull() == (['"a0"', '"b0"'], 2)
        assert pull(limit=1) == (['"a0"'], 2)
        assert pull(limit=1, offset=1) == (['"b0"'], 2)
        assert pull(task_ids=("b",), map_indexes=(-1,)) == (['"b0"'], 1)
        assert pull(count_only=True) == ([], 2)
        assert pull("run1", task_ids=("a",), include_prior_dates=True) == (['"a1"', '"a0"'], 2)
        assert pull(task_ids=("a",), include_prior_dates=True) == (['"a0"'], 1)
        assert tx.xcoms.value(RUN, TaskKey("a"), "k") == '"a0"'
        assert tx.xcoms.lengths(RUN) == {("b", -1): 2}
        assert tx.xcoms.clear(RUN, TaskKey("b")) == 1
        assert tx.xcoms.lengths(RUN) == {}
        assert [row.key for row in tx.xcoms.of_instance(RUN, TaskKey("a"))] == ["k"]
        assert tx.xcoms.delete(RUN, TaskKey("a"), "k")


def test_a_dag_gets_a_new_version_only_for_a_real_change(database: Database) -> None:
    with database.begin() as tx:
        first, is_new = a_dag(tx, tags=("b", "a"), owner_links={"me": "mailto:me"})
        assert is_new
        assert a_dag(tx, tags=("b", "a"), owner_links={"me": "mailto:me"}) == (first, False)
        second, is_new = a_dag(tx, tags=("c",))
        assert is_new
        assert second != first
        assert tx.dags.tags("dag") == ["c"]
        assert tx.dags.spec("dag") == (second, b'{"dag_id":1}')
        assert tx.dags.spec_of_version(first) == b'{"dag_id":1}'
        assert tx.dags.version_id("dag") == second
    with database.read() as tx:
        assert [event.kind for event in tx.outbox.after(0)] == ["dag.changed", "dag.changed"]


def test_a_dag_stays_paused_and_comes_back(database: Database) -> None:
    with database.begin() as tx:
        a_dag(tx)
        assert tx.dags.set_paused(["dag", "none"], True) == ["dag"]
        assert tx.dags.set_paused(["dag"], True) == []
        assert tx.dags.deactivate(["dag"]) == ["dag"]
        assert tx.dags.by_file("/dags/x.py") == []
        a_dag(tx)
        row = tx.dags.get("dag")
        assert row is not None
        assert (row.is_paused, row.is_active) == (True, True)
        assert tx.dags.by_file("/dags/x.py") == ["dag"]


def test_due_dags_are_active_unpaused_and_their_time_has_come(database: Database) -> None:
    with database.begin() as tx:
        for dag_id in ("a", "b", "paused"):
            a_dag(tx, dag_id)
        upcoming = NextRun(FIRST, FIRST, FIRST + timedelta(days=1), FIRST + timedelta(days=1))
        tx.dags.set_next("a", upcoming)
        tx.dags.set_next("paused", upcoming)
        tx.dags.set_paused(["paused"], True)
        assert tx.dags.due(FIRST, 5) == []
        [row] = tx.dags.due(FIRST + timedelta(days=1), 5)
        assert (row.dag_id, row.next) == ("a", upcoming)
        assert tx.dags.next_due_at() == FIRST + timedelta(days=1)


def test_deleting_a_dag_takes_its_runs(database: Database) -> None:
    with database.begin() as tx:
        a_dag(tx)
        tasks(tx, a_run(tx), "a")
        assert tx.dags.delete("dag")
        assert not tx.dags.delete("dag")
        assert (tx.counters.runs(), tx.counters.task_instances(), tx.dags.all()) == (0, 0, [])


def test_import_errors_mark_the_files_dags(database: Database) -> None:
    with database.begin() as tx:
        a_dag(tx)
        tx.dags.set_import_error("/dags/x.py", "bad")
        tx.dags.set_import_error("/dags/x.py", "worse")
        [error] = tx.dags.import_errors()
        assert error.stacktrace == "worse"
        assert tx.dags.get_import_error(error.id) == error
        assert getattr(tx.dags.get("dag"), "has_import_errors", None)
        assert tx.dags.clear_import_errors("/dags/x.py")
        assert not tx.dags.clear_import_errors("/dags/x.py")
        assert not getattr(tx.dags.get("dag"), "has_import_errors", None)
        tx.dags.put_source("/dags/x.py", "import this")
        assert tx.dags.source("/dags/x.py") == "import this"
        tx.dags.set_file_state("/dags/x.py", "digest", {"files": [1]})
        assert tx.dags.file_states()["/dags/x.py"].state == {"files": [1]}
        assert tx.dags.delete_file_states(["/dags/x.py"]) == 1


def test_of_a_files_texts_the_newest_are_kept(database: Database, clock: StillClock) -> None:
    count = KEPT_SOURCES + 3
    for number in range(count):
        for _ in range(2):  # the same text again is no new one
            clock.advance(60)
            with database.begin() as tx:
                tx.dags.put_source("/dags/dag.py", f"# {number}")
                tx.dags.put_source("/dags/other.py", "# other")
        if number == 2:
            with database.begin() as tx:
                a_dag(tx)
                a_run(tx, start_date=tx.now)
    with database.begin() as tx:
        assert tx.dags.source("/dags/dag.py") == f"# {count - 1}"
        assert tx.dags.source_of_run("/dags/dag.py", "dag", "run0") is None
        assert tx.dags.source_of_run("/dags/other.py", "dag", "run0") == "# other"
        kept = tx.connection.execute(text("SELECT count(*) FROM dag_code_history")).scalar_one()
        assert kept == KEPT_SOURCES + 1


def test_pools_are_kept_and_the_default_one_stays(database: Database) -> None:
    with database.begin() as tx:
        assert tx.pools.all() == {"default_pool": Pool(name="default_pool", slots=128, description="Default pool")}
        tx.pools.lock()
        tx.pools.create(Pool(name="p", slots=1))
        with pytest.raises(AlreadyExists):
            tx.pools.create(Pool(name="p", slots=2))
        tx.pools.put(Pool(name="p", slots=-1, include_deferred=True))
        assert tx.pools.get("p") == Pool(name="p", slots=-1, include_deferred=True)
        assert tx.pools.delete("p")
        assert not tx.pools.update(Pool(name="p", slots=1))
        with pytest.raises(InvalidInput):
            tx.pools.delete("default_pool")


def test_jobs_beat_and_die(database: Database) -> None:
    with database.begin() as tx:
        job = tx.jobs.create("SchedulerJob", hostname="h", unixname="u")
        now = tx.now
        assert tx.jobs.beat(job, now + timedelta(seconds=5))
        assert [each.id for each in tx.jobs.alive("SchedulerJob", now)] == [job]
        assert tx.jobs.dead(now) == []
        assert [each.id for each in tx.jobs.dead(now + timedelta(seconds=9))] == [job]
        assert tx.jobs.finish(job, "failed")
        assert not tx.jobs.beat(job, now)
        assert tx.jobs.revive(job, now)
        assert not tx.jobs.revive(job + 1, now)
        assert getattr(tx.jobs.latest("SchedulerJob"), "state", None) == "running"


def test_a_callback_is_owed_until_it_is_done_once(database: Database) -> None:
    with database.begin() as tx:
        number = tx.callbacks.add("failure", RUN, TaskKey("a"), {"token": "t", "error": "x"})
        [owed] = tx.callbacks.pending()
        assert (owed.run, owed.key, owed.payload["error"]) == (RUN, TaskKey("a"), "x")
        assert [each.id for each in tx.callbacks.of_token("t")] == [number]
        assert tx.callbacks.claim(number, 1)
        assert tx.callbacks.claim(number, 1)
        assert not tx.callbacks.claim(number, 2)
        assert tx.callbacks.release([1]) == 1
        assert tx.callbacks.claim(number, 2)
        assert tx.callbacks.done(number)
        assert not tx.callbacks.done(number)
        assert tx.callbacks.get(number) is None


def test_triggers_are_assigned_and_those_nobody_waits_for_go(database: Database) -> None:
    with database.begin() as tx:
        a_dag(tx)
        run = a_run(tx)
        wanted = tx.triggers.create("x.Y", "{}")
        tx.triggers.create("x.Z", "{}")
        tasks(tx, run, "a", state=TaskState.DEFERRED, trigger_id=wanted)
        assert [row.id for row in tx.triggers.assign(7, 1)] == [wanted]
        assert [row.classpath for row in tx.triggers.of_triggerer(7)] == ["x.Y"]
        assert tx.triggers.unassign([7]) == 1
        assert tx.triggers.delete_unused() == 1
        assert [row.id for row in tx.triggers.get([wanted, 99])] == [wanted]
        assert tx.triggers.delete(wanted)


def test_dataset_events_are_queued_for_unpaused_consumers(database: Database) -> None:
    with database.begin() as tx:
        a_dag(tx, "consumer", dataset_condition={"any": ["s3://a", {"all": ["s3://b"]}]})
        a_dag(tx, "asleep", dataset_condition="s3://a")
        tx.dags.set_paused(["asleep"], True)
        producer = TaskSpec(task_id="t", task_type="X", outlets=({"uri": "s3://a"},))
        spec = DagSpec(dag_id="producer", fileloc="/p.py", tasks=(producer,))
        tx.dags.register(spec, b"{}", "h", fileloc="/p.py", next=NextRun(), paused_default=False)
        event = tx.datasets.add_event("s3://a", {"n": 1}, RUN, TaskKey("t"))
        assert set(tx.datasets.queued()) == {"consumer"}
        assert set(tx.datasets.queued()["consumer"]) == {"s3://a"}
        [seen] = tx.datasets.events_for("consumer", after=tx.now - timedelta(days=1), until=tx.now)
        assert (seen.id, seen.dataset_uri, seen.extra, seen.source_dag_id) == (event, "s3://a", {"n": 1}, "dag")
        tx.datasets.link(a_run(tx).id, [event])
        assert tx.datasets.unqueue("consumer", tx.now) == 1


def test_users_roles_and_tokens(database: Database) -> None:
    with database.begin() as tx:
        tx.users.create_role("Reader", [("can_read", "DAGs"), ("can_read", "Pools")])
        tx.users.create_role("Writer", [("can_edit", "DAGs"), ("can_read", "DAGs")])
        with pytest.raises(AlreadyExists):
            tx.users.create_role("Reader")
        user = tx.users.create(username="Ann", email="a@x", roles=["Reader", "Writer"], password="hash")
        assert (user.roles, user.active) == (("Reader", "Writer"), True)
        assert tx.users.get("ann") == user == tx.users.by_email("A@x")
        assert tx.users.permissions_of(user.id) == {("can_read", "DAGs"), ("can_read", "Pools"), ("can_edit", "DAGs")}
        tx.users.revoke("Writer", [("can_edit", "DAGs")])
        assert getattr(tx.users.get_role("Writer"), "grants", None) == {("can_read", "DAGs")}
        for name, email in (("ANN", "b@x"), ("b", "a@x")):
            with pytest.raises(AlreadyExists):
                tx.users.create(username=name, email=email)
        with pytest.raises(NotFound, match="'Nope'"):
            tx.users.set_roles(user.id, ["Nope"])
        tx.users.count_login(user.id, is_right=True)
        assert getattr(tx.users.get("ann"), "login_count", None) == 1
        number = tx.users.add_token(user.id, "ci", "digest", scopes=["read"])
        assert getattr(tx.users.token("digest"), "scopes", None) == ["read"]
        tx.users.use_token(number)
        assert tx.users.delete("ANN")
        assert tx.users.token("digest") is None
        assert tx.users.list() == []
        assert tx.users.delete_role("Reader")
        assert [role.name for role in tx.users.roles()] == ["Writer"]


def test_values_are_encrypted_and_rotated(database_url: str, clock: Clock) -> None:
    old, new = (Fernet.generate_key().decode() for _ in range(2))

    def opened(*keys: str) -> Database:
        return open_database(database_url, clock=clock, options=DatabaseOptions(fernet_keys=keys))

    plain, first, both, last = opened(), opened(old), opened(new, old), opened(new)
    connection = ConnectionRow(conn_id="c", conn_type="http", password="pw", extra='{"a":1}', port=5)
    with plain.begin() as tx:
        tx.vault.put_variable("plain", "text")
    with first.begin() as tx:
        tx.vault.put_variable("v", "secret", "why")
        tx.vault.put_connection(connection)
    with plain.read() as tx:
        assert tx.vault.variable_value("plain") == "text"
        with pytest.raises(ConfigError, match="fernet_key is empty"):
            tx.vault.variable_value("v")
    with both.begin() as tx:
        stored = tx.vault.get_connection("c")
        assert stored is not None
        assert (stored.password, stored.extra, stored.port) == ("pw", '{"a":1}', 5)
        assert tx.vault.rotate() == 3
    with first.read() as tx, pytest.raises(ConfigError, match="no key"):
        tx.vault.variable_value("v")
    with last.begin() as tx:
        assert [row.value for row in tx.vault.all_variables()] == ["text", "secret"]
        assert [row.password for row in tx.vault.all_connections()] == ["pw"]
        assert tx.vault.delete_variable("v")
        assert tx.vault.delete_connection("c")
        assert not tx.vault.delete_connection("c")
    for each in (plain, first, both, last):
        each.close()


def test_arguments_of_triggers_and_secrets_of_webhooks_are_encrypted_and_rotated(
    database_url: str, clock: Clock
) -> None:
    old, new = (Fernet.generate_key().decode() for _ in range(2))
    text = '{"password": "geheim"}'
    plain, first, both, last = (
        open_database(database_url, clock=clock, options=DatabaseOptions(fernet_keys=keys))
        for keys in ((), (old,), (new, old), (new,))
    )
    with plain.begin() as tx:
        early = tx.triggers.create("x.Y", text)
    with first.begin() as tx:
        later = tx.triggers.create("x.Z", text)
        user = tx.users.create(username="u", email="u@example.com", password=None, roles=[])
        fields = {"name": "w", "url": "https://e.com", "kinds": None, "dag_ids": None, "after": 0}
        webhooks.add(tx, secret=first.cipher.encrypt("geheim"), user_id=user.id, **fields)
        assert [tx.triggers.arguments(row) for row in tx.triggers.get([early, later])] == [text, text]
        assert ["geheim" in row.kwargs for row in tx.triggers.get([early, later])] == [True, False]
    with plain.read() as tx, pytest.raises(ConfigError, match="fernet_key is empty"):
        tx.triggers.arguments(tx.triggers.get([later])[0])
    with last.begin() as tx, pytest.raises(ConfigError, match="no key"):
        rotate(tx, last.cipher)
    with both.begin() as tx:
        assert rotate(tx, both.cipher) == 3
    with last.read() as tx:
        assert [tx.triggers.arguments(row) for row in tx.triggers.get([early, later])] == [text, text]
        assert [last.cipher.reveal(row.secret) for row in webhooks.every(tx)] == ["geheim"]
        assert not [row for row in tx.triggers.get([early, later]) if "geheim" in row.kwargs]
    for each in (plain, first, both, last):
        each.close()


def test_what_is_old_is_cleaned_and_what_is_needed_stays(database: Database) -> None:
    with database.begin() as tx:
        a_dag(tx)
        for number in range(3):
            tasks(tx, a_run(tx, number, state=RunState.SUCCESS, start_date=FIRST), "a")
        a_run(tx, 3, state=RunState.RUNNING, start_date=FIRST)
        tx.history.add("x", dag_id="dag", extra={"a": 1}, at=FIRST)
        tx.history.add("y")
        before = FIRST + timedelta(days=1)
        expected = {"dag_run": 3, "log": 1}
        assert tx.retention.count(before, ["dag_run", "log"]) == expected
        assert tx.retention.clean(before, ["dag_run", "log"]) == expected
        assert [row.event for row in tx.history.latest()] == ["y"]
        assert (tx.counters.runs(), tx.counters.task_instances()) == (1, 0)
        with pytest.raises(InvalidInput, match="ab_user"):
            tx.retention.clean(before, ["ab_user"])


def test_what_is_deleted_is_kept_in_archives_and_deleted_in_batches(database: Database) -> None:
    with database.begin() as tx:
        a_dag(tx)
        for number in range(3):
            tasks(tx, a_run(tx, number, state=RunState.SUCCESS, start_date=FIRST), "a")
            tx.history.add("x", at=FIRST)
        before = FIRST + timedelta(days=1)
        names = [archives.archive(tx, name, before) for name in ("dag_run", "log")]
        assert archives.archived(tx) == sorted(names)
        assert archives.archived(tx, ["log"]) == [names[1]]
        head, *rows = archives.rows_of(tx, names[1])
        assert (head[0], len(rows), {row[head.index("event")] for row in rows}) == ("id", 3, {"x"})
        assert len(list(archives.rows_of(tx, names[0]))) == 1 + tx.retention.count(before, ["dag_run"])["dag_run"]
        assert tx.retention.clean(before, ["log"], batch=2) == {"log": 2}
        assert tx.retention.clean(before, ["log", "xcom", "event_outbox", "task_reschedule"], batch=2)["log"] == 1
        archives.drop(tx, names[0])
        assert archives.archived(tx) == [names[1]]
        with pytest.raises(InvalidInput, match="ab_user"):
            archives.archive(tx, "ab_user", before)


def test_the_outbox_is_trimmed_in_batches(database: Database) -> None:
    with database.begin() as tx:
        for _ in range(5):
            tx.emit(Event(kind="x"))
    with database.begin() as tx:
        later = tx.now + timedelta(seconds=1)
        assert [tx.outbox.trim(later, most=2) for _ in range(3)] == [2, 2, 0]


def test_the_outbox_tells_in_order_what_others_did(database: Database, database_url: str, clock: Clock) -> None:
    other = open_database(database_url, clock=clock)
    with database.begin() as tx:
        tx.emit(Event(kind="mine", payload={"n": 1}))
        tx.emit(Event(kind="mine too"))
    with other.begin() as tx:
        tx.emit(Event(kind="theirs"))
    with database.begin() as tx:
        events = tx.outbox.after(0)
        assert [event.kind for event in events] == ["mine", "mine too", "theirs"]
        assert events[0].payload == {"n": 1}
        assert [event.kind for event in tx.outbox.after(events[0].id, 1)] == ["mine too"]
        assert [event.kind for event in tx.outbox.foreign(0)] == ["theirs"]
        assert tx.outbox.trim(tx.now + timedelta(seconds=1)) == 2
        assert tx.outbox.trim(10**9) == 0
        assert tx.outbox.last_id() == events[-1].id
    other.close()
