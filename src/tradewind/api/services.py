"""What the API's handlers are given: database, clock, options, small caches. Made once by whoever builds the app."""

from __future__ import annotations

import getpass
import os
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from tradewind import __version__
from tradewind.auth.backends import stock_name
from tradewind.auth.kerberos import KerberosOptions, Negotiator
from tradewind.auth.ldap import Directory, LdapOptions
from tradewind.auth.login import Authenticator
from tradewind.auth.oauth import OidcOptions, Provider
from tradewind.auth.sessions import SessionOptions
from tradewind.model.errors import ConfigError, NotFound
from tradewind.model.spec import DagSpec
from tradewind.model.times import Clock
from tradewind.plugins import catalogue
from tradewind.serde.decode import decode
from tradewind.timetables.registry import TimetableBuilder
from tradewind.timetables.registry import build as build_timetable
from tradewind.wire.plugin_messages import DEFAULT_TIMEOUT, Found, HostQuestion, PluginFailed, PluginHost

from .connection import Limits
from .event_hub import EventHub
from .front import FrontOptions, ProxyTrust

if TYPE_CHECKING:
    from tradewind.config.settings import Settings
    from tradewind.storage.database import Database, Transaction

T = TypeVar("T")
_ORIGIN = re.compile(r"https?://(?:\*\.)?[A-Za-z0-9.-]+(?::\d{1,5})?")
STOCK_XCOM_BACKENDS = frozenset({"", "airflow.models.xcom.BaseXCom", "airflow.models.xcom.XCom"})
MOST_ASKING = 4
"""Requests that wait for plugins at a time: half of the threads stay for the others."""
REPORTED_VERSION = f"2.11.2+tradewind.{__version__}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiOptions:
    """The settings that the API reads, as plain values."""

    maximum_page_limit: int = 100
    fallback_page_limit: int = 100
    auth_backends: tuple[str, ...] = ("basic_auth", "session")
    allow_origins: tuple[str, ...] = ()
    allow_methods: str = ""
    allow_headers: str = ""
    deserialises_xcoms: bool = False
    has_xcom_backend: bool = False
    """[core] xcom_backend names a class of the deployment's own: nobody else can write values."""
    has_remote_logs: bool = False
    """Whether logs of tasks are kept elsewhere too, where a provider's code reads them."""
    older_dialects: bool = True
    has_experimental_api: bool = False
    has_swagger_ui: bool = True
    secret_key: str = ""
    base_url: str = "http://localhost:8080"
    session: SessionOptions = field(default_factory=SessionOptions)
    front: FrontOptions = field(default_factory=FrontOptions)
    limits: Limits = field(default_factory=Limits)
    expose_config: str = "False"
    test_connection: str = "Disabled"
    run_id_pattern: re.Pattern[str] = re.compile(r"^[A-Za-z0-9_.~:+-]+$")
    log_folder: Path = Path("logs")
    log_filename_template: str = ""
    has_standalone_dag_processor: bool = False
    scheduler_threshold: float = 30.0
    triggerer_threshold: float = 30.0
    max_body_bytes: int = 16 * 1024 * 1024
    default_timezone: str = "UTC"
    """What details of every DAG show as its time zone, whatever the DAG's own is: so does Airflow 2.10."""
    dags_folder: str = ""
    ui_timezone: str = "UTC"
    instance_name: str = ""
    embed_origins: tuple[str, ...] = ()
    """Whose pages may show ours in a frame; empty: nobody's."""
    unixname: str = ""
    """Shown of task instances that no process has run yet, as Airflow names the user who made them."""

    @classmethod
    def from_settings(cls, settings: Settings) -> ApiOptions:
        """From the configuration, by Airflow's names."""
        return cls(
            maximum_page_limit=settings.integer("api", "maximum_page_limit", 100),
            fallback_page_limit=settings.integer("api", "fallback_page_limit", 100),
            auth_backends=settings.items("api", "auth_backends"),
            allow_origins=tuple(settings.text("api", "access_control_allow_origins").split()),
            allow_methods=settings.text("api", "access_control_allow_methods"),
            allow_headers=settings.text("api", "access_control_allow_headers"),
            has_xcom_backend=settings.text("core", "xcom_backend") not in STOCK_XCOM_BACKENDS,
            has_remote_logs=settings.boolean("logging", "remote_logging")
            or bool(settings.text("logging", "logging_config_class")),
            deserialises_xcoms=settings.boolean("api", "enable_xcom_deserialize_support"),
            older_dialects=settings.boolean("api", "older_dialects", True),
            has_experimental_api=settings.boolean("api", "enable_experimental_api"),
            has_swagger_ui=settings.boolean("webserver", "enable_swagger_ui", True),
            secret_key=settings.secret_key,
            base_url=settings.text("webserver", "base_url", "http://localhost:8080"),
            session=_session_options(settings),
            front=_front_options(settings),
            limits=_limits(settings),
            expose_config=settings.text("webserver", "expose_config", "False"),
            test_connection=settings.text("core", "test_connection", "Disabled"),
            run_id_pattern=re.compile(settings.text("scheduler", "allowed_run_id_pattern", r"^[A-Za-z0-9_.~:+-]+$")),
            log_folder=settings.base_log_folder,
            log_filename_template=settings.text("logging", "log_filename_template"),
            has_standalone_dag_processor=settings.boolean("scheduler", "standalone_dag_processor"),
            scheduler_threshold=settings.number("scheduler", "scheduler_health_check_threshold", 30.0),
            triggerer_threshold=settings.number("triggerer", "triggerer_health_check_threshold", 30.0),
            max_body_bytes=int(settings.number("webserver", "allowed_payload_size", 1.0) * 1024 * 1024),
            default_timezone=_zone(settings.default_timezone),
            dags_folder=str(settings.dags_folder),
            ui_timezone=_zone(settings.text("webserver", "default_ui_timezone", "UTC")),
            instance_name=settings.text("webserver", "instance_name"),
            embed_origins=_origins(settings),
            unixname=_user_name(),
        )


