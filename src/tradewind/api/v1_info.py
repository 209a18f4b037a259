"""Health, version, configuration, plugins, providers, import errors and the audit log."""

from __future__ import annotations

from typing import Any

from tradewind.auth.permissions import on, on_dag
from tradewind.config.provider_options import with_provider_options
from tradewind.config.settings import Settings
from tradewind.plugins.catalogue import has_providers
from tradewind.storage import listings
from tradewind.storage.listings import LogFilter
from tradewind.wire.plugin_messages import DescribePlugins, DescribeProviders

from . import table
from .bodies import collection, iso
from .call import Answer, Call
from .forms import as_utc
from .health import health_body
from .negotiation import choose
from .paging import order_of, same
from .problems import PlainAnswer, forbidden, not_found
from .services import REPORTED_VERSION
from .table import Operation
from .v1_dags import page, readable

_HIDDEN = "< hidden >"
_NOT_EXPOSED = "Your Airflow administrator chose not to expose the configuration, most likely for security reasons."
_LOG_COLUMNS = ("dag_id", "task_id", "run_id", "map_index", "try_number", "event", "owner")


def get_health(call: Call) -> Any:
    """GET /health"""
    return health_body(call.services)


def get_version(call: Call) -> Any:
    """GET /version"""
    return {"version": REPORTED_VERSION, "git_version": None}


def _settings(call: Call) -> Settings | None:
    """The settings, with the options of providers."""
    settings = call.services.settings
    if settings is None or not has_providers():
        return settings
    kept: list[Settings] = call.services.kept("settings_of_providers", list)
    if not kept:
        sections: dict[str, Any] = {}
        for row in call.services.ask_plugins(DescribeProviders(topic="configs")) or ():
            sections |= row["config"]
        kept.append(with_provider_options(settings, sections))
    return kept[0]


def _config_type(call: Call, refusal: str) -> str:
    """The wanted media type; then whether the configuration may be shown at all, in the original's order."""
    chosen = choose(call.headers.get("accept"), ("text/plain", "application/json"))
    if chosen is None:
        raise PlainAnswer(406, refusal)
    if call.services.options.expose_config.lower() not in ("true", "non-sensitive-only"):
        raise forbidden(_NOT_EXPOSED)
    return chosen


def _shown(call: Call, section: str, key: str, value: Any, *, always_hide: bool = False) -> dict[str, str]:
    settings = _settings(call)
    hides = always_hide or call.services.options.expose_config.lower() == "non-sensitive-only"
    is_secret = settings is not None and settings.is_sensitive(section, key)
    return {"key": key, "value": _HIDDEN if hides and is_secret else _text(value)}


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _config_answer(sections: list[dict[str, Any]], media_type: str) -> Any:
    if media_type == "application/json":
        return {"sections": sections}
    blocks = [
        f"[{section['name']}]\n" + "".join(f"{option['key']} = {option['value']}\n" for option in section["options"])
        for section in sections
    ]
    return Answer("\n".join(blocks).encode(), 200, "text/plain")


def get_config(call: Call) -> Any:
    """GET /config"""
    media_type = _config_type(call, "")
    settings = _settings(call)
    asked = call.query.get("section")
    names = [] if settings is None else list(settings.sections())
    if asked is not None and asked not in names:
        raise not_found("section not found.", f"section={asked} not found.")
    sections = []
    for name in names if asked is None else [asked]:
        values = {} if settings is None else settings.section(name)
        sections.append({"name": name, "options": [_shown(call, name, key, value) for key, value in values.items()]})
    return _config_answer(sections, media_type)


def get_value(call: Call) -> Any:
    """GET /config/section/{section}/option/{option}"""
    media_type = _config_type(call, "")
    section, option = call.path["section"], call.path["option"]
    settings = _settings(call)
    values = {} if settings is None else settings.section(section)
    if option not in values:
        raise not_found("Config not found.", f"The option [{section}/{option}] is not found in config.")
    shown = _shown(call, section, option, values[option], always_hide=True)
    return _config_answer([{"name": section, "options": [shown]}], media_type)


_PLUGIN = (
    "name",
    "hooks",
    "executors",
    "macros",
    "flask_blueprints",
    "appbuilder_views",
    "appbuilder_menu_items",
    "global_operator_extra_links",
    "operator_extra_links",
    "source",
    "ti_deps",
    "listeners",
    "timetables",
)


def get_plugins(call: Call) -> Any:
    """GET /plugins"""
    wanted = page(call)
    found = call.services.ask_plugins(DescribePlugins()) if call.services.has_plugins() else {}
    rows = [{name: row[name] for name in _PLUGIN} for row in found.get("plugins", ())]
    body = collection("plugins", rows[wanted.offset : wanted.offset + wanted.limit], len(rows))
    errors = [{"source": source, "error": text} for source, text in found.get("errors", {}).items()]
    return {**body, "import_errors": errors} if errors else body


def get_providers(call: Call) -> Any:
    """GET /providers"""
    rows = call.services.ask_plugins(DescribeProviders(topic="list")) if has_providers() else ()
    return collection("providers", list(rows or ()), len(rows or ()))


_REDACTED = "REDACTED - you do not have read permission on all DAGs in the file"


def _import_error_body(row: Any, *, is_readable: bool) -> dict[str, Any]:
    return {
        "import_error_id": row.id,
        "timestamp": iso(row.timestamp),
        "filename": row.filename,
        "stack_trace": row.stacktrace if is_readable else _REDACTED,
    }


