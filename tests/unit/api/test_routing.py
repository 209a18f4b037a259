"""Which operation a path means: fixed segments first, digits only for integers, slashes only where they may be."""

import pytest

from tradewind.api.routing import Router

ROUTER = Router(
    [
        ("GET", "/dags", "list"),
        ("PATCH", "/dags", "patch many"),
        ("GET", "/dags/{dag_id}", "one"),
        ("GET", "/dags/{dag_id}/dagRuns/{dag_run_id}", "run"),
        ("PATCH", "/dags/{dag_id}/dagRuns/{dag_run_id}", "patch run"),
        ("POST", "/dags/~/dagRuns/list", "batch"),
        ("GET", "/t/{task_id}/listMapped", "mapped"),
        ("GET", "/t/{task_id}/{map_index:int}", "index"),
        ("GET", "/datasets/events", "events"),
        ("GET", "/datasets/{uri:path}", "dataset"),
        ("GET", "/datasets/queuedEvent/{uri:path}", "queued"),
        ("GET", "/pools/{name}", "pool"),
    ]
)


@pytest.mark.parametrize(
    ("method", "path", "target", "values"),
    [
        ("GET", "/dags", "list", {}),
        ("HEAD", "/dags", "list", {}),
        ("GET", "/dags/a b", "one", {"dag_id": "a b"}),
        ("POST", "/dags/~/dagRuns/list", "batch", {}),
        ("PATCH", "/dags/~/dagRuns/list", "patch run", {"dag_id": "~", "dag_run_id": "list"}),
        ("GET", "/t/x/listMapped", "mapped", {"task_id": "x"}),
        ("GET", "/t/x/12", "index", {"task_id": "x", "map_index": 12}),
        ("GET", "/datasets/events", "events", {}),
        ("GET", "/datasets/s3://lake/a.csv", "dataset", {"uri": "s3://lake/a.csv"}),
        ("GET", "/datasets/queuedEvent/s3://x", "queued", {"uri": "s3://x"}),
    ],
)
def test_a_path_finds_its_operation(method, path, target, values):
    match = ROUTER.match(method, path)
    assert (match.target, match.values) == (target, values)


@pytest.mark.parametrize("path", ["/dags/", "/t/x/-1", "/t/x/y", "/pools/a/b", "/DAGS", "/nothing", ""])
def test_other_paths_are_unknown(path):
    match = ROUTER.match("GET", path)
    assert match.target is None
    assert match.allowed == ()


def test_another_method_tells_what_is_allowed():
    assert set(ROUTER.match("DELETE", "/dags").allowed) == {"GET", "HEAD", "OPTIONS", "PATCH"}
