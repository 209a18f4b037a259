"""Records by which plugins and auth managers of providers say what somebody wants to see (``airflow.auth.managers``).

tradewind decides by its own permissions; an auth manager of a provider is not asked. The records can be made and passed
on, which is what modules of providers do when they are imported.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Literal

ResourceMethod = Literal["GET", "POST", "PUT", "DELETE", "MENU"]

_ACTIONS = {"POST": "can_create", "GET": "can_read", "PUT": "can_edit", "DELETE": "can_delete", "MENU": "menu_access"}


class AccessView(Enum):
    """Pages that are no resource."""

    CLUSTER_ACTIVITY = "CLUSTER_ACTIVITY"
    DOCS = "DOCS"
    IMPORT_ERRORS = "IMPORT_ERRORS"
    JOBS = "JOBS"
    PLUGINS = "PLUGINS"
    PROVIDERS = "PROVIDERS"
    TRIGGERS = "TRIGGERS"
    WEBSITE = "WEBSITE"


class DagAccessEntity(Enum):
    """What of a DAG."""

    AUDIT_LOG = "AUDIT_LOG"
    CODE = "CODE"
    DEPENDENCIES = "DEPENDENCIES"
    RUN = "RUN"
    SLA_MISS = "SLA_MISS"
    TASK = "TASK"
    TASK_INSTANCE = "TASK_INSTANCE"
    TASK_RESCHEDULE = "TASK_RESCHEDULE"
    TASK_LOGS = "TASK_LOGS"
    WARNING = "WARNING"
    XCOM = "XCOM"


@dataclass
class ConfigurationDetails:
    """A section of the configuration."""

    section: str | None = None


@dataclass
class ConnectionDetails:
    """A connection."""

    conn_id: str | None = None


@dataclass
class DagDetails:
    """A DAG."""

    id: str | None = None


@dataclass
class DatasetDetails:
    """A dataset."""

    uri: str | None = None


@dataclass
class PoolDetails:
    """A pool."""

    name: str | None = None


@dataclass
class VariableDetails:
    """A variable."""

    key: str | None = None


class BaseUser(ABC):
    """Somebody who is signed in."""

    @property
    def is_active(self) -> bool:
        """Whether the account may be used."""
        return True

    @abstractmethod
    def get_id(self) -> str:
        """The user's id."""

    @abstractmethod
    def get_name(self) -> str:
        """The name to show."""


class BaseAuthManager:
    """Base of auth managers of providers. tradewind has its own: making one of these says so."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        raise NotImplementedError(
            f"{type(self).__name__} cannot sign people in here: tradewind has its own users, roles and sign-on; "
            "see [api] auth_backends"
        )


def get_fab_action_from_method_map() -> Mapping[str, str]:
    """HTTP method → action of a permission."""
    return dict(_ACTIONS)


def get_method_from_fab_action_map() -> Mapping[str, str]:
    """Action of a permission → HTTP method."""
    return {"can_read" if action == "can_read" else action: method for method, action in _ACTIONS.items()}
