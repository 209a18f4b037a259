"""Pages without a built user interface: one plain page that says what is here."""

from __future__ import annotations

from html import escape

_PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>tradewind</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>body{{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem}}</style></head>
<body><h1>tradewind</h1>
<p>The server is running. The user interface is not part of this build.</p>
<ul><li><a href="/health">Health</a></li>
<li>REST API: <code>{prefix}</code>, e.g. <a href="{prefix}/dags"><code>{prefix}/dags</code></a></li>
<li><a href="{prefix}/openapi.json">OpenAPI document</a></li></ul>
</body></html>
"""


def plain_page(prefix: str) -> str:
    """The page, with the API's prefix in its links."""
    return _PAGE.format(prefix=escape(prefix, quote=True))
