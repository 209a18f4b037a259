# PYTHON_ARGCOMPLETE_OK
"""The entry of ``tradewind`` and ``airflow``. Imports almost nothing: what a command needs comes when it is called."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command line; the process's exit code: 0, 1 for an error, 2 for a wrong command line."""
    words = list(sys.argv[1:] if argv is None else argv)
    from .environment import real_airflow  # the import of argparse alone would double what `version` costs

    if folder := real_airflow(sys.path):
        print(_REAL_AIRFLOW.format(folder=folder), file=sys.stderr)
        return 1
    if words == ["version"]:
        from tradewind import API_VERSION  # nothing else is needed

        print(API_VERSION)
        return 0
    from .dispatch import run  # argparse and the tree of commands

    return run(words)


_REAL_AIRFLOW = (
    "error: this environment holds a real Apache Airflow ({folder}); its files and ours cannot live together. "
    "Install tradewind in an environment of its own, or uninstall apache-airflow first."
)

if __name__ == "__main__":
    sys.exit(main())
