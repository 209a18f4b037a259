"""What there is to see: each view's address, what is done there, and who looks."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from screenshot_data import LEDGER, NIGHT

if TYPE_CHECKING:
    from playwright.sync_api import Route
    from support.browser import Visit
    from support.ui_data import House


@dataclass(frozen=True)
class Shot:
    """A picture: an address, and what is done there before it is taken."""

    path: str
    act: Callable[[Visit], None] | None = None
    user: str = "admin"
    prefs: str = ""
    """What the visitor chose, as JSON."""
    before: Callable[[Visit], None] | None = None
    """What is done before the address is opened."""
    size: tuple[int, int] | None = None
    """Of the window, where it is none of the usual."""

    @property
    def is_plain(self) -> bool:
        """Whether it leaves nothing behind, nor minds what others left."""
        return not (self.prefs or self.before or self.size or self.act is gone) and self.user == "admin"


def press(*keys: str) -> Callable[[Visit], None]:
    """What a key opens."""

    def pressed(visit: Visit) -> None:
        visit.keys(*keys)
        visit.page.get_by_role("dialog").last.wait_for()
        visit.calm()

    return pressed


def click(*names: str, role: str = "button") -> Callable[[Visit], None]:
    """One button after the other, by the beginning of their names."""

    def clicked(visit: Visit) -> None:
        for name in names:
            kind, _, label = name.rpartition(":")
            where = visit.page.get_by_role(kind or role, name=re.compile(f"^{re.escape(label)}"))  # type: ignore[arg-type]
            where.first.click()
            visit.page.wait_for_timeout(150)
        visit.calm()

    return clicked


def then(*acts: Callable[[Visit], None]) -> Callable[[Visit], None]:
    """One after the other."""

    def done(visit: Visit) -> None:
        for act in acts:
            act(visit)

    return done


def hover(selector: str, x: float, y: float) -> Callable[[Visit], None]:
    """The mouse on a place of an element."""

    def hovered(visit: Visit) -> None:
        box = visit.page.locator(selector).first.bounding_box()
        assert box is not None
        visit.page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
        visit.page.wait_for_timeout(300)

    return hovered


def in_palette(text: str) -> Callable[[Visit], None]:
    """The palette with something to find."""

    def found(visit: Visit) -> None:
        press("Control+k")(visit)
        visit.say(text)
        visit.page.locator('[role="option"]').first.wait_for()

    return found


def backfill_mode(visit: Visit) -> None:
    """The trigger dialog's other half."""
    visit.page.get_by_text("Backfill", exact=True).last.click()
    visit.calm()


def select_rows(visit: Visit) -> None:
    """Three rows of a table."""
    boxes = visit.page.get_by_role("checkbox")
    for place in (1, 2, 3):
        boxes.nth(place).click()


def on_selection(name: str) -> Callable[[Visit], None]:
    """A button of the bar that a selection shows."""

    def clicked(visit: Visit) -> None:
        bar = visit.page.get_by_role("toolbar", name="Actions on the selection")
        bar.get_by_role("button", name=re.compile(f"^{name}")).first.click()
        visit.page.get_by_role("dialog").last.wait_for()
        visit.calm()

    return clicked


def matrix_selection(visit: Visit) -> None:
    """A rectangle of cells."""
    visit.page.get_by_role("grid").focus()
    visit.keys("Control+End", "Shift+ArrowUp", "Shift+ArrowUp", "Shift+ArrowLeft", "Shift+ArrowLeft", "Shift+ArrowLeft")


def answer(pattern: str, status: int) -> Callable[[Visit], None]:
    """The server's answer to what it is asked for, until told otherwise."""

    def refused(visit: Visit) -> None:
        body = '{"title": "Database is locked", "detail": "The database did not answer in 30 s.", "status": 500}'

        def reply(route: Route) -> None:
            headers = {"x-request-id": "8f2c1d4e", "content-type": "application/problem+json"}
            route.fulfill(status=status, headers=headers, body=body)

        visit.page.route(re.compile(pattern), reply)

    return refused


def silent(pattern: str) -> Callable[[Visit], None]:
    """No answer at all: what is shown while one waits."""

    def hung(visit: Visit) -> None:
        visit.page.route(re.compile(pattern), lambda _route: None)

    return hung


