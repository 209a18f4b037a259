"""``conf`` for user code: values from the running process's Runtime, else from the environment alone.

User code never reads a configuration file itself: the process that forked us has, and answers (sdk.runtime).
"""

from __future__ import annotations

import json
import os
from datetime import timedelta
from importlib import import_module
from typing import Any, TypeVar

from tradewind.sdk import runtime
from tradewind.sdk.exceptions import AirflowConfigException
from tradewind.sdk.identifiers import TRUE_LIKE_VALUES
from tradewind.sdk.loading import import_string

N = TypeVar("N", int, float)
_FALSE_LIKE = frozenset({"f", "false", "0", "n", "no", "off"})


class SettingsReader:
    """What ``airflow.configuration.conf`` offers for reading; nothing can be set through it."""

    def get(
        self,
        section: str,
        key: str,
        suppress_warnings: bool = False,
        _extra_stacklevel: int = 0,
        **kwargs: Any,
    ) -> Any:
        """The text of an option. Raises AirflowConfigException when it has none and no ``fallback`` is given."""
        value = _value(section.lower(), key.lower())
        if value is not None:
            return value
        if "fallback" in kwargs:
            return kwargs["fallback"]
        raise AirflowConfigException(f"section/key [{section}/{key}] not found in config")

    def get_mandatory_value(self, section: str, key: str, **kwargs: Any) -> str:
        """The same; an empty result is an error."""
        value = self.get(section, key, **kwargs)
        if value is None:
            raise ValueError(f"The value {section}/{key} should be set!")
        return str(value)

    def getboolean(self, section: str, key: str, **kwargs: Any) -> bool:
        """True for t, true, 1 and their kind, False for f, false, 0. Raises AirflowConfigException for the rest."""
        text = str(self.get(section, key, **kwargs)).lower().strip().split("#")[0].strip()
        if text in TRUE_LIKE_VALUES:
            return True
        if text in _FALSE_LIKE:
            return False
        raise AirflowConfigException(
            f'Failed to convert value to bool. Please check "{key}" key in "{section}" section. '
            f'Current value: "{text}".'
        )

    def getint(self, section: str, key: str, **kwargs: Any) -> int:
        """As a whole number. Raises AirflowConfigException for what is none."""
        return self._converted(int, section, key, **kwargs)

    def getfloat(self, section: str, key: str, **kwargs: Any) -> float:
        """As a number. Raises AirflowConfigException for what is none."""
        return self._converted(float, section, key, **kwargs)

    def _converted(self, kind: type[N], section: str, key: str, **kwargs: Any) -> N:
        value = self.get(section, key, **kwargs)
        try:
            return kind(value)
        except (TypeError, ValueError):
            raise AirflowConfigException(
                f'Failed to convert value to {kind.__name__}. Please check "{key}" key in "{section}" section. '
                f'Current value: "{value}".'
            ) from None

    def getlist(self, section: str, key: str, delimiter: str = ",", **kwargs: Any) -> list[str]:
        """A text with delimiters as list."""
        value = self.get(section, key, **kwargs)
        return [part.strip() for part in value.split(delimiter)] if isinstance(value, str) else value

    def getjson(self, section: str, key: str, fallback: Any = None, **kwargs: Any) -> Any:
        """A JSON text as value. Raises AirflowConfigException when it is none."""
        text = self.get(section, key, fallback=None, **kwargs)
        if not text:
            return fallback
        try:
            return json.loads(text)
        except json.JSONDecodeError as error:
            raise AirflowConfigException(f"Unable to parse [{section}] {key!r} as valid json") from error

    def gettimedelta(self, section: str, key: str, fallback: Any = None, **kwargs: Any) -> timedelta | None:
        """Seconds as timedelta."""
        value = self.get(section, key, fallback=None, **kwargs)
        if not value:
            return fallback  # type: ignore[no-any-return]
        try:
            return timedelta(seconds=int(value))
        except ValueError as error:
            raise AirflowConfigException(
                f'Failed to convert value to int. Please check "{key}" key in "{section}" section. '
                f'Current value: "{value}".'
            ) from error

    def getimport(self, section: str, key: str, **kwargs: Any) -> Any:
        """The object that a dotted name in an option names, None when empty."""
        path = self.get(section, key, **kwargs)
        if not path:
            return None
        try:
            return import_string(path)
        except ImportError as error:
            raise AirflowConfigException(
                f'The object could not be loaded. Please check "{key}" key in "{section}" section. '
                f'Current value: "{path}".'
            ) from error

    def has_option(self, section: str, option: str, **kwargs: Any) -> bool:
        """Whether the option has a value."""
        return _value(section.lower(), option.lower()) is not None

    def getsection(self, section: str) -> dict[str, Any] | None:
        """What the environment sets in a section, None when that is nothing."""
        prefix = f"AIRFLOW__{section.upper()}__"
        environ = os.environ  # noqa: TID251  DAG files ask at any time
        found = {name.removeprefix(prefix).lower(): text for name, text in environ.items() if name.startswith(prefix)}
        return found or None


