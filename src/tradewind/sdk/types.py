"""Small shared pieces of the authoring side: the "not given" marker, id checks, and lists of callbacks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from .exceptions import AirflowException


class ArgNotSet:
    """Type of :data:`NOTSET`, for arguments where ``None`` is a value of its own."""

    def __repr__(self) -> str:
        return "NOTSET"


NOTSET = ArgNotSet()
"""Default of an argument that was not given."""


class SetDuringExecution(ArgNotSet):
    """What a decorated operator gives for an argument that its function will return."""

    def __repr__(self) -> str:
        return "DYNAMIC (set during execution)"


SET_DURING_EXECUTION = SetDuringExecution()
"""Its one value."""

KEY_LENGTH = 250
GROUP_KEY_LENGTH = 200

_KEY = re.compile(r"^[\w.-]+$")
_GROUP_KEY = re.compile(r"^[\w-]+$")

StateCallback = Callable[[Any], Any]
Callbacks = StateCallback | list[StateCallback] | None


def validate_key(key: Any, max_length: int = KEY_LENGTH) -> None:
    """Check an id of a DAG or task. Raises TypeError for no text, AirflowException for what ids may not be."""
    if not isinstance(key, str):
        raise TypeError(f"The key has to be a string and is {type(key)}:{key}")
    if len(key) > max_length:
        raise AirflowException(f"The key has to be less than {max_length} characters")
    if not _KEY.match(key):
        raise AirflowException(
            f"The key {key!r} has to be made of alphanumeric characters, dashes, dots and underscores exclusively"
        )


def validate_group_key(key: Any, max_length: int = GROUP_KEY_LENGTH) -> None:
    """Check an id of a task group: as of a task, but without dots (they part prefix and id)."""
    if not isinstance(key, str):
        raise TypeError(f"The key has to be a string and is {type(key)}:{key}")
    if len(key) > max_length:
        raise AirflowException(f"The key has to be less than {max_length} characters, not {len(key)}")
    if not _GROUP_KEY.match(key):
        raise AirflowException(
            f"The key {key!r} has to be made of alphanumeric characters, dashes and underscores exclusively"
        )


def as_timedelta(value: Any) -> timedelta:
    """A duration given as timedelta or as seconds."""
    return value if isinstance(value, timedelta) else timedelta(seconds=value)


def as_list(value: Any) -> list[Any]:
    """Callbacks, inlets, setups …: nothing, one or several, as a list. A text counts as one."""
    if value is None:
        return []
    is_one = isinstance(value, (str, bytes, dict)) or hasattr(value, "__fspath__") or hasattr(value, "set_upstream")
    # An XComArg has __iter__ only to refuse it.
    return [value] if is_one or not isinstance(value, Iterable) else list(value)
