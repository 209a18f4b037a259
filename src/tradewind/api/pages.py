"""The user interface's addresses: every path that is nobody else's is the one page, or a file of the build."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from typing import Any, Protocol

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from .services import Services
from .ui_boot import boot_of

NOT_PAGES = ("api", "ui/v1", "health", "static", "auth")
"""What begins so is never answered with the page: a wrong address there is a mistake of a program."""


class Site(Protocol):
    """Who has the files (web.static)."""

    def page(self, boot: Mapping[str, Any], base: str, *, is_embedded: bool = False) -> bytes:
        """The page."""
        ...

    def file(self, path: str, accepted: str) -> tuple[bytes, dict[str, str]] | None:
        """A file with its headers."""
        ...


class Pages:
    """Answers the paths of the user interface."""

    def __init__(self, services: Services, site: Site) -> None:
        self._services = services
        self._site = site
        # The whole interface is in nobody's frame: what others may show is made for it.
        self._headers = page_headers(())
        self._framed_headers = page_headers(services.options.embed_origins)

    async def __call__(self, request: Request) -> Response:
        """A file, the page, or 404."""
        path = request.scope["path"].lstrip("/")
        accepted = request.headers.get("accept-encoding", "")
        found = self._site.file(path, accepted)
        if found is not None:
            return Response(found[0], headers=found[1])
        # A script of a build that was replaced: the page in its place would be taken for a script that is broken.
        is_file = path.startswith("assets/") and path.endswith((".js", ".css", ".map"))
        if is_file or any(path == name or path.startswith(name + "/") for name in NOT_PAGES):
            return PlainTextResponse("Not Found", 404)
        base = request.scope.get("root_path", "") + "/"
        headers = {name: value for name, value in request.headers.items()}
        address = request.client.host if request.client else ""
        boot = await run_in_threadpool(boot_of, self._services, headers, base, address)
        is_embedded = request.query_params.get("embed") == "1"
        content = self._site.page(boot, base, is_embedded=is_embedded)
        more = dict(self._framed_headers if is_embedded else self._headers)
        if "gzip" in accepted:
            content, more["content-encoding"] = gzip.compress(content, 5, mtime=0), "gzip"
        return Response(content, media_type="text/html", headers=more)


def page_headers(embed_origins: tuple[str, ...]) -> dict[str, str]:
    """Headers of the page: only our own files, in nobody's frame but those that were named."""
    ancestors = " ".join(embed_origins) or "'none'"
    policy = (
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        f"frame-ancestors {ancestors}; object-src 'none'; base-uri 'self'; form-action 'self'"
    )
    headers = {
        "content-security-policy": policy,
        "cache-control": "private, no-cache",
        "vary": "accept-encoding, cookie",
    }
    return headers if embed_origins else {**headers, "x-frame-options": "DENY"}
