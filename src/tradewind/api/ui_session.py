"""Signing in and out from the user interface's own page: each answers the new boot data."""

from __future__ import annotations

from typing import Any

from tradewind.auth.identity import Means

from .call import Answer, Call
from .extensions_access import LOGIN_BODY, sign_in
from .table import Operation
from .ui_boot import boot_for, boot_of

_UNTOLD = {"cache-control": "no-store"}


def get_boot(call: Call) -> Answer:
    """GET /boot: also for those who are not signed in."""
    return Answer(boot_of(call.services, call.headers, call.base, call.address), headers=_UNTOLD)


def post_session(call: Call) -> Answer:
    """POST /session: name and password for a cookie."""
    cookie, csrf_token, user = sign_in(call)
    services = call.services
    with services.database.read() as tx:
        identity = services.authenticator.identity_of(tx, user, Means.SESSION)
        boot = boot_for(services, tx, identity, {}, call.base)
    return Answer({**boot, "csrf": csrf_token}, headers={**_UNTOLD, "set-cookie": cookie})


def delete_session(call: Call) -> Answer:
    """DELETE /session: the cookie is worthless from now on. Whoever has no session is as good as signed out."""
    services = call.services
    sessions = services.authenticator.sessions
    with services.database.read() as tx:
        has_session = sessions.user_of(tx, call.headers) is not None
    if has_session:
        sessions.check_csrf("DELETE", call.headers)
    with services.database.begin() as tx:
        cookie = sessions.close(tx, call.headers)
    others = {name: value for name, value in call.headers.items() if name != "cookie"}
    boot = boot_of(services, others, call.base, call.address)
    return Answer(boot, headers={**_UNTOLD, "set-cookie": cookie})


def _operation(id: str, method: str, path: str, handler: Any, **more: Any) -> Operation:
    return Operation(id=id, method=method, path=path, handler=handler, tag="UI", is_slow=True, is_ours=True, **more)


OPERATIONS: tuple[Operation, ...] = (
    _operation("ui_boot", "GET", "/boot", get_boot),
    _operation("ui_sign_in", "POST", "/session", post_session, body=LOGIN_BODY),
    _operation("ui_sign_out", "DELETE", "/session", delete_session),
)
