"""All modules of all provider packages that accept our version are imported; none fails for a name that we lack."""

from __future__ import annotations

import pytest
from support.provider_imports import audit, report

MISSING = (
    *("edge3", ".bundles.", "auth_manager", "executors"),
    *("_retry_policy", "state_store"),
)
"""Modules that need Airflow's own web server, executors' loaders or Airflow 3 (docs/guides/providers.md)."""


@pytest.mark.slow
@pytest.mark.parametrize("which", ["a", "b"])
def test_the_modules_of_provider_packages_import(which: str) -> None:
    audits = list(audit(which))
    total = sum(len(one.modules) for one in audits)
    imported = sum(one.imported for one in audits)
    assert imported >= 0.95 * total, report(audits)
    ours = [name for one in audits for name in one.ours if not any(part in name for part in MISSING)]
    assert ours == [], report(audits)
