"""Users' values as JSON text and back. The codecs themselves are serde's, one floor up; they are found by name, so that
authoring does not load (nor import) them before a value is really sent."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

from .settings_reader import conf

_CODECS = "tradewind.serde.values"
MARK = "__classname__"
"""What a text has in it that is more than plain JSON."""


def encode(value: Any) -> str:
    """The value as text. Raises what serde raises for a value that cannot be stored."""
    text: str = _codecs().dumps(value)
    return text


def decode(text: str) -> Any:
    """The value that was stored. Raises ImportError for a class that ``[core] allowed_deserialization_classes`` and its
    ``_regexp`` do not name."""
    codecs = _codecs()
    return codecs.loads(text, allowed=allowed_classes()) if MARK in text else codecs.loads(text)


@cache
def _codecs() -> Any:
    return import_module(_CODECS)


def allowed_classes() -> Any:
    """The classes that the configuration of this process permits."""
    globs = conf.get("core", "allowed_deserialization_classes", fallback="airflow.*")
    return _allowed(str(globs), str(conf.get("core", "allowed_deserialization_classes_regexp", fallback="")))


@cache
def _allowed(globs: str, regexps: str) -> Any:
    return _codecs().AllowedClasses.from_options(globs, regexps)
