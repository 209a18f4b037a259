"""What the audit log says of requests, as Airflow 2.10.5 writes it."""

from __future__ import annotations

import json

from support.api_server import api_server


def test_rows_hold_the_request_with_secrets_masked() -> None:
    """Query and path without the names that have columns, then the whole body."""
    with api_server() as server:
        server.patch("/dags/etl?update_mask=is_paused", {"is_paused": False})
        server.post("/dags/etl/dagRuns", {"dag_run_id": "r1", "logical_date": "2024-03-01T00:00:00Z"})
        server.patch("/dags/etl/dagRuns/r1/taskInstances/fan/1", {"new_state": "success"})
        server.post("/variables", {"key": "plain", "value": "v"})
        server.post("/variables", {"key": "my_password", "value": "hidden"})
        server.delete("/variables/plain")
        server.post(
            "/connections", {"connection_id": "c", "conn_type": "x", "password": "p", "extra": '{"token": "t"}'}
        )
        server.patch("/connections/c", {"conn_type": "y", "extra": "no json"})
        server.post("/pools", {"name": "p", "slots": 1})
        server.patch("/pools/p?update_mask=slots", {"slots": 2})
        rows = server.get("/eventLogs?order_by=event_log_id").json()["event_logs"]
    found = [(row["event"], row["run_id"], row["map_index"], json.loads(row["extra"])) for row in rows]
    state = {"map_index": 1, "new_state": "success"}
    assert found == [
        ("api.patch_dag", None, None, {"update_mask": "is_paused", "is_paused": False}),
        ("api.post_dag_run", None, None, {"dag_run_id": "r1", "logical_date": "2024-03-01T00:00:00Z"}),
        ("api.patch_mapped_task_instance", "r1", None, state),
        ("api.patch_task_instance", "r1", None, state),
        ("api.variable.create", None, None, {"key": "plain", "value": "v"}),
        ("api.variable.create", None, None, {"key": "my_password", "value": "***"}),
        ("api.variable.delete", None, None, {"variable_key": "plain"}),
        (
            "api.connection.create",
            None,
            None,
            {"connection_id": "c", "conn_type": "x", "password": "***", "extra": {"token": "***"}},
        ),
        ("api.connection.edit", None, None, {"conn_type": "y", "extra": "Encountered non-JSON in `extra` field"}),
        ("api.post_pool", None, None, {"name": "p", "slots": 1}),
        ("api.patch_pool", None, None, {"update_mask": "slots", "pool_name": "p", "slots": 2}),
    ]
