"""Sensors that look: for a file, with a Python function, with a bash command."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from glob import glob
from typing import Any

from tradewind.sdk.callables import context_merge, determine_kwargs
from tradewind.sdk.deferral import StartTriggerArgs
from tradewind.sdk.exceptions import AirflowException, AirflowFailException
from tradewind.sdk.sensor import BaseSensorOperator, PokeReturnValue
from tradewind.sdk.settings_reader import conf
from tradewind.standard.filesystem import FSHook
from tradewind.standard.subprocess_hook import SubprocessHook
from tradewind.standard.triggers import FileTrigger


class FileSensor(BaseSensorOperator):
    """Waits for a file, or a folder with a file in it, at ``filepath`` (a glob pattern) below the connection's path."""

    template_fields: Sequence[str] = ("filepath",)
    ui_color = "#91818a"
    start_trigger_args: StartTriggerArgs = StartTriggerArgs(
        trigger_cls="airflow.triggers.file.FileTrigger",
        trigger_kwargs={},
        next_method="execute_complete",
        next_kwargs=None,
        timeout=None,
    )
    start_from_trigger = False

    def __init__(
        self,
        *,
        filepath: str,
        fs_conn_id: str = "fs_default",
        recursive: bool = False,
        deferrable: bool | None = None,
        start_from_trigger: bool = False,
        trigger_kwargs: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.filepath = filepath
        self.fs_conn_id = fs_conn_id
        self.recursive = recursive
        if deferrable is None:
            deferrable = conf.getboolean("operators", "default_deferrable", fallback=False)
        self.deferrable = deferrable
        self.start_from_trigger = start_from_trigger
        if deferrable and start_from_trigger:
            self.start_trigger_args = replace(
                self.start_trigger_args,
                timeout=dt.timedelta(seconds=self.timeout),
                trigger_kwargs={"filepath": self.path, "recursive": recursive, "poke_interval": self.poke_interval},
            )

    @cached_property
    def path(self) -> str:
        """The pattern, below the connection's folder."""
        return os.path.join(FSHook(self.fs_conn_id).get_path(), self.filepath)

    def poke(self, context: Any) -> bool:
        """Whether there is a file."""
        self.log.info("Poking for file %s", self.path)
        for path in glob(self.path, recursive=self.recursive):
            if os.path.isfile(path):
                changed = dt.datetime.fromtimestamp(os.path.getmtime(path), dt.UTC).strftime("%Y%m%d%H%M%S")
                self.log.info("Found File %s last modified: %s", path, changed)
                return True
            if any(files for _, _, files in os.walk(path)):
                return True
        return False

    def execute(self, context: Any) -> Any:
        """Poke; as a trigger when deferrable and nothing is there yet."""
        if not self.deferrable:
            super().execute(context)
        elif not self.poke(context=context):
            self.defer(
                timeout=dt.timedelta(seconds=self.timeout),
                trigger=FileTrigger(filepath=self.path, recursive=self.recursive, poke_interval=self.poke_interval),
                method_name="execute_complete",
            )

    def execute_complete(self, context: Any, event: bool | None = None) -> None:
        """Judge what the trigger saw."""
        if not event:
            raise AirflowException(f"{self.task_id} task failed as {self.filepath} not found.")
        self.log.info("%s completed successfully as %s found.", self.task_id, self.filepath)


class PythonSensor(BaseSensorOperator):
    """Waits until a function returns something true, or a PokeReturnValue that is done."""

    template_fields: Sequence[str] = ("templates_dict", "op_args", "op_kwargs")

    def __init__(
        self,
        *,
        python_callable: Callable[..., Any],
        op_args: list[Any] | None = None,
        op_kwargs: Mapping[str, Any] | None = None,
        templates_dict: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.python_callable = python_callable
        self.op_args = op_args or []
        self.op_kwargs = op_kwargs or {}
        self.templates_dict = templates_dict

    def poke(self, context: Any) -> PokeReturnValue | bool:
        """Call it."""
        context_merge(context, self.op_kwargs, templates_dict=self.templates_dict)
        self.log.info("Poking callable: %s", self.python_callable)
        kwargs = determine_kwargs(self.python_callable, self.op_args, context)
        value = self.python_callable(*self.op_args, **kwargs)
        return value if isinstance(value, PokeReturnValue) else PokeReturnValue(bool(value))


class BashSensor(BaseSensorOperator):
    """Waits until a command ends with 0. With ``retry_exit_code`` any other code than that one fails at once."""

    template_fields: Sequence[str] = ("bash_command", "env")

    def __init__(
        self,
        *,
        bash_command: str,
        env: dict[str, str] | None = None,
        output_encoding: str = "utf-8",
        retry_exit_code: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.bash_command = bash_command
        self.env = env
        self.output_encoding = output_encoding
        self.retry_exit_code = retry_exit_code

    @cached_property
    def subprocess_hook(self) -> SubprocessHook:
        """What runs the command."""
        return SubprocessHook()

    def poke(self, context: Any) -> bool:
        """Run it."""
        result = self.subprocess_hook.run_command(
            ["bash", "-c", self.bash_command], env=self.env, output_encoding=self.output_encoding
        )
        if result.exit_code == 0:
            return True
        if self.retry_exit_code is None:
            self.log.info("Non-zero return code and no retry code set. Returning False")
            return False
        if result.exit_code == self.retry_exit_code:
            self.log.info("Return code matches retry code, returning False")
            return False
        raise AirflowFailException(f"Command returned exit code {result.exit_code}")

    def on_kill(self) -> None:
        """End the command's process group."""
        self.subprocess_hook.send_sigterm()
