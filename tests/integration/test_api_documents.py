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
