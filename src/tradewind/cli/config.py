"""``config``, ``info`` and ``version``: what is installed and how it is set."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from argparse import Namespace
from collections.abc import Iterator, Mapping
from importlib import metadata
from typing import Any

from tradewind import API_VERSION, __version__
from tradewind.config.option import env_name
from tradewind.config.options import OPTIONS
from tradewind.config.provider_options import Sections, descriptions, with_provider_options
from tradewind.config.settings import Settings
from tradewind.observability.masking import MASK
from tradewind.plugins.catalogue import has_providers
from tradewind.wire.plugin_messages import DescribeProviders, Found

from .session import CommandFailed, Session


def get_value(args: Namespace, session: Session) -> int:
    """``config get-value SECTION KEY``: the value alone, secrets too, as Airflow does."""
    settings = session.settings
    if not settings.has(args.section, args.option) and (args.section.lower(), args.option.lower()) not in OPTIONS:
        settings = with_provider_options(settings, _of_providers(session))
        if settings.explain(args.section, args.option) == "not set":
            raise CommandFailed(f"there is no option [{args.section}] {args.option}")
    session.say(settings.text(args.section, args.option))
    return 0


def list_options(args: Namespace, session: Session) -> int:
    """``config list``: as an airflow.cfg, which can be read again."""
    of_providers = {} if args.exclude_providers else _of_providers(session)
    settings = with_provider_options(session.settings, of_providers)
    docs = descriptions(of_providers)
    wanted = [name for name in settings.sections() if args.section in (None, name)]
    if not wanted:
        raise CommandFailed(f"there is no section [{args.section}]; there are {', '.join(settings.sections())}")
    for section in wanted:
        session.say(f"[{section}]")
        for key in settings.section(section):
            if not (args.exclude_providers and (section, key) not in OPTIONS):
                for line in _option_lines(args, settings, section, key, docs.get((section, key))):
                    session.say(line)
        session.say("")
    return 0


def _of_providers(session: Session) -> Sections:
    """Sections that providers bring."""
    if not has_providers():
        return {}
    answer = session.plugin_host.ask(DescribeProviders(topic="configs"))
    found: dict[str, Mapping[str, Any]] = {}
    for row in answer.value if isinstance(answer, Found) else ():
        found |= row["config"]
    return found


def _option_lines(args: Namespace, settings: Settings, section: str, key: str, doc: str | None) -> Iterator[str]:
    option = OPTIONS.get((section, key))
    if args.include_descriptions and option is not None:
        yield f"# {option.doc}"
        yield f"# Allowed: {option.allowed()}."
    elif args.include_descriptions and doc:
        yield f"# {doc}"
    if args.include_env_vars:
        yield f"# Variable: {env_name(section, key)}"
    if args.include_sources:
        yield f"# Source: {settings.explain(section, key)}"
    if args.defaults:
        # What is not declared is a provider's; where it is not set, what there is is its default.
        given = option.default if option is not None else _default_of(settings, section, key)
        value = "" if given is None else str(given)
        text = value.replace("{home}", str(settings.home))
    else:
        text = settings.text(section, key)
    if settings.is_sensitive(section, key) and text:
        text = MASK
    lead = "# " if args.comment_out_everything or args.defaults else ""
    # airflow.cfg reads %% as a percent sign
    yield f"{lead}{key} = {text.replace('%', '%%')}"


def _default_of(settings: Settings, section: str, key: str) -> object:
    return settings.get(section, key) if settings.explain(section, key) == "default" else None


def version(args: Namespace, session: Session) -> int:
    """``version``, when it comes with options; main answers the bare word."""
    session.say(API_VERSION)
    return 0


def info(args: Namespace, session: Session) -> int:
    """``info``: what somebody who helps will ask for."""
    settings = session.settings
    url = settings.sql_alchemy_conn
    sections: dict[str, Mapping[str, object]] = {
        "tradewind": {
            "version": __version__,
            "airflow_version": API_VERSION,
            "executor": settings.executor,
            "sql_alchemy_conn": _without_credentials(url),
            "dags_folder": settings.dags_folder,
            "plugins_folder": settings.plugins_folder,
            "base_log_folder": settings.base_log_folder,
            "remote_base_log_folder": settings.text("logging", "remote_base_log_folder"),
        },
        "system": {
            "OS": platform.system(),
            "architecture": platform.machine(),
            "kernel": platform.release(),
            "python_version": platform.python_version(),
            "python_location": sys.executable,
        },
        "tools": {name: shutil.which(name) or "NOT AVAILABLE" for name in ("git", "ssh", "psql", "sqlite3")},
        "paths": {"home": settings.home, "config_file": settings.config_file, "python_path": os.pathsep.join(sys.path)},
        "providers": dict(_providers()),
    }
    rows = [
        {"section": section, "name": name, "value": _shown(str(value), anonymize=args.anonymize)}
        for section, values in sections.items()
        for name, value in values.items()
    ]
    session.show(rows, args.output)
    return 0


def _providers() -> Iterator[tuple[str, str]]:
    for distribution in metadata.distributions():
        if any(point.group == "apache_airflow_provider" for point in distribution.entry_points):
            yield distribution.metadata["Name"], distribution.version


def _without_credentials(url: str) -> str:
    scheme, separator, rest = url.partition("://")
    return f"{scheme}{separator}{MASK}@{rest.rpartition('@')[2]}" if "@" in rest else url


def _shown(text: str, *, anonymize: bool) -> str:
    return text.replace(os.path.expanduser("~"), "~") if anonymize else text
