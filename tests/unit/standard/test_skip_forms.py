"""Operators of providers and of people call ``skip`` as Airflow 2 and 3 spell it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tradewind.standard import skipping
from tradewind.standard.skipping import SkipMixin

TI = SimpleNamespace(xcom_push=print)
RUN = SimpleNamespace(run_id="r")


@pytest.mark.parametrize(
    ("args", "kwargs"),
    [
        ((TI, ["t"]), {}),
        ((), {"ti": TI, "tasks": ["t"]}),
        ((RUN, None, ["t"]), {}),
        ((RUN,), {"execution_date": None, "tasks": ["t"], "session": None, "map_index": -1}),
        ((), {"dag_run": RUN, "tasks": ["t"], "execution_date": None}),
    ],
)
def test_the_running_task_instance_skips(
    args: tuple[Any, ...], kwargs: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    skipped: list[Any] = []
    monkeypatch.setattr(skipping, "get_current_context", lambda: {"ti": TI})
    monkeypatch.setattr(SkipMixin, "_skip", lambda _, ti, tasks: skipped.append((ti, tasks)))
    SkipMixin().skip(*args, **kwargs)
    assert skipped == [(TI, ["t"])]
