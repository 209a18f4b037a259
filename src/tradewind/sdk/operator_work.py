"""What an operator does when it runs: the methods that authors override, deferral, XCom."""

# ruff: noqa: PLR0917, ARG004
# Signatures are Airflow's: what authors may pass by position or name stays as it is.

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NoReturn

from .exceptions import TaskDeferred

if TYPE_CHECKING:
    import logging

    from .deferral import BaseTrigger


class OperatorWork:
    """The running side of BaseOperator."""

    template_fields: Collection[str]
    _pre_execute_hook: Callable[[Any], None] | None
    _post_execute_hook: Callable[[Any, Any], None] | None
    if TYPE_CHECKING:

        @property
        def log(self) -> logging.Logger: ...

    def pre_execute(self, context: Any) -> None:
        """Called just before ``execute``."""
        if self._pre_execute_hook is not None:
            self._pre_execute_hook(context)

    def execute(self, context: Any) -> Any:
        """The work. The return value becomes the XCom ``return_value``."""
        raise NotImplementedError()

    def post_execute(self, context: Any, result: Any = None) -> None:
        """Called just after ``execute`` has returned."""
        if self._post_execute_hook is not None:
            self._post_execute_hook(context, result)

    def on_kill(self) -> None:
        """Called when the task is to be ended early: end what was started outside the process."""

    def defer(
        self,
        *,
        trigger: BaseTrigger,
        method_name: str,
        kwargs: dict[str, Any] | None = None,
        timeout: timedelta | int | float | None = None,
    ) -> NoReturn:
        """Leave the worker; go on in ``method_name`` when the trigger fires."""
        raise TaskDeferred(trigger=trigger, method_name=method_name, kwargs=kwargs, timeout=timeout)

    def resume_execution(self, next_method: str, next_kwargs: dict[str, Any] | None, context: Any) -> Any:
        """Go on after a deferral."""
        from .deferral import resume  # deferral is only needed by tasks that have waited

        return resume(self, next_method, next_kwargs, context)

    def dry_run(self) -> None:
        """Log the rendered template fields, do nothing."""
        self.log.info("Dry run")
        for field in self.template_fields:
            content = getattr(self, field, None)
            if isinstance(content, str):
                self.log.info("Rendering template for %s", field)
                self.log.info(content)

    @staticmethod
    def xcom_push(context: Any, key: str, value: Any, execution_date: datetime | None = None) -> None:
        """Store an XCom of the running task."""
        context["ti"].xcom_push(key=key, value=value, execution_date=execution_date)

    @staticmethod
    def xcom_pull(
        context: Any,
        task_ids: str | list[str] | None = None,
        dag_id: str | None = None,
        key: str = "return_value",
        include_prior_dates: bool | None = None,
        session: Any = None,
    ) -> Any:
        """Read XComs, as ``ti.xcom_pull`` does."""
        return context["ti"].xcom_pull(
            key=key, task_ids=task_ids, dag_id=dag_id, include_prior_dates=bool(include_prior_dates)
        )
