"""Fixtures for pytest, there wherever tradewind is installed: ``airflow_api``, ``dag_run``, ``dag_bag``.

Light to import: pytest imports it in every run of every project of an environment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .client import ApiClient
    from .dag_files import DagBag
    from .runs import TestRun
    from .server import EphemeralServer


def pytest_addoption(parser: pytest.Parser) -> None:
    """The ini option ``airflow_dags``."""
    parser.addini("airflow_dags", "folder with the DAG files that airflow_api and dag_bag load", default="")


@pytest.fixture
def airflow_dags(pytestconfig: pytest.Config) -> Any:
    """Folder, file or files with DAGs; the ini option of this name, or what a fixture of yours says."""
    text = str(pytestconfig.getini("airflow_dags"))
    return pytestconfig.rootpath / text if text else None


@pytest.fixture
def airflow_server(airflow_dags: Any) -> Iterator[EphemeralServer]:
    """A server of the test's own, which carries out the runs of the DAGs inline."""
    from .server import ephemeral

    with ephemeral(airflow_dags) as server:
        yield server


@pytest.fixture
def airflow_api(airflow_server: EphemeralServer) -> ApiClient:
    """A client of that server's REST API, as its administrator."""
    return airflow_server.api


@pytest.fixture
def dag_run() -> Callable[..., TestRun]:
    """Call it with a DAG (and ``conf``, ``logical_date``, ``variables``): runs it here and now, and gives the run."""
    from .runs import run_dag

    return run_dag


@pytest.fixture
def dag_bag(airflow_dags: Any) -> DagBag:
    """The DAG files, imported in this process."""
    from .dag_files import DagBag, load_dags

    return DagBag() if airflow_dags is None else load_dags(airflow_dags)
