"""Connection forms: which fields the connections of a type have beside the usual ones, and how those are shown.

Runs code of hooks: where user code may run."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from . import providers
from .form_stand_ins import stand_ins

log = logging.getLogger("airflow.providers_manager")

FIELDS = ("description", "host", "login", "password", "schema", "port", "extra")
TYPES = {
    "StringField": "string",
    "PasswordField": "password",
    "BooleanField": "boolean",
    "IntegerField": "integer",
    "DecimalField": "number",
    "FloatField": "number",
    "SelectField": "choice",
    "TextAreaField": "text",
    "JSONField": "json",
}


def widgets() -> dict[str, tuple[str, Any, str, str]]:
    """``extra__<type>__<name>`` → (hook class's name, the field, package, connection type)."""
    found = {}
    for info in providers.hooks():
        for name, field in _asked(info, "get_connection_form_widgets").items():
            prefixed = name if name.startswith("extra__") else f"extra__{info.connection_type}__{name}"
            found[prefixed] = (info.hook_class.__name__, field, str(info.package_name), info.connection_type)
    return found


def behaviours() -> dict[str, Any]:
    """Connection type → {hidden_fields, relabeling, placeholders}."""
    found = {}
    for info in providers.hooks():
        behaviour = _asked(info, "get_ui_field_behaviour")
        if behaviour:
            found[info.connection_type] = behaviour
    return found


def forms() -> list[dict[str, Any]]:
    """A form for each connection type, as JSON-able data."""
    extra: dict[str, list[dict[str, Any]]] = {}
    for name, (_, field, _, kind) in widgets().items():
        extra.setdefault(kind, []).append(_field(name.removeprefix(f"extra__{kind}__"), field))
    shown = behaviours()
    return [
        {
            "connection_type": info.connection_type,
            "hook_name": info.hook_name,
            "hook_class": info.hook_class_name,
            "package": info.package_name,
            "is_testable": info.connection_testable,
            "hidden_fields": [str(name) for name in shown.get(info.connection_type, {}).get("hidden_fields", ())],
            "labels": _texts(shown.get(info.connection_type, {}).get("relabeling")),
            "placeholders": _texts(shown.get(info.connection_type, {}).get("placeholders")),
            "extra_fields": extra.get(info.connection_type, []),
        }
        for info in providers.hooks()
    ]


def field_type(field: Any) -> str:
    """The name of a field's class."""
    return str(getattr(getattr(field, "field_class", type(field)), "__name__", "StringField"))


def _asked(info: providers.HookInfo, method: str) -> dict[str, Any]:
    """What a hook's class says; nothing when it cannot say it."""
    ask: Callable[[], Any] | None = getattr(info.hook_class, method, None)
    if ask is None:
        return {}
    try:
        with stand_ins():
            return dict(ask() or {})
    except Exception as error:
        log.warning("%s.%s() failed: %s", info.hook_class_name, method, error)
        return {}


def _field(name: str, field: Any) -> dict[str, Any]:
    args, kwargs = tuple(getattr(field, "args", ())), dict(getattr(field, "kwargs", {}))
    label = kwargs.get("label", args[0] if args else name)
    described: dict[str, Any] = {
        "name": name,
        "label": str(label),
        "type": TYPES.get(field_type(field), "string"),
        "description": str(kwargs["description"]) if kwargs.get("description") else None,
        "default": _plain(kwargs.get("default")),
    }
    if field_type(field) == "SelectField":
        described["choices"] = [_choice(one) for one in kwargs.get("choices") or ()]
    return described


def _choice(one: Any) -> list[str]:
    return [str(one[0]), str(one[1])] if isinstance(one, list | tuple) and len(one) > 1 else [str(one), str(one)]


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


def _texts(values: Any) -> dict[str, str]:
    return {str(name): str(text) for name, text in (values or {}).items()}
