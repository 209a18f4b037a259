"""Options of Airflow 2.10.5 that are read and do nothing here, with what to do instead; and options that nobody knows
in sections that are ours alone. Whoever sets one is told."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from .options import OPTIONS, Name

_ROLES = "roles write to standard error; see [tradewind] log_format"
_PARSING = "errors of DAG files are import errors, and the DAG processor writes to standard error"
_CELERY = "there are no Celery workers"

WITHOUT_EFFECT: Mapping[Name, str] = MappingProxyType(
    {
        ("logging", "celery_logging_level"): _CELERY,
        ("logging", "celery_stdout_stderr_separation"): _CELERY,
        ("logging", "color_log_error_keywords"): "the web UI colours lines by their level",
        ("logging", "color_log_warning_keywords"): "the web UI colours lines by their level",
        ("logging", "dag_processor_log_format"): _PARSING,
        ("logging", "dag_processor_log_target"): _PARSING,
        ("logging", "dag_processor_manager_log_location"): _PARSING,
        ("logging", "dag_processor_manager_log_stdout"): _PARSING,
        ("logging", "log_processor_filename_template"): _PARSING,
        ("logging", "colored_console_log"): _ROLES,
        ("logging", "colored_formatter_class"): _ROLES,
        ("logging", "colored_log_format"): _ROLES,
        ("logging", "simple_log_format"): _ROLES,
        ("logging", "extra_logger_names"): "all loggers of a task go to its log",
        ("logging", "fab_logging_level"): "the log-in is ours; see [logging] logging_level",
        ("logging", "interleave_timestamp_parser"): "lines are in the order in which they were written",
        ("logging", "task_log_prefix_template"): "write the prefix by [logging] log_format",
        ("logging", "task_log_reader"): "logs are read from their files, else by the handler 'task'",
        ("logging", "trigger_log_server_port"): "triggers write into the logs of their tasks",
        ("logging", "worker_log_server_port"): "logs are read from the folder of logs",
    }
)
"""Only those of [logging]: other sections say it where they are declared."""

_OURS = frozenset({"logging", "secrets"})
"""Sections to which provider packages add nothing."""


def remarks(values: Mapping[Name, tuple[object, str]], more: Iterable[Name]) -> Iterator[str]:
    """A sentence for each such option that is set. ``values``: option → value and where it comes from; ``more``:
    options that nobody has declared."""
    for name, why in WITHOUT_EFFECT.items():
        value, source = values.get(name, (None, "default"))
        if source != "default" and value != OPTIONS[name].default and "{home}" not in str(OPTIONS[name].default):
            yield f"[{name[0]}] {name[1]} (from {source}) has no effect: {why}"
    for section, key in dict.fromkeys(more):
        if section not in _OURS:
            continue
        like = difflib.get_close_matches(key, [name for part, name in OPTIONS if part == section], 1)
        hint = f"; did you mean {like[0]}?" if like else ""
        yield f"[{section}] {key} is not an option that is known, and has no effect{hint}"
