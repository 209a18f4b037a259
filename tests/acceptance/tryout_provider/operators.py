"""An operator that waits in the triggerer and has a link, its trigger, and a flavour of ``@task``."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

from airflow.decorators.base import DecoratedOperator, TaskDecorator, task_decorator_factory
from airflow.models import BaseOperator, BaseOperatorLink, XCom
from airflow.operators.python import PythonOperator
from airflow.triggers.base import BaseTrigger, TriggerEvent


class TryoutLink(BaseOperatorLink):
    """To what the operator has pushed."""

    name = "Tryout console"

    def get_link(self, operator: Any, *, ti_key: Any) -> str:
        """The address."""
        return f"https://tryout.example/{XCom.get_value(key='place', ti_key=ti_key)}"


class TryoutTrigger(BaseTrigger):
    """Fires with what it was given."""

    def __init__(self, word: str) -> None:
        super().__init__()
        self.word = word

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """For the triggerer."""
        return "airflow.providers.tryout.operators.TryoutTrigger", {"word": self.word}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """At once."""
        yield TriggerEvent(self.word.upper())


class TryoutOperator(BaseOperator):
    """Defers, and returns what its trigger said."""

    template_fields = ("word",)
    operator_extra_links = (TryoutLink(),)

    def __init__(self, *, word: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.word = word

    def execute(self, context: Any) -> None:
        """Go to the triggerer."""
        context["ti"].xcom_push(key="place", value=f"of/{self.word}")
        self.defer(trigger=TryoutTrigger(self.word), method_name="done")

    def done(self, context: Any, event: str) -> str:
        """Back from there."""
        return event


class _TryoutDecorated(DecoratedOperator, PythonOperator):
    custom_operator_name = "@task.tryout"

    def __init__(self, *, python_callable: Any, op_args: Any, op_kwargs: Any, **kwargs: Any) -> None:
        upstream = {"python_callable": python_callable, "op_args": op_args, "op_kwargs": op_kwargs}
        super().__init__(kwargs_to_upstream=upstream, **upstream, **kwargs)

    def execute(self, context: Any) -> str:
        """Marks what the function gave."""
        return f"<{super().execute(context)}>"


def tryout_task(python_callable: Callable[..., Any] | None = None, **kwargs: Any) -> TaskDecorator:
    """``@task.tryout``."""
    return task_decorator_factory(python_callable=python_callable, decorated_operator_class=_TryoutDecorated, **kwargs)
