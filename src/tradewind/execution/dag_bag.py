"""DagBag: the DAGs of a folder, imported in this process. What ``airflow.models.DagBag`` is, for users' tests and
scripts; the server itself never uses it (rule 1: user code runs in children)."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tradewind.sdk.exceptions import AirflowDagDuplicatedIdException
from tradewind.sdk.settings import config_value

from .bundles import LocalFolder, stamp_of
from .dag_checks import check_dag
from .dag_files import LoadOptions, load_file
from .policies import NO_POLICIES, Policies

if TYPE_CHECKING:
    from tradewind.sdk.dag import DAG


class FileLoadStat(NamedTuple):
    """How the import of one file went."""

    file: str
    duration: timedelta
    dag_num: int
    task_num: int
    dags: str
    warning_num: int


class DagBag:
    """All DAGs of ``dag_folder`` (a folder or a file; default: the configured one).

    ``dags``: id → DAG; ``import_errors``: file → text.
    """

    def __init__(  # noqa: PLR0917  # the order is Airflow's
        self,
        dag_folder: str | os.PathLike[str] | None = None,
        include_examples: bool = False,
        safe_mode: bool = True,
        read_dags_from_db: bool = False,
        load_op_links: bool = True,
        collect_dags: bool = True,
        *,
        policies: Policies = NO_POLICIES,
        example_folder: str | None = None,
    ) -> None:
        self.dag_folder = str(dag_folder or config_value("core", "dags_folder", ""))
        self.dags: dict[str, DAG] = {}
        self.import_errors: dict[str, str] = {}
        self.captured_warnings: dict[str, tuple[str, ...]] = {}
        self.file_last_changed: dict[str, datetime] = {}
        self.dagbag_stats: list[FileLoadStat] = []
        self.dags_last_fetched: dict[str, datetime] = {}
        self.dags_hash: dict[str, str] = {}
        self.has_logged = False
        self.dagbag_import_error_tracebacks = bool(config_value("core", "dagbag_import_error_tracebacks", True))
        self.read_dags_from_db = read_dags_from_db
        self.load_op_links = load_op_links
        self._policies = policies
        self._stamps: dict[str, Any] = {}
        if collect_dags:
            self.collect_dags(self.dag_folder, safe_mode=safe_mode)
            if include_examples and example_folder:
                self.collect_dags(example_folder, safe_mode=safe_mode)

    def size(self) -> int:
        """How many DAGs there are."""
        return len(self.dags)

    @property
    def dag_ids(self) -> list[str]:
        """Their ids."""
        return list(self.dags)

    def get_dag(self, dag_id: str, session: Any = None) -> DAG | None:
        """The DAG of this id, or None. Its file is imported again when it has changed."""
        dag = self.dags.get(dag_id)
        path = "" if dag is None else str(dag.fileloc)
        # A DAG that was put here by bag_dag has no file that this bag has read.
        if path in self._stamps and self._has_changed(path):
            self.process_file(path)
        return self.dags.get(dag_id)

    def collect_dags(
        self,
        dag_folder: str | os.PathLike[str] | None = None,
        only_if_updated: bool = True,
        include_examples: bool = False,
        safe_mode: bool = True,
    ) -> None:
        """Import all files of a folder."""
        syntax = str(config_value("core", "dag_ignore_file_syntax", "regexp"))
        folder = LocalFolder(Path(dag_folder or self.dag_folder), safe_mode=safe_mode, ignore_syntax=syntax)
        for path in folder.files():
            self.process_file(path, only_if_updated=only_if_updated, safe_mode=safe_mode)

    def process_file(self, filepath: str | None, only_if_updated: bool = True, safe_mode: bool = True) -> list[DAG]:
        """Import one file; the DAGs that it gave (none when it has not changed since)."""
        if filepath is None or not os.path.isfile(filepath) or (only_if_updated and not self._has_changed(filepath)):
            return []
        stamp = stamp_of(filepath)
        loaded = load_file(
            filepath,
            LoadOptions(
                dags_folder=self.dag_folder if os.path.isdir(self.dag_folder) else os.path.dirname(filepath),
                safe_mode=safe_mode,
                timeout=float(config_value("core", "dagbag_import_timeout", 30.0)),
                watch=False,
                policies=self._policies,
            ),
        )
        self._stamps[filepath] = stamp
        self.file_last_changed[filepath] = datetime.fromtimestamp(os.path.getmtime(filepath))  # noqa: DTZ006  as Airflow
        self.import_errors.pop(filepath, None)
        self.import_errors.update(loaded.errors)
        if loaded.warnings:
            self.captured_warnings[filepath] = tuple(loaded.warnings)
        found = [dag for dag in loaded.dags if self._take(dag)]
        self.dagbag_stats.append(
            FileLoadStat(
                file=filepath.removeprefix(str(config_value("core", "dags_folder", ""))),
                duration=timedelta(seconds=loaded.seconds),
                dag_num=len(found),
                task_num=sum(len(dag.tasks) for dag in found),
                dags=str([dag.dag_id for dag in found]),
                warning_num=len(loaded.warnings),
            )
        )
        return found

    def bag_dag(self, dag: DAG, root_dag: DAG | None = None) -> None:
        """Add a DAG that was made elsewhere. Raises what makes it unusable."""
        check_dag(dag, self._policies)
        self._refuse_duplicate(dag)
        self.dags[dag.dag_id] = dag
        for subdag in dag.own_subdags:
            subdag.parent_dag, subdag.is_subdag, subdag.fileloc = dag, True, dag.fileloc
            self.bag_dag(subdag, root_dag=root_dag or dag)

    def dagbag_report(self) -> str:
        """A table of the files with their DAGs and durations, the slowest first."""
        rows = sorted(self.dagbag_stats, key=lambda stat: stat.duration, reverse=True)
        lines = [f"DagBag loading stats for {self.dag_folder}", f"Number of DAGs: {self.size()}"]
        lines += [f"{row.file}\t{row.duration.total_seconds():.3f} s\t{row.task_num} tasks\t{row.dags}" for row in rows]
        return "\n".join(lines)

    def _take(self, dag: DAG) -> bool:
        try:
            self._refuse_duplicate(dag)
        except AirflowDagDuplicatedIdException as error:
            self.import_errors[str(dag.fileloc)] = f"{type(error).__name__}: {error}"
            return False
        self.dags[dag.dag_id] = dag
        return True

    def _refuse_duplicate(self, dag: DAG) -> None:
        known = self.dags.get(dag.dag_id)
        if known is not None and known is not dag and known.fileloc != dag.fileloc:
            raise AirflowDagDuplicatedIdException(dag.dag_id, str(dag.fileloc), str(known.fileloc))

    def _has_changed(self, path: str) -> bool:
        return path not in self._stamps or self._stamps[path] != stamp_of(path)
