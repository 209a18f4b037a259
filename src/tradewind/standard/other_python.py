"""Operators that call a function in another Python: in a virtual environment made for it, or in one that exists."""

from __future__ import annotations

import hashlib
import inspect
import json
import os
import pickle
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Collection, Container, Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

from tradewind.sdk.callables import KeywordParameters
from tradewind.sdk.exceptions import AirflowException, AirflowSkipException
from tradewind.sdk.loading import import_string
from tradewind.sdk.processes import execute_in_subprocess
from tradewind.standard.bash import exit_codes
from tradewind.standard.branch import BranchMixIn
from tradewind.standard.function_source import callable_source, script_text
from tradewind.standard.python import PythonOperator

PLAIN_KEYS = frozenset(
    [
        "ds",
        "ds_nodash",
        "expanded_ti_count",
        "inlets",
        "map_index_template",
        "outlets",
        "run_id",
        "task_instance_key_str",
        "test_mode",
        "ts",
        "ts_nodash",
        "ts_nodash_with_tz",
    ]
)
"""Names of the context whose values any Python can read."""

PENDULUM_KEYS = frozenset(
    [
        "data_interval_end",
        "data_interval_start",
        "logical_date",
        "prev_data_interval_end_success",
        "prev_data_interval_start_success",
        "prev_start_date_success",
        "prev_end_date_success",
    ]
)
"""Those that need pendulum there."""


class _OtherPythonOperator(PythonOperator):
    """What both have in common: the function's source, its arguments as a file, its result as a file."""

    def __init__(
        self,
        *,
        python_callable: Callable[..., Any],
        serializer: str | None = None,
        op_args: Collection[Any] | None = None,
        op_kwargs: Mapping[str, Any] | None = None,
        string_args: Iterable[str] | None = None,
        templates_dict: dict[str, Any] | None = None,
        templates_exts: list[str] | None = None,
        expect_airflow: bool = True,
        skip_on_exit_code: int | Container[int] | None = None,
        env_vars: dict[str, str] | None = None,
        inherit_env: bool = True,
        use_dill: bool = False,
        **kwargs: Any,
    ) -> None:
        if not callable(python_callable) or getattr(python_callable, "__name__", "") == "<lambda>":
            raise ValueError(f"{type(self).__name__} only supports functions for python_callable arg")
        if inspect.isgeneratorfunction(python_callable):
            raise AirflowException(f"{type(self).__name__} does not support using 'yield' in python_callable")
        super().__init__(
            python_callable=python_callable,
            op_args=op_args,
            op_kwargs=op_kwargs,
            templates_dict=templates_dict,
            templates_exts=templates_exts,
            **kwargs,
        )
        self.string_args = string_args or []
        self.serializer = serializer or ("dill" if use_dill else "pickle")
        if self.serializer not in ("pickle", "cloudpickle", "dill"):
            raise AirflowException(
                f"Unsupported serializer {self.serializer!r}. Expected one of 'cloudpickle', 'dill', 'pickle'"
            )
        self.expect_airflow = expect_airflow
        self.skip_on_exit_code = exit_codes(skip_on_exit_code)
        self.env_vars = env_vars
        self.inherit_env = inherit_env

    @cached_property
    def pickling(self) -> ModuleType | Any:
        """The module that carries arguments and result across."""
        return pickle if self.serializer == "pickle" else __import__(self.serializer)

    def context_keys(self) -> frozenset[str]:
        """Names of the context that may be passed."""
        return PLAIN_KEYS | PENDULUM_KEYS

    def execute(self, context: Any) -> Any:
        """Call the function there, with those names of the context that it takes and that can be passed."""
        allowed = self.context_keys()
        self._passable = {name: context[name] for name in context if name in allowed}
        return super().execute(context)

    def determine_kwargs(self, context: Mapping[str, Any]) -> Mapping[str, Any]:
        """From the passable names and op_kwargs."""
        given = {**self._passable, **self.op_kwargs}
        if self.templates_dict is not None:
            given["templates_dict"] = self.templates_dict
        return KeywordParameters.determine(self.python_callable, self.op_args, given).serializing()

    def run_in(self, python: Path, folder: Path) -> Any:
        """Call the function with ``python``, with its files in ``folder``."""
        names = ("script.py", "script.in", "script.out", "string_args.txt", "error.log")
        script, given, result, strings, error = (folder / name for name in names)
        given.write_bytes(self.pickling.dumps({"args": list(self.op_args), "kwargs": dict(self.op_kwargs)}))
        strings.write_text("\n".join(map(str, self.string_args)), encoding="utf-8")
        script.write_text(
            script_text(callable_source(self.python_callable), self.python_callable.__name__, self.serializer),
            encoding="utf-8",
        )
        env = {**(os.environ if self.inherit_env else {}), **(self.env_vars or {})}  # noqa: TID251  the program inherits it
        paths = [str(path) for path in (script, given, result, strings, error)]
        try:
            execute_in_subprocess([str(python), *paths], env=env)
        except subprocess.CalledProcessError as failed:
            if failed.returncode in self.skip_on_exit_code:
                raise AirflowSkipException(f"Process exited with code {failed.returncode}. Skipping.") from None
            if error.exists() and error.stat().st_size:
                raise AirflowException(error.read_text(encoding="utf-8")) from None
            raise
        if not result.exists() or not result.stat().st_size:
            return None
        return self.pickling.loads(result.read_bytes())


