"""What administrators look at in /ui/v1: variables without secrets, the configuration with its sources, jobs."""

from __future__ import annotations

import json
from typing import Any

from tradewind.auth.permissions import on
from tradewind.config.options import OPTIONS
from tradewind.observability.masking import redact
from tradewind.storage import ui_dags, vault_listings
from tradewind.storage.pages import Order, Page

from . import table
from .call import Call
from .problems import forbidden
from .table import Operation
from .ui_answers import rounded, view
from .ui_home import health

MOST_VARIABLES = 5_000
MOST_JOBS = 200
LONGEST = 2_000
"""So many characters of a variable's value are in the list; v1 has the whole."""


def get_variables(call: Call) -> Any:
    """GET /variables: values that hold a secret are not sent."""
    cipher = call.services.database.cipher
    rows, total = vault_listings.variables(call.tx, cipher, Page(MOST_VARIABLES), Order("key"))
    return {"variables": [_variable(row.key, row.value, row.description) for row in rows], "total": total}


def _variable(key: str, value: str | None, description: str | None) -> dict[str, Any]:
    is_json, parsed = _parsed(value)
    masked = redact(parsed, key)
    is_secret = masked != parsed
    shown = value
    if is_secret:
        shown = json.dumps(masked) if is_json else str(masked)
    text = shown or ""
    return {
        "key": key,
        "value": text[:LONGEST],
        "cut": len(text) > LONGEST,
        "json": is_json,
        "masked": is_secret,
        "description": description,
    }


def _parsed(value: str | None) -> tuple[bool, Any]:
    """Whether the value is a JSON object or list, and that, else the text."""
    try:
        parsed = json.loads(value or "")
    except ValueError:
        return False, value
    return (True, parsed) if isinstance(parsed, dict | list) else (False, value)


def get_config(call: Call) -> Any:
    """GET /config: each option with where its value is from and what it would be otherwise."""
    expose = call.services.options.expose_config.lower()
    if expose not in ("true", "non-sensitive-only"):
        raise forbidden("The configuration is not shown: set [webserver] expose_config to non-sensitive-only or True.")
    settings = call.services.settings
    if settings is None:
        return {"sections": []}
    sections = []
    for name in settings.sections():
        options = [_option(settings, name, key, value, expose) for key, value in settings.section(name).items()]
        sections.append({"name": name, "options": options})
    return {"sections": sections}


def _option(settings: Any, section: str, key: str, value: Any, expose: str) -> dict[str, Any]:
    declared = OPTIONS.get((section, key))
    is_secret = settings.is_sensitive(section, key)
    # The browser never gets a secret, whatever the API may tell programs.
    shown = None if is_secret else "" if value is None else str(redact(str(value), key))
    default = None if declared is None or declared.default is None or is_secret else str(declared.default)
    return {
        "key": key,
        "value": shown,
        "secret": is_secret,
        "source": settings.explain(section, key),
        "default": default,
        "doc": "" if declared is None else declared.doc,
    }


def get_jobs(call: Call) -> Any:
    """GET /jobs: how the roles are, and their last jobs."""
    most = min(max(call.query.get("limit", MOST_JOBS), 1), 1000)
    rows = ui_dags.jobs(call.tx, call.query.get("type"), call.query.get("state"), most)
    bodies = [
        {
            "id": row.id,
            "type": row.job_type,
            "state": row.state,
            "host": row.hostname,
            "user": row.unixname,
            "executor": row.executor_class,
            "dag_id": row.dag_id,
            "start": rounded(row.start_date),
            "end": rounded(row.end_date),
            "heartbeat": rounded(row.latest_heartbeat),
        }
        for row in rows
    ]
    return {"health": health(call), "jobs": bodies}


_JOBS = (table.string("type"), table.string("state"), table.integer("limit", default=MOST_JOBS))

OPERATIONS: tuple[Operation, ...] = (
    view("variables", "/variables", get_variables, on("GET", "Variables")),
    view("config", "/config", get_config, on("GET", "Configurations")),
    view("jobs", "/jobs", get_jobs, on("GET", "Jobs"), query=_JOBS),
)
