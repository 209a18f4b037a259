"""Names of assets (Airflow 3): what they stand for, and which DAGs wait for one by its name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import bindparam, delete, select, union_all

from tradewind.model.spec import DagSpec

from .statements import Prepared, insert_for
from .tables_assets import ASSET_NAME, DAG_SCHEDULE_ASSET_NAME_REFERENCE
from .tables_dags import DATASET
from .transaction import Work

_D = DATASET.c
_N = ASSET_NAME.c
_WAITS_FOR_NAME = DAG_SCHEDULE_ASSET_NAME_REFERENCE.c

_PUT_NAME = Prepared(
    lambda dialect: (insert := insert_for(dialect, ASSET_NAME)).on_conflict_do_update(
        index_elements=["name"],
        set_={"dataset_id": insert.excluded.dataset_id, "group_name": insert.excluded.group_name},
    ),
    keys=("name", "dataset_id", "group_name"),
)
_CLEAR_NAME_WAITS = Prepared(
    delete(DAG_SCHEDULE_ASSET_NAME_REFERENCE).where(_WAITS_FOR_NAME.dag_id == bindparam("k_dag_id"))
)
_ADD_NAME_WAITS = Prepared(
    lambda dialect: insert_for(dialect, DAG_SCHEDULE_ASSET_NAME_REFERENCE), keys=("name", "dag_id", "created_at")
)
_URI_OF_NAME = Prepared(
    union_all(
        select(_D.uri).join(ASSET_NAME, _N.dataset_id == _D.id).where(_N.name == bindparam("name")),
        select(_D.uri).where(_D.uri == bindparam("name")),
    ).limit(1)
)
_NAME_OF = Prepared(select(_N.name, _N.group_name).where(_N.dataset_id == bindparam("dataset_id")).order_by(_N.name))


def names_of(condition: Any) -> Iterator[str]:
    """The names of assets that a dataset expression's JSON refers to, in order."""
    if isinstance(condition, dict):
        reference = condition.get("asset_ref")
        if isinstance(reference, dict):
            yield reference["name"]
        for parts in (condition.get("any"), condition.get("all")):
            for part in parts or ():
                yield from names_of(part)


def put(work: Work, spec: DagSpec, ensure: Callable[[str], int]) -> None:
    """Names of the DAG's assets, and those of others' that it waits for. ``ensure`` gives the id of a URI."""
    for asset in spec.assets:
        work.run(_PUT_NAME, name=asset.name, dataset_id=ensure(asset.uri), group_name=asset.group)
    work.run(_CLEAR_NAME_WAITS, k_dag_id=spec.dag_id)
    names = list(dict.fromkeys(names_of(spec.dataset_condition)))
    if names:
        rows = [{"name": name, "dag_id": spec.dag_id, "created_at": work.now} for name in names]
        work.many(_ADD_NAME_WAITS, rows)


def uri_of(work: Work, name: str) -> str | None:
    """The URI of the asset that has a name; an asset without one is named by its URI."""
    uri: str | None = work.scalar(_URI_OF_NAME, name=name)
    return uri


def name_of(work: Work, dataset_id: int) -> tuple[str, str] | None:
    """Name and group of an asset that has more than a URI."""
    return next(iter(work.all(_NAME_OF, dataset_id=dataset_id)), None)