def _session_options(settings: Settings) -> SessionOptions:
    options = SessionOptions(
        key=settings.secret_key,
        lifetime=timedelta(minutes=settings.integer("webserver", "session_lifetime_minutes", 43200)),
        is_secure=settings.boolean("webserver", "cookie_secure"),
        same_site=settings.text("webserver", "cookie_samesite", "Lax"),
        path=_prefix(settings) + "/",
    )
    if not _origins(settings) or not settings.text("webserver", "base_url").startswith("https:"):
        return options
    # In a frame of another site a browser sends no other cookie; and takes this one only by HTTPS.
    return replace(options, same_site="None", is_secure=True, is_partitioned=True)


def _origins(settings: Settings) -> tuple[str, ...]:
    """The origins that may frame pages. Raises ConfigError for what would break out of the header."""
    found = tuple(settings.text("tradewind", "embed_origins").replace(",", " ").split())
    for origin in found:
        if not _ORIGIN.fullmatch(origin):
            raise ConfigError(
                f"[tradewind] embed_origins has {origin!r}; expected origins like https://wiki.example.com, with spaces"
            )
    return found


def _prefix(settings: Settings) -> str:
    return urlsplit(settings.text("webserver", "base_url")).path.rstrip("/")


def _front_options(settings: Settings) -> FrontOptions:
    def trusted(name: str) -> int:
        return settings.integer("webserver", f"proxy_fix_x_{name}", 1)

    proxies = ProxyTrust(
        address=trusted("for"),
        scheme=trusted("proto"),
        host=trusted("host"),
        port=trusted("port"),
        prefix=trusted("prefix"),
    )
    return FrontOptions(
        prefix=_prefix(settings),
        proxies=proxies if settings.boolean("webserver", "enable_proxy_fix") else None,
        may_be_framed=settings.boolean("webserver", "x_frame_enabled", True),
    )


def _limits(settings: Settings) -> Limits:
    seconds = settings.number("webserver", "web_server_worker_timeout", 120.0)
    return Limits(request_seconds=seconds, head_seconds=min(seconds, Limits().head_seconds))


