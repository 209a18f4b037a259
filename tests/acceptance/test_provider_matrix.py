"""Sixty tasks of the operators, sensors, hooks and decorators that public DAGs use most, with both generations of their
packages: the states and values that Airflow 2.10.5 gives with the packages of its time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from acceptance.live_server import LiveServer
from acceptance.provider_stage import providers_server, python, services, told
from support.record_provider_matrix import DATE, environment

pytestmark = pytest.mark.slow

GOLDEN = json.loads((Path(__file__).parents[1] / "golden/provider_matrix.json").read_text())


@pytest.fixture(scope="module", params=["a", "b"])
def live(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server after the run of the DAG."""
    folder = tmp_path_factory.mktemp(f"matrix-{request.param}")
    interpreter = python(request.param)
    with services(folder, interpreter, "http") as ports:
        environ = environment(folder / "home", folder, ports["http"])
        with providers_server(folder / "home", interpreter, ["matrix.py"], environ) as server:
            server.wait_until(lambda: server.request("GET", "/dags/matrix").status == 200, "the DAG is there", 400)
            server.unpause("triggered")
            server.unpause("matrix")
            server.trigger("matrix", dag_run_id="trial", logical_date=DATE)
            server.wait_for_run("matrix", "trial", 600)
            yield server


def test_states_are_those_of_airflow(live: LiveServer) -> None:
    states = live.task_states("matrix", "trial")
    # What Airflow did not begin was skipped.
    others = {name: state for name, state in states.items() if state != GOLDEN["states"].get(name, "skipped")}
    assert others == {}, [told(live, "matrix", name)[-1500:] for name in others]
    assert set(GOLDEN["states"]) <= set(states)


def test_values_are_those_of_airflow(live: LiveServer) -> None:
    def value(task_id: str) -> Any:
        path = f"/dags/matrix/dagRuns/trial/taskInstances/{task_id}/xcomEntries/return_value"
        answer = live.request("GET", f"{path}?stringify=false")
        return answer.json["value"] if answer.status == 200 else None

    assert {name: value(name) for name in GOLDEN["returned"]} == GOLDEN["returned"]
    more = {"sql_query": [[1, "a"], [2, "b"]], "http_pages": ["/echo?page=1", "/echo?page=2"], "deco_sensor": "seen"}
    assert {name: value(name) for name in more} == more
    assert (value("bash"), value("deco_bash")) == ("2024-01-05 y", "2024-01-05")
