"""``plugins``, ``providers`` and ``connections test``: what third parties bring. Their code runs in this process, whose
user asked for it."""

from __future__ import annotations

import json
from argparse import Namespace
from typing import TYPE_CHECKING, Any

from tradewind.wire.plugin_messages import DescribePlugins, DescribeProviders, Found, PluginFailed, TestConnection

from .connections import FIELDS, read_connection
from .session import CommandFailed, Session

if TYPE_CHECKING:
    from tradewind.wire.plugin_messages import HostQuestion


def list_plugins(args: Namespace, session: Session) -> int:
    """All plugins and what they bring; those that cannot be loaded on standard error."""
    found = _asked(session, DescribePlugins())
    for source, error in found["errors"].items():
        session.complain(f"error: the plugin {source} cannot be loaded: {error.splitlines()[-1]}")
    rows = found["plugins"]
    if not rows:
        session.say("No plugins loaded")
        return 0
    if args.output == "table":
        used = [name for name in rows[0] if any(row[name] for row in rows)]
        rows = [{name: _joined(row[name]) for name in used} for row in rows]
    session.show(rows, args.output)
    return 0


def list_topic(args: Namespace, session: Session) -> int:
    """``providers list``, ``hooks`` and their sisters: the command's name is the topic."""
    rows = _asked(session, DescribeProviders(topic=args.command.name))
    if args.command.name == "configs":
        rows = [{"provider_config": [row["provider"], row["config"]]} for row in rows]
    session.show(rows, args.output)
    return 0


def get_provider(args: Namespace, session: Session) -> int:
    """One provider."""
    from tradewind.plugins import providers  # runs code of the providers
    from tradewind.plugins.listing import one_line

    info = next((info for info in providers.infos() if info.package == args.provider_name), None)
    if info is None:
        raise CommandFailed(f"No such provider installed: {args.provider_name}")
    if args.full:
        row = {key: json.loads(json.dumps(value, default=str)) for key, value in info.data.items()}
        session.show([{**row, "description": one_line(row.get("description"))}], args.output)
    else:
        session.show([{"Provider": info.package, "Version": info.version}], args.output)
    return 0


def lazy_loaded(args: Namespace, session: Session) -> int:
    """Whether the command line was read without the providers."""
    import sys

    if "tradewind.plugins.providers" in sys.modules:
        raise CommandFailed("the providers were loaded while the command line was read")
    session.say("All ok. Providers Manager was not initialized during the CLI parsing.")
    return 0


def install_providers(args: Namespace, session: Session) -> int:
    """Install provider packages beside this program."""
    from tradewind.plugins.install import install  # starts an installer

    code: int = install(args.names, session.say, upgrade=args.upgrade, dry_run=args.dry_run)
    return code


def test_connection(args: Namespace, session: Session) -> int:
    """Ask the connection's hook whether it can log in."""
    if session.settings.text("core", "test_connection", "Disabled").lower() != "enabled":
        session.say(
            "Testing connections is disabled in Airflow configuration. Contact your deployment admin to enable it.\n"
        )
        return 1
    session.say(f"Retrieving connection: '{args.conn_id}'")
    fields = read_connection(session, args.conn_id)
    if fields is None:
        session.say("\nConnection not found.\n")
        return 1
    session.say("\nTesting...")
    try:
        status, message = _asked(session, TestConnection(fields={name: fields.get(name) for name in FIELDS}))
    except PluginFailed as problem:
        status, message = False, str(problem)
    session.say("\nConnection success!\n" if status else f"\nConnection failed!\n{message}\n")
    return 0  # also when it failed: what Airflow's command does


def _asked(session: Session, question: HostQuestion) -> Any:
    answer = session.plugin_host.ask(question)
    return answer.value if isinstance(answer, Found) else None


def _joined(value: Any) -> str:
    return ",".join(str(item) for item in value) if isinstance(value, list) else str(value)
