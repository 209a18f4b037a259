"""How the interface adapts to people: motion, contrast, forced colours, zoom, narrow windows, focus, sizes of targets,
and words for every picture. What axe-core can judge is judged with each page, in test_web_pages.py."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect
from support.browser import Visit
from support.web_stage import PAGES, Stage

expect.set_options(timeout=8_000)
KEY_PAGES = ("home", "dags", "dag", "task", "task-instances")

LUMINANCE = """
const rgb = (colour) => {
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = 1
  const ctx = canvas.getContext('2d')
  ctx.fillStyle = colour
  ctx.fillRect(0, 0, 1, 1)
  return [...ctx.getImageData(0, 0, 1, 1).data].slice(0, 3)
}
const luminance = (colour) => {
  const linear = (v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
  const [r, g, b] = rgb(colour).map((v) => linear(v / 255))
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}
const ratio = (a, b) => {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y)
  return (high + 0.05) / (low + 0.05)
}
const ground = (element) => {
  for (let at = element; at; at = at.parentElement) {
    const colour = getComputedStyle(at).backgroundColor
    if (!/, 0\\)$|transparent/.test(colour)) return colour
  }
  return 'white'
}
"""
TOKENS = (
    "() => {"
    + LUMINANCE
    + """
  const one = document.createElement('span')
  document.body.append(one)
  const colour = (name) => { one.style.color = `var(${name})`; return getComputedStyle(one).color }
  const found = Object.fromEntries(['--text', '--muted', '--line', '--line-strong', '--accent']
    .map((name) => [name, ratio(colour(name), colour('--bg'))]))
  one.remove()
  return found
}"""
)
RING = (
    "() => {"
    + LUMINANCE
    + """
  const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(document.activeElement)
  const around = ground(document.activeElement.parentElement)
  return {style: outlineStyle, width: parseFloat(outlineWidth), ratio: ratio(outlineColor, around),
    what: document.activeElement.outerHTML.slice(0, 120)}
}"""
)
MOVING = """() => [...document.querySelectorAll('*')].filter((element) => {
  const style = getComputedStyle(element)
  const longest = (text) => Math.max(...text.split(',').map((each) => parseFloat(each) * (/ms/.test(each) ? 1 : 1000)))
  const isAnimated = style.animationName !== 'none' && longest(style.animationDuration) > 1
  return isAnimated || longest(style.transitionDuration) > 1
}).map((element) => element.outerHTML.slice(0, 100))"""
CUT = """() => [...document.querySelectorAll('h1, [role=tab], button')].filter((element) => {
  const { width, left } = element.getBoundingClientRect()
  if (!element.checkVisibility() || width <= 1 || left < innerWidth) return false
  // What scrolls sideways by itself is reached there: tables, rows of filters and of tabs.
  for (let at = element.parentElement; at; at = at.parentElement)
    if (/auto|scroll/.test(getComputedStyle(at).overflowX)) return false
  return true
}).map((element) => element.outerHTML.slice(0, 100))"""
SMALL = """(least) => [...document.querySelectorAll(
  'button, select, [role=tab], [role=switch], input:not([type=checkbox], [type=radio], [type=file])')]
  .filter((element) => element.checkVisibility() && !element.closest('[inert], .visually-hidden, [data-log]'))
  .map((element) => [element.getBoundingClientRect(), element])
  .filter(([{ width, height }]) => width > 1 && height > 1 && (height < least - 0.5 || width < 23.5))
  .map(([box, element]) => `${box.width.toFixed(0)} x ${box.height.toFixed(0)}: ${element.outerHTML.slice(0, 140)}`)"""


@pytest.fixture
def seen(warm: Visit) -> Iterator[Visit]:
    """The visitor, whose way of seeing is put back afterwards."""
    yield warm
    none = "null"
    warm.page.emulate_media(color_scheme="light", reduced_motion="reduce", contrast=none, forced_colors=none)  # type: ignore[arg-type]  # as Playwright writes it
    warm.page.set_viewport_size({"width": 1440, "height": 900})


def test_nothing_moves_for_those_who_want_it_still(stage: Stage, seen: Visit) -> None:
    seen.open("/", ready="main h1")
    assert seen.page.evaluate(MOVING) == []
    seen.page.emulate_media(reduced_motion="no-preference")
    assert seen.page.evaluate(MOVING) != []  # what the wish has stopped


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_more_contrast_gives_more(stage: Stage, seen: Visit, scheme: str) -> None:
    seen.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of its words
    seen.open("/", ready="main h1")
    usual = seen.page.evaluate(TOKENS)
    assert usual["--text"] >= 7
    assert usual["--muted"] >= 4.5
    assert usual["--accent"] >= 3  # the ring around what has the focus
    seen.page.emulate_media(contrast="more")
    more = seen.page.evaluate(TOKENS)
    assert more["--muted"] >= 7
    assert more["--line"] >= 3
    assert more["--line-strong"] >= 7


def test_forced_colours_leave_what_is_told_by_colour(stage: Stage, seen: Visit) -> None:
    seen.page.emulate_media(forced_colors="active")
    for name in ("home", "dags", "dag"):
        seen.open(PAGES[name].path(stage.house), ready="main h1")
        lost = seen.page.evaluate(
            "[...document.querySelectorAll('[data-state-fill]')]"
            ".filter(e => getComputedStyle(e).forcedColorAdjust !== 'none').map(e => e.outerHTML.slice(0, 100))"
        )
        assert lost == [], name
        chosen = seen.page.evaluate(
            "[...document.querySelectorAll('[aria-selected=true][role=tab], [aria-current=page], [aria-pressed=true]')]"
            ".filter(e => e.checkVisibility() && getComputedStyle(e).outlineStyle === 'none')"
            ".map(e => e.outerHTML.slice(0, 100))"
        )
        assert chosen == [], name
    thumb = "e => getComputedStyle(e.querySelector('span, i') ?? e, '::before').forcedColorAdjust"
    assert seen.page.get_by_role("switch").first.evaluate(thumb) == "none"


@pytest.mark.parametrize("name", KEY_PAGES)
@pytest.mark.parametrize(("width", "height"), [(720, 450), (320, 640)], ids=["zoomed to 200 %", "320 px wide"])
def test_zoom_and_narrow_windows_reflow(stage: Stage, seen: Visit, name: str, width: int, height: int) -> None:
    seen.page.set_viewport_size({"width": width, "height": height})
    seen.open(PAGES[name].path(stage.house), ready="main h1")
    assert seen.overflow() <= 0
    cut = seen.page.evaluate(CUT)
    assert cut == []
    main = seen.page.locator("main").bounding_box()
    assert main is not None
    assert main["height"] > height / 2


@pytest.mark.parametrize("name", KEY_PAGES)
def test_targets_are_large_enough(stage: Stage, seen: Visit, name: str) -> None:
    # Not in a log, where a line's number is as high as the line.
    seen.open(PAGES[name].path(stage.house), ready="main h1")
    assert seen.page.evaluate(SMALL, 24) == []
    seen.narrow()
    assert seen.page.evaluate(SMALL, 44) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_focus_is_seen_wherever_it_goes(stage: Stage, seen: Visit, scheme: str) -> None:
    seen.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of its words
    seen.open(PAGES["dag"].path(stage.house), ready="main h1")
    for _ in range(25):
        seen.keys("Tab")
        ring = seen.page.evaluate(RING)
        assert ring["style"] == "solid", ring
        assert ring["width"] >= 2, ring
        assert ring["ratio"] >= 3, ring


def test_focus_moves_with_the_page_and_comes_back_from_a_drawer(stage: Stage, seen: Visit) -> None:
    seen.open("/", ready="main h1")
    seen.keys("g", "d")
    expect(seen.page.get_by_role("heading", level=1)).to_have_text("DAGs")
    expect(seen.page.locator("main")).to_be_focused()
    expect(seen.page).to_have_title("DAGs · tradewind")
    seen.open(PAGES["dag"].path(stage.house), ready="main h1")
    grid = seen.page.get_by_role("grid")
    grid.focus()
    seen.keys("Control+End", "Enter")
    drawer = seen.page.get_by_role("dialog")
    expect(drawer).to_be_visible()
    seen.page.wait_for_function("document.querySelector('[role=dialog]').contains(document.activeElement)")
    for _ in range(40):
        seen.keys("Tab")
        assert drawer.evaluate("element => element.contains(document.activeElement)")
    seen.keys("Escape")
    expect(drawer).to_have_count(0)
    expect(grid).to_be_focused()


TABLES = (
    "/dags/{dag}?table=1",
    "/dags/{dag}/graph?as_table=1",
    "/dags/{dag}/gantt?as_table=1",
    "/dags/{dag}/calendar?as_table=1",
    "/dags/{dag}/durations?as_table=1",
    "/timeline?as_table=1",
    "/dependencies?as_table=1",
)


def test_every_picture_has_a_table(stage: Stage, seen: Visit) -> None:
    for place in TABLES:
        seen.open(place.format(dag=stage.house.failed_dag), ready="main h1")
        rows = seen.page.locator("main").locator("table tr, [role=table] [role=row]")
        expect(rows.nth(1), place).to_be_visible()
