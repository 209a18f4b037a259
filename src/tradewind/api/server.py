"""Serving the application over HTTP: uvicorn with uvloop and httptools."""

from __future__ import annotations

import socket
from typing import Any, TypeVar

import uvicorn

from .app import create_app
from .connection import connection_with
from .pages import Site
from .services import Services


class ApiServer(uvicorn.Server):
    """A server that ends the streams without end when it is told to stop, instead of waiting for them."""

    def __init__(self, config: uvicorn.Config, services: Services) -> None:
        super().__init__(config)
        self._services = services

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """The server was told to stop."""
        self.end_streams()
        await super().shutdown(sockets)

    def end_streams(self) -> None:
        """Tells whoever listens for events that there will be no more."""
        self._services.hub.close()


Kind = TypeVar("Kind", bound=ApiServer)


def make_server(
    services: Services, host: str, port: int, kind: type[Kind], *, site: Site | None = None, **more: Any
) -> Kind:
    """A server that is not running yet; ``server.should_exit = True`` ends it. ``more``: options of uvicorn."""
    config = uvicorn.Config(
        create_app(services, site),
        host=host,
        port=port,
        loop="uvloop",
        http=connection_with(services.options.limits),
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
    return kind(config, services)


def serve(
    services: Services,
    host: str,
    port: int,
    *,
    site: Site | None = None,
    sockets: list[socket.socket] | None = None,
    **more: Any,
) -> None:
    """Serves until the process is told to end (SIGTERM, SIGINT). ``sockets``: already bound ones, instead of an
    address. ``site``: the user interface, see create_app. ``more``: options of uvicorn."""
    make_server(services, host, port, ApiServer, site=site, **more).run(sockets=sockets)