def get_import_errors(call: Call) -> Any:
    """GET /importErrors"""
    allowed = same("timestamp", "filename", import_error_id="id")
    order = order_of(call.query.get("order_by"), allowed, "id")
    permitted = readable(call)
    rows, total = listings.import_errors(call.tx, page(call), order, readable=permitted)
    held = {} if permitted is None else listings.dags_of_files(call.tx, [row.filename for row in rows])
    bodies = [
        _import_error_body(row, is_readable=permitted is None or held.get(row.filename, set()) <= permitted)
        for row in rows
    ]
    return collection("import_errors", bodies, total)


def get_import_error(call: Call) -> Any:
    """GET /importErrors/{import_error_id}"""
    error_id = call.path["import_error_id"]
    row = listings.import_error(call.tx, min(error_id, 2**62))
    if row is None:
        raise not_found("Import error not found", f"The ImportError with import_error_id: `{error_id}` was not found")
    permitted = readable(call)
    if permitted is None:
        return _import_error_body(row, is_readable=True)
    held = listings.dags_of_files(call.tx, [row.filename]).get(row.filename, set())
    if not held & permitted:
        raise forbidden("You do not have read permission on any of the DAGs in the file")
    return _import_error_body(row, is_readable=held <= permitted)


def _log_body(row: Any) -> dict[str, Any]:
    return {
        "event_log_id": row.id,
        "when": iso(row.dttm),
        "dag_id": row.dag_id,
        "task_id": row.task_id,
        "run_id": row.run_id,
        "map_index": row.map_index,
        "try_number": row.try_number,
        "event": row.event,
        "execution_date": iso(row.execution_date),
        "owner": row.owner,
        "extra": row.extra,
    }


def get_event_logs(call: Call) -> Any:
    """GET /eventLogs"""
    allowed = same(
        "dag_id", "task_id", "run_id", "event", "execution_date", "owner", "extra", event_log_id="id", when="dttm"
    )
    order = order_of(call.query.get("order_by"), allowed, "id")
    query = call.query
    included, excluded = query.get("included_events"), query.get("excluded_events")
    wanted = LogFilter(
        dag_ids=readable(call),
        # What is empty or 0 does not filter, as in the original.
        equal=tuple((name, query[name]) for name in _LOG_COLUMNS if query.get(name)),
        before=as_utc(query.get("before")),
        after=as_utc(query.get("after")),
        included=included.split(",") if included else None,
        excluded=excluded.split(",") if excluded else None,
    )
    rows, total = listings.event_logs(call.tx, wanted, page(call), order)
    return collection("event_logs", [_log_body(row) for row in rows], total)


def get_event_log(call: Call) -> Any:
    """GET /eventLogs/{event_log_id}"""
    row = listings.event_log(call.tx, min(call.path["event_log_id"], 2**62))
    if row is None:
        raise not_found("Event Log not found")
    permitted = readable(call)
    if permitted is not None and row.dag_id not in permitted:
        # The original shows it, and lists it; here both hide what is about DAGs that the user may not read.
        raise forbidden()
    return _log_body(row)


_TWO = ("application/json", "text/plain")


def _read(id: str, path: str, handler: Any, tag: str, access: Any = (), **more: Any) -> Operation:
    return Operation(id=id, method="GET", path=path, handler=handler, tag=tag, access=access, **more)


_AUDIT = (on_dag("GET", "AUDIT_LOG"),)

OPERATIONS: tuple[Operation, ...] = (
    _read("get_health", "/health", get_health, "Monitoring"),
    _read("get_version", "/version", get_version, "Monitoring"),
    _read(
        "get_config",
        "/config",
        get_config,
        "Config",
        (on("GET", "Configurations"),),
        query=(table.string("section"),),
        produces=_TWO,
        is_slow=True,
    ),
    _read(
        "get_value",
        "/config/section/{section}/option/{option}",
        get_value,
        "Config",
        (on("GET", "Configurations"),),
        produces=_TWO,
        is_slow=True,
    ),
    _read("get_plugins", "/plugins", get_plugins, "Plugin", (on("GET", "Plugins"),), query=table.PAGE, is_slow=True),
    _read("get_providers", "/providers", get_providers, "Provider", (on("GET", "Providers"),), is_slow=True),
    _read(
        "get_import_errors",
        "/importErrors",
        get_import_errors,
        "ImportError",
        (on("GET", "ImportError"),),
        query=table.ORDERED_PAGE,
    ),
    _read(
        "get_import_error",
        "/importErrors/{import_error_id:int}",
        get_import_error,
        "ImportError",
        (on("GET", "ImportError"),),
    ),
    _read(
        "get_event_logs",
        "/eventLogs",
        get_event_logs,
        "EventLog",
        _AUDIT,
        query=(
            *table.ORDERED_PAGE,
            table.string("dag_id"),
            table.string("task_id"),
            table.string("run_id"),
            table.MAP_INDEX,
            table.TRY_NUMBER,
            table.string("event"),
            table.string("owner"),
            table.BEFORE,
            table.AFTER,
            table.string("included_events"),
            table.string("excluded_events"),
        ),
    ),
    _read("get_event_log", "/eventLogs/{event_log_id:int}", get_event_log, "EventLog", _AUDIT),
)
