"""Provider packages: what their ``get_provider_info`` says, and the hooks that it names.

Reading the information runs a small module of each provider, asking for a hook its code: only where user code may run.
Offered as ``airflow.providers_manager``.
"""

from __future__ import annotations

import functools
import importlib
import logging
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from tradewind.sdk import process_settings
from tradewind.sdk.loading import import_string

from . import catalogue, metadata_cache

log = logging.getLogger("airflow.providers_manager")

DECORATORS = "task-decorators"


class ProviderInfo(NamedTuple):
    """One provider: its distribution, and what it says of itself."""

    package: str
    version: str
    summary: str
    data: Mapping[str, Any]


class HookInfo(NamedTuple):
    """The hook of a connection type. ``hook_class`` None: a type without one."""

    connection_type: str
    hook_class_name: str | None
    connection_id_attribute_name: str | None
    package_name: str | None
    hook_name: str
    hook_class: Any = None

    @property
    def connection_testable(self) -> bool:
        """Whether the hook can test its connection."""
        return hasattr(self.hook_class, "test_connection")


CORE_HOOKS = {"fs": "airflow.hooks.filesystem.FSHook", "package_index": "airflow.hooks.package_index.PackageIndexHook"}
"""Connection types of the house, under Airflow's names."""
WITHOUT_HOOK = {"generic": "Generic", "email": "Email"}


@functools.cache
def infos() -> tuple[ProviderInfo, ...]:
    """All providers, by name. One that cannot say what it is is left out, and told of in the log."""
    packages = catalogue.installed(catalogue.PROVIDER_GROUP)
    if not packages:
        return ()
    kept = metadata_cache.read(packages)
    if kept is None:
        kept = {package.name: data for package in packages if (data := _asked(package)) is not None}
        metadata_cache.write(packages, kept)
    return tuple(
        ProviderInfo(package.name, package.version, package.summary, kept[package.name])
        for package in packages
        if package.name in kept
    )


def _asked(package: catalogue.InstalledPackage) -> dict[str, Any] | None:
    try:
        module, _, attribute = package.value.partition(":")
        data = getattr(importlib.import_module(module), attribute)()
    except Exception as error:
        log.error("Provider %s cannot be used: %s", package.name, error)
        return None
    return dict(data) if isinstance(data, Mapping) else None


def entries(key: str) -> Iterator[tuple[ProviderInfo, Any]]:
    """The items of one list of all providers."""
    for info in infos():
        for item in info.data.get(key) or ():
            yield info, item


def plugin_classes() -> list[str]:
    """Dotted names of plugins that providers bring."""
    return [item["plugin-class"] for _, item in entries("plugins") if item.get("plugin-class")]


def task_decorators() -> dict[str, str]:
    """Name → dotted name of the decorator."""
    return {item["name"]: item["class-name"] for _, item in entries(DECORATORS)}


def task_decorator(name: str) -> Any:
    """The decorator ``@task.<name>`` of a provider; None when none brings it."""
    path = task_decorators().get(name)
    return None if path is None else import_string(path)


def config_sections() -> dict[str, dict[str, Any]]:
    """Sections of the configuration that providers bring: section → its description and options."""
    found: dict[str, dict[str, Any]] = {}
    for info in infos():
        for section, described in (info.data.get("config") or {}).items():
            known = found.setdefault(section, {"description": described.get("description"), "options": {}})
            known["options"].update(described.get("options") or {})
    return found


@functools.cache
def config_default(section: str, key: str) -> str | None:
    """The default of a provider's option."""
    option = config_sections().get(section, {}).get("options", {}).get(key, {})
    value = option.get("default")
    if not isinstance(value, str) or option.get("is_template"):
        return None if value is None else str(value)
    # As in airflow.cfg's own defaults, braces stand for a variable or are doubled.
    return value.replace("{AIRFLOW_HOME}", str(process_settings.AIRFLOW_HOME)).replace("{{", "{").replace("}}", "}")


def hook_classes() -> dict[str, tuple[str, str]]:
    """Connection type → (hook class, package), of the house and of all providers; nothing of a hook is imported."""
    found: dict[str, tuple[str, str]] = {kind: (path, path.rpartition(".")[0]) for kind, path in CORE_HOOKS.items()}
    for info, item in entries("connection-types"):
        found.setdefault(item["connection-type"], (item["hook-class-name"], info.package))
    for info, path in entries("hook-class-names"):  # providers of Airflow 2.0 and 2.1 know only these
        kind = _type_of(path)
        if kind is not None:
            found.setdefault(kind, (path, info.package))
    return found


def _type_of(path: str) -> str | None:
    try:
        kind = getattr(import_string(path), "conn_type", None)
    except Exception as error:
        log.warning("The hook %s cannot be imported: %s", path, error)
        return None
    return kind if isinstance(kind, str) else None


@functools.cache
def hook(connection_type: str) -> HookInfo | None:
    """The hook of a type; None when nobody brings one, or it cannot be imported (the log says why)."""
    if connection_type in WITHOUT_HOOK:
        return HookInfo(connection_type, None, None, None, WITHOUT_HOOK[connection_type])
    known = hook_classes().get(connection_type)
    if known is None:
        return None
    path, package = known
    try:
        hook_class = import_string(path)
    except Exception as error:
        log.warning("The hook %s of %s cannot be imported: %s", path, package, error)
        return None
    return HookInfo(
        connection_type,
        path,
        getattr(hook_class, "conn_name_attr", None),
        package,
        str(getattr(hook_class, "hook_name", connection_type)),
        hook_class,
    )


