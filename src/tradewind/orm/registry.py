"""The mapper registry of the compat classes, and the base class under which provider packages declare tables."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import DeclarativeBase, registry

from . import tables

REGISTRY = registry(metadata=tables.METADATA)


class Base(DeclarativeBase):
    """``airflow.models.base.Base``: for tables of third parties. Ours are not made through it."""

    registry = REGISTRY
    __abstract__ = True


def fill(instance: Any, values: dict[str, Any]) -> None:
    """Set attributes of a new object. Raises TypeError for a name that the class does not have."""
    for name, value in values.items():
        if not hasattr(type(instance), name):
            raise TypeError(f"{name!r} is an invalid keyword argument for {type(instance).__name__}")
        setattr(instance, name, value)


class Row:
    """A compat class without a counterpart in authoring: made from keyword arguments, shown by its key."""

    def __init__(self, **values: Any) -> None:
        fill(self, values)

    def __repr__(self) -> str:
        mapper: Any = type(self).__mapper__  # type: ignore[attr-defined]
        key = ", ".join(f"{column.key}={getattr(self, column.key)!r}" for column in mapper.primary_key)
        return f"<{type(self).__name__} {key}>"
