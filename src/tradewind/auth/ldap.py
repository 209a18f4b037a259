"""Passwords that a directory checks: search for the person, bind as them, read their groups. Needs the extra ldap."""

from __future__ import annotations

import math
import ssl
import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import structlog

from tradewind.model.errors import ConfigError

from .admission import Admission, Profile, Unreachable

if TYPE_CHECKING:
    from tradewind.config.settings import Settings

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class LdapOptions:
    """Where the directory is and how people look in it."""

    server: str
    search: str
    use_tls: bool = False
    ca_file: str = ""
    allow_self_signed: bool = False
    bind_user: str = ""
    bind_password: str = field(default="", repr=False)
    search_filter: str = ""
    uid_field: str = "uid"
    firstname_field: str = "givenName"
    lastname_field: str = "sn"
    email_field: str = "mail"
    group_field: str = "memberOf"
    group_search: str = ""
    timeout: float = 10.0
    remembered_seconds: float = 60.0
    admission: Admission = field(default_factory=Admission)

    @classmethod
    def from_settings(cls, settings: Settings) -> LdapOptions | None:
        """From section [ldap]; None when no server is configured. Raises ConfigError."""
        server = settings.text("ldap", "server")
        if not server:
            return None
        if not settings.text("ldap", "search"):
            raise ConfigError("[ldap] server is set, so [ldap] search must be too: the DN below which users are")
        texts = ("bind_user", "bind_password", "search_filter", "group_search", "search")
        fields = ("uid_field", "firstname_field", "lastname_field", "email_field", "group_field")
        return cls(
            server=server,
            use_tls=settings.boolean("ldap", "use_tls"),
            ca_file=settings.text("ldap", "tls_ca_certfile"),
            allow_self_signed=settings.boolean("ldap", "allow_self_signed"),
            timeout=settings.number("ldap", "timeout", 10.0),
            remembered_seconds=settings.number("ldap", "remembered_seconds", 60.0),
            admission=Admission.from_settings(settings, "ldap"),
            **{key: settings.text("ldap", key) for key in (*texts, *fields)},
        )


class Directory:
    """Checks passwords. A connection lives as long as one check. Thread-safe."""

    def __init__(self, options: LdapOptions) -> None:
        try:
            # Only whoever configured a directory has, and pays for, its library, which imports names that pyasn1 has
            # since renamed.
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)
                import ldap3
        except ImportError:
            raise ConfigError("[ldap] server is set, but ldap3 is missing; install 'tradewind[ldap]'") from None
        self.options = options
        self._ldap3: Any = ldap3
        if not options.use_tls and not options.server.lower().startswith("ldaps://"):
            _log.warning("ldap.no_tls", server=options.server)

    def check(self, username: str, password: str) -> Profile | None:
        """The person with this name and password, or None. Raises Unreachable."""
        if not username or not password or "\0" in username:
            # A bind with a name and no password succeeds as "unauthenticated" at many directories.
            return None
        exceptions = self._ldap3.core.exceptions
        try:
            found = self._find(username)
            if found is None or not self._is_password(found[0], password):
                return None
            return self._profile(*found, username)
        except exceptions.LDAPException as problem:
            # Its text may repeat what was sent.
            _log.error("ldap.unreachable", server=self.options.server, error=type(problem).__name__)
            raise Unreachable("directory") from None

    def _connect(self, user: str, password: str) -> Any:
        """A connection, not yet bound."""
        ldap3, options = self._ldap3, self.options
        checks = ssl.CERT_NONE if options.allow_self_signed else ssl.CERT_REQUIRED
        tls = ldap3.Tls(validate=checks, ca_certs_file=options.ca_file or None)
        server = ldap3.Server(options.server, tls=tls, get_info=ldap3.NONE, connect_timeout=options.timeout)
        connection = ldap3.Connection(
            server,
            user=user or None,
            password=password or None,
            authentication=ldap3.SIMPLE if user else ldap3.ANONYMOUS,
            receive_timeout=math.ceil(options.timeout),
            auto_referrals=False,
            read_only=True,
        )
        try:
            connection.open()
            if options.use_tls and not connection.start_tls():
                raise ldap3.core.exceptions.LDAPStartTLSError("refused")
        except ldap3.core.exceptions.LDAPException:
            # The library leaves the socket of an attempt that failed open.
            if connection.socket is not None:
                connection.socket.close()
            raise
        return connection

    def _search(self, base: str, condition: str, attributes: list[str]) -> list[dict[str, Any]]:
        connection = self._connect(self.options.bind_user, self.options.bind_password)
        try:
            if not connection.bind():
                _log.error("ldap.bind_user_refused", bind_user=self.options.bind_user)
                raise Unreachable("directory")
            connection.search(base, condition, attributes=attributes, size_limit=1000)
            return [entry for entry in connection.response or () if entry["type"] == "searchResEntry"]
        finally:
            connection.unbind()

    def _find(self, username: str) -> tuple[str, dict[str, Any]] | None:
        """DN and attributes of the one entry with this name."""
        options = self.options
        escaped = self._ldap3.utils.conv.escape_filter_chars(username)
        condition = f"({options.uid_field}={escaped})"
        if options.search_filter:
            condition = f"(&{options.search_filter}{condition})"
        fields = (options.uid_field, options.firstname_field, options.lastname_field, options.email_field)
        wanted = [name for name in (*fields, options.group_field) if name]
        entries = self._search(options.search, condition, wanted)
        if len(entries) > 1:
            _log.warning("ldap.ambiguous", username=username)
        return (entries[0]["dn"], dict(entries[0]["attributes"])) if len(entries) == 1 else None

    def _is_password(self, dn: str, password: str) -> bool:
        connection = self._connect(dn, password)
        try:
            return bool(connection.bind())
        finally:
            connection.unbind()

    def _profile(self, dn: str, attributes: dict[str, Any], username: str) -> Profile:
        options = self.options
        groups = _values(attributes, options.group_field)
        if options.group_search:
            groups += self._groups(dn, username)
        return Profile(
            # As the directory writes it: it compares without case, and takes blanks for nothing.
            username=next(iter(_values(attributes, options.uid_field)), username),
            email=next(iter(_values(attributes, options.email_field)), ""),
            first_name=next(iter(_values(attributes, options.firstname_field)), ""),
            last_name=next(iter(_values(attributes, options.lastname_field)), ""),
            groups=groups,
        )

    def _groups(self, dn: str, username: str) -> tuple[str, ...]:
        escape = self._ldap3.utils.conv.escape_filter_chars
        condition = f"(|(member={escape(dn)})(uniqueMember={escape(dn)})(memberUid={escape(username)}))"
        return tuple(entry["dn"] for entry in self._search(self.options.group_search, condition, ["1.1"]))


def _values(attributes: dict[str, Any], name: str) -> tuple[str, ...]:
    """The values of an attribute whose name is compared without case."""
    raw = next((value for key, value in attributes.items() if key.lower() == name.lower()), ())
    values = raw if isinstance(raw, list | tuple) else (raw,)
    return tuple(value.decode(errors="replace") if isinstance(value, bytes) else str(value) for value in values)
