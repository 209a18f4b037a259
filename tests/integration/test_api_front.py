"""What every answer has, and where the API is when base_url has a path."""

from __future__ import annotations

import pytest
from support.api_server import api_server

from tradewind.auth.throttle import FREE_FAILURES


@pytest.mark.parametrize("path", ["/dags", "/nowhere", "/health", "/openapi.json"])
def test_every_answer_has_an_id_and_security_headers(path: str) -> None:
    with api_server(webserver__x_frame_enabled=False) as server:
        headers = server.get(path, headers={"x-request-id": "mine"}).headers
        assert headers["x-request-id"] == "mine"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"


def test_a_prefix_is_part_of_every_path() -> None:
    with api_server(webserver__base_url="http://localhost:8080/air") as server:
        assert server.get("/dags").status_code == 404
        assert server.get("/../../air/api/v1/dags").status_code == 200
        moved = server.get("/../../air/api/v1//dags")
        assert (moved.status_code, moved.headers["location"]) == (308, f"{server.url}/air/api/v1/dags")


def test_log_ins_are_counted_by_the_address_that_the_proxy_tells() -> None:
    with api_server(webserver__enable_proxy_fix=True) as server:
        guesser, other = {"x-forwarded-for": "6.6.6.6"}, {"x-forwarded-for": "7.7.7.7"}
        for _ in range(FREE_FAILURES):
            server.get("/dags", user=("op", "wrong"), headers=guesser)
        assert server.get("/dags", user=("op", "op"), headers=guesser).status_code == 429
        assert server.get("/dags", user=("op", "op"), headers=other).status_code == 200


PROXY = {"x-forwarded-host": "flows.example.com", "x-forwarded-proto": "https", "x-forwarded-prefix": "/pre"}


def test_a_proxy_says_how_clients_see_the_server_only_when_it_is_believed() -> None:
    base = "http://localhost:8080/air"
    with api_server(webserver__base_url=base, webserver__enable_proxy_fix=True) as server:
        moved = server.client.get("/air/api/v1//dags", headers=PROXY)
        assert moved.headers["location"] == "https://flows.example.com/pre/air/api/v1/dags"
        ported = server.client.get("/air/api/v1//dags", headers={**PROXY, "x-forwarded-port": "8443"})
        assert ported.headers["location"] == "https://flows.example.com:8443/pre/air/api/v1/dags"
    with api_server(webserver__base_url=base) as server:
        moved = server.client.get("/air/api/v1//dags", headers=PROXY)
        assert moved.headers["location"] == f"{server.url}/air/api/v1/dags"


@pytest.mark.parametrize(("count", "sent", "status"), [(1, "6.6.6.6, 1.1.1.1", 200), (2, "6.6.6.6, 1.1.1.1", 429)])
def test_only_as_many_proxies_are_believed_as_there_are(count: int, sent: str, status: int) -> None:
    """proxy_fix_x_for counts from our side: what stands before came from the client, who may write what it likes."""
    with api_server(webserver__enable_proxy_fix=True, webserver__proxy_fix_x_for=count) as server:
        for _ in range(FREE_FAILURES):
            server.get("/dags", user=("op", "wrong"), headers={"x-forwarded-for": sent})
        other = "6.6.6.6, 2.2.2.2"
        assert server.get("/dags", user=("op", "op"), headers={"x-forwarded-for": other}).status_code == status


def test_a_body_that_is_too_large_is_refused() -> None:
    with api_server(webserver__allowed_payload_size=0.001) as server:
        assert server.post("/variables", {"key": "a", "value": "x" * 2000}).status_code == 413
        assert server.post("/variables", {"key": "a", "value": "x" * 100}).status_code == 200
