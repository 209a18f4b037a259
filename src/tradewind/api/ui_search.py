"""GET /ui/v1/search: the names that the palette finds things by. Names only, never a value."""

from __future__ import annotations

from typing import Any

from tradewind.auth.permissions import on, on_dag
from tradewind.storage import ui_assets

from . import table
from .call import Call
from .table import Operation
from .ui_answers import view
from .ui_outlines import outlines
from .v1_dags import readable

MOST_TASKS = 200


def get_search(call: Call) -> Any:
    """GET /search; ``q``: also tasks whose id has this text."""
    permitted, user = readable(call), call.user
    found = outlines(call, permitted)
    connections, variables, pools = ui_assets.names(call.tx)
    uris = ui_assets.uris(call.tx)
    body: dict[str, Any] = {
        "dags": [[row.dag_id, _name(row), int(row.is_paused)] for row, _ in found],
        "assets": [list(row) for row in uris] if user.may(on("GET", "Datasets")) else [],
        "connections": [list(row) for row in connections] if user.may(on("GET", "Connections")) else [],
        "variables": [row.key for row in variables] if user.may(on("GET", "Variables")) else [],
        "pools": [row.pool for row in pools] if user.may(on("GET", "Pools")) else [],
    }
    wanted = (call.query.get("q") or "").strip().lower()
    if wanted and user.may(on_dag("GET", "TASK")):
        tasks = (
            [row.dag_id, task.task_id]
            for row, outline in found
            for task in outline.tasks
            if wanted in task.task_id.lower()
        )
        body["tasks"] = [task for task, _ in zip(tasks, range(MOST_TASKS), strict=False)]
    return body


def _name(row: Any) -> str | None:
    name = row.dag_display_name
    return name if name and name != row.dag_id else None


OPERATIONS: tuple[Operation, ...] = (view("search", "/search", get_search, on_dag("GET"), query=(table.string("q"),)),)
