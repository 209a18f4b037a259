"""The recorded answers of Airflow 2.10.5 are ours too."""

from __future__ import annotations

from pathlib import Path

from conformance.measure import measure


def test_every_recorded_answer_is_ours(tmp_path: Path) -> None:
    """All cases of the kit over SQLite; ``make conformance DB=postgres`` does the same over PostgreSQL."""
    is_perfect, report = measure(tmp_path)
    assert is_perfect, "\n".join(line for line in report.splitlines() if not line.startswith("PASS"))
