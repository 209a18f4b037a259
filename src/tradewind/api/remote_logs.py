"""Logs that are not on this machine (any more): asked of the plugin host, whose providers know where they are kept."""

from __future__ import annotations

from typing import Any

from tradewind.model.records import RunKey, TaskKey
from tradewind.wire.plugin_messages import PluginFailed, ReadRemoteLog

from .call import Call
from .log_files import name_of_log

SECONDS = 15.0
"""A store that takes longer is told of in a sentence instead."""


def remote_text(call: Call, row: Any, try_number: int) -> str | None:
    """The log of a try of the task instance ``row``, or a sentence that says why there is none; None when no logs are
    kept elsewhere."""
    if not call.services.options.has_remote_logs:
        return None
    question = ReadRemoteLog(
        dag_id=row.dag_id,
        run_id=row.run_id,
        task_id=row.task_id,
        map_index=row.map_index,
        try_number=try_number,
        hostname=row.hostname or "",
        logical_date=getattr(row, "logical_date", None),
        start_date=row.start_date,
        log_name=name_of_log(call.tx, RunKey(row.dag_id, row.run_id), TaskKey(row.task_id, row.map_index), try_number),
    )
    try:
        return str(call.services.ask_plugins(question, SECONDS) or "")
    except PluginFailed as problem:
        return f"*** The log is not on this machine, and could not be read from where it is kept: {problem}\n"
