"""Fixtures of the API's tests that hold on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.api_server import ApiServer, api_in_process, api_server


@pytest.fixture
def server_on_each(dialect: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ApiServer]:
    """The API over each database in turn: over HTTP on SQLite, in this process on PostgreSQL."""
    if dialect == "sqlite":
        with api_server() as made:
            yield made
        return
    with api_in_process(tmp_path, request.getfixturevalue("database_url")) as made:
        yield made
