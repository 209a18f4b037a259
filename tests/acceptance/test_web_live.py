"""Live changes in a real browser: one connection for all tabs, less of it for a hidden one, and polling without it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, urlparse

from playwright.sync_api import Page, Route, expect
from support.browser import Visit
from support.web_stage import PAGES, Stage

expect.set_options(timeout=8_000)

NO_WORKERS = "delete window.SharedWorker; delete window.BroadcastChannel"
"""A browser in which a tab has its own connection, so that its clock and its requests are the test's."""


@contextmanager
def alone(stage: Stage) -> Iterator[Visit]:
    """Such a browser, with a clock that the test moves."""
    with stage.visit() as visit:
        visit.page.add_init_script(NO_WORKERS)
        visit.page.clock.install()
        yield visit


def topics(visit: Visit) -> list[set[str]]:
    """What each connection asked for."""
    streams = [one.url for one in visit.requests if "/api/v1/events?" in one.url]
    return [set(parse_qs(urlparse(url).query)["topics"][0].split(",")) for url in streams]


def status(page: Page) -> str | None:
    return page.locator("[data-live]").get_attribute("data-live")


def run_until(page: Page, wanted: str) -> None:
    """Moves the clock on, a second at a time, until the dot says so; real answers come in between."""
    for _ in range(90):
        if status(page) == wanted:
            return
        page.clock.run_for(1_000)
        page.wait_for_timeout(20)
    raise AssertionError(f"the connection is {status(page)!r}, not {wanted!r}")


def test_without_a_stream_the_page_polls_and_says_so(stage: Stage) -> None:
    with alone(stage) as visit:
        page = visit.page

        def refused(route: Route) -> None:
            route.fulfill(status=503, body="")

        page.route("**/api/v1/events*", refused)
        visit.open(PAGES["dag"].path(stage.house), ready="main h1")
        run_until(page, "polling")
        expect(page.locator("[data-live=polling]")).to_have_attribute("title", re.compile("every 10 seconds"))
        page.clock.run_for(1_000)
        visit.calm()
        visit.requests.clear()
        page.clock.run_for(11_000)
        visit.calm()
        # The difference to what is known, not the whole.
        grids = [one for one in visit.api() if "/grid?" in one]
        assert len(grids) in (1, 2), visit.api()
        assert all("since=" in one for one in grids), grids
        page.unroute("**/api/v1/events*")
        run_until(page, "live")
        page.clock.run_for(2_000)  # what the last round of polling had begun
        visit.calm()
        visit.requests.clear()
        page.clock.run_for(30_000)
        visit.calm()
        assert visit.api() == []


def test_a_hidden_tab_hears_less(stage: Stage) -> None:
    with alone(stage) as visit:
        page = visit.page
        visit.open(PAGES["dag"].path(stage.house), ready="main h1")
        run_until(page, "live")
        dag = f"dag:{stage.house.failed_dag}"
        assert dag in topics(visit)[-1]
        hide = "is => { Object.defineProperty(document, 'hidden', {configurable: true, get: () => is});"
        hide += " document.dispatchEvent(new Event('visibilitychange')) }"
        page.evaluate(hide, True)
        page.clock.run_for(50_000)
        assert dag in topics(visit)[-1]
        with page.expect_request("**/api/v1/events*"):
            page.clock.run_for(60_000)
        assert topics(visit)[-1] <= {"dags", "health"}
        with page.expect_request("**/grid?*since=*"):  # what it has missed
            page.evaluate(hide, False)
            page.clock.run_for(2_000)
        assert dag in topics(visit)[-1]


def test_all_tabs_of_a_browser_share_one_connection(stage: Stage) -> None:
    services = stage.server.services
    assert services is not None
    with stage.visit() as visit:
        visit.open("/", ready="main h1")
        expect(visit.page.locator("[data-live=live]")).to_be_visible()
        before = services.hub.readers
        others = [visit.context.new_page() for _ in range(3)]
        for page, name in zip(others, ("dags", "dag", "task-instances"), strict=True):
            page.goto(visit.url + PAGES[name].path(stage.house))
            expect(page.locator("[data-live=live]")).to_be_visible()
        visit.page.wait_for_timeout(600)  # longer than the worker waits before it connects for more topics
        assert services.hub.readers == before
