"""Call every method of the installed ``apache-airflow-client`` on a server and tell what came back.

A program of its own: it needs nothing but the client, so any version of the client, in any environment, can run it::

    python every_client_method.py http://127.0.0.1:8080 admin secret

The server must hold the DAGs ``world`` and ``listener`` and the successful run ``r1`` of ``world``, and a broken file
(see ``tests/acceptance/test_every_client_method.py``). Printed is one JSON object: method → "ok", or the HTTP status,
or what the client disliked in the answer. "+" after a method: with all the options it has.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
import sys
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import airflow_client.client.api as api_package
from airflow_client.client import ApiClient, ApiException, Configuration, OpenApiException

SAID = "s3://bucket/said"
LONG_AGO, FAR_AHEAD = "2001-01-01T00:00:00+00:00", "2101-01-01T00:00:00+00:00"
MARK = {"include_upstream": False, "include_downstream": False, "include_future": False, "include_past": False}

# Path and query parameters by name; those of one method alone stand in OF_METHOD.
VALUES: dict[str, Any] = {
    "dag_id": "world",
    "dag_run_id": "r1",
    "task_id": "greet",
    "map_index": -1,
    "task_try_number": 1,
    "xcom_key": "return_value",
    "section": "core",
    "option": "parallelism",
    "uri": SAID,
    "variable_key": "made",
    "connection_id": "made",
    "pool_name": "made",
    "role_name": "Made",
    "username": "made",
    "dag_ids": "world,listener",
    "dag_id_pattern": "world",
    "uri_pattern": "bucket",
    "limit": 10,
    "offset": 0,
    "tags": ["t"],
    "only_active": True,
    "paused": False,
    "state": ["success"],
    "pool": ["default_pool"],
    "queue": ["default"],
    "executor": ["default"],
    "full_content": True,
    "deserialize": False,
    "stringify": True,
    "warning_type": "non-existent pool",
    "duration_gte": 0.0,
    "duration_lte": 1e6,
    "before": FAR_AHEAD,
    "after": LONG_AGO,
    "event": "trigger",
    "owner": "admin",
    "included_events": "trigger",
    "excluded_events": "paused",
    "source_dag_id": "world",
    "source_task_id": "say",
    "source_run_id": "r1",
    "source_map_index": -1,
    "dataset_id": 1,
    "try_number": 1,
    "run_id": "r1",
} | {
    f"{date}_{end}": moment
    for date in ("execution_date", "start_date", "end_date", "updated_at")
    for end, moment in (("gte", LONG_AGO), ("lte", FAR_AHEAD))
}

# An option that is left out: a token of a log is made by the server, and these select answers that need more set up.
LEFT_OUT = {"token", "order_by", "fields", "update_mask", "executor"}

# In the order in which they are called where the order matters: what is made, read, changed, and deleted again.
OF_METHOD: dict[str, dict[str, Any]] = {
    "post_variables": {"variable": {"key": "made", "value": "v", "description": "d"}},
    "post_connection": {"connection": {"connection_id": "made", "conn_type": "http", "host": "h", "extra": '{"a": 1}'}},
    "post_pool": {"pool": {"name": "made", "slots": 3, "description": "d"}},
    "post_role": {
        "role": {"name": "Made", "actions": [{"action": {"name": "can_read"}, "resource": {"name": "DAGs"}}]}
    },
    "post_user": {
        "user": {
            "username": "made",
            "password": "secret",
            "email": "made@example.com",
            "first_name": "M",
            "last_name": "D",
            "roles": [{"name": "Viewer"}],
        }
    },
    "create_dataset_event": {"create_dataset_event": {"dataset_uri": SAID, "extra": {"a": "b"}}},
    "get_connections": {"order_by": "-connection_id"},
    "get_dag": {"fields": ["dag_id", "is_paused"]},
    "get_dag_details": {"fields": ["dag_id", "timezone"]},
    "get_dags": {"order_by": "-dag_id", "fields": ["dag_id", "tags"]},
    "get_dag_run": {"fields": ["dag_run_id", "state"]},
    "get_dag_runs": {"order_by": "-start_date", "fields": ["dag_run_id", "state"]},
    "get_dag_runs_batch": {"list_dag_runs_form": {"dag_ids": ["world"], "states": ["success"], "page_limit": 5}},
    "get_dag_warnings": {"order_by": "-timestamp"},
    "get_datasets": {"order_by": "-uri"},
    "get_dataset_events": {"order_by": "-timestamp"},
    "get_event_logs": {"order_by": "-when"},
    "get_import_errors": {"order_by": "-import_error_id"},
    "get_mapped_task_instance": {"task_id": "square", "map_index": 0},
    "get_mapped_task_instance_dependencies": {"task_id": "square", "map_index": 0},
    "get_mapped_task_instance_tries": {"task_id": "square", "map_index": 0},
    "get_mapped_task_instance_try_details": {"task_id": "square", "map_index": 0},
    "get_mapped_task_instances": {"task_id": "square", "order_by": "-map_index"},
    "get_dag_dataset_queued_event": {"dag_id": "listener"},
    "get_dag_dataset_queued_events": {"dag_id": "listener"},
    "get_pools": {"order_by": "-name"},
    "get_roles": {"order_by": "name"},
    "get_tasks": {"order_by": "-task_id"},
    "get_task_instances_batch": {"list_task_instance_form": {"dag_ids": ["world"], "state": ["success"]}},
    "get_users": {"order_by": "id"},
    "get_variables": {"order_by": "-key"},
    "patch_connection": {
        "connection": {"connection_id": "made", "conn_type": "http", "host": "i"},
        "update_mask": ["host"],
    },
    "test_connection": {"connection": {"connection_id": "made", "conn_type": "sqlite", "host": ":memory:"}},
    "patch_variable": {"variable": {"key": "made", "value": "w", "description": "e"}, "update_mask": ["description"]},
    "patch_pool": {"pool": {"slots": 4}, "update_mask": ["slots"]},
    "patch_role": {"role": {"name": "Made", "actions": []}, "update_mask": ["actions"]},
    "patch_user": {
        "user": {"username": "made", "email": "made@example.com", "first_name": "N", "last_name": "D"},
        "update_mask": ["first_name"],
    },
    "patch_dag": {"dag": {"is_paused": False}, "update_mask": ["is_paused"]},
    "patch_dags": {"dag": {"is_paused": False}, "update_mask": ["is_paused"]},
    "set_dag_run_note": {"set_dag_run_note": {"note": "seen"}},
    "set_task_instance_note": {"set_task_instance_note": {"note": "seen"}},
    "set_mapped_task_instance_note": {
        "task_id": "square",
        "map_index": 0,
        "set_task_instance_note": {"note": "seen"},
    },
    "patch_task_instance": {"update_task_instance": {"dry_run": True, "new_state": "failed"}},
    "patch_mapped_task_instance": {
        "task_id": "square",
        "map_index": 0,
        "update_task_instance": {"dry_run": True, "new_state": "failed"},
    },
    "post_set_task_instances_state": {
        "update_task_instances_state": {"task_id": "say", "dag_run_id": "r1", "new_state": "failed", "dry_run": True}
        | MARK
    },
    "post_clear_task_instances": {
        "clear_task_instances": {"task_ids": ["say"], "dag_run_id": "r1", "dry_run": True, "only_failed": False}
    },
    "clear_dag_run": {"clear_dag_run": {"dry_run": True}},
    "post_dag_run": {"dag_run": {"dag_run_id": "r2", "conf": {"name": "B"}, "note": "n"}},
    "update_dag_run_state": {"dag_run_id": "r2", "update_dag_run_state": {"state": "failed"}},
    "delete_dag_dataset_queued_event": {"dag_id": "listener"},
    "delete_dag_dataset_queued_events": {"dag_id": "listener"},
    "delete_dag_run": {"dag_run_id": "r2"},
    "delete_dag": {"dag_id": "listener"},
}


def methods(client: ApiClient) -> dict[str, Any]:
    """The client's endpoints by the name of their method."""
    found = {}
    for module in pkgutil.iter_modules(api_package.__path__):
        names = vars(importlib.import_module(f"{api_package.__name__}.{module.name}"))
        for class_ in [value for name, value in names.items() if isinstance(value, type) and name.endswith("Api")]:
            api = class_(client)
            found |= {
                name.removesuffix("_endpoint"): (api, endpoint)
                for name, endpoint in vars(api).items()
                if name.endswith("_endpoint")
            }
    return found


