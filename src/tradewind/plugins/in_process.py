"""The plugin host's answers in the caller's own process: for the command line and for runs without a server, whose
user asked for this code here."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from tradewind.sdk.runtime import RUNTIME
from tradewind.wire.messages import Message
from tradewind.wire.plugin_messages import (
    DEFAULT_TIMEOUT,
    Found,
    HostFailed,
    HostQuestion,
    IntervalFound,
    Nothing,
    PluginFailed,
)

from .answers import answer
from .host_runtime import Config, PluginRuntime


class InProcessHost:
    """A PluginHost without a deadline: its user can interrupt it."""

    def __init__(self, lookup: Callable[[Message], Message], config: Config) -> None:
        self._runtime = PluginRuntime(lookup, config)

    @contextlib.contextmanager
    def in_charge(self) -> Iterator[None]:
        """While it lasts, code of providers finds the configuration, variables and connections."""
        outer = RUNTIME.get()
        RUNTIME.set(self._runtime)
        try:
            yield
        finally:
            RUNTIME.set(outer)

    def ask(self, question: HostQuestion, timeout: float = DEFAULT_TIMEOUT) -> Nothing | IntervalFound | Found:
        """As PluginHost."""
        with self.in_charge():
            given = answer(question)
        if isinstance(given, HostFailed):
            raise PluginFailed(given.error)
        return given
