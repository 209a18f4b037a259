"""Takes pictures of every view of the user interface, over data of runs that were carried out.

    python scripts/screenshots.py [NAME …] [light-1440 …]

Light and dark, at 1440 and 390 pixels, into .cache/screenshots; the best of them go to docs/screenshots too, which is
kept: no more than LIMIT megabytes, in 256 colours each. Needs the tests' dependencies and a built interface.
"""

from __future__ import annotations

import sys
from contextlib import ExitStack
from dataclasses import replace
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tests"), str(ROOT / "scripts")]

if TYPE_CHECKING:
    from screenshot_views import Shot
    from support.browser import Visit
    from support.web_stage import Stage

ALL = ROOT / ".cache/screenshots"
KEPT = ROOT / "docs/screenshots"
LIMIT = 6.0
SIZES = ((1440, 900), (390, 844))
BEST = (
    "home-light-1440",
    "home-dark-1440",
    "home-light-390",
    "dags-light-1440",
    "dags-dark-390",
    "dag-light-1440",
    "dag-dark-1440",
    "dag-night-light-1440",
    "dag-light-390",
    "dag-safe-light-1440",
    "dag-graph-night-light-1440",
    "dag-durations-light-1440",
    "dag-calendar-light-1440",
    "dag-gantt-light-1440",
    "task-dark-1440",
    "task-light-390",
    "task-mapped-light-1440",
    "why-light-1440",
    "compare-light-1440",
    "timeline-light-1440",
    "timeline-dark-1440",
    "dialog-clear-light-1440",
    "dialog-trigger-light-1440",
    "dialog-trigger-dark-390",
    "palette-light-1440",
    "assets-light-1440",
    "asset-light-1440",
    "embed-dag-light",
    "embed-trigger-dark",
    "error-list-light-1440",
)


def take_all(stage: Stage, wanted: set[str], width: int, height: int, dark: bool) -> None:
    """All pictures of one size and theme."""
    from screenshot_views import shots

    theme = "dark" if dark else "light"
    options = {"dark": dark, "has_touch": width < 600}
    with ExitStack() as stack:
        # One profile for all that only look: what a page has loaded is there for the next.
        shared = stack.enter_context(stage.visit(width=width, height=height, **options))
        for name, shot in shots(stage.house).items():
            if wanted and not any(fnmatch(name, pattern) for pattern in wanted):
                continue
            if shot.size is not None and width < 600:
                continue  # a window of its own size has one picture a theme
            stage.beat()
            size = shot.size or (width, height)
            file = ALL / (f"{name}-{theme}.png" if shot.size else f"{name}-{theme}-{width}.png")
            if shot.is_plain:
                visit = replace(shared, page=shared.context.new_page(), requests=[], problems=[])
                try_to_take(visit, shot, file)
                visit.page.close()
                continue
            with stage.visit(user=shot.user or None, width=size[0], height=size[1], **options) as visit:
                try_to_take(visit, shot, file)


def try_to_take(visit: Visit, shot: Shot, file: Path) -> None:
    """One picture; where something does not come about, the picture of that."""
    try:
        take(visit, shot, file)
    except Exception as problem:
        print(f"{file.stem}: {str(problem).splitlines()[0]}", file=sys.stderr)
        visit.page.screenshot(path=file)
    visit.page.unroute_all(behavior="ignoreErrors")


def take(visit: Visit, shot: Shot, file: Path) -> None:
    """One picture. Says what is wider than the window, and what the page's console complains of."""
    if shot.prefs:
        visit.context.add_init_script(f"localStorage.setItem('tradewind.prefs', {shot.prefs!r})")
    if shot.before is not None:
        shot.before(visit)
        visit.page.goto(visit.url + shot.path)
        visit.page.wait_for_timeout(2500)
    else:
        visit.open(shot.path, ready="h1")
    if shot.act is not None:
        shot.act(visit)
    visit.page.wait_for_timeout(400)  # charts draw in the frame after
    visit.page.screenshot(path=file)
    if (over := visit.overflow()) > 0:
        print(f"{file.stem}: {over} px wider than the window", file=sys.stderr)
    for problem in visit.problems:
        print(f"{file.stem}: {problem}", file=sys.stderr)


def keep(stage: Stage) -> None:
    """The best into the folder that is kept, packed by the browser itself: WebP, which is a tenth of the PNG."""
    KEPT.mkdir(parents=True, exist_ok=True)
    page = stage.browser.new_page()
    for name in BEST:
        if (ALL / f"{name}.png").is_file():
            (KEPT / f"{name}.webp").write_bytes(packed(page, (ALL / f"{name}.png").read_bytes()))
    for old in {*KEPT.glob("*")} - {KEPT / f"{name}.webp" for name in BEST}:
        old.unlink()


def packed(page: object, png: bytes) -> bytes:
    """A picture as WebP, without loss that one sees."""
    from base64 import b64decode, b64encode

    code = """async png => {
      const image = await createImageBitmap(await (await fetch('data:image/png;base64,' + png)).blob())
      const canvas = new OffscreenCanvas(image.width, image.height)
      canvas.getContext('2d').drawImage(image, 0, 0)
      const blob = await canvas.convertToBlob({type: 'image/webp', quality: 0.9})
      const bytes = new Uint8Array(await blob.arrayBuffer())
      let text = ''
      for (const byte of bytes) text += String.fromCharCode(byte)
      return btoa(text)
    }"""
    made = page.evaluate(code, b64encode(png).decode())  # type: ignore[attr-defined]  # a Page
    return b64decode(made)


def main(wanted: set[str]) -> None:
    """Takes them, and keeps the best."""
    from screenshot_data import pictured_stage

    kinds = {word for word in wanted if word.endswith(("-1440", "-390"))}
    ALL.mkdir(parents=True, exist_ok=True)
    with pictured_stage() as stage:
        for width, height in SIZES:
            for dark in (False, True):
                if not kinds or f"{'dark' if dark else 'light'}-{width}" in kinds:
                    take_all(stage, wanted - kinds, width, height, dark)
        keep(stage)
    size = sum(path.stat().st_size for path in KEPT.glob("*")) / 1e6
    print(f"{len(list(ALL.glob('*.png')))} pictures in {ALL}; {size:.1f} MB kept in {KEPT}")
    if size > LIMIT:
        raise SystemExit(f"more than {LIMIT} MB: choose fewer")


if __name__ == "__main__":
    main(set(sys.argv[1:]))