def hooks() -> list[HookInfo]:
    """All connection types whose hook can be imported, those of the house first."""
    names = [*WITHOUT_HOOK, *hook_classes()]
    return [found for name in names if (found := hook(name)) is not None]


def hook_for(connection_type: str | None) -> tuple[Any, str]:
    """The hook's class and the parameter that takes the connection's id. Raises LookupError for an unknown type."""
    found = hook(connection_type or "")
    if found is None or found.hook_class is None or not found.connection_id_attribute_name:
        raise LookupError(f'Unknown hook type "{connection_type}"')
    return found.hook_class, found.connection_id_attribute_name


def class_names(key: str) -> list[str]:
    """Dotted names that all providers list under a key ("extra-links", "logging", "secrets-backends" …), sorted."""
    return sorted({str(item) for _, item in entries(key)})


def link_classes() -> list[str]:
    """Extra link classes of providers; only these are made by name."""
    return class_names("extra-links")


@functools.cache
def file_systems() -> dict[str, Any]:
    """Scheme → the function of a provider that makes its fsspec file system of a connection's id."""
    found: dict[str, Any] = {}
    for path in class_names("filesystems"):
        module = importlib.import_module(path)
        found.update(dict.fromkeys(module.schemes, module.get_fs))
    return found


@functools.cache
def dataset_uri_handler(scheme: str) -> Any:
    """A provider's rule for the spelling of URIs of a scheme; None without one."""
    for key in ("asset-uris", "dataset-uris"):
        for _, item in entries(key):
            if scheme in (item.get("schemes") or ()) and item.get("handler"):
                return _imported(item["handler"])
    return None


def _imported(path: str) -> Any:
    try:
        return import_string(path)
    except Exception as error:
        log.warning("%s cannot be imported: %s", path, error)
        return None


class ProvidersManager:
    """The providers under the names by which provider packages and plugins ask for them."""

    @property
    def providers(self) -> dict[str, Any]:
        """Package → information."""
        return {info.package: _Provider(info.version, dict(info.data), "package") for info in infos()}

    @property
    def hooks(self) -> Mapping[str, HookInfo | None]:
        """Connection type → its hook, imported when it is asked for: all of them would take seconds."""
        return _Hooks()

    @property
    def taskflow_decorators(self) -> dict[str, Any]:
        """Name → decorator."""
        return {name: import_string(path) for name, path in task_decorators().items()}

    @property
    def extra_links_class_names(self) -> list[str]:
        """Dotted names of extra links."""
        return link_classes()

    @property
    def logging_class_names(self) -> list[str]:
        """Dotted names of log handlers."""
        return class_names("logging")

    @property
    def secrets_backend_class_names(self) -> list[str]:
        """Dotted names of secrets back ends."""
        return class_names("secrets-backends")

    @property
    def notification(self) -> list[str]:
        """Dotted names of notifiers."""
        return class_names("notifications")

    @property
    def executor_class_names(self) -> list[str]:
        """Dotted names of executors."""
        return class_names("executors")

    @property
    def auth_managers(self) -> list[str]:
        """Dotted names of auth managers."""
        return class_names("auth-managers")

    @property
    def filesystem_module_names(self) -> list[str]:
        """Modules of file systems for object storage."""
        return class_names("filesystems")

    @property
    def dialects(self) -> dict[str, Any]:
        """Name → SQL dialect, as common-sql asks for them."""
        return {
            item["dialect-type"]: _Dialect(item["dialect-type"], item["dialect-class-name"], info.package)
            for info, item in entries("dialects")
        }

    @property
    def field_behaviours(self) -> dict[str, Any]:
        """Connection type → behaviour of its form."""
        from .forms import behaviours  # needs the hooks' modules

        return behaviours()

    @property
    def plugins(self) -> list[Any]:
        """Plugins of providers."""
        return [
            _Plugin(str(item.get("name")), str(item.get("plugin-class")), info.package)
            for info, item in entries("plugins")
        ]

    @property
    def provider_configs(self) -> list[tuple[str, Any]]:
        """(package, sections) of providers that bring options."""
        return [(info.package, info.data["config"]) for info in infos() if info.data.get("config")]

    @property
    def trigger(self) -> list[Any]:
        """Modules of triggers."""
        return [
            _Trigger(str(module), info.package, item.get("integration-name", ""))
            for info, item in entries("triggers")
            for module in item.get("python-modules") or ()
        ]

    def initialize_providers_list(self) -> None:
        """Read what there is now; otherwise it is read when it is asked for."""
        infos()


class _Hooks(Mapping[str, HookInfo | None]):
    """Looks a hook up when it is asked for."""

    def __getitem__(self, name: str) -> HookInfo | None:
        if name not in self._names():
            raise KeyError(name)
        return hook(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names())

    def __len__(self) -> int:
        return len(self._names())

    def __contains__(self, name: object) -> bool:
        return name in self._names()

    def _names(self) -> dict[str, None]:
        return dict.fromkeys([*WITHOUT_HOOK, *hook_classes()])


class _Provider(NamedTuple):
    version: str
    data: dict[str, Any]
    package_or_source: str

    @property
    def is_source(self) -> bool:
        return False


class _Dialect(NamedTuple):
    name: str
    dialect_class_name: str
    provider_name: str


class _Plugin(NamedTuple):
    name: str
    plugin_class: str
    provider_name: str


class _Trigger(NamedTuple):
    trigger_class_name: str
    package_name: str
    integration_name: str


def forget() -> None:
    """Look again when next asked."""
    for cached in (catalogue.installed, infos, config_default, hook, file_systems, dataset_uri_handler):
        cached.cache_clear()
