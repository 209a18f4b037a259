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


def test_a_body_that_is_too_large_is_refused() -> None:
    with api_server(webserver__allowed_payload_size=0.001) as server:
        assert server.post("/variables", {"key": "a", "value": "x" * 2000}).status_code == 413
        assert server.post("/variables", {"key": "a", "value": "x" * 100}).status_code == 200
