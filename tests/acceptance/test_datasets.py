"""Datasets on a whole server: from the task that writes, by outlet, Metadata and alias, to what the reader sees."""

from __future__ import annotations

from acceptance.live_server import LiveServer

DAGS = """
from datetime import datetime

from airflow import DAG
from airflow.datasets import Dataset, DatasetAlias
from airflow.datasets.metadata import Metadata
from airflow.decorators import task

START = datetime(2024, 1, 1)
A, B = Dataset("s3://a/x"), Dataset("s3://b/y")

with DAG("writes", start_date=START, schedule=None, is_paused_upon_creation=False):

    @task(outlets=[A])
    def by_accessor(*, outlet_events):
        outlet_events[A].extra = {"rows": 3}

    @task(outlets=[B])
    def by_metadata():
        yield Metadata(B, {"k": "v"})

    @task(outlets=[DatasetAlias("daily")])
    def by_alias(*, outlet_events):
        outlet_events[DatasetAlias("daily")].add(Dataset("s3://chosen"), extra={"n": 1})
        outlet_events["daily"].add(Dataset("s3://chosen"), extra={"n": 1})

    by_accessor() >> by_metadata() >> by_alias()


def shown(events):
    return {
        uri: [
            [one.extra, one.source_task_id, one.source_dag_run.run_id, one.source_task_instance.dag_id] for one in found
        ]
        for uri, found in events.items()
    }


with DAG("reads", start_date=START, schedule=(A & B), is_paused_upon_creation=False):

    @task(inlets=[A])
    def see(*, triggering_dataset_events, inlet_events, dag_run=None):
        return [dag_run.run_type, shown(triggering_dataset_events), [one.extra for one in inlet_events[A]]]

    see()

with DAG("reads_alias", start_date=START, schedule=DatasetAlias("daily"), is_paused_upon_creation=False):

    @task(inlets=[DatasetAlias("daily")])
    def see_alias(*, triggering_dataset_events, inlet_events):
        return [shown(triggering_dataset_events), [one.uri for one in inlet_events[DatasetAlias("daily")]]]

    see_alias()
"""


def test_what_is_written_is_read(server: LiveServer) -> None:
    server.put_dag("datasets.py", DAGS)
    for dag_id in ("writes", "reads", "reads_alias"):
        server.wait_for_dag(dag_id)
    source = server.trigger("writes", logical_date="2024-06-01T00:00:00+00:00")
    assert server.wait_for_run("writes", source) == "success"

    def run_of(dag_id: str) -> str:
        [run] = server.wait_until(lambda: server.get(f"/dags/{dag_id}/dagRuns")["dag_runs"], f"{dag_id} has a run")
        assert (run["run_type"], run["external_trigger"]) == ("dataset_triggered", False)
        assert run["dag_run_id"] == f"dataset_triggered__{run['logical_date']}"
        assert run["data_interval_start"] == run["data_interval_end"] == "2024-06-01T00:00:00+00:00"
        assert server.wait_for_run(dag_id, run["dag_run_id"]) == "success"
        return str(run["dag_run_id"])

    def returned(dag_id: str, task_id: str) -> object:
        path = f"/dags/{dag_id}/dagRuns/{run_of(dag_id)}/taskInstances/{task_id}/xcomEntries/return_value"
        return server.get(f"{path}?stringify=false")["value"]

    assert returned("reads", "see") == [
        "dataset_triggered",
        {
            "s3://a/x": [[{"rows": 3}, "by_accessor", source, "writes"]],
            "s3://b/y": [[{"k": "v"}, "by_metadata", source, "writes"]],
        },
        [{"rows": 3}],
    ]
    seen = {"s3://chosen/": [[{"n": 1}, "by_alias", source, "writes"]]}
    assert returned("reads_alias", "see_alias") == [seen, ["s3://chosen/"]]
    [chosen] = server.get("/datasets?uri_pattern=chosen")["datasets"]
    assert [alias["name"] for alias in chosen["aliases"]] == ["daily"]
    events = server.get(f"/dags/reads/dagRuns/{run_of('reads')}/upstreamDatasetEvents")["dataset_events"]
    assert [event["dataset_uri"] for event in events] == ["s3://a/x", "s3://b/y"]
