"""Webhooks: in order, signed, tried again, and no more than their owner may see."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from support.api_server import ApiServer

from tradewind.api.webhooks import LONGEST_PAUSE, WebhookSender, pause_after, post

RUNS = "/dags/etl/dagRuns"


@dataclass
class Receiver:
    """The other side: takes what comes, or does not."""

    error: str | None = None
    taken: list[tuple[str, bytes, dict[str, str]]] = field(default_factory=list)

    def __call__(self, url: str, body: bytes, headers: dict[str, str]) -> str | None:
        if self.error is None:
            self.taken.append((url, body, headers))
        return self.error

    def runs(self) -> list[str]:
        return [event["run_id"] for _, body, _ in self.taken for event in json.loads(body)["events"]]


@pytest.fixture
def server(server_on_each: ApiServer) -> ApiServer:
    return server_on_each


def a_webhook(server: ApiServer, **body: Any) -> dict[str, Any]:
    answer = server.post("/webhooks", {"name": "w", "url": "https://example.com/in", "kinds": ["run"], **body})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_events_are_delivered_once_in_order_and_signed(server: ApiServer) -> None:
    secret = a_webhook(server)["secret"]
    receiver = Receiver()
    sender = WebhookSender(server.services, receiver)
    for name in ("one", "two"):
        server.post(RUNS, {"dag_run_id": name})
    sender.deliver()
    sender.deliver()
    server.post(RUNS, {"dag_run_id": "three"})
    WebhookSender(server.services, receiver).deliver()
    assert receiver.runs() == ["one", "two", "three"]
    url, body, headers = receiver.taken[0]
    assert url == "https://example.com/in"
    time, _, digest = headers["x-tradewind-signature"].removeprefix("t=").partition(",v1=")
    assert digest == hmac.new(secret.encode(), f"{time}.".encode() + body, hashlib.sha256).hexdigest()


def test_what_was_refused_is_tried_again_later(server: ApiServer, monkeypatch: pytest.MonkeyPatch) -> None:
    a_webhook(server)
    receiver = Receiver("status 500")
    sender = WebhookSender(server.services, receiver)
    server.post(RUNS, {"dag_run_id": "one"})
    sender.deliver()
    shown = server.get("/webhooks").json()["webhooks"][0]
    assert (shown["failures"], shown["last_error"]) == (1, "status 500")
    receiver.error = None
    later = server.database.clock.now() + timedelta(seconds=5)
    monkeypatch.setattr(type(server.database.clock), "now", lambda _: later)
    sender.deliver()
    assert receiver.runs() == ["one"]
    assert server.get("/webhooks").json()["webhooks"][0]["failures"] == 0


def test_only_one_process_delivers(server: ApiServer) -> None:
    a_webhook(server)
    server.post(RUNS, {"dag_run_id": "one"})
    other = Receiver()

    def meanwhile(url: str, body: bytes, headers: dict[str, str]) -> str | None:
        WebhookSender(server.services, other).deliver()
        return None

    WebhookSender(server.services, meanwhile).deliver()
    assert other.taken == []


def test_filters_and_the_owners_rights_hold(server: ApiServer) -> None:
    a_webhook(server, name="others", dag_ids=["other"])
    answer = server.post("/webhooks", {"name": "op", "url": "http://example.com"}, user=("op", "op"))
    assert answer.status_code == 200
    receiver = Receiver()
    with server.database.begin() as tx:
        user = tx.users.get("op")
        assert user is not None
        tx.users.set_roles(user.id, ["Public"])
    server.services.authenticator.forget()
    server.post(RUNS, {"dag_run_id": "one"})
    WebhookSender(server.services, receiver).deliver()
    assert receiver.taken == []


def test_webhooks_that_make_no_sense_or_may_not_be(server: ApiServer) -> None:
    made = a_webhook(server)
    assert "secret" not in server.get("/webhooks").json()["webhooks"][0]
    for url in ("ftp://x", "nonsense", "http://", "http://[x"):
        assert server.post("/webhooks", {"name": "x", "url": url}).status_code == 400
    assert server.post("/webhooks", {"name": "w", "url": "http://x"}).status_code == 409
    assert server.post("/webhooks", {"name": "v", "url": "http://x"}, user=("viewer", "viewer")).status_code == 403
    assert server.delete(f"/webhooks/{made['id']}").status_code == 204
    assert server.delete(f"/webhooks/{made['id']}").status_code == 404


def test_over_http_only_a_2xx_is_taken() -> None:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response({"/good": 204, "/moved": 302}.get(self.path, 500))
            self.send_header("location", "/good")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing is printed."""

    with HTTPServer(("127.0.0.1", 0), Handler) as receiver:
        thread = threading.Thread(target=receiver.serve_forever)
        thread.start()
        url = f"http://127.0.0.1:{receiver.server_port}"
        answers = [post(url + path, b"{}", {}) for path in ("/good", "/moved", "/bad")]
        receiver.shutdown()
        thread.join()
    assert answers == [None, "status 302", "status 500"]
    assert post(url, b"{}", {}) == "ConnectionError"


def test_pauses_grow_up_to_an_hour() -> None:
    assert [pause_after(count).total_seconds() for count in (1, 2, 5)] == [1, 2, 16]
    assert pause_after(100) == LONGEST_PAUSE
