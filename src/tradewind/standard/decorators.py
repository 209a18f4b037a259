"""``@task`` and its flavours that run on the operators here: python, bash, branch, short circuit, sensor, venv."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from tradewind.sdk.callables import context_merge, determine_kwargs
from tradewind.sdk.decorators import DecoratedOperator, TaskDecorator, get_unique_task_id, task_decorator_factory
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


class _ExternalPythonDecoratedOperator(_PythonDecorated, ExternalPythonOperator):
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
        if kwargs.pop("multiple_outputs", None):
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
            multiple_outputs=False,
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


def _flavour(operator: type, *, multiple_outputs: bool | None = None) -> Callable[..., TaskDecorator]:
    def decorate(python_callable: Callable[..., Any] | None = None, **kwargs: Any) -> TaskDecorator:
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
external_python_task = _flavour(_ExternalPythonDecoratedOperator)
branch_virtualenv_task = _flavour(_BranchPythonVirtualenvDecoratedOperator)
branch_external_python_task = _flavour(_BranchExternalPythonDecoratedOperator)
sensor_task = _flavour(DecoratedSensorOperator, multiple_outputs=False)


class TaskDecoratorCollection:
    """The object behind ``@task``: a decorator itself, its flavours as attributes."""

    python = staticmethod(python_task)
    virtualenv = staticmethod(virtualenv_task)
    external_python = staticmethod(external_python_task)
    branch = staticmethod(branch_task)
    branch_virtualenv = staticmethod(branch_virtualenv_task)
    branch_external_python = staticmethod(branch_external_python_task)
    short_circuit = staticmethod(short_circuit_task)
    sensor = staticmethod(sensor_task)
    bash = staticmethod(bash_task)
    run_if = staticmethod(run_if)
    skip_if = staticmethod(skip_if)

    __call__: Any = python

    def __getattr__(self, name: str) -> Any:
        """Flavours that provider packages bring. Raises AttributeError naming the flavour."""
        if name.startswith("__"):
            raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")
        raise AttributeError(f"task decorator {name!r} not found; is the provider package that brings it installed?")


task = TaskDecoratorCollection()
"""``@task`` makes a PythonOperator of a function when it is called in a DAG."""


def setup(function: Any) -> Any:
    """Decorator: the task that the function makes is a setup. Undecorated functions become ``@task`` first."""
    return _as(function, "is_setup")


def teardown(_func: Any = None, *, on_failure_fail_dagrun: bool = False) -> Any:
    """Decorator: the task is a teardown; with ``on_failure_fail_dagrun`` its failure fails the run."""

    def mark(function: Any) -> Any:
        return _as(function, "is_teardown", on_failure_fail_dagrun=on_failure_fail_dagrun)

    return mark if _func is None else mark(_func)


def _as(function: Any, flag: str, **more: Any) -> Any:
    decorator = function if hasattr(function, "override") else python_task(function)
    if not isinstance(decorator, TaskDecorator) and hasattr(decorator, "tg_kwargs"):
        kind = flag.removeprefix("is_")
        raise TypeError(f"Task groups cannot be marked as {kind}; mark the tasks in it.")
    for name, value in {flag: True, **more}.items():
        setattr(decorator, name, value)
    return decorator
