"""Loading plugins: files of the plugins folder, entry points, providers. Runs user code: only where that may run.

One that cannot be loaded is an error of that one, kept beside the others.
"""

from __future__ import annotations

import contextlib
import importlib
import inspect
import logging
import os
import sys
import traceback
import types
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from typing import TYPE_CHECKING, Any

from tradewind.sdk import macros as template_macros
from tradewind.sdk.exceptions import AirflowTaskTimeout
from tradewind.sdk.loading import qualname
from tradewind.sdk.settings_reader import conf
from tradewind.sdk.timeouts import timeout

from . import catalogue
from .airflow_plugin import AirflowPlugin, EntryPointSource, PluginsDirectorySource

if TYPE_CHECKING:
    from importlib import metadata

log = logging.getLogger("airflow.plugins_manager")


@dataclass(slots=True)
class Plugins:
    """What was loaded, in order, and what could not be: source → the reason with its traceback."""

    plugins: list[Any] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)

    def all_of(self, attribute: str) -> list[Any]:
        """The items of one list of all plugins."""
        return [item for plugin in self.plugins for item in getattr(plugin, attribute, None) or ()]

    def registered(self, attribute: str) -> dict[str, Any]:
        """Classes of one list by dotted name."""
        return {qualname(cls): cls for cls in self.all_of(attribute)}


_LOADED: list[Plugins] = []


def loaded() -> Plugins:
    """The plugins of this process, loaded on first use."""
    return _LOADED[0] if _LOADED else load()


def load(limit: float | None = None) -> Plugins:
    """Load the plugins of this process, each import within ``limit`` seconds (in a main thread only)."""
    # Put there first: a plugin whose import asks for the plugins gets what there is by then.
    _LOADED[:] = [Plugins()]
    _load(_LOADED[0], plugins_folder(), limit)
    return _LOADED[0]


def forget() -> None:
    """Load again when next asked."""
    _LOADED.clear()


def plugins_folder() -> str:
    """``[core] plugins_folder``."""
    return str(conf.get("core", "plugins_folder", fallback="") or "")


def is_plugin(value: Any) -> bool:
    """Whether a module's attribute is a plugin. Raises AirflowPluginException for one without a name."""
    if not inspect.isclass(value) or value is AirflowPlugin or not issubclass(value, AirflowPlugin):
        return False
    value.validate()
    return True


def _load(into: Plugins, folder: str, limit: float | None) -> None:
    for path in catalogue.plugin_files(folder) if folder else ():
        with _noted(into, path, limit):
            _load_file(into, folder, path)
    for entry in _entry_points():
        with _noted(into, entry.value, limit):
            found = entry.load()
            if is_plugin(found):
                _add(into, found, EntryPointSource(entry.dist, entry))
    from . import providers  # reads the metadata of all providers, which a folder of plugins does not need

    for path in providers.plugin_classes():
        with _noted(into, path, limit):
            module, _, name = path.rpartition(".")
            found = getattr(importlib.import_module(module), name)
            if is_plugin(found):
                _add(into, found, EntryPointSource(None, path))


def _entry_points() -> Iterable[metadata.EntryPoint]:
    """Plugins of installed distributions."""
    if not catalogue.installed(catalogue.PLUGIN_GROUP):
        return ()
    from importlib import metadata  # brings a mail parser along, which few need

    return metadata.entry_points(group=catalogue.PLUGIN_GROUP)


@contextlib.contextmanager
def _noted(into: Plugins, source: str, limit: float | None) -> Iterator[None]:
    bounded = contextlib.nullcontext() if limit is None else timeout(limit, "Plugin import timeout")
    try:
        with bounded:
            yield
    except (Exception, AirflowTaskTimeout) as error:
        log.error("Failed to import plugin %s: %s: %s", source, type(error).__name__, error)
        into.errors[source] = "".join(traceback.format_exception(error, limit=-4)).rstrip()


def _load_file(into: Plugins, folder: str, path: str) -> None:
    name = os.path.splitext(os.path.basename(path))[0]
    loader = SourceFileLoader(name, path)
    spec = spec_from_loader(name, loader)
    assert spec is not None
    module = module_from_spec(spec)
    before = sys.modules.get(name)
    sys.modules[name] = module
    try:
        loader.exec_module(module)
    except BaseException:
        # Whoever imports it by name meets the error itself.
        sys.modules.pop(name, None)
        if before is not None:
            sys.modules[name] = before
        raise
    for value in list(vars(module).values()):
        if is_plugin(value):
            _add(into, value, PluginsDirectorySource(os.path.relpath(path, folder)))


def _add(into: Plugins, plugin: Any, source: Any) -> None:
    if any(known.name == plugin.name for known in into.plugins):
        return
    plugin.source = source
    plugin.on_load()
    into.plugins.append(plugin)
    if plugin.macros:
        _offer_macros(plugin)


def _offer_macros(plugin: Any) -> None:
    """``macros.<plugin>.<function>`` in templates, and ``airflow.macros.<plugin>`` for imports."""
    module = types.ModuleType(f"airflow.macros.{plugin.name}")
    for function in plugin.macros:
        setattr(module, getattr(function, "__name__", type(function).__name__), function)
    sys.modules[module.__name__] = module
    setattr(template_macros, plugin.name, module)
    facade = sys.modules.get("airflow.macros")
    if facade is not None:
        setattr(facade, plugin.name, module)


def integrate_macros_plugins() -> None:
    """Load plugins for the sake of their macros, when there may be any."""
    if catalogue.has_plugins(plugins_folder()):
        loaded()
