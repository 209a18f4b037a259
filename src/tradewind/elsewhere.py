"""Variables and connections that are not in the database: of the environment and of the operator's secrets back end,
for commands that show what a task would get."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tradewind.config.settings import Settings
from tradewind.wire.messages import Value

if TYPE_CHECKING:
    from tradewind.sdk.connection import Connection


def variable(settings: Settings, key: str) -> str | None:
    """A variable's text; None when only the database can have it."""
    if not _may_have(settings, f"AIRFLOW_VAR_{key.upper()}"):
        return None
    from tradewind.sdk.lookups import find_variable

    found: str | None = _asked(settings, lambda: find_variable(key))
    return found


def connection(settings: Settings, conn_id: str) -> Connection | None:
    """A connection; None when only the database can have it."""
    if not _may_have(settings, f"AIRFLOW_CONN_{conn_id.upper()}"):
        return None
    from tradewind.sdk.lookups import find_connection

    found: Connection | None = _asked(settings, lambda: find_connection(conn_id))
    return found


def _may_have(settings: Settings, name: str) -> bool:
    """Else the authoring side need not be loaded, which costs more than the rest of a small command."""
    return bool(settings.text("secrets", "backend")) or name in os.environ  # noqa: TID251  as a task looks it up


def _asked(settings: Settings, ask: Callable[[], Any]) -> Any:
    """With the options that a back end is made by, and an empty database behind it."""
    from tradewind.plugins.host_runtime import PluginRuntime
    from tradewind.sdk.runtime import RUNTIME

    config = {section: settings.section(section) for section in settings.sections()}
    token = RUNTIME.set(PluginRuntime(lambda _: Value(value=None), config))
    try:
        return ask()
    finally:
        RUNTIME.reset(token)
