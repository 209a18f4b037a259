"""Operators that call a Python function: as a task, as a branch, as a short circuit."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, ClassVar

from tradewind.sdk.assets import Metadata
from tradewind.sdk.callables import KeywordParameters, context_merge
from tradewind.sdk.exceptions import AirflowException, RemovedInAirflow3Warning
from tradewind.sdk.operator import BaseOperator
from tradewind.standard.branch import BranchMixIn
from tradewind.standard.skipping import SkipMixin


def run_callable(func: Callable[..., Any], outlet_events: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    """Call the function. What a generator function yields as Metadata becomes extra of dataset events."""
    if not inspect.isgeneratorfunction(func):
        return func(*args, **kwargs)
    generator = func(*args, **kwargs)
    while True:
        try:
            metadata = next(generator)
        except StopIteration as end:
            return end.value
        if not isinstance(metadata, Metadata):
            raise TypeError(f"a task that yields must yield Metadata, got {metadata!r}")
        event = outlet_events[metadata.uri]
        event.extra.update(metadata.extra)
        if getattr(metadata, "alias_name", None):
            outlet_events[metadata.alias_name].add(metadata.uri, extra=metadata.extra)


class PythonOperator(BaseOperator):
    """Calls ``python_callable``.

    It gets ``op_args``, ``op_kwargs`` and those names of the context that its parameters have (all with
    ``**kwargs``). ``templates_dict`` is rendered and put into the context; what is returned is the XCom.
    """

    template_fields: Sequence[str] = ("templates_dict", "op_args", "op_kwargs")
    template_fields_renderers: ClassVar[dict[str, str]] = {
        "templates_dict": "json",
        "op_args": "py",
        "op_kwargs": "py",
    }
    ui_color = "#ffefeb"
    # Functions and what they are called with must be theirs, not copies, when a task is copied for templating.
    shallow_copy_attrs: Sequence[str] = ("python_callable", "op_kwargs")

    def __init__(
        self,
        *,
        python_callable: Callable[..., Any],
        op_args: Collection[Any] | None = None,
        op_kwargs: Mapping[str, Any] | None = None,
        templates_dict: dict[str, Any] | None = None,
        templates_exts: Sequence[str] | None = None,
        show_return_value_in_logs: bool = True,
        **kwargs: Any,
    ) -> None:
        if kwargs.pop("provide_context", None) is not None:
            warnings.warn(
                "provide_context has no meaning any more: the context is always given by parameter name.",
                RemovedInAirflow3Warning,
                stacklevel=2,
            )
        super().__init__(**kwargs)
        if not callable(python_callable):
            raise AirflowException("`python_callable` param must be callable")
        self.python_callable = python_callable
        self.op_args = op_args or ()
        self.op_kwargs = op_kwargs or {}
        self.templates_dict = templates_dict
        if templates_exts:
            self.template_ext = templates_exts
        self.show_return_value_in_logs = show_return_value_in_logs

    def execute(self, context: Any) -> Any:
        """Call it; its return value."""
        context_merge(context, self.op_kwargs, templates_dict=self.templates_dict)
        self.op_kwargs = self.determine_kwargs(context)
        self._outlet_events = context.get("outlet_events")
        value = self.execute_callable()
        if self.show_return_value_in_logs:
            self.log.info("Done. Returned value was: %s", value)
        else:
            self.log.info("Done. Returned value not shown")
        return value

    def determine_kwargs(self, context: Mapping[str, Any]) -> Mapping[str, Any]:
        """The keyword arguments that the function takes from the context."""
        return KeywordParameters.determine(self.python_callable, self.op_args, context).unpacking()

    def execute_callable(self) -> Any:
        """The call itself; subclasses run it elsewhere."""
        result = run_callable(self.python_callable, self._outlet_events, list(self.op_args), self.op_kwargs)
        if not inspect.iscoroutinefunction(self.python_callable):
            return result
        import asyncio  # large, and most functions are not async

        return asyncio.run(result)


class BranchPythonOperator(PythonOperator, BranchMixIn):
    """Follows the task or tasks whose ids the function returns, and skips the other direct downstream tasks."""

    inherits_from_skipmixin = True

    def execute(self, context: Any) -> Any:
        """Call it, and skip what it did not choose."""
        return self.do_branch(context, super().execute(context))


class ShortCircuitOperator(PythonOperator, SkipMixin):
    """Skips what follows when the function's result is false: everything downstream, or, with
    ``ignore_downstream_trigger_rules=False``, the direct downstream tasks. Teardowns are not skipped."""

    inherits_from_skipmixin = True

    def __init__(self, *, ignore_downstream_trigger_rules: bool = True, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.ignore_downstream_trigger_rules = ignore_downstream_trigger_rules

    def execute(self, context: Any) -> Any:
        """Call it; its value, after skipping if that is false."""
        condition = super().execute(context)
        self.log.info("Condition result is %s", condition)
        if condition:
            self.log.info("Proceeding with downstream tasks...")
            return condition
        if not self.downstream_task_ids:
            self.log.info("No downstream tasks; nothing to do.")
            return condition
        self.log.info("Skipping downstream tasks...")
        self.skip(context["ti"], self._left_out(context["task"]))
        self.log.info("Done.")
        return condition

    def _left_out(self, task: Any) -> Iterator[Any]:
        if self.ignore_downstream_trigger_rules:
            tasks = task.get_flat_relatives(upstream=False)
        else:
            tasks = task.get_direct_relatives(upstream=False)
        return (found for found in tasks if not found.is_teardown)
