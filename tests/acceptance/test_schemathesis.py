"""Requests made from Airflow's own OpenAPI file: no failure of the server, no undocumented status, no body that the
file's schemas refuse.

Four rules hold here that the file does not say and the original follows too (each is recorded in tests/conformance):
any operation may answer 400 and 404, any that makes something 409; every error is application/problem+json; its detail
and its title may be null.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import schemathesis
import yaml
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from support.airflow_examples import openapi_file
from support.api_server import ApiServer, api_server, run

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
EXAMPLES = 12


def amended() -> dict[str, Any]:
    """The document with the four rules."""
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


DOCUMENT = amended()
OPERATIONS = [
    (method.upper(), path) for path, item in DOCUMENT["paths"].items() for method in item if method != "parameters"
]


@pytest.fixture(scope="module")
def server() -> Iterator[ApiServer]:
    with api_server(core__test_connection="Enabled", webserver__expose_config="True") as running:
        yield running


@pytest.mark.slow
@pytest.mark.parametrize(("method", "path"), OPERATIONS, ids=[f"{method} {path}" for method, path in OPERATIONS])
def test_answers_are_as_documented(server: ApiServer, method: str, path: str) -> None:
    operation = schemathesis.openapi.from_dict(DOCUMENT)[path][method]

    @seed(20240501)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def check(case: Any) -> None:
        case.validate_response(run(send(server, case)), checks=CHECKS)

    check()


async def send(server: ApiServer, case: Any) -> httpx.Response:
    """What the server answers to a made request of user admin."""
    sent = case.as_transport_kwargs(base_url="http://api.test/api/v1")
    sent.pop("cookies", None)
    data = sent.pop("data", None)
    if isinstance(data, bytes | str):
        sent["content"] = data
    elif data is not None:
        sent["data"] = data
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=server.app)) as client:
        return await client.request(auth=("admin", "admin"), **sent)