class PythonVirtualenvOperator(_OtherPythonOperator):
    """Calls the function in a virtual environment with ``requirements``, made for the call, or kept below
    ``venv_cache_path`` and made again only when what it is made of changes."""

    template_fields: Sequence[str] = (*PythonOperator.template_fields, "requirements", "index_urls", "venv_cache_path")
    template_ext: Sequence[str] = (".txt",)

    def __init__(
        self,
        *,
        python_callable: Callable[..., Any],
        requirements: Iterable[str] | str | None = None,
        python_version: str | None = None,
        system_site_packages: bool = True,
        pip_install_options: list[str] | None = None,
        index_urls: Collection[str] | str | None = None,
        venv_cache_path: os.PathLike[str] | str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(python_callable=python_callable, **kwargs)
        self.requirements = [requirements] if isinstance(requirements, str) else list(requirements or [])
        self.python_version = str(python_version) if python_version is not None else None
        self.system_site_packages = system_site_packages
        self.pip_install_options = pip_install_options
        self.index_urls = [index_urls] if isinstance(index_urls, str) else list(index_urls or [])
        self.venv_cache_path = venv_cache_path

    def context_keys(self) -> frozenset[str]:
        """Dates only when pendulum is there."""
        has_pendulum = self.system_site_packages or any("pendulum" in line for line in self.requirements)
        return PLAIN_KEYS | PENDULUM_KEYS if has_pendulum else PLAIN_KEYS

    def _all_requirements(self) -> list[str]:
        extra = [self.serializer] if self.serializer != "pickle" and not self.system_site_packages else []
        return [line for text in self.requirements for line in text.splitlines() if line.strip()] + extra

    def execute_callable(self) -> Any:
        """Make the environment and call the function in it."""
        with tempfile.TemporaryDirectory(prefix="venv-call-") as folder:
            if self.venv_cache_path is not None:
                return self.run_in(self._cached(Path(self.venv_cache_path)), Path(folder))
            environment = Path(folder) / "venv"
            self._make(environment)
            return self.run_in(environment / "bin" / "python", Path(folder))

    def _cached(self, cache: Path) -> Path:
        made_of = [self._all_requirements(), self.pip_install_options, self.index_urls, self.python_version]
        digest = hashlib.sha256(json.dumps([*made_of, self.system_site_packages, sys.version]).encode()).hexdigest()
        environment = cache / f"venv-{digest[:8]}"
        if not (environment / "complete").exists():
            shutil.rmtree(environment, ignore_errors=True)
            self._make(environment)
            (environment / "complete").write_text(digest, encoding="utf-8")
        return environment / "bin" / "python"

    def _make(self, folder: Path) -> None:
        for command in environment_commands(
            folder,
            python_version=self.python_version,
            system_site_packages=self.system_site_packages,
            requirements=self._all_requirements(),
            options=self.pip_install_options or [],
            index_urls=self.index_urls,
            uv=shutil.which("uv"),
        ):
            execute_in_subprocess(command)


def environment_commands(
    folder: Path,
    *,
    python_version: str | None,
    system_site_packages: bool,
    requirements: Sequence[str],
    options: Sequence[str],
    index_urls: Sequence[str],
    uv: str | None,
) -> list[list[str]]:
    """The commands that make a virtual environment: with uv where it is installed, else with venv and pip."""
    site = ["--system-site-packages"] if system_site_packages else []
    target = folder / "bin" / "python"
    indexes: list[str] = []
    for number, url in enumerate(index_urls):
        indexes += ["--extra-index-url" if number else "--index-url", url]
    if uv is not None:
        commands = [[uv, "venv", "--allow-existing", *site, "--python", python_version or sys.executable, str(folder)]]
        install = [uv, "pip", "install", "--python", str(target)]
    else:
        python = f"python{python_version}" if python_version else sys.executable
        commands = [[python, "-m", "venv", *site, str(folder)]]
        install = [str(target), "-m", "pip", "install", "--disable-pip-version-check"]
    if requirements:
        commands.append([*install, *options, *indexes, *requirements])
    return commands


def is_venv_installed() -> bool:
    """Whether virtual environments can be made here."""
    if shutil.which("uv"):
        return True
    try:
        import_string("ensurepip.version")
    except ImportError:
        # Debian leaves ensurepip out of its python3 package; venv alone makes environments without pip.
        return False
    return True


class ExternalPythonOperator(_OtherPythonOperator):
    """Calls the function with the interpreter ``python``, which exists."""

    template_fields: Sequence[str] = ("python", *PythonOperator.template_fields)

    def __init__(
        self, *, python: str, python_callable: Callable[..., Any], expect_pendulum: bool = False, **kwargs: Any
    ) -> None:
        if not python:
            raise ValueError("Python Path must be defined in ExternalPythonOperator")
        super().__init__(python_callable=python_callable, **kwargs)
        self.python = python
        self.expect_pendulum = expect_pendulum

    def context_keys(self) -> frozenset[str]:
        """Dates only when pendulum is expected there."""
        return PLAIN_KEYS | PENDULUM_KEYS if self.expect_pendulum else PLAIN_KEYS

    def execute_callable(self) -> Any:
        """Call it there."""
        python = Path(self.python)
        if not python.exists():
            raise ValueError(f"Python Path '{python}' must exists")
        if not python.is_file():
            raise ValueError(f"Python Path '{python}' must be a file")
        if not python.is_absolute():
            raise ValueError(f"Python Path '{python}' must be an absolute path.")
        with tempfile.TemporaryDirectory(prefix="tmd") as folder:
            return self.run_in(python, Path(folder))


class BranchPythonVirtualenvOperator(PythonVirtualenvOperator, BranchMixIn):
    """A branch whose function is called in a virtual environment."""

    inherits_from_skipmixin = True

    def execute(self, context: Any) -> Any:
        """Call it, and skip what it did not choose."""
        return self.do_branch(context, super().execute(context))


class BranchExternalPythonOperator(ExternalPythonOperator, BranchMixIn):
    """A branch whose function is called with another interpreter."""

    inherits_from_skipmixin = True

    def execute(self, context: Any) -> Any:
        """Call it, and skip what it did not choose."""
        return self.do_branch(context, super().execute(context))
