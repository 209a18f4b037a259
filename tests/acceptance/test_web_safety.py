"""Strangers' texts, other sites and a server that is slow or gone, seen from a real browser."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Route, expect
from support.browser import Visit
from support.ui_data import ORDERS, Rows, register, spec_of, write_log
from support.web_stage import Stage

from tradewind.model.decisions import NextRun
from tradewind.model.records import RunKey, TaskKey
from tradewind.storage import tables_runs as runs
from tradewind.storage.notes import set_task_note

expect.set_options(timeout=8_000)

SHOUT = "document.title = 'pwned'; window.pwned = 1"
SCRIPT = f'"><script>{SHOUT}</script><img src=x onerror="{SHOUT}"><svg onload="{SHOUT}">'
DOC = f"""# Docs
{SCRIPT}
[click](javascript:{SHOUT.replace(" ", "%20")}) <a href="javascript:{SHOUT}">raw</a>
<iframe srcdoc="<script>parent.{SHOUT}</script>"></iframe> <form action="https://evil.example"><button>go</button></form>
"""
ANSI = "\x1b]8;;javascript:alert(1)\x07link\x1b]8;;\x07 \x1b[31mred\x1b[0m \x1b]0;pwned\x07 \x1b[2J\x1b[H"
EVIL = "evil<img src=x onerror=window.pwned=1>"


@pytest.fixture(scope="module")
def evil_run(stage: Stage) -> str:
    """A DAG whose every text is an attack; the id of its failed run."""
    now = stage.house.now
    spec = spec_of(replace(ORDERS, dag_id="evil", doc_md=DOC, description=SCRIPT, tags=(EVIL,), owner=EVIL, params={}))
    rows = Rows(stage.server.database, 900_000)
    with stage.server.database.begin() as tx:
        register(tx, spec, NextRun())
        tx.dags.put_source(spec.fileloc, f"# {SCRIPT}\n")
        tx.dags.set_import_error(f"/dags/{EVIL}.py", SCRIPT)
        version = tx.dags.version_id("evil")
    run = rows.run(
        "evil", now - timedelta(hours=3), timedelta(hours=1), "failed", version_id=version, conf={"x": SCRIPT}
    )
    run["end_date"] = run["start_date"]
    row = rows.task(run, "extract", "failed", start_date=run["start_date"], end_date=run["start_date"], duration=1.0)
    key = {name: row[name] for name in ("dag_id", "run_id", "task_id", "map_index")}
    rows.add(runs.TASK_FAILURE, **key, try_number=1, ended_at=now, error=SCRIPT)
    rows.add(runs.XCOM, dag_run_id=run["id"], **key, key=EVIL, value=json.dumps({EVIL: SCRIPT}), timestamp=now)
    rows.add(runs.RENDERED, **key, rendered_fields=json.dumps({"op_kwargs": SCRIPT, EVIL: DOC}))
    rows.write()
    write_log(stage.server.home / "logs", row, 1, SCRIPT, extra=[SCRIPT, ANSI, "::group::" + SCRIPT])
    with stage.server.database.begin() as tx:
        set_task_note(tx, RunKey("evil", run["run_id"]), TaskKey("extract"), SCRIPT, user_id=None)
    return str(run["run_id"])


PLACES = (
    "/",
    "/dags?q=evil",
    "/dags/evil",
    "/dags/evil/overview",
    "/dags/evil/graph",
    "/dags/evil/code",
    "/dags/evil/details",
    "/dags/evil/tasks",
    "/dags/evil/runs/{run}",
    "/dags/evil/runs/{run}/tasks/extract",
    "/dags/evil/runs/{run}/tasks/extract/xcom",
    "/dags/evil/runs/{run}/tasks/extract/rendered",
    "/dags/evil/runs/{run}/tasks/extract/details",
    "/import_errors",
    "/dags/%3Cimg%20src%3Dx%20onerror%3Dwindow.pwned%3D1%3E",
    "/nothing/%22%3E%3Cscript%3Ewindow.pwned%3D1%3C%2Fscript%3E?next=javascript:alert(1)",
)


def test_no_text_of_others_is_run(stage: Stage, warm: Visit, evil_run: str) -> None:
    warm.page.on("dialog", lambda dialog: warm.problems.append(dialog.message))
    for place in PLACES:
        warm.problems.clear()
        warm.open(place.format(run=evil_run))
        assert warm.page.evaluate("window.pwned") is None, place
        assert warm.page.title() != "pwned", place
        assert warm.problems == [], place
        bad = warm.page.evaluate(
            "[...document.querySelectorAll('a[href]')].map(a => a.protocol).filter(p => !/^(https?|mailto):$/.test(p))"
        )
        assert bad == [], place
        assert warm.page.locator("main iframe, main form[action^=http]").count() == 0, place


def test_inline_scripts_and_other_origins_are_refused(stage: Stage, warm: Visit) -> None:
    warm.open("/")
    warm.page.evaluate("""() => {
      window.refused = []
      addEventListener('securitypolicyviolation', (event) => window.refused.push(event.effectiveDirective))
      const script = document.createElement('script')
      script.textContent = 'window.pwned = 1'
      document.body.append(script)
      const image = document.createElement('img')
      image.src = 'https://evil.example/x.png'
      document.body.append(image)
    }""")
    warm.page.wait_for_function("window.refused.length >= 2")
    assert warm.page.evaluate("window.pwned") is None
    warm.problems.clear()


def test_session_cookie_is_out_of_scripts_reach(stage: Stage, warm: Visit) -> None:
    warm.open("/")
    cookie = next(each for each in warm.context.cookies() if "session" in each["name"])
    assert cookie["httpOnly"]
    assert cookie["sameSite"] in ("Lax", "Strict")
    assert warm.page.evaluate("document.cookie") == ""


def test_writes_with_the_cookie_want_the_token(stage: Stage, warm: Visit) -> None:
    warm.open("/")
    write = """async (token) => {
      const headers = {'content-type': 'application/json', ...(token ? {'x-csrf-token': token} : {})}
      const body = JSON.stringify({is_paused: true})
      return (await fetch('/api/v1/dags/orders_hourly', {method: 'PATCH', headers, body})).status
    }"""
    assert warm.page.evaluate(write, None) == 403
    assert warm.page.evaluate(write, "guessed") == 403
    with stage.server.database.read() as tx:
        row = tx.dags.get("orders_hourly")
    assert row is not None
    assert not row.is_paused
    token = warm.page.evaluate("JSON.parse(document.getElementById('boot').textContent).csrf")
    assert warm.page.evaluate(write.replace("true}", "false}"), token) == 200


def test_other_pages_may_not_frame_it(stage: Stage, tmp_path: Path) -> None:
    with stage.visit() as visit:
        frame = f'<iframe src="{stage.server.url}/" width="900" height="600"></iframe>'
        visit.page.route("http://other.example/", lambda route: route.fulfill(body=frame, content_type="text/html"))
        visit.page.goto("http://other.example/")
        visit.page.wait_for_timeout(300)
        inside = [one for one in visit.page.frames if one.url.startswith(stage.server.url)]
        assert all(one.locator("main").count() == 0 for one in inside)


def test_slow_answers_leave_the_page_usable(stage: Stage) -> None:
    with stage.visit() as visit:
        visit.open("/")

        held: list[Route] = []

        def late(route: Route) -> None:
            held.append(route)

        visit.page.route("**/ui/v1/dags*", late)
        visit.keys("g", "d")
        expect(visit.page.get_by_role("heading", level=1)).to_have_text("DAGs")
        expect(visit.page.locator("[aria-busy=true]").first).to_be_visible()
        visit.keys("Control+k")
        expect(visit.page.get_by_role("combobox", name=re.compile("^Search"))).to_be_focused()
        visit.keys("Escape")
        for route in held:
            route.continue_()
        expect(visit.page.get_by_role("link", name="orders_hourly").first).to_be_visible()


def test_server_that_is_gone_is_told_and_comes_back(stage: Stage) -> None:
    with stage.visit() as visit:
        visit.open("/", ready="[data-key]")
        visit.context.set_offline(True)
        visit.page.get_by_text("7 d", exact=True).click()
        expect(visit.page.get_by_text("The server does not answer.")).to_be_visible()
        visit.keys("g", "d")  # what was never fetched cannot be shown
        expect(visit.page.get_by_text("It is loaded again once the server answers.")).to_be_visible()
        visit.context.set_offline(False)
        # By itself: nobody reloads.
        expect(visit.page.get_by_role("link", name="orders_hourly").first).to_be_visible(timeout=20_000)


def test_change_reaches_the_page_by_an_event(stage: Stage) -> None:
    house = stage.house
    with stage.visit() as visit:
        visit.open(f"/dags/{house.open_dag}/runs/{quote(house.open_run, safe='')}", ready="h1")
        expect(visit.page.get_by_text("Live")).to_be_visible()
        visit.requests.clear()
        change = {"new_state": "success", "dry_run": False}
        row = visit.page.get_by_role("row", name=re.compile("register_model")).last
        expect(row).not_to_contain_text("Success")
        path = f"/dags/{house.open_dag}/dagRuns/{quote(house.open_run, safe='')}/taskInstances/register_model"
        answer = stage.server.api.patch(path, json=change)
        assert answer.status_code == 200, answer.text
        expect(row).to_contain_text("Success", timeout=5_000)
        # The event brought it: the whole was not asked for again.
        assert [one for one in visit.api() if "/grid?" in one and "since=" not in one] == []


AIRFLOW_2 = {
    "/home": "",
    "/dags/orders_hourly/grid?tab=graph": "/dags/orders_hourly/graph",
    "/graph?dag_id=orders_hourly": "/dags/orders_hourly/graph",
    "/taskinstance/list/": "/task_instances",
    "/dagrun/list/": "/dag_runs",
    "/variable/list/": "/variables",
    "/connection/list/": "/connections",
    "/pool/list/": "/pools",
    "/datasets": "/assets",
    "/roles/list/": "/roles",
}


def test_links_of_airflow_2_lead_to_their_pages(stage: Stage, warm: Visit) -> None:
    for old, new in AIRFLOW_2.items():
        warm.open(old, ready="h1")
        assert warm.page.url.removeprefix(stage.server.url).split("?")[0].rstrip("/") == new, old


def test_viewer_is_offered_nothing_that_is_refused(stage: Stage) -> None:
    with stage.visit(user="viewer") as visit:
        visit.open("/", ready="[data-key]")
        page = visit.page
        assert page.get_by_role("button", name="Retry").count() == 0
        visit.open("/dags/orders_hourly", ready="h1")
        assert page.get_by_role("button", name="Trigger").count() == 0
        assert page.get_by_role("switch").count() == 0
        answer = page.evaluate("fetch('/api/v1/connections').then(a => a.status)")
        assert answer == 403
