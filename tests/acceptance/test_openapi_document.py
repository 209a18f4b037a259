"""The served OpenAPI document beside Airflow 2.10.5's own: everything there is here, unchanged."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
import yaml
from support.airflow_examples import openapi_file

from tradewind.api.documents import document
from tradewind.api.operations import ALL

PROSE = frozenset({"description", "summary", "title", "example", "externalDocs", "x-openapi-router-controller"})
NAMED = frozenset({"properties", "schemas", "responses"})
"""Below these, keys are names and not words of the format."""
SILENT = frozenset({"default", "deprecated", "writeOnly"})
"""Words of a schema that refuse nothing."""


def without_prose(value: Any, *, names: bool = False) -> Any:
    """The value without what is written for people."""
    if isinstance(value, Mapping):
        return {
            str(key): without_prose(item, names=not names and key in NAMED)
            for key, item in value.items()
            if names or key not in PROSE
        }
    if isinstance(value, list):
        return [without_prose(item) for item in value]
    return value


def resolved(whole: Mapping[str, Any], value: Any) -> Any:
    """The value with what its references name."""
    if isinstance(value, Mapping):
        place = value.get("$ref")
        if isinstance(place, str):
            target: Any = whole
            for part in place.removeprefix("#/").split("/"):
                target = target[part]
            return resolved(whole, target)
        return {key: resolved(whole, item) for key, item in value.items()}
    if isinstance(value, list):
        return [resolved(whole, item) for item in value]
    return value


@pytest.fixture(scope="module")
def theirs() -> Any:
    return without_prose(yaml.safe_load(openapi_file().read_text()))


@pytest.fixture(scope="module")
def ours() -> Any:
    return without_prose(json.loads(json.dumps(document(ALL))))


def operations(whole: Mapping[str, Any]) -> dict[str, tuple[str, str, Mapping[str, Any], list[Any]]]:
    """Operations by id: path, method, the operation, its parameters with those of its path."""
    return {
        operation["operationId"]: (
            path,
            method,
            operation,
            resolved(whole, [*item.get("parameters", ()), *operation.get("parameters", ())]),
        )
        for path, item in whole["paths"].items()
        for method, operation in item.items()
        if method != "parameters"
    }


def by_name(parameters: list[Any]) -> dict[tuple[str, str], Any]:
    return {(one["in"], one["name"]): {"required": False, **one} for one in parameters if "x-tradewind" not in one}


def test_every_operation_is_there_with_its_path_method_tags_and_parameters(theirs: Any, ours: Any) -> None:
    mine = operations(ours)
    differing = []
    for name, (path, method, operation, parameters) in operations(theirs).items():
        my_path, my_method, my_operation, my_parameters = mine[name]
        wanted = (path, method, operation["tags"], operation.get("deprecated"), by_name(parameters))
        got = (my_path, my_method, my_operation["tags"], my_operation.get("deprecated"), by_name(my_parameters))
        if wanted != got:
            differing.append((name, wanted, got))
    assert not differing


def test_every_body_is_theirs(theirs: Any, ours: Any) -> None:
    mine = operations(ours)
    for name, (_, _, operation, _) in operations(theirs).items():
        wanted = resolved(theirs, operation.get("requestBody"))
        assert resolved(ours, mine[name][2].get("requestBody")) == wanted, name


def test_every_answer_is_theirs(theirs: Any, ours: Any) -> None:
    mine = operations(ours)
    for name, (_, _, operation, _) in operations(theirs).items():
        got = mine[name][2]["responses"]
        for status, wanted in operation["responses"].items():
            assert resolved(ours, got[status]) == resolved(theirs, wanted), (name, status)


def test_every_named_schema_is_theirs(theirs: Any, ours: Any) -> None:
    for kind in ("schemas", "securitySchemes"):
        got = ours["components"][kind]
        assert {name: got[name] for name in theirs["components"][kind]} == theirs["components"][kind]


def test_what_we_add_is_marked(theirs: Any) -> None:
    unmarked = {
        operation["operationId"]
        for item in document(ALL)["paths"].values()
        for operation in item.values()
        if "x-tradewind" not in operation
    }
    assert unmarked == set(operations(theirs))


def strictness(schema: Any) -> Any:
    """What a schema refuses: without its silent words and formats that nobody checks; read-only properties are
    refused whatever they hold."""
    if isinstance(schema, Mapping):
        if schema.get("readOnly") is True:
            return "refused"
        return {
            key: strictness(value)
            for key, value in schema.items()
            if not (key in SILENT and not isinstance(value, Mapping))
            and [key, value] not in (["nullable", False], ["format", "datetime"], ["format", "password"])
        }
    if isinstance(schema, list | tuple):
        return [strictness(item) for item in schema]
    return schema


def test_bodies_are_checked_by_what_the_document_says(theirs: Any) -> None:
    """The table's schemas, which refuse requests, refuse the same as those that are shown."""
    shown = operations(theirs)
    for operation in ALL:
        if operation.body is None or operation.is_ours:
            continue
        body = resolved(theirs, shown[operation.id][2]["requestBody"]["content"]["application/json"]["schema"])
        assert strictness(operation.body) == strictness(body), operation.id
