"""The table of /ui/v1: what the user interface reads in one request where v1 would need many."""

from __future__ import annotations

from . import (
    ui_admin,
    ui_assets,
    ui_charts,
    ui_compare,
    ui_dag,
    ui_dags,
    ui_graph,
    ui_grid,
    ui_home,
    ui_lists,
    ui_logs,
    ui_run,
    ui_search,
    ui_session,
    ui_task,
)
from .table import Operation

PREFIX = "/ui/v1"

UI: tuple[Operation, ...] = (
    *ui_session.OPERATIONS,
    *ui_home.OPERATIONS,
    *ui_dags.OPERATIONS,
    *ui_dag.OPERATIONS,
    *ui_grid.OPERATIONS,
    *ui_graph.OPERATIONS,
    *ui_charts.OPERATIONS,
    *ui_run.OPERATIONS,
    *ui_task.OPERATIONS,
    *ui_logs.OPERATIONS,
    *ui_compare.OPERATIONS,
    *ui_assets.OPERATIONS,
    *ui_search.OPERATIONS,
    *ui_lists.OPERATIONS,
    *ui_admin.OPERATIONS,
)
