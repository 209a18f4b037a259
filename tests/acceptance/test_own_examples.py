"""The example DAGs that ``make run`` shows: each runs, with default params, to the end that its text promises."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from acceptance.live_server import LiveServer, live_server

EXPECTED: dict[str, tuple[str, dict[str, str]]] = {
    "borrowed_cluster": ("success", {"delete_cluster": "success", "checks.report": "success"}),
    "daily_sales": ("success", {"load": "success", "best_seller": "success"}),
    "flaky_upload": (
        "failed",
        {
            "upload": "success",
            "check_password": "failed",
            "publish": "upstream_failed",
            "open_ticket": "success",
        },
    ),
    "harbour_watch": ("success", {"see_whale": "skipped", "customs": "success", "unload": "success"}),
    "log_report": ("success", {"nothing_new": "skipped", "judge": "success"}),
    "order_form": ("success", {"confirm": "success"}),
    "release_train": ("success", {"smoke_test": "success", "full_suite.prepare": "skipped", "announce": "success"}),
    "thumbnails": ("success", {"shrink[3]": "skipped", "shrink[5]": "success", "summary": "success"}),
}
A_TUESDAY = "2026-03-03T00:00:00+00:00"


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server with our examples, one run of each triggered."""
    environ = {
        "AIRFLOW__CORE__LOAD_EXAMPLES": "True",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__SCHEDULER__USE_JOB_SCHEDULE": "False",
    }
    with live_server(tmp_path_factory.mktemp("home"), **environ) as server:
        for dag_id in EXPECTED:
            server.wait_for_dag(dag_id)
        for dag_id in EXPECTED:
            server.trigger(dag_id, dag_run_id="shown", logical_date=A_TUESDAY)
        yield server


@pytest.mark.parametrize("dag_id", sorted(EXPECTED))
def test_an_example_ends_as_its_text_says(dag_id: str, examples: LiveServer) -> None:
    run_state, task_states = EXPECTED[dag_id]
    assert examples.wait_for_run(dag_id, "shown") == run_state
    found = examples.task_states(dag_id, "shown")
    assert {task_id: found.get(task_id) for task_id in task_states} == task_states


def test_no_example_has_an_import_error_or_a_warning(examples: LiveServer) -> None:
    assert examples.get("/importErrors")["import_errors"] == []
    assert examples.get("/dagWarnings")["dag_warnings"] == []


def test_every_example_says_what_it_shows(examples: LiveServer) -> None:
    for dag_id in EXPECTED:
        details = examples.get(f"/dags/{dag_id}/details")
        assert details["doc_md"].startswith("### "), dag_id
        assert "example" in [tag["name"] for tag in details["tags"]], dag_id
