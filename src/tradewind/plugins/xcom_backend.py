"""Values of a custom XCom back end as the API shows them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from tradewind.sdk.settings_reader import conf
from tradewind.wire.plugin_messages import ShowXCom


def shown_value(question: ShowXCom) -> Any:
    """``orm_deserialize_value`` of ``[core] xcom_backend``, which by contract fetches nothing; None without one."""
    backend = conf.getimport("core", "xcom_backend")
    show = getattr(backend, "orm_deserialize_value", None)
    if show is None:
        return None
    row = SimpleNamespace(
        value=question.value.encode(),
        key=question.key,
        dag_id=question.dag_id,
        run_id=question.run_id,
        task_id=question.task_id,
        map_index=question.map_index,
    )
    row.orm_deserialize_value = lambda: None
    return str(show(row))
