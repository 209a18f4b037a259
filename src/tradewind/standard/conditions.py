"""``@task.run_if`` and ``@task.skip_if``: skip a task by a look at its context, before its code runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tradewind.sdk.exceptions import AirflowSkipException

Condition = Callable[[Any], Any]


def run_if(condition: Condition, skip_message: str | None = None) -> Callable[[Any], Any]:
    """The task runs when ``condition(context)`` is true (or the first of ``(true or false, message)``), else skips."""
    return _decorator(condition, skip_message, wanted=True, name="run_if")


def skip_if(condition: Condition, skip_message: str | None = None) -> Callable[[Any], Any]:
    """The task skips when ``condition(context)`` is true."""
    return _decorator(condition, skip_message, wanted=False, name="skip_if")


def _decorator(condition: Condition, message: str | None, *, wanted: bool, name: str) -> Callable[[Any], Any]:
    def decorate(task: Any) -> Any:
        if not hasattr(task, "kwargs"):
            raise TypeError(f"{name} can only be used with task. decorate with @task before @{name}.")
        before = task.kwargs.get("pre_execute")

        def check(context: Any) -> None:
            answer = condition(context)
            holds, said = answer if isinstance(answer, tuple) else (answer, None)
            if bool(holds) is not wanted:
                raise AirflowSkipException(said or message or _reason(condition, wanted=wanted))
            if before is not None:
                before(context)

        task.kwargs["pre_execute"] = check
        return task

    return decorate


def _reason(condition: Condition, *, wanted: bool) -> str:
    return f"the condition {getattr(condition, '__name__', condition)} is {'not true' if wanted else 'true'}"
