"""The recorded answers of Airflow 2.10.5 are ours too."""

from __future__ import annotations

import re
from pathlib import Path

from conformance.measure import measure

RACES = {"public/runs.clear.rerun"}
"""Cases in which the workload itself races, in Airflow as here.

In branching_demo the operator ``gate`` skips the task ``always``, which needs nobody and starts at once: the recording
has ``always`` begun before it was skipped. Where a loaded machine starts it later, it is skipped without a beginning.
"""
MOST = 3


def test_every_recorded_answer_is_ours(tmp_path: Path) -> None:
    """All cases of the kit over SQLite; ``make conformance DB=postgres`` does the same over PostgreSQL.

    Only a race that was lost is run again, on fresh servers; any other difference fails at once.
    """
    for attempt in range(MOST):
        is_perfect, report = measure(tmp_path / str(attempt))
        lost = set(re.findall(r"^FAIL (\S+)", report, re.MULTILINE))
        if is_perfect or not lost or not lost <= RACES:
            break
    assert is_perfect, "\n".join(line for line in report.splitlines() if not line.startswith("PASS"))
