"""Values of a custom XCom back end as the API shows them."""

from __future__ import annotations

from types import SimpleNamespace

from tradewind.sdk.xcom import BaseXCom
from tradewind.sdk.xcom_backends import XComPlace, backend, decoded
from tradewind.wire.plugin_messages import ShowXCom


def shown_value(question: ShowXCom) -> str | None:
    """``orm_deserialize_value`` of the back end, which by contract fetches nothing, or the value itself. None when the
    back end has no way of its own: what is stored is shown then."""
    custom = backend()
    place = XComPlace(question.key, question.dag_id, question.run_id, question.task_id, question.map_index)
    if custom is not None and question.is_deserialised:
        return str(decoded(question.value, place))
    show = getattr(custom, "orm_deserialize_value", None)
    if show is None or show is BaseXCom.orm_deserialize_value:
        return None
    return str(show(SimpleNamespace(value=question.value.encode(), **place._asdict())))
