"""The names of ``[api] auth_backends``: Airflow's own, in all spellings, and modules of the operator's own.

A module of one's own has Airflow's two functions:

    def init_app(app): ...                      # optional; called once, when the server starts
    def requires_authentication(function): ...  # gives a function that calls ``function`` when it vouches

What it gets is a :class:`BackendApp` (Airflow would give a Flask application): ``app.request`` is the request being
looked at (:class:`BackendRequest`), ``app.config`` a dictionary for the module's own use, and ``app.login(username)``
says who it is. ``requires_authentication`` is called with the class :class:`BackendResponse`; the function it gives is
called without arguments, and answers an object whose ``status_code`` is 200 (what calling ``function`` gives) or
anything else for no. A module that vouches without naming anybody makes the request one of the role Public.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from tradewind.model.errors import ConfigError

STOCK = frozenset({"deny_all", "default", "basic_auth", "session", "kerberos_auth"})
_PACKAGES = (
    "airflow.api.auth.backend.",
    "airflow.providers.fab.auth_manager.api.auth.backend.",
    "tradewind.auth.backend.",
)
_FORMER = {"airflow.contrib.auth.backends.password_auth": "basic_auth"}


class BackendResponse:
    """Stands for an answer: 200 unless said otherwise."""

    def __init__(self, response: Any = None, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        self.response = response
        self.status_code = status
        self.headers = dict(headers or {})


@dataclass(frozen=True, slots=True, kw_only=True)
class BackendRequest:
    """A request as a module of one's own sees it. Names of headers are in lower case."""

    method: str
    headers: Mapping[str, str]
    remote_addr: str


@dataclass(slots=True)
class _Look:
    request: BackendRequest
    username: str | None = None


@dataclass(slots=True)
class BackendApp:
    """What ``init_app`` gets."""

    config: dict[str, Any] = field(default_factory=dict)
    _look: ContextVar[_Look] = field(default_factory=lambda: ContextVar("look"))

    @property
    def request(self) -> BackendRequest:
        """The request being looked at. Raises LookupError outside of one."""
        return self._look.get().request

    def login(self, username: str) -> None:
        """The request is this user's, who must exist and be active."""
        self._look.get().username = username


@dataclass(frozen=True, slots=True)
class CustomBackend:
    """A module of the operator's own."""

    name: str
    app: BackendApp
    requires_authentication: Callable[[Any], Callable[[], Any]]

    def vouch(self, request: BackendRequest) -> tuple[bool, str | None]:
        """Whether the module vouches for a request, and for whom when it says so."""
        look = _Look(request)
        token = self.app._look.set(look)
        try:
            answer = self.requires_authentication(BackendResponse)()
        finally:
            self.app._look.reset(token)
        return getattr(answer, "status_code", None) == 200, look.username


def stock_name(name: str) -> str | None:
    """The stock back end that a configured name means; None for a module of one's own."""
    text = name.strip().removesuffix(".auth_current_user")
    text = _FORMER.get(text, text)
    for package in _PACKAGES:
        if text.startswith(package):
            return text.removeprefix(package)
    return text if text in STOCK else None


def load_backend(name: str) -> str | CustomBackend:
    """A configured name → a stock back end's short name, or the module it names, initialised. Raises ConfigError."""
    stock = stock_name(name)
    if stock is not None:
        if stock not in STOCK:
            known = ", ".join(sorted(STOCK))
            raise ConfigError(
                f"[api] auth_backends: {name!r} is not offered; there are {known}, and modules of your own"
            )
        return stock
    try:
        # Only what the operator configured is imported, once, when the server starts.
        module = importlib.import_module(name.strip())
    except ImportError as problem:
        raise ConfigError(f"[api] auth_backends: {name!r} cannot be imported: {problem}") from problem
    if not callable(getattr(module, "requires_authentication", None)):
        raise ConfigError(f"[api] auth_backends: {name!r} has no function requires_authentication")
    app = BackendApp()
    if callable(getattr(module, "init_app", None)):
        module.init_app(app)
    return CustomBackend(name, app, module.requires_authentication)