def gone(visit: Visit) -> None:
    """The server is away."""
    visit.context.set_offline(True)
    visit.page.evaluate("dispatchEvent(new Event('offline'))")
    visit.page.wait_for_timeout(3000)


def wrong_password(visit: Visit) -> None:
    """Signs in as nobody knows."""
    visit.page.get_by_label("User name").fill("admin")
    visit.page.get_by_label("Password").fill("wrong")
    visit.page.get_by_role("button", name="Sign in", exact=True).click()
    visit.page.get_by_role("alert").first.wait_for()


def shots(house: House) -> dict[str, Shot]:
    """Every view, by a short name."""
    dag = f"/dags/{house.failed_dag}"
    run = f"{dag}/runs/{quote(house.failed_run, safe='')}"
    task = f"{run}/tasks/{house.failed_task}"
    open_run = f"/dags/{house.open_dag}/runs/{quote(house.open_run, safe='')}"
    night, tonight = f"/dags/{NIGHT}", f"/dags/{NIGHT}/runs/manual__tonight"
    flaky = "/dags/flaky_upload/runs/manual__evening"
    ok = f"{run}/tasks/extract"
    colour_safe, airflow3 = '{"palette": "safe"}', '{"palette": "airflow3"}'
    return {
        **_overviews(),
        "dag": Shot(dag),
        "dag-night": Shot(night),
        "dag-tip": Shot(dag, hover('[role="grid"]', 0.745, 0.23)),
        "dag-selection": Shot(dag, matrix_selection),
        "dag-table": Shot(f"{dag}?table=1"),
        "dag-safe": Shot(night, prefs=colour_safe),
        "dag-airflow3": Shot(night, prefs=airflow3),
        "dag-menu": Shot(dag, click("More")),
        **{f"dag-{tab}": Shot(f"{dag}/{tab}") for tab in ("runs", "graph", "durations", "tasks", "code", "events")},
        "dag-details": Shot(f"{dag}/details"),
        "dag-gantt": Shot(f"{dag}/gantt?gantt_run={quote(house.failed_run)}"),
        "dag-graph-night": Shot(f"{night}/graph"),
        "dag-graph-branches": Shot("/dags/release_train/graph"),
        "dag-gantt-night": Shot(f"{night}/gantt"),
        "dag-calendar": Shot("/dags/finance_daily_close/calendar"),
        "dag-calendar-month": Shot(f"/dags/finance_daily_close/calendar?period={house.now:%Y-%m}"),
        "dag-landing": Shot(f"{dag}/durations?dur=landing"),
        "dag-durations-tasks": Shot(f"{dag}/durations?dur_task=extract&dur_task=load"),
        "dag-backfills": Shot(f"/dags/{LEDGER}/backfills"),
        "dag-backfills-none": Shot(f"{dag}/backfills"),
        "run": Shot(run),
        "run-log": Shot(f"{run}/log"),
        "run-details": Shot(f"{tonight}/details"),
        "run-events": Shot(f"{run}/events"),
        "run-full": Shot(f"{tonight}?full=1"),
        "task": Shot(task),
        "task-full": Shot(f"{flaky}/tasks/upload?full=1"),
        "task-log-long": Shot(f"{tonight}/tasks/read_container_manifests"),
        "task-retrying": Shot(f"{tonight}/tasks/ask_the_weather_service/why"),
        "task-deferred": Shot(f"{tonight}/tasks/wait_for_the_pilot/why"),
        "task-no-slots": Shot(f"{tonight}/tasks/notify_customs"),
        "task-mapped": Shot(f"{tonight}/tasks/estimate_arrival"),
        "task-mapped-one": Shot(f"{tonight}/tasks/estimate_arrival/mapped/4"),
        "task-details": Shot(f"{task}/details"),
        "task-xcom": Shot(f"{ok}/xcom"),
        "task-rendered": Shot(f"{ok}/rendered"),
        "task-assets": Shot(f"{task}/assets"),
        "task-events": Shot(f"{task}/events"),
        "task-code": Shot(f"{task}/code"),
        "why": Shot(f"{open_run}/tasks/{house.waiting_task}"),
        "compare": Shot(f"{dag}/compare?a={quote(house.failed_run)}&b={quote(house.before_run)}"),
        "compare-none": Shot(f"{dag}/compare?a={quote(house.failed_run)}"),
        "trigger": Shot(f"{night}/trigger"),
        **_dialogs(dag, night, task),
        **_troubles(run),
        **_embedded(dag, run, task),
    }


