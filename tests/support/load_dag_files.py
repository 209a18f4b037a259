"""Loads DAG files in a process of its own and prints what is in them as JSON: file name → DAGs or errors.

After the folder may stand a compat level, then a folder of plugins."""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path
from socket import socketpair
from typing import Any

from tradewind.execution.dag_files import LoadOptions, load_file
from tradewind.processing.parse import ParseRuntime, serialise
from tradewind.sdk.dag import DAG
from tradewind.sdk.runtime import RUNTIME
from tradewind.wire.framing import FrameSocket
from tradewind.wire.messages import ParseRequest


def main(folder: str, level: str = "", plugins: str = "") -> None:
    """All files directly in ``folder``."""
    warnings.simplefilter("ignore")
    if level:
        request = ParseRequest(
            path="", dags_folder=folder, relative_path="", compat_level=int(level), plugins_folder=plugins
        )
        # Nobody answers its questions: the files must ask nothing but the configuration.
        RUNTIME.set(ParseRuntime(FrameSocket(socketpair()[0]), request))
    files = [path for path in sorted(Path(folder).glob("*.py")) if path.name != "__init__.py"]
    found = {path.name: _load(path, int(level) if level else None) for path in files}
    json.dump(found, sys.stdout, default=str)


def _load(path: Path, level: int | None) -> dict[str, Any]:
    options = LoadOptions(dags_folder=str(path.parent), with_traceback=True, compat_level=level)
    loaded = load_file(str(path), options=options)
    if level:
        loaded.errors += serialise(loaded.dags, str(path.parent))[1]
    return {
        "errors": [text for _, text in loaded.errors],
        "dags": {dag.dag_id: _shape(dag, level) for dag in loaded.dags if not dag.is_subdag},
    }


def _shape(dag: DAG, level: int | None) -> dict[str, Any]:
    return {
        "tasks": {
            task.task_id: {
                "type": task.task_type,
                "operator_name": task.operator_name,
                "downstream": sorted(task.downstream_task_ids),
                "rule": str(task.trigger_rule),
                "mapped": type(task).__name__ in ("MappedOperator", "DecoratedMappedOperator"),
                "setup": task.is_setup,
                "teardown": task.is_teardown,
                "retries": task.retries,
                "owner": task.owner,
                **(
                    {"outlets": sorted(str(getattr(item, "uri", getattr(item, "name", ""))) for item in task.outlets)}
                    if level
                    else {}
                ),
            }
            for task in dag.tasks
        },
        "schedule": dag.timetable.summary,
        "catchup": dag.catchup,
        "tags": sorted(dag.tags),
        "params": dag.params.dump(),
        "start_date": str(dag.start_date),
    }


def _called(outlet: Any) -> str:
    """The URI of an asset, the name of an alias."""
    return str(getattr(outlet, "uri", getattr(outlet, "name", "")))


if __name__ == "__main__":
    main(*sys.argv[1:])
