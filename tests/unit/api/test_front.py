"""Proxies, prefixes and request ids."""

from __future__ import annotations

from typing import Any

import pytest

from tradewind.api.front import ProxyTrust, below, proxied, request_id_of


def a_scope(**headers: str) -> dict[str, Any]:
    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {"type": "http", "path": "/", "scheme": "http", "client": ("10.0.0.9", 1), "headers": pairs}


@pytest.mark.parametrize(
    ("value", "trusted", "address"),
    [
        ("1.1.1.1", 1, "1.1.1.1"),
        ("6.6.6.6, 1.1.1.1", 1, "1.1.1.1"),
        ("6.6.6.6, 1.1.1.1, 2.2.2.2", 2, "1.1.1.1"),
        ("1.1.1.1", 2, "10.0.0.9"),
        ("1.1.1.1", 0, "10.0.0.9"),
        ("", 1, "10.0.0.9"),
    ],
)
def test_only_what_trusted_proxies_said_is_believed(value: str, trusted: int, address: str) -> None:
    assert proxied(a_scope(x_forwarded_for=value), ProxyTrust(address=trusted))["client"][0] == address


def test_scheme_host_port_and_prefix_of_the_proxy() -> None:
    found = proxied(
        a_scope(
            host="inner:8080",
            x_forwarded_proto="https",
            x_forwarded_host="flow.example.com",
            x_forwarded_port="8443",
            x_forwarded_prefix="/air/",
        ),
        ProxyTrust(),
    )
    assert (found["scheme"], found["root_path"]) == ("https", "/air")
    assert dict(found["headers"])[b"host"] == b"flow.example.com:8443"


@pytest.mark.parametrize(
    ("path", "inner"),
    [("/air/api/v1/dags", "/api/v1/dags"), ("/air", "/"), ("/air/", "/"), ("/airy", None), ("/api/v1/dags", None)],
)
def test_only_what_is_below_base_urls_path_is_ours(path: str, inner: str | None) -> None:
    found = below({**a_scope(), "path": path}, "/air")
    assert (found and found["path"]) == inner


@pytest.mark.parametrize("given", ["", "a b", "x" * 129, "a\x7f", 'a"b'])
def test_a_request_id_that_may_not_be_repeated_is_replaced(given: str) -> None:
    made = request_id_of(a_scope(x_request_id=given))
    assert made != given.encode()
    assert len(made) == 16


def test_a_clients_request_id_is_kept() -> None:
    assert request_id_of(a_scope(x_request_id="req-1.A")) == b"req-1.A"
