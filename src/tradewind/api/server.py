"""Serving the application over HTTP: uvicorn with uvloop and httptools."""

from __future__ import annotations

import socket
from typing import Any

import uvicorn

from .app import create_app
from .services import Services


def make_server(services: Services, host: str, port: int, *, root_path: str = "", **more: Any) -> uvicorn.Server:
    """A server that is not running yet; ``server.should_exit = True`` ends it."""
    config = uvicorn.Config(
        create_app(services),
        host=host,
        port=port,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="off",
        access_log=False,
        server_header=False,
        log_config=None,
        root_path=root_path,
        timeout_graceful_shutdown=5,
        backlog=2048,
        **more,
    )
    return uvicorn.Server(config)


def serve(services: Services, host: str, port: int, *, sockets: list[socket.socket] | None = None) -> None:
    """Serves until the process is told to end (SIGTERM, SIGINT). ``sockets``: already bound ones, instead of an
    address."""
    make_server(services, host, port).run(sockets=sockets)
