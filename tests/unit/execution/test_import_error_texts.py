"""Import errors as people see them."""

from __future__ import annotations

import pytest

from tradewind.execution import import_errors
from tradewind.observability.masking import SecretsMasker


def test_a_secret_that_a_file_looked_up_is_not_in_its_import_error(monkeypatch: pytest.MonkeyPatch) -> None:
    masker = SecretsMasker()
    masker.add_mask("open-sesame")
    monkeypatch.setattr(import_errors, "PROCESS_MASKER", masker)
    try:
        raise ValueError("no door for open-sesame")
    except ValueError as error:
        texts = [import_errors.describe(error, "/dags/x.py", with_traceback=wanted) for wanted in (True, False)]
    assert all("no door for ***" in text and "sesame" not in text for text in texts)
