"""The built user interface as answers: pages with their boot data inlined, and files that may be kept for ever."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

import msgspec

DIST = Path(__file__).parent / "dist"
FOREVER = "public, max-age=31536000, immutable"
HASHED = ("static/", "assets/")
"""The folders of files whose names tell their content."""

_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".ico": "image/x-icon",
    ".html": "text/html; charset=utf-8",
}
_ENCODINGS = (("br", ".br"), ("gzip", ".gz"))
_REFUSED = re.compile(r";\s*q=0(?:\.0*)?\s*$")
_BASE = re.compile(r"<base\b[^>]*>", re.IGNORECASE)
_BOOT = re.compile(r'<script type="application/json" id="boot">.*?</script>', re.IGNORECASE | re.DOTALL)
_HEAD = re.compile(r"<head\b[^>]*>", re.IGNORECASE)
_PLAIN = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>tradewind</title>
<meta name="viewport" content="width=device-width, initial-scale=1"></head>
<body><main><h1>tradewind</h1>
<p>The server is running. The user interface is not part of this build. With Node.js 20 or newer, build it in a copy of
the sources, then load this page again:</p>
<pre>cd ui
npm ci --ignore-scripts
npm run build</pre>
<ul><li><a href="{base}health">Health</a></li>
<li>REST API: <a href="{base}api/v1/dags"><code>{base}api/v1</code></a></li>
<li><a href="{base}api/v1/ui/">REST API, to read and to try</a></li></ul></main>
</body></html>
"""


class Site:
    """What a build left in a folder. Files are looked up when asked for: a new build needs no new start."""

    def __init__(self, dist: Path = DIST) -> None:
        self._dist = dist

    def page(self, boot: Mapping[str, Any], base: str, *, is_embedded: bool = False) -> bytes:
        """The one page of the interface, for every address of it; a plain one when there is no build."""
        names = ("embed.html", "index.html") if is_embedded else ("index.html",)
        template = next((path for name in names if (path := self._dist / name).is_file()), None)
        if template is None:
            return _PLAIN.format(base=escape(base, quote=True)).encode()
        return filled(template.read_text(encoding="utf-8"), boot, base).encode()

    def file(self, path: str, accepted: str) -> tuple[bytes, dict[str, str]] | None:
        """A file by its address below the site, and its headers; None when there is none."""
        found = self._found(path)
        if found is None:
            return None
        headers = {
            "content-type": _TYPES.get(found.suffix) or mimetypes.guess_type(found.name)[0] or "text/plain",
            "cache-control": FOREVER if path.startswith(HASHED) else "public, max-age=3600",
            "vary": "accept-encoding",
        }
        offered = {part.partition(";")[0].strip().lower() for part in accepted.split(",") if not _REFUSED.search(part)}
        for encoding, suffix in _ENCODINGS:
            packed = found.with_name(found.name + suffix)
            if encoding in offered and packed.is_file():
                return packed.read_bytes(), {**headers, "content-encoding": encoding}
        return found.read_bytes(), headers

    def _found(self, path: str) -> Path | None:
        parts = path.split("/")
        # Nothing hidden, nothing outside, and no page without its boot data.
        if any(part.startswith(".") or not part or "\0" in part or "\\" in part for part in parts):
            return None
        found = self._dist.joinpath(*parts)
        if found.suffix == ".html" or not found.is_file():
            return None
        return found


def filled(template: str, boot: Mapping[str, Any], base: str) -> str:
    """The page with its base address and boot data: in their places, or at the head's beginning."""
    tags = (
        (_BASE, f'<base href="{escape(base, quote=True)}">'),
        (_BOOT, f'<script type="application/json" id="boot">{script_safe(boot)}</script>'),
    )
    missing = ""
    for pattern, tag in tags:
        if pattern.search(template):
            before, after = pattern.split(template, maxsplit=1)
            template = before + tag + after
        else:
            missing += tag
    return _HEAD.sub(lambda head: head[0] + missing, template, count=1) if missing else template


def script_safe(value: Any) -> str:
    """JSON that no HTML parser takes for the end of its script, whatever texts are in it."""
    text = msgspec.json.encode(value).decode()
    for character in ("<", ">", "&", "\u2028", "\u2029"):
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text
