"""### Thumbnails

Dynamic task mapping: how many pictures there are is known only when the run has looked; each gets a task of its own,
named after it. One of them is broken, which skips that one alone. The summary gets all results there are.
"""

from __future__ import annotations

import pendulum
from airflow.decorators import dag, task
from airflow.exceptions import AirflowSkipException
from airflow.operators.python import get_current_context
from airflow.utils.trigger_rule import TriggerRule


@dag(
    schedule=None,
    start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
    catchup=False,
    max_active_tasks=8,
    doc_md=__doc__,
    tags=["example", "mapping", "taskflow"],
)
def thumbnails():
    @task
    def list_pictures() -> list[dict]:
        """What a bucket would list."""
        names = ("harbour", "lighthouse", "regatta", "broken", "storm", "sunset")
        return [{"name": f"{name}.jpg", "width": 1600 + 400 * number} for number, name in enumerate(names)]

    @task(map_index_template="{{ picture_name }}", retries=1)
    def shrink(picture: dict, to: int) -> dict:
        """The picture's new size."""
        get_current_context()["picture_name"] = picture["name"]
        if picture["name"].startswith("broken"):
            raise AirflowSkipException(f"{picture['name']} cannot be read")
        return {"name": picture["name"], "saved": picture["width"] - to}

    @task(trigger_rule=TriggerRule.NONE_FAILED)
    def summary(results: list[dict]) -> str:
        """One line about all."""
        done = list(results)
        return f"{len(done)} pictures, {sum(result['saved'] for result in done)} pixels narrower in all"

    summary(shrink.partial(to=320).expand(picture=list_pictures()))


thumbnails()
