"""Addresses of the web interface."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from tradewind.sdk.settings_reader import conf


def build_airflow_url_with_query(query: dict[str, Any]) -> str:
    """The address of a page of the user interface: the default view, with this query."""
    base = conf.get("webserver", "base_url").rstrip("/")
    view = conf.get("webserver", "dag_default_view", fallback="grid").lower()
    return f"{base}/dags/{query['dag_id']}/{view}?{urlencode(query)}"
