"""What the reader of a stream may see, as long as the stream goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tradewind.auth.identity import Identity
from tradewind.auth.permissions import Access, on, on_dag
from tradewind.model.changes import Event

if TYPE_CHECKING:
    from .call import Call
    from .services import Services

_ABOUT_NO_DAG: dict[str, Access] = {
    "pool": on("GET", "Pools"),
    "dataset": on("GET", "Datasets"),
    "import_error": on("GET", "ImportError"),
}
_INTERNAL = frozenset({"callback", "trigger"})
"""Kinds that are between our own processes."""


def may_see(user: Identity, event: Event) -> bool:
    """Whether a user may read what the event is about."""
    word = event.kind.partition(".")[0]
    if word in _INTERNAL:
        return False
    if event.dag_id is None:
        access = _ABOUT_NO_DAG.get(word)
        return access is not None and user.may(access)
    entity = "TASK_INSTANCE" if event.task_id is not None else "RUN" if event.run_id is not None else ""
    return user.may(on_dag("GET", entity), event.dag_id)


class Rights:
    """Of one reader: asked again from time to time, for a session ends and roles change."""

    def __init__(self, services: Services, call: Call) -> None:
        self._services = services
        self._headers, self._address, self._user = call.headers, call.address, call.user

    def may_see(self, event: Event) -> bool:
        """Whether the reader may see an event."""
        return may_see(self._user, event)

    def are_kept(self) -> bool:
        """Whether the reader may still read at all."""
        with self._services.database.read() as tx:
            user = self._services.authenticator.again(tx, self._user, self._headers, self._address)
        if user is not None:
            self._user = user
        return user is not None
