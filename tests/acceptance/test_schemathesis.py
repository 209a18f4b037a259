"""Requests made from Airflow's own OpenAPI file, to a server over HTTP: no failure of the server, no undocumented
status, no body that the file's schemas refuse, and whatever else schemathesis checks.

Where the file and the original disagree, the original is followed: docs/reference/openapi-exceptions.md has the list,
with what a real Airflow answers. ``amended`` and ``is_known`` are that list as code.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
import yaml
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from requests import Session
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.failures import Failure, FailureGroup
from support.airflow_examples import openapi_file
from support.api_server import ApiServer, a_dag, api_server
from support.hostile import KNOWN


def amended() -> dict[str, Any]:
    """The document with exceptions 1 to 4."""
    document: dict[str, Any] = yaml.safe_load(openapi_file().read_text())
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    for name in ("detail", "title"):
        document["components"]["schemas"]["Error"]["properties"][name]["nullable"] = True
    for response in document["components"]["responses"].values():
        response["content"] = problem
    for item in document["paths"].values():
        for method, operation in item.items():
            if method != "parameters":
                operation["responses"].setdefault("400", {"$ref": "#/components/responses/BadRequest"})
                operation["responses"].setdefault("404", {"$ref": "#/components/responses/NotFound"})
            if method == "post":
                operation["responses"].setdefault("409", {"$ref": "#/components/responses/AlreadyExists"})
    return document


def is_known(failure: Failure, status: int) -> bool:
    """Exceptions 5 and 6: what the file's schemas let pass is refused all the same; guessed passwords are throttled."""
    kind = type(failure).__name__
    return (kind == "RejectedPositiveData" and status == 400) or (
        kind == "UndefinedStatusCode" and "429" in str(failure)
    )


DOCUMENT = amended()
OPERATIONS = [
    (method.upper(), path) for path, item in DOCUMENT["paths"].items() for method in item if method != "parameters"
]


@pytest.fixture(scope="module")
def server() -> Iterator[ApiServer]:
    with api_server(core__test_connection="Enabled", webserver__expose_config="True") as running:
        yield running


@pytest.fixture(scope="module")
def schema() -> Any:
    load_all_checks()
    return schemathesis.openapi.from_dict(DOCUMENT)


def furnish(server: ApiServer) -> None:
    """What a request may have deleted is there again: operations are asked about things that exist."""
    server.register(a_dag())
    for path, body in (
        ("/variables", {"key": KNOWN["variable_key"], "value": "v"}),
        ("/pools", {"name": KNOWN["pool_name"], "slots": 1}),
        ("/connections", {"connection_id": KNOWN["connection_id"], "conn_type": "http"}),
        ("/dags/etl/dagRuns", {"dag_run_id": KNOWN["dag_run_id"], "logical_date": "2024-01-01T00:00:00Z"}),
    ):
        assert server.post(path, body).status_code in (200, 409)


def examine(server: ApiServer, operation: Any, mode: GenerationMode, examples: int) -> None:
    """Made requests of an operation, half of them about things that exist."""
    known: dict[str, Any] = {each.name: KNOWN.get(each.name, "1") for each in operation.path_parameters}
    checks = CHECKS.get_by_names([name for name in CHECKS.get_all_names() if name != "max_response_time"])
    with Session() as session:
        session.auth = ("admin", "admin")
        for path in (None, known) if known and mode is GenerationMode.POSITIVE else (None,):
            fixed = {} if path is None else {"path_parameters": path}
            strategy = operation.as_strategy(generation_mode=mode, **fixed)

            @seed(20240501)
            @settings(
                max_examples=examples,
                database=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            @given(case=strategy)
            def check(case: Any) -> None:
                answer = case.call(base_url=f"{server.url}/api/v1", session=session)
                try:
                    case.validate_response(answer, checks=checks)
                except FailureGroup as group:
                    unknown = [each for each in group.exceptions if not is_known(each, answer.status_code)]
                    if unknown:
                        raise FailureGroup(unknown) from None

            try:
                check()
            except Unsatisfiable:
                # An operation of which any text is a good request has no bad ones.
                assert mode is GenerationMode.NEGATIVE


@pytest.mark.parametrize(("method", "path"), OPERATIONS, ids=[f"{method} {path}" for method, path in OPERATIONS])
def test_answers_are_as_documented(server: ApiServer, schema: Any, method: str, path: str) -> None:
    furnish(server)
    examine(server, schema[path][method], GenerationMode.POSITIVE, 2)


@pytest.mark.slow
@pytest.mark.parametrize("mode", list(GenerationMode), ids=[mode.value for mode in GenerationMode])
@pytest.mark.parametrize(("method", "path"), OPERATIONS, ids=[f"{method} {path}" for method, path in OPERATIONS])
def test_many_answers_are_as_documented(
    server: ApiServer, schema: Any, method: str, path: str, mode: GenerationMode
) -> None:
    furnish(server)
    examine(server, schema[path][method], mode, 30)
