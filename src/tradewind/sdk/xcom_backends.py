"""The XCom back end of ``[core] xcom_backend``: turns values into what is stored and back. Without one JSON does."""

from __future__ import annotations

import inspect
import logging
from functools import cache
from types import SimpleNamespace
from typing import Any, NamedTuple

from . import codec
from .loading import import_string
from .settings_reader import conf
from .xcom_limits import check_size, unstorable

log = logging.getLogger("airflow.task")

DEFAULTS = frozenset({"", "airflow.models.xcom.BaseXCom", "airflow.models.xcom.XCom"})


class XComPlace(NamedTuple):
    """Whose XCom it is, and its key."""

    key: str
    dag_id: str | None = None
    run_id: str | None = None
    task_id: str | None = None
    map_index: int = -1


def backend() -> Any | None:
    """The configured class; None for the house's own way. Raises ImportError for one that is not there."""
    path = str(conf.get("core", "xcom_backend", fallback="") or "")
    return None if path in DEFAULTS else _class_of(path)


def encoded(value: Any, place: XComPlace) -> str:
    """The text to store. Raises what the back end raises, and TypeError when it gives what is no text."""
    name = f"The XCom {place.key!r} of task '{place.task_id}'"
    try:
        text = _text_of(value, place)
    except (TypeError, ValueError, AttributeError, RecursionError):
        log.error("%s", unstorable(name))
        raise
    check_size(text, name)
    return text


def _text_of(value: Any, place: XComPlace) -> str:
    custom = backend()
    if custom is None:
        return codec.encode(value)
    given = custom.serialize_value(value, **_accepted(custom.serialize_value, place))
    try:
        text = given.decode() if isinstance(given, bytes) else given
    except UnicodeDecodeError:
        text = None
    if not isinstance(text, str):
        raise TypeError(f"{custom.__qualname__}.serialize_value() must give text, or bytes in UTF-8")
    return text


def decoded(text: str, place: XComPlace) -> Any:
    """The value that was stored. Raises what the back end raises."""
    custom = backend()
    if custom is None:
        return codec.decode(text)
    return custom.deserialize_value(SimpleNamespace(value=text.encode(), **place._asdict()))


def purges() -> bool:
    """Whether the back end wants to know which values are deleted."""
    return getattr(backend(), "purge", None) not in (None, keep_nothing)


def purge(text: str, place: XComPlace) -> None:
    """Tell the back end that a value is deleted. Raises what it raises."""
    custom = backend()
    if custom is not None:
        custom.purge(SimpleNamespace(value=text.encode(), **place._asdict()), None)


def keep_nothing(xcom: Any, session: Any = None) -> None:
    """What BaseXCom does when a value is deleted: nothing."""


@cache
def _class_of(path: str) -> Any:
    return import_string(path)


def _accepted(function: Any, place: XComPlace) -> dict[str, Any]:
    """Older back ends take the value alone."""
    parameters = inspect.signature(function).parameters
    everything = any(one.kind is one.VAR_KEYWORD for one in parameters.values())
    return {name: item for name, item in place._asdict().items() if everything or name in parameters}
