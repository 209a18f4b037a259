"""Takes pictures of every view of the user interface over made data.

    python scripts/screenshots.py [NAME …] [light-1440 …]

Light and dark, at 1440 and 390 pixels, into .cache/screenshots; the best of them go to docs/screenshots too, which is
kept. Needs the tests' dependencies and a built interface.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tests")]

if TYPE_CHECKING:
    from support.browser import Visit
    from support.web_stage import Stage

ALL = ROOT / ".cache/screenshots"
KEPT = ROOT / "docs/screenshots"
BEST = (
    "home-light-1440",
    "home-dark-1440",
    "home-light-390",
    "dags-light-1440",
    "dag-light-1440",
    "dag-dark-1440",
    "dag-graph-light-1440",
    "dag-durations-light-1440",
    "dag-calendar-light-1440",
    "task-dark-1440",
    "task-light-390",
    "why-light-1440",
    "timeline-light-1440",
    "dialog-clear-light-1440",
    "dialog-trigger-light-1440",
    "palette-light-1440",
)


def press(*keys: str) -> Callable[[Visit], None]:
    """What opens something on a page."""

    def pressed(visit: Visit) -> None:
        visit.keys(*keys)
        visit.page.get_by_role("dialog").last.wait_for()
        visit.calm()

    return pressed


def in_palette(visit: Visit) -> None:
    """The palette with something to find."""
    press("Control+k")(visit)
    visit.say("orders")
    visit.page.locator('[role="option"]').first.wait_for()


OPENED: dict[str, tuple[str, Callable[[Visit], None]]] = {
    "dialog-clear": ("task", press("r")),
    "dialog-trigger": ("dag", press("t")),
    "palette": ("home", in_palette),
    "keys": ("dag", press("?")),
}
"""Name → page, and what is done there."""


def take(stage: Stage, wanted: set[str], width: int, height: int, dark: bool) -> None:
    """All pages of one size and theme."""
    from support.web_stage import PAGES

    kind = f"{'dark' if dark else 'light'}-{width}"
    with stage.visit(width=width, height=height, dark=dark, has_touch=width < 600) as visit:
        for name in (*PAGES, *OPENED):
            if wanted and name not in wanted:
                continue
            page, act = OPENED.get(name, (name, None))
            stage.beat()
            try:
                visit.open(PAGES[page].path(stage.house), ready="h1")
                if act is not None:
                    act(visit)
                visit.page.wait_for_timeout(400)  # charts draw in the frame after
                visit.page.screenshot(path=ALL / f"{name}-{kind}.png")
            except Exception as problem:
                print(f"{name}-{kind}: {str(problem).splitlines()[0]}", file=sys.stderr)
        if not wanted or "sign-in" in wanted:
            visit.context.clear_cookies()
            visit.open("/")
            visit.page.screenshot(path=ALL / f"sign-in-{kind}.png")


def main(wanted: set[str]) -> None:
    """Takes them, and keeps the best."""
    from support.web_stage import stage

    kinds = {word for word in wanted if word.endswith(("-1440", "-390"))}
    ALL.mkdir(parents=True, exist_ok=True)
    with stage() as made:
        for width, height in ((1440, 900), (390, 844)):
            for dark in (False, True):
                if not kinds or f"{'dark' if dark else 'light'}-{width}" in kinds:
                    take(made, wanted - kinds, width, height, dark)
    KEPT.mkdir(parents=True, exist_ok=True)
    for name in BEST:
        if (ALL / f"{name}.png").is_file():
            shutil.copyfile(ALL / f"{name}.png", KEPT / f"{name}.png")
    size = sum(path.stat().st_size for path in KEPT.glob("*.png"))
    print(f"{len(list(ALL.glob('*.png')))} pictures in {ALL}; {size / 1e6:.1f} MB kept in {KEPT}")


if __name__ == "__main__":
    main(set(sys.argv[1:]))
