"""Our OpenAPI document, made from the table of operations."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache
from typing import Any

from starlette.responses import Response

from .services import REPORTED_VERSION
from .table import Operation

_PART = re.compile(r"\{(\w+)(?::(int|path))?\}")
_ERRORS = {400: "Bad request", 401: "Not authenticated", 403: "Not permitted", 404: "Not found", 409: "Conflict"}


def document(operations: tuple[Operation, ...]) -> dict[str, Any]:
    """The document as plain data."""
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        template = _PART.sub(r"{\1}", operation.path)
        paths.setdefault(template, {})[operation.method.lower()] = _operation(operation)
    return {
        "openapi": "3.0.3",
        "info": {"title": "tradewind: Airflow's stable REST API", "version": REPORTED_VERSION},
        "servers": [{"url": "/api/v1"}],
        "paths": paths,
        "components": {
            "schemas": {
                "Error": {
                    "type": "object",
                    "properties": {
                        "type": {"type": "string"},
                        "title": {"type": "string", "nullable": True},
                        "status": {"type": "number"},
                        "detail": {"type": "string", "nullable": True},
                    },
                    "required": ["type", "title", "status"],
                }
            },
            "securitySchemes": {"Basic": {"type": "http", "scheme": "basic"}},
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
        parameters.append(shown)
    found: dict[str, Any] = {"operationId": operation.id, "tags": [operation.tag], "responses": _responses(operation)}
    if parameters:
        found["parameters"] = parameters
    if operation.body is not None:
        content = {"application/json": {"schema": operation.body}}
        found["requestBody"] = {"required": operation.body_required, "content": content}
    if operation.access:
        found["security"] = [{"Basic": []}]
    if operation.is_ours:
        found["x-tradewind"] = True
    return found


def _responses(operation: Operation) -> dict[str, Any]:
    good: dict[str, Any] = {"description": "Success."}
    if operation.status == 200:
        good["content"] = {media: {} for media in operation.produces}
    error = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    bad = {str(status): {"description": text, "content": error} for status, text in _ERRORS.items()}
    return {str(operation.status): good, **bad}


def document_responses(operations: tuple[Operation, ...]) -> dict[str, Callable[[], Response]]:
    """File name → what makes the answer: the document as JSON, and as YAML (of which JSON is a subset)."""

    @cache
    def text() -> str:
        return json.dumps(document(operations), indent=2)

    return {
        "openapi.json": lambda: Response(text(), media_type="application/json"),
        "openapi.yaml": lambda: Response(text(), media_type="text/yaml"),
    }
