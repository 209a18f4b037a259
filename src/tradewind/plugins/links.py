"""Extra links of task instances: those of plugins and providers, made by their own code."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from tradewind.sdk.dag_run import DagRun
from tradewind.sdk.loading import import_string, qualname
from tradewind.sdk.runtime import RUNTIME
from tradewind.sdk.task_instance import TaskInstanceKey
from tradewind.serde.airflow_names import public_module
from tradewind.wire.messages import XComRow, XComs
from tradewind.wire.plugin_messages import TaskLinks

from . import discovery, providers

log = logging.getLogger("airflow.operator_links")


def link_addresses(question: TaskLinks) -> dict[str, str | None]:
    """Name → address of every link that the task instance has; null for one that gives none or fails."""
    run = question.run
    key = TaskInstanceKey(
        run.dag_id, str(question.task["task_id"]), run.run_id, question.try_number, question.map_index
    )
    operator = _operator(question)
    outer = RUNTIME.get()
    RUNTIME.set(_WithXComs(outer, question.xcoms, key))
    try:
        return {name: _address(link, operator, key) for name, link in _links(question).items()}
    finally:
        RUNTIME.set(outer)


def _links(question: TaskLinks) -> dict[str, Any]:
    """The links' objects: of the operator's own those whose class is registered, as in Airflow, then of plugins."""
    plugins = discovery.loaded()
    from_plugins = [*plugins.all_of("operator_extra_links"), *plugins.all_of("global_operator_extra_links")]
    known = {qualname(link): link for link in from_plugins}
    of_providers = set(providers.link_classes())
    found: dict[str, Any] = {}
    for name, path in question.links.items():
        if path in known:
            found[name] = known[path]
        elif path in of_providers:
            found[name] = import_string(path)()
        else:
            log.error("Operator Link class %r not registered", path)
    for link in plugins.all_of("operator_extra_links"):
        if any(_name(cls) == question.task.get("class") for cls in getattr(link, "operators", None) or ()):
            found[link.name] = link
    for link in plugins.all_of("global_operator_extra_links"):
        found.setdefault(link.name, link)
    return dict(sorted(found.items()))


def _name(cls: type) -> str:
    return f"{public_module(cls)}.{cls.__qualname__}"


def _address(link: Any, operator: Any, key: TaskInstanceKey) -> str | None:
    try:
        found = link.get_link(operator, ti_key=key)
    except Exception as error:
        log.error("The link %r of %s failed", link.name, key, exc_info=error)
        return None
    return str(found) if found else None


def _operator(question: TaskLinks) -> Any:
    """What a link sees of its operator: the names of the task and its rendered fields."""
    dag = SimpleNamespace(dag_id=question.run.dag_id)
    return SimpleNamespace(
        **{**question.task, **question.fields},
        dag=dag,
        dag_id=question.run.dag_id,
        dag_run=DagRun.from_reply(question.run),
    )


class _WithXComs:
    """The Runtime, with the task instance's own XComs at hand: links keep what they need in them."""

    def __init__(self, outer: Any, xcoms: Mapping[str, str], key: TaskInstanceKey) -> None:
        self._outer = outer
        self._xcoms = xcoms
        self._key = key

    def get_xcoms(self, *, key: str, **query: Any) -> XComs:
        """As Runtime; of this task instance."""
        text = self._xcoms.get(key)
        if text is None:
            return XComs()
        mine = self._key
        row = XComRow(task_id=mine.task_id, map_index=mine.map_index, run_id=mine.run_id, value=text)
        return XComs(rows=(row,), total=1)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._outer, name)
