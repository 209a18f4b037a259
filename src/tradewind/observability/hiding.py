"""What a process hides from its first line on: names and values as the options say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from .masking import PROCESS_MASKER

if TYPE_CHECKING:
    from tradewind.config.settings import Settings

_NO = ("false", "f", "0", "no", "off")


def hide_as(core: Mapping[str, Any], secrets: Iterable[str], *, adapter: str = "") -> None:
    """Have this process's masker do as the options of [core] say, and know the configured ``secrets``. ``adapter``:
    ``[logging] secret_mask_adapter``, for processes that run code of users."""
    names = str(core.get("sensitive_var_conn_names") or "").split(",")
    hides = str(core.get("hide_sensitive_var_conn_fields", True)).strip().lower() not in _NO
    PROCESS_MASKER.configure(names=names, hides_by_name=hides, adapter=adapter)
    PROCESS_MASKER.know(secrets)


def configured_secrets(settings: Settings) -> tuple[str, ...]:
    """The values of sensitive options that somebody has set, and passwords in addresses."""
    found: list[str] = []
    for section in settings.sections():
        for key, value in settings.section(section).items():
            if not value or not settings.is_sensitive(section, key) or settings.explain(section, key) == "default":
                continue
            text = str(value)
            found.append(text)
            if "://" in text and "@" in text:
                found.append(urlsplit(text).password or "")
    return tuple(dict.fromkeys(one for one in found if one))


def hide_as_configured(settings: Settings) -> None:
    """The same for a role of ours."""
    hide_as(settings.section("core"), configured_secrets(settings))
