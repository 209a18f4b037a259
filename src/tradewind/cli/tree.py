"""What a command is, and building argparse's parsers from commands. The commands themselves are in ``tree_*``."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

OUTPUTS = ("table", "json", "yaml", "plain")


@dataclass(frozen=True, slots=True)
class Argument:
    """An option or positional, as ``add_argument`` takes it."""

    flags: tuple[str, ...]
    options: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Command:
    """One command. ``handler`` is "module:function", imported when the command runs."""

    name: str
    help: str
    handler: str
    arguments: tuple[Argument, ...] = ()
    function: Callable[..., Any] | None = None
    """A provider's: called with the arguments alone, instead of ``handler``."""


@dataclass(frozen=True, slots=True)
class Group:
    """Commands under one word, e.g. ``dags``."""

    name: str
    help: str
    commands: tuple[Group | Command, ...] = field(default_factory=tuple)


def argument(*flags: str, **options: Any) -> Argument:
    """Short for Argument."""
    return Argument(flags, options)


def flag(*flags: str, help: str, **options: Any) -> Argument:
    """An option without a value."""
    return Argument(flags, {"action": "store_true", "help": help, **options})


OUTPUT = argument("-o", "--output", choices=OUTPUTS, default="table", metavar="FORMAT", help="table, json, yaml, plain")
VERBOSE = flag("-v", "--verbose", help="log more")
SUBDIR = argument("-S", "--subdir", default=None, help="only DAG files at or under this path")
YES = flag("-y", "--yes", help="do not ask")
DAG_ID = argument("dag_id", help="id of the DAG")
TASK_ID = argument("task_id", help="id of the task")
RUN = argument("execution_date_or_run_id", help="run id, or logical date of the run")
MAP_INDEX = argument("--map-index", type=int, default=-1, help="index of a mapped task's instance")


class Parser(argparse.ArgumentParser):
    """An ArgumentParser whose complaint is one line that says where help is."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: error: {message} (try {self.prog} --help)\n")


def build_parser(prog: str, nodes: Sequence[Group | Command]) -> Parser:
    """The parser of the whole tree below ``nodes``."""
    parser = Parser(prog=prog, description="A workflow orchestrator that speaks Apache Airflow.")
    _add_nodes(parser, nodes)
    return parser


def _add_nodes(parser: argparse.ArgumentParser, nodes: Sequence[Group | Command]) -> None:
    children = parser.add_subparsers(metavar="COMMAND", required=True, parser_class=Parser)
    for node in nodes:
        child = children.add_parser(node.name, help=node.help, description=_sentence(node.help))
        if isinstance(node, Group):
            _add_nodes(child, node.commands)
            continue
        for item in (*node.arguments, *(() if _has_verbose(node) else (VERBOSE,))):
            child.add_argument(*item.flags, **item.options)
        child.set_defaults(command=node)


def _has_verbose(command: Command) -> bool:
    return any("-v" in item.flags or "--verbose" in item.flags for item in command.arguments)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + "."


Handler = Callable[..., int | None]
