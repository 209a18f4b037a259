"""A real Chromium without a window, as the tests of the user interface drive it: by keys, and noting what it asks.

What pages cost is measured by ui/tools/ui_measure.mjs: measuring.py."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--enable-precise-memory-info",
]
PATIENCE = 20_000
"""Milliseconds after which a wait fails."""


def tools() -> ModuleType:
    """scripts/ui_tools.py, which finds and installs."""
    if "ui_tools" in sys.modules:
        return sys.modules["ui_tools"]
    scripts = str(ROOT / "scripts")
    sys.path.insert(0, scripts)
    try:
        spec = importlib.util.find_spec("ui_tools")
        assert spec is not None
        import ui_tools
    finally:
        sys.path.remove(scripts)
    return ui_tools


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser with a fresh profile. Where there is none and none can be installed, the test fails and says why."""
    try:
        program = tools().chromium()
    except tools().ToolMissing as missing:
        pytest.fail(str(missing), pytrace=False)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(program), headless=True, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Visit:
    """A page of the interface, signed in, and what it asked of the network."""

    page: Page
    context: BrowserContext
    url: str
    requests: list[Request] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    """Scripts' errors, and what the content security policy refused."""

    def __post_init__(self) -> None:
        self.page.set_default_timeout(PATIENCE)
        self.page.on("request", self._count)
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("console", self._note)

    def _count(self, request: Request) -> None:
        self.requests.append(request)

    def _note(self, message: Any) -> None:
        # A refused answer is the page's to show; a refused script or style is a fault.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.problems.append(message.text)

    def open(self, path: str, ready: str | None = None) -> Page:
        """Goes to an address and waits until it is calm."""
        self.page.goto(self.url + path)
        if ready is not None:
            self.page.locator(ready).first.wait_for()
        self.calm()
        return self.page

    def calm(self) -> None:
        """Until no request is under way (the stream of events is none) and nothing says that it is loading."""
        self.page.wait_for_function(CALM, timeout=PATIENCE)

    def api(self) -> list[str]:
        """Addresses of the data asked for until now. The stream of events is no request for data."""
        return [
            f"{request.method} {request.url.removeprefix(self.url)}"
            for request in self.requests
            if "/ui/v1/" in request.url or ("/api/v1/" in request.url and "/events" not in request.url)
        ]

    def overflow(self) -> int:
        """Pixels by which the document is wider than the window."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - innerWidth"))

    def narrow(self) -> None:
        """The window of a phone."""
        self.page.set_viewport_size({"width": 390, "height": 844})
        self.calm()

    def keys(self, *presses: str) -> None:
        """Presses keys, one after the other."""
        for press in presses:
            self.page.keyboard.press(press)

    def say(self, text: str) -> None:
        """Types text where the focus is."""
        self.page.keyboard.type(text)


CALM = """() => {
  if (document.querySelector('[aria-busy="true"], [data-loading]')) return false
  const entries = performance.getEntriesByType('resource').length
  const now = performance.now()
  if (window.__entries !== entries) { window.__entries = entries; window.__since = now; return false }
  return now - window.__since > 150 && !!document.querySelector('main, form')
}"""


@contextmanager
def visit(
    browser: Browser,
    url: str,
    *,
    user: str | None = "admin",
    width: int = 1440,
    height: int = 900,
    dark: bool = False,
    **options: Any,
) -> Iterator[Visit]:
    """A fresh profile in which ``user`` is signed in (None: nobody)."""
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if dark else "light",
        reduced_motion="reduce",
        timezone_id="UTC",
        locale="en-GB",
        **options,
    )
    try:
        if user is not None:
            answer = sign_in(context, url, user)
            assert answer.ok, answer.text()
        yield Visit(context.new_page(), context, url)
    finally:
        context.close()


def sign_in(context: BrowserContext, url: str, user: str) -> Any:
    """The session's cookie, as the sign-in page gets it; everybody's password is the name."""
    body = json.dumps({"username": user, "password": user})
    return context.request.post(f"{url}/ui/v1/session", data=body, headers={"content-type": "application/json"})
