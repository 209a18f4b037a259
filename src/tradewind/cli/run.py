"""``tradewind run FILE.py``: a DAG file run at once, watched in the terminal."""

from __future__ import annotations

import importlib
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tradewind.model.progress import RunProgress

from .inputs import json_object, moment
from .run_view import watch
from .session import CommandFailed, Session


def run(args: Namespace, session: Session) -> int:
    """0 when the run succeeds, 1 when it fails."""
    path = Path(args.file)
    if not path.is_file():
        raise CommandFailed(f"there is no file {path}")
    logical_date = moment(args.exec_date, "UTC") if args.exec_date else None
    progress: Iterator[RunProgress] = application().run_file(
        path.resolve(), dag_id=args.dag_id, conf=json_object(args.conf, "--conf"), logical_date=logical_date
    )
    return 0 if watch(progress, session.out, session.clock) else 1


def application() -> Any:
    """The composition root, imported when a command runs user code: it brings everything along."""
    return importlib.import_module("tradewind.app")
