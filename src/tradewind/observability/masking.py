"""Hides secrets in what people read: logs, rendered fields, the configuration, connections.

Two ways to know a secret: by the name it stands under (``password``, ``token`` …), and by its text, once somebody has
said that it is one (``add_mask``). The known texts become one pattern that shares prefixes, so that the time to mask
a line grows with the line, not with the number of secrets.
"""

from __future__ import annotations

import importlib
import json
import logging
import re
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import quote

MASK = "***"

SENSITIVE_NAME_PARTS: frozenset[str] = frozenset(
    {
        "access_token",
        "api_key",
        "apikey",
        "authorization",
        "keyfile_dict",
        "passphrase",
        "passwd",
        "password",
        "private_key",
        "secret",
        "service_account",
        "token",
    }
)
"""A field whose name has one of these in it, in any case, is sensitive."""

MINIMUM_LENGTH = 3
"""Shorter texts are not masked: they would eat every log line and hide nothing that can be kept secret."""

MAXIMUM_DEPTH = 5
"""Nesting to which Airflow looks at values; what subclasses of its masker are told."""

_DEEPEST = 100
"""Nesting to which we do; beyond, nothing is trusted and the text of the whole is masked."""

_CONTAINERS = (dict, list, tuple)

_EXEMPT = frozenset({"none", "true", "false", "null", "airflow", "default", "localhost"})
"""Words that stand in ordinary lines; as passwords they are no secret."""


class SecretsMasker:
    """Knows secrets and hides them. Safe to use from several threads."""

    def __init__(self, names: Iterable[str] = (), *, hides_by_name: bool = True) -> None:
        self._lock = threading.Lock()
        self._names = SENSITIVE_NAME_PARTS | {name.strip().lower() for name in names if name.strip()}
        self._hides_by_name = hides_by_name
        self._texts: frozenset[str] = frozenset()
        self._pattern: re.Pattern[str] | None = None
        self._waiting: list[Callable[[], None]] = []
        self._is_told = False
        self._adapter = ""

    def configure(self, *, names: Iterable[str], hides_by_name: bool, adapter: str = "") -> None:
        """Takes [core] sensitive_var_conn_names and hide_sensitive_var_conn_fields; and [logging] secret_mask_adapter,
        the dotted name of a function that gives more spellings of a secret."""
        self._names = SENSITIVE_NAME_PARTS | {name.strip().lower() for name in names if name.strip()}
        self._hides_by_name = hides_by_name
        self._adapter = adapter

    def is_sensitive_name(self, name: object) -> bool:
        """Whether a field of this name is hidden."""
        if not self._hides_by_name or not isinstance(name, str):
            return False
        lowered = name.strip().lower()
        return any(part in lowered for part in self._names)

    def add_mask(self, secret: Any, name: str | None = None) -> None:
        """From now on hides ``secret``: a text, or in a mapping the texts under sensitive names, or each of many."""
        texts = _secret_texts(secret, name, self)
        self._add(texts)
        if not texts:
            return
        with self._lock:
            self._is_told = True
            waiting, self._waiting = self._waiting, []
        for begin in waiting:
            begin()

    def know(self, secrets: Iterable[str]) -> None:
        """Hides texts that code of users has no part in: nobody who waits for a secret hears of them."""
        self._add([text for one in secrets for text in _secret_texts(one, None, self)])

    def _add(self, texts: Iterable[str]) -> None:
        new = {spelling for text in texts for spelling in _spellings(text) | self._adapted(text)}
        with self._lock:
            if not new <= self._texts:
                self._texts |= new
                self._pattern = None

    def _adapted(self, text: str) -> set[str]:
        if not self._adapter:
            return set()
        module, _, name = self._adapter.rpartition(".")
        try:
            more = getattr(importlib.import_module(module), name)(text)
        except Exception:  # of the operator; a secret that is hidden in its usual spellings is better than a failure
            logging.getLogger(__name__).exception("[logging] secret_mask_adapter %s failed", self._adapter)
            return set()
        return {more} if isinstance(more, str) else {one for one in more if len(one) >= MINIMUM_LENGTH}

    def when_known(self, begin: Callable[[], None]) -> None:
        """Call ``begin`` as soon as somebody has told a secret: at once when that was before."""
        with self._lock:
            is_told = self._is_told
            if not is_told:
                self._waiting.append(begin)
        if is_told:
            begin()

    def forget(self, begin: Callable[[], None]) -> None:
        """Do not call ``begin`` any more."""
        with self._lock:
            self._waiting = [one for one in self._waiting if one != begin]

    def mask(self, text: str) -> str:
        """``text`` with every known secret replaced by ``***``."""
        if not self._texts:
            return text
        return self._compiled().sub(MASK, text)

    def redact(self, value: Any, name: str | None = None) -> Any:
        """A copy of ``value`` with known secrets and everything under sensitive names hidden."""
        return self._redact(value, name, 0)

    def redact_record(self, record: logging.LogRecord) -> None:
        """Hide what stands under sensitive names in the arguments of a record, or in a mapping that is its message.
        Texts are hidden where the record becomes one."""
        args = record.args
        if isinstance(args, Mapping):
            record.args = self.redact(args)
        elif args and any(isinstance(one, _CONTAINERS) for one in args):
            record.args = tuple(self.redact(one) if isinstance(one, _CONTAINERS) else one for one in args)
        if isinstance(record.msg, _CONTAINERS):
            record.msg = self.redact(record.msg)

    def _redact(self, value: Any, name: str | None, depth: int) -> Any:
        if name is not None and self.is_sensitive_name(name):
            return _hide_all(value, depth)
        if isinstance(value, str):
            return self.mask(value)
        if value is None:
            return None
        if depth >= _DEEPEST:
            return value if isinstance(value, int | float | None) else self.mask(str(value))
        if isinstance(value, dict | Mapping):  # dict first: asking an abstract class costs
            return {key: self._redact(item, key, depth + 1) for key, item in value.items()}
        if isinstance(value, list | set | frozenset):
            return type(value)(self._redact(item, None, depth + 1) for item in value)
        if isinstance(value, tuple):
            items = [self._redact(item, None, depth + 1) for item in value]
            return type(value)(*items) if hasattr(value, "_fields") else tuple(items)
        return value

    def _compiled(self) -> re.Pattern[str]:
        with self._lock:
            if self._pattern is None:
                self._pattern = re.compile(merged_pattern(self._texts))
            return self._pattern


