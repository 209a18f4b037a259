"""Plugins and providers as lists for people and programs: rows of the API and of the command line."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from typing import Any

from tradewind.sdk.loading import qualname

from . import forms, providers
from .discovery import Plugins

Rows = list[dict[str, Any]]

ATTRIBUTES = (
    "hooks",
    "executors",
    "macros",
    "admin_views",
    "flask_blueprints",
    "menu_links",
    "appbuilder_views",
    "appbuilder_menu_items",
    "global_operator_extra_links",
    "operator_extra_links",
    "ti_deps",
    "timetables",
    "listeners",
    "priority_weight_strategies",
)


def plugin_rows(found: Plugins) -> Rows:
    """One row a plugin: its name, source, and what it brings, each item as text (views as objects)."""
    return [
        {"name": str(plugin.name), "source": str(plugin.source)}
        | {name: _shown(name, getattr(plugin, name, None) or ()) for name in ATTRIBUTES}
        for plugin in found.plugins
    ]


def described(found: Plugins) -> dict[str, Any]:
    """What the API, the scheduler and the listeners' feed must know of the plugins."""
    return {
        "plugins": plugin_rows(found),
        "errors": dict(found.errors),
        "listens": sorted(_hooks_of(found.all_of("listeners"))),
    }


def _shown(name: str, items: Iterable[Any]) -> list[Any]:
    if name in ("appbuilder_views", "appbuilder_menu_items"):
        return [_view(item) for item in items]
    if name == "flask_blueprints":
        return [f"<{qualname(item)}: name={item.name!r} import_name={item.import_name!r}>" for item in items]
    if name == "ti_deps":
        return [str(item) for item in items]
    return [_text(item, is_link=name.endswith("extra_links")) for item in items]


def _view(item: Any) -> dict[str, Any]:
    if not isinstance(item, dict):
        return {"view": _text(item)}
    return {
        str(key): qualname(value) if key == "view" and value is not None else _plain(value)
        for key, value in item.items()
    }


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


def _text(item: Any, *, is_link: bool = False) -> str:
    if inspect.ismodule(item):
        return item.__name__
    if is_link and not inspect.isclass(item):
        return f"<{qualname(item)} object>"
    return qualname(item)


def _hooks_of(listeners: Iterable[Any]) -> set[str]:
    return {name for listener in listeners for name in dir(listener) if name.startswith(("on_", "before_"))}


def provider_rows() -> Rows:
    """``providers list``."""
    return [
        {"package_name": info.package, "description": one_line(info.data.get("description")), "version": info.version}
        for info in providers.infos()
    ]


def one_line(text: Any) -> str:
    """A description without its markup, as lists show it."""
    return " ".join(str(text or "").replace("`__", "").replace("`", "").replace("<", "").replace(">", "").split())


def _hook_rows() -> Rows:
    return [
        {
            "connection_type": hook.connection_type,
            "class": hook.hook_class_name,
            "conn_id_attribute_name": hook.connection_id_attribute_name,
            "package_name": hook.package_name,
            "hook_name": hook.hook_name,
        }
        for hook in providers.hooks()
    ]


def _widget_rows() -> Rows:
    return [
        {
            "connection_parameter_name": name,
            "class": hook_name,
            "package_name": package,
            "field_type": forms.field_type(field),
        }
        for name, (hook_name, field, package, _) in sorted(forms.widgets().items())
    ]


def _trigger_rows() -> Rows:
    return [
        {"package_name": info.package, "class": str(module), "integration_name": item.get("integration-name", "")}
        for info, item in providers.entries("triggers")
        for module in item.get("python-modules") or ()
    ]


def _config_rows() -> Rows:
    return [
        {"provider": info.package, "config": info.data["config"]}
        for info in providers.infos()
        if info.data.get("config")
    ]


def _names(key: str, column: str) -> Callable[[], Rows]:
    return lambda: [{column: name} for name in providers.class_names(key)]


TOPICS: dict[str, Callable[[], Rows]] = {
    "list": provider_rows,
    "hooks": _hook_rows,
    "behaviours": lambda: [{"field_behaviours": name} for name in sorted(forms.behaviours())],
    "widgets": _widget_rows,
    "forms": forms.forms,
    "links": _names("extra-links", "extra_link_class_name"),
    "secrets": _names("secrets-backends", "secrets_backend_class_name"),
    "logging": _names("logging", "logging_class_name"),
    "notifications": _names("notifications", "notification_class_name"),
    "executors": _names("executors", "executor_class_names"),
    "auth": _names("auth-backends", "api_auth_backend_module"),
    "auth-managers": _names("auth-managers", "auth_managers_module"),
    "triggers": _trigger_rows,
    "configs": _config_rows,
}
"""Sub-command of ``providers`` → its rows."""
