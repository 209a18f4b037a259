"""The table of /ui/v1: what the user interface reads in one request where v1 would need many."""

from __future__ import annotations

from . import ui_dag, ui_dags, ui_grid, ui_home, ui_logs, ui_run, ui_session, ui_task
from .table import Operation

PREFIX = "/ui/v1"

UI: tuple[Operation, ...] = (
    *ui_session.OPERATIONS,
    *ui_dags.OPERATIONS,
    *ui_home.OPERATIONS,
    *ui_grid.OPERATIONS,
    *ui_dag.OPERATIONS,
    *ui_run.OPERATIONS,
    *ui_task.OPERATIONS,
    *ui_logs.OPERATIONS,
)
