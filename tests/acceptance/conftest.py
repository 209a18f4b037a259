"""Fixtures of the acceptance tests: a server for a module, and one for a single test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from acceptance.live_server import LiveServer, live_server
from support.browser import Visit
from support.web_stage import Stage
from support.web_stage import stage as web_stage


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A running standalone, shared by the tests of a module."""
    with live_server(tmp_path_factory.mktemp("home")) as running:
        yield running


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[LiveServer]:
    """A running standalone of this test alone: it may be killed."""
    with live_server(tmp_path / "home") as running:
        yield running


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    """A server over made data and a browser, shared by the tests of a module."""
    with web_stage() as made:
        yield made


@pytest.fixture(scope="module")
def warm(stage: Stage) -> Iterator[Visit]:
    """A visitor whose browser has the shell already."""
    with stage.visit() as visitor:
        visitor.open("/")
        yield visitor
