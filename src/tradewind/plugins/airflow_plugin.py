"""What a plugin is: a class with a name and lists of what it brings. Offered as ``airflow.plugins_manager``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar


class AirflowPluginException(Exception):
    """A plugin cannot be used as it is written."""


class AirflowPluginSource:
    """Where a plugin comes from; its text is what lists show."""

    def __str__(self) -> str:
        raise NotImplementedError

    def __html__(self) -> str:
        """For pages; people see the same text."""
        raise NotImplementedError


class PluginsDirectorySource(AirflowPluginSource):
    """A file of the plugins folder."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __str__(self) -> str:
        return f"$PLUGINS_FOLDER/{self.path}"

    def __html__(self) -> str:
        return f"<em>$PLUGINS_FOLDER/</em>{self.path}"


class EntryPointSource(AirflowPluginSource):
    """An installed distribution."""

    def __init__(self, dist: Any, entry_point: Any) -> None:
        self.dist = dist.metadata["Name"] if dist is not None else ""
        self.version = dist.version if dist is not None else ""
        self.entrypoint = str(entry_point)

    def __str__(self) -> str:
        return f"{self.dist}=={self.version}: {self.entrypoint}"

    def __html__(self) -> str:
        return f"<em>{self.dist}=={self.version}:</em> {self.entrypoint}"


class AirflowPlugin:
    """Base class of plugins. Subclasses set ``name`` and whichever of the lists they have something for."""

    name: str | None = None
    source: AirflowPluginSource | None = None
    hooks: ClassVar[list[Any]] = []
    executors: ClassVar[list[Any]] = []
    macros: ClassVar[list[Callable[..., Any]]] = []
    admin_views: ClassVar[list[Any]] = []
    flask_blueprints: ClassVar[list[Any]] = []
    menu_links: ClassVar[list[Any]] = []
    appbuilder_views: ClassVar[list[Any]] = []
    appbuilder_menu_items: ClassVar[list[Any]] = []
    global_operator_extra_links: ClassVar[list[Any]] = []
    operator_extra_links: ClassVar[list[Any]] = []
    ti_deps: ClassVar[list[Any]] = []
    timetables: ClassVar[list[Any]] = []
    listeners: ClassVar[list[Any]] = []
    hook_lineage_readers: ClassVar[list[Any]] = []
    priority_weight_strategies: ClassVar[list[Any]] = []
    fastapi_apps: ClassVar[list[Any]] = []
    fastapi_root_middlewares: ClassVar[list[Any]] = []
    external_views: ClassVar[list[Any]] = []
    react_apps: ClassVar[list[Any]] = []

    @classmethod
    def validate(cls) -> None:
        """Raises AirflowPluginException for a plugin without a name."""
        if not cls.name:
            raise AirflowPluginException("Your plugin needs a name.")

    @classmethod
    def on_load(cls, *args: Any, **kwargs: Any) -> None:
        """Called once in a process, when the plugin has been loaded."""
