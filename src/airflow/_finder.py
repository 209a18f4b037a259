"""Builds ``airflow.*`` modules from the name tables when they are first imported (PEP 451, PEP 562).

A table row says where a name really lives; nothing is imported before somebody asks for it. Files on disk win: the
finder stands last, so a provider wheel that is installed is used instead of our rows for the same module.
Providers import ``airflow`` in their first line: what this file imports itself is counted (a test does).
"""

from __future__ import annotations

import os
import sys
from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any

_TABLES = tuple(f"airflow._names_{table}" for table in ("core", "sdk", "2x", "orm", "packages", "providers"))
_ROOT = "airflow"


class Names:
    """All rows of the tables: modules, where their names lead, which are old, which are left out on purpose."""

    def __init__(self, tables: Sequence[ModuleType]) -> None:
        self.modules: dict[str, dict[str, str]] = {}
        self.moved: dict[str, str] = {}
        self.absent: dict[str, str] = {}
        for table in tables:
            for module, targets in table.MODULES.items():
                self.modules.setdefault(module, {}).update(_flat(targets))
            self.moved.update(getattr(table, "MOVED", {}))
            self.absent.update(getattr(table, "ABSENT", {}))
        self.packages = {_ROOT}
        for module in [*self.modules, *self.absent]:
            parent = module.rpartition(".")[0]
            while parent and parent not in self.packages:
                self.packages.add(parent)
                parent = parent.rpartition(".")[0]

    def known(self, module: str) -> bool:
        """Whether the tables have the module, as one with names or as the parent of one."""
        return module in self.modules or (module in self.packages and module not in self.absent)


def _flat(targets: Mapping[str, str]) -> dict[str, str]:
    """One row per name. ``{"a.b": "X Y=Z m="}`` is X → a.b:X, Y → a.b:Z, m → the module a.b itself."""
    rows: dict[str, str] = {}
    for target, words in targets.items():
        for word in words.split():
            name, equals, real = word.partition("=")
            rows[name] = f"{target}:{real if equals else name}"
    return rows


_names: list[Names] = []


def names() -> Names:
    """The tables, read on first use: ``import airflow`` alone does not need them."""
    if not _names:
        _names.append(Names([import_module(table) for table in _TABLES]))
    return _names[0]


def resolve(row: str) -> object:
    """What a row ``module:name`` (or ``module:``) leads to. Raises ImportError when it is not there."""
    module, _, name = row.partition(":")
    try:
        found = import_module(module)
    except ModuleNotFoundError as error:
        raise ImportError(_not_installed(module) or str(error), name=module) from error
    if not name:
        return found
    try:
        value = getattr(found, name)
    except AttributeError as error:
        raise ImportError(f"{module} has no {name}", name=module) from error
    if type(value).__name__ == "Queryable":
        # Its mapped counterpart is found through us: authoring itself does not know the compat classes.
        type(value).mapped = mapped
    return value


def mapped(name: str) -> object:
    """The mapped class of a light class, imported when a file first uses one in a query."""
    return import_module("tradewind.orm.models").mapped(name)


def _not_installed(module: str) -> str | None:
    parts = module.split(".")
    if parts[:2] != [_ROOT, "providers"] or len(parts) < 3:
        return None
    provider = parts[2]
    if provider in ("apache", "cncf", "common", "microsoft", "dbt", "atlassian", "celery") and len(parts) > 3:
        provider = provider if provider == "celery" else f"{provider}-{parts[3]}"
    return (
        f"{module} comes with a provider package that is not installed: pip install apache-airflow-providers-{provider}"
    )


def attribute(module: str, name: str) -> object:
    """The value of ``module.name``, by the tables; a submodule when there is one. Raises AttributeError."""
    if name.startswith("__"):
        raise AttributeError(f"module {module!r} has no attribute {name!r}")
    table = names()
    full = f"{module}.{name}"
    row = table.modules.get(module, {}).get(name)
    if row is not None:
        value = resolve(row)
        notice = table.moved.get(full) or table.moved.get(module)
        if notice:
            _warn(full, notice)
        return value
    if table.known(full):
        return import_module(full)
    reason = table.absent.get(full)
    raise AttributeError(f"module {module!r} has no attribute {name!r}" + (f": {reason}" if reason else ""))


