"""Properties of Settings for the options that the house itself uses: one word, the right type."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any


class Shortcuts(ABC):
    """Mixed into Settings; everything goes through ``get``."""

    __slots__ = ()

    @abstractmethod
    def get(self, section: str, key: str, fallback: Any = None) -> Any:
        """The option's typed value."""

    @abstractmethod
    def items(self, section: str, key: str) -> tuple[str, ...]:
        """A text with commas, as its parts."""

    @property
    def dags_folder(self) -> Path:
        return Path(self.get("core", "dags_folder"))

    @property
    def plugins_folder(self) -> Path:
        return Path(self.get("core", "plugins_folder"))

    @property
    def base_log_folder(self) -> Path:
        return Path(self.get("logging", "base_log_folder"))

    @property
    def run_folder(self) -> Path:
        """Sockets and lock files."""
        return Path(self.get("tradewind", "run_folder"))

    @property
    def sql_alchemy_conn(self) -> str:
        return str(self.get("database", "sql_alchemy_conn"))

    @property
    def executor(self) -> str:
        return str(self.get("core", "executor"))

    @property
    def default_timezone(self) -> str:
        return str(self.get("core", "default_timezone"))

    @property
    def parallelism(self) -> int:
        """0 is no limit."""
        return int(self.get("core", "parallelism"))

    @property
    def max_active_tasks_per_dag(self) -> int:
        return int(self.get("core", "max_active_tasks_per_dag"))

    @property
    def max_active_runs_per_dag(self) -> int:
        return int(self.get("core", "max_active_runs_per_dag"))

    @property
    def dags_are_paused_at_creation(self) -> bool:
        return bool(self.get("core", "dags_are_paused_at_creation"))

    @property
    def catchup_by_default(self) -> bool:
        """[scheduler] catchup_by_default; at compat level 3 the default is Airflow 3's, False."""
        is_default = self.explain("scheduler", "catchup_by_default") == "default"
        return bool(self.get("scheduler", "catchup_by_default")) and not (is_default and self.compat_level >= 3)

    @abstractmethod
    def explain(self, section: str, key: str) -> str:
        """Where the value came from."""

    @property
    def load_examples(self) -> bool:
        return bool(self.get("core", "load_examples"))

    @property
    def default_task_retries(self) -> int:
        return int(self.get("core", "default_task_retries"))

    @property
    def default_task_retry_delay(self) -> float:
        """Seconds."""
        return float(self.get("core", "default_task_retry_delay"))

    @property
    def max_task_retry_delay(self) -> float:
        """Seconds."""
        return float(self.get("core", "max_task_retry_delay"))

    @property
    def max_map_length(self) -> int:
        return int(self.get("core", "max_map_length"))

    @property
    def default_pool_task_slot_count(self) -> int:
        return int(self.get("core", "default_pool_task_slot_count"))

    @property
    def fernet_keys(self) -> tuple[str, ...]:
        """Newest first; empty: nothing is encrypted."""
        return self.items("core", "fernet_key")

    @property
    def secret_key(self) -> str:
        return str(self.get("webserver", "secret_key") or "")

    @property
    def hide_sensitive_var_conn_fields(self) -> bool:
        return bool(self.get("core", "hide_sensitive_var_conn_fields"))

    @property
    def sensitive_var_conn_names(self) -> tuple[str, ...]:
        return self.items("core", "sensitive_var_conn_names")

    @property
    def killed_task_cleanup_time(self) -> float:
        """Seconds."""
        return float(self.get("core", "killed_task_cleanup_time"))

    @property
    def dagbag_import_timeout(self) -> float:
        """Seconds; 0 is no limit."""
        return float(self.get("core", "dagbag_import_timeout"))

    @property
    def dag_file_processor_timeout(self) -> float:
        """Seconds."""
        return float(self.get("core", "dag_file_processor_timeout"))

    @property
    def min_file_process_interval(self) -> float:
        """Seconds."""
        return float(self.get("scheduler", "min_file_process_interval"))

    @property
    def dag_dir_list_interval(self) -> float:
        """Seconds."""
        return float(self.get("scheduler", "dag_dir_list_interval"))

    @property
    def parsing_processes(self) -> int:
        return int(self.get("scheduler", "parsing_processes"))

    @property
    def scheduler_zombie_task_threshold(self) -> float:
        """Seconds."""
        return float(self.get("scheduler", "scheduler_zombie_task_threshold"))

    @property
    def allowed_run_id_pattern(self) -> str:
        return str(self.get("scheduler", "allowed_run_id_pattern"))

    @property
    def maximum_page_limit(self) -> int:
        return int(self.get("api", "maximum_page_limit"))

    @property
    def fallback_page_limit(self) -> int:
        return int(self.get("api", "fallback_page_limit"))

    @property
    def auth_backends(self) -> tuple[str, ...]:
        """Class or module paths, in order."""
        return self.items("api", "auth_backends")

    @property
    def access_control_allow_headers(self) -> str:
        return str(self.get("api", "access_control_allow_headers"))

    @property
    def access_control_allow_methods(self) -> str:
        return str(self.get("api", "access_control_allow_methods"))

    @property
    def access_control_allow_origins(self) -> tuple[str, ...]:
        return tuple(str(self.get("api", "access_control_allow_origins")).split())

    @property
    def older_dialects(self) -> bool:
        return bool(self.get("api", "older_dialects"))

    @property
    def expose_config(self) -> str:
        """true, false or non-sensitive-only."""
        return str(self.get("webserver", "expose_config")).lower()

    @property
    def web_server_host(self) -> str:
        return str(self.get("webserver", "web_server_host"))

    @property
    def web_server_port(self) -> int:
        return int(self.get("webserver", "web_server_port"))

    @property
    def base_url(self) -> str:
        return str(self.get("webserver", "base_url"))

    @property
    def compat_level(self) -> int:
        """2 or 3: whose defaults hold."""
        return int(self.get("tradewind", "compat_level"))

    @property
    def compat_level_of_folders(self) -> str:
        """Folders below the DAG folder that have a level of their own, as model.compat reads them."""
        return str(self.get("tradewind", "compat_level_of_folders"))
