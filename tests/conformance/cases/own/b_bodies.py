"""Every property of every body with values of the wrong and of unusual kinds; bodies of the wrong kind as a whole."""

from kit.dsl import DELETE, GET, PATCH, POST, REQ, Case, Step

RUNS = "/dags/still_life/dagRuns"
FLAGS = {"include_upstream": False, "include_downstream": False, "include_future": False, "include_past": False}
VALUES = [None, "", "x", 0, -1, 1.5, 2**40, True, [], ["x"], {}, {"a": 1}, "\u017elut\u00fd", "x" * 300]
WHOLE = ["", "null", "1", "\"x\"", "[]", "[{}]", "{}", "{", "{\"a\":1}}", "\ufeff{}", "{\"bogus\": 1}"]
TYPES = ["application/json", "application/json; charset=utf-8", "APPLICATION/JSON", "application/merge-patch+json", "text/json", "text/plain",
         "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "json", "application/*"]
BODIES = {
    # name: method, path, a body that is well, names to try
    "post_dag_run": ("POST", RUNS, {"dag_run_id": "pub_gone", "logical_date": "2024-03-01T00:00:00Z"}, ["dag_run_id", "logical_date", "execution_date", "conf", "note", "data_interval_start", "data_interval_end", "state"]),
    "patch_dag_run": ("PATCH", RUNS + "/own_1", {"state": "queued"}, ["state"]),
    "clear_dag_run": ("POST", RUNS + "/own_1/clear", {"dry_run": True}, ["dry_run"]),
    "run_note": ("PATCH", RUNS + "/own_1/setNote", {"note": "n"}, ["note"]),
    "runs_batch": ("POST", "/dags/~/dagRuns/list", {"dag_ids": ["still_mapped"], "order_by": "execution_date"}, ["order_by", "page_offset", "page_limit", "dag_ids", "states", "execution_date_gte", "start_date_lte", "end_date_gte"]),
    "tis_batch": ("POST", "/dags/~/dagRuns/~/taskInstances/list", {"dag_ids": ["still_mapped"]}, ["page_offset", "page_limit", "dag_ids", "dag_run_ids", "task_ids", "execution_date_gte", "end_date_lte", "duration_gte", "pool", "queue", "executor"]),
    "patch_ti": ("PATCH", RUNS + "/own_1/taskInstances/a", {"new_state": "success", "dry_run": True}, ["new_state", "dry_run"]),
    "ti_note": ("PATCH", RUNS + "/own_1/taskInstances/a/setNote", {"note": "n"}, ["note"]),
    "clear_tis": ("POST", "/dags/still_life/clearTaskInstances", {"dag_run_id": "own_1", "dry_run": True}, ["dry_run", "task_ids", "start_date", "end_date", "only_failed", "only_running", "include_subdags", "include_parentdag", "reset_dag_runs", "dag_run_id", "include_upstream", "include_past"]),
    "update_tis": ("POST", "/dags/still_life/updateTaskInstancesState", {"task_id": "a", "dag_run_id": "own_1", "new_state": "success", "dry_run": True, **FLAGS}, ["dry_run", "task_id", "execution_date", "dag_run_id", "include_upstream", "include_past", "new_state"]),
    "patch_dag": ("PATCH", "/dags/page_01", {"is_paused": True}, ["is_paused", "dag_id", "tags"]),
    "patch_dags": ("PATCH", "/dags?dag_id_pattern=page_01", {"is_paused": True}, ["is_paused", "dag_id"]),
    "post_pool": ("POST", "/pools", {"name": "default_pool", "slots": 1}, ["name", "slots", "description", "include_deferred", "open_slots"]),
    "patch_pool": ("PATCH", "/pools/own_pool", {"name": "own_pool", "slots": 1}, ["name", "slots", "description", "include_deferred", "open_slots"]),
    "post_variable": ("POST", "/variables", {"key": "own_variable", "value": "1"}, ["key", "value", "description"]),
    "patch_variable": ("PATCH", "/variables/own_variable", {"key": "own_variable", "value": "1"}, ["key", "value", "description"]),
    "post_connection": ("POST", "/connections", {"connection_id": "own_connection", "conn_type": "x"}, ["connection_id", "conn_type", "description", "host", "login", "schema", "port", "password", "extra"]),
    "patch_connection": ("PATCH", "/connections/own_connection", {"connection_id": "own_connection", "conn_type": "x"}, ["connection_id", "conn_type", "description", "host", "login", "schema", "port", "password", "extra"]),
    "post_dataset_event": ("POST", "/datasets/events", {"dataset_uri": "urn:kit:nothing"}, ["dataset_uri", "extra"]),
    "post_role": ("POST", "/roles", {"name": "KitEmpty", "actions": []}, ["name", "actions"]),
    "patch_role": ("PATCH", "/roles/OwnRole", {"name": "OwnRole", "actions": []}, ["name", "actions"]),
    "post_user": ("POST", "/users", {"username": "kit_op", "email": "kit_op@example.com", "first_name": "K", "last_name": "O", "password": "p", "roles": [{"name": "Op"}]}, ["username", "email", "first_name", "last_name", "password", "active", "login_count"]),
    "patch_user": ("PATCH", "/users/own_user", {"username": "own_user", "email": "own@example.com", "first_name": "K", "last_name": "O", "roles": [{"name": "Op"}]}, ["username", "email", "first_name", "last_name", "password", "active", "roles"]),
}


def steps(method, path, good, names):
    """The body with each value in place of each name, without each name, and other bodies."""
    path, _, q = path.partition("?")
    more = {"q": q or None, "exact": True}
    if path.endswith("/list"):
        more["view"] = "count"      # the order of all there is is not defined
    out = [Step(method, path, json={**good, name: value}, ctype="application/json", **more) for name in names for value in VALUES
           if (method, name, value) != ("PATCH", "connection_id", "")]     # makes a connection that nobody can name
    out += [Step(method, path, json={k: v for k, v in good.items() if k != name}, ctype="application/json", **more) for name in good]
    out += [REQ(method, path, raw=raw, ctype="application/json", **more) for raw in WHOLE]
    out += [Step(method, path, json=good, ctype=ctype, **more) for ctype in TYPES]
    return out


CASES = [
    Case("bodies." + name, [
        POST(RUNS, {"dag_run_id": "own_1", "logical_date": "2024-09-01T00:00:00Z"}, setup=True),
        POST("/pools", {"name": "own_pool", "slots": 1}, setup=True),
        POST("/variables", {"key": "own_variable", "value": "1"}, setup=True),
        POST("/connections", {"connection_id": "own_connection", "conn_type": "x"}, setup=True),
        POST("/roles", {"name": "OwnRole", "actions": []}, setup=True),
        POST("/users", {"username": "own_user", "email": "own@example.com", "first_name": "K", "last_name": "O", "password": "p", "roles": [{"name": "Op"}]}, setup=True),
        *steps(*rest),
        GET("/pools", q={"order_by": "name"}, view="names"), GET("/variables", q={"order_by": "key"}, view="names"),
        GET("/connections", q={"order_by": "connection_id"}, view="names"), GET("/roles", q={"order_by": "name"}, view="names"),
        GET("/users", q={"order_by": "username"}, view="names"), GET(RUNS, q={"order_by": "execution_date"}, view="runs"),
        PATCH("/dags/page_01", {"is_paused": True}, setup=True),
        DELETE(RUNS + "/own_1", setup=True), DELETE("/pools/own_pool", setup=True), DELETE("/variables/own_variable", setup=True),
        DELETE("/connections/own_connection", setup=True), DELETE("/roles/OwnRole", setup=True), DELETE("/users/own_user", setup=True),
    ])
    for name, rest in BODIES.items()
]
