"""### Borrowed cluster

Setup and teardown: the cluster is taken down whatever happens to the work, and a failed teardown does not fail the run.
Clearing one of the work tasks brings setup and teardown along.
"""

from __future__ import annotations

import pendulum
from airflow.decorators import dag, setup, task, task_group, teardown


@dag(
    schedule=None,
    start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
    catchup=False,
    doc_md=__doc__,
    tags=["example", "setup-teardown", "groups"],
)
def borrowed_cluster():
    @setup
    def create_cluster(run_id: str | None = None) -> str:
        """Costs money from here on."""
        return f"cluster-of-{run_id}"

    @teardown
    def delete_cluster(cluster: str) -> None:
        """And no more from here on."""
        print(f"{cluster} is gone")

    @task_group
    def checks(cluster: str):
        """What runs on it."""

        @task
        def load_test(cluster: str) -> int:
            return len(cluster) * 100

        @task
        def report(requests: int) -> str:
            return f"{requests} requests a second"

        report(load_test(cluster))

    cluster = create_cluster()
    with delete_cluster(cluster):
        checks(cluster)


borrowed_cluster()
