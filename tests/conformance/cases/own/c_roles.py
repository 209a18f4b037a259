"""Each of the 89 operations as each stock role, as nobody, and as users with a role of their own: who may what.

The requests are such that nothing changes: what they name is not there, or the body is refused where it is loaded.
"""

import json
from pathlib import Path

from kit.dsl import Case, Step

USERS = (None, "admin", "kit_op", "kit_user", "kit_viewer", "kit_public", "kit_empty", "kit_dagonly")
OPERATIONS = json.loads((Path(__file__).parents[2] / "kit" / "operations.json").read_text())
GONE = {
    "connection_id": "gone", "dag_id": "still_life", "dag_run_id": "gone", "task_id": "gone", "map_index": "0", "task_try_number": "1",
    "uri": "urn%3Agone", "file_token": "gone", "event_log_id": "0", "import_error_id": "0", "pool_name": "gone", "variable_key": "gone",
    "xcom_key": "gone", "role_name": "gone", "username": "gone", "section": "core", "option": "gone",
}
BOGUS = {"bogus": 1}
BODIES = {"post_set_task_instances_state": {"task_id": "gone", "dag_run_id": "gone", "new_state": "success", "include_upstream": False,
                                            "include_downstream": False, "include_future": False, "include_past": False},
          "create_dataset_event": {"dataset_uri": "urn:gone"}, "get_dag_runs_batch": {"dag_ids": ["gone"]},
          "get_task_instances_batch": {"dag_ids": ["gone"]}, "set_task_instance_note": {"note": "n"}, "set_mapped_task_instance_note": {"note": "n"}}
QUERIES = {"patch_dags": {"dag_id_pattern": "gone"}, "get_dag_stats": {"dag_ids": "gone"}}


def step(method, path, operation, user, dag_id="still_life"):
    """One operation as one user."""
    for name, value in {**GONE, "dag_id": dag_id}.items():
        path = path.replace("{%s}" % name, value)
    body = BODIES.get(operation, BOGUS) if method in ("POST", "PATCH") else None
    if operation == "delete_dag":
        path = path.replace(dag_id, "gone")
    return Step(method, path, q=QUERIES.get(operation), json=body, ctype="application/json" if body else None, user=user, loose=True)


CASES = [
    Case("roles." + operation, [
        *(step(method, path, operation, user) for user in USERS),
        *((step(method, path, operation, "kit_dagonly", "etl_linear"), step(method, path, operation, "kit_dagonly", "mapped_fan"))
          if "{dag_id}" in path else ()),
    ])
    for method, path, operation in OPERATIONS
]
