"""Twelve jobs that people do in an orchestrator's interface, from the home page, without a mouse, in few actions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from support.keyboard import Hand
from support.web_stage import Stage

from tradewind.model.records import RunKey, TaskKey

expect.set_options(timeout=8_000)


@pytest.fixture
def hand(stage: Stage) -> Iterator[Hand]:
    """On the home page, signed in."""
    with stage.visit() as visit:
        visit.open("/", ready="[data-key]")
        yield Hand(visit)
        assert visit.problems == []


def state_of(stage: Stage, run_id: str, task_id: str) -> Any:
    with stage.server.database.read() as tx:
        row = tx.task_instances.get(RunKey(stage.house.failed_dag, run_id), TaskKey(task_id))
    assert row is not None
    return row.state


def until(page: Page, happens: Callable[[], bool]) -> None:
    """Waits for what the server shall have done; looks again each time the page does something."""
    for _ in range(200):
        if happens():
            return
        page.wait_for_timeout(50)
    raise AssertionError("it did not happen")


def open_failure(hand: Hand, task: str) -> None:
    """The failure's row in the inbox of home, by the keys."""
    row = hand.visit.page.locator("[data-key]", has_text=task).first
    for _ in range(30):
        hand.move("j")
        hand.visit.page.wait_for_timeout(30)
        if row.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"no row of {task}")


def test_1_log_of_a_failed_task(stage: Stage, hand: Hand) -> None:
    open_failure(hand, stage.house.failed_task)
    hand.press("Enter")
    page = hand.visit.page
    expect(page).to_have_url(re.compile(r"/tasks/transform\.join_customers"))
    expect(page.get_by_text("Traceback (most recent call last)").first).to_be_visible()
    assert hand.actions <= 1


def test_2_retry_it_with_downstream(stage: Stage, hand: Hand) -> None:
    open_failure(hand, "validate")
    key = hand.visit.page.evaluate("document.activeElement.dataset.key")
    dag_id, run_id, task_id = key.rsplit("/", 1)[0].split("/")
    hand.press("r")
    page = hand.visit.page
    expect(page.get_by_role("dialog")).to_contain_text("import")  # downstream, in the list of what will be cleared
    expect(page.get_by_role("button", name=re.compile("^Clear 2 tasks"))).to_be_enabled()
    hand.press("Enter")
    expect(page.get_by_text("Cleared: 2 task instances")).to_be_visible()
    with stage.server.database.read() as tx:
        cleared = tx.task_instances.get(RunKey(dag_id, run_id), TaskKey(task_id))
    assert cleared is not None
    assert cleared.state is None
    assert hand.actions <= 2


def test_3_trigger_with_a_configuration(stage: Stage, hand: Hand) -> None:
    hand.palette("trigger orders_h", "Trigger orders_hourly")
    page = hand.visit.page
    hand.reach(page.get_by_label("batch_size"))
    hand.type("750")
    hand.press("Enter")
    expect(page).to_have_url(re.compile("/dags/orders_hourly/runs/manual__"))
    with stage.server.database.read() as tx:
        runs = tx.runs.open_keys(dag_id="orders_hourly")
        confs = [run.conf for key in runs if (run := tx.runs.get(key)) is not None]
    assert any(conf.get("batch_size") == 750 for conf in confs if conf)
    assert hand.actions <= 2


def test_4_pause_a_dag(stage: Stage, hand: Hand) -> None:
    hand.palette("pause web_cl", "Pause web_clickstream")
    page = hand.visit.page
    expect(page.get_by_text("web_clickstream is paused")).to_be_visible()
    with stage.server.database.read() as tx:
        row = tx.dags.get("web_clickstream")
    assert row is not None
    assert row.is_paused
    assert hand.actions <= 1


def test_5_why_a_task_does_not_run(stage: Stage, hand: Hand) -> None:
    page = hand.visit.page
    hand.palette("ml_churn", "ml_churn_training")
    cell = page.get_by_role("grid")
    hand.reach(cell)
    hand.move("Control+End", "ArrowUp")  # the newest run's last task but one
    hand.press("Enter")
    expect(page).to_have_url(re.compile("/tasks/choose_best"))
    expect(page.get_by_text(re.compile("Trigger Rule", re.I)).first).to_be_visible()
    assert hand.actions <= 2


