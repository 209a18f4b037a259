"""API v1 over HTTP and a real SQLite file: the main paths, and what holds for all operations."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from support.api_server import ApiServer, a_dag, api_server

from tradewind.api.operations import EXTENSIONS, V1
from tradewind.model.changes import TaskChange
from tradewind.model.records import RunKey, TaskKey
from tradewind.model.states import TaskState
from tradewind.observability.log_names import DEFAULT_TEMPLATE
from tradewind.observability.task_logs import log_path
from tradewind.storage import log_templates

RUN = {"dag_run_id": "one", "logical_date": "2024-03-01T00:00:00+00:00"}
RUNS = "/dags/etl/dagRuns"
ONE = RUNS + "/one"
TASKS = ONE + "/taskInstances"


@pytest.fixture
def server() -> Iterator[ApiServer]:
    with api_server() as made:
        yield made


@pytest.fixture
def with_run(server: ApiServer) -> ApiServer:
    assert server.post(RUNS, RUN).status_code == 200
    return server


def states(server: ApiServer) -> dict[tuple[str, int], Any]:
    rows = server.get(TASKS).json()["task_instances"]
    return {(row["task_id"], row["map_index"]): row["state"] for row in rows}


def set_states(server: ApiServer, **wanted: TaskState) -> None:
    """What a scheduler would have done."""
    key = RunKey("etl", "one")
    with server.database.begin() as tx:
        tx.task_instances.apply(
            [
                TaskChange(
                    run=key,
                    key=TaskKey(task_id),
                    old_states=frozenset({None}),
                    values={"state": state, "try_number": 1, "start_date": tx.now, "end_date": tx.now},
                    event=f"task.{state.value}",
                )
                for task_id, state in wanted.items()
            ]
        )


def test_a_dag_is_listed_read_and_paused(server: ApiServer) -> None:
    listed = server.get("/dags").json()
    assert listed["total_entries"] == 1
    dag = listed["dags"][0]
    assert (dag["dag_id"], dag["is_paused"], dag["owners"]) == ("etl", False, ["ann"])
    assert dag["tags"] == [{"name": "a"}, {"name": "b"}]
    assert server.get("/dags/etl").json() == dag
    assert server.patch("/dags/etl", {"is_paused": True}).json()["is_paused"] is True
    assert server.get("/dags", params={"paused": "true"}).json()["total_entries"] == 1
    assert [task["task_id"] for task in server.get("/dags/etl/tasks").json()["tasks"]] == [
        "extract",
        "fan",
        "load",
        "report",
    ]


def test_a_run_is_triggered_with_its_task_instances(server: ApiServer) -> None:
    answer = server.post(RUNS, {**RUN, "conf": {"n": 1}, "note": "hello"})
    assert answer.status_code == 200
    body = answer.json()
    assert (body["state"], body["run_type"], body["conf"], body["note"]) == ("queued", "manual", {"n": 1}, "hello")
    assert body == server.get(ONE).json()
    assert states(server) == {
        ("extract", -1): None,
        ("load", -1): None,
        ("report", -1): None,
        ("fan", 0): None,
        ("fan", 1): None,
        ("fan", 2): None,
    }


def test_a_run_is_queued_for_the_scheduler_by_an_event(with_run: ApiServer) -> None:
    with with_run.database.read() as tx:
        kinds = [event.kind for event in tx.outbox.after(0, 1000)]
    assert "run.created" in kinds


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (RUN, "DAGRun logical date: '2024-03-01 00:00:00+00:00' already exists"),
        ({"dag_run_id": "one"}, "DAGRun ID: 'one' already exists"),
        ({"logical_date": RUN["logical_date"]}, "DAGRun logical date: '2024-03-01 00:00:00+00:00' already exists"),
    ],
)
def test_the_same_date_or_id_is_a_conflict(with_run: ApiServer, body: dict[str, str], detail: str) -> None:
    answer = with_run.post(RUNS, body)
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"] == f"DAGRun with DAG ID: 'etl' and {detail}"


@pytest.mark.parametrize(
    ("run_id", "status"), [("with space", 400), ("scheduled__x", 400), ("a" * 251, 400), ("ok-1", 200)]
)
def test_run_ids_that_are_not_allowed_are_refused(server: ApiServer, run_id: str, status: int) -> None:
    assert server.post(RUNS, {"dag_run_id": run_id}).status_code == status


def test_a_deleted_run_leaves_no_note_to_the_next(server: ApiServer) -> None:
    server.post(RUNS, {**RUN, "note": "mine"})
    other = server.post(RUNS, {"dag_run_id": "two", "logical_date": "2024-03-02T00:00:00Z"}).json()
    assert other["note"] is None
    assert server.delete(ONE).status_code == 204
    assert server.post(RUNS, RUN).json()["note"] is None


def test_conf_is_held_against_the_params(server: ApiServer) -> None:
    params = {
        "count": {"value": 3, "description": None, "schema": {"type": "integer", "maximum": 10}},
        "must": {"description": None, "schema": {"type": "string"}},
        "when": {"value": "2024-01-01T00:00:00Z", "schema": {"type": "string", "format": "date-time"}},
    }
    server.register(a_dag("strict", params=params))
    path = "/dags/strict/dagRuns"
    missing = server.post(path, {}).json()["detail"]
    assert missing == "Invalid input for param must: No value passed and Param has no default value"
    high = server.post(path, {"conf": {"must": "x", "count": 11}}).json()["detail"]
    assert high.startswith("Invalid input for param count: 11 is greater than the maximum of 10\n")
    assert server.post(path, {"conf": {"must": "x", "when": "never"}}).status_code == 400
    assert server.post(path, {"conf": {"must": "x", "more": 1}}).json()["conf"] == {"must": "x", "more": 1}


def test_clearing_runs_failed_tasks_again(with_run: ApiServer) -> None:
    set_states(with_run, extract=TaskState.SUCCESS, load=TaskState.FAILED, report=TaskState.UPSTREAM_FAILED)
    with_run.patch(ONE, {"state": "failed"})
    dry = with_run.post("/dags/etl/clearTaskInstances", {"dag_run_id": "one"}).json()["task_instances"]
    assert sorted(row["task_id"] for row in dry) == ["load", "report"]
    assert states(with_run)["load", -1] == "failed"
    body = {"dag_run_id": "one", "dry_run": False, "reset_dag_runs": True}
    done = with_run.post("/dags/etl/clearTaskInstances", body)
    assert done.json()["task_instances"] == dry
    assert states(with_run)["load", -1] is None
    assert states(with_run)["extract", -1] == "success"
    assert with_run.get(ONE).json()["state"] == "queued"
    tries = with_run.get(TASKS + "/load/tries").json()
    assert [one["state"] for one in tries["task_instances"]] == ["failed"] or tries["total_entries"] >= 1


def test_marking_a_task_clears_what_failed_below_it(with_run: ApiServer) -> None:
    set_states(with_run, extract=TaskState.FAILED, load=TaskState.UPSTREAM_FAILED)
    assert with_run.patch(TASKS + "/extract", {"new_state": "success"}).json()["task_id"] == "extract"
    assert states(with_run)["extract", -1] == "failed"
    assert with_run.patch(TASKS + "/extract", {"new_state": "success", "dry_run": False}).json() == {}
    assert states(with_run)["extract", -1] == "success"
    assert states(with_run)["load", -1] is None


def test_a_run_is_marked_with_its_tasks(with_run: ApiServer) -> None:
    assert with_run.patch(ONE, {"state": "success"}).json()["state"] == "success"
    assert set(states(with_run).values()) == {"success"}


def test_notes_and_dependencies(with_run: ApiServer) -> None:
    assert with_run.patch(ONE + "/setNote", {"note": "n"}).json()["note"] == "n"
    assert with_run.patch(TASKS + "/fan/1/setNote", {"note": "one"}).json()["note"] == "one"
    assert with_run.get(TASKS + "/fan/1").json()["note"] == "one"
    assert with_run.get(TASKS + "/fan/0").json()["note"] is None
    reasons = {one["name"] for one in with_run.get(TASKS + "/load/dependencies").json()["dependencies"]}
    assert {"Dagrun Running", "Trigger Rule"} <= reasons


def test_xcoms_are_shown_as_text_or_json(with_run: ApiServer) -> None:
    with with_run.database.begin() as tx:
        tx.xcoms.put(RunKey("etl", "one"), TaskKey("extract"), "return_value", '{"k": [1, null]}')
    path = TASKS + "/extract/xcomEntries"
    assert [row["key"] for row in with_run.get(path).json()["xcom_entries"]] == ["return_value"]
    assert with_run.get(path + "/return_value").json()["value"] == "{'k': [1, None]}"
    plain = with_run.get(path + "/return_value", params={"stringify": "false"})
    assert plain.json()["value"] == {"k": [1, None]}
    assert with_run.get(path + "/return_value", params={"deserialize": "true"}).status_code == 400


def test_a_log_is_read_while_it_grows(with_run: ApiServer) -> None:
    set_states(with_run, extract=TaskState.RUNNING)
    file = with_run.services.options.log_folder / log_path("etl", "one", "extract", -1, 1)
    file.parent.mkdir(parents=True)
    file.write_text("first\n")
    path = TASKS + "/extract/logs/1"
    headers = {"accept": "application/json"}
    first = with_run.get(path, headers=headers).json()
    assert first["content"] == repr([("", "first\n")])
    with file.open("a") as log:
        log.write("second\n")
    rest = with_run.get(path, headers=headers, params={"token": first["continuation_token"]}).json()
    assert rest["content"] == repr([("", "second\n")])
    assert with_run.get(path, headers={"accept": "text/plain"}).text == "\nfirst\nsecond\n\n"
    forged = with_run.get(path, params={"token": "x"})
    assert forged.json()["title"] == "Bad Signature. Please use only the tokens provided by the API."


def test_a_log_is_found_under_the_template_of_its_run(with_run: ApiServer) -> None:
    """Log names are of the run: those of runs from before the option changed are where they were."""
    log_templates.use(with_run.database, "{dag_id}/{task_id}/{try_number}.log", default=DEFAULT_TEMPLATE)
    assert with_run.post("/dags/etl/dagRuns", {"dag_run_id": "two"}).status_code == 200
    folder = with_run.services.options.log_folder
    for name, text in (("etl/extract/1.log", "new\n"), (log_path("etl", "one", "extract", -1, 1), "old\n")):
        (folder / name).parent.mkdir(parents=True)
        (folder / name).write_text(text)
    for run_id, text in (("one", "old\n"), ("two", "new\n")):
        path = f"/dags/etl/dagRuns/{run_id}/taskInstances/extract/logs/1"
        assert with_run.get(path, headers={"accept": "text/plain"}).text == f"\n{text}\n"


def test_variables_connections_and_pools(server: ApiServer) -> None:
    assert server.post("/variables", {"key": "a/b", "value": "v"}).json() == {"key": "a/b", "value": "v"}
    assert server.get("/variables/a%2Fb").json() == {"key": "a/b", "value": "v", "description": None}
    connection = {"connection_id": "c", "conn_type": "http", "password": "p", "extra": '{"token": "t"}'}
    made = server.post("/connections", connection)
    assert "password" not in made.json()
    assert made.json()["extra"] == '{"token": "***"}'
    assert server.patch("/connections/c", {"host": "h"}, params={"update_mask": "host"}).json()["host"] == "h"
    with server.database.read() as tx:
        stored = tx.vault.get_connection("c")
    assert stored is not None
    assert (stored.password, stored.host) == ("p", "h")
    assert server.post("/pools", {"name": "p", "slots": 2}).json()["open_slots"] == 2
    assert server.post("/pools", {"name": "endless", "slots": -1}).status_code == 200
    assert server.get("/pools").json()["total_entries"] == 3
    assert server.delete("/pools/default_pool").status_code == 400


def test_requests_are_checked_in_airflows_order(server: ApiServer) -> None:
    def status(method: str, path: str, **more: Any) -> int:
        return server.request(method, path, user=None, **more).status_code

    assert status("GET", "/nothing") == 404
    assert status("DELETE", "/version") == 405
    assert status("GET", "/dags?bogus=1") == 400
    assert status("POST", "/pools", content=b"{", headers={"content-type": "application/json"}) == 400
    assert status("POST", "/pools", content=b"{}", headers={"content-type": "text/plain"}) == 415
    assert status("POST", "/pools", json={"name": "x"}) == 401
    assert server.post("/pools", {"name": "x"}, user=("viewer", "viewer")).status_code == 403
    assert server.post("/pools", {"name": "x"}).status_code == 400


def test_every_operation_but_two_wants_a_user(server: ApiServer) -> None:
    bodies = {"required": {"dataset_uri": "x", "note": "x"}}
    for operation in V1:
        path = operation.path.replace(":int}", "}").replace(":path}", "}")
        for name in ("map_index", "task_try_number", "import_error_id", "event_log_id"):
            path = path.replace("{" + name + "}", "1")
        path = "".join("x" if "{" in part or "}" in part else part for part in _split(path))
        query = {parameter.name: "x" for parameter in operation.query if parameter.required}
        schema = operation.body or {}
        json = {name: bodies["required"][name] for name in schema.get("required", ())} if operation.body else None
        answer = server.request(operation.method, path, user=None, params=query, json=json)
        expected = 401 if operation.access else 200
        assert answer.status_code == expected, operation.id


def _split(path: str) -> list[str]:
    parts, rest = [], path
    while "{" in rest:
        before, _, rest = rest.partition("{")
        name, _, rest = rest.partition("}")
        parts += [before, "{" + name + "}"]
    return [*parts, rest]


def test_a_changed_password_is_refused_at_once(server: ApiServer) -> None:
    body = {"username": "viewer", "email": "viewer@example.com", "first_name": "", "last_name": ""}
    assert server.get("/pools", user=("viewer", "viewer")).status_code == 200
    with server.database.begin() as tx:
        row = tx.users.get("viewer")
        assert row is not None
    changed = server.patch("/users/viewer", {**body, "password": "new"}, params={"update_mask": "password"})
    assert changed.status_code == 200
    assert server.get("/pools", user=("viewer", "viewer")).status_code == 401
    assert server.get("/pools", user=("viewer", "new")).status_code == 200


def test_a_list_shows_only_what_a_get_would_answer(server: ApiServer) -> None:
    server.register(a_dag("other"))
    grants = [("can_read", "DAG:etl"), ("can_read", "DAG Runs"), ("can_read", "Task Instances")]
    role = {"name": "OneDag", "actions": [{"action": {"name": a}, "resource": {"name": r}} for a, r in grants]}
    assert server.post("/roles", role).status_code == 200
    user = {"username": "guest", "email": "g@x", "first_name": "", "last_name": "", "password": "g"}
    assert server.post("/users", {**user, "roles": [{"name": "OneDag"}]}).status_code == 200
    for dag_id in ("etl", "other"):
        server.post(f"/dags/{dag_id}/dagRuns", RUN)
    guest = ("guest", "g")
    assert [dag["dag_id"] for dag in server.get("/dags", user=guest).json()["dags"]] == ["etl"]
    assert {run["dag_id"] for run in server.get("/dags/~/dagRuns", user=guest).json()["dag_runs"]} == {"etl"}
    rows = server.get("/dags/~/dagRuns/~/taskInstances", user=guest).json()["task_instances"]
    assert {row["dag_id"] for row in rows} == {"etl"}
    assert server.get("/dags/other", user=guest).status_code == 403
    assert server.patch("/dags/etl", {"is_paused": True}, user=guest).status_code == 403


def test_the_audit_log_has_what_was_permitted_also_when_refused(with_run: ApiServer) -> None:
    with_run.patch(ONE + "/setNote", {"note": "n"})
    with_run.post(RUNS, RUN)
    with_run.patch("/dags/etl", {"is_paused": True}, user=("viewer", "viewer"))
    with_run.post("/variables", {"key": "my_secret", "value": "hush hush"})
    logs = with_run.get("/eventLogs", params={"order_by": "event_log_id"}).json()["event_logs"]
    assert [log["event"] for log in logs] == [
        "api.post_dag_run",
        "api.set_dag_run_note",
        "api.post_dag_run",
        "api.variable.create",
    ]
    assert logs[1]["extra"] == '{"note": "n"}'
    assert "hush hush" not in logs[3]["extra"]


def test_many_writers_at_once_lose_nothing(server: ApiServer) -> None:
    failures: list[int] = []

    def write(number: int) -> None:
        answer = server.post("/variables", {"key": f"k{number}", "value": str(number)})
        if answer.status_code != 200:
            failures.append(answer.status_code)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(64)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert server.get("/variables", params={"limit": 100}).json()["total_entries"] == 64


def test_a_crash_tells_the_client_nothing(server: ApiServer, monkeypatch: pytest.MonkeyPatch) -> None:
    def explode(*_: Any) -> None:
        raise RuntimeError("a secret of the server")

    monkeypatch.setattr("tradewind.storage.listings.dag", explode)
    answer = server.get("/dags/etl")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "secret" not in answer.text


def test_health_the_home_page_and_the_document(server: ApiServer) -> None:
    body = server.get("/health", user=None).json()
    assert body["metadatabase"] == {"status": "healthy"}
    assert body["scheduler"] == {"status": "unhealthy", "latest_scheduler_heartbeat": None}
    document = server.get("/openapi.json", user=None).json()
    shown = [operation for item in document["paths"].values() for operation in item.values()]
    ours = {operation["operationId"] for operation in shown if operation.get("x-tradewind")}
    assert {operation["operationId"] for operation in shown} - ours == {operation.id for operation in V1}
    assert ours == {operation.id for operation in EXTENSIONS}


def test_doubled_slashes_are_redirected(server: ApiServer) -> None:
    answer = server.get("/dags//dagRuns")
    assert answer.status_code == 308
    assert answer.headers["location"] == f"{server.url}/api/v1/dags/dagRuns"


HUGE = "1" + "0" * 30


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (TASKS + f"/fan/{HUGE}", 404),
        (TASKS + f"/fan/{HUGE}/tries", 200),
        (TASKS + f"/fan/xcomEntries?map_index={HUGE}&limit={HUGE}&offset={HUGE}", 200),
        (f"/importErrors/{HUGE}", 404),
        (f"/eventLogs/{HUGE}", 404),
        ("/dags/etl/datasets/queuedEvent?before=0001-01-01T00:00:00%2B14:00", 400),
        ("/dags/~/dagRuns?execution_date_gte=9999-12-31T23:59:59-14:00", 400),
        ("/dags/a%00b", 404),
        ("/dags?dag_id_pattern=%00", 400),
        ("/dags?dag_id_pattern=';--%25", 200),
    ],
)
def test_values_that_no_database_holds_are_no_crash(with_run: ApiServer, path: str, status: int) -> None:
    assert with_run.get(path).status_code == status


def test_nul_is_refused_in_bodies_wherever_it_is(server: ApiServer) -> None:
    answer = server.post(RUNS, {"conf": {"deep": ["a\0b"]}})
    assert (answer.status_code, answer.json()["title"]) == (400, "Bad Request")
    assert server.post("/variables", {"key": "k", "value": "literally \\u0000"}).status_code == 200
