"""Commands that run user code in this process: ``run FILE.py``, ``dags test``, ``tasks test|run|render``.

They ask the composition root; its functions give looks at the run (model.progress.RunProgress), or an exit code.
"""

from __future__ import annotations

import importlib
from argparse import Namespace
from pathlib import Path
from typing import Any

from .inputs import json_object, moment
from .run_view import watch
from .session import CommandFailed, Session


def run(args: Namespace, session: Session) -> int:
    """``tradewind run FILE.py``: 0 when the run succeeds, 1 when it fails."""
    path = Path(args.file)
    if not path.is_file():
        raise CommandFailed(f"there is no file {path}")
    looks = application().run_file(
        path.resolve(),
        dag_id=args.dag_id,
        conf=json_object(args.conf, "--conf"),
        logical_date=moment(args.exec_date, "UTC") if args.exec_date else None,
    )
    return 0 if watch(looks, session.out, session.clock) else 1


def application() -> Any:
    """The composition root, imported only by commands that run something: it brings everything along."""
    return importlib.import_module("tradewind.local_runs")
