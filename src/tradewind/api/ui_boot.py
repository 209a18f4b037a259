"""What the user interface knows before its first request: who is there, what they may, how the server is set up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tradewind.auth.identity import Identity, Means
from tradewind.model.errors import DatabaseUnavailable, TradewindError

from .bodies import iso
from .services import REPORTED_VERSION, Services

if TYPE_CHECKING:
    from tradewind.storage.database import Transaction


def boot_of(services: Services, headers: Mapping[str, str], base: str, address: str = "") -> dict[str, Any]:
    """The boot data for whoever sends these headers. Never raises for a credential or an outage: then nobody is
    signed in, and the page can say so."""
    try:
        with services.database.read() as tx:
            try:
                identity = services.authenticator.authenticate(tx, headers, address=address)
            except DatabaseUnavailable:
                raise
            except TradewindError:
                identity = None
            return boot_for(services, tx, identity, headers, base)
    except DatabaseUnavailable:
        return {**_server(services, base), "user": None, "permissions": [], "csrf": None, "is_unavailable": True}


def boot_for(
    services: Services, tx: Transaction, identity: Identity | None, headers: Mapping[str, str], base: str
) -> dict[str, Any]:
    """The boot data of somebody, or of nobody."""
    common = _server(services, base)
    if identity is None:
        return {**common, "user": None, "permissions": [], "csrf": None}
    return {
        **common,
        "user": _user(tx, identity),
        "permissions": sorted(identity.grants),
        "csrf": _csrf(services, identity, headers),
    }


def _server(services: Services, base: str) -> dict[str, Any]:
    options = services.options
    return {
        "base": base,
        "version": REPORTED_VERSION,
        "instance_name": options.instance_name,
        "timezone": options.ui_timezone,
        "flags": {
            "backfills": True,
            "embed": bool(options.embed_origins),
            "expose_config": options.expose_config.lower(),
            "test_connection": options.test_connection,
            "xcom_writes": not options.has_xcom_backend,
        },
        "login": _login(services, base),
        "now": iso(services.clock.now()),
    }


def _login(services: Services, base: str) -> dict[str, Any]:
    authenticator = services.authenticator
    has_sessions = "session" in authenticator.backends and bool(authenticator.sessions.options.key)
    providers = []
    if has_sessions and authenticator.provider is not None:
        providers.append({"name": "OpenID Connect", "url": f"{base}auth/login/oidc"})
    return {"password": has_sessions, "providers": providers}


def _user(tx: Transaction, identity: Identity) -> dict[str, Any]:
    row = None if identity.user_id is None else tx.users.by_id(identity.user_id)
    return {
        "username": identity.username,
        "first_name": row.first_name if row else "",
        "last_name": row.last_name if row else "",
        "email": row.email if row else "",
        "roles": list(identity.roles),
        "means": str(identity.means),
    }


def _csrf(services: Services, identity: Identity, headers: Mapping[str, str]) -> str | None:
    if identity.means is not Means.SESSION:
        return None
    sessions = services.authenticator.sessions
    session_id = sessions.session_id(headers)
    return None if session_id is None else sessions.csrf_token(session_id)