def _zone(name: str) -> str:
    return "UTC" if name.lower() in ("utc", "system") else name


def _user_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


class SpecCache:
    """Parsed serialised DAGs by version id: decoding a large one costs milliseconds. Thread-safe; bounded."""

    def __init__(self, most: int = 256) -> None:
        self._most = most
        self._specs: dict[int, DagSpec] = {}
        self._lock = threading.Lock()

    def of_dag(self, tx: Transaction, dag_id: str) -> DagSpec | None:
        """The newest version of a DAG, or None."""
        version_id = tx.dags.version_id(dag_id)
        return None if version_id is None else self.of_version(tx, version_id)

    def of_version(self, tx: Transaction, version_id: int) -> DagSpec:
        """One version."""
        spec = self._specs.get(version_id)
        if spec is None:
            data = tx.dags.spec_of_version(version_id)
            if data is None:
                raise NotFound(f"DAG version {version_id} is not in the database any more")
            spec = decode(data)
            with self._lock:
                if len(self._specs) >= self._most:
                    self._specs.pop(next(iter(self._specs)))
                self._specs[version_id] = spec
        return spec


@dataclass(slots=True)
class Services:
    """Everything a request may need. ``settings`` only for /config, which shows them."""

    database: Database
    clock: Clock
    options: ApiOptions
    authenticator: Authenticator
    settings: Settings | None = None
    specs: SpecCache = field(default_factory=SpecCache)
    plugins: PluginHost | None = None
    """Asks code of plugins and providers; None: there is none to ask."""
    timetables: TimetableBuilder = build_timetable
    """Builds timetables; whoever builds the app gives one that asks ``plugins`` about theirs."""
    health: tuple[float, dict[str, Any]] | None = None
    """The last answer of /health and when it was made, by the monotonic clock."""
    hub: EventHub = field(init=False)
    _asking: threading.BoundedSemaphore = field(default_factory=lambda: threading.BoundedSemaphore(MOST_ASKING))

    _kept: dict[str, Any] = field(default_factory=dict)

    def kept(self, name: str, make: Callable[[], T]) -> T:
        """A cache that lives as long as these services, made when first asked for."""
        found: T = self._kept.get(name) or self._kept.setdefault(name, make())
        return found

    def ask_plugins(self, question: HostQuestion, timeout: float = DEFAULT_TIMEOUT) -> Any:
        """The plain answer of plugin code, None when there is none. Raises PluginFailed; also when as many requests as
        may be wait for plugins already: the others must not wait for them too."""
        if self.plugins is None:
            raise PluginFailed("no code of plugins or providers can be asked here")
        if not self._asking.acquire(blocking=False):
            raise PluginFailed("other requests are waiting for plugins; try again")
        try:
            answer = self.plugins.ask(question, timeout)
        finally:
            self._asking.release()
        return answer.value if isinstance(answer, Found) else None

    def has_plugins(self) -> bool:
        """Whether there may be a plugin or provider: nobody is asked in vain."""
        if self.plugins is None or self.settings is None:
            return False
        return catalogue.exist(str(self.settings.plugins_folder))

    def __post_init__(self) -> None:
        self.hub = EventHub(self.database)

    @classmethod
    def build(
        cls,
        database: Database,
        clock: Clock,
        settings: Settings,
        *,
        plugins: PluginHost | None = None,
        timetables: TimetableBuilder = build_timetable,
    ) -> Services:
        """From the configuration, and what asks plugins."""
        options = ApiOptions.from_settings(settings)
        oidc, ldap = OidcOptions.from_settings(settings), LdapOptions.from_settings(settings)
        is_kerberised = any(stock_name(name) == "kerberos_auth" for name in options.auth_backends)
        authenticator = Authenticator(
            database,
            clock,
            options.auth_backends,
            options.session,
            provider=None if oidc is None else Provider(oidc, clock),
            directory=None if ldap is None else Directory(ldap),
            negotiator=Negotiator(KerberosOptions.from_settings(settings)) if is_kerberised else None,
        )
        return cls(database, clock, options, authenticator, settings, plugins=plugins, timetables=timetables)
