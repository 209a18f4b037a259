"""Swagger UI for our OpenAPI document, from a package's files: it works without a network."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response

_FILES = ("swagger-ui.css", "swagger-ui-bundle.js", "swagger-ui-standalone-preset.js", "favicon-32x32.png")
_PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>REST API</title>
<link rel="stylesheet" href="swagger-ui.css"><link rel="icon" href="favicon-32x32.png"></head>
<body><div id="swagger-ui"></div>
<script src="swagger-ui-bundle.js"></script>
<script src="swagger-ui-standalone-preset.js"></script>
<script src="start.js"></script></body>
</html>
"""
# A file of its own, so that a content security policy may forbid scripts in the page; relative, so that it works below
# any prefix of a proxy.
_START = """window.ui = SwaggerUIBundle({
  url: "../openapi.json", dom_id: "#swagger-ui", deepLinking: true, validatorUrl: null,
  presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset], layout: "StandaloneLayout",
});
"""


def swagger_responses() -> dict[str, Callable[[str], Response]]:
    """What is served below the API's prefix, by path; the same under whatever path clients see it."""
    folder = _folder()
    return {
        "ui": lambda _: RedirectResponse("ui/", 308),
        "ui/": lambda _: HTMLResponse(_PAGE),
        "ui/start.js": lambda _: Response(_START, media_type="text/javascript"),
        **{f"ui/{name}": partial(_file, folder / name) for name in _FILES},
    }


def _file(path: Path, _: str) -> Response:
    return FileResponse(path)


def _folder() -> Path:
    """The package's folder of the newest version it carries; the package itself is not imported."""
    spec = find_spec("swagger_ui_bundle")
    if spec is None or spec.origin is None:
        raise RuntimeError("package swagger-ui-bundle is not installed; tradewind depends on it")
    return max((Path(spec.origin).parent / "vendor").glob("swagger-ui-*"))
