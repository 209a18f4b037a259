"""Commands that provider packages bring: of every installed provider (``cli`` of its information), and of the executors
that ``[core] executor`` names. Looked at only for words that the house does not know, and for help."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from tradewind.app import OUR_EXECUTORS
from tradewind.config.settings import load_settings
from tradewind.model.errors import TradewindError
from tradewind.plugins.catalogue import has_providers

from .tree import Argument, Command, Group

if TYPE_CHECKING:
    from .session import Session


def provider_trees(taken: Iterable[str]) -> tuple[Group | Command, ...]:
    """The commands, without those whose name is ``taken``. What cannot be had is told on standard error."""
    if not has_providers():
        return ()
    from tradewind.plugins.cli_commands import declared  # code of providers, for these words only

    found: dict[str, Group | Command] = {}
    names = set(taken)
    for source, nodes in declared(_executors()):
        if isinstance(nodes, Exception):
            print(f"warning: the commands of {source} cannot be offered: {nodes}", file=sys.stderr)
            continue
        for node in map(_node, nodes):
            if node.name not in names:
                found.setdefault(node.name, node)
    return tuple(found.values())


def call_provider(function: Callable[[Namespace], Any], args: Namespace, session: Session) -> int:
    """Call a provider's command as its own program would."""
    try:
        with session.plugin_host.in_charge():
            function(args)
    except SystemExit as end:
        if isinstance(end.code, str):
            session.complain(end.code)
            return 1
        return int(end.code or 0)
    return 0


def _executors() -> list[str]:
    """Those that the operator chose and are not ours."""
    try:
        chosen = load_settings().items("core", "executor")
    except TradewindError:
        return []  # the command itself will say what is wrong with the configuration
    return [name for name in chosen if name not in OUR_EXECUTORS]


def _node(declared: Any) -> Group | Command:
    if hasattr(declared, "subcommands"):
        return Group(declared.name, str(declared.help or ""), tuple(_node(one) for one in declared.subcommands))
    arguments = tuple(Argument(tuple(one.flags), dict(one.kwargs)) for one in declared.args)
    return Command(declared.name, str(declared.help or ""), "", arguments, function=declared.func)
