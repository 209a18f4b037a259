"""``apply_defaults`` of Airflow 1.10: every operator applies default_args now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])


def apply_defaults(func: F) -> F:
    """The function itself."""
    return func
