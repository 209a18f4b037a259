"""``@task.stub``: a task whose code is elsewhere, in another language; a worker of its queue runs it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from tradewind.sdk.decorated import DecoratedOperator, task_decorator_factory


class _StubOperator(DecoratedOperator):
    """Stands in the DAG for the code; cannot run."""

    custom_operator_name: str = "@task.stub"

    def execute(self, context: Any) -> NoReturn:
        """Say that nobody here can do it."""
        raise RuntimeError(
            f"@task.stub: {self.task_id!r} has no Python code; a worker of queue {self.queue!r} that knows the task "
            "must run it, and none took it"
        )


def stub_task(
    python_callable: Callable[..., Any] | None = None,
    queue: str | None = None,
    executor: str | None = None,
    **kwargs: Any,
) -> Any:
    """Declare a task; the function's body is never called."""
    wishes = {"queue": queue, "executor": executor}
    options = {**kwargs, **{name: value for name, value in wishes.items() if value is not None}}
    return task_decorator_factory(python_callable=python_callable, decorated_operator_class=_StubOperator, **options)
