"""Beyond Airflow: log-in and log-out by browser, and personal access tokens."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tradewind.actions import tokens as token_actions
from tradewind.auth.identity import Identity, Means
from tradewind.auth.permissions import on
from tradewind.model.errors import InvalidInput
from tradewind.storage.rows import TokenRow, UserRow

from .bodies import collection, iso
from .call import NO_CONTENT, Answer, Call
from .forms import Field, aware, in_utc, load
from .problems import Problem, forbidden
from .table import Operation

_LOGIN = (Field("username", required=True), Field("password", required=True))
_TOKEN = (Field("name", required=True), Field("scopes"), Field("expires_at"), Field("expires_in"))
_LONGEST = 100 * 365 * 86400
_TEXT = {"type": "string"}
LOGIN_BODY = {"type": "object", "properties": {"username": _TEXT, "password": _TEXT}}
_TOKEN_BODY = {
    "type": "object",
    "properties": {
        "name": _TEXT,
        "scopes": {"type": "array", "items": _TEXT, "nullable": True},
        "expires_at": {"type": "string", "format": "date-time", "nullable": True},
        "expires_in": {"type": "integer", "minimum": 1, "nullable": True},
    },
}
_UNTOLD = {"cache-control": "no-store"}
"""Answers with a secret, or that depend on a cookie, are nobody else's."""


def _who(user: Identity, csrf_token: str | None) -> dict[str, Any]:
    return {"username": user.username, "roles": [{"name": role} for role in user.roles], "csrf_token": csrf_token}


def sign_in(call: Call) -> tuple[str, str, UserRow]:
    """Name and password of the body for a session: the value of Set-Cookie, the CSRF token, the user. Only where
    ``session`` is among the back ends."""
    authenticator, database = call.services.authenticator, call.services.database
    if "session" not in authenticator.backends or not authenticator.sessions.options.key:
        raise forbidden("Log-in by session is not among [api] auth_backends.")
    if call.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise forbidden("A page of another site may not log you in.")
    body = load(call.body, _LOGIN)
    with database.read() as tx:
        user = authenticator.check_password(tx, body["username"], body["password"], call.address)
    if user is None:
        raise Problem(401)
    with database.begin() as tx:
        cookie, csrf_token = authenticator.sessions.open(tx, user)
    return cookie, csrf_token, user


def log_in(call: Call) -> Answer:
    """POST /session: name and password for a cookie."""
    cookie, csrf_token, user = sign_in(call)
    with call.services.database.read() as tx:
        identity = call.services.authenticator.identity_of(tx, user, Means.SESSION)
    return Answer(_who(identity, csrf_token), headers={**_UNTOLD, "set-cookie": cookie})


def get_session(call: Call) -> Answer:
    """GET /session: who is asking, and of a browser's session the CSRF token."""
    token = None
    if call.user.means is Means.SESSION:
        sessions = call.services.authenticator.sessions
        session_id = sessions.session_id(call.headers)
        token = None if session_id is None else sessions.csrf_token(session_id)
    return Answer({**_who(call.user, token), "means": str(call.user.means)}, headers=_UNTOLD)


def log_out(call: Call) -> Answer:
    """DELETE /session: the cookie is worthless from now on."""
    cookie = call.services.authenticator.sessions.close(call.tx, call.headers)
    return Answer(b"", 204, headers={"set-cookie": cookie})


def _body(row: TokenRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "scopes": row.scopes,
        "created_at": iso(row.created_at),
        "expires_at": iso(row.expires_at),
        "last_used_at": iso(row.last_used_at),
    }


def _owner(call: Call) -> int:
    if call.user.user_id is None:
        raise forbidden("Tokens belong to users; log in as one.")
    return call.user.user_id


def get_tokens(call: Call) -> Any:
    """GET /tokens: one's own."""
    rows = call.tx.users.tokens(_owner(call))
    return collection("tokens", [_body(row) for row in rows], len(rows))


def post_token(call: Call) -> Answer:
    """POST /tokens: the only answer that shows the token itself."""
    owner = _owner(call)
    if call.user.means is Means.TOKEN:
        raise forbidden("A token cannot make tokens; log in with a password.")
    body = load(call.body, _TOKEN)
    expires_at = None if body.get("expires_at") is None else in_utc(aware(body["expires_at"]))
    if body.get("expires_in") is not None:
        if expires_at is not None:
            raise InvalidInput("Give expires_at or expires_in, not both")
        expires_at = call.now + timedelta(seconds=min(int(body["expires_in"]), _LONGEST))
    row, secret = token_actions.create_token(
        call.tx, owner, body["name"], scopes=body.get("scopes"), expires_at=expires_at
    )
    return Answer({**_body(row), "token": secret}, headers=_UNTOLD)


def delete_token(call: Call) -> Answer:
    """DELETE /tokens/{token_id}"""
    token_actions.revoke_token(call.tx, _owner(call), call.path["token_id"])
    return NO_CONTENT


def _operation(id: str, method: str, path: str, handler: Any, tag: str, **more: Any) -> Operation:
    return Operation(id=id, method=method, path=path, handler=handler, tag=tag, is_ours=True, **more)


_READ, _CHANGE = (on("GET", "My Profile"),), (on("PUT", "My Profile"),)

OPERATIONS: tuple[Operation, ...] = (
    _operation("log_in", "POST", "/session", log_in, "Session", body=LOGIN_BODY, is_slow=True),
    _operation("get_session", "GET", "/session", get_session, "Session", access=_READ),
    _operation("log_out", "DELETE", "/session", log_out, "Session", access=_READ, writes=True, status=204),
    _operation("get_tokens", "GET", "/tokens", get_tokens, "Token", access=_READ),
    _operation("post_token", "POST", "/tokens", post_token, "Token", access=_CHANGE, writes=True, body=_TOKEN_BODY),
    _operation(
        "delete_token",
        "DELETE",
        "/tokens/{token_id:int}",
        delete_token,
        "Token",
        access=_CHANGE,
        writes=True,
        status=204,
    ),
)
