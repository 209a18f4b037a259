"""Small things that packages import from Airflow's corners and that have no better home."""

from __future__ import annotations

import functools
import warnings
import zipfile
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

import pluggy

from .exceptions import AirflowException

C = TypeVar("C")
policy_hookimpl = pluggy.HookimplMarker("airflow.policy")
"""Marks functions of ``airflow_local_settings`` and of entry points that are cluster policies."""
ID_LEN = 250
WEB_COLORS = {"LIGHTBLUE": "#4d9de0", "LIGHTORANGE": "#FF9933"}
NEVER_EXPIRE = None


class Singleton(type):
    """Metaclass of classes that have one instance."""

    _instances: dict[Any, Any] = {}  # shared on purpose

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        """The one instance."""
        if cls not in cls._instances:
            cls._instances[cls] = super().__call__(*args, **kwargs)
        return cls._instances[cls]


def correct_maybe_zipped(fileloc: Any) -> Any:
    """The archive's path for a file inside one; the path itself otherwise."""
    if not fileloc:
        return fileloc
    for parent in Path(fileloc).parents:
        if parent.suffix == ".zip" and parent.is_file() and zipfile.is_zipfile(parent):
            return str(parent)
    return fileloc


def add_deprecated_classes(
    module_imports: Mapping[str, Mapping[str, str]],
    package: str,
    override_deprecated_classes: Mapping[str, Mapping[str, str]] | None = None,
    extra_message: str | None = None,
) -> None:
    """Old names of a package's modules: each use imports the new one, with a warning."""
    import sys  # used here only

    for name, imports in module_imports.items():
        full = f"{package}.{name}" if name != "__getattr__" else package
        module = sys.modules.get(full) or ModuleType(full)
        module.__getattr__ = functools.partial(  # type: ignore[method-assign]
            _moved, dict(imports), full, extra_message or ""
        )
        sys.modules[full] = module


def _moved(imports: Mapping[str, str], module: str, extra: str, name: str) -> Any:
    target = imports.get(name) or (f"{imports['*']}.{name}" if "*" in imports else None)
    if target is None:
        raise AttributeError(f"The module `{module!r}` has no attribute `{name!r}`")
    from .exceptions import RemovedInAirflow3Warning  # used here only

    warnings.warn(
        f"The `{module}.{name}` class is deprecated. Please use `{target!r}`. {extra}".strip(),
        RemovedInAirflow3Warning,
        stacklevel=3,
    )
    place, _, real = target.rpartition(".")
    return getattr(import_module(place), real)


def suppress_logs_and_warning(function: Callable[..., C]) -> Callable[..., C]:
    """Decorator of commands: warnings and log lines only with ``--verbose``."""
    import logging  # used here only

    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> C:
        if args and getattr(args[0], "verbose", False):
            return function(*args, **kwargs)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            logging.disable(logging.CRITICAL)
            try:
                return function(*args, **kwargs)
            finally:
                logging.disable(logging.NOTSET)

    return wrapper


def action_cli(function: Any = None, check_db: bool = True) -> Any:
    """Decorator of commands of packages; the command line itself keeps the audit."""
    return function if callable(function) else lambda real: real


def process_subdir(subdir: str | None) -> str | None:
    """The DAG folder that ``--subdir`` names."""
    if subdir is None:
        return None
    from . import process_settings  # reads the configuration

    return str(Path(subdir.replace("DAGS_FOLDER", str(process_settings.DAGS_FOLDER))).expanduser())


def setup_locations(
    process: str, pid: str | None = None, stdout: str | None = None, stderr: str | None = None, log: str | None = None
) -> tuple[str, str, str, str]:
    """Files of a process in the background: of its id, output, errors and log."""
    from . import process_settings  # reads the configuration

    home = Path(str(process_settings.AIRFLOW_HOME))
    default = [home / f"airflow-{process}.{suffix}" for suffix in ("pid", "out", "err", "log")]
    given = (pid, stdout, stderr, log)
    one, two, three, four = (str(path or fallback) for path, fallback in zip(given, default, strict=True))
    return one, two, three, four


def get_dag(subdir: str | None, dag_id: str, from_db: bool = False) -> Any:
    """A DAG of a file or folder. Raises AirflowException when it is not there."""
    bag = import_module("tradewind.execution.dag_bag").DagBag(process_subdir(subdir), include_examples=False)
    dag = bag.dags.get(dag_id)
    if dag is None:
        raise AirflowException(f"Dag {dag_id!r} could not be found; either it does not exist or it failed to parse.")
    return dag


