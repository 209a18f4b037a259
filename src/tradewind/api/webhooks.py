"""Delivering events to webhooks: in order, signed, again and again with longer pauses until they are taken.

One loop in each API process; which one delivers to a webhook is decided by a claim in its row, and a claim whose
process died runs out. A receiver may see an event twice (its answer was lost) and knows it by the event's id."""

from __future__ import annotations

import hashlib
import hmac
import select
import threading
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import timedelta

import msgspec
import structlog

from tradewind.auth.identity import Means
from tradewind.model.changes import Event
from tradewind.model.errors import DatabaseUnavailable
from tradewind.storage import webhooks
from tradewind.storage.webhooks import WebhookRow

from .extensions_events import EventFilter, event_body
from .services import Services
from .stream_rights import may_see

Post = Callable[[str, bytes, dict[str, str]], str | None]
"""Sends a body; None when it was taken (2xx), else what went wrong."""

PAGE = 200
CLAIM = timedelta(seconds=60)
LONGEST_PAUSE = timedelta(hours=1)
IDLE_SECONDS = 5.0
TIMEOUT_SECONDS = 10.0
_log = structlog.get_logger(__name__)


def signature(body: bytes, secret: str, timestamp: int) -> str:
    """The header X-Tradewind-Signature: a keyed hash of time and body, so that an old delivery cannot be replayed."""
    digest = hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={timestamp},v1={digest}"


def pause_after(failures: int) -> timedelta:
    """1, 2, 4 … seconds, at most an hour."""
    return min(LONGEST_PAUSE, timedelta(seconds=2.0 ** min(failures - 1, 20)))


def post(url: str, body: bytes, headers: dict[str, str]) -> str | None:
    """Over HTTP. Redirects are not followed: the address was agreed upon."""
    import requests  # heavy, and only those who have webhooks need it

    try:
        answer = requests.post(url, data=body, headers=headers, timeout=TIMEOUT_SECONDS, allow_redirects=False)
    except requests.RequestException as problem:
        return type(problem).__name__
    return None if 200 <= answer.status_code < 300 else f"status {answer.status_code}"


class WebhookSender:
    """The loop, and one round of it."""

    def __init__(self, services: Services, post: Post = post) -> None:
        self._services = services
        self._post = post
        self._scanned: dict[int, int] = {}
        """Up to which event nothing was wanted: not worth a write each time."""

    def run(self, stop: threading.Event) -> None:
        """Deliver until told to stop, which is noticed within seconds."""
        while not stop.is_set():
            try:
                self._serve(stop)
            except DatabaseUnavailable as problem:
                _log.warning("webhooks.database_unavailable", reason=str(problem))
                stop.wait(IDLE_SECONDS)

    def _serve(self, stop: threading.Event) -> None:
        with closing(self._services.database.listen()) as listener:
            while not stop.is_set():
                if self.deliver():
                    select.select([listener], [], [], 1.0)
                    listener.drain()
                else:
                    stop.wait(IDLE_SECONDS)

    def deliver(self) -> int:
        """One round: what is owed and due. How many webhooks there are."""
        with self._services.database.read() as tx:
            rows = webhooks.every(tx)
            last_id = tx.outbox.last_id() if rows else 0
            due = [row for row in rows if row.due_at <= tx.now and self._seen(row) < last_id]
        for row in due:
            self._deliver_to(row)
        return len(rows)

    def _seen(self, row: WebhookRow) -> int:
        return max(row.last_event_id, self._scanned.get(row.id, 0))

    def _deliver_to(self, row: WebhookRow) -> None:
        database = self._services.database
        events, last_id = self._wanted(row)
        if not events:
            self._scanned[row.id] = last_id
            return
        with database.begin() as tx:
            if not webhooks.claim(tx, row, tx.now + CLAIM):
                return
            at = tx.now
        body = msgspec.json.encode({"webhook": row.name, "events": [event_body(event) for event in events]})
        secret = database.cipher.reveal(row.secret)
        headers = {
            "content-type": "application/json",
            "x-tradewind-signature": signature(body, secret, int(at.timestamp())),
        }
        error = self._post(row.url, body, headers)
        with database.begin() as tx:
            if error is None:
                webhooks.note(tx, row, last_event_id=last_id, failures=0, due_at=tx.now, error=None)
                return
            failures = row.failures + 1
            due_at = tx.now + pause_after(failures)
            webhooks.note(tx, row, last_event_id=row.last_event_id, failures=failures, due_at=due_at, error=error)
        _log.warning("webhook.refused", webhook=row.name, failures=failures, error=error)

    def _wanted(self, row: WebhookRow) -> tuple[Sequence[Event], int]:
        """The next events that the webhook wants and its owner may see, and up to which event that is."""
        wanted = EventFilter(dag_ids=row.dag_ids, kinds=row.kinds)
        with self._services.database.read() as tx:
            owner = tx.users.by_id(row.user_id)
            events = tx.outbox.after(self._seen(row), PAGE)
            if owner is None or not owner.active or not events:
                return (), events[-1].id if events else row.last_event_id
            user = self._services.authenticator.identity_of(tx, owner, Means.NONE)
        return [event for event in events if wanted.wants(event) and may_see(user, event)], events[-1].id
