"""How provider packages declare commands of the command line: groups, commands and their arguments as values.

``ActionCommand`` and ``GroupCommand`` say what there is; the command line makes parsers of them (cli.provider_trees).
"""

# ruff: noqa: PLR0917
# Signatures are Airflow's: packages pass arguments by position.

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from importlib import import_module
from typing import Any, NamedTuple

_NOT_GIVEN: Any = object()


def lazy_load_command(import_path: str) -> Callable[..., Any]:
    """The function of this dotted path, imported when it is called."""
    _, _, name = import_path.rpartition(".")

    def command(*args: Any, **kwargs: Any) -> Any:
        module, _, function = import_path.rpartition(".")
        return getattr(import_module(module), function)(*args, **kwargs)

    command.__name__ = name
    return command


class DefaultHelpParser(argparse.ArgumentParser):
    """A parser whose errors show its help."""

    def error(self, message: str) -> Any:
        """Print the help and the message; exit with 2."""
        self.print_help()
        self.exit(2, f"\n{self.prog} command error: {message}, see help above.\n")


class Arg:
    """One argument: its flags (or name) and what argparse is told of it."""

    def __init__(
        self,
        flags: Any = _NOT_GIVEN,
        help: Any = _NOT_GIVEN,
        action: Any = _NOT_GIVEN,
        default: Any = _NOT_GIVEN,
        nargs: Any = _NOT_GIVEN,
        type: Any = _NOT_GIVEN,
        choices: Any = _NOT_GIVEN,
        required: Any = _NOT_GIVEN,
        metavar: Any = _NOT_GIVEN,
        dest: Any = _NOT_GIVEN,
    ) -> None:
        self.flags: tuple[str, ...] = flags
        self.kwargs: dict[str, Any] = {}
        for name, value in dict(
            help=help,
            action=action,
            default=default,
            nargs=nargs,
            type=type,
            choices=choices,
            required=required,
            metavar=metavar,
            dest=dest,
        ).items():
            if value is not _NOT_GIVEN:
                self.kwargs[name] = value

    def add_to_parser(self, parser: argparse.ArgumentParser) -> None:
        """Declare the argument."""
        if "metavar" in self.kwargs and "type" not in self.kwargs and self.kwargs["metavar"] == "DIRPATH":
            self.kwargs["type"] = str
        parser.add_argument(*self.flags, **self.kwargs)


class ActionCommand(NamedTuple):
    """A command that does something."""

    name: str
    help: str
    func: Callable[..., Any]
    args: Iterable[Arg]
    description: str | None = None
    epilog: str | None = None
    hide: bool = False


class GroupCommand(NamedTuple):
    """A group of commands."""

    name: str
    help: str
    subcommands: Iterable[Any]
    description: str | None = None
    epilog: str | None = None


CLICommand = ActionCommand | GroupCommand


def positive_int(*, allow_zero: bool) -> Callable[[str], int]:
    """A type for argparse: a whole number above 0, or from 0 on."""

    def check(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = -1
        if value < (0 if allow_zero else 1):
            raise argparse.ArgumentTypeError(f"invalid positive int value: '{text}'")
        return value

    return check


def parse_date(text: str) -> Any:
    """A type for argparse: a date with a time zone."""
    from .timezone import parse  # pendulum only where a date is given

    return parse(text)


def string_list_type(text: str) -> list[str]:
    """A type for argparse: a list with commas."""
    return [word.strip() for word in text.split(",") if word.strip()]


ARG_DAG_ID = Arg(("dag_id",), help="The id of the DAG")
ARG_TASK_ID = Arg(("task_id",), help="The id of the task")
ARG_EXECUTION_DATE = Arg(("execution_date",), help="The logical date of the run", type=parse_date)
ARG_SUBDIR = Arg(("-S", "--subdir"), help="File or folder in which to look for the DAG", default=None)
ARG_VERBOSE = Arg(("-v", "--verbose"), help="Say more", action="store_true")
ARG_YES = Arg(("-y", "--yes"), help="Do not ask", action="store_true", default=False)
ARG_OUTPUT = Arg(
    ("-o", "--output"),
    help="Output format: json, yaml, plain or table",
    choices=("table", "json", "yaml", "plain"),
    metavar="(table, json, yaml, plain)",
    default="table",
)
ARG_OUTPUT_PATH = Arg(("-o", "--output-path"), help="Folder for what is written", type=str, default=".")
ARG_PID = Arg(("--pid",), help="File for the process id", nargs="?")
ARG_DAEMON = Arg(("-D", "--daemon"), help="Run in the background", action="store_true")
ARG_STDOUT = Arg(("--stdout",), help="File for the standard output")
ARG_STDERR = Arg(("--stderr",), help="File for the standard error")
ARG_LOG_FILE = Arg(("-l", "--log-file"), help="File for the log")
ARG_SKIP_SERVE_LOGS = Arg(("-s", "--skip-serve-logs"), help="Do not serve logs", action="store_true", default=False)
ARG_ENV_VARS = Arg(("--env-vars",), help="Environment as JSON", default=None)
ARG_DB_FROM_REVISION = Arg(("--from-revision",), help="Revision to begin with, for SQL scripts")
ARG_DB_FROM_VERSION = Arg(("--from-version",), help="Version to begin with, for SQL scripts")
ARG_DB_REVISION__DOWNGRADE = Arg(("-r", "--to-revision"), help="Revision to go back to")
ARG_DB_REVISION__UPGRADE = Arg(("-r", "--to-revision"), help="Revision to go to")
ARG_DB_VERSION__DOWNGRADE = Arg(("-n", "--to-version"), help="Version to go back to")
ARG_DB_VERSION__UPGRADE = Arg(("-n", "--to-version"), help="Version to go to")
ARG_DB_SKIP_INIT = Arg(("-s", "--skip-init"), help="Only remove tables", action="store_true", default=False)
ARG_DB_SQL_ONLY = Arg(("-s", "--show-sql-only"), help="Print the SQL only", action="store_true", default=False)
ARG_DB_USE_MIGRATION_FILES = Arg(
    ("-m", "--use-migration-files"), help="Make tables by migrations", action="store_true", default=False
)