def in_order(names: set[str]) -> list[str]:
    """What makes things first, what deletes last, the rest as OF_METHOD says, then by name."""
    listed = list(OF_METHOD)

    def place(name: str) -> tuple[int, int, str]:
        stage = 0 if name in listed[:6] else 2 if name.startswith("delete_") else 1
        return stage, listed.index(name) if name in listed else -1, name

    return sorted(names, key=place)


def learn(found: dict[str, Any]) -> None:
    """The ids that the server made."""
    call = {name: getattr(api, name) for name, (api, _) in found.items()}
    VALUES["file_token"] = call["get_dag"]("world").file_token
    VALUES["event_log_id"] = call["get_event_logs"]().event_logs[0].event_log_id
    VALUES["import_error_id"] = call["get_import_errors"]().import_errors[0].import_error_id
    VALUES["dataset_id"] = call["get_datasets"]().datasets[0].id


def outcomes(found: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Each method with what it must be given, and then with all it may be given."""
    for name in in_order(set(found)):
        api, endpoint = found[name]
        values = VALUES | OF_METHOD.get(name, {})
        required = {key: values[key] for key in endpoint.params_map["required"]}
        own = OF_METHOD.get(name, {})
        optional = {
            key: values[key]
            for key in endpoint.params_map["all"]
            if key not in required and not key.startswith(("_", "async_req")) and (key in own or key not in LEFT_OUT)
        }
        if not name.startswith(("post_", "create_", "delete_", "get_")):
            required |= optional
        if "queued_event" in name and name.startswith("delete_"):
            outcome(found["create_dataset_event"][0], "create_dataset_event", OF_METHOD["create_dataset_event"])
        yield name, outcome(api, name, required)
        if optional and name.startswith("get_"):
            yield f"{name}+", outcome(api, name, required | optional)


def outcome(api: Any, name: str, arguments: dict[str, Any]) -> str:
    arguments = {key: moment(value) for key, value in arguments.items()}
    try:
        getattr(api, name)(**arguments)
    except ApiException as error:
        return str(error.status)
    except OpenApiException as error:  # what the client says of an answer that its models do not allow
        return unchecked(api, name, arguments, str(error))
    return "ok"


def unchecked(api: Any, name: str, arguments: dict[str, Any], complaint: str) -> str:
    """The same again without the client's check of types: an older client's only way to read a null."""
    try:
        getattr(api, name)(**arguments, _check_return_type=False)
    except OpenApiException as error:
        return f"{type(error).__name__}: {error} ({complaint})"
    return f"unchecked: {complaint[complaint.rfind('Invalid type') :]}"


def moment(value: Any) -> Any:
    """A date as the client wants it."""
    return datetime.fromisoformat(value) if value in (LONG_AGO, FAR_AHEAD) else value


def main() -> None:
    url, username, password = sys.argv[1:4]
    with ApiClient(Configuration(host=f"{url}/api/v1", username=username, password=password)) as client:
        found = methods(client)
        learn(found)
        json.dump(dict(outcomes(found)), sys.stdout, indent=1)


if __name__ == "__main__":
    main()