def _overviews() -> dict[str, Shot]:
    pages = (
        "dags timeline dependencies assets dag_runs task_instances backfills events xcoms jobs import_errors "
        "connections variables pools users roles tokens configs plugins providers"
    )
    return {
        "home": Shot("/"),
        **{page.replace("_", "-"): Shot(f"/{page}") for page in pages.split()},
        "asset": Shot("/assets/1"),
        "home-pinned-rail": Shot("/", prefs='{"railPinned": true}'),
        "dags-compact": Shot("/dags", prefs='{"density": "compact"}'),
        "dags-roomy": Shot("/dags", prefs='{"density": "roomy"}'),
        "dags-by-tag": Shot("/dags?group=tag"),
        "timeline-table": Shot("/timeline?as_table=1"),
        "sign-in": Shot("/", user=""),
    }


def _dialogs(dag: str, night: str, task: str) -> dict[str, Shot]:
    return {
        "dialog-clear": Shot(task, press("r")),
        "dialog-mark": Shot(task, press("s")),
        "dialog-note": Shot(task, click("Note")),
        "dialog-trigger": Shot(night, press("t")),
        "dialog-trigger-json": Shot(dag, then(press("t"), click("tab:JSON"))),
        "dialog-trigger-previous": Shot(dag, then(press("t"), click("tab:Previous"))),
        "dialog-backfill": Shot(dag, then(press("t"), backfill_mode)),
        "dialog-bulk": Shot("/task_instances?state=failed", then(select_rows, on_selection("Clear"))),
        "dialog-connection": Shot("/connections?edit=warehouse"),
        "dialog-connection-new": Shot("/connections", click("New connection")),
        "dialog-variable": Shot("/variables?edit=feature_flags"),
        "dialog-variable-new": Shot("/variables", click("New variable")),
        "dialog-import": Shot("/variables", click("Import")),
        "dialog-pool": Shot("/pools", click("New pool")),
        "dialog-user": Shot("/users", click("New user")),
        "dialog-role": Shot("/roles", click("New role")),
        "dialog-token": Shot("/tokens", click("New token")),
        "keys": Shot(dag, press("?")),
        "palette": Shot("/", in_palette("orders")),
        "palette-actions": Shot("/", in_palette("trigger f")),
        "menu-user": Shot("/", click("AD, account")),
        "menu-columns": Shot("/pools", click("Columns")),
        "menu-filters": Shot("/task_instances", click("Filters")),
        "selection": Shot("/dags", select_rows),
        "toast": Shot("/dags", click("switch:")),
    }


def _troubles(run: str) -> dict[str, Shot]:
    return {
        "sign-in-wrong": Shot("/", wrong_password, user=""),
        "forbidden": Shot("/users", user="viewer"),
        "home-viewer": Shot("/", user="viewer"),
        "not-found": Shot("/nothing/here"),
        "gone-dag": Shot("/dags/a_dag_that_was_deleted"),
        "gone-task": Shot(f"{run}/tasks/a_task_that_was_removed"),
        "filtered-empty": Shot("/dags?q=no+such+name"),
        "runs-empty": Shot("/dag_runs?dag_id=no_such_dag"),
        "error-list": Shot("/dags", before=answer("/ui/v1/dags", 500)),
        "error-home": Shot("/", before=answer("/ui/v1/home", 500)),
        "loading-home": Shot("/", before=silent("/ui/v1/home")),
        "loading-dags": Shot("/dags", before=silent("/ui/v1/dags")),
        "loading-dag": Shot("/dags/orders_hourly", before=silent("/ui/v1/dags/")),
        "offline": Shot("/dags", gone),
    }


def _embedded(dag: str, run: str, task: str) -> dict[str, Shot]:
    return {
        "embed-list": Shot("/?embed=1&tag=critical", size=(600, 320)),
        "embed-dag": Shot(f"{dag}?embed=1", size=(900, 200)),
        "embed-dag-320": Shot(f"{dag}?embed=1", size=(320, 240)),
        "embed-run": Shot(f"{run}?embed=1", size=(600, 400)),
        "embed-log": Shot(f"{task}?embed=1&tab=log", size=(700, 400)),
        "embed-trigger": Shot(f'{dag}?embed=1&lock=region&conf={{"region":"us"}}', click("▷ Trigger"), size=(600, 420)),
    }
