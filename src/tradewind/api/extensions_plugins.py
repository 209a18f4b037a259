"""What providers bring, for forms: connection types. Beyond Airflow's API, which draws its forms in its own pages."""

from __future__ import annotations

from typing import Any

from tradewind.auth.permissions import on
from tradewind.wire.plugin_messages import DescribeProviders

from .bodies import collection
from .call import Call
from .table import Operation

FORM_SECONDS = 30.0
"""Hooks of all providers are imported for their forms."""


def get_connection_types(call: Call) -> Any:
    """GET /connectionTypes"""
    kept: list[dict[str, Any]] = call.services.kept("connection_types", list)
    if not kept:
        kept += call.services.ask_plugins(DescribeProviders(topic="forms"), FORM_SECONDS) or ()
    return collection("connection_types", kept, len(kept))


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        id="get_connection_types",
        method="GET",
        path="/connectionTypes",
        handler=get_connection_types,
        tag="Connection",
        summary="Connection types with their forms: labels, hidden fields, further fields",
        access=(on("GET", "Connections"),),
        is_slow=True,
        is_ours=True,
    ),
)
