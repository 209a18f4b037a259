"""The pages beside the operations: the OpenAPI document and Swagger UI over it, all from this server."""

from __future__ import annotations

import re

import yaml
from support.api_server import api_server


def test_the_document_is_served_in_both_forms_to_anybody() -> None:
    with api_server() as server:
        as_json = server.get("/openapi.json", user=None)
        as_yaml = server.get("/openapi.yaml", user=None)
    assert as_json.headers["content-type"] == "application/json"
    assert as_yaml.headers["content-type"].startswith("text/yaml")
    assert yaml.safe_load(as_yaml.text) == as_json.json()


PROXY = {"x-forwarded-host": "flows.example.com", "x-forwarded-proto": "https", "x-forwarded-prefix": "/pre"}


def test_below_prefixes_the_document_names_the_path_that_clients_see() -> None:
    """Recorded from Airflow 2.10.5: the path of base_url, and before it what the proxy says."""
    base = "http://localhost:8080/air"
    with api_server(webserver__base_url=base, webserver__enable_proxy_fix=True) as server:
        plain = server.client.get("/air/api/v1/openapi.json")
        proxied = server.client.get("/air/api/v1/openapi.json", headers=PROXY)
        page = server.client.get("/air/api/v1/ui/", headers=PROXY)
        moved = server.client.get("/air/api/v1/ui", headers=PROXY)
    assert plain.json()["servers"] == [{"url": "/air/api/v1"}]
    assert proxied.json() == {**plain.json(), "servers": [{"url": "/pre/air/api/v1"}]}
    # Relative: whatever is in front, they are found beside the page.
    assert not re.findall(r'(?:src|href)="(?:/|http)', page.text)
    assert (moved.status_code, moved.headers["location"]) == (308, "ui/")


def test_swagger_ui_can_be_switched_off() -> None:
    with api_server(webserver__enable_swagger_ui=False) as server:
        assert [server.get(path).status_code for path in ("/ui/", "/openapi.json")] == [404, 200]


def test_swagger_ui_needs_nothing_from_elsewhere() -> None:
    """Every file that the page names is served here, and the script names our document."""
    with api_server() as server:
        assert server.get("/ui", user=None).headers["location"] == "ui/"
        page = server.get("/ui/", user=None)
        named = re.findall(r'(?:src|href)="([^"]+)"', page.text)
        assert len(named) == 5
        assert all("/" not in name for name in named)
        answers = {name: server.get(f"/ui/{name}", user=None) for name in named}
    assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(named, 200)
    assert '"../openapi.json"' in answers["start.js"].text
