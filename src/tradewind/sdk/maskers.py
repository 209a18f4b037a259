"""The masker that provider packages subclass (``airflow.utils.log.secrets_masker``): what is secret is known to the
whole process, a subclass only says how it walks through a value."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from tradewind.observability.masking import MASK, MAXIMUM_DEPTH, PROCESS_MASKER

from .exceptions import RemovedInAirflow3Warning

Redactable = Any
"""What may hold secrets."""
Redacted = Any
"""The same, without them."""


class AirflowContextDeprecationWarning(RemovedInAirflow3Warning):
    """An old name in the context was used."""


class SecretsMasker(logging.Filter):
    """Hides what this process knows to be secret. Subclasses override ``_redact``, which is called for each part.
    As a filter of a log handler it hides it in records."""

    def __init__(self) -> None:
        super().__init__()
        self.patterns: set[str] = set()
        self.replacer: Any = None

    def add_mask(self, secret: Any, name: str | None = None) -> None:
        """From now on hidden in the whole process."""
        PROCESS_MASKER.add_mask(secret, name)

    def filter(self, record: logging.LogRecord) -> bool:
        """True, with the record's message, arguments and error changed."""
        PROCESS_MASKER.redact_record(record)
        if isinstance(record.msg, str):
            record.msg = PROCESS_MASKER.mask(record.msg)
        if isinstance(record.args, tuple):
            record.args = tuple(PROCESS_MASKER.mask(one) if isinstance(one, str) else one for one in record.args)
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = PROCESS_MASKER.mask(record.exc_text)
        return True

    def should_hide_value_for_key(self, name: Any) -> bool:
        """Whether a field of this name is hidden."""
        return PROCESS_MASKER.is_sensitive_name(name)

    def redact(self, item: Any, name: str | None = None, max_depth: int | None = None, **kwargs: Any) -> Any:
        """A copy of ``item`` without secrets."""
        return self._redact(item, name, depth=0, max_depth=max_depth or MAXIMUM_DEPTH)

    def _redact(self, item: Any, name: str | None, depth: int, max_depth: int, **kwargs: Any) -> Any:
        if name and self.should_hide_value_for_key(name):
            return self._redact_all(item, depth, max_depth)
        if isinstance(item, str):
            return PROCESS_MASKER.mask(item)
        if depth > max_depth:
            return item
        inner: dict[str, Any] = {"depth": depth + 1, "max_depth": max_depth}
        if isinstance(item, Mapping):
            return {key: self._redact(value, name=key, **inner) for key, value in item.items()}
        if isinstance(item, tuple) and hasattr(item, "_fields"):
            return type(item)(*(self._redact(value, name=None, **inner) for value in item))
        if isinstance(item, list | tuple | set):
            return type(item)(self._redact(value, name=None, **inner) for value in item)
        return item

    def _redact_all(self, item: Any, depth: int, max_depth: int = MAXIMUM_DEPTH, **kwargs: Any) -> Any:
        if depth > max_depth or isinstance(item, str):
            return MASK
        if isinstance(item, Mapping):
            return {key: self._redact_all(value, depth + 1, max_depth) for key, value in item.items()}
        if isinstance(item, list | tuple | set) and not hasattr(item, "_fields"):
            return type(item)(self._redact_all(value, depth + 1, max_depth) for value in item)
        return item


def process_masker() -> SecretsMasker:
    """A masker over what this process knows."""
    return SecretsMasker()
