"""Parses a command line and calls its command; the one place where an error becomes a line and an exit code."""

from __future__ import annotations

import importlib
import os
import sys
from argparse import Namespace
from collections.abc import Sequence
from functools import partial

from tradewind.model.errors import TradewindError

from .session import CommandFailed, Session
from .tree import Command, Group, Handler, build_parser
from .tree_admin import CONFIG, CONNECTIONS, DB, INFO, JOBS, POOLS, ROLES, ROTATE, TOKENS, USERS, VARIABLES, VERSION
from .tree_backfills import BACKFILL
from .tree_dags import DAGS, TASKS
from .tree_plugins import PLUGINS, PROVIDERS
from .tree_services import DAG_PROCESSOR, KERBEROS, RUN, SCHEDULER, STANDALONE, TRIGGERER, WEBSERVER, WORKER

TREE: tuple[Group | Command, ...] = (
    *(RUN, STANDALONE, DAGS, BACKFILL, TASKS, VARIABLES, CONNECTIONS, POOLS, USERS, TOKENS, ROLES, DB, CONFIG, JOBS),
    *(INFO, PLUGINS, PROVIDERS, ROTATE, VERSION),
    *(SCHEDULER, WEBSERVER, DAG_PROCESSOR, TRIGGERER, WORKER, KERBEROS),
)


def run(words: Sequence[str]) -> int:
    """The exit code of one command line."""
    parser = build_parser(_program(), _branch(words))
    if "_ARGCOMPLETE" in os.environ:  # noqa: TID251  argcomplete says so
        import argcomplete  # heavy, and only a shell that completes asks for it

        argcomplete.autocomplete(parser)
    try:
        arguments = parser.parse_args(words)
    except SystemExit as end:  # argparse has printed help or its complaint
        return int(end.code or 0)
    return call(arguments.command, arguments, Session())


def call(command: Command, arguments: Namespace, session: Session) -> int:
    """Runs a command; errors that we raise on purpose become one line on standard error and exit code 1."""
    try:
        with session:
            handler = _handler(command)
            answer = handler(arguments, session)
            session.out.flush()
    except (TradewindError, CommandFailed) as error:
        session.complain(f"error: {error}")
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader (head, less) has gone; Python would complain once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return answer or 0


def _branch(words: Sequence[str]) -> tuple[Group | Command, ...]:
    """Only the part of the tree that the words go into; the whole of it for help and completion."""
    wanted = next((word for word in words if not word.startswith("-")), None)
    is_alone = wanted is not None and "_ARGCOMPLETE" not in os.environ  # noqa: TID251  argcomplete says so
    found = tuple(node for node in TREE if node.name == wanted) * is_alone
    if found:
        return found
    from .provider_trees import provider_trees  # code of providers, for words that are not ours

    return (*TREE, *provider_trees(node.name for node in TREE))


def _program() -> str:
    name = os.path.basename(sys.argv[0])
    return name if name in {"tradewind", "airflow"} else "tradewind"


def _handler(command: Command) -> Handler:
    if command.function is not None:
        from .provider_trees import call_provider  # as above

        return partial(call_provider, command.function)
    module, _, function = command.handler.partition(":")
    handler: Handler = getattr(importlib.import_module(f"tradewind.cli.{module}"), function)
    return handler
