"""Kerberos tickets in an Authorization header (Negotiate, RFC 4559). Needs the extra kerberos.

The client's ticket must be for ``airflow/<hostname>``; the key of that service is in the keytab. Who holds a ticket is
known by the whole principal, realm included, and that is the name of the user here, as in Airflow. The answer carries
the server's own token, so that the client knows too whom it speaks to.
"""

from __future__ import annotations

import base64
import binascii
import os
import socket
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import structlog

from tradewind.model.errors import ConfigError

if TYPE_CHECKING:
    from tradewind.config.settings import Settings

_log = structlog.get_logger(__name__)
SERVICE = "airflow"
"""Airflow's clients ask for tickets of this service."""
CHALLENGE = "Negotiate"


@dataclass(frozen=True, slots=True, kw_only=True)
class KerberosOptions:
    """``keytab``: where the key of the service is, unless the environment says KRB5_KTNAME. ``hostname``: the name that
    clients know the server by."""

    keytab: str
    hostname: str

    @classmethod
    def from_settings(cls, settings: Settings) -> KerberosOptions:
        """From section [kerberos]."""
        return cls(
            keytab=settings.text("kerberos", "keytab", "airflow.keytab"),
            hostname=settings.text("kerberos", "hostname") or canonical_hostname(),
        )


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket that was right: whose it is, and what the answer must carry so that the client may trust us."""

    principal: str
    answer: str


def parse_negotiate(header: str) -> bytes | None:
    """The token of a Negotiate Authorization header, or None."""
    scheme, _, rest = header.partition(" ")
    if scheme.lower() != "negotiate":
        return None
    try:
        return base64.b64decode(rest.strip(), validate=True) or None
    except (binascii.Error, ValueError):
        return None


def canonical_hostname() -> str:
    """This machine's full name, as its resolver gives it."""
    name = socket.gethostname()
    try:
        found = socket.getaddrinfo(name, None, type=socket.SOCK_DGRAM, flags=socket.AI_CANONNAME)
    except OSError:
        # A machine that cannot look itself up has but its own word.
        return name
    return next((canonical for *_, canonical, _ in found if canonical), name)


class Negotiator:
    """Checks tickets. Every check is a context of its own. Thread-safe."""

    def __init__(self, options: KerberosOptions) -> None:
        try:
            # Only whoever configured Kerberos has, and pays for, its library.
            import gssapi  # noqa: F401  imported here for the message: pyspnego works without it, for other protocols
            import spnego
        except ImportError:
            raise ConfigError(
                "[api] auth_backends names kerberos_auth, but pyspnego or gssapi is missing; "
                "install 'tradewind[kerberos]'"
            ) from None
        self.options = options
        self._spnego: Any = spnego
        # The library takes the keytab's name from the environment only; Airflow sets it the same way.
        os.environ.setdefault("KRB5_KTNAME", options.keytab)  # noqa: TID251  the library reads nothing else
        try:
            self._acceptor()
        except spnego.exceptions.SpnegoError as problem:
            # The keytab may come later: it is read at every check.
            _log.warning("kerberos.no_key", service=self.service, error=_reason(problem))

    @property
    def service(self) -> str:
        """What tickets must be for."""
        return f"{SERVICE}@{self.options.hostname}"

    def check(self, token: bytes) -> Ticket | None:
        """Whose ticket a client sent; None for one that is wrong, old, used before, or for somebody else."""
        try:
            context = self._acceptor()
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # what the library says of its own parts is no matter of a request's
                answer: bytes | None = context.step(token)
            is_done = context.complete and context.negotiated_protocol == "kerberos"
            principal: str | None = context.client_principal if is_done else None
        except Exception as problem:
            # The edge of a library that reads what strangers send: besides its own errors it raises whatever its parser
            # stumbles over, and AttributeError for a token sent twice. All of them mean that there is no ticket.
            _log.info("kerberos.refused", error=_reason(problem))
            return None
        if not principal:
            _log.info("kerberos.refused", error="not finished in one step, or not Kerberos")
            return None
        return Ticket(principal, f"{CHALLENGE} {base64.b64encode(answer or b'').decode()}".strip())

    def _acceptor(self) -> Any:
        credential = self._spnego.CredentialCache(username=self.service)
        return self._spnego.server(credential, protocol="negotiate")


def _reason(problem: Exception) -> str:
    return f"{type(problem).__name__}: {problem}".partition("\n")[0][:300]
