"""DAG files imported in this process, as a test looks at them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any

from tradewind.execution.bundles import LocalFolder
from tradewind.processing.parse import parse_file_here

DagFiles = str | PathLike[str] | Iterable[str | PathLike[str]]


@dataclass(frozen=True, slots=True)
class DagBag:
    """What DAG files hold: DAG objects by id, and the errors of files that could not be imported, by path."""

    dags: dict[str, Any] = field(default_factory=dict)
    import_errors: dict[str, str] = field(default_factory=dict)

    def get_dag(self, dag_id: str) -> Any:
        """The DAG, or None."""
        return self.dags.get(dag_id)


def files_of(dags: DagFiles) -> tuple[Path, list[str]]:
    """The folder and the DAG files that are meant by a folder, a file, or several files."""
    paths = [Path(dags)] if isinstance(dags, str | PathLike) else [Path(path) for path in dags]
    missing = [str(path) for path in paths if not path.exists()]
    if missing:
        raise FileNotFoundError(f"no DAG files at {', '.join(missing)}")
    if len(paths) == 1 and paths[0].is_dir():
        return paths[0].resolve(), list(LocalFolder(paths[0].resolve()).files())
    return paths[0].resolve().parent, [str(path.resolve()) for path in paths]


def load_dags(dags: DagFiles, *, timeout: float = 30.0) -> DagBag:
    """Import DAG files here and now."""
    folder, files = files_of(dags)
    bag = DagBag()
    for path in files:
        parsed = parse_file_here(path, dags_folder=str(folder), timeout=timeout)
        bag.dags.update(parsed.dags)
        bag.import_errors.update(parsed.errors)
    return bag
