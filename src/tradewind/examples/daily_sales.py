"""### Daily sales

The classic: extract, transform, load, written with TaskFlow. What a function returns is what the next one gets; the
order of tasks follows from that. The numbers are made up from the date, so every run of a date gives the same.
"""

from __future__ import annotations

import random
from datetime import timedelta

import pendulum
from airflow.decorators import dag, task


@dag(
    schedule="@daily",
    start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
    catchup=False,
    default_args={"owner": "sales", "retries": 2, "retry_delay": timedelta(seconds=10)},
    doc_md=__doc__,
    tags=["example", "etl", "taskflow"],
)
def daily_sales():
    @task
    def extract(ds: str | None = None) -> list[dict]:
        """Orders of the day, from a shop that sells tea."""
        dice = random.Random(ds)
        teas = ("Assam", "Darjeeling", "Gunpowder", "Oolong", "Sencha")
        return [
            {
                "order": number,
                "tea": dice.choice(teas),
                "grams": dice.randrange(50, 500, 50),
                "price": dice.randint(3, 30),
            }
            for number in range(1, dice.randint(20, 40))
        ]

    @task(multiple_outputs=True)
    def transform(orders: list[dict]) -> dict[str, object]:
        """Revenue in all and per tea."""
        per_tea: dict[str, int] = {}
        for order in orders:
            per_tea[order["tea"]] = per_tea.get(order["tea"], 0) + order["price"]
        return {"revenue": sum(per_tea.values()), "per_tea": per_tea, "orders": len(orders)}

    @task
    def load(revenue: int, orders: int) -> str:
        """Would write to a warehouse; here it says what it would write."""
        line = f"{orders} orders, {revenue} € in all"
        print(line)
        return line

    @task
    def best_seller(per_tea: dict[str, int]) -> str:
        """The tea that brought most."""
        return max(per_tea, key=lambda tea: per_tea[tea])

    totals = transform(extract())
    load(totals["revenue"], totals["orders"])
    best_seller(totals["per_tea"])


daily_sales()