def _warn(old: str, new: str) -> None:
    import warnings

    category = resolve("tradewind.sdk.exceptions:RemovedInAirflow3Warning")
    assert isinstance(category, type)
    assert issubclass(category, Warning)
    warnings.warn(f"{old} is an old name and will go; import {new} instead.", category, stacklevel=4)


# The class of this module's own spec: importlib.machinery is not loaded for its name alone.
_new_spec: type[ModuleSpec] = type(__spec__)  # type: ignore[name-defined,unused-ignore]


def extended(path: list[str]) -> list[str]:
    """``path`` and each other folder ``airflow`` on ``sys.path``: pkgutil.extend_path, without loading pkgutil."""
    found = list(path)
    for entry in sys.path:
        folder = os.path.join(entry, _ROOT)
        if folder not in found and os.path.isdir(folder):
            found.append(folder)
    return found


class _TableModule(type(sys)):  # type: ignore[misc]  # types.ModuleType, not loaded for its name alone
    """A module where a name of the tables stays what it is when a submodule of that name is imported:
    ``airflow.decorators.task_group`` is both."""

    def __setattr__(self, name: str, value: object) -> None:
        if isinstance(value, _TableModule) and name in names().modules.get(self.__name__, {}):
            return
        super().__setattr__(name, value)


class TableLoader:
    """Makes the module object; its names are filled in on access."""

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """An empty module."""
        return _TableModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Give the module PEP 562 access to its rows. Nothing is cached for old names: each use is warned about."""
        name = module.__name__
        table = names()
        rows = table.modules.get(name, {})

        def __getattr__(wanted: str) -> object:
            value = attribute(name, wanted)
            if name not in table.moved and f"{name}.{wanted}" not in table.moved:
                module.__dict__[wanted] = value
            return value

        def __dir__() -> list[str]:
            return sorted({*module.__dict__, *rows})

        module.__doc__ = f"{name}: names that Airflow offers here; each leads into tradewind."
        module.__dict__.update(__getattr__=__getattr__, __dir__=__dir__)
        if rows:
            module.__dict__["__all__"] = [row for row in rows if not row.startswith("_")]


_LOADER: Any = TableLoader()  # has what importlib asks of a loader, without its abstract class


class TableFinder:
    """The last entry of ``sys.meta_path``; answers for ``airflow.*`` only."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not fullname.startswith("airflow.") or fullname.startswith("airflow._"):
            return None
        table = names()
        if table.known(fullname):
            # All are packages, so that "from airflow.models import X" asks for airflow.models.X and gets a reason.
            spec = _new_spec(fullname, _LOADER, origin="tradewind", is_package=True)
            spec.submodule_search_locations = list(_portions(fullname))
            return spec
        reason = table.absent.get(fullname)
        if reason is None:
            return _macros_of_plugin(fullname) if fullname.startswith("airflow.macros.") else None
        # Named after the parent: of one named after what a from-import asks for, importlib would swallow the reason.
        raise ModuleNotFoundError(f"{fullname} is not there: {reason}", name=fullname.rpartition(".")[0])

    def invalidate_caches(self) -> None:
        """Nothing is cached here."""


class _Ready(TableLoader):
    """Gives a module that is there already."""

    def __init__(self, module: ModuleType) -> None:
        self._module = module

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._module

    def exec_module(self, module: ModuleType) -> None:
        """It was filled when its plugin was loaded."""


def _macros_of_plugin(fullname: str) -> ModuleSpec | None:
    """``airflow.macros.<plugin>``: loading the plugins makes it, when one of that name has macros."""
    import_module("tradewind.plugins.discovery").integrate_macros_plugins()
    module = sys.modules.get(fullname)
    if module is None:
        return None
    loader: Any = _Ready(module)
    return _new_spec(fullname, loader, origin="a plugin")


def _portions(fullname: str) -> Sequence[str]:
    """Folders of that name beside us or in other wheels: none for table modules but ``airflow.providers``'s."""
    if not fullname.startswith("airflow.providers"):
        return ()
    tail = fullname.split(".")[1:]
    return ["/".join([base, *tail]) for base in sys.modules[_ROOT].__path__]


def install() -> None:
    """Put the finder at the end of ``sys.meta_path``, once."""
    if not any(isinstance(finder, TableFinder) for finder in sys.meta_path):
        sys.meta_path.append(TableFinder())
