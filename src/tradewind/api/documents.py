"""Our OpenAPI document, made from the table of operations: what may be asked is the table's, what is answered is in
v1_document.json (names, types and statuses of Airflow 2.10.5's interface, which clients generate code from)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from starlette.responses import Response

from .services import REPORTED_VERSION
from .table import Operation

_FILE = Path(__file__).with_name("v1_document.json")
_PART = re.compile(r"\{(\w+)(?::(int|path))?\}")
_WORDS = {
    "200": "Success.",
    "201": "Success.",
    "204": "Success, without content.",
    "400": "The request is malformed.",
    "401": "Nobody vouches for the caller.",
    "403": "The caller may not do this.",
    "404": "There is no such thing.",
    "406": "The answer has no form that the caller accepts.",
    "409": "There is one already.",
}
"""A description is required of every response."""
_ERRORS = {
    400: "BadRequest",
    401: "Unauthenticated",
    403: "PermissionDenied",
    404: "NotFound",
    409: "AlreadyExists",
}


@cache
def _answers() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_FILE.read_text())
    return found


_SERVER = "/api/v1"


def document(operations: tuple[Operation, ...]) -> dict[str, Any]:
    """The document as plain data."""
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        template = _PART.sub(r"{\1}", operation.path)
        paths.setdefault(template, {})[operation.method.lower()] = _operation(operation)
    return {
        "openapi": "3.0.3",
        "info": {"title": "tradewind: Airflow's stable REST API", "version": REPORTED_VERSION},
        "servers": [{"url": _SERVER}],
        "paths": paths,
        "components": {
            "schemas": _answers()["schemas"],
            "responses": {
                name: {"description": name, **response} for name, response in _answers()["responses"].items()
            },
            "securitySchemes": _answers()["securitySchemes"],
        },
    }


def _operation(operation: Operation) -> dict[str, Any]:
    parameters: list[dict[str, Any]] = [
        {
            "in": "path",
            "name": name,
            "required": True,
            "schema": {
                "type": "integer" if kind == "int" else "string",
                **({"format": "path"} if kind == "path" else {}),
            },
        }
        for name, kind in _PART.findall(operation.path)
    ]
    for parameter in operation.query:
        shown: dict[str, Any] = {"in": "query", "name": parameter.name, "schema": dict(parameter.schema)}
        if parameter.required:
            shown["required"] = True
        if not parameter.explode:
            shown.update(style="form", explode=False)
        if parameter.is_ours:
            shown["x-tradewind"] = True
        parameters.append(shown)
    found: dict[str, Any] = {
        "operationId": operation.id,
        "tags": [operation.tag, *operation.more_tags],
        "responses": _responses(operation),
    }
    if parameters:
        found["parameters"] = parameters
    if operation.body is not None:
        content = {"application/json": {"schema": _answers()["bodies"].get(operation.id, operation.body)}}
        is_required = operation.body_required and operation.id not in _answers()["optional_bodies"]
        found["requestBody"] = {**({"required": True} if is_required else {}), "content": content}
    if operation.access:
        found["security"] = [{"Basic": []}]
    if operation.id in _answers()["deprecated"]:
        found["deprecated"] = True
    if operation.is_ours:
        found["x-tradewind"] = True
    return found


def _responses(operation: Operation) -> dict[str, Any]:
    known = _answers()["answers"].get(operation.id)
    if known is not None:
        return {
            status: response if "$ref" in response else {"description": _WORDS[status], **response}
            for status, response in known.items()
        }
    good: dict[str, Any] = {"description": _WORDS["200"]}
    if operation.status == 200:
        good["content"] = {media: {} for media in operation.produces}
    bad = {str(status): {"$ref": f"#/components/responses/{name}"} for status, name in _ERRORS.items()}
    return {str(operation.status): good, **bad}


def document_responses(operations: tuple[Operation, ...]) -> dict[str, Callable[[str], Response]]:
    """File name → what makes the answer, given the path under which clients see this server: the document as JSON, and
    as YAML (of which JSON is a subset)."""

    @cache
    def parts() -> tuple[str, str]:
        before, _, after = json.dumps(document(operations), indent=2).partition(json.dumps(_SERVER))
        return before, after

    def text(root: str) -> str:
        return json.dumps(root + _SERVER).join(parts())

    return {
        "openapi.json": lambda root: Response(text(root), media_type="application/json"),
        "openapi.yaml": lambda root: Response(text(root), media_type="text/yaml"),
    }
