"""Shipped to users and used by us: a whole server for the length of a test, and fixtures for pytest.

``from tradewind.testing import ephemeral``; the fixtures ``airflow_api``, ``dag_run`` and ``dag_bag`` come by
themselves. docs/guides/testing.md shows both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .dag_files import DagBag, load_dags
    from .runs import TestRun, run_dag
    from .server import EphemeralServer, ephemeral

__all__ = ["DagBag", "EphemeralServer", "TestRun", "ephemeral", "load_dags", "run_dag"]

_HOMES = {
    "DagBag": "dag_files",
    "load_dags": "dag_files",
    "TestRun": "runs",
    "run_dag": "runs",
    "EphemeralServer": "server",
    "ephemeral": "server",
}


def __getattr__(name: str) -> Any:
    # pytest imports this package wherever we are installed: what is not used must cost nothing.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(f".{_HOMES[name]}", __name__), name)
