"""What a turn of the scheduler's loop costs, in statements and transactions; and that nothing is forgotten for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from support.scheduler_stage import chain, stage_on

from tradewind.model.outcomes import Succeeded
from tradewind.model.spec import TaskSpec
from tradewind.storage.database import Database
from tradewind.wire import framing
from tradewind.wire import messages as wire
from tradewind.wire.outcomes import pack


def test_a_task_and_the_next_one_take_two_transactions(database: Database, clock: Any, tmp_path: Path) -> None:
    """From a task's end to its successor's begin: what a hop costs beside the fork. The end of the process that has
    said its end takes none."""
    if database.path is None:
        pytest.skip("statements are counted on SQLite's connection")
    counted: list[str] = []
    with stage_on(database, clock, tmp_path) as stage:
        stage.start()
        stage.run(stage.dag(*chain("a", "b", "c")))
        stage.turns()
        [attempt] = stage.worker.take()
        stage.begin(attempt)
        database._store._writer.raw.set_trace_callback(counted.append)  # type: ignore[union-attr]  # SQLite's, open
        fields = wire.Rendered(fields="{}")
        stage.worker.say(wire.Ask(token=attempt.token, request_id=0, body=msgspec.Raw(framing.encode(fields))))
        item = wire.XComItem(key="return_value", value="[1, 2]", length=2)
        end = wire.Finish(outcome=pack(Succeeded()), ended_at=clock.now(), xcoms=(item,))
        stage.worker.ask(attempt.token, end)
        stage.turns(1)
        [following] = stage.worker.take()
        stage.gone(attempt, exit_code=0)
        begun = wire.Start(pid=7, hostname="here", unixname="me", started_at=clock.now())
        stage.worker.ask(following.token, begun)
        stage.turns(1)
        database._store._writer.raw.set_trace_callback(None)  # type: ignore[union-attr]
    found = transactions(counted)
    assert len(found) == 2, found
    assert sum(map(len, found)) <= 32, found


def test_the_end_of_a_process_lets_the_next_attempt_in(database: Database, clock: Any, tmp_path: Path) -> None:
    """Also when it is heard of in one breath with the attempt's own end, or much later."""
    with stage_on(database, clock, tmp_path) as stage:
        stage.start(capacity=1)
        run = stage.run(stage.dag(*(TaskSpec(task_id=name, task_type="PythonOperator") for name in "abc")))
        stage.turns()
        [first] = stage.worker.take()
        stage.begin(first)
        stage.worker.ask(first.token, wire.Finish(outcome=pack(Succeeded()), ended_at=clock.now()))
        stage.gone(first, exit_code=0)
        [second] = stage.worker.take()
        stage.begin(second)
        stage.worker.ask(second.token, wire.Finish(outcome=pack(Succeeded()), ended_at=clock.now()))
        stage.turns()
        assert stage.worker.take() == []
        stage.gone(second, exit_code=0)
        [third] = stage.worker.take()
        stage.begin(third)
        stage.end(third, Succeeded())
        assert set(stage.states(run).values()) == {"success"}


def transactions(statements: list[str]) -> list[list[str]]:
    """What was said between each BEGIN and its end."""
    found: list[list[str]] = []
    for text in statements:
        if text.startswith("BEGIN"):
            found.append([])
        elif text not in ("COMMIT", "ROLLBACK"):
            found[-1].append(text)
    return found
