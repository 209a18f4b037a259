"""The table of API v1: every operation of Airflow's document, by tag, and what we offer beside it."""

from __future__ import annotations

from . import (
    extensions_access,
    extensions_admin,
    extensions_backfills,
    extensions_bulk,
    extensions_events,
    extensions_plugins,
    extensions_stars,
    extensions_webhooks,
    extensions_xcoms,
    v1_admin,
    v1_dags,
    v1_datasets,
    v1_info,
    v1_runs,
    v1_tasks,
    v1_users,
    v1_xcoms_logs,
)
from .cursors import with_cursors
from .table import Operation

V1: tuple[Operation, ...] = (
    *v1_dags.OPERATIONS,
    *v1_runs.OPERATIONS,
    *v1_tasks.OPERATIONS,
    *v1_xcoms_logs.OPERATIONS,
    *v1_datasets.OPERATIONS,
    *v1_admin.OPERATIONS,
    *v1_users.OPERATIONS,
    *v1_info.OPERATIONS,
)

EXTENSIONS: tuple[Operation, ...] = (
    *extensions_access.OPERATIONS,
    *extensions_admin.OPERATIONS,
    *extensions_backfills.OPERATIONS,
    *extensions_bulk.OPERATIONS,
    *extensions_stars.OPERATIONS,
    *extensions_events.OPERATIONS,
    *extensions_webhooks.OPERATIONS,
    *extensions_xcoms.OPERATIONS,
    *extensions_plugins.OPERATIONS,
)

ALL: tuple[Operation, ...] = (*with_cursors(V1), *EXTENSIONS)