def print_export_output(command_type: str, exported_items: Any, file: Any) -> None:
    """Say how much was written, and where."""
    print(f"{len(exported_items)} {command_type} successfully exported to {file.name}.")


def get_airflow_git_version() -> str | None:
    """The revision this was built from; not kept."""
    return None


def get_docs_url(page: str | None = None) -> str:
    """The address of a page of the provider documentation."""
    return f"https://airflow.apache.org/docs/apache-airflow/stable/{page or ''}"


def configure_logging() -> str:
    """Nothing to do: each process sets its logging up by itself."""
    return "tradewind"


def providers_configuration_loaded(function: Callable[..., C]) -> Callable[..., C]:
    """Decorator: options of providers are known here at all times."""
    return function


class AirflowConsole:
    """Prints rows as table, JSON, YAML or plain text, for commands of packages."""

    def __init__(self, show_header: bool = True, *args: Any, **kwargs: Any) -> None:
        from rich.console import Console  # only where something is printed

        self.console = Console(*args, **kwargs)
        self.show_header = show_header

    def print(self, *args: Any, **kwargs: Any) -> None:
        """As rich's console."""
        self.console.print(*args, **kwargs)

    def print_as(self, data: Any, output: str, mapper: Callable[[Any], Mapping[str, Any]] | None = None) -> None:
        """Rows (mappings, or what ``mapper`` makes such) in one of the formats. Raises ValueError for another."""
        rows = [dict(mapper(one)) if mapper else dict(one) for one in data]
        if output == "json":
            import json  # used here only

            self.console.print_json(json.dumps(rows, default=str))
        elif output == "yaml":
            import yaml  # used here only

            self.console.print(yaml.dump(rows, sort_keys=False))
        elif output == "plain":
            from tabulate import tabulate  # used here only

            self.console.print(tabulate(rows, headers="keys" if self.show_header else (), tablefmt="plain"))
        elif output == "table":
            self.print_as_table(rows)
        else:
            raise ValueError(f"Unknown formatter: {output}. Allowed options: ['json', 'yaml', 'plain', 'table']")

    def print_as_table(self, data: list[dict[str, Any]]) -> None:
        """Rows as a table."""
        from rich.table import Table  # used here only

        if not data:
            self.console.print("No data found")
            return
        table = Table(show_header=self.show_header)
        for column in data[0]:
            table.add_column(column)
        for row in data:
            table.add_row(*(str(value) for value in row.values()))
        self.console.print(table)


def run_command_with_daemon_option(
    *, args: Any, process_name: str, callback: Callable[[], Any], should_setup_logging: bool = False, **_: Any
) -> None:
    """Run a package's command; in the background only by a service manager."""
    if getattr(args, "daemon", False):
        raise AirflowException(f"{process_name} cannot go into the background by itself; use a service manager")
    callback()


def pod_mutation_hook(pod: Any) -> None:
    """The operator's hook on pods of ``airflow_local_settings``, when there is one."""
    try:
        found = import_module("airflow_local_settings")
    except ModuleNotFoundError:
        return
    hook = getattr(found, "pod_mutation_hook", None)
    if hook is not None:
        hook(pod)


def trigger_dag(dag_id: str, run_id: str | None = None, conf: Any = None, **kwargs: Any) -> Any:
    """Trigger a run of a DAG from a task; the run. ``execution_date``, ``replace_microseconds`` as in Airflow."""
    import json  # used here only

    from .dag_run import DagRun  # it needs the runtime's messages
    from .runtime import current

    date = kwargs.get("execution_date") or kwargs.get("logical_date")
    if date is not None and kwargs.get("replace_microseconds", True):
        date = date.replace(microsecond=0)
    text = conf if isinstance(conf, str) or conf is None else json.dumps(conf)
    reply = current().trigger_run(dag_id=dag_id, run_id=run_id, logical_date=date, conf=text, reset=False)
    return DagRun.from_reply(reply)


def configure_orm(disable_connection_pool: bool = False, pool_class: Any = None) -> None:
    """For processes that a task forks: nothing is to be done, a session connects when it is first used."""