def _value(section: str, key: str) -> str | None:
    text = os.environ.get(f"AIRFLOW__{section.upper().replace('.', '_')}__{key.upper()}")  # noqa: TID251  DAG files ask at any time
    if text is not None:
        return text
    found = runtime.find()
    if found is not None:
        value = found.get_config(section, key)
        if value is not None:
            return str(value)
    if (section, key) == ("database", "sql_alchemy_conn"):
        home = import_module("tradewind.sdk.process_settings").AIRFLOW_HOME  # it reads options itself
        return f"sqlite:///{home}/tradewind.db"
    default = _DEFAULTS.get((section, key))
    return default if default is not None else _provider_default(section, key)


def _provider_default(section: str, key: str) -> str | None:
    """The default of a provider's option. While the providers are asked for theirs they see none."""
    # Providers are known one floor up; where there are none nothing more is loaded to say so.
    if _ASKING or not import_module("tradewind.plugins.catalogue").has_providers():
        return None
    _ASKING.append(section)
    try:
        found: str | None = import_module("tradewind.plugins.providers").config_default(section, key)
        return found
    finally:
        _ASKING.clear()


_ASKING: list[str] = []


_DEFAULTS: dict[tuple[str, str], str] = {
    ("core", "default_timezone"): "utc",
    ("core", "security"): "",
    ("core", "xcom_backend"): "airflow.models.xcom.BaseXCom",
    ("core", "default_task_retries"): "0",
    ("core", "default_task_retry_delay"): "300",
    ("core", "max_active_tasks_per_dag"): "16",
    ("core", "max_active_runs_per_dag"): "16",
    ("core", "unit_test_mode"): "False",
    ("operators", "default_owner"): "airflow",
    ("operators", "default_deferrable"): "False",
    ("operators", "default_queue"): "default",
    ("operators", "default_cpus"): "1",
    ("operators", "default_ram"): "512",
    ("operators", "default_disk"): "512",
    ("operators", "default_gpus"): "0",
    ("sensors", "default_timeout"): "604800",
    ("webserver", "base_url"): "http://localhost:8080",
    ("kubernetes_executor", "worker_container_repository"): "",
    ("kubernetes_executor", "worker_container_tag"): "",
    ("email", "email_backend"): "airflow.utils.email.send_email_smtp",
    ("email", "email_conn_id"): "smtp_default",
    ("smtp", "smtp_host"): "localhost",
    ("smtp", "smtp_port"): "25",
    ("smtp", "smtp_starttls"): "True",
    ("smtp", "smtp_ssl"): "False",
    ("smtp", "smtp_mail_from"): "airflow@example.com",
    ("smtp", "smtp_timeout"): "30",
    ("smtp", "smtp_retry_limit"): "5",
}
"""Defaults that operators read where no process has passed settings on: a file run by plain Python, a unit test."""

conf = SettingsReader()
