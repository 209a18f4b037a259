"""The web application: API v1, health, and the pages of web/."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from .dialects import with_older_dialects
from .dispatch import Api
from .documents import document_responses
from .front import Front
from .health import health_body
from .operations import ALL
from .services import Services
from .sign_in import sign_in_routes
from .swagger import swagger_responses

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

PREFIX = "/api/v1"


class ApiFirst:
    """Middleware that gives requests below the API's prefix to it and all others to the pages."""

    def __init__(
        self,
        app: App,
        *,
        api: Api,
        documents: dict[str, Callable[[], Response]],
        older: tuple[str, Api] | None = None,
    ) -> None:
        self._app = app
        self._api = api
        self._documents = documents
        self._older = older

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Routes one request."""
        if scope["type"] == "http":
            path = scope["path"]
            make = self._documents.get(path)
            if make is not None and scope["method"] in ("GET", "HEAD"):
                await make()(scope, receive, send)
                return
            if path.startswith(PREFIX) and path[len(PREFIX) : len(PREFIX) + 1] in ("", "/"):
                await self._api(scope, receive, send)
                return
            if self._older is not None and path.startswith(self._older[0] + "/"):
                await self._older[1](scope, receive, send)
                return
        await self._app(scope, receive, send)


def _no_page(prefix: str) -> str:
    return f"<!doctype html><title>tradewind</title><p>The REST API is below {prefix}."


def _experimental(services: Services) -> tuple[str, Api] | None:
    if not services.options.has_experimental_api:
        return None
    from . import experimental  # hardly anybody asks for it

    return experimental.PREFIX, experimental.ExperimentalApi(services, experimental.OPERATIONS, experimental.PREFIX)


def create_app(services: Services, page: Callable[[str], str] = _no_page) -> Starlette:
    """The ASGI application over these services. ``page`` makes the home page from the API's prefix (web.static)."""

    async def health(request: Request) -> Response:
        quick = services.database.dialect == "sqlite"
        body = health_body(services) if quick else await run_in_threadpool(health_body, services)
        return Response(msgspec.json.encode(body), media_type="application/json")

    async def home(request: Request) -> Response:
        return HTMLResponse(page(PREFIX))

    operations = with_older_dialects(ALL) if services.options.older_dialects else ALL
    api = Api(services, operations, PREFIX)
    pages = {**document_responses(operations), **swagger_responses()}
    documents = {f"{PREFIX}/{name}": make for name, make in pages.items()}
    return Starlette(
        routes=[Route("/health", health), Route("/", home), Route("/home", home), *sign_in_routes(services)],
        middleware=[
            Middleware(Front, options=services.options.front),
            Middleware(ApiFirst, api=api, documents=documents, older=_experimental(services)),
        ],
    )
