"""Beyond Airflow: webhooks. Who may make connections may make them; their owner's rights decide what they are told."""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import urlsplit

from tradewind.auth.permissions import on
from tradewind.storage import webhooks
from tradewind.storage.webhooks import WebhookRow

from .bodies import collection, iso
from .call import NO_CONTENT, Answer, Call
from .forms import Field, load
from .problems import bad_request, conflict, forbidden, not_found
from .table import Operation

_FIELDS = (
    Field("name", required=True, most=250),
    Field("url", required=True, most=2000),
    Field("kinds"),
    Field("dag_ids"),
)
_TEXTS = {"type": "array", "items": {"type": "string"}, "nullable": True}
_BODY = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "url": {"type": "string"}, "kinds": _TEXTS, "dag_ids": _TEXTS},
}


def _shown(row: WebhookRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "url": row.url,
        "kinds": row.kinds,
        "dag_ids": row.dag_ids,
        "failures": row.failures,
        "last_error": row.last_error,
        "created_at": iso(row.created_at),
    }


def get_webhooks(call: Call) -> Any:
    """GET /webhooks"""
    rows = webhooks.every(call.tx)
    return collection("webhooks", [_shown(row) for row in rows], len(rows))


def post_webhook(call: Call) -> Answer:
    """POST /webhooks: the only answer that shows the secret with which deliveries are signed."""
    body = load(call.body, _FIELDS)
    if call.user.user_id is None:
        raise forbidden("Webhooks belong to users; log in as one.")
    try:
        parts = urlsplit(body["url"])
        is_good = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        is_good = False
    if not is_good or not body["name"].strip():
        raise bad_request("A webhook has a name, and a url that begins with http:// or https://")
    secret = secrets.token_urlsafe(32)
    made = webhooks.add(
        call.tx,
        name=body["name"],
        url=body["url"],
        secret=call.services.database.cipher.encrypt(secret),
        user_id=call.user.user_id,
        kinds=body.get("kinds"),
        dag_ids=body.get("dag_ids"),
        after=call.tx.outbox.last_id(),
    )
    row = next((row for row in webhooks.every(call.tx) if row.id == made), None)
    if row is None:
        raise conflict(f"There is a webhook named '{body['name']}' already")
    return Answer({**_shown(row), "secret": secret}, headers={"cache-control": "no-store"})


def delete_webhook(call: Call) -> Answer:
    """DELETE /webhooks/{webhook_id}"""
    if not webhooks.remove(call.tx, call.path["webhook_id"]):
        raise not_found("Not Found", f"There is no webhook {call.path['webhook_id']}")
    return NO_CONTENT


def _operation(id: str, method: str, path: str, handler: Any, **more: Any) -> Operation:
    access = (on(method, "Connections"),)
    return Operation(
        id=id, method=method, path=path, handler=handler, tag="Webhook", access=access, is_ours=True, **more
    )


OPERATIONS: tuple[Operation, ...] = (
    _operation("get_webhooks", "GET", "/webhooks", get_webhooks),
    _operation("post_webhook", "POST", "/webhooks", post_webhook, writes=True, body=_BODY),
    _operation("delete_webhook", "DELETE", "/webhooks/{webhook_id:int}", delete_webhook, writes=True, status=204),
)