def test_6_backfill_a_range(stage: Stage, hand: Hand) -> None:
    page = hand.visit.page
    hand.palette("trigger gdpr", "Trigger gdpr_erasure")
    hand.reach(page.get_by_role("radio", name="Single run"))
    hand.press("ArrowRight")
    hand.reach(page.get_by_label("From", exact=True))
    page.get_by_label("From", exact=True).fill("2026-09-01")
    hand.reach(page.get_by_label("To (included)"))
    page.get_by_label("To (included)").fill("2026-09-07")
    expect(page.get_by_role("button", name=re.compile("Start 7 runs"))).to_be_enabled()
    hand.press("Enter")
    expect(page.get_by_text(re.compile("of 7")).first).to_be_visible()
    answer = stage.server.api.get("/backfills?dag_id=gdpr_erasure").json()
    assert answer["total_entries"] == 1
    assert hand.actions <= 4


def test_7_compare_two_runs(stage: Stage, hand: Hand) -> None:
    page = hand.visit.page
    hand.visit.open("/dags/finance_daily_close")
    hand.reach(page.get_by_role("grid"))
    hand.move("Control+End", *["PageUp"] * 4, "ArrowUp")
    hand.move("Shift+ArrowLeft")  # both are selected
    hand.choose(page.get_by_role("button", name="Compare"))
    expect(page).to_have_url(re.compile(r"/compare\?"))
    expect(page.get_by_text("reconcile").first).to_be_visible()
    assert hand.actions <= 2


def test_8_edit_a_variable(stage: Stage, hand: Hand) -> None:
    page = hand.visit.page
    hand.palette("var: shop", "shop_region")
    dialog = page.get_by_role("dialog")
    value = dialog.get_by_label(re.compile("^Value"))
    expect(value).to_have_value("eu")
    hand.reach(value)
    hand.type("us")
    hand.choose(dialog.get_by_role("button", name=re.compile("^Save")))
    expect(dialog).to_have_count(0)
    with stage.server.database.read() as tx:
        assert tx.vault.variable_value("shop_region") == "us"
    assert hand.actions <= 2


def test_9_which_dag_consumes_a_dataset(stage: Stage, hand: Hand) -> None:
    hand.palette("asset: orders", "s3://warehouse/orders")
    page = hand.visit.page
    expect(page.get_by_role("main").get_by_text("customer_segments").first).to_be_visible()
    expect(page.get_by_role("main").get_by_text("marketing_attribution").first).to_be_visible()
    assert hand.actions <= 1


def test_10_mark_success(stage: Stage, hand: Hand) -> None:
    open_failure(hand, "sessionize")
    key = hand.visit.page.evaluate("document.activeElement.dataset.key")
    dag_id, run_id, task_id = key.rsplit("/", 1)[0].split("/")
    hand.press("s")
    page = hand.visit.page
    expect(page.get_by_role("button", name=re.compile("^Mark as success 1 task"))).to_be_enabled()
    hand.press("Enter")
    expect(page.get_by_text("Marked as success: 1 task instance")).to_be_visible()
    with stage.server.database.read() as tx:
        marked = tx.task_instances.get(RunKey(dag_id, run_id), TaskKey(task_id))
    assert marked is not None
    assert marked.state == "success"
    assert hand.actions <= 2


def test_11_see_the_next_run(stage: Stage, hand: Hand) -> None:
    following = hand.visit.page.locator("section", has=hand.visit.page.get_by_role("heading", name="Next runs"))
    expect(following.get_by_role("link", name="inventory_snapshot").first).to_be_visible()
    assert hand.actions == 0


def test_12_clear_all_failures(stage: Stage, hand: Hand) -> None:
    page = hand.visit.page
    hand.choose(page.get_by_role("button", name=re.compile("^Retry all")))
    go = page.get_by_role("button", name=re.compile(r"^Clear \d+ tasks"))
    expect(go).to_be_enabled()
    hand.press("Enter")
    expect(page.get_by_text(re.compile("^Cleared: "))).to_be_visible()
    assert state_of(stage, stage.house.failed_run, stage.house.failed_task) is None
    assert hand.actions <= 3
