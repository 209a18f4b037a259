"""Settings of the DAG processor, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from .due import Intervals


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessorOptions:
    """Settings of the DAG processor; names of airflow.cfg are given where there is one."""

    dags_folder: str
    more_folders: tuple[str, ...] = ()
    """Further folders with DAG files: our examples, when they are wanted."""
    plugins_folder: str = ""
    safe_mode: bool = True
    """[core] dag_discovery_safe_mode"""
    ignore_syntax: str = "regexp"
    """[core] dag_ignore_file_syntax"""
    import_timeout: float = 30.0
    """[core] dagbag_import_timeout, seconds"""
    hard_timeout: float = 50.0
    """[core] dag_file_processor_timeout, seconds"""
    memory_limit_mib: int | None = 2048
    """What an import may take beyond what the template has."""
    parsing_processes: int = 2
    """[scheduler] parsing_processes"""
    min_file_process_interval: float = 30.0
    dag_dir_list_interval: float = 300.0
    everything_interval: float = 1800.0
    """Seconds after which any file is parsed again."""
    stale_after: float = 50.0
    """[scheduler] stale_dag_threshold: how long DAGs of a file that cannot be imported any more stay active."""
    compat_level: int = 2
    compat_level_of_folders: str = ""
    paused_default: bool = True
    """[core] dags_are_paused_at_creation"""
    with_traceback: bool = True
    """[core] dagbag_import_error_tracebacks"""
    watch: bool = True

    @property
    def intervals(self) -> Intervals:
        """For due_files."""
        return Intervals(
            volatile=timedelta(seconds=self.min_file_process_interval),
            everything=timedelta(seconds=self.everything_interval),
        )
