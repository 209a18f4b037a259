"""Commands of the command line that provider packages declare. Runs their code: for who asked for such a word."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from tradewind.sdk.loading import import_string

from . import providers

EXECUTORS = {
    "CeleryExecutor": "airflow.providers.celery.executors.celery_executor.CeleryExecutor",
    "KubernetesExecutor": "airflow.providers.cncf.kubernetes.executors.kubernetes_executor.KubernetesExecutor",
    "CeleryKubernetesExecutor": (
        "airflow.providers.celery.executors.celery_kubernetes_executor.CeleryKubernetesExecutor"
    ),
    "LocalKubernetesExecutor": (
        "airflow.providers.cncf.kubernetes.executors.local_kubernetes_executor.LocalKubernetesExecutor"
    ),
}
"""Short names that ``[core] executor`` may have."""


def declared(executors: Iterable[str]) -> Iterator[tuple[str, list[Any] | Exception]]:
    """Who declares commands, and the groups and commands (sdk.provider_commands), or why they cannot be had: every
    provider with functions under ``cli``, and the executors with these names."""
    for info, path in providers.entries("cli"):
        yield info.package, _asked(str(path), None)
    for name in executors:
        path = EXECUTORS.get(name, name.rpartition(":")[2])  # ``alias:path`` since Airflow 2.10
        yield path, _asked(path, "get_cli_commands")


def _asked(path: str, method: str | None) -> list[Any] | Exception:
    try:
        found = import_string(path)
        return list((found if method is None else getattr(found, method))())
    except Exception as error:
        return error
