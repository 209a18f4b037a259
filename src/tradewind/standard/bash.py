"""BashOperator: one command or script in bash, its last line as XCom."""

from __future__ import annotations

import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Container, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

from tradewind.sdk.callables import context_to_airflow_vars
from tradewind.sdk.exceptions import AirflowException, AirflowSkipException, RemovedInAirflow3Warning
from tradewind.sdk.operator import BaseOperator
from tradewind.standard.subprocess_hook import SubprocessHook, SubprocessResult


def _unchanged(output: str) -> Any:
    return output


def exit_codes(value: int | Container[int] | None) -> Container[int]:
    """``skip_on_exit_code`` as users give it (nothing, one, several) as a container."""
    if value is None:
        return ()
    return (value,) if isinstance(value, int) else value


class BashOperator(BaseOperator):
    """Runs ``bash_command`` with bash.

    The exit code decides: 0 is success, one of ``skip_on_exit_code`` (99) skipped, any other failed. ``env`` replaces
    the environment unless ``append_env``; ``cwd`` is a temporary folder when not given; ``output_processor`` turns
    the last line of output into the XCom value.
    """

    template_fields: Sequence[str] = ("bash_command", "env", "cwd")
    template_fields_renderers: ClassVar[dict[str, str]] = {"bash_command": "bash", "env": "json"}
    template_ext: Sequence[str] = (".sh", ".bash")
    ui_color = "#f0ede4"

    def __init__(
        self,
        *,
        bash_command: str,
        env: dict[str, str] | None = None,
        append_env: bool = False,
        output_encoding: str = "utf-8",
        skip_exit_code: int | None = None,
        skip_on_exit_code: int | Container[int] | None = 99,
        cwd: str | None = None,
        output_processor: Callable[[str], Any] = _unchanged,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if skip_exit_code is not None and skip_exit_code != skip_on_exit_code:
            warnings.warn(
                "skip_exit_code is an old name and will go; use skip_on_exit_code instead.",
                RemovedInAirflow3Warning,
                stacklevel=2,
            )
            skip_on_exit_code = skip_exit_code
        self.bash_command = bash_command
        self.env = env
        self.append_env = append_env
        self.output_encoding = output_encoding
        self.skip_on_exit_code = exit_codes(skip_on_exit_code)
        self.cwd = cwd
        self.output_processor = output_processor
        self._is_script_file = isinstance(bash_command, str) and bash_command.endswith(tuple(self.template_ext))

    @cached_property
    def subprocess_hook(self) -> SubprocessHook:
        """What runs the command."""
        return SubprocessHook()

    def get_env(self, context: Any) -> dict[str, str]:
        """The command's environment: ours or ``env`` or both, and the AIRFLOW_CTX_ variables."""
        env = dict(os.environ) if self.env is None or self.append_env else {}  # noqa: TID251  the program inherits it
        env.update(self.env or {})
        about = context_to_airflow_vars(context, in_env_var_format=True)
        self.log.debug("Exporting env vars: %s", " ".join(f"{name}={value!r}" for name, value in about.items()))
        return {**env, **about}

    def execute(self, context: Any) -> Any:
        """Run the command; the processed last line of its output."""
        bash = shutil.which("bash") or "bash"
        if self.cwd is not None:
            if not Path(self.cwd).exists():
                raise AirflowException(f"Can not find the cwd: {self.cwd}")
            if not Path(self.cwd).is_dir():
                raise AirflowException(f"The cwd {self.cwd} must be a directory")
        result = self._run(bash, self.get_env(context))
        if result.exit_code in self.skip_on_exit_code:
            raise AirflowSkipException(f"Bash command returned exit code {result.exit_code}. Skipping.")
        if result.exit_code != 0:
            raise AirflowException(
                f"Bash command failed. The command returned a non-zero exit code {result.exit_code}."
            )
        return self.output_processor(result.output)

    def _run(self, bash: str, env: dict[str, str]) -> SubprocessResult:
        if not self._is_script_file:
            return self._call([bash, "-c", self.bash_command], env)
        # A rendered script can be longer than an argument may be.
        with tempfile.NamedTemporaryFile("w", suffix=".sh", encoding="utf-8") as script:
            script.write(self.bash_command)
            script.flush()
            return self._call([bash, script.name], env)

    def _call(self, command: list[str], env: dict[str, str]) -> SubprocessResult:
        return self.subprocess_hook.run_command(
            command=command, env=env, output_encoding=self.output_encoding, cwd=self.cwd
        )

    def on_kill(self) -> None:
        """End the command's process group."""
        self.subprocess_hook.send_sigterm()
