"""Listeners: objects of plugins whose functions are called when something happens, by pluggy, as in Airflow.

Those of task instances are called in the attempt's process, all others in the plugin host. One that raises stops no
other.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import pluggy

from tradewind.sdk.assets import Dataset, DatasetAlias
from tradewind.sdk.dag_run import DagRun
from tradewind.wire.messages import RunReply
from tradewind.wire.plugin_messages import CallListeners

from . import catalogue, discovery
from .listening import Component

log = logging.getLogger("airflow.listeners.listener")

PROJECT = "airflow"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)
RUN_HOOKS = ("on_dag_run_running", "on_dag_run_success", "on_dag_run_failed")


class Specs:
    """All hooks, with the names of their arguments."""

    @hookspec
    def on_starting(self, component: Any) -> None:
        """A scheduler, a worker's attempt or a triggerer begins."""

    @hookspec
    def before_stopping(self, component: Any) -> None:
        """It is about to end."""

    @hookspec
    def on_task_instance_running(self, previous_state: Any, task_instance: Any, session: Any) -> None:
        """A task instance begins to execute."""

    @hookspec
    def on_task_instance_success(self, previous_state: Any, task_instance: Any, session: Any) -> None:
        """A task instance has succeeded."""

    @hookspec
    def on_task_instance_failed(self, previous_state: Any, task_instance: Any, error: Any, session: Any) -> None:
        """A try has failed."""

    @hookspec
    def on_task_instance_skipped(self, previous_state: Any, task_instance: Any) -> None:
        """A task instance has raised a skip."""

    @hookspec
    def on_dag_run_running(self, dag_run: Any, msg: str) -> None:
        """A DAG run begins."""

    @hookspec
    def on_dag_run_success(self, dag_run: Any, msg: str) -> None:
        """A DAG run has succeeded."""

    @hookspec
    def on_dag_run_failed(self, dag_run: Any, msg: str) -> None:
        """A DAG run has failed."""

    @hookspec
    def on_dataset_created(self, dataset: Any) -> None:
        """A dataset was named for the first time."""

    @hookspec
    def on_dataset_alias_created(self, dataset_alias: Any) -> None:
        """A dataset alias was named for the first time."""

    @hookspec
    def on_dataset_changed(self, dataset: Any) -> None:
        """A dataset was updated."""

    @hookspec
    def on_new_dag_import_error(self, filename: str, stacktrace: str) -> None:
        """A DAG file cannot be imported."""

    @hookspec
    def on_existing_dag_import_error(self, filename: str, stacktrace: str) -> None:
        """A DAG file still cannot be imported."""


class ListenerManager:
    """The listeners of this process."""

    def __init__(self) -> None:
        self.pm = pluggy.PluginManager(PROJECT)
        self.pm.add_hookspecs(Specs)

    @property
    def has_listeners(self) -> bool:
        """Whether anybody listens."""
        return bool(self.pm.get_plugins())

    @property
    def hook(self) -> Any:
        """pluggy's callers, by name."""
        return self.pm.hook

    def add_listener(self, listener: Any) -> None:
        """Let an object (or module) listen, once."""
        if not self.pm.is_registered(listener):
            self.pm.register(listener)

    def clear(self) -> None:
        """Nobody listens any more."""
        for listener in self.pm.get_plugins():
            self.pm.unregister(listener)

    def tell(self, name: str, **values: Any) -> list[str]:
        """Call one hook of all listeners; the names of those that raised, which the log tells of."""
        failed = []
        for implementation in reversed(getattr(self.pm.hook, name).get_hookimpls()):
            try:
                implementation.function(*(values[argument] for argument in implementation.argnames))
            except Exception as error:
                log.error("error calling listener %s of %s", name, implementation.plugin_name, exc_info=error)
                failed.append(str(implementation.plugin_name))
        return failed


_MANAGER: list[ListenerManager] = []


def get_listener_manager() -> ListenerManager:
    """The listeners of all plugins, loaded on first use."""
    if not _MANAGER:
        manager = ListenerManager()
        _MANAGER.append(manager)
        if catalogue.exist(discovery.plugins_folder()):
            for listener in discovery.loaded().all_of("listeners"):
                _add(manager, listener)
    return _MANAGER[0]


def _add(manager: ListenerManager, listener: Any) -> None:
    try:
        manager.add_listener(listener)
    except Exception as error:
        # Arguments that no hook has: that listener hears nothing, the others do.
        log.error("The listener %r cannot be registered", listener, exc_info=error)


def forget() -> None:
    """Load them again when next asked."""
    _MANAGER.clear()


def call_listeners(question: CallListeners) -> list[str]:
    """Tell all listeners of one event; who raised."""
    return get_listener_manager().tell(question.hook, **_values(question.hook, question.payload))


def _values(hook: str, payload: Mapping[str, Any]) -> dict[str, Any]:
    if hook in RUN_HOOKS:
        import msgspec  # known to whoever speaks over a socket anyway

        run = DagRun.from_reply(msgspec.convert(payload["run"], RunReply, strict=False))
        return {"dag_run": run, "msg": payload.get("msg", "")}
    if hook in ("on_dataset_changed", "on_dataset_created"):
        return {"dataset": Dataset(payload["uri"], extra=payload.get("extra"))}
    if hook == "on_dataset_alias_created":
        return {"dataset_alias": DatasetAlias(payload["name"])}
    if hook.endswith("_import_error"):
        return {"filename": payload["filename"], "stacktrace": payload["stacktrace"]}
    return {"component": Component(str(payload.get("component")))}
