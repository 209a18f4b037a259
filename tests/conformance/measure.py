"""The conformance figure: fresh servers, the kit's cases, the comparison with what Airflow 2.10.5 answered.

``python tests/conformance/measure.py [sqlite|postgres]``; exit status 0 only at 100 %.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

HERE = Path(__file__).parent
if __name__ == "__main__":
    sys.path.insert(0, str(HERE.parent))

from conformance.servers import database, profiles  # noqa: E402  (found by the line above when run as a script)

CASES = {"public": (), "own": ("--exact-detail",)}
"""Sets of cases, in the order in which they run on one database, and how strictly each is compared."""
PATIENCE = "60"
"""Seconds that the kit waits, at most, for something to happen."""


def measure(folder: Path, kind: str = "sqlite", cases: Mapping[str, tuple[str, ...]] = CASES) -> tuple[bool, str]:
    """Run the cases of each set against fresh servers: whether all answers agree, and what the comparer says."""
    folder.mkdir(parents=True, exist_ok=True)
    told, is_perfect = [], True
    with database(kind) as url, profiles(folder / "home", url) as servers:
        for number, (name, options) in enumerate(cases.items()):
            actual = folder / f"{name}.json"
            command = [
                str(HERE / "run.py"),
                *servers.arguments(),
                "--cases",
                name,
                "--out",
                str(actual),
                "--patience",
                PATIENCE,
            ]
            told.append(run([*command, *(["--no-world"] if number else [])], must_succeed=True)[1])
            agrees, report = run(
                [str(HERE / "compare.py"), str(HERE / "golden" / f"{name}.json"), str(actual), *options]
            )
            told.append(report)
            is_perfect = is_perfect and agrees
    return is_perfect, "\n".join(told)


def run(command: list[str], *, must_succeed: bool = False) -> tuple[bool, str]:
    """A script of the kit: whether it ended with 0, and its output."""
    done = subprocess.run(
        [sys.executable, *command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if must_succeed and done.returncode:
        raise AssertionError(f"{command[0]} ended with {done.returncode}:\n{done.stdout}")
    return done.returncode == 0, done.stdout


def main() -> int:
    """Measure and print."""
    kind = sys.argv[1] if len(sys.argv) > 1 else "sqlite"
    with tempfile.TemporaryDirectory(prefix="conformance-", ignore_cleanup_errors=True) as folder:
        is_perfect, report = measure(Path(folder), kind)
    print(report)
    return 0 if is_perfect else 1


if __name__ == "__main__":
    sys.exit(main())
