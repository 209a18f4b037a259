"""Every page of the user interface in a real browser: small, calm, accessible, no wider than the window."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.browser import Visit
from support.web_stage import PAGES, Stage

pytestmark = pytest.mark.xdist_group("browser")


def test_first_visit_of_home_is_small(stage: Stage) -> None:
    with stage.visit() as visit:
        visit.metered()
        visit.open("/", ready="table, [role=grid], [role=table]")
        # Once: the page, its style, its scripts, the data; the stream of events stays open.
        loaded = [one.url for one in visit.requests if "/api/v1/events" not in one.url]
        assert len(loaded) <= 8, loaded
        assert visit.bytes["all"] <= 260 * 1024, visit.bytes
        assert visit.bytes["Script"] <= 210 * 1024, visit.bytes


@pytest.mark.parametrize("name", PAGES)
def test_page_asks_little_and_fits(stage: Stage, warm: Visit, name: str) -> None:
    page = PAGES[name]
    warm.page.goto("about:blank")
    warm.requests.clear()
    warm.problems.clear()
    warm.bytes.clear()
    before = warm.cpu()
    warm.open(page.path(stage.house), ready="h1")
    assert len(warm.api()) <= (page.requests or 3), warm.api()
    assert warm.nodes() <= 1500
    assert warm.overflow() <= 0
    assert warm.page.locator("h1").count() == 1
    assert warm.page.title() not in ("", "tradewind")
    assert warm.problems == []
    assert warm.bytes["all"] <= (page.kilobytes or 60) * 1024, warm.bytes
    # The bench judges the budget of 300 ms; on a machine busy with other tests this holds what runs away.
    assert warm.cpu() - before <= 1500


NARROW_TOO = {"home", "dags", "dag", "task", "run", "trigger", "runs", "connections", "timeline"}
"""Pages whose phone's form axe-core judges too: the others are made of the same parts."""


@pytest.fixture
def light(warm: Visit) -> Iterator[Visit]:
    yield warm
    warm.page.emulate_media(color_scheme="light", reduced_motion="reduce")
    warm.page.set_viewport_size({"width": 1440, "height": 900})


@pytest.mark.parametrize("name", PAGES)
def test_page_is_for_everybody(stage: Stage, light: Visit, name: str) -> None:
    light.open(PAGES[name].path(stage.house), ready="h1")
    assert light.axe() == []
    light.page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    assert light.axe("color-contrast") == []
    light.narrow()
    assert light.overflow() <= 0
    if name in NARROW_TOO:
        assert light.axe() == []


@pytest.mark.parametrize("name", ["home", "dags", "dag", "run", "task-instances", "timeline"])
def test_page_at_rest_asks_nothing(stage: Stage, name: str) -> None:
    with stage.visit() as visit:
        visit.page.clock.install()
        visit.open(PAGES[name].path(stage.house), ready="h1")
        visit.page.clock.run_for(5_000)  # what a page fetches once it has leisure
        visit.calm()
        visit.requests.clear()
        visit.page.clock.run_for(60_000)
        visit.calm()
        assert [one.url for one in visit.requests] == []
