"""Serving the application over HTTP: uvicorn with uvloop and httptools."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import uvicorn

from .app import create_app
from .services import Services

Page = Callable[[str], str]


class ApiServer(uvicorn.Server):
    """A server that ends the streams without end when it is told to stop, instead of waiting for them."""

    def __init__(self, config: uvicorn.Config, services: Services) -> None:
        super().__init__(config)
        self._services = services

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """The server was told to stop."""
        self._services.hub.close()
        await super().shutdown(sockets)


def make_server(services: Services, host: str, port: int, *, page: Page | None = None, **more: Any) -> uvicorn.Server:
    """A server that is not running yet; ``server.should_exit = True`` ends it."""
    config = uvicorn.Config(
        create_app(services, page) if page is not None else create_app(services),
        host=host,
        port=port,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="off",
        access_log=False,
        server_header=False,
        proxy_headers=False,  # Front reads them, when the operator said that there is a proxy
        log_config=None,
        timeout_graceful_shutdown=5,
        backlog=2048,
        **more,
    )
    return ApiServer(config, services)


def serve(
    services: Services,
    host: str,
    port: int,
    *,
    page: Page | None = None,
    sockets: list[socket.socket] | None = None,
) -> None:
    """Serves until the process is told to end (SIGTERM, SIGINT). ``sockets``: already bound ones, instead of an
    address. ``page``: the home page, see create_app."""
    make_server(services, host, port, page=page).run(sockets=sockets)
