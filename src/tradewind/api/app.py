"""The web application: API v1, health, and the pages of web/."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from .dialects import with_older_dialects
from .dispatch import Api
from .documents import document_responses
from .front import Front
from .health import health_body
from .operations import ALL
from .pages import Pages, Site
from .services import Services
from .sign_in import sign_in_routes
from .swagger import swagger_responses
from .ui_operations import PREFIX as UI_PREFIX
from .ui_operations import UI

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
        ui: Api,
        documents: dict[str, Callable[[str], Response]],
        older: tuple[str, Api] | None = None,
    ) -> None:
        self._app = app
        self._api = api
        self._ui = ui
        self._documents = documents
        self._older = older

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Routes one request."""
        if scope["type"] == "http":
            path = scope["path"]
            make = self._documents.get(path)
            if make is not None and scope["method"] in ("GET", "HEAD"):
                await make(scope.get("root_path", ""))(scope, receive, send)
                return
            if path.startswith(PREFIX) and path[len(PREFIX) : len(PREFIX) + 1] in ("", "/"):
                await self._api(scope, receive, send)
                return
            if path.startswith(UI_PREFIX) and path[len(UI_PREFIX) : len(UI_PREFIX) + 1] in ("", "/"):
                await self._ui(scope, receive, send)
                return
            if self._older is not None and path.startswith(self._older[0] + "/"):
                await self._older[1](scope, receive, send)
                return
        await self._app(scope, receive, send)


async def _alone(request: Request) -> Response:
    if request.scope["path"] != "/":
        return PlainTextResponse("Not Found", 404)
    return HTMLResponse(f"<!doctype html><title>tradewind</title><p>The REST API is below {PREFIX}.")


def _experimental(services: Services) -> tuple[str, Api] | None:
    if not services.options.has_experimental_api:
        return None
    from . import experimental  # hardly anybody asks for it

    return experimental.PREFIX, experimental.ExperimentalApi(services, experimental.OPERATIONS, experimental.PREFIX)


def create_app(services: Services, site: Site | None = None) -> Starlette:
    """The ASGI application over these services. ``site``: the built user interface (web.static); without one the API
    is alone."""

    async def health(request: Request) -> Response:
        quick = services.database.dialect == "sqlite"
        body = health_body(services) if quick else await run_in_threadpool(health_body, services)
        return Response(msgspec.json.encode(body), media_type="application/json")

    answer = _alone if site is None else Pages(services, site)

    async def page(request: Request) -> Response:
        return await answer(request)

    operations = with_older_dialects(ALL) if services.options.older_dialects else ALL
    api = Api(services, operations, PREFIX)
    ui = Api(services, UI, UI_PREFIX)
    pages = document_responses(operations) | (swagger_responses() if services.options.has_swagger_ui else {})
    documents = {f"{PREFIX}/{name}": make for name, make in pages.items()}
    return Starlette(
        routes=[Route("/health", health), *sign_in_routes(services), Route("/{path:path}", page)],
        middleware=[
            Middleware(Front, options=services.options.front),
            Middleware(ApiFirst, api=api, ui=ui, documents=documents, older=_experimental(services)),
        ],
    )
