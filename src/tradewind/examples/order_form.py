"""### Order form

Params make a form: trigger this DAG with a configuration and it is checked against the schema of each field. A wrong
one is refused before anything runs.
"""

from __future__ import annotations

import pendulum
from airflow.decorators import task
from airflow.models.param import Param

from airflow import DAG

with DAG(
    dag_id="order_form",
    schedule=None,
    start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
    catchup=False,
    doc_md=__doc__,
    render_template_as_native_obj=True,
    params={
        "customer": Param("Ada", type="string", minLength=2, maxLength=40, title="Customer"),
        "tea": Param("Sencha", enum=["Assam", "Darjeeling", "Oolong", "Sencha"], description="Which tea?"),
        "grams": Param(100, type="integer", minimum=50, maximum=1000, multipleOf=50),
        "gift": Param(False, type="boolean", title="As a gift?"),
        "delivery": Param(None, type=["null", "string"], format="date", description="Empty: as soon as possible"),
        "extras": Param(["spoon"], type="array", items={"type": "string"}, section="More"),
    },
    tags=["example", "params"],
):

    @task
    def price(grams: int, gift: bool) -> float:
        """Rendered natively: a number and a truth value arrive as such."""
        return round(grams * 0.08 + (2.5 if gift else 0), 2)

    @task
    def confirm(total: float, params: dict | None = None) -> str:
        """What the customer gets to read."""
        assert params is not None
        extras = ", ".join(params["extras"])
        return f"{params['customer']}: {params['grams']} g {params['tea']} with {extras}, {total:.2f} €"

    confirm(price("{{ params.grams }}", "{{ params.gift }}"))