def merged_pattern(texts: Iterable[str]) -> str:
    """A regular expression that matches the longest of ``texts`` at a place, with common prefixes written once."""
    return _branch(sorted(set(texts)))


PROCESS_MASKER = SecretsMasker()
"""The one of this process. Global on purpose: user code masks from any thread, and every log line passes here."""


def mask_secret(secret: Any, name: str | None = None) -> None:
    """Hides ``secret`` in this process's logs from now on; see SecretsMasker.add_mask."""
    PROCESS_MASKER.add_mask(secret, name)


def process_masker() -> SecretsMasker:
    """The masker of this process."""
    return PROCESS_MASKER


def should_hide_value_for_key(name: object) -> bool:
    """Whether a field of this name is hidden."""
    return PROCESS_MASKER.is_sensitive_name(name)


def redact(value: Any, name: str | None = None) -> Any:
    """``value`` without what this process knows to be secret; see SecretsMasker.redact."""
    return PROCESS_MASKER.redact(value, name)


def _secret_texts(secret: Any, name: str | None, masker: SecretsMasker) -> list[str]:
    if isinstance(secret, bytes):
        secret = secret.decode(errors="replace")
    if isinstance(secret, str):
        if name is not None and not masker.is_sensitive_name(name):
            return []
        worth_it = len(secret.strip()) >= MINIMUM_LENGTH and secret.lower() not in _EXEMPT
        return [secret] if worth_it else []
    if isinstance(secret, Mapping):
        # Under a sensitive name everything below is secret; elsewhere the mapping's own names decide.
        inherited = name if name is not None and masker.is_sensitive_name(name) else None
        return [text for key, item in secret.items() for text in _secret_texts(item, inherited or str(key), masker)]
    if isinstance(secret, list | tuple | set | frozenset):
        return [text for item in secret for text in _secret_texts(item, name, masker)]
    return []


def _spellings(text: str) -> set[str]:
    """The text as it stands in logs: plain, inside JSON, inside a repr, inside a URL, and line by line."""
    lines = {line for line in text.splitlines() if len(line.strip()) >= MINIMUM_LENGTH} if "\n" in text else set()
    return {text, json.dumps(text)[1:-1], repr(text)[1:-1], quote(text, safe="")} | lines


def _hide_all(value: Any, depth: int) -> Any:
    if depth > MAXIMUM_DEPTH or isinstance(value, str | bytes):
        return MASK
    if isinstance(value, Mapping):
        return {key: _hide_all(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        hidden = [_hide_all(item, depth + 1) for item in value]
        return hidden if isinstance(value, list) else tuple(hidden) if isinstance(value, tuple) else set(hidden)
    return value


def _branch(texts: list[str]) -> str:
    """The pattern of sorted, distinct texts: their common prefix, then one alternative per next character."""
    if len(texts) == 1:
        return re.escape(texts[0])
    prefix = _common_prefix(texts[0], texts[-1])
    rests = [text[len(prefix) :] for text in texts]
    may_end = not rests[0]
    groups: dict[str, list[str]] = {}
    for rest in rests[1:] if may_end else rests:
        groups.setdefault(rest[0], []).append(rest)
    alternatives = "|".join(_branch(group) for group in groups.values())
    return f"{re.escape(prefix)}(?:{alternatives}){'?' if may_end else ''}"


def _common_prefix(first: str, last: str) -> str:
    length = 0
    for one, other in zip(first, last, strict=False):
        if one != other:
            break
        length += 1
    return first[:length]
