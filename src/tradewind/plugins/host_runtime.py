"""The Runtime of plugin code in the plugin host: variables and connections by asking back, nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tradewind.model.errors import Conflict, TradewindError
from tradewind.sdk.runtime import NoRuntime
from tradewind.wire.framing import ATTEMPT_REPLY, FrameSocket
from tradewind.wire.messages import ConnectionReply, GetConnection, GetVariable, Message, Refused, Value

Config = Mapping[str, Mapping[str, Any]]


class PluginRuntime:
    """Answers ``lookup``'s way; configuration comes from the values given at start."""

    def __init__(self, lookup: Callable[[Message], Message], config: Config) -> None:
        self._lookup = lookup
        self._config = config

    def get_variable(self, key: str) -> str | None:
        """As Runtime."""
        reply = self._asked(GetVariable(key=key))
        return reply.value if isinstance(reply, Value) else None

    def get_connection(self, conn_id: str) -> ConnectionReply | None:
        """As Runtime."""
        reply = self._asked(GetConnection(conn_id=conn_id))
        return reply if isinstance(reply, ConnectionReply) else None

    def get_config(self, section: str, key: str, fallback: Any = None) -> Any:
        """As Runtime."""
        return self._config.get(section.lower(), {}).get(key.lower(), fallback)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def refuse(*args: Any, **kwargs: Any) -> Any:
            raise NoRuntime(f"{name}() needs a running task; a plugin may only read variables and connections")

        if name.startswith("_"):
            raise AttributeError(name)
        return refuse

    def _asked(self, question: Message) -> Message:
        reply = self._lookup(question)
        if isinstance(reply, Refused):
            raise TradewindError(reply.message)
        return reply


def over(conversation: FrameSocket) -> Callable[[Message], Message]:
    """Asks back over the connection on which the question came."""

    def lookup(question: Message) -> Message:
        conversation.send(question)
        data = conversation.receive()
        if data is None:
            raise Conflict("whoever asked the plugin host went away")
        return ATTEMPT_REPLY.decode(data)

    return lookup
