"""One request as a handler sees it, and what a handler may answer with."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tradewind.auth.identity import Identity

if TYPE_CHECKING:
    from tradewind.storage.database import Transaction

    from .services import Services


@dataclass(slots=True)
class Call:
    """A validated, authenticated and permitted request, inside its transaction."""

    services: Services
    path: Mapping[str, Any]
    query: Mapping[str, Any]
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    method: str = "GET"
    target: str = ""
    """Path and query, as they came."""
    base: str = "/"
    """The path below which this server is, as the browser sees it."""
    address: str = ""
    """Of the client; behind a proxy what it says, when [webserver] enable_proxy_fix."""
    user: Identity = field(default_factory=Identity.anonymous)
    prepared: Any = None
    """What the operation's ``prepare`` gave."""
    _tx: Transaction | None = None
    reply: dict[str, str] = field(default_factory=dict)
    """Headers of the answer, whatever it is: what proves to the client who we are."""
    after_commit: list[Callable[[], None]] = field(default_factory=list)
    """Run when the transaction has committed: forgetting cached passwords and permissions."""

    @property
    def tx(self) -> Transaction:
        """The transaction of this request."""
        if self._tx is None:
            raise RuntimeError("a handler without access rules has no transaction; begin one from services.database")
        return self._tx

    def use(self, tx: Transaction) -> None:
        """From here on this is the transaction of the request."""
        self._tx = tx

    @property
    def now(self) -> datetime:
        """The time of the transaction."""
        return self.tx.now


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that is not simply 200 with JSON. ``content``: bytes as they are, else encoded as JSON."""

    content: Any = b""
    status: int = 200
    media_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    stream: AsyncIterator[bytes] | None = None
    """Parts that follow one another, without end maybe, instead of ``content``."""


NO_CONTENT = Answer(b"", 204)
