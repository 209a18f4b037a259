"""Every page of the user interface in a real browser: small, calm, accessible, no wider than the window.

Bytes, requests, elements, CPU and layout shift are those of ui/tools/ui_measure.mjs, which `make bench-ui` uses too;
`make bench-ui` judges the budgets of time, too, and has axe-core look at every page in four forms."""

from __future__ import annotations

import pytest
from support.measuring import Budget, Record, measure
from support.web_stage import PAGES, Stage

FIRST = {"name": "first visit", "url": "/", "ready": "main h1", "cold": True, "axe": []}
NARROW_TOO = {"home", "dags", "dag", "task", "run", "trigger", "runs", "connections", "timeline"}
"""Pages whose phone's form axe-core judges too: the others are made of the same parts."""
BUSY = 4
"""How many times more CPU a machine that runs other tests may need."""


def views(name: str) -> list[str]:
    """What axe-core looks at: all rules in light, the colours in dark, and the phone's form."""
    return ["light-1440", "dark-1440:color-contrast", "light-390" if name in NARROW_TOO else "light-390:width"]


@pytest.fixture(scope="module")
def records(stage: Stage) -> dict[str, Record]:
    """What the tool says of each page, by name."""
    pages = [
        {"name": name, "url": page.path(stage.house), "ready": "main h1", "axe": views(name)}
        for name, page in PAGES.items()
    ]
    found = measure(stage.server.url, [FIRST, *pages], "--warm", quiet_ms=300, idle_ms=0)
    return {each["page"]: each for each in found}


def test_first_visit_of_home_is_small(records: dict[str, Record]) -> None:
    record = records["first visit"]
    assert "error" not in record, record
    # Once: the page, its style, its scripts, the data; the stream of events stays open.
    assert Budget(cpu=400, kb=260, js_kb=210, req=8).broken(record, busy=BUSY) == {}, record


@pytest.mark.parametrize("name", PAGES)
def test_page_asks_little_and_fits(records: dict[str, Record], name: str) -> None:
    record = records[name]
    assert "error" not in record, record
    assert PAGES[name].budget.broken(record, busy=BUSY) == {}, record
    assert record["settled"], record
    assert record["h1"] == 1
    assert record["title"] not in ("", "tradewind")
    assert record["problems"] == []


@pytest.mark.parametrize("name", PAGES)
def test_page_is_for_everybody(records: dict[str, Record], name: str) -> None:
    assert records[name]["axe"] == {view: [] for view in views(name)}


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
