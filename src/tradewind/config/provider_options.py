"""Options that provider packages declare, beside those of the house: known only to who asks the providers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from .option import OptionValue
from .options import OPTIONS
from .settings import Setting, Settings

Sections = Mapping[str, Mapping[str, Any]]
"""Section → ``{"options": {key: {"default": …, "sensitive": …, "description": …}}}``, as providers say it."""


def with_provider_options(settings: Settings, sections: Sections) -> Settings:
    """The settings, with the defaults of options that are not set, and with their secrets known as such."""
    values, secrets = dict(settings.values), set(settings.secrets)
    for section, described in sections.items():
        for key, option in (described.get("options") or {}).items():
            name = (section.lower(), key.lower())
            if name in OPTIONS:
                continue
            if option.get("sensitive"):
                secrets.add(name)
            values.setdefault(name, Setting(_default(option), "default"))
    return replace(settings, values=MappingProxyType(values), secrets=frozenset(secrets))


def descriptions(sections: Sections) -> dict[tuple[str, str], str]:
    """(section, key) → what the provider says of the option."""
    return {
        (section.lower(), key.lower()): " ".join(str(option.get("description") or "").split())
        for section, described in sections.items()
        for key, option in (described.get("options") or {}).items()
    }


def _default(option: Mapping[str, Any]) -> OptionValue:
    default = option.get("default")
    return None if default is None else str(default)
