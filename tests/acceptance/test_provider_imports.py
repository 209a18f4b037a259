"""All modules of all provider packages that accept our version are imported; none fails for a name that we lack."""

from __future__ import annotations

import pytest
from support.provider_imports import audit, report

FOR_AIRFLOWS_OWN_SERVERS = ("edge3", "cosmos.plugin", "google.cloud.bundles", "auth_manager", "executors")
"""Modules that only Airflow's own web server, API server, DAG processor or scheduler loads."""


@pytest.mark.slow
@pytest.mark.parametrize("which", ["a", "b"])
def test_the_modules_of_provider_packages_import(which: str) -> None:
    audits = list(audit(which))
    total = sum(len(one.modules) for one in audits)
    imported = sum(one.imported for one in audits)
    assert imported >= 0.95 * total, report(audits)
    ours = [name for one in audits for name in one.ours if not any(part in name for part in FOR_AIRFLOWS_OWN_SERVERS)]
    assert ours == [], report(audits)
