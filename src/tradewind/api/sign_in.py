"""The way to an OpenID provider and back: /auth/login/oidc and /auth/callback/oidc."""

from __future__ import annotations

from collections.abc import Mapping

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from tradewind.auth.admission import Unreachable, admit
from tradewind.auth.oauth import FLOW_SECONDS, Provider, SignInFailed
from tradewind.auth.sessions import SessionOptions, cookies_of

from .services import Services

_log = structlog.get_logger(__name__)
_COOKIE = "tradewind_oidc"


def sign_in_routes(services: Services) -> list[Route]:
    """The routes; none when no provider is configured, or nobody may log in by session."""
    authenticator = services.authenticator
    provider = authenticator.provider
    if provider is None or "session" not in authenticator.backends or not authenticator.sessions.options.key:
        return []
    found = provider
    options = authenticator.sessions.options
    prefix = options.path.rstrip("/")

    async def login(request: Request) -> Response:
        try:
            url, kept = await run_in_threadpool(found.start, request.query_params.get("next", "/"))
        except Unreachable as problem:
            return _told(str(problem), 503)
        return RedirectResponse(url, 302, {"set-cookie": _flow_cookie(options, kept), "cache-control": "no-store"})

    async def callback(request: Request) -> Response:
        kept = cookies_of(request.headers).get(_COOKIE, "")
        try:
            answer = await run_in_threadpool(_finish, services, found, dict(request.query_params), kept, prefix)
        except SignInFailed as problem:
            answer = _told(str(problem), 403)
        except Unreachable as problem:
            answer = _told(str(problem), 503)
        answer.headers.append("set-cookie", _flow_cookie(options, ""))
        return answer

    return [Route("/auth/login/oidc", login), Route("/auth/callback/oidc", callback)]


def _finish(services: Services, provider: Provider, query: Mapping[str, str], kept: str, prefix: str) -> Response:
    profile, target = provider.finish(query, kept)
    with services.database.begin() as tx:
        user = admit(tx, profile, provider.options.admission)
        if user is None:
            raise SignInFailed("Signing in did not succeed: you are not admitted here. Ask an administrator.")
        tx.users.count_login(user.id, is_right=True)
        cookie, _ = services.authenticator.sessions.open(tx, user)
    services.authenticator.forget()
    _log.info("sign_in.done", username=user.username, by="oidc")
    return RedirectResponse(prefix + target, 302, {"set-cookie": cookie, "cache-control": "no-store"})


def _flow_cookie(options: SessionOptions, value: str) -> str:
    # Lax whatever the session's is: the way back begins at the provider's page.
    parts = [f"{_COOKIE}={value}", f"Path={options.path}auth/", "HttpOnly", "SameSite=Lax"]
    parts.append(f"Max-Age={FLOW_SECONDS if value else 0}")
    return "; ".join([*parts, "Secure"] if options.is_secure else parts)


def _told(text: str, status: int) -> Response:
    return PlainTextResponse(text, status, {"cache-control": "no-store"})
