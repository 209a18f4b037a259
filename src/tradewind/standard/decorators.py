"""What ``@task`` and its flavours make: tasks on the operators here (the ``task`` object is in sdk.decorators)."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from tradewind.sdk.callables import context_merge, determine_kwargs
from tradewind.sdk.decorated import DecoratedOperator, get_unique_task_id, task_decorator_factory
from tradewind.sdk.operator import BaseOperator
from tradewind.sdk.settings import compat_level
from tradewind.sdk.types import NOTSET
from tradewind.standard.bash import BashOperator
from tradewind.standard.conditions import run_if, skip_if
from tradewind.standard.other_python import (
    BranchExternalPythonOperator,
    BranchPythonVirtualenvOperator,
    ExternalPythonOperator,
    PythonVirtualenvOperator,
)
from tradewind.standard.polling import PythonSensor
from tradewind.standard.python import BranchPythonOperator, PythonOperator, ShortCircuitOperator


def _upstream(python_callable: Any, op_args: Any, op_kwargs: Any) -> dict[str, Any]:
    # The operator below gets the function and its arguments as constructor arguments of its own.
    return {"python_callable": python_callable, "op_args": op_args, "op_kwargs": op_kwargs}


class _PythonDecorated(DecoratedOperator):
    """What the decorated Python operators have in common."""

    template_fields: Sequence[str] = ("templates_dict", "op_args", "op_kwargs")
    template_fields_renderers = {"templates_dict": "json", "op_args": "py", "op_kwargs": "py"}
    shallow_copy_attrs: Sequence[str] = ("python_callable",)

    def __init__(
        self,
        *,
        python_callable: Callable[..., Any],
        op_args: Collection[Any] | None = None,
        op_kwargs: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            kwargs_to_upstream=_upstream(python_callable, op_args, op_kwargs),
            python_callable=python_callable,
            op_args=op_args,
            op_kwargs=op_kwargs,
            **kwargs,
        )


class _PythonDecoratedOperator(_PythonDecorated, PythonOperator):
    custom_operator_name: str = "@task"


class _BranchPythonDecoratedOperator(_PythonDecorated, BranchPythonOperator):
    custom_operator_name: str = "@task.branch"


class _ShortCircuitDecoratedOperator(_PythonDecorated, ShortCircuitOperator):
    custom_operator_name: str = "@task.short_circuit"


class _PythonVirtualenvDecoratedOperator(_PythonDecorated, PythonVirtualenvOperator):
    template_fields: Sequence[str] = PythonVirtualenvOperator.template_fields
    custom_operator_name: str = "@task.virtualenv"


class _PythonExternalDecoratedOperator(_PythonDecorated, ExternalPythonOperator):
    template_fields: Sequence[str] = ExternalPythonOperator.template_fields
    custom_operator_name: str = "@task.external_python"


class _BranchPythonVirtualenvDecoratedOperator(_PythonDecorated, BranchPythonVirtualenvOperator):
    template_fields: Sequence[str] = BranchPythonVirtualenvOperator.template_fields
    custom_operator_name: str = "@task.branch_virtualenv"


class _BranchExternalPythonDecoratedOperator(_PythonDecorated, BranchExternalPythonOperator):
    template_fields: Sequence[str] = BranchExternalPythonOperator.template_fields
    custom_operator_name: str = "@task.branch_external_python"


class DecoratedSensorOperator(PythonSensor):
    """A sensor whose ``poke`` is the decorated function."""

    template_fields: Sequence[str] = ("op_args", "op_kwargs")
    custom_operator_name = "@task.sensor"
    shallow_copy_attrs: Sequence[str] = ("python_callable",)

    def __init__(self, *, task_id: str, **kwargs: Any) -> None:
        kwargs.pop("multiple_outputs", None)
        kwargs["task_id"] = get_unique_task_id(task_id, kwargs.get("dag"), kwargs.get("task_group"))
        super().__init__(**kwargs)


class _BashDecoratedOperator(DecoratedOperator, BashOperator):
    """A bash task whose command the decorated function returns."""

    template_fields: Sequence[str] = (*DecoratedOperator.template_fields, *BashOperator.template_fields)
    template_fields_renderers = {
        **DecoratedOperator.template_fields_renderers,
        **BashOperator.template_fields_renderers,
    }
    custom_operator_name: str = "@task.bash"
    overwrite_rtif_after_execution: bool = True

    def __init__(
        self,
        *,
        python_callable: Callable[..., Any],
        op_args: Collection[Any] | None = None,
        op_kwargs: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        multiple_outputs = bool(kwargs.pop("multiple_outputs", None))
        if multiple_outputs and compat_level() < 3:
            multiple_outputs = False
            warnings.warn(
                f"`multiple_outputs=True` is not supported in {self.custom_operator_name} tasks. Ignoring.",
                UserWarning,
                stacklevel=3,
            )
        super().__init__(
            python_callable=python_callable,
            op_args=op_args,
            op_kwargs=op_kwargs,
            bash_command=NOTSET,
            multiple_outputs=multiple_outputs,
            **kwargs,
        )

    def execute(self, context: Any) -> Any:
        """Call the function, render what it returned, run that."""
        context_merge(context, self.op_kwargs)
        kwargs = determine_kwargs(self.python_callable, self.op_args, context)
        command = self.python_callable(*self.op_args, **kwargs)
        if not isinstance(command, str) or not command.strip():
            raise TypeError("The returned value from the TaskFlow callable must be a non-empty string.")
        self.bash_command = command
        self._is_script_file = command.endswith(tuple(BashOperator.template_ext))
        self.bash_command = self.render_template(command, context)
        return BashOperator.execute(self, context)


def _flavour(operator: type[BaseOperator], *, multiple_outputs: bool | None = None) -> Callable[..., Any]:
    def decorate(python_callable: Callable[..., Any] | None = None, **kwargs: Any) -> Any:
        outputs = kwargs.pop("multiple_outputs", multiple_outputs)
        return task_decorator_factory(
            python_callable=python_callable, multiple_outputs=outputs, decorated_operator_class=operator, **kwargs
        )

    return decorate


python_task = _flavour(_PythonDecoratedOperator)
bash_task = _flavour(_BashDecoratedOperator)
branch_task = _flavour(_BranchPythonDecoratedOperator)
short_circuit_task = _flavour(_ShortCircuitDecoratedOperator)
virtualenv_task = _flavour(_PythonVirtualenvDecoratedOperator)
external_python_task = _flavour(_PythonExternalDecoratedOperator)
branch_virtualenv_task = _flavour(_BranchPythonVirtualenvDecoratedOperator)
branch_external_python_task = _flavour(_BranchExternalPythonDecoratedOperator)
sensor_task = _flavour(DecoratedSensorOperator, multiple_outputs=False)

__all__ = [
    "DecoratedSensorOperator",
    "bash_task",
    "branch_external_python_task",
    "branch_task",
    "branch_virtualenv_task",
    "external_python_task",
    "python_task",
    "run_if",
    "sensor_task",
    "short_circuit_task",
    "skip_if",
    "virtualenv_task",
]
