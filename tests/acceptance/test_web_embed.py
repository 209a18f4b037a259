"""Frames in other people's pages: who may have them, what they tell and take, and that nothing starts by itself."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import FrameLocator, Page, expect
from support.web_stage import Stage
from support.web_stage import stage as web_stage

expect.set_options(timeout=8_000)

LISTEN = """
window.heard = []
addEventListener('message', event => heard.push({...event.data, origin: event.origin}))
"""
READING = ["can_read:DAGs", "can_read:DAG Runs", "can_read:Task Instances", "can_read:Task Logs", "can_read:Website"]


@dataclass
class Wiki:
    """Somebody's site. Its pages are what a test puts there."""

    port: int
    pages: dict[str, str]

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"


@contextmanager
def a_wiki() -> Iterator[Wiki]:
    pages: dict[str, str] = {}

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            text = pages.get(self.path.partition("?")[0])
            self.send_response(200 if text is not None else 404)
            self.send_header("content-type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(f"<!doctype html><title>wiki</title>{text}".encode())

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield Wiki(server.server_address[1], pages)
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def wiki() -> Iterator[Wiki]:
    with a_wiki() as made:
        yield made


@pytest.fixture(scope="module")
def framed(wiki: Wiki) -> Iterator[Stage]:
    """A server that the wiki may frame."""
    with web_stage(tradewind__embed_origins=wiki.url) as made:
        yield made


def page_with(framed: Stage, wiki: Wiki, body: str) -> Page:
    """The wiki's page in a fresh profile."""
    wiki.pages["/page"] = f"<script>{LISTEN}</script>{body}"
    page = framed.browser.new_page(viewport={"width": 1000, "height": 900})
    page.set_default_timeout(20_000)
    page.goto(f"{wiki.url}/page")
    return page


def token_of(framed: Stage, name: str, scopes: list[str] | None = None) -> str:
    """A short-lived token, as the wiki's server gets one for its visitor."""
    answer = framed.server.api.post("/tokens", {"name": name, "scopes": scopes, "expires_in": 600})
    answer.raise_for_status()
    return str(answer.json()["token"])


def heard(page: Page, kind: str) -> Any:
    """The last message of a kind, once there is one."""
    found = f"heard.findLast(one => one.type === 'tradewind:{kind}')"
    page.wait_for_function(f"() => {found} !== undefined")
    return page.evaluate(found)


def runs_of(framed: Stage) -> int:
    answer = framed.server.api.get(f"/dags/{framed.house.failed_dag}/dagRuns?limit=1")
    return int(answer.json()["total_entries"])


@pytest.mark.parametrize("case", ["the whole interface", "a page of nobody who was named"])
def test_the_browser_refuses_a_frame(framed: Stage, wiki: Wiki, case: str) -> None:
    wiki.pages["/refused"] = f'<iframe src="{framed.server.url}/dags{"" if "whole" in case else "?embed=1"}"></iframe>'
    page = framed.browser.new_page()
    # What the browser says when it refuses; nothing of the page is in the frame then.
    with page.expect_console_message(lambda message: "frame" in message.text):
        page.goto(f"{wiki.url if 'whole' in case else f'http://127.0.0.1:{wiki.port}'}/refused")
    expect(page.frame_locator("iframe").locator("#root, main")).to_have_count(0)
    page.close()


def test_a_frame_tells_how_it_is_and_takes_a_token(framed: Stage, wiki: Wiki) -> None:
    address = f"{framed.server.url}/dags/{framed.house.failed_dag}?embed=1&hide=pause&theme=dark&accent=ff8800"
    page = page_with(framed, wiki, f'<iframe id="f" width="900" height="200" src="{address}"></iframe>')
    frame = page.frame_locator("#f")
    assert heard(page, "ready")["origin"] == framed.server.url
    expect(frame.get_by_text("Nobody is signed in here")).to_be_visible()
    page.evaluate(
        "([token, to]) => document.querySelector('#f').contentWindow.postMessage({type: 'tradewind:token', token}, to)",
        [token_of(framed, "frame"), framed.server.url],
    )
    expect(frame.get_by_role("heading", name=framed.house.failed_dag)).to_be_visible()
    run = heard(page, "run")
    assert (run["dag_id"], run["state"]) == (framed.house.failed_dag, "running")
    assert 40 < heard(page, "height")["height"] < 400
    expect(frame.get_by_role("switch")).to_have_count(0)
    root = frame.locator("html")
    expect(root).to_have_attribute("data-theme", "dark")
    assert root.evaluate("root => getComputedStyle(root).getPropertyValue('--accent').trim()") == "#ff8800"
    for width in (320, 600, 900):
        page.locator("#f").evaluate("(frame, width) => { frame.width = width }", width)
        assert fits(frame, "html")
    # Everything that one does here is in sight in a frame of 200 px.
    assert frame.get_by_role("button", name="Trigger").evaluate("it => it.getBoundingClientRect().bottom") <= 200
    page.close()


def fits(frame: FrameLocator, selector: str) -> bool:
    return bool(frame.locator(selector).evaluate("root => root.scrollWidth <= innerWidth"))


def test_the_element_triggers_after_a_click_with_what_the_page_has_locked(framed: Stage, wiki: Wiki) -> None:
    before = runs_of(framed)
    page = page_with(
        framed,
        wiki,
        f'<script src="{framed.server.url}/tradewind-dag.js" defer></script>'
        f'<tradewind-dag src="{framed.server.url}" dag="{framed.house.failed_dag}" lock="region" '
        """conf='{"region": "us"}' density="compact"></tradewind-dag>
        <script>window.told = []
        for (const kind of ['run', 'triggered', 'navigate'])
          document.querySelector('tradewind-dag')
            .addEventListener('tradewind:' + kind, event => told.push(event.detail))</script>""",
    )
    page.wait_for_function("() => customElements.get('tradewind-dag') !== undefined")
    page.locator("tradewind-dag").evaluate("(element, token) => { element.token = token }", token_of(framed, "element"))
    frame = page.frame_locator("iframe")
    frame.get_by_role("button", name="Trigger").click()
    region = frame.get_by_label("region")
    expect(region).to_be_disabled()
    assert runs_of(framed) == before  # an address starts nothing, and opening the form neither
    frame.get_by_label("batch_size").fill("250")
    frame.get_by_role("button", name="Trigger").last.click()
    page.wait_for_function("() => told.some(one => one.type === 'tradewind:triggered')")
    told = page.evaluate("told.find(one => one.type === 'tradewind:triggered')")
    run = framed.server.api.get(f"/dags/{told['dag_id']}/dagRuns/{told['run_id']}").json()
    assert (run["conf"]["region"], run["conf"]["batch_size"]) == ("us", 250)
    page.wait_for_function("() => parseInt(document.querySelector('iframe').style.height) > 40")
    page.close()


def test_a_token_for_reading_triggers_nothing(framed: Stage, wiki: Wiki) -> None:
    page = page_with(
        framed,
        wiki,
        f'<script src="{framed.server.url}/tradewind-dag.js" defer></script>'
        f'<tradewind-dag src="{framed.server.url}" dag="{framed.house.failed_dag}"></tradewind-dag>',
    )
    page.wait_for_function("() => customElements.get('tradewind-dag') !== undefined")
    page.locator("tradewind-dag").evaluate(
        "(element, token) => { element.token = token }", token_of(framed, "reading", READING)
    )
    frame = page.frame_locator("iframe")
    expect(frame.get_by_role("heading", name=framed.house.failed_dag)).to_be_visible()
    expect(frame.get_by_role("button", name="Trigger")).to_have_count(0)
    expect(frame.get_by_role("switch")).to_have_count(0)
    page.close()
