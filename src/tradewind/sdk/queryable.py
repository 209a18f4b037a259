"""What lets the light classes of DAG authors stand in database queries.

``airflow.models.TaskInstance`` is the class of ``ti`` in every task, and must not cost an import of SQLAlchemy. When a
file uses it as Airflow's ORM class (``session.query(TaskInstance).filter(TaskInstance.dag_id == …)``), the class asks
its mapped counterpart, which is imported then.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar


class Queryable(type):
    """Metaclass: a name that the class does not have is looked for in its mapped counterpart."""

    mapped: ClassVar[Callable[[str], Any] | None] = None
    """Class name → mapped class; set by the façade."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__") and name != "__clause_element__":
            raise AttributeError(name)
        counterpart = counterpart_of(cls)
        if counterpart is None or (name.startswith("_") and name != "__clause_element__"):
            raise AttributeError(f"type object {cls.__name__!r} has no attribute {name!r}")
        if name == "__clause_element__":
            return counterpart.__mapper__.__clause_element__
        return getattr(counterpart, name)


def counterpart_of(cls: type) -> Any:
    """The mapped class that stands for ``cls`` in queries; None for a mapped one, and where there is no façade."""
    find = Queryable.mapped
    if find is None or "__mapper__" in vars(cls):
        return None
    found = find(cls.__name__)
    return None if found is cls else found


class column_property(property):  # used as the built-in is
    """A property of an instance; of the class, the mapped column of that name."""

    def __init__(self, *functions: Any, name: str = "", **more: Any) -> None:
        super().__init__(*functions, **more)
        self.column = name or self.fget.__name__  # type: ignore[union-attr]

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        if instance is None and owner is not None:
            counterpart = counterpart_of(owner)
            if counterpart is not None:
                return getattr(counterpart, self.column)
            return self
        return super().__get__(instance, owner)
