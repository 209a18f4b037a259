"""Installing providers: names, commands, and never the real Airflow."""

from __future__ import annotations

import sys

import pytest

from tradewind.model.errors import InvalidInput
from tradewind.plugins.install import airflow_in, pip_command, requirement, uv_command


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("postgres", "apache-airflow-providers-postgres"),
        ("common.sql==1.20", "apache-airflow-providers-common-sql==1.20"),
        ("Common_SQL>=1,<2", "apache-airflow-providers-common-sql>=1,<2"),
        ("amazon[s3fs]", "apache-airflow-providers-amazon[s3fs]"),
        ("apache-airflow-providers-http", "apache-airflow-providers-http"),
        ("apache.spark", "apache-airflow-providers-apache-spark"),
        ("astronomer-cosmos", "astronomer-cosmos"),
        ("airflow-provider-fivetran-async", "airflow-provider-fivetran-async"),
        ("/wheels/p.whl", "/wheels/p.whl"),
        ("p @ https://example.org/p.whl", "p @ https://example.org/p.whl"),
    ],
)
def test_a_short_name_is_that_of_an_official_provider(name: str, expected: str) -> None:
    assert requirement(name) == expected


@pytest.mark.parametrize("name", ["apache-airflow", "apache_airflow_core", "--index-url=x", "", "!"])
def test_what_is_no_provider_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput):
        requirement(name)


def test_installers_are_told_to_leave_airflow_alone() -> None:
    by_uv = uv_command("uv", ["p>=2"], "c.txt", upgrade=False)
    assert by_uv == ["uv", "pip", "install", "--python", sys.executable, "--constraint", "c.txt", "p>=2"]
    # An upgrade of everything would bring the real one in.
    assert uv_command("uv", ["p>=2"], "c.txt", upgrade=True)[-3:] == ["--upgrade-package", "p", "p>=2"]
    by_pip = pip_command(["p"], "c.txt", upgrade=True)
    assert by_pip[1:] == [
        *["-m", "pip", "install", "--constraint", "c.txt"],
        *["--upgrade", "--upgrade-strategy", "only-if-needed", "p"],
    ]


def test_the_real_airflow_is_seen_in_a_plan() -> None:
    names = ["apache-airflow-providers-http", "apache_airflow", "Apache-Airflow-Core"]
    assert airflow_in(names) == ["apache-airflow", "apache-airflow-core"]
    assert airflow_in([]) == []
